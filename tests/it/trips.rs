//! Round trips to the database, counted between the gateway and Postgres: what a call costs before anything else does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use gerbang::{config::Limits, proto::v1};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
};

use crate::{
    cast::{AGREEMENT, Cast, PROGRAMME, TRAINER, led_session, push, session_name},
    push::at_once,
    world::World,
};

/// A socket before the cluster's that counts what a client sends and waits for: each Sync and each simple query. It may
/// lose one of the answers, or hold a COMMIT back.
pub struct Counter {
    folder: String,
    wire: Arc<Wire>,
}

/// What the connections have in common.
#[derive(Default)]
struct Wire {
    trips: AtomicUsize,
    /// How many trips from now the answer is lost to; 0 where none is.
    loses: AtomicUsize,
    lost: Notify,
    /// Whether the next COMMIT is held back.
    holds: AtomicBool,
    held: Notify,
    let_through: Notify,
    /// Given when the connection may end whose answer was lost, or whose COMMIT is held back.
    cut: Notify,
}

impl Wire {
    /// Counts a trip; whether its answer is to be lost.
    fn trip(&self) -> bool {
        self.trips.fetch_add(1, Ordering::SeqCst);
        let one_less = |left: usize| left.checked_sub(1);
        self.loses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) == Ok(1)
    }

    /// Holds a message back if it is a COMMIT that is to be; false once its connection has to end.
    async fn lets_through(&self, message: &[u8]) -> bool {
        let commits = message[0] == b'Q' && message[5..].starts_with(b"COMMIT");
        if !commits || !self.holds.swap(false, Ordering::SeqCst) {
            return true;
        }
        self.held.notify_one();
        tokio::select! {
            () = self.let_through.notified() => true,
            () = self.cut.notified() => false,
        }
    }
}

impl Counter {
    pub fn new(world: &World) -> Self {
        Self::named(world, "counter")
    }

    /// One of several.
    pub fn named(world: &World, name: &str) -> Self {
        let folder = world.folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let wire = Arc::new(Wire::default());
        let counted = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, counted.clone()));
            }
        });
        Self { folder: folder.to_str().unwrap().to_owned(), wire }
    }

    pub fn url(&self, url: &str) -> String {
        let (base, _) = url.split_once("?host=").unwrap();
        format!("{base}?host={}", self.folder.replace('/', "%2F"))
    }

    /// The round trips since the last look.
    pub fn take(&self) -> usize {
        self.wire.trips.swap(0, Ordering::SeqCst)
    }

    /// Has the answer to the trip of this number from now, counted from 1, get lost; 0 takes that back.
    pub fn lose(&self, trip: usize) {
        self.wire.loses.store(trip, Ordering::SeqCst);
    }

    /// Waits until the server has given the answer that is lost, whose connection stands still from then on.
    pub async fn until_lost(&self) {
        self.wire.lost.notified().await;
    }

    /// Has the next COMMIT be held back before the server has it.
    pub fn hold_commit(&self) {
        self.wire.holds.store(true, Ordering::SeqCst);
    }

    /// Waits until a COMMIT is held back: the server has done what was asked before it.
    pub async fn until_held(&self) {
        self.wire.held.notified().await;
    }

    /// Gives the server the COMMIT that is held back.
    pub fn let_through(&self) {
        self.wire.let_through.notify_one();
    }

    /// Ends the connection whose answer was lost, or whose COMMIT is held back.
    pub fn cut(&self) {
        self.wire.cut.notify_one();
    }
}

/// The length of the question whether the server wants TLS, which is asked before the startup.
const SSL_REQUEST: usize = 8;
/// The server's last word to a trip, but for one byte.
const READY: &[u8] = b"Z\0\0\0\x05";

async fn carry(client: UnixStream, wire: Arc<Wire>) {
    let socket = std::env::var("GERBANG_TEST_SOCKET").unwrap();
    let server = UnixStream::connect(format!("{socket}/.s.PGSQL.5432")).await.unwrap();
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let is_lost = Arc::new(AtomicBool::new(false));
    let back = tokio::spawn(carry_back(from_server, to_client, is_lost.clone(), wire.clone()));
    // The first messages, up to the startup, have no type.
    let mut has_type = false;
    while let Some(message) = read_message(&mut from_client, has_type).await {
        let loses = has_type && matches!(message[0], b'S' | b'Q') && wire.trip();
        has_type |= message.len() != SSL_REQUEST;
        is_lost.store(loses, Ordering::SeqCst);
        if has_type && !wire.lets_through(&message).await {
            break;
        }
        if to_server.write_all(&message).await.is_err() {
            break;
        }
        if loses {
            wire.cut.notified().await;
            break;
        }
    }
    back.abort();
}

