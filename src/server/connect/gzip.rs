//! Messages compressed by gzip (RFC 1952), which is the only coding that is taken and given.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use http::{HeaderMap, HeaderName, header};

use crate::domain::{Fault, Reason};

/// The name of the coding.
pub(super) const GZIP: &str = "gzip";

/// An answer with fewer bytes is not compressed: it goes in one packet either way.
const WORTH: usize = 1_024;

/// Whether the request's content is compressed. `COMPRESSION_UNSUPPORTED` for any other coding, or several.
pub(super) fn is_compressed(headers: &HeaderMap) -> Result<bool, Fault> {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if coding == "identity" => Ok(false),
        (Some(coding), None) if coding == GZIP => Ok(true),
        _ => Err(Reason::CompressionUnsupported.into()),
    }
}

/// Whether the caller takes compressed answers. A coding of no weight is refused (RFC 9110 §12.5.3).
pub(super) fn is_taken(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(GZIP) && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// The content as it was before, so many bytes at most, of one member: more of them could cost much and hold nothing.
/// `MESSAGE_TOO_LARGE`, `MESSAGE_UNREADABLE`.
pub(super) fn unpack(packed: &[u8], bytes_max: usize) -> Result<Bytes, Fault> {
    let (mut content, mut decoder) = (Vec::new(), GzDecoder::new(packed));
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    decoder.by_ref().take(most).read_to_end(&mut content).map_err(|_| Reason::MessageUnreadable)?;
    if content.len() > bytes_max {
        return Err(Fault::from(Reason::MessageTooLarge).with("max_bytes", bytes_max));
    }
    if decoder.into_inner().is_empty() { Ok(content.into()) } else { Err(Reason::MessageUnreadable.into()) }
}

/// Compresses an answer of which it is worth it.
pub(super) fn pack(content: &[u8]) -> Option<Bytes> {
    if content.len() < WORTH {
        return None;
    }
    let mut packed = GzEncoder::new(Vec::with_capacity(content.len() / 4), Compression::fast());
    packed.write_all(content).ok()?;
    packed.finish().ok().map(Bytes::from)
}

/// What an answer depends on beside its address (RFC 9110 §12.5.5).
pub(super) const VARIES_BY: (HeaderName, &str) = (header::VARY, "accept-encoding, accept-language");

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn gzip_is_the_only_coding() {
        let compressed =
            |values: &[&'static str]| is_compressed(&headers(header::CONTENT_ENCODING, values)).ok();
        assert_eq!(
            (compressed(&[]), compressed(&["identity"]), compressed(&["gzip"])),
            (Some(false), Some(false), Some(true))
        );
        for values in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &["deflate"], &[""]] {
            assert_eq!(compressed(values), None, "{values:?}");
        }
    }

    #[test]
    fn an_answer_is_compressed_for_who_takes_it() {
        let taken = |value| is_taken(&headers(header::ACCEPT_ENCODING, &[value]));
        for value in ["gzip", "br, GZIP", "br;q=1.0, gzip;q=0.5", "gzip; q=0.1"] {
            assert!(taken(value), "{value}");
        }
        for value in ["", "identity", "gzip;q=0", "gzip;q=0.000", "br", "xgzip"] {
            assert!(!taken(value), "{value}");
        }
        assert!(pack(&[b' '; WORTH - 1]).is_none());
        let content = vec![b'x'; WORTH];
        let packed = pack(&content).unwrap();
        assert!(packed.len() < 100);
        assert_eq!(unpack(&packed, WORTH).unwrap(), content);
    }

    #[test]
    fn what_is_packed_has_a_bound_and_must_be_whole() {
        let packed = pack(&vec![0; 10 << 20]).unwrap();
        assert!(packed.len() < 64 << 10);
        let reason = |packed: &[u8], max| unpack(packed, max).unwrap_err().reason;
        assert_eq!(reason(&packed, (10 << 20) - 1), Reason::MessageTooLarge);
        assert_eq!(unpack(&packed, 10 << 20).unwrap().len(), 10 << 20);
        assert_eq!(reason(&packed[..packed.len() - 1], 10 << 20), Reason::MessageUnreadable);
        assert_eq!(reason(b"{}", 10), Reason::MessageUnreadable);
        assert_eq!(
            reason(&[&packed[..], &packed].concat(), 20 << 20),
            Reason::MessageUnreadable,
            "two members"
        );
        let mut other = packed.to_vec();
        *other.last_mut().unwrap() ^= 1;
        assert_eq!(reason(&other, 10 << 20), Reason::MessageUnreadable, "by its length");
    }
}
