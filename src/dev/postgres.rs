//! A private Postgres: made, started and stopped by us, reached over a socket that no other user can open,
//! with no TCP and no password.
//!
//! Works as root and as an ordinary user. Refuses a database that is not whole, or that a server still uses.
//! The server ends with us, however we end. Called by `dev` and by the tests.

mod account;
mod cluster;
mod place;

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::mpsc,
    thread,
    time::Duration,
};

use nix::{
    sys::{
        prctl::set_pdeathsig,
        signal::{Signal, kill},
    },
    unistd::{Pid, getppid},
};

use self::{account::Account, place::Place};
use super::DevError;

/// The role that owns the database `gerbang` and migrates it. It is no superuser.
pub const OWNER: &str = "gerbang_owner";
/// The role of a running gateway. It owns nothing.
pub const GATEWAY: &str = "gerbang_gateway";
/// The role of the signer. It owns nothing, and alone puts certificates into the inventory.
pub const SIGNER: &str = "gerbang_signer";
/// The role of what a gateway does by itself. It owns nothing.
pub const KEEPER: &str = "gerbang_keeper";
/// The bootstrap superuser, for tests.
pub const SUPERUSER: &str = "postgres";
/// The database.
pub const DATABASE: &str = "gerbang";

const POLL: Duration = Duration::from_millis(10);
/// A start may have to recover what a crash left behind.
const START_POLLS: u32 = 6_000;
const STOP_POLLS: u32 = 3_000;
const FORCE_POLLS: u32 = 500;

/// A running server. Dropping it stops it, as [`Postgres::stop`] does.
pub struct Postgres {
    server: Child,
    root: PathBuf,
    run: PathBuf,
    elsewhere: bool,
    /// Ends the thread that started the server; see [`spawn`].
    _keeper: mpsc::Sender<()>,
}

impl Postgres {
    /// Starts the server of `folder`/postgres, which it makes at the first start, with its roles and its
    /// database. Blocks for about a second then, and for a blink later. The caller has the folder locked.
    pub fn start(folder: &Path) -> Result<Self, DevError> {
        Self::start_as(folder, true)
    }

    /// The same for data that need not outlive the machine: nothing is flushed to disk.
    pub fn start_throwaway(folder: &Path) -> Result<Self, DevError> {
        Self::start_as(folder, false)
    }

    fn start_as(folder: &Path, durable: bool) -> Result<Self, DevError> {
        let folder = folder.canonicalize().map_err(DevError::io("Finding", folder))?;
        let data = folder.join("postgres/data");
        let binaries = cluster::find_binaries(&data)?;
        let account = Account::find(&data)?;
        let place = Place::open(&folder, &account)?;
        wait_for_predecessor(&place.data())?;
        cluster::ensure(&binaries, &place, &account, durable)?;
        cluster::write_access(&place, &account)?;

        let log = folder.join("postgres.log");
        let command = server_command(&binaries, &place, &account, &log, durable)?;
        let (server, keeper) =
            spawn(command).map_err(DevError::io("Starting", &binaries.join("postgres")))?;
        let Place { root, run, elsewhere } = place;
        let mut postgres = Self { server, root, run, elsewhere, _keeper: keeper };
        postgres.wait_until_ready(&log)?;
        Ok(postgres)
    }

    /// For migrations.
    pub fn owner_url(&self) -> String {
        self.url(OWNER, DATABASE)
    }

    /// For a gateway.
    pub fn gateway_url(&self) -> String {
        self.url(GATEWAY, DATABASE)
    }

    /// For a signer.
    pub fn signer_url(&self) -> String {
        self.url(SIGNER, DATABASE)
    }

    /// For what a gateway does by itself.
    pub fn keeper_url(&self) -> String {
        self.url(KEEPER, DATABASE)
    }

