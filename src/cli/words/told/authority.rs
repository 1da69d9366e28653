//! Failures of the authority: what cannot be certified, and what was made otherwise than decided. English, and Indonesian with
//! the number of each `{}` that it repeats.

pub(super) const FAILURES: &[(&str, &str)] = &[
    (
        "The names do not fit the certificate: {}. Correct them.",
        "Nama untuk sertifikat ini tidak sesuai: {1}. Perbaiki nama tersebut.",
    ),
    (
        "The public key cannot be certified: {}. Make a new key.",
        "Kunci publik ini tidak dapat disertifikasi: {1}. Buatlah kunci baru.",
    ),
    (
        "The serial number does not stand in a certificate. Draw a new one.",
        "Nomor seri ini tidak dapat dipakai dalam sertifikat. Gunakan nomor seri baru.",
    ),
    (
        "The validity is not possible: {}. Choose other times.",
        "Masa berlakunya tidak dapat dipakai: {1}. Pilih waktu lain.",
    ),
    (
        "The authority cannot issue this: {}. Check its certificate and its key.",
        "Otoritas tidak dapat menerbitkannya: {1}. Periksa sertifikat dan kunci otoritas.",
    ),
    (
        "What was made is not what was decided on: {}. Nothing was signed; tell the makers of Gerbang.",
        "Yang dibuat tidak sama dengan yang diputuskan: {1}. Tidak ada yang ditandatangani; laporkan kepada pembuat Gerbang.",
    ),
    (
        "The revocation list cannot be made: {}. Check the inventory.",
        "Daftar pencabutan tidak dapat dibuat: {1}. Periksa daftar sertifikat.",
    ),
    (
        "The certificate cannot be written: {}. Check the names and the times that it should carry.",
        "Sertifikat tidak dapat ditulis: {1}. Periksa nama dan waktu yang akan dimuat.",
    ),
    (
        "The statement is of a format that this version does not read. Use a newer version of Gerbang.",
        "Format pernyataan ini tidak terbaca oleh versi ini. Gunakan versi Gerbang yang lebih baru.",
    ),
    ("The statement is damaged. Have it sent again.", "Pernyataan ini rusak. Mintalah agar dikirim kembali."),
    (
        "This is not a token. A token begins with \"gerbang1.\"; copy it whole, as it was given out.",
        "Ini bukan token. Token diawali \"gerbang1.\"; salinlah seutuhnya seperti yang diberikan.",
    ),
    (
        "The token is damaged. Copy it whole, as it was given out.",
        "Token ini rusak. Salinlah seutuhnya seperti yang diberikan.",
    ),
    // Names.
    ("the agency's code is not one", "kode instansinya tidak sesuai bentuk"),
    ("the system's name is not one", "nama sistemnya tidak sesuai bentuk"),
    ("a gateway needs a host name or an address", "gerbang memerlukan nama host atau alamat"),
    ("a host is neither a DNS name nor an address", "ada host yang bukan nama DNS atau alamat"),
    ("a host stands there twice", "ada host yang tercantum dua kali"),
    (
        "an authority's name or its organisation is empty or too long",
        "nama otoritas atau organisasinya kosong atau terlalu panjang",
    ),
    ("two authorities have one name", "dua otoritas memakai nama yang sama"),
    (
        "its name is not made of one UTF-8 text for each part",
        "namanya tidak tersusun atas satu teks UTF-8 untuk setiap bagian",
    ),
    // Keys.
    ("an authority's is on P-256", "kunci otoritas harus P-256"),
    (
        "a gateway's is on P-256, or clients in Python cannot talk to it",
        "kunci gerbang harus P-256 agar dapat dihubungi klien Python",
    ),
    (
        "it stands there twice, and its holder could act as two",
        "kunci itu tercantum dua kali, sehingga pemegangnya dapat bertindak sebagai dua orang",
    ),
    ("the key is not its certificate's", "kuncinya bukan pasangan sertifikatnya"),
    ("its key cannot be read", "kuncinya tidak dapat dibaca"),
    // Times.
    ("it lies outside the calendar", "di luar kalender"),
    ("it ends outside the calendar", "berakhir di luar kalender"),
    ("it would outlive the authority, which ends before", "melampaui akhir masa berlaku otoritas"),
    ("it would outlive the root, which ends before", "melampaui akhir masa berlaku akar"),
    (
        "it begins before 1970, when certificates were not yet",
        "mulai sebelum tahun 1970, ketika sertifikat belum ada",
    ),
    ("it would last no day", "tidak sampai satu hari"),
    ("it would end before it begins", "berakhir sebelum dimulai"),
    ("it would last longer than 397 days", "lebih dari 397 hari"),
    // What an authority is for.
    (
        "it is not the clients' (extended key usage clientAuth)",
        "bukan otoritas untuk klien (extended key usage clientAuth)",
    ),
    (
        "it is not the gateways' (extended key usage serverAuth)",
        "bukan otoritas untuk gerbang (extended key usage serverAuth)",
    ),
    ("there is no CERTIFICATE block that can be read", "tidak ada blok CERTIFICATE yang dapat dibaca"),
    (
        "an extension of its certificate cannot be read, or stands there twice",
        "ada ekstensi sertifikatnya yang tidak dapat dibaca, atau tercantum dua kali",
    ),
    ("its certificate has no subject key identifier", "sertifikatnya tidak memuat pengenal kunci subjek"),
    ("its certificate is not an X.509 certificate", "sertifikatnya bukan sertifikat X.509"),
    ("its certificate is not an authority's", "sertifikatnya bukan milik otoritas"),
    (
        "its certificate is not of version 3, or bytes follow it",
        "sertifikatnya bukan versi 3, atau ada bita lain di belakangnya",
    ),
    ("its key is not on P-256", "kuncinya bukan P-256"),
    (
        "its key may not sign certificates and revocation lists",
        "kuncinya tidak boleh menandatangani sertifikat dan daftar pencabutan",
    ),
    ("its signature does not verify", "tanda tangannya tidak cocok"),
    // What was made, where it differs from what was decided.
    ("it cannot be read as a certificate", "tidak dapat dibaca sebagai sertifikat"),
    ("it cannot be read back", "tidak dapat dibaca kembali"),
    ("it cannot be read", "tidak dapat dibaca"),
    ("it holds other bytes than those to be signed", "isinya berbeda dari yang akan ditandatangani"),
    ("it names another authority", "menyebutkan otoritas lain"),
    ("it names two algorithms", "menyebutkan dua algoritma"),
    ("a peer would refuse it", "akan ditolak pihak yang dihubungi"),
    ("a serial number stands there twice", "ada nomor seri yang tercantum dua kali"),
    ("its number differs", "nomornya berbeda"),
    ("its authority key identifier differs", "pengenal kunci otoritasnya berbeda"),
    ("it has more extensions than two", "ekstensinya lebih dari dua"),
    ("its beginning differs", "waktu mulainya berbeda"),
    ("its end differs", "waktu akhirnya berbeda"),
    ("an entry differs", "ada entri yang berbeda"),
    ("it has more entries", "entrinya berlebih"),
    ("the serial number", "nomor seri"),
    ("the authority's name", "nama otoritas"),
    ("the beginning", "waktu mulai"),
    ("the end, which is after the authority's", "waktu akhir, yang melampaui otoritas"),
    ("the end", "waktu akhir"),
    ("the subject's name", "nama subjek"),
    ("the key usage", "kegunaan kunci"),
    ("the key", "kunci"),
    ("the authority key identifier", "pengenal kunci otoritas"),
    ("the subject key identifier", "pengenal kunci subjek"),
    ("the subject's alternative names", "nama alternatif subjek"),
    ("the basic constraints", "batasan dasar"),
    ("the extended key usage", "kegunaan kunci tambahan"),
    ("the number of its parts", "jumlah bagiannya"),
    ("the number of the parts that are signed", "jumlah bagian yang ditandatangani"),
    ("the number of times", "jumlah waktu"),
    ("the version", "versi"),
    ("the algorithm of the signature", "algoritma tanda tangan"),
    ("how a time is written", "penulisan waktu"),
    ("how long it lasts", "lama masa berlaku"),
    ("the subject, which is not one common name", "subjek, yang bukan satu common name"),
    ("the extensions", "ekstensi"),
    ("the number of extensions", "jumlah ekstensi"),
];
