//! The gateway's clock, as its answers show it, against this machine's. A wrong clock has many faces: a gateway whose
//! certificate seems over, a certificate of our own that seems to have ended, a renewal that is refused. So who meets one
//! of them asks here. Nothing is decided by the answer: it is shown to people.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs::default_provider, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tonic::{metadata::MetadataMap, transport::ClientTlsConfig};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{
    Profile,
    client::{identity, wire},
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
    let verifier = Arc::new(AtItsOwnTime { roots, provider: Arc::new(default_provider()) });
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
    provider: Arc<CryptoProvider>,
}

impl AtItsOwnTime {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
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
        let algorithms = self.provider.signature_verification_algorithms.all;
        leaf.verify_for_usage(algorithms, &anchors, above, time, KeyUsage::server_auth(), None, None).ok()?;
        leaf.verify_is_valid_for_subject_name(name).ok()
    }
}

impl ServerCertVerifier for AtItsOwnTime {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = || rustls::CertificateError::ApplicationVerificationFailure.into();
        self.judge(leaf, above, name).map(|()| ServerCertVerified::assertion()).ok_or_else(refused)
    }

    /// Never reached by a gateway, which speaks TLS 1.3.
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 is required".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{name::TrustDomain, outside::Entropy},
        pki::{
            authority::{Issuer, to_be_signed},
            ceremony::Plan,
            founding::{CeremonyKeys, hold},
            profile::{Subject, Wanted, new_serial},
            secret::{SecretKey, SecretKind},
        },
    };

    struct Random;

    impl Entropy for Random {
        fn fill(&self, bytes: &mut [u8]) {
            aws_lc_rs::rand::fill(bytes).unwrap();
        }
    }

    /// Years ago or ahead: the certificate's time does not matter, its root and its name do.
    #[test]
    fn a_gateway_is_known_whatever_the_time_is() {
        let plan = Plan {
            organisation: "Kanwil".to_owned(),
            root_name: "Akar".to_owned(),
            clients_name: "Klien".to_owned(),
            gateways_name: "Gerbang".to_owned(),
            root_days: 7300,
            issuing_days: 1825,
            root_crl_days: 400,
        };
        let domain = TrustDomain::parse("kepri.example").unwrap();
        for began in ["2016-03-02T08:00:00Z", "2096-03-02T08:00:00Z"] {
            let now: Timestamp = began.parse().unwrap();
            let keys = CeremonyKeys::generate().unwrap();
            let founded = hold(&plan, &domain, &keys, &[], now, &Random).unwrap();
            let gateways = Issuer::open(&founded.gateways, keys.gateways).unwrap();
            let wanted = Wanted {
                subject: Subject::Gateway { hosts: vec!["gerbang.example".to_owned()] },
                spki: SecretKey::generate(SecretKind::P256).unwrap().spki(),
                serial: new_serial(&Random),
                not_before: now,
                not_after: now + SignedDuration::from_hours(90 * 24),
            };
            let leaf = gateways.sign(&to_be_signed(&founded.gateways, &wanted).unwrap()).unwrap();
            let (leaf, above) =
                (CertificateDer::from(leaf), [CertificateDer::from(founded.gateways.clone())]);
            let judged = |root: &[u8], name: &'static str| {
                let verifier =
                    AtItsOwnTime { roots: vec![root.to_vec()], provider: Arc::new(default_provider()) };
                verifier.judge(&leaf, &above, &ServerName::try_from(name).unwrap()).is_some()
            };
            let others = hold(&plan, &domain, &CeremonyKeys::generate().unwrap(), &[], now, &Random).unwrap();
            assert!(judged(&founded.root, "gerbang.example"), "{began}");
            assert!(!judged(&founded.root, "other.example"));
            assert!(!judged(&others.root, "gerbang.example"));
        }
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
