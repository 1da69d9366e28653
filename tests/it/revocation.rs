//! Revoked means out, under load and across gateways: three processes over one database, one of them stopped across
//! the revocation, one cut off from Postgres. No call that begins after `revoke` has returned succeeds, by a new
//! connection, a standing one or an open stream; no stream answers what is asked more than a second later, and each
//! ends. How soon one ends in which nothing flows, the tests of `server` count.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use gerbang::{
    agent::{Client, Profile},
    domain::{outside::Clock, reason::Language},
    pki::certificate,
    proto::v1,
    server::outside::SystemClock,
};
use nix::sys::signal::Signal;
use tokio::{
    net::{UnixListener, UnixStream},
    process::Command,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    Streaming,
    transport::{Certificate, Channel, ClientTlsConfig, Identity},
};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest,
};

use crate::{
    deploy::process::Process,
    forge,
    world::{TRUST_DOMAIN, World, der, request_id, url},
};

/// What is asked in a stream so long after the revocation has no answer: a second for the last look, and the rest for
/// the gateway to notice.
const STREAM_ENDS: Duration = Duration::from_millis(1_900);
/// The ways in which the certificate's holder calls.
const WAYS: [&str; 2] = ["a new connection", "a standing connection"];
/// In each, so many calls are seen before the revocation and after it.
const CALLS: usize = 5;
const STREAMS: usize = 2;

/// A gateway in a process of its own, which goes by the real clock. The vault's keys must have been written.
pub struct Gateway {
    pub process: Process,
    pub address: String,
}

impl Gateway {
    pub async fn start(world: &World, name: &str, url: impl Fn(&str) -> String) -> Self {
        let config = world.folder.join(format!("{name}.toml"));
        let text = format!(
            "listen = \"127.0.0.1:0\"\ntrust_domain = \"test.gerbang.internal\"\ndatabase_url = {:?}\n\
             vault = \"vault.toml\"\n[keeper]\ndatabase_url = {:?}\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\nroot = \"root.pem\"\n\
             clients_ca = \"clients.pem\"\nhosts = [\"localhost\"]\n",
            url("gerbang_gateway"),
            url("gerbang_keeper")
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gerbang"));
        command.args(["serve", "--config", config.to_str().unwrap()]);
        let mut process = Process::start(command);
        assert!(process.says("listening address=").await, "{}", process.log());
        let log = process.log();
        let (_, address) = log.split_once("listening address=").unwrap();
        let address = address.split_whitespace().next().unwrap().to_owned();
        Self { process, address }
    }
}

/// A way to Postgres that can be cut.
struct Way {
    folder: PathBuf,
    open: Arc<AtomicBool>,
    carrying: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Way {
    fn open(world: &World) -> Self {
        let folder = world.folder.join("way");
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let (open, carrying) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let (flag, handles) = (open.clone(), carrying.clone());
        let socket = std::env::var("GERBANG_TEST_SOCKET").unwrap();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if !flag.load(Ordering::SeqCst) {
                    continue;
                }
                let far = UnixStream::connect(format!("{socket}/.s.PGSQL.5432")).await;
                let carry = tokio::spawn(async move {
                    if let Ok(mut far) = far {
                        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                });
                handles.lock().unwrap().push(carry);
            }
        });
        Self { folder, open, carrying }
    }

    fn url(&self, world: &World, role: &str) -> String {
        let real = url(role, &world.database);
        let (before, _) = real.split_once("?host=").unwrap();
        format!("{before}?host={}", self.folder.to_str().unwrap().replace('/', "%2F"))
    }

    fn cut(&self) {
        self.open.store(false, Ordering::SeqCst);
        self.carrying.lock().unwrap().drain(..).for_each(|carry| carry.abort());
    }
}

/// What the certificate's holder has seen at one gateway.
#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    /// When each question was asked that a stream has answered.
    answered: Vec<Instant>,
    /// Streams that have had a first message and not ended.
    open: usize,
}

#[derive(Debug)]
struct Call {
    begun: Instant,
    ok: bool,
    way: &'static str,
}

