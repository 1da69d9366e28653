//! A nation's morning: 522 prisons pull their day and 3,000 partner systems push 40 sessions each, which they have from 07:00
//! to 07:30 for; here as fast as it goes, each over a connection of its own that stays.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use gerbang::proto::v1;
use serde::Serialize;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio::{sync::Semaphore, task::JoinSet};
use tonic::Code;

use crate::{
    Result,
    copies::copy,
    diary::{Diary, PRISON, lead, request_id},
    fixture::SYSTEM,
    jobs::{Of, first_page},
    meter::pss_kib,
    stage::Stage,
    wire::{Credential, Wire},
};

const PRISONS: usize = 522;
const PARTNERS: usize = 3_000;
const SESSIONS: usize = 40;
/// The minutes in which all of it comes.
const MINUTES: f64 = 30.0;
/// Callers that are at it at the same time.
const AT_ONCE: usize = 64;
/// A gateway that is overloaded says so, and is asked again.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug, Serialize)]
pub struct Morning {
    pub prisons: usize,
    pub partners: usize,
    pub seconds: f64,
    /// What the whole nation takes of its half hour, in minutes.
    pub minutes_of_30: f64,
    pub asked_again: usize,
    pub gateway_cpu_seconds: f64,
    pub postgres_cpu_seconds: f64,
    /// With all connections open, at the end.
    pub gateway_mb: f64,
    pub other: f64,
}

