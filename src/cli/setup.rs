//! `gerbang setup`: the configurations of signer and gateways, written from what a ceremony left.
//!
//! Owns the texts of both files, the names in them, and what to type next. Reads no key, overwrites nothing, and leaves nothing
//! where it fails. What a key means, and what it may be, is `config`'s.

use std::{
    fs, io,
    net::Ipv6Addr,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    Context,
    failure::{Exit, Failure, failed},
    screen, words,
};
use crate::{
    config::{Config, signer::Signer},
    domain::{name::TrustDomain, reason::Language},
    files::{make_folder, remove_file, write_new},
    pki::certificate,
};

/// Where agencies connect, and where systems join, on every address of a gateway's machine.
const PORT: u16 = 7443;
const JOIN_PORT: u16 = 7444;
/// The users of the units in `deploy/`.
const GATEWAY_USER: &str = "_gerbang";
const SIGNER_USER: &str = "_gerbang-signer";
const SIGNER_UNIT: &str = "gerbang-signer.service";

/// Options of `setup`.
#[derive(Debug, Args)]
pub struct Setup {
    /// The folder that the ceremony wrote (--out of gerbang ca init), where it will stay on the signer's machine
    #[arg(long, value_name = "DIR")]
    ceremony_folder: PathBuf,
    /// A name or an address by which agencies reach the gateways; again for each, the first for their profiles
    #[arg(long = "host", value_name = "HOST", required = true)]
    hosts: Vec<String>,
    /// The database without a role: each part gets its own
    #[arg(long, value_name = "URL")]
    database_url: String,
    /// A new folder for all that a gateway's machine gets
    #[arg(long, value_name = "DIR")]
    gateway_folder: PathBuf,
    /// The signer's new configuration; signer.toml beside the ceremony's folder where it is not given
    #[arg(long, value_name = "FILE")]
    signer_config: Option<PathBuf>,
    /// The passphrase of the issuing keys; the file passphrase beside the signer's configuration where it is not given
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Writes the files, and prints whose they are and what to type next.
pub fn run(context: &Context<'_>, options: &Setup) -> Result<Exit, Failure> {
    let language = context.language;
    let parts = Parts::of(language, options)?;
    let files = parts.files(language)?;
    write_all(language, &parts.gateway_folder, &files)?;
    screen::note(&parts.report(language, &files));
    if !is_verified(&options.database_url) {
        screen::note(&words::setup_database_unverified(language));
    }
    Ok(Exit::Ok)
}

/// All that the two texts are made of.
struct Parts {
    ceremony: PathBuf,
    trust_domain: TrustDomain,
    hosts: Vec<String>,
    database_url: String,
    gateway_folder: PathBuf,
    signer_config: PathBuf,
    passphrase: PathBuf,
    /// Where the signer's unit is found: in the folder beside the gateways' that the page fills, else in the sources.
    signer_unit: PathBuf,
    /// PEM: the root, and the authority of clients.
    root: String,
    clients: String,
}

impl Parts {
    fn of(language: Language, options: &Setup) -> Result<Self, Failure> {
        let ceremony = absolute(language, &options.ceremony_folder)?;
        let read = |name: &str| {
            let path = ceremony.join(name);
            fs::read_to_string(&path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    Failure::NotFound(words::setup_no_ceremony(language, ceremony.display(), name))
                }
                _ => Failure::io(language, &path, &error),
            })
        };
        let (root, clients) = (read("root.pem")?, read("clients.pem")?);
        let beside = |name: &str| ceremony.parent().unwrap_or(Path::new("/")).join(name);
        let signer_config = match &options.signer_config {
            Some(path) => absolute(language, path)?,
            None => beside("signer.toml"),
        };
        let passphrase = match &options.passphrase_file {
            Some(path) => absolute(language, path)?,
            None => signer_config.with_file_name("passphrase"),
        };
        if in_role(&options.database_url, "gerbang_gateway").is_none() {
            return Err(Failure::Usage(words::setup_database_role(language)));
        }
        let gateway_folder = absolute(language, &options.gateway_folder)?;
        let carried = gateway_folder.with_file_name("signer").join(SIGNER_UNIT);
        Ok(Self {
            signer_unit: if carried.exists() { carried } else { Path::new("deploy").join(SIGNER_UNIT) },
            trust_domain: trust_domain(language, &ceremony, &clients)?,
            hosts: options.hosts.clone(),
            database_url: options.database_url.clone(),
            gateway_folder,
            ceremony,
            signer_config,
            passphrase,
            root,
            clients,
        })
    }

    /// Every file that is to be, the signer's last. Both configurations have passed their own check.
    fn files(&self, language: Language) -> Result<Vec<(PathBuf, String)>, Failure> {
        let gateway = |name: &str| self.gateway_folder.join(name);
        let (config, signer) = (self.gateway_text(language), self.signer_text(language));
        Config::parse(&gateway("gerbang.toml"), &config).map_err(failed)?;
        Signer::parse(&self.signer_config, &signer).map_err(failed)?;
        Ok(vec![
            (gateway("gerbang.toml"), config),
            (gateway("root.pem"), self.root.clone()),
            (gateway("clients.pem"), self.clients.clone()),
            (self.signer_config.clone(), signer),
        ])
    }

    /// The URL in a role.
    fn url(&self, role: &str) -> String {
        toml_text(&in_role(&self.database_url, role).unwrap_or_default())
    }

    fn hosts(&self) -> String {
        let hosts: Vec<_> = self.hosts.iter().map(|host| toml_text(host)).collect();
        hosts.join(", ")
    }

    /// A gateway's configuration. What it writes itself lies where the unit of `deploy/` lets it write.
    fn gateway_text(&self, language: Language) -> String {
        let first = self.hosts.first().map(String::as_str).unwrap_or_default();
        let exchange = match first.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]:{PORT}"),
            Err(_) => format!("{first}:{PORT}"),
        };
        format!(
            "# {intro}\n\n\
             listen = \"0.0.0.0:{PORT}\"\n\
             trust_domain = {trust_domain}\n\
             database_url = {gateway_url}\n\
             vault = \"vault.toml\"\n\
             log = \"json\"\n\
             trust_folder = \"/var/lib/gerbang/trust\"\n\n\
             [keeper]\n\
             database_url = {keeper_url}\n\n\
             [tls]\n\
             certificate = \"/var/lib/gerbang/gateway.pem\"\n\
             key = \"/var/lib/gerbang/gateway.key\"\n\
             hosts = [{hosts}]\n\
             root = \"root.pem\"\n\
             clients_ca = \"clients.pem\"\n\n\
             [join]\n\
             listen = \"0.0.0.0:{JOIN_PORT}\"\n\
             exchange = {exchange}\n\n\
             [metrics]\n\
             listen = \"127.0.0.1:9464\"\n",
            intro = words::setup_intro(language, "docs/gerbang.sample.toml"),
            trust_domain = toml_text(&self.trust_domain),
            gateway_url = self.url("gerbang_gateway"),
            keeper_url = self.url("gerbang_keeper"),
            hosts = self.hosts(),
            exchange = toml_text(&exchange),
        )
    }

    /// The signer's configuration.
    fn signer_text(&self, language: Language) -> String {
        let folder = self.signer_config.parent().unwrap_or(Path::new("/"));
        let path = |path: &Path| {
            let shown = path.strip_prefix(folder).unwrap_or(path);
            toml_text(&shown.display().to_string())
        };
        let ceremony = |name: &str| path(&self.ceremony.join(name));
        let issuing = |name: &str| {
            format!(
                "certificate = {}\nkey = {}\npassphrase_file = {}\n",
                ceremony(&format!("{name}.pem")),
                ceremony(&format!("{name}.key")),
                path(&self.passphrase),
            )
        };
        format!(
            "# {intro}\n\n\
             database_url = {url}\n\
             trust_domain = {trust_domain}\n\
             root = {root}\n\
             mark = \"/var/lib/gerbang-signer/mark.toml\"\n\
             log = \"json\"\n\n\
             [clients]\n{clients}\n\
             [gateways]\n{gateways}hosts = [{hosts}]\n",
            intro = words::setup_intro(language, "docs/signer.sample.toml"),
            url = self.url("gerbang_signer"),
            trust_domain = toml_text(&self.trust_domain),
            root = ceremony("root.pem"),
            clients = issuing("clients"),
            gateways = issuing("gateways"),
            hosts = self.hosts(),
        )
    }

    /// What was written, and the commands that come next, in their order.
    fn report(&self, language: Language, files: &[(PathBuf, String)]) -> String {
        let shown = |path: &Path| screen::quoted(path);
        let (ceremony, folder) = (shown(&self.ceremony), shown(&self.gateway_folder));
        let (passphrase, config) = (shown(&self.passphrase), shown(&self.signer_config));
        let mut lines = vec![words::setup_written(language)];
        lines.extend(files.iter().map(|(path, _)| format!("  {}", shown(path))));
        lines.push(words::setup_signer(language, SIGNER_USER));
        lines.extend([
            format!("  chown -R {SIGNER_USER}:{SIGNER_USER} {ceremony} {passphrase}"),
            format!("  install -m 644 {} /etc/systemd/system/", shown(&self.signer_unit)),
            "  systemctl daemon-reload".to_owned(),
            "  systemctl enable --now gerbang-signer".to_owned(),
            format!(
                "  runuser -u {SIGNER_USER} -- env PGPASSFILE=/etc/gerbang/pgpass gerbang doctor --signer-config {config}"
            ),
        ]);
        lines.push(words::setup_gateway(language, GATEWAY_USER, &folder));
        lines.extend([
            format!("  adduser --system --group --no-create-home {GATEWAY_USER}"),
            format!("  install -d -g {GATEWAY_USER} -m 750 /etc/gerbang"),
            format!("  install -m 644 {folder}/gerbang.toml {folder}/*.pem /etc/gerbang/"),
            // Not with the files that everybody may read.
            format!("  install -o {GATEWAY_USER} -m 600 {folder}/pgpass {folder}/vault.toml /etc/gerbang/"),
            format!("  install -m 644 {folder}/gerbang-gateway.service /etc/systemd/system/"),
            "  systemctl daemon-reload".to_owned(),
            "  systemctl enable --now gerbang-gateway".to_owned(),
            format!(
                "  runuser -u {GATEWAY_USER} -- env PGPASSFILE=/etc/gerbang/pgpass gerbang doctor --config \
                 /etc/gerbang/gerbang.toml"
            ),
        ]);
        lines.push(words::setup_more(language));
        lines.join("\n")
    }
}

