//! What a thousand streams cost of which nobody is told anything, while others' entries get their places in a hundred batches a
//! second: the same pushes without the streams and with them, in turns.

use std::time::Duration;

use serde::Serialize;
use sqlx::PgConnection;
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    Result,
    diary::LEADS,
    fixture::pushed,
    jobs::Of,
    live::follow,
    meter::{pss_kib, quantile},
    stage::Stage,
};

/// Streams of each agency, as many as a gateway grants it. They share a connection.
const OF_AGENCY: usize = 100;
/// Pushes a second, one after another, so that most get a batch of their own.
const PUSHES: u32 = 150;
/// What opening and closing them leaves to do is done by then.
const REST: Duration = Duration::from_secs(3);
/// Windows of each kind.
const WINDOWS: usize = 3;

#[derive(Debug, Serialize)]
pub struct Streams {
    pub streams: usize,
    pub batches_per_second: f64,
    /// Hundredths of a core: without streams, and what streams add, by window.
    pub gateway_without: Vec<f64>,
    pub gateway_with: Vec<f64>,
    pub postgres_without: Vec<f64>,
    pub postgres_with: Vec<f64>,
    /// What the streams asked of the database, each, in a second.
    pub questions_per_stream: f64,
    /// Of the gateway: before there were streams, with them at the beginning of the first window, at the end of the last.
    pub before_mb: f64,
    pub begin_mb: f64,
    pub end_mb: f64,
    pub other: f64,
}

impl Streams {
    /// What the streams add to the gateway, in hundredths of a core.
    pub fn gateway_added(&self) -> f64 {
        median(&self.gateway_with) - median(&self.gateway_without)
    }

    /// The same of the database.
    pub fn postgres_added(&self) -> f64 {
        median(&self.postgres_with) - median(&self.postgres_without)
    }
}

/// The median of values in any order.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// One window of pushes.
struct Window {
    gateway: f64,
    postgres: f64,
    transactions: f64,
    batches: f64,
    other: f64,
}

pub async fn measure(stage: &Stage, longest: Duration) -> Result<Streams> {
    let count = stage.fixture.watchers.len() * OF_AGENCY;
    println!("{count} streams of which nobody is told anything");
    let mut db = stage.cluster.superuser().await?;
    let pid = stage.gateway.pid();
    let before_mb = pss_kib(pid)? / 1024.0;
    let (mut without, mut with): (Vec<Window>, Vec<Window>) = Default::default();
    let (mut begin_mb, mut end_mb) = (0.0, 0.0);
    for number in 0..WINDOWS {
        without.push(window(stage, &mut db, longest).await?);
        let streams = open(stage).await?;
        sleep(REST).await;
        if number == 0 {
            begin_mb = pss_kib(pid)? / 1024.0;
        }
        with.push(window(stage, &mut db, longest).await?);
        end_mb = pss_kib(pid)? / 1024.0;
        streams.iter().for_each(AbortHandle::abort);
        sleep(REST).await;
        let now = with.last().into_iter().zip(without.last());
        for (with, without) in now {
            println!(
                "  gateway {:.1} + {:.1} % of a core, Postgres {:.1} + {:.1} %, {:.0} batches/s, {:.0} questions/s, other {:.0} %",
                without.gateway,
                with.gateway - without.gateway,
                without.postgres,
                with.postgres - without.postgres,
                with.batches,
                with.transactions - without.transactions,
                with.other * 100.0
            );
        }
    }
    let of = |windows: &[Window], figure: fn(&Window) -> f64| windows.iter().map(figure).collect::<Vec<_>>();
    let asked = median(&of(&with, |it| it.transactions)) - median(&of(&without, |it| it.transactions));
    Ok(Streams {
        streams: count,
        batches_per_second: median(&of(&with, |it| it.batches)),
        gateway_without: of(&without, |it| it.gateway),
        gateway_with: of(&with, |it| it.gateway),
        postgres_without: of(&without, |it| it.postgres),
        postgres_with: of(&with, |it| it.postgres),
        questions_per_stream: asked / count as f64,
        before_mb,
        begin_mb,
        end_mb,
        other: with.iter().chain(&without).map(|it| it.other).fold(0.0, f64::max),
    })
}

/// Opens all streams; each is read, and has had its first answer.
async fn open(stage: &Stage) -> Result<Vec<AbortHandle>> {
    let mut opening = JoinSet::new();
    for wire in &stage.fixture.watchers {
        let wire = wire.clone();
        opening.spawn(async move {
            let mut streams = Vec::new();
            for _ in 0..OF_AGENCY {
                let mut stream = follow(&wire).await?;
                let read = async move { while let Ok(Some(_)) = stream.message().await {} };
                streams.push(tokio::spawn(read).abort_handle());
            }
            Result::Ok(streams)
        });
    }
    let mut streams = Vec::new();
    while let Some(opened) = opening.join_next().await {
        streams.extend(opened??);
    }
    Ok(streams)
}

/// Pushes at an even pace, and says what that cost.
async fn window(stage: &Stage, db: &mut PgConnection, longest: Duration) -> Result<Window> {
    let watched = stage.watched(Of::Gateway)?;
    let (transactions, batches) = counted(db).await?;
    let (before, begun) = (watched.read()?, tokio::time::Instant::now());
    let mut tick = interval(Duration::from_secs(1) / PUSHES);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let diary = stage.diary();
    let mut agency = 0;
    while begun.elapsed() < longest {
        tick.tick().await;
        agency = (agency + 1) % LEADS;
        let request = diary.push_one(agency, diary.take(agency, 1));
        pushed(&stage.fixture.leads[agency], request, gerbang::proto::v1::BatchOutcome::Stored).await?;
    }
    let spent = before.until(&watched.read()?);
    let (transactions_after, batches_after) = counted(db).await?;
    let seconds = spent.seconds;
    Ok(Window {
        // Microseconds of CPU of a second are ten thousandths of a hundredth of a core.
        gateway: spent.server_us(1) / seconds / 1e4,
        postgres: spent.postgres_all_us() / seconds / 1e4,
        transactions: (transactions_after - transactions) as f64 / seconds,
        batches: (batches_after - batches) as f64 / seconds,
        other: spent.other(),
    })
}

/// Transactions of this database and batches of its ledger, so far. Sessions tell of their transactions within a second.
async fn counted(db: &mut PgConnection) -> Result<(i64, i64)> {
    sleep(Duration::from_millis(1_100)).await;
    let count = "SELECT pg_stat_get_db_xact_commit(d.oid) + pg_stat_get_db_xact_rollback(d.oid), \
                        (SELECT count(*) FROM ledger_batch) FROM pg_database d WHERE d.datname = current_database()";
    Ok(sqlx::query_as(count).fetch_one(db).await?)
}