impl Seen {
    /// Whether so many calls in each way began after this, and have ended.
    fn tried(&self, after: Instant) -> bool {
        self.calls_in_each_way(|call| call.begun > after)
    }

    fn calls_in_each_way(&self, which: impl Fn(&Call) -> bool) -> bool {
        WAYS.iter()
            .all(|way| self.calls.iter().filter(|call| call.way == *way && which(call)).count() >= CALLS)
    }
}

/// Everything that the certificate's holder tries at one gateway. A busy machine's gateway may end a stream whose last look is too
/// old; until this is said to be over, it is opened again.
fn load(world: &World, address: &str, over: &Arc<AtomicBool>) -> watch::Receiver<Seen> {
    let (seen, seeing) = watch::channel(Seen::default());
    let mut profile = world.profile("blk-kepri", "jadwal");
    profile.address = address.to_owned();
    for way in [WAYS, WAYS].concat() {
        tokio::spawn(call(profile.clone(), way, seen.clone()));
    }
    let channel = channel(world, address);
    let (watching, watcher, watched_out) = (channel.clone(), seen.clone(), over.clone());
    tokio::spawn(async move {
        while let Some(mut stream) = watched(&watching, &watched_out).await {
            watcher.send_modify(|seen| seen.open += 1);
            while let Ok(Some(_)) = stream.message().await {}
            watcher.send_modify(|seen| seen.open -= 1);
        }
    });
    let over = over.clone();
    tokio::spawn(async move {
        while let Some((sender, mut stream)) = asked(&channel, &over).await {
            let mut asked = Instant::now();
            seen.send_modify(|seen| {
                seen.open += 1;
                seen.answered.push(asked);
            });
            while sender.send(list_services()).await.is_ok()
                && let Ok(Some(_)) = stream.message().await
            {
                seen.send_modify(|seen| seen.answered.push(asked));
                asked = Instant::now();
            }
            seen.send_modify(|seen| seen.open -= 1);
        }
    });
    seeing
}

/// A stream of health that has had its first message; `None` once it is over.
async fn watched(channel: &Channel, over: &AtomicBool) -> Option<Streaming<HealthCheckResponse>> {
    while !over.load(Ordering::SeqCst) {
        let request = HealthCheckRequest { service: String::new() };
        let Ok(stream) = HealthClient::new(channel.clone()).watch(request).await else { continue };
        let mut stream = stream.into_inner();
        if let Ok(Some(_)) = stream.message().await {
            return Some(stream);
        }
    }
    None
}

/// A stream of reflection, likewise, and the way to ask more.
async fn asked(
    channel: &Channel,
    over: &AtomicBool,
) -> Option<(mpsc::Sender<ServerReflectionRequest>, Streaming<ServerReflectionResponse>)> {
    while !over.load(Ordering::SeqCst) {
        let (sender, receiver) = mpsc::channel(1);
        sender.send(list_services()).await.unwrap();
        let mut client = ServerReflectionClient::new(channel.clone());
        let Ok(stream) = client.server_reflection_info(ReceiverStream::new(receiver)).await else { continue };
        let mut stream = stream.into_inner();
        if let Ok(Some(_)) = stream.message().await {
            return Some((sender, stream));
        }
    }
    None
}

fn list_services() -> ServerReflectionRequest {
    let message_request = Some(MessageRequest::ListServices(String::new()));
    ServerReflectionRequest { host: String::new(), message_request }
}

/// Calls and calls, while somebody looks at it.
async fn call(profile: Profile, way: &'static str, seen: watch::Sender<Seen>) {
    let mut standing = None;
    while !seen.is_closed() {
        let begun = Instant::now();
        let connected = match standing.take() {
            Some(client) => Ok(client),
            None => Client::connect(&profile, Language::English).await,
        };
        let ok = match &connected {
            Ok(client) => client.agency().who_am_i(v1::WhoAmIRequest {}).await.is_ok(),
            Err(_) => false,
        };
        seen.send_modify(|seen| seen.calls.push(Call { begun, ok, way }));
        standing = connected.ok().filter(|_| way == WAYS[1]);
    }
}