    /// For any of the roles here, in any database of this server.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", encode(&self.run))
    }

    /// The place of the data, if it is not in the folder because the server's account cannot get there.
    pub fn elsewhere(&self) -> Option<&Path> {
        self.elsewhere.then_some(self.root.as_path())
    }

    /// Ends all connections and the server, and waits for it. Blocks for a moment.
    pub fn stop(mut self) -> Result<(), DevError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), DevError> {
        // SIGINT is Postgres's fast shutdown, SIGQUIT the one that leaves the rest to recovery.
        for (signal, polls) in [(Signal::SIGINT, STOP_POLLS), (Signal::SIGQUIT, FORCE_POLLS)] {
            if self.has_ended() {
                return Ok(());
            }
            let _ = kill(pid(&self.server), signal);
            for _ in 0..polls {
                if self.has_ended() {
                    return if signal == Signal::SIGINT { Ok(()) } else { Err(DevError::Stopping) };
                }
                thread::sleep(POLL);
            }
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        Err(DevError::Stopping)
    }

    /// Says whether the server is gone, however it went.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.server.try_wait(), Ok(None))
    }

    /// Ready is what the server itself says in `postmaster.pid`: its process on line 1, its state on line 8.
    fn wait_until_ready(&mut self, log: &Path) -> Result<(), DevError> {
        let status = self.root.join("data/postmaster.pid");
        let process = self.server.id().to_string();
        for _ in 0..START_POLLS {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let mut lines = text.lines().map(str::trim);
            if lines.next() == Some(&process) && lines.nth(6) == Some("ready") {
                return Ok(());
            }
            if self.has_ended() {
                break;
            }
            thread::sleep(POLL);
        }
        let text = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(10)..].join("\n");
        Err(DevError::Starting { log: log.to_owned(), tail })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn pid(server: &Child) -> Pid {
    Pid::from_raw(server.id().cast_signed())
}

/// A server whose `dev` was killed is on its way out; it gets the time to go.
fn wait_for_predecessor(data: &Path) -> Result<(), DevError> {
    let running = || {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid: i32 = text.lines().next()?.trim().parse().ok()?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        (name.trim() == "postgres").then_some(pid)
    };
    for _ in 0..STOP_POLLS / 2 {
        if running().is_none() {
            return Ok(());
        }
        thread::sleep(POLL);
    }
    running().map_or(Ok(()), |pid| Err(DevError::StillRunning { pid, path: data.to_owned() }))
}

/// A folder as an item of a list, where a comma would begin the next.
fn listed(folder: &Path) -> std::ffi::OsString {
    let mut item = b"\"".to_vec();
    for &byte in folder.as_os_str().as_encoded_bytes() {
        item.push(byte);
        if byte == b'"' {
            item.push(byte);
        }
    }
    item.push(b'"');
    std::os::unix::ffi::OsStringExt::from_vec(item)
}

