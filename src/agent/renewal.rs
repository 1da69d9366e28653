//! Renewal: a new key and a new certificate in place of a profile's, on the word of the old key.
//!
//! Owns the order of things: the new key is on the disk before it is asked for (`NAME.key.next`), the new pair stands
//! in files of its own, it has opened the door once, and only then does the profile name it: one rename, so that
//! profile, certificate and key fit at every moment. The old pair stays. `daemon` does it in time, `cli` at once.

pub mod daemon;
pub mod status;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use super::{
    Client, Credential, Profile, Trouble,
    client::retry,
    credential::{Draft, leaf_for},
    current,
    join::{is_issued, short},
    kept,
    profile::beside,
};
use crate::{
    domain::{
        certificate::ORDER_LIFE,
        outside::{Clock, Entropy},
        reason::Language,
    },
    files::{Lock, LockError, remove_file, share_as, write_file},
    pki::{certificate::Certificate, secret::SecretKey, statement::Purpose},
    proto::{
        shape::MutationRequest,
        v1::{
            CertificateOrderState as State, GetCertificateOrderRequest, RenewCertificateRequest,
            WhoAmIRequest,
        },
    },
};

/// The pause between two looks for the signer's work, and the number of looks.
const PAUSE: Duration = Duration::from_millis(500);
const LOOKS_MAX: u32 = 60;
/// Below the longest that a statement may be good, for clocks differ.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(ORDER_LIFE.as_hours() - 24);

/// One renewal of one profile.
pub struct Renewal<'a> {
    /// The profile's file.
    pub profile: &'a Path,
    /// Keeps the old key for the new certificate.
    pub same_key: bool,
    /// The language of the gateway's refusals.
    pub language: Language,
    /// The wall clock.
    pub clock: &'a dyn Clock,
    /// The randomness for keys, ids and jitter.
    pub entropy: &'a dyn Entropy,
}

/// The new pair, which the profile names now.
#[derive(Debug)]
pub struct Renewed {
    /// The new certificate, read.
    pub leaf: Certificate,
    /// The file of the new certificate.
    pub certificate: PathBuf,
    /// The file of its key.
    pub key: PathBuf,
}

