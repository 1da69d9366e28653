//! The Indonesian of facts that are words: nouns of resources, and the half sentences that say why.
//!
//! A fact travels in one language, English, which programs and logs read; who reads the Indonesian text reads the
//! Indonesian of the fact in it. States, roles and other values of the contract are [`super::values`]'. A
//! `{}` stands for what differs from case to case, and is taken over. A test in `tests/it/reasons.rs` finds what is missing.

/// English and Indonesian.
const PHRASES: &[(&str, &str)] = &[
    // Resources.
    ("agency", "instansi"),
    ("agreement", "perjanjian"),
    ("assignment", "penugasan pelatih"),
    ("certificate order", "permohonan sertifikat"),
    ("certificate", "sertifikat"),
    ("enrolment", "kepesertaan"),
    ("facility", "ruang"),
    ("programme", "program"),
    ("session", "sesi"),
    ("system", "sistem"),
    ("trainee", "peserta"),
    ("trainer claim", "klaim atas pelatih"),
    ("trainer", "pelatih"),
    // Forms.
    ("16 digits", "16 angka"),
    ("18 digits", "18 angka"),
    ("2 to 40 of a-z, 0-9, -", "2 sampai dengan 40 huruf kecil a-z, angka, atau tanda hubung"),
    ("32 hexadecimal digits", "32 angka heksadesimal"),
    ("a certificate or an agency", "satu sertifikat atau satu instansi"),
    ("12 (a whole number)", "12 (bilangan bulat)"),
    ("none", "tidak ada"),
    // What is wrong with a text that should be JSON.
    (
        "a JSON value should stand here: a text in quotation marks, a number, { or [",
        "di sini seharusnya ada nilai JSON: teks dalam tanda kutip, angka, { atau [",
    ),
    ("it ends in the middle", "isinya berakhir sebelum selesai"),
    ("a text belongs in quotation marks", "teks harus diapit tanda kutip"),
    ("a comma stands before the closing bracket", "ada koma sebelum kurung penutup"),
    ("something stands after the end", "ada tulisan setelah bagian akhir"),
    ("a comma or a closing bracket is missing", "kurang koma atau kurung penutup"),
    ("a colon is missing after the field's name", "kurang titik dua setelah nama isian"),
    ("a field's name belongs in quotation marks", "nama isian harus diapit tanda kutip"),
    ("a backslash stands before a character that takes none", "garis miring terbalik keliru"),
    ("a \\u stands without a character that it names", "ada \\u yang tidak menyatakan karakter apa pun"),
    ("a text runs over the end of its line", "teks melewati akhir baris"),
    ("the number is not written as JSON has it", "penulisan angka tidak sesuai JSON"),
    ("the number is larger than any that programs read", "angkanya terlalu besar untuk dibaca program"),
    ("brackets stand in brackets too deep", "kurung di dalam kurung terlalu dalam"),
    ("it is no text in UTF-8", "isinya bukan teks UTF-8"),
    ("it cannot be read", "isinya tidak dapat dibaca"),
    // States of the role of a system.
    ("APPROVED", "DISETUJUI"),
    ("PROPOSED", "DIUSULKAN"),
    // States of agreements.
    ("none covers TRAINER now", "saat ini tidak ada perjanjian yang mencakup PELATIH"),
    ("TERMINATED by then", "DIAKHIRI pada saat itu"),
    ("TERMINATED from {}", "DIAKHIRI sejak {}"),
    // Certificates.
    ("it is not an X.509 certificate", "bukan sertifikat X.509"),
    ("it has no common name", "tidak memiliki common name"),
    ("it is not a revocation list", "bukan daftar pencabutan"),
    ("a time is outside the calendar", "memuat waktu di luar kalender"),
    ("it has no end", "tidak memiliki akhir masa berlaku"),
    ("it has no number", "tidak memiliki nomor"),
    ("it is not of version 3", "bukan versi 3"),
    ("an extension cannot be read", "ada ekstensi yang tidak dapat dibaca"),
    ("an extension stands there twice", "ada ekstensi yang tercantum dua kali"),
    ("it is an authority's", "sertifikat ini milik otoritas"),
    (
        "it does not say what its key is for (key usage digitalSignature)",
        "tidak menyatakan kegunaan kuncinya (key usage digitalSignature)",
    ),
    ("its key may sign certificates", "kuncinya boleh menandatangani sertifikat"),
    ("its key may not sign, as TLS needs", "kuncinya tidak boleh menandatangani, padahal TLS memerlukannya"),
    (
        "it is not made for clients (extended key usage clientAuth)",
        "tidak dibuat untuk klien (extended key usage clientAuth)",
    ),
    ("it carries other names beside the URI", "memuat nama lain di samping URI"),
    ("bytes follow it", "ada bita lain di belakangnya"),
    (
        "a private key stands beside it, and private keys never leave their owner",
        "ada kunci privat di sampingnya, padahal kunci privat tidak boleh keluar dari pemiliknya",
    ),
    ("its PEM text is damaged", "teks PEM-nya rusak"),
    ("there is no CERTIFICATE block", "tidak ada blok CERTIFICATE"),
    ("there is more than one CERTIFICATE block", "ada lebih dari satu blok CERTIFICATE"),
    (
        "its alternative names stand there twice or cannot be read",
        "nama alternatifnya tercantum dua kali atau tidak dapat dibaca",
    ),
    ("its validity is outside the calendar", "masa berlakunya di luar kalender"),
    // Signing requests.
    ("it is not a certificate request of RFC 2986", "bukan permohonan sertifikat menurut RFC 2986"),
    ("its version is not 1", "versinya bukan 1"),
    (
        "it looks like a private key, and private keys never leave their owner",
        "tampaknya kunci privat, padahal kunci privat tidak boleh keluar dari pemiliknya",
    ),
    ("it is a certificate, not a request", "ini sertifikat, bukan permohonan"),
    (
        "it is another kind of signature, where a key of {} signs by {}",
        "jenis tanda tangannya lain, sedangkan kunci {} menandatangani dengan {}",
    ),
    (
        "it is {}, where a key of {} signs by {}",
        "tanda tangannya {}, sedangkan kunci {} menandatangani dengan {}",
    ),
    (
        "its algorithm carries parameters, which {} has not",
        "algoritmanya memuat parameter, padahal {} tidak berparameter",
    ),
    // Keys.
    ("its key is RSA, neither P-256 nor Ed25519", "kuncinya RSA, bukan P-256 atau Ed25519"),
    ("its key is Ed448, neither P-256 nor Ed25519", "kuncinya Ed448, bukan P-256 atau Ed25519"),
    ("its key is X25519, which cannot sign", "kuncinya X25519, yang tidak dapat menandatangani"),
    ("its key is on P-384, another curve than P-256", "kuncinya pada kurva P-384, bukan P-256"),
    ("its key is on P-521, another curve than P-256", "kuncinya pada kurva P-521, bukan P-256"),
    ("its key is on secp256k1, another curve than P-256", "kuncinya pada kurva secp256k1, bukan P-256"),
    ("its key is on another curve than P-256", "kuncinya pada kurva lain, bukan P-256"),
    ("its key is neither P-256 nor Ed25519", "kuncinya bukan P-256 atau Ed25519"),
    (
        "its key's algorithm carries parameters, which Ed25519 has not",
        "algoritma kuncinya memuat parameter, padahal Ed25519 tidak berparameter",
    ),
    ("its key is not written in DER", "kuncinya tidak ditulis dalam DER"),
    (
        "its key spells a curve out instead of naming P-256",
        "kuncinya menguraikan kurva, bukan menyebutkan nama P-256",
    ),
    ("its key does not name its curve", "kuncinya tidak menyebutkan nama kurvanya"),
    ("its key is the point at infinity", "kuncinya adalah titik tak hingga"),
    ("its key is a compressed point", "kuncinya adalah titik terkompresi"),
    ("its key is a hybrid point", "kuncinya adalah titik hibrida"),
    (
        "its key is not an uncompressed point of 65 bytes",
        "kuncinya bukan titik tanpa kompresi sepanjang 65 bita",
    ),
    ("its key is not a point of P-256", "kuncinya bukan titik pada P-256"),
    ("its key is a published one", "kuncinya pernah dipublikasikan"),
    ("its key has not 32 bytes", "panjang kuncinya bukan 32 bita"),
    ("its key is a point of small order", "kuncinya adalah titik berorde kecil"),
    ("its key is not written as RFC 8032 asks", "kuncinya tidak ditulis menurut RFC 8032"),
    // Statements and approvals.
    ("it speaks of something else", "isinya tentang hal lain"),
    (
        "its time is over, or more than 30 days ahead",
        "waktunya sudah lewat, atau lebih dari 30 hari ke depan",
    ),
    ("its time is over", "waktunya sudah lewat"),
    ("the caller's key is not known", "kunci Anda tidak dikenal"),
    (
        "the signature is not by the key of the caller's certificate",
        "tanda tangannya tidak dibuat dengan kunci sertifikat Anda",
    ),
    ("its bytes are not those of a statement", "isinya bukan sebuah pernyataan"),
    ("the other administrator signed for {} days", "administrator yang lain menandatangani untuk {} hari"),
    ("the root cannot be read", "sertifikat akar tidak dapat dibaca"),
    ("the root's key did not sign it", "tidak ditandatangani dengan kunci akar"),
    ("there is no key", "tidak ada kunci"),
    ("the key is not the one that its hash names", "kuncinya tidak sesuai dengan hash-nya"),
    (
        "a renewal renews something, and nothing else does",
        "hanya pembaruan yang menyebutkan sertifikat yang diperbarui",
    ),
    ("it is for no system", "tidak ditujukan kepada sistem mana pun"),
    ("it is a gateway's", "permohonan ini milik gateway"),
    ("it names no host", "tidak menyebutkan nama host"),
    ("a gateway is no system", "gateway bukan sistem"),
    ("there is no such agency", "instansi tersebut tidak ada"),
    ("there is no such system", "sistem tersebut tidak ada"),
    ("its role comes by no token", "perannya tidak dapat diberikan dengan token"),
    ("it has neither token nor key", "tidak memuat token ataupun kunci"),
    ("a gateway's key signed", "ditandatangani dengan kunci gateway"),
    ("a signature is by no administrator", "ada tanda tangan yang bukan dari administrator"),
    (
        "a signature is by another than it says, or stands there twice",
        "ada tanda tangan yang bukan dari pihak yang disebutkan, atau tercantum dua kali",
    ),
    ("a signer's key is unknown", "ada kunci penanda tangan yang tidak dikenal"),
    ("{} administrators must sign", "diperlukan tanda tangan {} administrator"),
    ("a renewal has one signature", "pembaruan memuat tepat satu tanda tangan"),
    ("the signature is not by what is renewed", "tanda tangannya bukan dari sertifikat yang diperbarui"),
    ("the old key is unknown", "kunci yang lama tidak dikenal"),
    ("the root signs once", "akar menandatangani tepat satu kali"),
    (
        "the root admits administrators, and nobody else does it by this way",
        "dengan cara ini hanya akar yang menerima, dan hanya menerima administrator",
    ),
    (
        "a signature is by a certificate that is not valid",
        "ada tanda tangan dari sertifikat yang tidak berlaku",
    ),
    ("a statement cannot be read", "ada pernyataan yang tidak dapat dibaca"),
    ("a statement speaks of something else", "ada pernyataan tentang hal lain"),
    ("a statement is too old", "ada pernyataan yang sudah terlalu lama"),
    ("a signature does not verify", "ada tanda tangan yang tidak cocok"),
    (
        "a statement was used for another certificate",
        "ada pernyataan yang sudah digunakan untuk sertifikat lain",
    ),
];

