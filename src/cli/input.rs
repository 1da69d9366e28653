//! The files that people hand in where JSON is asked for.
//!
//! Owns the sentence for a file of another kind, known by its first characters. What is JSON and no request is
//! `format::json`'s.

use std::path::Path;

use super::{
    failure::{Failure, failed},
    words,
};
use crate::{domain::reason::Language, files::text_of};

/// How every packed file begins, XLSX among them.
const ZIP: &[u8] = b"PK\x03\x04";

/// The text of a file that begins as JSON does; else a failure that says what the command takes, and how to get a
/// sample.
pub fn json_text(language: Language, path: &Path, bytes: &[u8]) -> Result<String, Failure> {
    if bytes.starts_with(ZIP) {
        return Err(Failure::Failed(words::is_spreadsheet(language, path.display())));
    }
    let text = text_of(bytes).map_err(|error| Failure::io(language, path, &error))?;
    match text.trim_start().chars().next() {
        Some('{' | '[') | None => Ok(text.to_string()),
        Some(_) => Err(failed(words::is_no_json(language, path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_what_the_command_takes() {
        let read = |bytes: &[u8]| json_text(Language::English, Path::new("a.csv"), bytes);
        let said = |bytes: &[u8]| read(bytes).unwrap_err().report(Language::English, false);
        assert!(said(b"PK\x03\x04\x14\0").starts_with("a.csv is a spreadsheet (XLSX)"));
        assert!(said(b"nama;nik\nContoh;9901").starts_with("a.csv is not JSON"));
        for bytes in [&b"PK\x03\x04"[..], b"nama,nik"] {
            assert!(said(bytes).contains("--example"), "the way to a sample");
        }
        for json in [&b" \n{}"[..], b"\xef\xbb\xbf[]", b""] {
            assert!(read(json).is_ok(), "{json:?}: the parser's to judge");
        }
        let utf16: Vec<_> =
            [0xfeff_u16, '[' as u16, ']' as u16].iter().flat_map(|one| one.to_le_bytes()).collect();
        assert_eq!(read(&utf16).unwrap(), "[]");
        assert!(said(&[0, 159, 146, 150]).contains("a.csv"));
    }
}