fn absolute(language: Language, path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::io(language, path, &error))
}

/// The trust domain that the administrators' certificates carry, each issued by the authority of clients there.
fn trust_domain(language: Language, ceremony: &Path, clients: &str) -> Result<TrustDomain, Failure> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| Failure::io(language, &path, &error)
    };
    let issuer = certificate::read_pem(clients).map_err(|fault| failed(fault.text(language)))?;
    let mut found: Option<TrustDomain> = None;
    for entry in fs::read_dir(ceremony).map_err(unreadable(ceremony))? {
        let path = entry.map_err(unreadable(ceremony))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !(name.starts_with("administrator-") && name.ends_with(".pem")) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
        // The certificate, then its issuer's.
        let read = certificate::chain(&text).and_then(|chain| certificate::read(chain.first()?).ok());
        let ours = read.filter(|read| certificate::is_signed_by(&read.der, &issuer.der));
        let domain = ours.and_then(|read| {
            TrustDomain::parse(read.uri_sans.first()?.strip_prefix("spiffe://")?.split('/').next()?).ok()
        });
        match domain.filter(|domain| found.as_ref().is_none_or(|found| found == domain)) {
            Some(domain) => found = Some(domain),
            None => return Err(Failure::Failed(words::setup_other_authority(language, path.display()))),
        }
    }
    found.ok_or_else(|| {
        let missing = words::setup_no_ceremony(language, ceremony.display(), "administrator-*.pem");
        Failure::NotFound(missing)
    })
}

