//! The gateway's clock, as its answers show it, against this machine's. A wrong clock has many faces: a gateway whose
//! certificate seems over, a certificate of our own that seems to have ended, a renewal that is refused. So who meets one
//! of them asks here. Nothing is decided by the answer: it is shown to people.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use rustls::pki_types::{CertificateDer, UnixTime};
use tonic::{metadata::MetadataMap, transport::ClientTlsConfig};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{
    Profile,
    client::{identity, wire},
    verifier::{Asked, ByRule, ServerRule},
};
use crate::{
    domain::{outside::Clock, reason::Language},
    pki::certificate::{self, chain, is_self_issued},
    proto::v1::{WhoAmIRequest, agency_service_client::AgencyServiceClient},
};

/// Clocks that differ by less are called equal: certificates are backdated by an hour, statements last minutes.
pub const CLOCKS_AGREE: SignedDuration = SignedDuration::from_secs(60);

/// Asks the gateway for its time, by one call with the profile's certificate, and tells by how much its clock is ahead of
/// ours. It must have a key that the profile's root vouches for, at whatever time: times are what is in doubt. `None` where
/// no answer comes.
pub async fn gateway_ahead(profile: &Profile, clock: &dyn Clock) -> Option<SignedDuration> {
    let bundle = std::fs::read(&profile.ca).ok()?;
    let roots = chain(std::str::from_utf8(&bundle).ok()?)?;
    let roots: Vec<_> = roots.into_iter().filter(|der| is_self_issued(der)).collect();
    let verifier = Arc::new(ByRule::new(Arc::new(AtItsOwnTime { roots })));
    let tls = ClientTlsConfig::new().identity(identity(profile).ok()?).domain_name(&profile.server_name);
    let address = profile.address.trim_start_matches("https://");
    let wire =
        wire(address, |to| to.tls_config_with_verifier(tls, verifier), Language::English).await.ok()?;
    let before = clock.now();
    let theirs = match AgencyServiceClient::new(wire).who_am_i(WhoAmIRequest {}).await {
        Ok(answer) => date(answer.metadata()),
        Err(status) => date(status.metadata()),
    };
    let now = clock.now();
    Some(ahead(theirs?, before, now))
}

/// By how much a gateway is ahead that told its time between two of ours.
pub fn ahead(theirs: Timestamp, before: Timestamp, now: Timestamp) -> SignedDuration {
    theirs.duration_since(before + now.duration_since(before) / 2)
}

/// The time of an answer by its server's clock, to the second (RFC 9110 §6.6.1).
pub fn date(metadata: &MetadataMap) -> Option<Timestamp> {
    let date = metadata.get("date")?.to_str().ok()?;
    rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

/// Accepts a server below the roots at a time when its certificate was valid, whatever the time is.
#[derive(Debug)]
struct AtItsOwnTime {
    roots: Vec<Vec<u8>>,
}

impl AtItsOwnTime {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        asked: &Asked<'_>,
    ) -> Option<()> {
        let read = certificate::read(leaf).ok()?;
        // In the middle of its life the authorities above it are valid too: none outlives its issuer, and what is new is
        // dated back.
        let time = read.not_before + read.not_after.duration_since(read.not_before) / 2;
        let time = u64::try_from(time.as_second()).ok()?;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(time));
        let leaf = EndEntityCert::try_from(leaf).ok()?;
        let roots: Vec<_> = self.roots.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let anchors: Vec<_> = roots.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
        let usage = KeyUsage::server_auth();
        leaf.verify_for_usage(asked.algorithms, &anchors, above, time, usage, None, None).ok()?;
        leaf.verify_is_valid_for_subject_name(asked.name).ok()
    }
}

impl ServerRule for AtItsOwnTime {
    fn accepts(&self, leaf: &CertificateDer<'_>, above: &[CertificateDer<'_>], asked: &Asked<'_>) -> bool {
        self.judge(leaf, above, asked).is_some()
    }
}

#[cfg(test)]
mod tests {
    use rustls::{
        client::danger::ServerCertVerifier,
        crypto::aws_lc_rs::default_provider,
        pki_types::{ServerName, pem::PemObject},
    };
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::{super::tests::Authorities, *};
    use crate::{
        agent::{Client, ClientError},
        files::tests::Temporary,
        pki::secret::{SecretKey, SecretKind},
    };

    /// Its time is over long ago; its root and its name are right all the same.
    #[test]
    fn a_gateway_is_known_whatever_the_time_is() {
        let (ours, others) = (Authorities::new(), Authorities::new());
        let leaf = CertificateDer::from(ours.gateway(&["gerbang.example"]));
        let above = [CertificateDer::from(ours.gateways.certificate().to_vec())];
        let judged = |root: &[u8], name: &'static str| {
            let verifier = ByRule::new(Arc::new(AtItsOwnTime { roots: vec![root.to_vec()] }));
            let (name, now) = (ServerName::try_from(name).unwrap(), UnixTime::now());
            verifier.verify_server_cert(&leaf, &above, &name, &[], now).is_ok()
        };
        assert!(judged(ours.root.certificate(), "gerbang.example"));
        assert!(!judged(ours.root.certificate(), "other.example"));
        assert!(!judged(others.root.certificate(), "gerbang.example"));
    }

    /// A connection to a gateway whose certificate is over, by this machine's clock, fails for that and says so.
    #[tokio::test]
    async fn a_gateway_of_another_time_is_told_from_one_that_is_away() {
        let place = Temporary::new("not-now");
        let ours = Authorities::new();
        let [own, server] = [(); 2].map(|()| SecretKey::generate(SecretKind::P256).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let profile = Profile {
            address: listener.local_addr().unwrap().to_string(),
            server_name: "localhost".to_owned(),
            ca: place.0.join("root.pem"),
            certificate: place.0.join("a.pem"),
            key: place.0.join("a.key"),
            agency: "blk-kepri".to_owned(),
            system: "jadwal".to_owned(),
        };
        for (path, text) in [
            (&profile.ca, ours.bundle()),
            (&profile.certificate, ours.client(&own)),
            (&profile.key, own.to_pem().to_string()),
        ] {
            crate::files::write_new(path, 0o600, text.as_bytes()).unwrap();
        }
        let chain = [ours.gateway_with(&server, &["localhost"]), ours.gateways.certificate().to_vec()];
        let chain = chain.map(CertificateDer::from).to_vec();
        let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(server.to_pem().as_bytes()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let accepting = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(stream).await.map(drop)
        });
        let failed = Client::connect(&profile, Language::English).await.unwrap_err();
        assert!(matches!(failed, ClientError::NotNow { .. }), "{failed:?}");
        accepting.await.unwrap().unwrap_err();
        let away = Client::connect(&profile, Language::English).await.unwrap_err();
        assert!(matches!(away, ClientError::Unreachable { .. }), "{away:?}");
    }

    #[test]
    fn an_answers_date_is_its_servers_time() {
        let mut metadata = MetadataMap::new();
        assert_eq!(date(&metadata), None);
        metadata.insert("date", "Fri, 27 Nov 2026 03:16:40 GMT".parse().unwrap());
        let theirs: Timestamp = "2026-11-27T03:16:40Z".parse().unwrap();
        assert_eq!(date(&metadata), Some(theirs));
        let behind = SignedDuration::from_mins(-90);
        let before = theirs + behind - SignedDuration::from_secs(1);
        assert_eq!(
            ahead(theirs, before, before + SignedDuration::from_secs(2)),
            SignedDuration::from_mins(90)
        );
        metadata.insert("date", "yesterday".parse().unwrap());
        assert_eq!(date(&metadata), None);
    }
}
