//! The PEM text around a request (RFC 7468), as openssl, keytool and certreq write it.
//!
//! Owns which blocks may stand in it: one request, and nothing else that is a block. Explanations around the
//! block pass, since `openssl req -text` writes them.
//!
//! By hand, for `pem-rfc7468` takes no explanation behind the block, no lines of another length than 64 and no white space
//! around them, as people's mail programs make; nor would it say that a private key stands beside.

use base64::{Engine, engine::general_purpose::STANDARD};

/// keytool and certreq write the second one.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

const DAMAGED: &str = "its PEM text is damaged";

/// The content of the one block of the text. The error says why there is no such block.
pub fn block(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err("it is text in UTF-16; save it as ASCII");
    }
    // What is not UTF-8 can only stand in explanations; in a block it is no base64.
    let text = String::from_utf8_lossy(bytes);
    // Whoever sent it should learn that the key is known now, not that a block is unknown.
    if text.contains("PRIVATE KEY-----") {
        return Err("a private key stands beside it, and private keys never leave their owner");
    }
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let mut found = None;
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else {
            continue;
        };
        if !LABELS.contains(&label) {
            return Err(if label.ends_with("CERTIFICATE") {
                "there is a certificate in it, and only a request is wanted"
            } else {
                "there is a block in it that is no CERTIFICATE REQUEST"
            });
        }
        if found.is_some() {
            return Err("there is more than one CERTIFICATE REQUEST block");
        }
        let end = format!("-----END {label}-----");
        let mut base64 = String::new();
        loop {
            match lines.next() {
                Some(line) if line == end => break,
                Some(line) => base64.push_str(line),
                None => return Err(DAMAGED),
            }
        }
        found = Some(STANDARD.decode(base64).map_err(|_| DAMAGED)?);
    }
    found.ok_or("there is no CERTIFICATE REQUEST block")
}