/// The URL with this role in it; `None` where it is no URL of Postgres, or names a role or a password already.
fn in_role(url: &str, role: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !["postgres", "postgresql"].contains(&scheme) {
        return None;
    }
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let (_, query) = path.split_once('?').unwrap_or((path, ""));
    let named =
        query.split('&').any(|pair| ["user", "password"].contains(&pair.split('=').next().unwrap_or("")));
    if host.contains('@') || named {
        return None;
    }
    Some(match host {
        // A socket: where no host stands, no role may stand before it.
        "" if path.contains('?') => format!("{url}&user={role}"),
        "" => format!("{url}?user={role}"),
        host => format!("{scheme}://{role}@{host}{path}"),
    })
}

/// Whether the way to the database is a socket of this machine, or TLS that knows whom it talks to.
fn is_verified(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let (_, query) = rest.split_once('?').unwrap_or_default();
    let has = |pair: &str| query.split('&').any(|found| found.starts_with(pair));
    let socket = rest.starts_with('/') || has("host=/") || has("host=%2F");
    socket || has("sslmode=verify-full") && has("sslrootcert=")
}

/// A string of TOML.
fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Writes all of them, where none of them may be there; what was written is taken away again where one fails.
fn write_all(language: Language, folder: &Path, files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let made = !folder.exists();
    make_folder(folder, 0o755).map_err(|error| Failure::io(language, folder, &error))?;
    for (index, (path, text)) in files.iter().enumerate() {
        let Err(error) = write_new(path, 0o644, text.as_bytes()) else { continue };
        for (written, _) in &files[..index] {
            let _ = remove_file(written);
        }
        if made {
            let _ = fs::remove_dir(folder);
        }
        return Err(match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::Failed(words::setup_exists(language, path.display())),
            _ => Failure::io(language, path, &error),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts {
        Parts {
            ceremony: "/etc/gerbang/ca".into(),
            trust_domain: TrustDomain::parse("gerbang.example").unwrap(),
            hosts: vec!["gerbang.example".to_owned(), "10.0.0.11".to_owned()],
            database_url: "postgres://db.gerbang.internal:5432/gerbang?sslmode=verify-full&sslrootcert=/etc/gerbang/db-ca.pem"
                .to_owned(),
            gateway_folder: "/media/handover/gateway".into(),
            signer_config: "/etc/gerbang/signer.toml".into(),
            passphrase: "/etc/gerbang/passphrase".into(),
            signer_unit: "/media/handover/signer/gerbang-signer.service".into(),
            root: "ROOT".to_owned(),
            clients: "CLIENTS".to_owned(),
        }
    }

    #[test]
    fn the_texts_are_these() {
        let texts = [parts().signer_text(Language::English), parts().gateway_text(Language::English)];
        let files = parts().files(Language::Indonesian).unwrap_or_default();
        let report = parts().report(Language::English, &files);
        let report_id = parts().report(Language::Indonesian, &files);
        let [signer, gateway] = texts;
        let shown = format!(
            "--- signer.toml\n{signer}--- gerbang.toml\n{gateway}--- what is said\n{report}\n--- yang disampaikan\n{report_id}\n"
        );
        assert_eq!(shown, include_str!("../../tests/golden/setup.txt"));
    }

    #[test]
    fn files_are_named_as_in_the_samples() {
        let mut parts = parts();
        parts.database_url = "postgres:///gerbang?host=/run/postgresql".to_owned();
        let keys = |text: &str| -> toml::Table { text.parse().unwrap() };
        let mut sample = keys(include_str!("../../docs/gerbang.sample.toml"));
        sample.remove("limits");
        // Made later, by gerbang audit key.
        sample.remove("ledger_key");
        sample["tls"]["hosts"] = toml::Value::Array(vec!["gerbang.example".into(), "10.0.0.11".into()]);
        assert_eq!(keys(&parts.gateway_text(Language::English)), sample);
        parts.hosts[1] = "10.0.0.5".to_owned();
        assert_eq!(
            keys(&parts.signer_text(Language::English)),
            keys(include_str!("../../docs/signer.sample.toml"))
        );
    }

    #[test]
    fn a_role_is_put_into_the_url() {
        for (url, in_it) in [
            ("postgres://db/gerbang", Some("postgres://r@db/gerbang")),
            ("postgresql://db:5433/g?sslmode=require", Some("postgresql://r@db:5433/g?sslmode=require")),
            ("postgres:///gerbang", Some("postgres:///gerbang?user=r")),
            ("postgres:///gerbang?host=/run/p", Some("postgres:///gerbang?host=/run/p&user=r")),
            ("postgres://?host=/run/p", Some("postgres://?host=/run/p&user=r")),
            ("postgres://me@db/gerbang", None),
            ("postgres:///gerbang?user=me", None),
            ("postgres:///gerbang?host=/run/p&password=x", None),
            ("mysql://db/gerbang", None),
            ("db/gerbang", None),
        ] {
            assert_eq!(in_role(url, "r").as_deref(), in_it, "{url}");
        }
        for (url, verified) in [
            ("postgres:///gerbang?host=/run/p", true),
            ("postgres://localhost/gerbang?host=%2Frun", true),
            ("postgres://db/gerbang?sslmode=verify-full&sslrootcert=a.pem", true),
            ("postgres://db/gerbang?sslmode=verify-full", false),
            ("postgres://db/gerbang?sslmode=require&sslrootcert=a.pem", false),
            ("postgres://db/gerbang", false),
        ] {
            assert_eq!(is_verified(url), verified, "{url}");
        }
    }

    #[test]
    fn an_address_of_version_6_stands_in_brackets() {
        let mut parts = parts();
        parts.hosts = vec!["2001:db8::1".to_owned()];
        assert!(parts.gateway_text(Language::English).contains("exchange = \"[2001:db8::1]:7443\""));
        parts.hosts = vec!["gerbang.example:7443".to_owned()];
        assert!(parts.files(Language::English).is_err(), "a host has no port");
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_stays_of_what_failed() {
        let folder = std::env::temp_dir().join(format!("gerbang-setup-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (new, there) = (folder.join("gateway/gerbang.toml"), folder.join("signer.toml"));
        fs::write(&there, "mine").unwrap();
        let files = [(new.clone(), "a".to_owned()), (there.clone(), "b".to_owned())];
        let refused = write_all(Language::English, &folder.join("gateway"), &files).unwrap_err();
        assert!(refused.report(Language::English, false).contains("signer.toml"), "{refused:?}");
        assert_eq!(fs::read_to_string(&there).unwrap(), "mine");
        assert!(!folder.join("gateway").exists());
        fs::remove_file(&there).unwrap();
        write_all(Language::English, &folder.join("gateway"), &files).ok().unwrap();
        assert_eq!(fs::read_to_string(&new).unwrap(), "a");
        fs::remove_dir_all(&folder).unwrap();
    }
}
