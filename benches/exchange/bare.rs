//! The bare service: the same contract, certificates and TLS over the same database, and nothing else. One row a push, one
//! statement a call, a connection that is kept. What a gateway costs beyond it is what its promises cost.

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use gerbang::proto::v1;
use http::{Request, Response};
use jiff::Timestamp;
use sqlx::{Connection, PgConnection, Row, postgres::PgRow};
use tokio::sync::Semaphore;
use tonic::{
    Status,
    body::Body,
    codegen::BoxFuture,
    server::{Grpc, NamedService, UnaryService},
    transport::{Certificate, Identity, Server, ServerTlsConfig},
};
use tonic_prost::ProstCodec;
use uuid::Uuid;

use crate::{Result, diary::PRISON};

/// Connections to the database, as many as the gateway has by default.
const CONNECTIONS: usize = 16;
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// The one table: what a page shows stands in its row.
pub const TABLE: &str = "
CREATE SCHEMA bare;
CREATE TABLE bare.assignment (
    id uuid PRIMARY KEY,
    lead text NOT NULL,
    uid text NOT NULL,
    prison text NOT NULL,
    programme text NOT NULL,
    title text NOT NULL,
    topic text NOT NULL,
    trainer text NOT NULL,
    display_name text NOT NULL,
    competence text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    sequence integer NOT NULL,
    UNIQUE (lead, uid)
);
CREATE INDEX ON bare.assignment (prison, starts_at, id);
INSERT INTO bare.assignment
SELECT a.id, a.lead, a.session_uid, a.prison, s.programme_ref, s.programme_title, s.topic, a.trainer_ref, t.full_name,
       t.competences -> 0 ->> 'title', a.starts_at, a.ends_at, s.sequence
  FROM assignment a JOIN session s ON s.id = a.session JOIN trainer t ON t.id = a.trainer;
";

/// The push: one row. `$1` to `$6` are id, agency, uid, trainer, start and end.
pub const PUSH: &str = "INSERT INTO bare.assignment VALUES ($1, $2, $3, 'lapas-besar', 'p-0', 'Pengelasan dasar', \
     'Las busur listrik', $4, 'Budi Contoh', 'Instruktur las', $5, $6, 0) \
     ON CONFLICT (lead, uid) DO UPDATE SET trainer = excluded.trainer, starts_at = excluded.starts_at, \
     ends_at = excluded.ends_at, sequence = excluded.sequence";
/// The same of many rows.
const PUSH_MANY: &str = "INSERT INTO bare.assignment SELECT id, lead, uid, 'lapas-besar', 'p-0', 'Pengelasan dasar', \
     'Las busur listrik', trainer, 'Budi Contoh', 'Instruktur las', starts_at, ends_at, 0 \
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) \
          AS new (id, lead, uid, trainer, starts_at, ends_at) \
     ON CONFLICT (lead, uid) DO UPDATE SET trainer = excluded.trainer, starts_at = excluded.starts_at, \
     ends_at = excluded.ends_at, sequence = excluded.sequence";
/// The page. `$1` to `$4` are the prison, the place before, and the number of rows.
pub const PAGE: &str = "SELECT id, lead, uid, programme, title, topic, trainer, display_name, competence, starts_at, ends_at \
     FROM bare.assignment WHERE prison = $1 AND (starts_at, id) > ($2, $3) ORDER BY starts_at, id LIMIT $4";

struct Lanes {
    free: Mutex<Vec<PgConnection>>,
    turns: Semaphore,
}

impl Lanes {
    /// Runs a statement's work on a connection that nobody else has.
    async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> std::result::Result<T, Status> {
        let failed = |error: String| Status::internal(error);
        let _turn = self.turns.acquire().await.map_err(|error| failed(error.to_string()))?;
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut db = free().pop().ok_or_else(|| failed("no connection is free".to_owned()))?;
        let done = work(&mut db).await.map_err(|error| failed(error.to_string()))?;
        free().push(db);
        Ok(done)
    }
}

