//! What the operating system and libraries say, in plain sentences of both languages: their numbers and their inner names
//! help nobody who reads them.

use std::fmt::Display;

use crate::domain::reason::Language;

/// A part of what they say, and what it means in English and in Indonesian.
const SAID: &[(&str, &str, &str)] = &[
    ("No such file or directory", "there is no such file", "berkas itu tidak ada"),
    ("Permission denied", "this user may not open it", "pengguna ini tidak berhak membukanya"),
    ("Is a directory", "it is a folder", "itu sebuah folder"),
    (
        "Not a directory",
        "a part of the path is no folder",
        "ada bagian dari letak berkas itu yang bukan folder",
    ),
    ("File exists", "it is there already", "berkas itu sudah ada"),
    ("No space left on device", "the disk is full", "ruang penyimpanan penuh"),
    ("Read-only file system", "the disk takes no writes", "media itu tidak dapat ditulisi"),
    ("valid UTF-8", "it is no text in UTF-8", "isinya bukan teks UTF-8"),
    ("Connection refused", "nobody listens there", "tidak ada yang melayani di sana"),
    ("Connection reset", "the other side broke the connection off", "sambungan diputus dari sana"),
    ("Network is unreachable", "the network is not reachable", "jaringannya tidak terjangkau"),
    ("No route to host", "no way leads to that machine", "tidak ada jalur ke mesin itu"),
    ("timed out", "there was no answer in time", "tidak ada jawaban pada waktunya"),
    ("deadline has elapsed", "there was no answer in time", "tidak ada jawaban pada waktunya"),
    ("failed to lookup address", "the host's name is not known", "nama mesinnya tidak dikenal"),
    ("Address already in use", "somebody else listens there", "alamat itu sudah dipakai"),
    // Of TLS: what rustls and webpki call it.
    ("UnknownIssuer", "it leads to no root that is trusted", "tidak berasal dari akar yang dipercaya"),
    (
        "InvalidSignature",
        "a signature on the way to the root is wrong",
        "ada tanda tangan yang tidak cocok dengan akarnya",
    ),
    (
        "BadSignature",
        "a signature on the way to the root is wrong",
        "ada tanda tangan yang tidak cocok dengan akarnya",
    ),
    ("RequiredEkuNotFound", "it was made for another purpose", "dibuat untuk keperluan lain"),
    (
        "fatal alert: CertificateExpired",
        "it says that the certificate is over",
        "katanya masa berlaku sertifikat sudah lewat",
    ),
    (
        "fatal alert: CertificateRevoked",
        "it says that the certificate was revoked",
        "katanya sertifikat sudah dicabut",
    ),
    (
        "fatal alert: UnknownCA",
        "it does not know the certificate's authority",
        "otoritas sertifikat tidak dikenalnya",
    ),
    ("fatal alert: CertificateRequired", "it asks for a certificate", "sertifikat klien diminta"),
    ("certificate expired", "its time is over", "masa berlakunya sudah lewat"),
    ("certificate: Expired", "its time is over", "masa berlakunya sudah lewat"),
    ("CertExpired", "its time is over", "masa berlakunya sudah lewat"),
    ("certificate not valid yet", "its time has not begun", "masa berlakunya belum mulai"),
    ("CertNotValidYet", "its time has not begun", "masa berlakunya belum mulai"),
    ("connection closed", "without a word", "tanpa penjelasan"),
];

/// What is meant, where that is known; else what was said, without the system's number.
pub fn plain(language: Language, why: impl Display) -> String {
    let text = why.to_string();
    match SAID.iter().find(|(said, ..)| text.contains(said)) {
        Some((_, english, _)) if language == Language::English => (*english).to_owned(),
        Some((.., indonesian)) => (*indonesian).to_owned(),
        None => match text.split_once(" (os error ") {
            Some((before, _)) => before.to_owned(),
            None => text,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn raw_words_become_sentences() {
        let of = |number| io::Error::from_raw_os_error(number);
        for (number, english, indonesian) in [
            (2, "there is no such file", "berkas itu tidak ada"),
            (13, "this user may not open it", "pengguna ini tidak berhak membukanya"),
            (28, "the disk is full", "ruang penyimpanan penuh"),
            (111, "nobody listens there", "tidak ada yang melayani di sana"),
        ] {
            assert_eq!(plain(Language::English, of(number)), english);
            assert_eq!(plain(Language::Indonesian, of(number)), indonesian);
        }
        let over = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        assert_eq!(plain(Language::Indonesian, over), "masa berlakunya sudah lewat");
        // What is not in the list keeps its words and loses its number.
        assert_eq!(plain(Language::Indonesian, of(5)), "Input/output error");
    }
}
