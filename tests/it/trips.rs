//! Round trips to the database, counted between the gateway and Postgres: what a call costs before anything else does.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use gerbang::proto::v1;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{UnixListener, UnixStream},
};

use crate::{
    cast::{Cast, TRAINER, led_session, push, session_name},
    world::World,
};

/// A socket before the cluster's that counts what a client sends and waits for: each Sync and each simple query.
struct Counter {
    folder: String,
    trips: Arc<AtomicUsize>,
}

impl Counter {
    fn new(world: &World) -> Self {
        let folder = world.folder.join("counter");
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let trips = Arc::new(AtomicUsize::new(0));
        let counted = trips.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, counted.clone()));
            }
        });
        Self { folder: folder.to_str().unwrap().to_owned(), trips }
    }

    fn url(&self, url: &str) -> String {
        let (base, _) = url.split_once("?host=").unwrap();
        format!("{base}?host={}", self.folder.replace('/', "%2F"))
    }

    /// The round trips since the last look.
    fn take(&self) -> usize {
        self.trips.swap(0, Ordering::SeqCst)
    }
}

/// The length of the question whether the server wants TLS, which is asked before the startup.
const SSL_REQUEST: usize = 8;

async fn carry(client: UnixStream, trips: Arc<AtomicUsize>) {
    let socket = std::env::var("GERBANG_TEST_SOCKET").unwrap();
    let server = UnixStream::connect(format!("{socket}/.s.PGSQL.5432")).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    // The first messages, up to the startup, have no type.
    let mut has_type = false;
    while let Some(message) = read_message(&mut from_client, has_type).await {
        if has_type && matches!(message[0], b'S' | b'Q') {
            trips.fetch_add(1, Ordering::SeqCst);
        }
        has_type |= message.len() != SSL_REQUEST;
        if to_server.write_all(&message).await.is_err() {
            break;
        }
    }
    back.abort();
}

/// A message of the frontend, whole: its type, if it has one, its length, its content.
async fn read_message(from: &mut (impl AsyncReadExt + Unpin), has_type: bool) -> Option<Vec<u8>> {
    let mut head = vec![0; if has_type { 5 } else { 4 }];
    from.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes(head[head.len() - 4..].try_into().unwrap());
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    from.read_exact(&mut body).await.ok()?;
    head.extend(body);
    Some(head)
}

/// A programme whose gateway reaches the database by the counter, with one connection, which has parsed everything that
/// `call` asks.
async fn counted() -> (Cast, Counter) {
    let mut cast = Cast::ready().await;
    let counter = Counter::new(&cast.world);
    cast.world.config.database_url = counter.url(&cast.world.config.database_url);
    cast.world.config.limits.pool_size = 1;
    // The other stays: its channels are the cast's.
    let _ = cast.world.gateway.take();
    cast.world.start_gateway().await;
    cast.blk = cast.world.connect("blk-kepri", "jadwal").await;
    cast.lapas = cast.world.connect("lapas-tpi", "sdp").await;
    (cast, counter)
}

#[tokio::test]
async fn a_call_makes_so_many_round_trips() {
    let (cast, counter) = counted().await;
    let session = |uid: &str, day: u32| led_session(uid, &format!("2026-04-{day:02}T01:00:00Z"), TRAINER);
    let mut counted = Vec::new();
    // The second time: by then the connection has parsed its statements.
    for round in [1, 2] {
        let mut trips = Vec::new();
        counter.take();
        cast.blk.agency().who_am_i(v1::WhoAmIRequest::default()).await.unwrap();
        trips.push(("who am I", counter.take()));
        let read = v1::GetSessionRequest { name: session_name("s1") };
        let _ = cast.lapas.schedule().get_session(read).await;
        trips.push(("get a session", counter.take()));
        let mut page = v1::ListTrainerAssignmentsRequest::default();
        let listed = cast.lapas.assignment().list_trainer_assignments(page.clone()).await.unwrap();
        trips.push(("a page of assignments", counter.take()));
        page.if_none_match = listed.into_inner().etag;
        let again = cast.lapas.assignment().list_trainer_assignments(page.clone()).await.unwrap();
        assert!(again.into_inner().unchanged);
        trips.push(("the page unchanged", counter.take()));
        page.clearance = v1::Clearance::Missing.into();
        cast.lapas.assignment().list_trainer_assignments(page).await.unwrap();
        trips.push(("a page of who may not enter yet", counter.take()));
        let read = v1::GetTrainerAssignmentRequest {
            name: "assignments/00000000-0000-7000-8000-000000000000".to_owned(),
        };
        let _ = cast.lapas.assignment().get_trainer_assignment(read).await;
        trips.push(("get an assignment", counter.take()));
        let pushed = push(vec![session(&format!("s{round}"), round)]);
        cast.blk.schedule().push_schedule(pushed.clone()).await.unwrap();
        trips.push(("push a new session", counter.take()));
        cast.blk.schedule().push_schedule(pushed.clone()).await.unwrap();
        trips.push(("the same request again", counter.take()));
        let unchanged = push(pushed.sessions);
        cast.blk.schedule().push_schedule(unchanged).await.unwrap();
        trips.push(("push it unchanged", counter.take()));
        counted = trips;
    }
    let expected = [
        ("who am I", 1),
        ("get a session", 4),
        ("a page of assignments", 1),
        ("the page unchanged", 1),
        ("a page of who may not enter yet", 2),
        ("get an assignment", 1),
        ("push a new session", 20),
        ("the same request again", 3),
        ("push it unchanged", 18),
    ];
    assert_eq!(counted, expected);
}
