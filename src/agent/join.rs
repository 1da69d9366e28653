//! Joining: a system's first certificate, by a one-time token, and the profile that goes by it.
//!
//! Owns the order of things: the server is known before the secret leaves (`pin`), the key is on the disk before it is
//! asked for (`kept`), and the profile is written last, so that whatever stops this can be tried again with the same
//! token. Replaces a profile only where its certificate is of no more use, and keeps its files aside. `cli` calls it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep};
use tonic::transport::ClientTlsConfig;

use super::{
    Client, Credential, Profile, Trouble,
    client::{retry, wire},
    credential::{Identity, leaf_for},
    current, kept,
    pin::PinnedRoot,
    profile::beside,
    verifier::ByRule,
};
use crate::{
    domain::{
        outside::{Clock, Entropy},
        reason::Language,
    },
    files::{make_folder, remove_file, write_file},
    pki::{
        certificate::{Certificate, chain, fingerprint},
        secret::{SecretKey, SecretKind},
        token::Token,
    },
    proto::v1::{
        CertificateOrderState as State, JoinRequest, JoinResponse, WhoAmIRequest,
        join_service_client::JoinServiceClient,
    },
};

/// The bounds on waiting for the certificate: the time in all, and the pause between two questions.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(500);

/// One attempt of a system to join: the token, the server, and the profile to write.
pub struct JoinClient<'a> {
    /// `host:port` of the join listener.
    pub server: &'a str,
    /// The name that the server's certificate must have; the host where it is not given.
    pub server_name: Option<&'a str>,
    /// The token of the invitation.
    pub token: &'a Token,
    /// The folder that the profile is written to.
    pub folder: &'a Path,
    /// The name of the profile.
    pub name: &'a str,
    /// The kind of key to make.
    pub kind: SecretKind,
    /// Whether a profile of this name is replaced even if it may be of use still.
    pub replace: bool,
    /// The wall clock.
    pub clock: &'a dyn Clock,
    /// The language of the gateway's refusals.
    pub language: Language,
    /// The randomness for the key and the ids.
    pub entropy: &'a dyn Entropy,
}

/// The profile and certificate of a system that has joined; all files are written.
#[derive(Debug)]
pub struct Joined {
    /// The profile's file.
    pub profile: PathBuf,
    /// The system that the certificate names.
    pub identity: Identity,
    /// The certificate, read.
    pub certificate: Certificate,
    /// For who wants another form of it.
    pub key: SecretKey,
    /// The certificate, its issuer and the root, DER.
    pub chain: Vec<Vec<u8>>,
    /// The folder that the files of an earlier profile of this name were moved to.
    pub replaced: Option<PathBuf>,
}

/// What the gateway says of certificates that will not let their holder in again.
const SPENT: [&str; 5] = [
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_SUPERSEDED",
    "CERTIFICATE_NOT_REGISTERED",
    "ROLE_NOT_CERTIFIED",
];

