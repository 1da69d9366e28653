//! The way of a push: judged on what was read without a lock, and stored if all of that still stands. What lost to
//! others, and what refuses some sessions and stores others, is judged under locks.

use super::{super::SessionsAnswer, Decision, PushSchedule};
use crate::{
    domain::batch::BatchMode,
    exchange::{Bench, Changing, Error, Receipted, Write},
    store::{
        self, Ended, Notes, Question, Recorder, UnitOfWork, lock,
        push::{Ask, Entry, Found, Grounds, Push, Stored, ToLock},
        replay,
    },
};

/// How often a push is judged without locks.
const ATTEMPTS: usize = 2;

impl Write for PushSchedule {
    type Answer = SessionsAnswer;

    async fn perform(&self, changing: &Changing<'_>) -> Result<Receipted<SessionsAnswer>, Error> {
        let Changing { exchange, call, mutation } = changing;
        let origin = exchange.origin(*call);
        let mut counts_minutes = mutation.validate_only;
        for _ in 0..ATTEMPTS {
            let mut notes = Notes::new(&origin);
            let ask = self.ask(call.identity.fingerprint, mutation.request_id, notes.now(), counts_minutes);
            // Whatever comes of the first attempt, the next one says all.
            counts_minutes = true;
            let (found, turn) = exchange.database.ask_push(&origin.lane, &origin.name, ask).await?;
            match self.judge_call(changing, found, &mut notes)? {
                Judged::Answer(answer) => return Ok(answer),
                // Some are stored and some refused, if the plan leaves time.
                Judged::Count if self.mode == BatchMode::BestEffort && !mutation.validate_only => break,
                Judged::Count => {}
                Judged::Store { mixed: true, .. } => break,
                Judged::Store { answer, push, .. } => {
                    let stored = exchange.database.store_push(&origin.name, call.stored, turn, push);
                    match stored.await? {
                        Stored::Yes => return Ok(answer),
                        Stored::Again => {}
                        Stored::Alone => break,
                    }
                }
            }
        }
        exchange.database.transact(origin, &UnderLocks { push: self, changing }).await
    }
}

/// A call as it was judged.
enum Judged {
    /// Nothing is to be stored.
    Answer(Receipted<SessionsAnswer>),
    /// The programme's minutes are to be counted first.
    Count,
    Store {
        answer: Receipted<SessionsAnswer>,
        push: Box<Push>,
        /// Whether some of its sessions are refused: nothing keeps what they were refused for, but locks.
        mixed: bool,
    },
}

impl PushSchedule {
    /// Lets the caller in, gives an earlier answer again, or judges and makes the entry.
    fn judge_call(
        &self,
        changing: &Changing<'_>,
        found: Option<Found>,
        notes: &mut Notes,
    ) -> Result<Judged, Error> {
        let (now, mutation) = (notes.now(), changing.mutation);
        let (entered, earlier, ground) = match found {
            Some(Found { entered, earlier, ground }) => (Some(entered), earlier, ground),
            None => (None, None, None),
        };
        let acting = changing.let_in(entered.clone(), now)?;
        let entered = entered.ok_or_else(|| Error::internal("nobody was let in"))?;
        if let Some(earlier) = earlier {
            return Ok(Judged::Answer(changing.replayed(earlier)?));
        }
        acting.sign(notes);
        let Some(decision) = self.decide(&mut Bench::new(&acting, notes), ground)? else {
            return Ok(Judged::Count);
        };
        acting.check(notes)?;
        let answered = |answer| Ok(Judged::Answer(Receipted::without(answer)));
        let (answer, writes, mixed) = match decision {
            Decision::Answer(answer) => return answered(answer),
            Decision::Store(answer, _, _) if mutation.validate_only => return answered(answer),
            Decision::Store(answer, writes, mixed) => (answer, writes, mixed),
        };
        let mut answer = Receipted::without(answer);
        let key = changing.ledger_key();
        let entry = Entry::of(notes, mutation.digest, |stated| answer.sign(key, stated))?;
        let (fingerprint, request_id) = (changing.call.identity.fingerprint, mutation.request_id);
        let push = Box::new(Push { entered, fingerprint, request_id, now, writes, entry });
        Ok(Judged::Store { answer, push, mixed })
    }
}

/// A push in a transaction that holds its locks before it reads what it is held against.
struct UnderLocks<'a> {
    push: &'a PushSchedule,
    changing: &'a Changing<'a>,
}

impl UnitOfWork for UnderLocks<'_> {
    type Answer = Receipted<SessionsAnswer>;

    async fn run(&self, mut recorder: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let Changing { call, mutation, .. } = self.changing;
        let (fingerprint, agency) = (call.identity.fingerprint, &call.identity.agency);
        let ask = self.push.ask(fingerprint, mutation.request_id, recorder.now(), true);
        // Waits for a call under way with the same request id; the ground has its answer.
        replay::enter(recorder.db(), &fingerprint, agency, mutation.request_id).await?;
        let seen = self.lock(&mut recorder, &ask).await?;
        let found = ground(&mut recorder, &ask).await?;
        if seen != to_lock(found.as_ref()) {
            return Err(Error::Lost(
                "what a push stands on came to be another while it was locked".to_owned(),
            ));
        }
        match self.push.judge_call(self.changing, found, recorder.notes())? {
            Judged::Answer(answer) => recorder.discard(answer).await,
            Judged::Count => Err(Error::internal("the minutes were counted, and are not known")),
            Judged::Store { answer, push, .. } => {
                if store::push::store(recorder.db(), &[&push]).await? != [true] {
                    return Err(Error::Lost("a push changed while it was locked".to_owned()));
                }
                recorder.commit_stored(answer).await
            }
        }
    }
}

impl UnderLocks<'_> {
    /// Locks what the push stands on, in the house's order, and says what that is.
    async fn lock(&self, recorder: &mut Recorder, ask: &Ask) -> Result<Option<ToLock>, Error> {
        let seen = ground(recorder, ask).await?;
        let locked = to_lock(seen.as_ref());
        if let Some(ToLock { programme, agreements, persons, rooms }) = &locked {
            lock::agreements_shared(recorder, agreements).await?;
            lock::programme(recorder, *programme).await?;
            lock::persons(recorder, persons).await?;
            lock::rooms(recorder, rooms).await?;
        }
        Ok(locked)
    }
}

/// `None` where there is no programme.
fn to_lock(found: Option<&Found>) -> Option<ToLock> {
    Some(found?.ground.as_ref()?.to_lock())
}

async fn ground(recorder: &mut Recorder, ask: &Ask) -> Result<Option<Found>, Error> {
    Ok(Grounds(&[ask]).ask(recorder.db()).await?.into_iter().next().flatten())
}
