//! Pushes that wait at the same time share both of their questions. A leader asks the ground of all that wait, each is
//! judged by its own call, and what is to be stored is stored at once; whoever comes meanwhile is the next group. Nobody is
//! waited for by a clock: who comes alone is a group of one.
//!
//! A programme has always the same leader, for its pushes are stored one after the other. A group waits for no call's lock,
//! and for a table or a row a second at most. What is locked, changed or late is judged again, the last time under locks; what
//! broke a group goes its own way.

use std::{
    future::Future,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use metrics::{counter, histogram};
use sqlx::{PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::{Instant as Moment, timeout_at},
};

use super::{Ask, Found, Grounds, Push, store};
use crate::{
    domain::{access::MayBeStored, calendar::Booking, schedule::Session},
    store::{
        Database, Error, Lane, Question,
        pool::Pool,
        transaction::{BEGIN_WAIT, RECORDED, open::Open, took},
    },
};

/// Pushes that shared their questions.
pub const GROUP_SIZE: &str = "gerbang_push_group_size";
/// Pushes that were judged again: something had changed or was locked, or they came too late.
pub const AGAIN: &str = "gerbang_pushes_again_total";
/// Pushes that left their group, by why.
pub const ALONE: &str = "gerbang_pushes_alone_total";

/// The leaders of a gateway: while one stores, the other asks.
const LEADERS: usize = 2;

/// The most calls of a group.
const GROUP_MAX: usize = 16;

/// The most sessions of a call that joins a group: the others would wait for more.
const SESSIONS_MAX: usize = 20;

/// The longest that a group waits for the judgement of a call: it is a matter of microseconds.
const JUDGE_WAIT: Duration = Duration::from_millis(10);

/// The longest that a group waits for what is locked otherwise than by a call: a table, a row. Then each goes its own way.
const LOCK_WAIT: &str = "1s";

/// The longest that storing may take: longer than any lock is waited for, so that the server says what became of it.
const STORE_WAIT: Duration = Duration::from_secs(12);

/// The most calls that wait for one leader; admission bounds them before.
const QUEUE: usize = 1_024;

/// What became of a push that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is stored.
    Yes,
    /// Something that it was held against has changed, or is locked.
    Again,
    /// It, or another of its group, broke: it goes its own way.
    Alone,
}

/// The way of a push that was asked for, on which it may be stored.
pub struct Turn(Way);

enum Way {
    Own(Open),
    Group(mpsc::Sender<Judged>),
}

/// A push that waits for its ground.
struct Waiting {
    ask: Ask,
    reply: oneshot::Sender<(Option<Found>, mpsc::Sender<Judged>)>,
}

/// A push that waits to be stored.
struct Judged {
    push: Box<Push>,
    reply: oneshot::Sender<Outcome>,
}

/// What a group says of one of its pushes.
enum Outcome {
    Done(Stored),
    /// It broke, and stored nothing: each goes its own way.
    Broke,
    /// Nobody knows.
    Unknown(String),
}

/// The leaders of a database. Cheap to clone.
#[derive(Clone)]
pub(in crate::store) struct Groups(Arc<Shared>);

struct Shared {
    pool: Pool,
    leaders: OnceLock<Vec<mpsc::Sender<Waiting>>>,
}

impl Groups {
    /// Leaders that connect when they are first needed.
    pub fn new(options: PgConnectOptions) -> Result<Self, Error> {
        let options = options.options([("lock_timeout", LOCK_WAIT)]);
        let pool = Pool::new(options, u32::try_from(LEADERS).unwrap_or(1))?;
        Ok(Self(Arc::new(Shared { pool, leaders: OnceLock::new() })))
    }

    pub async fn close(&self) {
        self.0.pool.close().await;
    }

    /// The leader of the programme.
    fn leader(&self, ask: &Ask) -> &mpsc::Sender<Waiting> {
        let leaders = self.0.leaders.get_or_init(|| (0..LEADERS).map(|_| start(&self.0.pool)).collect());
        let mut hasher = DefaultHasher::new();
        (ask.programme.agency.as_str(), &ask.programme.id).hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % LEADERS as u64).unwrap_or_default();
        &leaders[place]
    }
}

impl Database {
    /// Asks what a push is held against, with others that wait; alone, where it is large. Answers with the way to store it.
    /// `name` is the transaction's in spans and series.
    pub async fn ask_push(&self, lane: &Lane, name: &str, ask: Ask) -> Result<(Option<Found>, Turn), Error> {
        let begun = Instant::now();
        let asked = self.ask_in_turn(lane, ask).await;
        took(name, if asked.is_ok() { "asked" } else { "failed" }, begun);
        asked
    }

