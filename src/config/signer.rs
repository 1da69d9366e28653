//! The configuration of a signer, `gerbang signer`: one TOML file, read once at start.
//!
//! Owns the keys and their bounds. Refuses unknown keys, and hosts that no gateway can have. The signer's own
//! machine has it: nothing of it is on a gateway. `docs/signer.sample.toml` shows every key.

use std::path::{Path, PathBuf};

use rustls_pki_types::ServerName;
use serde::Deserialize;

use super::{ConfigError, LogFormat, check_database_url, parse, read};
use crate::domain::name::TrustDomain;

/// The configuration of a signer. Not `Debug`: the database URL may hold a password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The database, as `postgres://…`, in the role `gerbang_signer`.
    pub database_url: String,
    /// The trust domain of every client certificate that it issues.
    pub trust_domain: TrustDomain,
    /// PEM: the root's certificate. Its key is not here.
    pub root: PathBuf,
    /// The file that the signer keeps beside the database: the highest number of a revocation list and how many
    /// certificates there were. A database with less was restored from an old backup.
    pub mark: PathBuf,
    /// The authority that issues the agencies' certificates.
    pub clients: Issuing,
    /// The authority that issues the certificates of gateways.
    pub gateways: Gateways,
    /// The form of log lines.
    #[serde(default)]
    pub log: LogFormat,
}

/// An issuing authority.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuing {
    /// PEM: its certificate.
    pub certificate: PathBuf,
    /// PEM: its encrypted key.
    pub key: PathBuf,
    /// The key's passphrase, one line.
    pub passphrase_file: PathBuf,
}

/// The issuing authority of gateways.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateways {
    /// PEM: its certificate.
    pub certificate: PathBuf,
    /// PEM: its encrypted key.
    pub key: PathBuf,
    /// The key's passphrase, one line.
    pub passphrase_file: PathBuf,
    /// Names and addresses that a gateway may ask for, and no other.
    pub hosts: Vec<String>,
}

impl Signer {
    /// Reads and checks the file; every error names file, and key or line. Relative paths in it are relative to the
    /// file's own folder.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        Self::parse(file, &read(file)?)
    }

    /// Does the same with a text that is, or will be, in the file.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut signer: Self = parse(file, text)?;
        signer.check().map_err(|(key, cause)| ConfigError::Value { file: file.to_owned(), key, cause })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let Self { root, mark, clients, gateways, .. } = &mut signer;
        let clients = [&mut clients.certificate, &mut clients.key, &mut clients.passphrase_file];
        let gateways = [&mut gateways.certificate, &mut gateways.key, &mut gateways.passphrase_file];
        for path in [root, mark].into_iter().chain(clients).chain(gateways) {
            *path = folder.join(&*path);
        }
        Ok(signer)
    }

    /// The first key with an impossible value, and the fault.
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        check_database_url(&self.database_url).map_err(|cause| ("database_url", cause))?;
        let hosts = &self.gateways.hosts;
        if hosts.is_empty() {
            return Err(("gateways.hosts", "name at least one host or address"));
        }
        if hosts.iter().any(|host| ServerName::try_from(host.as_str()).is_err() || host.ends_with('.')) {
            return Err(("gateways.hosts", "only DNS names and IP addresses, without ports"));
        }
        if self.clients.key == self.gateways.key || self.clients.certificate == self.gateways.certificate {
            return Err(("gateways.key", "the two authorities have two certificates and two keys"));
        }
        Ok(())
    }

    /// The authority of gateways, without its hosts.
    pub fn gateways(&self) -> Issuing {
        let Gateways { certificate, key, passphrase_file, .. } = self.gateways.clone();
        Issuing { certificate, key, passphrase_file }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../docs/signer.sample.toml");

    fn refusal(text: &str) -> String {
        Signer::parse(Path::new("signer.toml"), text).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_sample_parses() {
        let signer = Signer::parse(Path::new("/etc/gerbang/signer.toml"), SAMPLE).ok().unwrap();
        assert_eq!(signer.log, LogFormat::Json);
        assert_eq!(signer.root, Path::new("/etc/gerbang/ca/root.pem"));
        assert_eq!(signer.gateways().key, Path::new("/etc/gerbang/ca/gateways.key"));
        assert_eq!(signer.mark, Path::new("/var/lib/gerbang-signer/mark.toml"));
    }

    #[test]
    fn errors_name_file_and_key() {
        let unknown = refusal(&SAMPLE.replace("trust_domain", "trust_domian"));
        assert!(unknown.starts_with("signer.toml, line ") && unknown.contains("trust_domian"), "{unknown}");
        for (from, to) in [("10.0.0.5", "10.0.0.5:7443"), ("gerbang.example\"", "https://gerbang.example\"")]
        {
            let hosts = SAMPLE.split("hosts =").nth(1).unwrap();
            let bad = refusal(&SAMPLE.replace(hosts, &hosts.replace(from, to)));
            assert!(bad.starts_with("signer.toml: gateways.hosts: "), "{bad}");
        }
        let capital = refusal(&SAMPLE.replace("= \"gerbang.example\"", "= \"Gerbang.example\""));
        assert!(capital.starts_with("signer.toml, line ") && capital.contains("(trust_domain)"), "{capital}");
        let one = refusal(&SAMPLE.replace("ca/gateways.key", "ca/clients.key"));
        assert!(one.contains("two keys"), "{one}");
    }
}
