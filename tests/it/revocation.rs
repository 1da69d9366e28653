//! Revoked means out, under load and across gateways: three processes over one database, one of them stopped across
//! the revocation, one cut off from Postgres. No call that begins after `revoke` has returned succeeds, by a new
//! connection, a standing one or an open stream, and no stream outlives it by more than a second.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use gerbang::{agent::Client, pki::certificate, proto::v1};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{UnixListener, UnixStream},
    process::{Child, Command},
    task::JoinHandle,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest,
};

use crate::world::{World, request_id, url};

/// How long a stream may go on; the rest is for a machine that is busy with other tests.
const STREAM_ENDS: Duration = Duration::from_millis(1_900);
/// How long the load goes on after the revocation.
const AFTER: Duration = Duration::from_secs(3);

/// A gateway in a process of its own.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    async fn start(world: &World, name: &str, url: impl Fn(&str) -> String) -> Self {
        let config = world.folder.join(format!("{name}.toml"));
        let text = format!(
            "listen = \"127.0.0.1:0\"\ntrust_domain = \"test.gerbang.internal\"\ndatabase_url = {:?}\n\
             vault = \"vault.toml\"\n[keeper]\ndatabase_url = {:?}\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\nroot = \"root.pem\"\n\
             clients_ca = \"clients.pem\"\nhosts = [\"localhost\"]\n",
            url("gerbang_gateway"),
            url("gerbang_keeper")
        );
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gerbang"))
            .args(["serve", "--config", config.to_str().unwrap()])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("the gateway listens");
            if let Some((_, address)) = line.split_once("listening address=") {
                break address.trim().to_owned();
            }
        };
        // Nobody reads the log any more, and a full pipe would stop the gateway.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, address }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().unwrap().cast_signed()), signal).unwrap();
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

/// Calls by when they began, and whether they succeeded; and when each stream ended.
#[derive(Default)]
struct Seen {
    calls: Mutex<Vec<(Instant, bool, &'static str)>>,
    streams: Mutex<Vec<(Instant, &'static str)>>,
}

impl Seen {
    fn call(&self, begun: Instant, ok: bool, how: &'static str) {
        self.calls.lock().unwrap().push((begun, ok, how));
    }

    fn stream_ended(&self, what: &'static str) {
        self.streams.lock().unwrap().push((Instant::now(), what));
    }
}

/// Everything that the certificate's holder tries at one gateway, until told to stop.
fn load(world: &World, address: &str, stop: &Arc<AtomicBool>) -> Arc<Seen> {
    let seen = Arc::new(Seen::default());
    let mut profile = world.profile("blk-kepri", "jadwal");
    profile.address = address.to_owned();
    for fresh in [true, true, false, false] {
        let (seen, stop, profile) = (seen.clone(), stop.clone(), profile.clone());
        let how = if fresh { "a new connection" } else { "a standing connection" };
        let connect =
            async move || Client::connect(&profile, gerbang::domain::reason::Language::English).await;
        tokio::spawn(async move {
            let mut standing = None;
            while !stop.load(Ordering::SeqCst) {
                let begun = Instant::now();
                let client = match standing.take() {
                    Some(client) => Ok(client),
                    None => connect().await,
                };
                let Ok(client) = client else {
                    seen.call(begun, false, how);
                    continue;
                };
                let answer = client.agency().who_am_i(v1::WhoAmIRequest {}).await;
                seen.call(begun, answer.is_ok(), how);
                if !fresh {
                    standing = Some(client);
                }
            }
        });
    }
    let channel = channel(world, address);
    let (watcher, watching) = (seen.clone(), channel.clone());
    tokio::spawn(async move {
        let request = HealthCheckRequest { service: String::new() };
        let mut stream = HealthClient::new(watching).watch(request).await.unwrap().into_inner();
        while let Ok(Some(_)) = stream.message().await {}
        watcher.stream_ended("Health.Watch");
    });
    let reflector = seen.clone();
    tokio::spawn(async move {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let ask = || ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        sender.send(ask()).await.unwrap();
        let mut client = ServerReflectionClient::new(channel);
        let stream = client.server_reflection_info(ReceiverStream::new(receiver)).await;
        let mut stream = stream.unwrap().into_inner();
        while let Ok(Some(_)) = stream.message().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if sender.send(ask()).await.is_err() {
                break;
            }
        }
        reflector.stream_ended("reflection");
    });
    seen
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

/// Waits until calls and streams run everywhere.
async fn warm(all: &[&Arc<Seen>]) {
    let ready = async {
        for seen in all {
            for how in ["a new connection", "a standing connection"] {
                while seen.calls.lock().unwrap().iter().filter(|(_, ok, by)| *ok && *by == how).count() < 5 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            assert!(seen.streams.lock().unwrap().is_empty(), "streams are open");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ready).await.expect("the load runs on every gateway");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_begins_after_a_revocation_succeeds_on_any_gateway() {
    let world = World::start().await;
    world.keys.write_new(&world.config.vault).unwrap();
    world.join("blk-kepri", v1::AgencyKind::VocationalTrainingCentre, "jadwal", v1::Role::Partner).await;
    let serial = certificate::read_pem(&world.issue("blk-kepri", "jadwal").certificate_pem).unwrap().serial;
    let way = Way::open(&world);
    let real = |role: &str| url(role, &world.database);
    let awake = Process::start(&world, "awake", real).await;
    let stopped = Process::start(&world, "stopped", real).await;
    let cut_off = Process::start(&world, "cut-off", |role| way.url(&world, role)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let seen = [&awake, &stopped, &cut_off].map(|gateway| load(&world, &gateway.address, &stop));
    let [at_awake, at_stopped, at_cut_off] = &seen;
    warm(&[at_awake, at_stopped, at_cut_off]).await;

    stopped.signal(Signal::SIGSTOP);
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
    // Long enough that a gateway which slept believes what it saw last to be old.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let woken_at = Instant::now();
    stopped.signal(Signal::SIGCONT);
    tokio::time::sleep(AFTER).await;
    stop.store(true, Ordering::SeqCst);

    for (name, seen, from) in
        [("awake", at_awake, revoked_at), ("stopped", at_stopped, woken_at), ("cut off", at_cut_off, cut_at)]
    {
        let calls = seen.calls.lock().unwrap();
        let late: Vec<_> = calls.iter().filter(|(begun, ok, _)| *begun > revoked_at && *ok).collect();
        assert!(late.is_empty(), "{name}: {} calls got in after the revocation: {late:?}", late.len());
        let tried = calls.iter().filter(|(begun, ..)| *begun > revoked_at).count();
        assert!(tried > 3, "{name}: the load went on");
        let streams = seen.streams.lock().unwrap();
        assert_eq!(streams.len(), 2, "{name}: both streams have ended: {streams:?}");
        for (ended, what) in streams.iter() {
            let lasted = ended.saturating_duration_since(from);
            assert!(lasted < STREAM_ENDS, "{name}: {what} went on for {lasted:?}");
        }
    }
}