    async fn ask_in_turn(&self, lane: &Lane, ask: Ask) -> Result<(Option<Found>, Turn), Error> {
        if ask.sessions.len() <= SESSIONS_MAX {
            let (reply, answer) = oneshot::channel();
            let waiting = Waiting { ask: ask.clone(), reply };
            if self.groups.leader(&ask).send(waiting).await.is_ok()
                && let Ok((found, group)) = answer.await
            {
                return Ok((found, Turn(Way::Group(group))));
            }
            counter!(ALONE, "why" => "ground").increment(1);
        }
        let (open, found) = self.ask_first(lane, &Grounds(&[&ask])).await?;
        Ok((found.into_iter().next().flatten(), Turn(Way::Own(open))))
    }

    /// Stores a push on the way on which it was asked for. `name` is the transaction's in spans and series; `stored` is told
    /// as long as it may be.
    pub async fn store_push(
        &self,
        name: &str,
        stored: &MayBeStored,
        turn: Turn,
        push: Box<Push>,
    ) -> Result<Stored, Error> {
        let begun = Instant::now();
        stored.set(true);
        let done = match turn.0 {
            Way::Own(mut open) => {
                let done = open.ask(&Store(&[&push]), STORE_WAIT).await;
                done.map(|stored| if stored == [true] { Stored::Yes } else { Stored::Again })
            }
            Way::Group(group) => join(group, push).await,
        };
        let done = match done {
            // It is known that nothing is stored: what is in the way is found under locks.
            Err(error) if error.is_answer() => {
                counter!(ALONE, "why" => "refused").increment(1);
                tracing::debug!(%error, "a push is not stored, and judged under locks");
                Ok(Stored::Alone)
            }
            done => done.map_err(Error::away),
        };
        match &done {
            Ok(Stored::Yes) => self.writes.succeeded(),
            Ok(again) => {
                if *again == Stored::Again {
                    counter!(AGAIN).increment(1);
                }
                stored.set(false);
            }
            Err(error) => self.writes.failed(error),
        }
        let outcome = match &done {
            Ok(Stored::Yes) => RECORDED,
            Ok(_) => "again",
            Err(_) => "failed",
        };
        took(name, outcome, begun);
        done
    }
}

/// The store function as a statement by itself.
struct Store<'a>(&'a [&'a Push]);

impl Question for Store<'_> {
    type Answer = Vec<bool>;

    async fn ask(&self, db: &mut PgConnection) -> Result<Vec<bool>, Error> {
        store(db, self.0).await
    }
}

/// Has a group store a push.
async fn join(group: mpsc::Sender<Judged>, push: Box<Push>) -> Result<Stored, Error> {
    let (reply, outcome) = oneshot::channel();
    if group.send(Judged { push, reply }).await.is_err() {
        counter!(ALONE, "why" => "late").increment(1);
        return Ok(Stored::Again);
    }
    // The group stores once every one of its calls has let go of it.
    drop(group);
    match outcome.await {
        Ok(Outcome::Done(stored)) => Ok(stored),
        Ok(Outcome::Broke) => {
            counter!(ALONE, "why" => "broke").increment(1);
            Ok(Stored::Alone)
        }
        Ok(Outcome::Unknown(why)) => Err(Error::Away(why)),
        Err(_) => Err(Error::Away("who stores pushes has ended meanwhile".to_owned())),
    }
}

/// Starts a leader, and starts it again where it panics. It ends with the database.
fn start(pool: &Pool) -> mpsc::Sender<Waiting> {
    let (sender, queue) = mpsc::channel(QUEUE);
    let (queue, pool) = (Arc::new(Mutex::new(queue)), pool.clone());
    tokio::spawn(again(move || lead(pool.clone(), queue.clone())));
    sender
}

/// Does it again until it has not panicked.
async fn again<F>(make: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(ended) = tokio::spawn(make()).await {
        if !ended.is_panic() {
            break;
        }
        tracing::error!("who stores pushes has panicked, and is started again");
    }
}

async fn lead(pool: Pool, queue: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    let mut queue = queue.lock().await;
    let mut group = Vec::with_capacity(GROUP_MAX);
    while queue.recv_many(&mut group, GROUP_MAX).await > 0 {
        group.retain(|waiting| !waiting.reply.is_closed());
        if group.is_empty() {
            continue;
        }
        if let Err(error) = serve(&pool, std::mem::take(&mut group)).await {
            tracing::warn!(%error, "a group of pushes was broken off");
        }
    }
}