/// Plays one morning of the nation's `share`-th part.
pub async fn play(stage: &Stage, share: usize) -> Result<Morning> {
    let (prisons, partners) = (PRISONS / share, PARTNERS / share);
    println!("a morning of {prisons} prisons and {partners} partner systems");
    let mut db = stage.cluster.superuser().await?;
    found(&mut db, prisons, partners).await?;
    let mut callers = Vec::new();
    for partner in 0..partners {
        callers
            .push((Some(partner), stage.founded.issue(&mut db, &format!("mitra-{partner}"), SYSTEM).await?));
        // As evenly as it goes.
        let prison = partner * prisons / partners;
        if (partner + 1) * prisons / partners > prison {
            callers.push((None, stage.founded.issue(&mut db, &format!("lapas-{prison}"), SYSTEM).await?));
        }
    }
    let watched = stage.watched(Of::Gateway)?;
    let (turns, again) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)));
    let (begun, before) = (Instant::now(), watched.read()?);
    let mut morning = JoinSet::new();
    for (partner, credential) in callers {
        let (turns, again, diary, address) =
            (turns.clone(), again.clone(), stage.diary(), stage.gateway.address);
        morning.spawn(async move {
            let _turn = turns.acquire().await?;
            call(address, &credential, &diary, partner, &again).await
        });
    }
    let mut connections = Vec::new();
    while let Some(ended) = morning.join_next().await {
        connections.push(ended??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let spent = before.until(&watched.read()?);
    Ok(Morning {
        prisons,
        partners,
        seconds,
        minutes_of_30: (seconds * share as f64 / 60.0).min(99.0 * MINUTES),
        asked_again: again.load(Ordering::Relaxed),
        gateway_cpu_seconds: spent.server_us(1) / 1e6,
        postgres_cpu_seconds: spent.postgres_us(1) / 1e6,
        gateway_mb: pss_kib(stage.gateway.pid())? / 1024.0,
        other: spent.other(),
    })
}

/// A caller's morning: a partner pushes, a prison pulls. The connection stays.
async fn call(
    address: std::net::SocketAddr,
    credential: &Credential,
    diary: &Diary,
    partner: Option<usize>,
    again: &AtomicUsize,
) -> Result<Wire> {
    let wire = Wire::connect(address, credential).await?;
    let Some(partner) = partner else {
        pull(&wire, diary, again).await?;
        return Ok(wire);
    };
    let (request, schedule) = (push(diary, partner), wire.schedule());
    let answer = patiently(again, || {
        let (request, mut schedule) = (request.clone(), schedule.clone());
        async move { schedule.push_schedule(request).await }
    });
    match answer.await?.outcome() {
        v1::BatchOutcome::Stored => Ok(wire),
        other => Err(format!("mitra-{partner}: {}", other.as_str_name()).into()),
    }
}

/// All pages of a prison's first day.
async fn pull(wire: &Wire, diary: &Diary, again: &AtomicUsize) -> Result<()> {
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let mut page_token = String::new();
    loop {
        let request = v1::ListTrainerAssignmentsRequest {
            page_token,
            range_start: at(diary.first),
            range_end: at(diary.first + 86_400),
            ..first_page()
        };
        let answer = patiently(again, || {
            let (request, mut assignment) = (request.clone(), wire.assignment());
            async move { assignment.list_trainer_assignments(request).await }
        });
        page_token = answer.await?.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

/// One session a day, of the partner's trainer, in its programme.
fn push(diary: &Diary, partner: usize) -> v1::PushScheduleRequest {
    let agency = format!("agencies/mitra-{partner}");
    let session = |day: usize| {
        let start = diary.first + day as i64 * 86_400 + (partner % 10) as i64 * 3_600;
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        v1::SessionDraft {
            uid: format!("pagi-{day}"),
            sequence: 0,
            starts_at: at(start),
            ends_at: at(start + 3_600),
            topic: "Las busur listrik".to_owned(),
            trainers: vec![v1::SessionTrainer {
                trainer: format!("{agency}/trainers/t-0"),
                role: v1::TrainerRole::Lead.into(),
            }],
            facility: String::new(),
        }
    };
    v1::PushScheduleRequest {
        request_id: request_id(),
        name: format!("{agency}/schedules/p-0"),
        programme: format!("{agency}/programmes/p-0"),
        time_zone: "Asia/Jakarta".to_owned(),
        sessions: (0..SESSIONS).map(session).collect(),
        ..Default::default()
    }
}

/// Asks again, with the same request, where the gateway says that it is overloaded.
async fn patiently<A, F>(again: &AtomicUsize, ask: impl Fn() -> F) -> Result<A>
where
    F: Future<Output = std::result::Result<tonic::Response<A>, tonic::Status>>,
{
    let passing = [Code::Unavailable, Code::ResourceExhausted, Code::Aborted];
    let mut tries = 1;
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if tries < TRIES && passing.contains(&status.code()) => {
                again.fetch_add(1, Ordering::Relaxed);
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(status) => return Err(status.into()),
        }
    }
}

/// Agencies, systems, agreements, programmes and trainers, as copies of what the first lead agency and its prison have.
async fn found(db: &mut PgConnection, prisons: usize, partners: usize) -> Result<()> {
    let from = lead(0);
    let prison = |number: &str| format!("replace(to_jsonb(t)::text, '{PRISON}', 'lapas-' || {number})");
    let both = |number: &str| {
        let of = format!("({number} * {prisons} / {partners})");
        format!("replace({}, '\"{from}\"', '\"mitra-' || {number} || '\"')", prison(&of)).replacen(
            "to_jsonb(t)::text",
            &format!("replace(to_jsonb(t)::text, 'agencies/{from}', 'agencies/mitra-' || {number})"),
            1,
        )
    };
    let id = |table: &str| format!("'id', md5('{table}' || n)::uuid");
    let of_prisons = format!("generate_series(0, {prisons} - 1) AS n");
    let of_partners = format!("generate_series(0, {partners} - 1) AS n");
    db.execute("SET session_replication_role = replica").await?;
    for (table, column) in [("agency", "code"), ("system", "agency")] {
        copy(
            db,
            table,
            &format!(
                "SELECT t, {}::jsonb FROM {table} t, {of_prisons} WHERE t.{column} = '{PRISON}'",
                prison("n")
            ),
        )
        .await?;
        copy(
            db,
            table,
            &format!(
                "SELECT t, {}::jsonb FROM {table} t, {of_partners} WHERE t.{column} = '{from}'",
                both("n")
            ),
        )
        .await?;
    }
    let rows = [
        ("agreement", "t.author", "besar", String::new()),
        ("programme", "t.lead", "p-0", ", 'agreement', md5('agreement' || n)::uuid".to_owned()),
        (
            "trainer",
            "t.agency",
            "t-0",
            ", 'booking_key', '\\x' || encode(sha256(('mitra-' || n)::bytea), 'hex')".to_owned(),
        ),
    ];
    for (table, owner, reference, changes) in rows {
        copy(
            db,
            table,
            &format!(
                "SELECT t, {}::jsonb || jsonb_build_object({}{changes}) FROM {table} t, {of_partners} \
              WHERE {owner} = '{from}' AND t.ref = '{reference}'",
                both("n"),
                id(table)
            ),
        )
        .await?;
    }
    db.execute("RESET session_replication_role").await?;
    for table in ["agency", "system", "agreement", "programme", "trainer", "certificate"] {
        db.execute(AssertSqlSafe(format!("ANALYZE {table}"))).await?;
    }
    Ok(())
}