impl Renewal<'_> {
    /// Renews. Whatever stops it, the profile is good, and the same again goes on where it stopped.
    pub async fn run(&self) -> Result<Renewed, Trouble> {
        let path = beside(self.profile, "renew.lock");
        let _lock = Lock::take(&path).map_err(|error| match error {
            LockError::Held(pid) => Trouble::Busy { pid, profile: self.profile.to_owned() },
            LockError::File(why) => Trouble::File { path, why },
        })?;
        let profile = Profile::read(self.profile)?;
        let old = Credential::read(&profile)?;
        let now = self.clock.now();
        if now > old.certificate.not_after {
            return Err(Trouble::Expired(old.certificate.not_after));
        }
        let key = self.next_key(&old)?;
        let request = self.request(&old, &key, now)?;
        let client = Client::connect(&profile, self.language).await?;
        let chain_pem = self.fetch(&client, request).await?;
        let (renewed, switched) = self.stage(&profile, &old, &key, &chain_pem)?;
        self.confirm(&switched, &renewed.leaf).await?;
        self.switch(&switched)?;
        current::point(self.profile, &switched, &renewed.leaf.serial);
        Ok(renewed)
    }

    fn waiting(&self) -> PathBuf {
        beside(self.profile, "key.next")
    }

    /// The key that an earlier try left, else a new one of the same kind.
    fn next_key(&self, old: &Credential) -> Result<SecretKey, Trouble> {
        if self.same_key {
            return SecretKey::from_pkcs8(old.key.pkcs8()).map_err(Trouble::key(self.profile));
        }
        let purpose = format!("renewal of {}", hex::encode(old.certificate.fingerprint));
        kept::key(&self.waiting(), &purpose, || SecretKey::generate(old.key.kind()))
    }

    /// Asks for a certificate for the new key, signed by the old one.
    fn request(
        &self,
        old: &Credential,
        key: &SecretKey,
        now: Timestamp,
    ) -> Result<RenewCertificateRequest, Trouble> {
        let draft = Draft {
            purpose: Purpose::Renew,
            identity: old.identity.clone(),
            role: String::new(),
            subject: key.key_id(),
            lifetime_days: old.lifetime_days(),
            expires_at: now + GOOD_FOR,
            previous: Some(old.certificate.fingerprint),
        };
        let name = format!("{}/{}", old.identity.agency, old.identity.system);
        let mut request = RenewCertificateRequest {
            csr_pem: key.request_pem(&name).map_err(Trouble::key(self.profile))?,
            statement: Some(old.sign(&draft.statement(self.entropy)).map_err(Trouble::key(self.profile))?),
            ..Default::default()
        };
        *request.request_id_mut() = self.entropy.uuid(now).to_string();
        Ok(request)
    }

    /// Sends it, and waits for the certificate with its chain.
    async fn fetch(&self, client: &Client, request: RenewCertificateRequest) -> Result<String, Trouble> {
        let answer =
            retry(self.entropy, async || client.certificate().renew_certificate(request.clone()).await)
                .await?;
        issued(client, answer.change.unwrap_or_default().name, &self.waiting(), self.entropy).await
    }

    /// Writes the new pair to files of its own. The profile that names them comes back, not written yet.
    fn stage(
        &self,
        profile: &Profile,
        old: &Credential,
        key: &SecretKey,
        chain_pem: &str,
    ) -> Result<(Renewed, Profile), Trouble> {
        let leaf = leaf_for(chain_pem, key, &old.identity)?;
        let [certificate_path, key_path] =
            ["pem", "key"].map(|end| beside(self.profile, &format!("{}.{end}", leaf.serial)));
        write_file(&key_path, 0o600, key.to_pem().as_bytes()).map_err(Trouble::file(&key_path))?;
        // A web server's group that reads the old key has to read the new one.
        share_as(&key_path, &profile.key).map_err(Trouble::file(&key_path))?;
        write_file(&certificate_path, 0o644, chain_pem.as_bytes())
            .map_err(Trouble::file(&certificate_path))?;
        let switched =
            Profile { certificate: certificate_path.clone(), key: key_path.clone(), ..profile.clone() };
        Ok((Renewed { leaf, certificate: certificate_path, key: key_path }, switched))
    }

    /// The new pair opens the door.
    async fn confirm(&self, switched: &Profile, leaf: &Certificate) -> Result<(), Trouble> {
        let client = Client::connect(switched, self.language).await?;
        let answer = retry(self.entropy, async || client.agency().who_am_i(WhoAmIRequest {}).await).await?;
        match answer.certificate {
            Some(seen) if seen.sha256 == hex::encode(leaf.fingerprint) => Ok(()),
            _ => Err(Trouble::Unfit("the gateway saw another certificate than the new one")),
        }
    }

    /// The one step that counts.
    fn switch(&self, switched: &Profile) -> Result<(), Trouble> {
        switched.write(self.profile)?;
        let waiting = self.waiting();
        remove_file(&waiting).map_err(Trouble::file(&waiting))
    }
}

/// Waits until the certificate of an order is issued, and answers with its chain, PEM. `Pending` where the signer does
/// not come to it: the same again goes on, with the key that waits in the file.
pub async fn issued(
    client: &Client,
    name: String,
    key: &Path,
    entropy: &dyn Entropy,
) -> Result<String, Trouble> {
    let order = GetCertificateOrderRequest { name };
    let mut looks = 0;
    loop {
        let found =
            retry(entropy, async || client.certificate().get_certificate_order(order.clone()).await).await?;
        let order = found.order.unwrap_or_default();
        match order.state() {
            state if is_issued(state) && !found.chain_pem.is_empty() => return Ok(found.chain_pem),
            State::Rejected => return Err(Trouble::Rejected { note: order.note }),
            state if looks == LOOKS_MAX => {
                return Err(Trouble::Pending { state: short(state.as_str_name()), key: key.to_owned() });
            }
            _ => looks += 1,
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests;
