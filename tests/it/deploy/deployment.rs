//! The helper: a folder, a database that no ceremony was held in, and the processes over it. What it starts it kills.

use std::{
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicU8, Ordering},
};

use sqlx::{Connection, PgConnection};
use tokio::process::Command;

use super::{
    files::{AGENCY, CEREMONY, GATEWAY, SIGNER},
    process::{Process, Ran, ran},
};
use crate::world::{copy_template, until_no_signer, url};

/// Everything below one folder: `ca` and `root` of the ceremony, `gateway`, `profiles`, and what commands leave.
pub struct Deployment {
    pub folder: PathBuf,
    pub database: String,
    /// An address of this deployment's own, so that it has fixed ports.
    pub host: String,
    pub signer: Option<Process>,
    pub gateway: Option<Process>,
}

impl Deployment {
    /// Keys, requests, the ceremony's file and passphrases: all that `ca init` takes.
    pub async fn prepare() -> Self {
        static COUNT: AtomicU8 = AtomicU8::new(1);
        let database = copy_template().await;
        let folder = std::env::temp_dir().join(&database);
        for name in ["", "gateway", "profiles"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
        }
        let [.., high, low] = std::process::id().to_be_bytes();
        let host = format!("127.{}.{high}.{low}", COUNT.fetch_add(1, Ordering::Relaxed));
        let it = Self { folder, database, host, signer: None, gateway: None };
        it.run("vault init gateway/vault.toml").await.ok();
        for administrator in ["admin1", "admin2"] {
            let files = format!("--key {administrator}.key --out {administrator}.csr");
            it.run(&format!("cert request {files}")).await.ok();
        }
        it.write("ceremony.toml", 0o644, CEREMONY);
        it.write("passphrase", 0o600, "kata sandi penerbit\n");
        it.write("root-passphrase", 0o600, "kata sandi akar sendiri\n");
        it
    }

    /// The words that hold the ceremony.
    pub fn ca_init(&self) -> String {
        format!(
            "ca init --ceremony ceremony.toml --out ca --root-out root --passphrase-file passphrase \
             --root-passphrase-file root-passphrase --database-url {}",
            url("gerbang_owner", &self.database)
        )
    }

    /// The ceremony, the configurations and the administrators' profiles.
    pub async fn found(&self) {
        self.run(&self.ca_init()).await.ok();
        self.configure(&self.database);
        for administrator in ["admin1", "admin2"] {
            self.write_profile(
                administrator,
                &format!("../ca/administrator-{administrator}.pem"),
                &format!("../{administrator}.key"),
            );
        }
    }

    /// Everything founded and at work.
    pub async fn start() -> Self {
        let mut it = Self::prepare().await;
        it.found().await;
        it.start_signer().await;
        it.start_gateway().await;
        it
    }

    /// The configurations of signer and gateway, over this database.
    pub fn configure(&self, database: &str) {
        let signer = SIGNER.replace("DATABASE", &url("gerbang_signer", database));
        self.write("signer.toml", 0o644, &signer);
        for name in ["root.pem", "clients.pem"] {
            std::fs::copy(self.folder.join("ca").join(name), self.folder.join("gateway").join(name)).unwrap();
        }
        self.write("gateway/gerbang.toml", 0o644, &self.gateways_text(database, 7443));
    }

    /// A gateway's configuration; systems join at the port after its own.
    pub fn gateways_text(&self, database: &str, port: u16) -> String {
        GATEWAY
            .replace("DATABASE", &url("gerbang_gateway", database))
            .replace("KEEPER", &url("gerbang_keeper", database))
            .replace("EXCHANGE", &format!("{}:{port}", self.host))
            .replace("JOIN", &format!("{}:{}", self.host, port + 1))
    }

    /// A profile of an operator's system, by hand as the operator writes it.
    pub fn write_profile(&self, name: &str, certificate: &str, key: &str) {
        let text = format!(
            "address = \"{}:7443\"\nserver_name = \"localhost\"\nca = \"../ca/root.pem\"\ncertificate = \"{certificate}\"\n\
             key = \"{key}\"\nagency = \"operator\"\nsystem = \"{name}\"\n",
            self.host
        );
        self.write(&format!("profiles/{name}.toml"), 0o600, &text);
    }

    /// The signer; one that was killed is waited for.
    pub async fn start_signer(&mut self) {
        until_no_signer(&self.database).await;
        let mut signer = self.serve("signer --config signer.toml");
        assert!(signer.says("The signer is at work").await, "{}", signer.log());
        self.signer = Some(signer);
    }

    pub async fn start_gateway(&mut self) {
        self.gateway = Some(self.another_gateway("gateway/gerbang.toml").await);
    }

    /// A gateway by this configuration.
    pub async fn another_gateway(&self, config: &str) -> Process {
        let mut gateway = self.serve(&format!("serve --config {config}"));
        assert!(gateway.says("listening address=").await, "{}", gateway.log());
        gateway
    }

