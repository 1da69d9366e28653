//! How soon a reader is told of what was pushed, while others push without end: from the answer of the push to the answer of the
//! reader's stream that names its entry. Pushes are offered at a rate, whatever became of those before.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use gerbang::{domain::outside::Clock, proto::v1, server::outside::SystemClock};
use serde::Serialize;
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    Result,
    diary::LEADS,
    fixture::SMALL,
    jobs::Of,
    meter::{Spent, quantile},
    stage::{Stage, lock},
    wire::Wire,
};

/// Pushes a second that are wanted, in turn, and how many may be under way before one is left out.
pub const OFFERED: [u32; 2] = [1_000, 500];
const IN_FLIGHT: usize = 64;
/// Pushes a second of which the reader of few is told. Between two of them it has rested.
const FEW: u32 = 4;
/// What is still to be told when the last push was answered has so long.
const AFTER: Duration = Duration::from_secs(5);

/// What one reader was told, in milliseconds from the answer of the push.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Told {
    pub entries: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Entries that it had not been told of five seconds after the last push.
    pub missing: usize,
}

#[derive(Debug, Serialize)]
pub struct Live {
    pub offered: u32,
    pub reached: f64,
    pub seconds: f64,
    /// The reader whom few of the pushes concern, and the one whom all others do.
    pub of_few: Told,
    pub of_all: Told,
    pub gateway_us: f64,
    pub postgres_us: f64,
    pub other: f64,
}

type Times = Arc<Mutex<HashMap<String, Instant>>>;

/// Pushes for so long, and times what two readers are told.
pub async fn measure(stage: &Stage, offered: u32, longest: Duration) -> Result<Live> {
    println!("{offered} pushes a second, and who is told");
    let few = Follower::start(&stage.fixture.small_prison).await?;
    let all = Follower::start(&stage.fixture.prison).await?;
    let pushed = push(stage, offered, longest).await?;
    let calls = pushed.few.len() + pushed.all.len();
    Ok(Live {
        offered,
        reached: calls as f64 / pushed.spent.seconds,
        seconds: pushed.spent.seconds,
        of_few: few.told(pushed.few).await,
        of_all: all.told(pushed.all).await,
        gateway_us: pushed.spent.server_us(calls),
        postgres_us: pushed.spent.postgres_us(calls),
        other: pushed.spent.other(),
    })
}

/// When each push was answered, by its entry: those into the programme of few, and the others.
struct Pushed {
    few: HashMap<String, Instant>,
    all: HashMap<String, Instant>,
    spent: Spent,
}

async fn push(stage: &Stage, offered: u32, longest: Duration) -> Result<Pushed> {
    let (few, all) = (Times::default(), Times::default());
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let (mut pushes, watched, begun) = (JoinSet::new(), stage.watched(Of::Gateway)?, Instant::now());
    let before = watched.read()?;
    let mut tick = interval(Duration::from_secs(1) / offered);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0.. {
        tick.tick().await;
        if begun.elapsed() >= longest {
            break;
        }
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let concerns_few = number % (offered / FEW).max(1) == 0;
        let agency = if concerns_few { 0 } else { number as usize % LEADS };
        let diary = stage.diary();
        let session = diary.take(agency, 1);
        let request = match concerns_few {
            true => diary.push(agency, SMALL, session..session + 1),
            false => diary.push_one(agency, session),
        };
        let wire = stage.fixture.leads[agency].clone();
        let times = if concerns_few { few.clone() } else { all.clone() };
        pushes.spawn(async move {
            let entry = answered(&wire, request).await?;
            lock(&times).insert(entry, Instant::now());
            drop(place);
            Result::Ok(())
        });
        while let Some(ended) = pushes.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = pushes.join_next().await {
        ended??;
    }
    let spent = before.until(&watched.read()?);
    let (few, all) = (std::mem::take(&mut *lock(&few)), std::mem::take(&mut *lock(&all)));
    Ok(Pushed { few, all, spent })
}

/// Pushes what must be stored; the entry.
async fn answered(wire: &Wire, request: v1::PushScheduleRequest) -> Result<String> {
    let answer = wire.schedule().push_schedule(request).await?.into_inner();
    match answer.outcome() {
        v1::BatchOutcome::Stored => Ok(answer.entry),
        other => Err(format!("a push ended as {}", other.as_str_name()).into()),
    }
}

/// A reader who follows what changes from now on.
struct Follower {
    told: Times,
    follows: JoinHandle<Result<()>>,
}

impl Follower {
    async fn start(wire: &Wire) -> Result<Self> {
        let told = Times::default();
        let mut stream = follow(wire).await?;
        let times = told.clone();
        let follows = tokio::spawn(async move {
            while let Some(answer) = stream.message().await? {
                let (now, mut times) = (Instant::now(), lock(&times));
                for change in answer.changes {
                    times.entry(change.entry).or_insert(now);
                }
            }
            Ok(())
        });
        Ok(Self { told, follows })
    }

    /// What it was told of these, once that is all, or time is over.
    async fn told(self, answered: HashMap<String, Instant>) -> Told {
        let missing = || {
            let told = lock(&self.told);
            answered.keys().filter(|entry| !told.contains_key(*entry)).count()
        };
        let all = async {
            while missing() > 0 {
                sleep(Duration::from_millis(50)).await;
            }
        };
        let _ = timeout(AFTER, all).await;
        let missing = missing();
        self.follows.abort();
        let told = lock(&self.told);
        // A reader may be told before who pushed has the answer.
        let late = |(entry, answered): (&String, &Instant)| {
            told.get(entry).map(|told| told.saturating_duration_since(*answered).as_secs_f64() * 1e3)
        };
        let mut late: Vec<_> = answered.iter().filter_map(late).collect();
        late.sort_by(f64::total_cmp);
        Told { entries: late.len(), p50_ms: quantile(&late, 0.5), p99_ms: quantile(&late, 0.99), missing }
    }
}

/// Follows what changes from now on; its first answer is there.
pub async fn follow(wire: &Wire) -> Result<tonic::Streaming<v1::WatchChangesResponse>> {
    let now = prost_types::Timestamp { seconds: SystemClock.now().as_second(), nanos: 0 };
    let last = v1::ListChangesRequest { since: Some(now), ..Default::default() };
    let cursor = wire.change().list_changes(last).await?.into_inner().next_cursor;
    let request = v1::WatchChangesRequest { cursor, ..Default::default() };
    let mut stream = wire.change().watch_changes(request).await?.into_inner();
    stream.message().await?.ok_or("a stream ended at once")?;
    Ok(stream)
}