fn server_command(
    binaries: &Path,
    place: &Place,
    account: &Account,
    log: &Path,
    durable: bool,
) -> Result<Command, DevError> {
    let mut command = account.command(&binaries.join("postgres"), &place.root);
    command.arg("-D").arg(place.data()).arg("-k").arg(listed(&place.run));
    let path = |name: &str| place.root.join(name).display().to_string();
    let mut settings = vec![
        ("listen_addresses", String::new()),
        ("port", "5432".to_owned()),
        ("hba_file", path("hba.conf")),
        ("ident_file", path("ident.conf")),
        ("max_connections", "300".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
    ];
    if !durable {
        let off = ["fsync", "full_page_writes", "synchronous_commit"];
        settings.extend(off.map(|name| (name, "off".to_owned())));
    }
    for (name, value) in settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    // Opened by us, for the server's account may not reach the folder.
    let file = File::create(log).map_err(DevError::io("Opening", log))?;
    let copy = file.try_clone().map_err(DevError::io("Opening", log))?;
    command.stdin(std::process::Stdio::null()).stdout(file).stderr(copy);
    Ok(command)
}

/// Starts the server so that it shuts down when we die. That signal follows the thread that started it, so
/// that a thread of its own does, and stays until the sender is dropped.
fn spawn(mut command: Command) -> io::Result<(Child, mpsc::Sender<()>)> {
    bind_to_us(&mut command, Signal::SIGINT);
    let (keeper, kept) = mpsc::channel::<()>();
    let (report, started) = mpsc::channel();
    thread::Builder::new().name("postgres-keeper".to_owned()).spawn(move || {
        let _ = report.send(command.spawn());
        let _ = kept.recv();
    })?;
    let server = started.recv().map_err(io::Error::other)??;
    Ok((server, keeper))
}

/// Has the process get `signal` when the thread that starts it ends, or all of us do.
fn bind_to_us(command: &mut Command, signal: Signal) {
    let us = Pid::this();
    let bind = move || {
        set_pdeathsig(signal)?;
        // We may have died before the line above.
        if getppid() == us { Ok(()) } else { Err(io::ErrorKind::NotConnected.into()) }
    };
    // SAFETY: between fork and exec it calls prctl and getppid, which are async-signal-safe, and allocates
    // nothing.
    unsafe { command.pre_exec(bind) };
}

/// Percent-encodes a path for a URL's query.
fn encode(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes
        .map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::folder::{make_folder, tests::Temporary},
        *,
    };

    /// Runs `psql`: its answer, or its text about the failure.
    fn ask(url: &str, statement: &str) -> Result<String, String> {
        let binaries = cluster::find_binaries(Path::new("/nowhere")).unwrap();
        let output = Command::new(binaries.join("psql")).args([url, "-XAtqc", statement]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn installed() -> bool {
        let found = cluster::find_binaries(Path::new("/nowhere")).is_ok();
        if !found {
            eprintln!("skipped: no Postgres server on this machine");
        }
        found
    }

    fn folder(name: &str) -> Temporary {
        let place = Temporary::new(name);
        make_folder(&place.0, 0o711).unwrap();
        place
    }

    #[test]
    fn a_database_outlives_its_server() {
        if !installed() {
            return;
        }
        let place = folder("postgres");
        // What a crash left half-made is cleared.
        make_folder(&place.0.join("postgres"), 0o700).unwrap();
        make_folder(&place.0.join("postgres/data.new/base"), 0o700).unwrap();

        let server = Postgres::start_throwaway(&place.0).unwrap();
        let (owner, gateway) = (server.owner_url(), server.gateway_url());
        ask(&owner, "CREATE EXTENSION btree_gist; CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
            .unwrap();
        let who = "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user";
        assert_eq!(ask(&owner, who).unwrap(), "gerbang_owner|f");
        assert_eq!(ask(&gateway, who).unwrap(), "gerbang_gateway|f");
        assert_eq!(ask(&server.url(SUPERUSER, "postgres"), who).unwrap(), "postgres|t");
        assert!(ask(&gateway, "SELECT * FROM kept").unwrap_err().contains("permission denied"));
        assert!(ask(&gateway, "CREATE TABLE mine (n int)").unwrap_err().contains("permission denied"));
        assert_eq!(ask(&owner, "SHOW listen_addresses").unwrap(), "");
        let process = server.server.id();
        server.stop().unwrap();
        assert!(!Path::new(&format!("/proc/{process}")).exists());

        let server = Postgres::start_throwaway(&place.0).unwrap();
        assert_eq!(server.elsewhere(), None);
        assert_eq!(ask(&server.owner_url(), "SELECT n FROM kept").unwrap(), "7");
        drop(server);

        fs::remove_file(place.0.join("postgres/data/global/pg_control")).unwrap();
        let error = Postgres::start_throwaway(&place.0).err().unwrap().to_string();
        assert!(error.contains("global/pg_control is missing"), "{error}");
    }

    #[test]
    fn a_long_path_gets_a_short_socket() {
        if !installed() {
            return;
        }
        let place = folder("postgres-long");
        let long = place.0.join("a folder, 100% long ".repeat(5));
        make_folder(&long, 0o711).unwrap();
        let server = Postgres::start_throwaway(&long).unwrap();
        assert!(!server.run.starts_with(&place.0));
        assert_eq!(ask(&server.owner_url(), "SELECT 1").unwrap(), "1");
        let run = server.run.clone();
        drop(server);
        fs::remove_dir(run).unwrap();
    }

    #[test]
    fn a_folder_may_have_any_name() {
        if !installed() {
            return;
        }
        let place = folder("postgres-name");
        for (name, has_the_socket) in [("las \"2026\" é", true), ("las, balai kerja", false)] {
            let odd = place.0.join(name);
            make_folder(&odd, 0o711).unwrap();
            let server = Postgres::start_throwaway(&odd).unwrap();
            assert_eq!(server.run.starts_with(&odd), has_the_socket, "{name}");
            assert_eq!(ask(&server.owner_url(), "SELECT 1").unwrap(), "1", "{name}");
            let run = server.run.clone();
            drop(server);
            fs::remove_dir(run).unwrap();
        }
    }

    #[test]
    fn a_folder_out_of_reach_keeps_its_database_elsewhere() {
        if !installed() || !nix::unistd::geteuid().is_root() {
            return;
        }
        let place = folder("postgres-reach");
        let hidden = place.0.join("hidden");
        make_folder(&hidden, 0o700).unwrap();
        let start = || {
            let server = Postgres::start_throwaway(&hidden).unwrap();
            assert_eq!(ask(&server.owner_url(), "SELECT 1").unwrap(), "1");
            server.elsewhere().unwrap().to_owned()
        };
        let elsewhere = start();
        assert_eq!(start(), elsewhere);
        fs::remove_dir_all(elsewhere).unwrap();
    }

    #[test]
    fn a_path_is_encoded_for_a_url() {
        assert_eq!(encode(Path::new("/a b/100%&é")), "/a%20b/100%25%26%C3%A9");
    }
}