/// Serves until it is killed. The folder's `pki` holds the certificates.
pub async fn serve(address: SocketAddr, folder: &Path, database_url: &str) -> Result<()> {
    let mut free = Vec::new();
    for _ in 0..CONNECTIONS {
        free.push(PgConnection::connect(database_url).await?);
    }
    let lanes = Arc::new(Lanes { free: Mutex::new(free), turns: Semaphore::new(CONNECTIONS) });
    let pem = |file: &str| std::fs::read_to_string(folder.join("pki").join(file));
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(pem("gateway.pem")?, pem("gateway.key")?))
        .client_ca_root(Certificate::from_pem(pem("root.pem")?));
    Server::builder()
        .tls_config(tls)?
        .tcp_nodelay(true)
        .add_service(Schedule(lanes.clone()))
        .add_service(Assignment(lanes.clone()))
        .add_service(Agency(lanes))
        .serve(address)
        .await?;
    Ok(())
}

macro_rules! services {
    ($($service:ident $name:literal $run:ident $request:ident $answer:ident;)*) => {$(
        #[derive(Clone)]
        struct $service(Arc<Lanes>);

        impl NamedService for $service {
            const NAME: &'static str = $name;
        }

        impl UnaryService<v1::$request> for $service {
            type Response = v1::$answer;
            type Future = BoxFuture<tonic::Response<v1::$answer>, Status>;

            fn call(&mut self, request: tonic::Request<v1::$request>) -> Self::Future {
                let lanes = self.0.clone();
                Box::pin(async move { Ok(tonic::Response::new($run(&lanes, request.into_inner()).await?)) })
            }
        }

        impl tower::Service<Request<Body>> for $service {
            type Response = Response<Body>;
            type Error = Infallible;
            type Future = BoxFuture<Response<Body>, Infallible>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<Body>) -> Self::Future {
                let service = self.clone();
                Box::pin(async move {
                    let codec = ProstCodec::<v1::$answer, v1::$request>::default();
                    let mut grpc = Grpc::new(codec).max_decoding_message_size(MESSAGE_BYTES_MAX);
                    Ok(grpc.unary(service, request).await)
                })
            }
        }
    )*};
}

services! {
    Schedule "gerbang.v1.ScheduleService" push PushScheduleRequest PushScheduleResponse;
    Assignment "gerbang.v1.AssignmentService" page ListTrainerAssignmentsRequest ListTrainerAssignmentsResponse;
    Agency "gerbang.v1.AgencyService" who WhoAmIRequest WhoAmIResponse;
}

async fn who(_: &Lanes, _: v1::WhoAmIRequest) -> std::result::Result<v1::WhoAmIResponse, Status> {
    Ok(v1::WhoAmIResponse::default())
}

async fn push(
    lanes: &Lanes,
    request: v1::PushScheduleRequest,
) -> std::result::Result<v1::PushScheduleResponse, Status> {
    let part = |name: &str, place: usize| name.split('/').nth(place).unwrap_or_default().to_owned();
    let lead = part(&request.name, 1);
    let rows: Vec<_> = request
        .sessions
        .iter()
        .map(|session| {
            let trainer = session.trainers.first().map_or_else(String::new, |named| part(&named.trainer, 3));
            (
                Uuid::from_u128(random()),
                &session.uid,
                trainer,
                moment(&session.starts_at),
                moment(&session.ends_at),
            )
        })
        .collect();
    lanes
        .with(async |db| match &rows[..] {
            [(id, uid, trainer, from, to)] => {
                sqlx::query(PUSH)
                    .bind(id)
                    .bind(&lead)
                    .bind(uid)
                    .bind(trainer)
                    .bind(from)
                    .bind(to)
                    .execute(db)
                    .await
            }
            many => {
                let of = sqlx::query(PUSH_MANY).bind(many.iter().map(|row| row.0).collect::<Vec<_>>());
                let of = of.bind(vec![lead.clone(); many.len()]);
                let of = of.bind(many.iter().map(|row| row.1.clone()).collect::<Vec<_>>());
                let of = of.bind(many.iter().map(|row| row.2.clone()).collect::<Vec<_>>());
                let of = of.bind(many.iter().map(|row| row.3).collect::<Vec<_>>());
                of.bind(many.iter().map(|row| row.4).collect::<Vec<_>>()).execute(db).await
            }
        })
        .await?;
    let result = |(index, session): (usize, &v1::SessionDraft)| v1::SessionResult {
        index: index as i32,
        uid: session.uid.clone(),
        outcome: v1::ItemOutcome::Created.into(),
        ..Default::default()
    };
    Ok(v1::PushScheduleResponse {
        outcome: v1::BatchOutcome::Stored.into(),
        results: request.sessions.iter().enumerate().map(result).collect(),
        ..Default::default()
    })
}