impl JoinClient<'_> {
    /// Trades the token for a certificate. `Pending` where the signer has not made it yet: the same again goes on.
    pub async fn run(&self) -> Result<Joined, Trouble> {
        make_folder(self.folder, 0o700).map_err(Trouble::file(self.folder))?;
        let profile = self.profile();
        let old = if profile.exists() { Some(self.spent(&profile).await?) } else { None };
        let fresh = !self.pending().exists();
        let key = self.key(old.is_some())?;
        let csr_pem = key.request_pem("gerbang").map_err(Trouble::key(&self.pending()))?;
        let answer = match self.ask(csr_pem).await {
            Ok(answer) => answer,
            Err(trouble) => {
                // A key that was bound to nothing is of no use to anybody.
                if fresh && never_bound(&trouble) {
                    remove_file(&self.pending()).map_err(Trouble::file(&self.pending()))?;
                }
                return Err(trouble);
            }
        };
        self.store(key, &answer, old.as_ref())
    }

    /// The profile that stands there, if it is to be replaced: asked for, or since its certificate is over, gone, or
    /// refused by its gateway for good. `ProfileInUse`.
    async fn spent(&self, path: &Path) -> Result<Profile, Trouble> {
        let in_use = || Trouble::ProfileInUse(path.to_owned());
        let profile = Profile::read(path)?;
        if self.replace {
            return Ok(profile);
        }
        if [&profile.certificate, &profile.key].iter().any(|file| !file.exists()) {
            return Ok(profile);
        }
        let credential = Credential::read(&profile).map_err(|_| in_use())?;
        if self.clock.now() > credential.certificate.not_after {
            return Ok(profile);
        }
        let client = Client::connect(&profile, self.language).await.map_err(|_| in_use())?;
        match retry(self.entropy, async || client.agency().who_am_i(WhoAmIRequest {}).await).await {
            Err(refused) if SPENT.contains(&refused.reason.as_str()) => Ok(profile),
            _ => Err(in_use()),
        }
    }

    /// Moves the files of an earlier profile into a folder beside them, the profile last, so that a try that is cut off
    /// finds them again.
    fn put_aside(&self, old: &Profile) -> Result<PathBuf, Trouble> {
        let path = self.profile();
        let time = self.clock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let aside = beside(&path, &format!("replaced-{time}"));
        make_folder(&aside, 0o700).map_err(Trouble::file(&aside))?;
        for file in [&old.ca, &old.certificate, &old.key, &path] {
            let name = file.file_name().filter(|_| file.parent() == path.parent() && file.exists());
            if let Some(name) = name {
                fs::rename(file, aside.join(name)).map_err(Trouble::file(file))?;
            }
        }
        Ok(aside)
    }

    fn profile(&self) -> PathBuf {
        self.folder.join(format!("{}.toml", self.name))
    }

    fn pending(&self) -> PathBuf {
        beside(&self.profile(), "key.pending")
    }

    /// The key that an earlier try with this token left, else a new one.
    fn key(&self, replaces: bool) -> Result<SecretKey, Trouble> {
        let purpose = format!("token {}", hex::encode(self.token.hash()));
        let key = kept::key(&self.pending(), &purpose, || SecretKey::generate(self.kind))?;
        // A key that stands there without a profile is ours, from a crash, or none that we may replace.
        let path = beside(&self.profile(), "key");
        match fs::read_to_string(&path) {
            Ok(text) if !replaces && text != *key.to_pem() => Err(Trouble::Exists(path)),
            _ => Ok(key),
        }
    }

    /// Asks until the certificate is there.
    async fn ask(&self, csr_pem: String) -> Result<JoinResponse, Trouble> {
        let host = self.server.rsplit_once(':').map_or(self.server, |(host, _)| host);
        let name = self.server_name.unwrap_or(host.trim_matches(['[', ']']));
        let pin = Arc::new(PinnedRoot::new(self.token.root()));
        let (tls, verifier) = (ClientTlsConfig::new().domain_name(name), Arc::new(ByRule::new(pin.clone())));
        let wire = wire(self.server, |to| to.tls_config_with_verifier(tls, verifier), self.language).await;
        let client = JoinServiceClient::new(match (wire, pin.flaw()) {
            (Ok(wire), _) => wire,
            (Err(_), Some(flaw)) => return Err(Trouble::Untrusted(flaw)),
            (Err(error), None) => return Err(error.into()),
        });
        let request = JoinRequest { secret: self.token.secret_hex().to_string(), csr_pem };
        let started = Instant::now();
        loop {
            let answer = retry(self.entropy, async || client.clone().join(request.clone()).await).await;
            let answer = answer.map_err(|refused| match refused.broken {
                true => Trouble::Closed(self.server.to_owned()),
                false => Trouble::Refused(refused),
            })?;
            if !answer.chain_pem.is_empty() {
                return Ok(answer);
            }
            if started.elapsed() >= PATIENCE {
                let state = answer.state().as_str_name();
                return Err(Trouble::Pending { state: short(state), key: self.pending() });
            }
            sleep(PAUSE).await;
        }
    }

    /// Puts an earlier profile aside and writes key, certificate, bundle and, last, the profile; then forgets the key that
    /// waited.
    fn store(&self, key: SecretKey, answer: &JoinResponse, old: Option<&Profile>) -> Result<Joined, Trouble> {
        let identity = Identity::of_system(&answer.system, &answer.trust_domain)
            .ok_or(Trouble::Unfit("it names no system"))?;
        let certificate = leaf_for(&answer.chain_pem, &key, &identity)?;
        let bundle = chain(&answer.bundle_pem).unwrap_or_default();
        let root = bundle.first().filter(|root| fingerprint(root) == self.token.root());
        let root = root.ok_or(Trouble::Unfit("the bundle does not begin with the token's root"))?;
        let mut chain = chain(&answer.chain_pem).unwrap_or_default();
        chain.push(root.clone());

        let replaced = old.map(|old| self.put_aside(old)).transpose()?;
        let path = self.profile();
        let profile = Profile {
            address: answer.address.clone(),
            server_name: answer.server_name.clone(),
            ca: beside(&path, "ca.pem"),
            certificate: beside(&path, "pem"),
            key: beside(&path, "key"),
            agency: identity.agency.clone(),
            system: identity.system.clone(),
        };
        let write = |path: &Path, mode, text: &str| {
            write_file(path, mode, text.as_bytes()).map_err(Trouble::file(path))
        };
        write(&profile.key, 0o600, &key.to_pem())?;
        write(&profile.certificate, 0o644, &answer.chain_pem)?;
        write(&profile.ca, 0o644, &answer.bundle_pem)?;
        profile.write(&path)?;
        current::point(&path, &profile, &certificate.serial);
        remove_file(&self.pending()).map_err(Trouble::file(&self.pending()))?;
        Ok(Joined { profile: path, identity, certificate, key, chain, replaced })
    }
}

