//! The configuration of a gateway: one TOML file, read once at start. Beside it those of the signer ([`signer`])
//! and of a ceremony ([`ceremony`]), the reading of files that hold secrets ([`secret`]), and the ledger's key ([`ledger_key`]).
//!
//! Owns the keys, their defaults and their bounds. Refuses unknown keys, and limits that contradict each
//! other. `cli` loads it, `dev` builds one in memory, `server` and `store` are given it.
//! `docs/gerbang.sample.toml` shows every key.

pub mod ceremony;
pub mod ledger_key;
pub mod secret;
pub mod signer;
pub mod witness_key;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{domain::name::TrustDomain, files::read_text};

/// The configuration of a gateway. Not `Debug`: the database URL may hold a password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address on which agencies connect, with mutual TLS.
    pub listen: SocketAddr,
    /// The trust domain of every client certificate: `spiffe://<trust_domain>/agency/<code>/<system>`.
    pub trust_domain: TrustDomain,
    /// The database, as `postgres://…` or `postgresql://…`.
    pub database_url: String,
    /// The settings of the work that nobody calls.
    #[serde(default)]
    pub keeper: Keeper,
    /// The key file, `vault.toml`.
    pub vault: PathBuf,
    /// The file with the key that signs the ledger's checkpoints; without it the gateway proves nothing of the ledger.
    pub ledger_key: Option<PathBuf>,
    /// The gateway's own certificate, and the authorities that it trusts.
    pub tls: Tls,
    /// The join listener; without it nobody can join through this gateway.
    pub join: Option<JoinListener>,
    /// The folder in which the trust bundle and the revocation lists are kept as files, for others; without it they are
    /// not.
    pub trust_folder: Option<PathBuf>,
    /// The metrics listener; without it there are no metrics.
    pub metrics: Option<Metrics>,
    /// The limits on connections and calls.
    #[serde(default)]
    pub limits: Limits,
    /// The form of log lines.
    #[serde(default)]
    pub log: LogFormat,
}

/// The settings of the keeper: the work that nobody calls, in a database role of its own.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keeper {
    /// The same database, as the role `gerbang_keeper`. Required: a missing one is refused with a text that says what
    /// to do.
    pub database_url: String,
}

/// The gateway's own certificate, and whom it trusts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM: the gateway's certificate, the authority that issued it, the root.
    pub certificate: PathBuf,
    /// The DNS names and addresses of its certificate, the first for the profiles of who joins.
    pub hosts: Vec<String>,
    /// PEM: the private key of the certificate.
    pub key: PathBuf,
    /// PEM: the root that every certificate leads back to.
    pub root: PathBuf,
    /// PEM: the authorities below the root, one or several, that issue the agencies' certificates.
    pub clients_ca: PathBuf,
}

/// The listener for systems that have no certificate yet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinListener {
    /// The address on which systems join, with TLS of the server alone.
    pub listen: SocketAddr,
    /// The address of the exchange as seen from outside, `gerbang.example:7443`, for the profiles of systems that join;
    /// its listening address where this is left out.
    pub exchange: Option<String>,
}

/// The listener on which Prometheus finds the metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// A loopback address: the metrics are plain text and ask for no certificate.
    pub listen: SocketAddr,
}

/// The limits on connections and calls. Each is at least 1.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections to the database. Two are kept for revocations, administrators and the gateway's own looks; of the others
    /// one agency holds a third at most, and all take turns.
    pub pool_size: u32,
    /// Connections of all clients; the gateway lowers it where the limit on open files is lower.
    pub connections: usize,
    /// Connections of one certificate.
    pub connections_per_certificate: usize,
    /// Handshakes under way; the next client waits in the listen queue.
    pub handshakes: usize,
    /// The seconds for the handshake, and again from there to the first byte.
    pub handshake_seconds: u64,
    /// Calls of one agency under way, those included that wait for a connection, or whose answers it has not taken; below
    /// `pool_size`.
    pub calls_per_agency: usize,
    /// The longest that a call may take, in seconds, whatever the caller grants it.
    pub deadline_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pool_size: 16,
            connections: 4096,
            connections_per_certificate: 64,
            handshakes: 1024,
            handshake_seconds: 3,
            calls_per_agency: 12,
            deadline_seconds: 30,
        }
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Text for people.
    #[default]
    Text,
}