async fn carry_back(
    mut from_server: OwnedReadHalf,
    mut to_client: OwnedWriteHalf,
    is_lost: Arc<AtomicBool>,
    wire: Arc<Wire>,
) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
        if !is_lost.load(Ordering::SeqCst) {
            if to_client.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        } else if bytes[..read.saturating_sub(1)].ends_with(READY) {
            wire.lost.notify_one();
        }
    }
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

/// What a call of each kind costs in round trips, once its connection has parsed what it asks.
const TRIPS: [(&str, usize); 10] = [
    ("who am I", 1),
    ("get a session", 1),
    ("a page of sessions", 1),
    ("a page of assignments", 1),
    ("the page unchanged", 1),
    ("a page of who may not enter yet", 2),
    ("get an assignment", 1),
    ("push a new session", 2),
    ("the same request again", 1),
    ("push it unchanged", 1),
];
/// What sixteen pushes of new sessions at once cost in all, at most.
const TOGETHER: usize = 4;
/// How often sixteen push at once. Some come late, and connections are new at first: one round must do.
const ROUNDS: usize = 20;

/// A programme whose gateway reaches the database by the counter, with so many connections.
pub async fn counted(pool_size: u32) -> (Cast, Counter) {
    let mut cast = Cast::ready().await;
    let counter = Counter::new(&cast.world);
    cast.world.config.database_url = counter.url(&cast.world.config.database_url);
    cast.world.config.limits = Limits { pool_size, calls_per_agency: 20, ..cast.world.config.limits };
    // The other stays: its channels are the cast's.
    let _ = cast.world.gateway.take();
    cast.world.start_gateway().await;
    cast.blk = cast.world.connect("blk-kepri", "jadwal").await;
    cast.lapas = cast.world.connect("lapas-tpi", "sdp").await;
    (cast, counter)
}

/// How often each call is made again, of which the fewest trips count: the gateway's own question for its health, once a second, may
/// come in between.
const AGAIN: usize = 4;

/// Asks again and again, and answers with the fewest trips after the first time: by then the connection has parsed what it asks.
macro_rules! trips_of {
    ($counter:ident, $call:expr) => {{
        let _ = $call.await;
        let mut fewest = usize::MAX;
        for _ in 0..AGAIN {
            $counter.take();
            let _ = $call.await.unwrap();
            fewest = fewest.min($counter.take());
        }
        fewest
    }};
}

