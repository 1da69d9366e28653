//! Keys, signing requests and signed statements that are right: a test changes the one thing that it is about.

use base64::{Engine, prelude::BASE64_STANDARD};
use gerbang::{
    domain::outside::{Clock, Entropy},
    pki::{
        certificate::fingerprint,
        secret::{SecretKey, SecretKind},
        statement::{Purpose, Statement},
        token,
    },
    proto::v1,
    server::outside::SystemEntropy,
};
use jiff::SignedDuration;

use crate::world::{TRUST_DOMAIN, World, der, request_id};

/// A new key.
pub fn key() -> SecretKey {
    SecretKey::generate(SecretKind::P256).unwrap()
}

/// A request for a certificate with nothing but this key.
pub fn csr(key: &SecretKey) -> String {
    key.request_pem("sim").unwrap()
}

/// 16 random bytes.
pub fn nonce() -> [u8; 16] {
    let mut nonce = [0; 16];
    SystemEntropy.fill(&mut nonce);
    nonce
}

/// A statement about `agencies/{code}/systems/{system}`, good for an hour, for 90 days of certificate.
pub fn statement(world: &World, purpose: Purpose, system: &str, role: &str, subject: [u8; 32]) -> Statement {
    let (agency, system) = system.strip_prefix("agencies/").unwrap().split_once("/systems/").unwrap();
    Statement {
        purpose,
        trust_domain: TRUST_DOMAIN.to_owned(),
        agency: agency.to_owned(),
        system: system.to_owned(),
        role: role.to_owned(),
        subject,
        lifetime_days: 90,
        expires_at: world.clock.now() + SignedDuration::from_hours(1),
        previous: None,
        nonce: nonce(),
    }
}

impl World {
    /// The key with which a system connects.
    pub fn key_of(&self, agency: &str, system: &str) -> SecretKey {
        SecretKey::from_pem(&self.issue(agency, system).key_pem, None).unwrap()
    }

    /// The statement, signed by an administrator's key.
    pub fn signed_by(&self, administrator: &str, statement: &Statement) -> Option<v1::SignedStatement> {
        signed(&self.key_of("operator", administrator), statement)
    }

    /// An invitation for a system, signed by the administrator `admin`, and its token's secret as it is joined with.
    pub fn invitation(&self, system: &str, role: &str) -> (String, v1::CreateInvitationRequest) {
        let secret = nonce();
        let statement = statement(self, Purpose::Invite, system, role, token::hash(&secret));
        let request = v1::CreateInvitationRequest {
            request_id: request_id(),
            system: system.to_owned(),
            statement: self.signed_by("admin", &statement),
            ..Default::default()
        };
        (hex::encode(secret), request)
    }

    /// A renewal of the certificate with which a system connects, to this key.
    pub fn renewal(&self, agency: &str, system: &str, key: &SecretKey) -> v1::RenewCertificateRequest {
        let name = format!("agencies/{agency}/systems/{system}");
        let previous = fingerprint(&der(&self.issue(agency, system).certificate_pem));
        let statement = statement(self, Purpose::Renew, &name, "", key.key_id());
        let statement = Statement { previous: Some(previous), ..statement };
        v1::RenewCertificateRequest {
            request_id: request_id(),
            csr_pem: csr(key),
            statement: signed(&self.key_of(agency, system), &statement),
            ..Default::default()
        }
    }
}

/// As it stands in a request.
pub fn signed(key: &SecretKey, statement: &Statement) -> Option<v1::SignedStatement> {
    Some(v1::SignedStatement {
        statement: BASE64_STANDARD.encode(statement.bytes()),
        signature: BASE64_STANDARD.encode(statement.sign(key).unwrap()),
    })
}