    /// Ends both, as a service manager does.
    pub async fn stop(&mut self) {
        for process in [self.signer.take(), self.gateway.take()].into_iter().flatten() {
            process.stop().await;
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).stdin(Stdio::null()).kill_on_drop(true);
        command.env("LC_ALL", "C").env("HOME", &self.folder).env_remove("GERBANG_PROFILE");
        command.env("GERBANG_PROFILES", self.folder.join("profiles"));
        command
    }

    /// Starts a command that goes on.
    pub fn serve(&self, words: &str) -> Process {
        Process::start(self.serving(words))
    }

    /// The same, to be started.
    pub fn serving(&self, words: &str) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_gerbang"));
        command.args(words.split_whitespace()).env_remove("RUST_LOG");
        command
    }

    /// Types `gerbang` and these words in the deployment's folder, and the same again where it says so: the signer is
    /// late, and nothing is lost.
    pub async fn run(&self, words: &str) -> Ran {
        loop {
            let ran = self.typed(words).await;
            if !ran.err.contains("Type the same again.") {
                return ran;
            }
        }
    }

    /// Types them until they are done: the signer is late.
    pub async fn until(&self, words: &str) {
        while self.admin(words).await.code != Some(0) {}
    }

    /// Types them once, later, and in a task of its own.
    pub fn typed(&self, words: &str) -> impl Future<Output = Ran> + Send + use<> {
        let mut command = self.command(env!("CARGO_BIN_EXE_gerbang"));
        command.args(words.split_whitespace());
        ran(command)
    }

    /// Types a line that is no command of ours.
    pub async fn shell(&self, line: &str) -> Ran {
        let mut command = self.command("sh");
        command.args(["-c", line]);
        ran(command).await
    }

    /// Waits until the signer has issued what an order asks for.
    pub async fn until_issued(&mut self, order: &str) {
        let signer = self.signer.as_mut().unwrap();
        let issued = format!("order=certificateOrders/{order} stage=ISSUED");
        assert!(signer.says(&issued).await, "{}", signer.log());
    }

    /// Types them where no file may grow beyond so many KiB: on a disk that is full.
    pub async fn run_on_full_disk(&self, kib: u32, words: &str) -> Ran {
        let mut command = self.command("bash");
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_gerbang")]).args(words.split_whitespace());
        ran(command).await
    }

    /// Runs it as the administrator `admin1`.
    pub async fn admin(&self, words: &str) -> Ran {
        self.run(&format!("--profile admin1 {words}")).await
    }

    /// An agency of partners with a system, as two commands.
    pub async fn register(&self, agency: &str, system: &str) {
        let file = format!("{agency}.json");
        if !self.folder.join(&file).exists() {
            self.write(&file, 0o644, &AGENCY.replace("CODE", agency));
            self.admin(&format!("agency create {file}")).await.ok();
        }
        self.admin(&format!("agency register-system {agency} {system} --role partner")).await.ok();
    }

    /// Invites a system; the token is in `NAME.token`, and the order comes back.
    pub async fn invite(&self, agency: &str, system: &str, name: &str) -> String {
        let words = format!("cert invite {agency} --system {system} --token-file {name}.token -o json");
        let invited = self.admin(&words).await.ok().json();
        invited["order"].as_str().unwrap().trim_start_matches("certificateOrders/").to_owned()
    }

    /// The words with which the holder of `NAME.token` joins.
    pub fn join(&self, name: &str) -> String {
        let server = format!("--server {}:7444 --server-name localhost", self.host);
        format!("join {server} --token-file {name}.token --name {name}")
    }

    /// A system of blk-kepri that has joined as the profile of its name.
    pub async fn partner(&self, system: &str) {
        self.register("blk-kepri", system).await;
        self.invite("blk-kepri", system, system).await;
        self.run(&self.join(system)).await.ok();
    }

    /// The serial number of the certificate with which a profile calls.
    pub async fn serial(&self, profile: &str) -> String {
        let who = self.run(&format!("--profile {profile} whoami -o json")).await.ok().json();
        let sha256 = who["certificate"]["sha256"].as_str().unwrap().to_owned();
        let serial = "SELECT serial FROM certificate WHERE encode(sha256, 'hex') = $1";
        sqlx::query_scalar(serial).bind(sha256).fetch_one(&mut self.owner().await).await.unwrap()
    }

    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_owner", &self.database)).await.unwrap()
    }

    /// One number out of the database, as its owner.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.owner().await).await.unwrap()
    }

    pub fn write(&self, name: &str, mode: u32, text: &str) {
        std::fs::write(self.folder.join(name), text).unwrap();
        self.chmod(name, mode);
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    pub fn chmod(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.folder.join(name), PermissionsExt::from_mode(mode)).unwrap();
    }

    pub fn mode(&self, name: &str) -> u32 {
        std::fs::metadata(self.folder.join(name)).unwrap().permissions().mode() & 0o777
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The names in a folder, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