/// Asks for a group, has it judged, and stores. Who is not answered goes its own way, or hears that nobody knows.
async fn serve(pool: &Pool, group: Vec<Waiting>) -> Result<(), Error> {
    let mut open = Open::outside(pool.take().await?, None);
    let asks: Vec<_> = group.iter().map(|waiting| &waiting.ask).collect();
    let grounds = open.ask(&Grounds(&asks), BEGIN_WAIT).await?;
    histogram!(GROUP_SIZE).record(u32::try_from(group.len()).unwrap_or_default());
    let (sender, judged) = mpsc::channel(GROUP_MAX);
    for (waiting, ground) in group.into_iter().zip(grounds) {
        // Who has gone away wants no answer.
        let _ = waiting.reply.send((ground, sender.clone()));
    }
    drop(sender);
    let judged = collect(judged).await;
    if judged.is_empty() {
        return Ok(());
    }
    let pushes: Vec<&Push> = judged.iter().map(|judged| &*judged.push).collect();
    let stored = open.ask(&Store(&pushes), STORE_WAIT).await;
    let outcome = |index: usize| match &stored {
        Ok(stored) if stored.get(index) == Some(&true) => Outcome::Done(Stored::Yes),
        Ok(_) => Outcome::Done(Stored::Again),
        Err(error) if error.is_answer() => Outcome::Broke,
        Err(error) => Outcome::Unknown(error.to_string()),
    };
    for (index, judged) in judged.into_iter().enumerate() {
        let _ = judged.reply.send(outcome(index));
    }
    stored.map(drop)
}

/// Collects what is to be stored until every call of the group is judged. What cannot stand beside another of them is
/// judged again.
async fn collect(mut judged: mpsc::Receiver<Judged>) -> Vec<Judged> {
    let deadline = Moment::now() + JUDGE_WAIT;
    let mut together: Vec<Judged> = Vec::with_capacity(GROUP_MAX);
    while let Ok(Some(one)) = timeout_at(deadline, judged.recv()).await {
        if together.iter().any(|other| other.push.is_in_the_way_of(&one.push)) {
            let _ = one.reply.send(Outcome::Done(Stored::Again));
        } else {
            together.push(one);
        }
    }
    // Nobody joins any more. Who is just about to is still received, for what is not would never be answered.
    judged.close();
    while let Some(late) = judged.recv().await {
        let _ = late.reply.send(Outcome::Done(Stored::Again));
    }
    together
}

/// Whether somebody or some room is wanted by both at one time. A trainer may be asked for twice at a time by one of them.
fn clash(one: &[Booking], two: &[Booking]) -> bool {
    let meets = |a: &Booking| two.iter().any(|b| a.holder == b.holder && a.when.overlaps(&b.when));
    one.iter().any(meets)
}

impl Push {
    /// Whether two pushes that were judged on the same ground cannot both stand: they are one request, make one schedule,
    /// name one session, want one person or room at one time, or one changes an assignment that the other was held against.
    fn is_in_the_way_of(&self, other: &Self) -> bool {
        let (one, two) = (&self.writes, &other.writes);
        let same_agency = self.entered.agency == other.entered.agency;
        let makes_one = || {
            let new = |named: &Session| one.sessions.iter().any(|session| session.name == named.name);
            self.request_id == other.request_id
                || one.schedule.1 == two.schedule.1 && (one.schedule_is_new || two.schedule_is_new)
                || two.sessions.iter().any(new)
        };
        same_agency && makes_one()
            || one.stands.reads_session_of(&two.stands)
            || one.changed_assignments.iter().any(|changed| two.stands.reads_assignment(changed.id))
            || two.changed_assignments.iter().any(|changed| one.stands.reads_assignment(changed.id))
            || clash(&one.wanted(), &two.wanted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes after a panic finds the queue as it was left: whose turn it was is the only one to lose its answer.
    #[tokio::test]
    async fn a_leader_that_panics_is_started_again_and_goes_on_with_the_queue() {
        let (sender, queue) = mpsc::channel::<Option<oneshot::Sender<u32>>>(4);
        let queue = Arc::new(Mutex::new(queue));
        let (one, first) = oneshot::channel();
        let (two, second) = oneshot::channel();
        for waiting in [Some(one), None, Some(two)] {
            sender.send(waiting).await.unwrap();
        }
        drop(sender);
        let lead = move || {
            let queue = queue.clone();
            async move {
                let mut queue = queue.lock().await;
                while let Some(waiting) = queue.recv().await {
                    waiting.expect("a call that breaks its leader").send(7).unwrap();
                }
            }
        };
        again(lead).await;
        assert_eq!((first.await, second.await), (Ok(7), Ok(7)));
    }
}