/// Whether a try ended before its key was bound to the token: the server was not trusted, or the gateway refused. Of what
/// broke off nobody knows.
fn never_bound(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Untrusted(_) => true,
        Trouble::Refused(refused) => {
            refused.is_of_gateway() && !refused.is_uncertain() && refused.retry_after.is_none()
        }
        _ => false,
    }
}

/// `WAITING` for `CERTIFICATE_ORDER_STATE_WAITING`.
pub(super) fn short(state: &'static str) -> &'static str {
    state.trim_start_matches("CERTIFICATE_ORDER_STATE_")
}

/// Whether the certificate is there.
pub(super) fn is_issued(state: State) -> bool {
    matches!(state, State::Issued | State::Collected | State::Seen)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Authorities, *};
    use crate::files::tests::Temporary;

    struct Steps;

    impl crate::domain::outside::Entropy for Steps {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    struct Morning;

    impl Clock for Morning {
        fn now(&self) -> jiff::Timestamp {
            "2026-03-02T08:00:00Z".parse().unwrap()
        }
    }

    fn join<'a>(folder: &'a Path, token: &'a Token) -> JoinClient<'a> {
        let (server, language) = ("127.0.0.1:1", Language::English);
        let kind = SecretKind::P256;
        JoinClient {
            server,
            server_name: None,
            token,
            folder,
            name: "blk",
            kind,
            replace: false,
            clock: &Morning,
            language,
            entropy: &Steps,
        }
    }

    /// The gateway's answer to who joined with this key.
    fn answer(authorities: &Authorities, key: &SecretKey) -> JoinResponse {
        JoinResponse {
            state: State::Issued.into(),
            system: "agencies/blk-kepri/systems/jadwal".into(),
            chain_pem: authorities.client(key),
            bundle_pem: authorities.bundle(),
            address: "127.0.0.1:7443".into(),
            server_name: "localhost".into(),
            trust_domain: "kepri.example".into(),
        }
    }

    /// The files that an earlier profile of this name left.
    fn earlier(folder: &Path) {
        let text = "address = \"127.0.0.1:1\"\nserver_name = \"localhost\"\nca = \"blk.ca.pem\"\n\
            certificate = \"blk.pem\"\nkey = \"/elsewhere/blk.key\"\nagency = \"blk-kepri\"\nsystem = \"jadwal\"\n";
        fs::write(folder.join("blk.toml"), text).unwrap();
        for name in ["blk.ca.pem", "blk.pem", "blk.key"] {
            fs::write(folder.join(name), "old").unwrap();
        }
    }

    #[tokio::test]
    async fn a_try_that_failed_leaves_its_key_for_the_next() {
        let place = Temporary::new("join");
        let token = Token::new(&Steps, [1; 32]);
        let first = join(&place.0, &token).run().await.unwrap_err();
        assert!(matches!(first, Trouble::Client(_)), "{first:?}");
        let left = fs::read_to_string(place.0.join("blk.key.pending")).unwrap();
        join(&place.0, &token).run().await.unwrap_err();
        assert_eq!(fs::read_to_string(place.0.join("blk.key.pending")).unwrap(), left);
        assert!(!place.0.join("blk.toml").exists());
    }

    #[test]
    fn what_came_is_checked_and_then_written_with_the_profile_last() {
        let place = Temporary::new("join-store");
        let authorities = Authorities::new();
        let token = Token::new(&Steps, authorities.root_fingerprint());
        let join = join(&place.0, &token);
        let key = join.key(false).unwrap();
        let answer = answer(&authorities, &key);
        let other = SecretKey::generate(SecretKind::P256).unwrap();
        assert!(matches!(join.store(other, &answer, None), Err(Trouble::Unfit(_))));
        let foreign = JoinResponse { bundle_pem: Authorities::new().bundle(), ..answer.clone() };
        assert!(matches!(join.store(join.key(false).unwrap(), &foreign, None), Err(Trouble::Unfit(_))));
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);

        let id = key.key_id();
        // A crash before the profile was written: the key that stands there is the one that waits.
        fs::write(place.0.join("blk.key"), key.to_pem().as_bytes()).unwrap();
        assert_eq!(join.key(false).unwrap().key_id(), id);
        let joined = join.store(key, &answer, None).unwrap();
        assert_eq!(joined.replaced, None);
        assert_eq!(joined.chain.len(), 3);
        let profile = Profile::read(&joined.profile).unwrap();
        let credential = super::super::Credential::read(&profile).unwrap();
        assert_eq!((credential.key.key_id(), credential.identity), (id, joined.identity));
        assert!(!join.pending().exists());
        let text = fs::read_to_string(&joined.profile).unwrap();
        assert!(text.contains("key = \"blk.key\"\n"), "{text}");
    }

    #[tokio::test]
    async fn a_profile_is_put_aside_for_the_next_and_not_before() {
        let place = Temporary::new("join-aside");
        let authorities = Authorities::new();
        let token = Token::new(&Steps, authorities.root_fingerprint());
        earlier(&place.0);
        // Its key is nowhere: it is of no use. The failed try leaves it where it is.
        let failed = join(&place.0, &token).run().await.unwrap_err();
        assert!(matches!(failed, Trouble::Client(_)), "{failed:?}");
        let old = Profile::read(&place.0.join("blk.toml")).unwrap();
        let join = join(&place.0, &token);
        let key = join.key(true).unwrap();
        let answer = answer(&authorities, &key);
        let joined = join.store(key, &answer, Some(&old)).unwrap();
        let aside = joined.replaced.unwrap();
        assert_eq!(aside, place.0.join("blk.replaced-20260302T080000Z"));
        let mut kept: Vec<_> = fs::read_dir(&aside)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        kept.sort();
        assert_eq!(kept, ["blk.ca.pem", "blk.pem", "blk.toml"]);
        assert_eq!(fs::read_to_string(aside.join("blk.pem")).unwrap(), "old");
        super::super::Credential::read(&Profile::read(&joined.profile).unwrap()).unwrap();
    }

    #[test]
    fn only_a_key_that_is_bound_to_nothing_is_thrown_away() {
        let refused = |reason: &str, broken, retry_after| {
            Trouble::Refused(super::super::Refused {
                code: tonic::Code::PermissionDenied,
                reason: reason.to_owned(),
                message: String::new(),
                violations: Vec::new(),
                broken,
                retry_after,
            })
        };
        let soon = Some(Duration::from_secs(1));
        assert!(never_bound(&refused("TOKEN_EXPIRED", false, None)));
        assert!(never_bound(&Trouble::Untrusted(super::super::pin::Flaw::Root)));
        for kept in [
            refused("OVERLOADED", false, soon),
            refused("", true, None),
            Trouble::Closed(String::new()),
            Trouble::Pending { state: "WAITING", key: PathBuf::new() },
        ] {
            assert!(!never_bound(&kept), "{kept:?}");
        }
    }

    #[tokio::test]
    async fn nothing_that_is_there_is_replaced() {
        let place = Temporary::new("join-there");
        let token = Token::new(&Steps, [1; 32]);
        fs::write(place.0.join("blk.key"), "a key of somebody").unwrap();
        assert!(
            matches!(join(&place.0, &token).run().await, Err(Trouble::Exists(path)) if path.ends_with("blk.key"))
        );
        // A profile that can be read by nobody is not known to be of no use.
        fs::write(place.0.join("blk.toml"), "").unwrap();
        let unread = join(&place.0, &token).run().await.unwrap_err();
        assert!(matches!(unread, Trouble::Profile(_)), "{unread:?}");
        // Nor is one whose gateway does not answer.
        earlier(&place.0);
        let text = fs::read_to_string(place.0.join("blk.toml")).unwrap();
        fs::write(place.0.join("blk.toml"), text.replace("/elsewhere/", "")).unwrap();
        assert!(
            matches!(join(&place.0, &token).run().await, Err(Trouble::ProfileInUse(path)) if path.ends_with("blk.toml"))
        );
    }
}