/// The refusal of a configuration; each text names the file, and the key or the line.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum ConfigError {
    #[error("{}: cannot be read: {cause}", file.display())]
    Unreadable {
        file: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("{}{place}: {cause}", file.display())]
    Syntax { file: PathBuf, place: String, cause: String },
    #[error("{}: {key}: {cause}", file.display())]
    Value { file: PathBuf, key: &'static str, cause: &'static str },
}

impl Config {
    /// Reads and checks the file; every error names file, and key or line. Relative paths in it are relative to the
    /// file's own folder.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        Self::parse(file, &read(file)?)
    }

    /// Does the same with a text that is, or will be, in the file.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut config: Self = parse(file, text)?;
        config.check().map_err(|(key, cause)| ConfigError::Value { file: file.to_owned(), key, cause })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let Tls { certificate, key, root, clients_ca, .. } = &mut config.tls;
        let paths = [&mut config.vault, certificate, key, root, clients_ca];
        for path in paths.into_iter().chain(config.trust_folder.as_mut()).chain(config.ledger_key.as_mut()) {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    /// The first key with an impossible value, and the fault.
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        check_database_url(&self.database_url).map_err(|cause| ("database_url", cause))?;
        self.keeper.check(&self.database_url).map_err(|cause| ("keeper.database_url", cause))?;
        if self.metrics.as_ref().is_some_and(|metrics| !metrics.listen.ip().is_loopback()) {
            return Err(("metrics.listen", "only a loopback address, such as 127.0.0.1:9464"));
        }
        if self.tls.hosts.is_empty() {
            return Err(("tls.hosts", "name at least one host by which agencies reach the gateway"));
        }
        self.limits.check()
    }
}

impl Keeper {
    fn check(&self, gateway: &str) -> Result<(), &'static str> {
        if self.database_url.is_empty() {
            return Err(
                "is missing. Write the URL of database_url with the role gerbang_keeper in it; the server's \
                        superuser makes that role once: CREATE ROLE gerbang_keeper LOGIN CONNECTION LIMIT 20",
            );
        }
        if self.database_url == gateway {
            return Err("names the role gerbang_keeper, which is not that of database_url");
        }
        check_database_url(&self.database_url)
    }
}

impl Limits {
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let positive = [
            ("limits.connections", self.connections as u64),
            ("limits.connections_per_certificate", self.connections_per_certificate as u64),
            ("limits.handshakes", self.handshakes as u64),
            ("limits.handshake_seconds", self.handshake_seconds),
            ("limits.calls_per_agency", self.calls_per_agency as u64),
            ("limits.deadline_seconds", self.deadline_seconds),
        ];
        if let Some((key, _)) = positive.into_iter().find(|(_, value)| !(1..=1_000_000).contains(value)) {
            return Err((key, "from 1 to 1000000"));
        }
        if self.calls_per_agency as u64 >= u64::from(self.pool_size) {
            return Err(("limits.calls_per_agency", "must be below limits.pool_size"));
        }
        Ok(())
    }
}

fn check_database_url(url: &str) -> Result<(), &'static str> {
    match url.starts_with("postgres://") || url.starts_with("postgresql://") {
        true => Ok(()),
        false => Err("write a URL that begins with postgres://"),
    }
}

fn read(file: &Path) -> Result<String, ConfigError> {
    let text = read_text(file).map(|text| text.to_string());
    text.map_err(|cause| ConfigError::Unreadable { file: file.to_owned(), cause })
}