fn channel(world: &World, address: &str) -> Channel {
    let issued = world.issue("blk-kepri", "jadwal");
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(world.forge.root_pem()))
        .domain_name("localhost")
        .identity(Identity::from_pem(issued.chain_pem, issued.key_pem));
    let endpoint = Channel::from_shared(format!("https://{address}")).unwrap();
    endpoint.tls_config(tls).unwrap().connect_lazy()
}

/// Waits until this has been seen.
async fn until(seen: &mut watch::Receiver<Seen>, what: impl FnMut(&Seen) -> bool) {
    drop(seen.wait_for(what).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_begins_after_a_revocation_succeeds_on_any_gateway() {
    let world = World::start().await;
    world.keys.write_new(&world.config.vault).unwrap();
    // The gateways' processes go by the real clock.
    let profile = forge::Profile::client(TRUST_DOMAIN, "blk-kepri", "jadwal").around(SystemClock.now());
    let issued = world.issue_as("blk-kepri", "jadwal", profile);
    world.register("blk-kepri", v1::AgencyKind::VocationalTrainingCentre, "jadwal", v1::Role::Partner).await;
    world.register_certificate("blk-kepri", "jadwal", &der(&issued.certificate_pem)).await;
    let serial = certificate::read_pem(&world.issue("blk-kepri", "jadwal").certificate_pem).unwrap().serial;
    let way = Way::open(&world);
    let real = |role: &str| url(role, &world.database);
    let awake = Gateway::start(&world, "awake", real).await;
    let stopped = Gateway::start(&world, "stopped", real).await;
    let cut_off = Gateway::start(&world, "cut-off", |role| way.url(&world, role)).await;
    let over = Arc::new(AtomicBool::new(false));
    let [mut at_awake, mut at_stopped, mut at_cut_off] =
        [&awake, &stopped, &cut_off].map(|gateway| load(&world, &gateway.address, &over));
    for seen in [&mut at_awake, &mut at_stopped, &mut at_cut_off] {
        until(seen, |seen| seen.open == STREAMS && seen.calls_in_each_way(|call| call.ok)).await;
    }
    // One who stands still while it notes the first use would be passed by, and two versions be one.
    let noted = "SELECT EXISTS (SELECT FROM first_sighting JOIN certificate ON sha256 = certificate WHERE agency = 'blk-kepri')";
    world.until(noted).await;

    over.store(true, Ordering::SeqCst);
    stopped.process.signal(Signal::SIGSTOP);
    // The last look of the one that is cut off begins after the last of the one that is stopped.
    let request = HealthCheckRequest { service: String::new() };
    let health = HealthClient::new(channel(&world, &cut_off.address)).check(request).await.unwrap();
    assert_eq!(health.into_inner().status(), ServingStatus::Serving);
    let cut_at = Instant::now();
    way.cut();
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: format!("certificates/{serial}"),
        reason: v1::RevocationReason::KeyCompromise.into(),
        ..Default::default()
    };
    let admin = world.admin().await;
    let answer = admin.certificate().revoke_certificates(revoke).await.unwrap().into_inner();
    let revoked_at = Instant::now();
    assert_eq!(answer.certificates.len(), 1);
    // Once streams end there, the gateway that slept must believe what it saw last to be old.
    until(&mut at_cut_off, |seen| seen.open == 0).await;
    let woken_at = Instant::now();
    stopped.process.signal(Signal::SIGCONT);

    for (name, seen, from) in [
        ("awake", &mut at_awake, revoked_at),
        ("stopped", &mut at_stopped, woken_at),
        ("cut off", &mut at_cut_off, cut_at),
    ] {
        until(seen, |seen| seen.open == 0).await;
        let ended_at = Instant::now();
        until(seen, |seen| seen.tried(ended_at)).await;
        let seen = seen.borrow();
        let late: Vec<_> = seen.calls.iter().filter(|call| call.begun > revoked_at && call.ok).collect();
        assert!(late.is_empty(), "{name}: {} calls got in after the revocation: {late:?}", late.len());
        let last = seen.answered.last().unwrap().saturating_duration_since(from);
        assert!(last < STREAM_ENDS, "{name}: a stream answered what was asked {last:?} later");
    }
}