#[allow(clippy::needless_update, reason = "an answer may get more fields")]
async fn page(
    lanes: &Lanes,
    request: v1::ListTrainerAssignmentsRequest,
) -> std::result::Result<v1::ListTrainerAssignmentsResponse, Status> {
    let (micros, id) = request.page_token.split_once(' ').unwrap_or_default();
    let after = Timestamp::from_microsecond(micros.parse().unwrap_or_default()).unwrap_or_default();
    let (after, id) = (row_time(after), Uuid::parse_str(id).unwrap_or_default());
    let size = i64::from(request.page_size);
    let rows = lanes
        .with(async |db| sqlx::query(PAGE).bind(PRISON).bind(after).bind(id).bind(size).fetch_all(db).await)
        .await?;
    let shown = rows.iter().map(shown).collect::<sqlx::Result<Vec<_>>>();
    let assignments = shown.map_err(|error| Status::internal(error.to_string()))?;
    let token = rows.last().and_then(|row| {
        let at: time::OffsetDateTime = row.try_get(9).ok()?;
        Some(format!("{} {}", at.unix_timestamp_nanos() / 1_000, row.try_get::<Uuid, _>(0).ok()?))
    });
    Ok(v1::ListTrainerAssignmentsResponse {
        assignments,
        next_page_token: token.unwrap_or_default(),
        ..Default::default()
    })
}

fn shown(row: &PgRow) -> sqlx::Result<v1::TrainerAssignment> {
    let text = |column: usize| row.try_get::<String, _>(column);
    let (lead, time) = (text(1)?, |column: usize| -> sqlx::Result<_> {
        let at: time::OffsetDateTime = row.try_get(column)?;
        Ok(Some(prost_types::Timestamp { seconds: at.unix_timestamp(), nanos: 0 }))
    });
    Ok(v1::TrainerAssignment {
        name: format!("assignments/{}", row.try_get::<Uuid, _>(0)?),
        session: format!("agencies/{lead}/sessions/{}", text(2)?),
        session_uid: text(2)?,
        starts_at: time(9)?,
        ends_at: time(10)?,
        time_zone: "Asia/Jakarta".to_owned(),
        programme_title: text(4)?,
        topic: text(5)?,
        trainer: format!("agencies/{lead}/trainers/{}", text(6)?),
        trainer_display_name: text(7)?,
        trainer_agency: format!("agencies/{lead}"),
        competences: vec![v1::Competence { title: text(8)?, ..Default::default() }],
        role: v1::TrainerRole::Lead.into(),
        state: v1::AssignmentState::Proposed.into(),
        etag: "1".repeat(16),
        session_state: v1::SessionState::Tentative.into(),
        ..Default::default()
    })
}

fn moment(at: &Option<prost_types::Timestamp>) -> time::OffsetDateTime {
    let seconds = at.map_or(0, |at| at.seconds);
    time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

fn row_time(at: Timestamp) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(at.as_nanosecond())
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

fn random() -> u128 {
    let mut bytes = [0; 16];
    // Without randomness two rows would have one key, and the push would say so.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u128::from_be_bytes(bytes)
}