fn parse<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::Syntax {
        file: file.to_owned(),
        place: error.span().map_or_else(String::new, |span| place(text, span.start)),
        cause: error.message().to_owned(),
    })
}

/// The line, and its key. Never the value, which may be a secret.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    match line.split_once('=') {
        Some((key, _)) => format!(", line {number} ({})", key.trim()),
        None => format!(", line {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../docs/gerbang.sample.toml");

    fn refusal(text: &str) -> String {
        Config::parse(Path::new("gerbang.toml"), text)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn the_sample_parses_and_shows_the_defaults() {
        let config = Config::parse(Path::new("/etc/gerbang/gerbang.toml"), SAMPLE).ok().unwrap();
        assert_eq!(format!("{:?}", config.limits), format!("{:?}", Limits::default()));
        assert_eq!(config.log, LogFormat::Json);
        assert_eq!(config.vault, Path::new("/etc/gerbang/vault.toml"));
        assert_eq!(config.ledger_key.as_deref(), Some(Path::new("/etc/gerbang/ledger.key")));
        assert_eq!(config.tls.root, Path::new("/etc/gerbang/root.pem"));
        assert!(config.join.is_some());
        assert!(config.metrics.unwrap().listen.ip().is_loopback());
    }

    #[test]
    fn the_sample_names_every_limit() {
        let shown = format!("{:?}", Limits::default());
        for name in shown.split([' ', '{', ',']).filter_map(|part| part.strip_suffix(':')) {
            assert!(SAMPLE.contains(&format!("\n{name} = ")), "{name}");
        }
    }

    #[test]
    fn errors_name_file_and_key() {
        let unknown = refusal(&SAMPLE.replace("trust_domain", "trust_domian"));
        assert!(unknown.starts_with("gerbang.toml, line "), "{unknown}");
        assert!(unknown.contains("trust_domian"), "{unknown}");
        let missing = refusal(&SAMPLE.replace("clients_ca", "#"));
        assert!(missing.contains("clients_ca"), "{missing}");
        let kind = refusal(&SAMPLE.replace("pool_size = 16", "pool_size = \"many\""));
        assert!(kind.contains("(pool_size)"), "{kind}");
        let capital = refusal(&SAMPLE.replace("= \"gerbang.example\"", "= \"Gerbang.example\""));
        assert!(
            capital.starts_with("gerbang.toml, line ") && capital.contains("(trust_domain)"),
            "{capital}"
        );
        let open = refusal(&SAMPLE.replace("127.0.0.1:9464", "0.0.0.0:9464"));
        assert!(open.starts_with("gerbang.toml: metrics.listen: "), "{open}");
        let greedy = refusal(&SAMPLE.replace("calls_per_agency = 12", "calls_per_agency = 16"));
        assert!(greedy.contains("limits.calls_per_agency"), "{greedy}");
        let none = refusal(&SAMPLE.replace("handshakes = 1024", "handshakes = 0"));
        let url = "database_url = \"postgres:///gerbang?host=/run/postgresql&user=gerbang_keeper\"\n";
        for left_out in [format!("[keeper]\n{url}"), url.to_owned()] {
            let missing = refusal(&SAMPLE.replace(&left_out, ""));
            let told = missing.starts_with("gerbang.toml: keeper.database_url: is missing.");
            assert!(
                told && missing.ends_with("CREATE ROLE gerbang_keeper LOGIN CONNECTION LIMIT 20"),
                "{missing}"
            );
        }
        let same = refusal(&SAMPLE.replace("user=gerbang_keeper", "user=gerbang_gateway"));
        assert!(same.starts_with("gerbang.toml: keeper.database_url: "), "{same}");
        assert!(none.contains("limits.handshakes"), "{none}");
    }

    #[test]
    fn an_error_does_not_show_the_password() {
        let text = SAMPLE.replace("database_url = \"", "database_url = \"postgres://u:secret@h/d\" \"");
        let error = refusal(&text);
        assert!(error.contains("(database_url)") && !error.contains("secret"), "{error}");
    }
}
