//! The parts of a request beside its key, for the person who sent it: names and numbers, no values but the
//! subject's, since an attribute may be a password.

use x509_parser::{
    asn1_rs::Oid,
    certification_request::X509CertificationRequestInfo,
    cri_attributes::ParsedCriAttribute,
    objects::{oid_registry, oid2sn},
};

use crate::domain::text::is_forbidden;

const LINES_MAX: usize = 32;
const LINE_MAX: usize = 200;

/// Lists the ignored parts, one line each, in the order of the request; see `Request::ignored`.
pub fn list(info: &X509CertificationRequestInfo<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if info.subject.iter().next().is_some() {
        let subject = info.subject.to_string_with_registry(oid_registry());
        lines.push(format!("subject {}", subject.as_deref().unwrap_or("that cannot be read")));
    }
    for attribute in info.iter_attributes() {
        match attribute.parsed_attribute() {
            ParsedCriAttribute::ExtensionRequest(requested) if !requested.extensions.is_empty() => {
                let names = requested.extensions.iter().map(|extension| name(&extension.oid));
                lines.extend(names.map(|name| format!("extension {name}")));
            }
            _ => lines.push(format!("attribute {}", name(&attribute.oid))),
        }
    }
    if lines.len() > LINES_MAX {
        let more = lines.split_off(LINES_MAX - 1).len();
        lines.push(format!("and {more} more"));
    }
    lines.iter().map(|line| tidy(line)).collect()
}

fn name(oid: &Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), str::to_owned)
}

/// Without what cannot be seen, and cut where it is too long.
fn tidy(line: &str) -> String {
    let mut seen = line.chars().filter(|c| !is_forbidden(*c));
    let mut short: String = seen.by_ref().take(LINE_MAX).collect();
    if seen.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}