/// The Indonesian of a fact, where the fact is in words.
pub fn of(fact: &str) -> Option<String> {
    PHRASES.iter().find_map(|(english, indonesian)| {
        let parts = parts(english, fact)?;
        Some(parts.into_iter().fold((*indonesian).to_owned(), |text, part| text.replacen("{}", part, 1)))
    })
}

/// What stands in the places of `{}`; `None` where the pattern does not fit.
pub fn parts<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = pattern.split("{}");
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut found = Vec::new();
    for piece in fixed {
        let (part, after) = if piece.is_empty() { (rest, "") } else { rest.split_once(piece)? };
        found.push(part);
        rest = after;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_read_whole_or_not_at_all() {
        for (fact, indonesian) in [
            ("programme", Some("program")),
            ("programmes", None),
            ("ACTIVE", None),
            ("none covers TRAINER now", Some("saat ini tidak ada perjanjian yang mencakup PELATIH")),
            ("TERMINATED from 2026-05-01", Some("DIAKHIRI sejak 2026-05-01")),
            (
                "it is ECDSA with SHA-1, where a key of P-256 signs by ECDSA with SHA-256",
                Some(
                    "tanda tangannya ECDSA with SHA-1, sedangkan kunci P-256 menandatangani dengan ECDSA with SHA-256",
                ),
            ),
            ("2 administrators must sign", Some("diperlukan tanda tangan 2 administrator")),
            ("2 administrators must sign now", None),
            ("", None),
        ] {
            assert_eq!(of(fact).as_deref(), indonesian, "{fact}");
        }
    }

    #[test]
    fn both_languages_have_the_same_places() {
        for (english, indonesian) in PHRASES {
            assert_eq!(english.matches("{}").count(), indonesian.matches("{}").count(), "{english}");
        }
    }
}
