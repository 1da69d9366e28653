//! Certificates, orders and authorities as the contract writes them.

use super::super::{choice::Choice, encode};
use crate::{
    domain::{
        certificate::{Authority, Issued, Order},
        time::AsOf,
    },
    pki::der::pem,
    proto::v1,
};

impl From<AsOf<Order>> for v1::CertificateOrder {
    fn from(AsOf { value: order, now }: AsOf<Order>) -> Self {
        let progress = &order.progress;
        Self {
            name: order.id.to_string(),
            system: encode::optional(order.system.as_ref()),
            way: order.way.to_wire(),
            state: order.state(now).to_wire(),
            key_sha256: order.key.as_ref().map(|key| hex::encode(key.id)).unwrap_or_default(),
            ignored: order.ignored.clone(),
            lifetime_days: order.lifetime_days,
            approvals: order
                .approvals
                .iter()
                .map(|approval| v1::CertificateApproval {
                    administrator: approval.approver.clone(),
                    time: encode::time(approval.approved_at),
                })
                .collect(),
            approvals_needed: i32::try_from(order.approvals_needed()).unwrap_or_default(),
            requester: order.requester.clone(),
            note: order.note.clone().or_else(|| progress.reason.clone()).unwrap_or_default(),
            previous: name_of(progress.previous.as_ref()),
            certificate: name_of(progress.serial.as_ref()),
            other_key_time: order.other_key_at.and_then(encode::time),
            create_time: encode::time(order.created_at),
            expire_time: encode::time(order.expires_at),
            etag: order.etag(now),
            token_sha256: order.token.map(hex::encode).unwrap_or_default(),
            role: order.role.map_or(0, Choice::to_wire),
        }
    }
}

fn name_of(serial: Option<&String>) -> String {
    serial.map(|serial| format!("certificates/{serial}")).unwrap_or_default()
}

impl From<AsOf<Issued>> for v1::Certificate {
    fn from(AsOf { value: one, now }: AsOf<Issued>) -> Self {
        Self {
            sha256: hex::encode(one.fingerprint),
            name: one.name().to_string(),
            system: encode::optional(one.system.as_ref()),
            state: one.state(now).to_wire(),
            end_time: encode::time(one.end()),
            alarms: one.alarms(now).iter().map(ToString::to_string).collect(),
            issuer: one.authority.unwrap_or_default(),
            issue_time: encode::time(one.created_at),
            collect_time: one.collected_at.and_then(encode::time),
            seen_time: one.seen.as_ref().and_then(|seen| encode::time(seen.at)),
            seen_from: one.seen.map(|seen| seen.address).unwrap_or_default(),
            previous: name_of(one.previous.as_ref()),
            successor: name_of(one.successor.as_ref().map(|successor| &successor.serial)),
            revoke_time: one.revoked.as_ref().and_then(|revoked| encode::time(revoked.at)),
            revoke_note: one
                .revoked
                .map(|revoked| match revoked.note {
                    Some(note) => format!("{}: {note}", revoked.reason),
                    None => revoked.reason.to_string(),
                })
                .unwrap_or_default(),
            key_sha256: one.key_id.map(hex::encode).unwrap_or_default(),
            not_before: encode::time(one.not_before),
            not_after: encode::time(one.not_after),
            serial: one.serial,
        }
    }
}

/// Both certificates as PEM; empty where there are none.
pub fn chain(chain: Option<[Vec<u8>; 2]>) -> String {
    chain.into_iter().flatten().map(|der| pem("CERTIFICATE", &der).to_string()).collect()
}

impl From<Authority> for v1::Authority {
    fn from(authority: Authority) -> Self {
        let crl = authority.crl.as_ref();
        Self {
            kind: authority.kind.to_wire(),
            certificate_pem: pem("CERTIFICATE", &authority.der).to_string(),
            sha256: hex::encode(authority.fingerprint),
            not_after: encode::time(authority.not_after),
            crl_pem: crl.map(|crl| pem("X509 CRL", &crl.der).to_string()).unwrap_or_default(),
            crl_number: crl.map_or(0, |crl| crl.number),
            crl_time: crl.and_then(|crl| encode::time(crl.this_update)),
            crl_next_time: crl.and_then(|crl| encode::time(crl.next_update)),
            display_name: authority.name,
        }
    }
}