#[tokio::test]
async fn a_read_that_is_one_question_makes_one_round_trip() {
    let (cast, counter) = counted(1).await;
    let agreements = |state: v1::AgreementState| v1::ListAgreementsRequest {
        state: state.into(),
        ..v1::ListAgreementsRequest::default()
    };
    let (all, in_force) =
        (agreements(v1::AgreementState::Unspecified), agreements(v1::AgreementState::Active));
    let (blk, lapas) = (&cast.blk, &cast.lapas);
    let agreement = || v1::GetAgreementRequest { name: AGREEMENT.to_owned() };
    let programme = || v1::GetProgrammeRequest { name: PROGRAMME.to_owned() };
    let trainer = || v1::GetTrainerRequest { name: TRAINER.to_owned() };
    let entries = cast.world.all_entries().await;
    cast.world.until_placed().await;
    let (entry, size) =
        (entries.iter().find(|entry| entry.agency == "blk-kepri").unwrap(), entries.len() as i64);
    let included = || v1::GetInclusionProofRequest { entry: entry.id.to_string(), tree_size: size };
    let receipt = || v1::GetReceiptRequest { entry: entry.id.to_string() };
    let consistent = || v1::GetConsistencyProofRequest { from_size: 3, to_size: size };
    let counted = [
        ("a checkpoint", trips_of!(counter, blk.ledger().get_checkpoint(v1::GetCheckpointRequest {}))),
        ("a proof of an entry", trips_of!(counter, blk.ledger().get_inclusion_proof(included()))),
        (
            "cosignatures",
            trips_of!(counter, blk.ledger().list_cosignatures(v1::ListCosignaturesRequest::default())),
        ),
        ("a receipt", trips_of!(counter, blk.ledger().get_receipt(receipt()))),
        ("a proof of growth", trips_of!(counter, lapas.ledger().get_consistency_proof(consistent()))),
        ("an agreement", trips_of!(counter, lapas.agreement().get_agreement(agreement()))),
        ("agreements", trips_of!(counter, lapas.agreement().list_agreements(all.clone()))),
        ("a programme", trips_of!(counter, lapas.programme().get_programme(programme()))),
        (
            "programmes",
            trips_of!(counter, lapas.programme().list_programmes(v1::ListProgrammesRequest::default())),
        ),
        ("a trainer", trips_of!(counter, blk.trainer().get_trainer(trainer()))),
        ("trainers", trips_of!(counter, blk.trainer().list_trainers(v1::ListTrainersRequest::default()))),
        (
            "claims",
            trips_of!(counter, blk.trainer().list_trainer_claims(v1::ListTrainerClaimsRequest::default())),
        ),
        ("agencies", trips_of!(counter, blk.agency().list_agencies(v1::ListAgenciesRequest::default()))),
    ];
    assert_eq!(counted.map(|(read, _)| (read, 1)), counted);
    // The zones of agreements first: a state is one of a day, and days are counted here.
    assert_eq!(trips_of!(counter, lapas.agreement().list_agreements(in_force.clone())), 2);
}

#[tokio::test]
async fn a_call_makes_so_many_round_trips() {
    let (cast, counter) = counted(1).await;
    let session = |uid: &str, day: usize| led_session(uid, &format!("2026-04-{day:02}T01:00:00Z"), TRAINER);
    let mut counted: Vec<(&str, usize)> = Vec::new();
    // The first time does not count: its connection has yet to parse its statements.
    for round in 0..=AGAIN {
        let mut trips = Vec::new();
        counter.take();
        cast.blk.agency().who_am_i(v1::WhoAmIRequest::default()).await.unwrap();
        trips.push(("who am I", counter.take()));
        let read = v1::GetSessionRequest { name: session_name("s1") };
        let _ = cast.lapas.schedule().get_session(read).await;
        trips.push(("get a session", counter.take()));
        cast.lapas.schedule().list_sessions(v1::ListSessionsRequest::default()).await.unwrap();
        trips.push(("a page of sessions", counter.take()));
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
        let pushed = push(vec![session(&format!("s{round}"), 1 + round)]);
        cast.blk.schedule().push_schedule(pushed.clone()).await.unwrap();
        trips.push(("push a new session", counter.take()));
        cast.blk.schedule().push_schedule(pushed.clone()).await.unwrap();
        trips.push(("the same request again", counter.take()));
        let unchanged = push(pushed.sessions);
        cast.blk.schedule().push_schedule(unchanged).await.unwrap();
        trips.push(("push it unchanged", counter.take()));
        match round {
            0 => {}
            1 => counted = trips,
            _ => counted.iter_mut().zip(trips).for_each(|(fewest, (_, now))| fewest.1 = fewest.1.min(now)),
        }
    }
    assert_eq!(counted, TRIPS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_pushes_at_once_make_so_many_round_trips_in_all() {
    let (cast, counter) = counted(8).await;
    let mut fewest = usize::MAX;
    for round in 0..ROUNDS {
        let pushes = (0..16).map(|number| {
            let start = format!(
                "{}-{:02}-{:02}T01:00:00Z",
                2026 + (3 + round) / 12,
                1 + (3 + round) % 12,
                1 + number
            );
            (&cast.blk, push(vec![led_session(&format!("r{round}-{number}"), &start, TRAINER)]))
        });
        counter.take();
        for answer in at_once(pushes).await {
            assert_eq!(answer.unwrap().outcome(), v1::BatchOutcome::Stored);
        }
        fewest = fewest.min(counter.take());
        if fewest <= TOGETHER {
            return;
        }
    }
    panic!("{fewest} round trips at least, not {TOGETHER}");
}
