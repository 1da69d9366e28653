//! Joining: a system's first certificate, by a one-time token, and the profile that goes by it.
//!
//! Owns the order of things: the server is known before the secret leaves (`pin`), the key is on the disk before it is
//! asked for (`kept`), and the profile is written last, so that whatever stops this can be tried again with the same
//! token. Refuses to replace files of another system. `cli` calls it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep};
use tonic::transport::ClientTlsConfig;

use super::{
    Profile, Trouble,
    client::{retry, wire},
    credential::{Identity, leaf_for},
    current, kept,
    pin::PinnedRoot,
    profile::beside,
    verifier::ByRule,
};
use crate::{
    domain::{outside::Entropy, reason::Language},
    files::{make_folder, remove_file, write_file},
    pki::{
        certificate::{Certificate, chain, fingerprint},
        secret::{SecretKey, SecretKind},
        token::Token,
    },
    proto::v1::{
        CertificateOrderState as State, JoinRequest, JoinResponse, join_service_client::JoinServiceClient,
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
}

impl JoinClient<'_> {
    /// Trades the token for a certificate. `Pending` where the signer has not made it yet: the same again goes on.
    pub async fn run(&self) -> Result<Joined, Trouble> {
        make_folder(self.folder, 0o700).map_err(Trouble::file(self.folder))?;
        let profile = self.profile();
        if profile.exists() {
            return Err(Trouble::Exists(profile));
        }
        let key = self.key()?;
        let csr_pem = key.request_pem("gerbang").map_err(Trouble::key(&self.pending()))?;
        let answer = self.ask(csr_pem).await?;
        let joined = self.store(key, &answer)?;
        Ok(joined)
    }

    fn profile(&self) -> PathBuf {
        self.folder.join(format!("{}.toml", self.name))
    }

    fn pending(&self) -> PathBuf {
        beside(&self.profile(), "key.pending")
    }

    /// The key that an earlier try with this token left, else a new one.
    fn key(&self) -> Result<SecretKey, Trouble> {
        let purpose = format!("token {}", hex::encode(self.token.hash()));
        let key = kept::key(&self.pending(), &purpose, || SecretKey::generate(self.kind))?;
        // A key that stands there without a profile is ours, from a crash, or none that we may replace.
        let path = beside(&self.profile(), "key");
        match fs::read_to_string(&path) {
            Ok(text) if text != *key.to_pem() => Err(Trouble::Exists(path)),
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

    /// Writes key, certificate, bundle and, last, the profile; then forgets the key that waited.
    fn store(&self, key: SecretKey, answer: &JoinResponse) -> Result<Joined, Trouble> {
        let identity = Identity::of_system(&answer.system, &answer.trust_domain)
            .ok_or(Trouble::Unfit("it names no system"))?;
        let certificate = leaf_for(&answer.chain_pem, &key, &identity)?;
        let bundle = chain(&answer.bundle_pem).unwrap_or_default();
        let root = bundle.first().filter(|root| fingerprint(root) == self.token.root());
        let root = root.ok_or(Trouble::Unfit("the bundle does not begin with the token's root"))?;
        let mut chain = chain(&answer.chain_pem).unwrap_or_default();
        chain.push(root.clone());

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
        Ok(Joined { profile: path, identity, certificate, key, chain })
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

    fn join<'a>(folder: &'a Path, token: &'a Token) -> JoinClient<'a> {
        let (server, language) = ("127.0.0.1:1", Language::English);
        let kind = SecretKind::P256;
        JoinClient { server, server_name: None, token, folder, name: "blk", kind, language, entropy: &Steps }
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
        let key = join.key().unwrap();
        let answer = JoinResponse {
            state: State::Issued.into(),
            system: "agencies/blk-kepri/systems/jadwal".into(),
            chain_pem: authorities.client(&key),
            bundle_pem: authorities.bundle(),
            address: "127.0.0.1:7443".into(),
            server_name: "localhost".into(),
            trust_domain: "kepri.example".into(),
        };
        let other = SecretKey::generate(SecretKind::P256).unwrap();
        assert!(matches!(join.store(other, &answer), Err(Trouble::Unfit(_))));
        let foreign = JoinResponse { bundle_pem: Authorities::new().bundle(), ..answer.clone() };
        assert!(matches!(join.store(join.key().unwrap(), &foreign), Err(Trouble::Unfit(_))));
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);

        let id = key.key_id();
        // A crash before the profile was written: the key that stands there is the one that waits.
        fs::write(place.0.join("blk.key"), key.to_pem().as_bytes()).unwrap();
        assert_eq!(join.key().unwrap().key_id(), id);
        let joined = join.store(key, &answer).unwrap();
        assert_eq!(joined.chain.len(), 3);
        let profile = Profile::read(&joined.profile).unwrap();
        let credential = super::super::Credential::read(&profile).unwrap();
        assert_eq!((credential.key.key_id(), credential.identity), (id, joined.identity));
        assert!(!join.pending().exists());
        let text = fs::read_to_string(&joined.profile).unwrap();
        assert!(text.contains("key = \"blk.key\"\n"), "{text}");
    }

    #[tokio::test]
    async fn nothing_that_is_there_is_replaced() {
        let place = Temporary::new("join-there");
        let token = Token::new(&Steps, [1; 32]);
        fs::write(place.0.join("blk.key"), "a key of somebody").unwrap();
        assert!(
            matches!(join(&place.0, &token).run().await, Err(Trouble::Exists(path)) if path.ends_with("blk.key"))
        );
        fs::write(place.0.join("blk.toml"), "").unwrap();
        assert!(
            matches!(join(&place.0, &token).run().await, Err(Trouble::Exists(path)) if path.ends_with("blk.toml"))
        );
    }
}
