//! Texts of the first page, of options that many commands share, and of what `clap` adds.

use super::Texts;

pub const TEXTS: Texts = &[
    (
        "Gerbang: a gateway through which agencies exchange agreements, schedules, trainer assignments and rosters",
        "Gerbang: sarana pertukaran perjanjian, jadwal, penugasan pelatih, dan daftar peserta antarinstansi",
    ),
    ("Global options", "Opsi umum"),
    ("Advanced options", "Opsi lanjutan"),
    ("Who you are: the name of a profile", "Identitas Anda: nama profil"),
    (
        "How answers are written; JSON stands alone on standard output",
        "Bentuk jawaban: tabel, atau JSON untuk diolah program lain",
    ),
    (
        "Say more: the ledger entry of each change",
        "Tampilkan lebih banyak: entri buku besar dari setiap perubahan",
    ),
    (
        "Profiles are looked for in $GERBANG_PROFILES, ~/.config/gerbang/profiles and .gerbang/profiles.\n\
         What a command is about stands first, by its name: AGENCY, AGENCY/SYSTEM, AGENCY/PROGRAMME; filters are options.\n\
         Without --profile, $GERBANG_PROFILE is taken, else the only profile that there is.\n\
         Messages are in English or, with a locale that begins with id, in Indonesian.",
        "Profil dicari di $GERBANG_PROFILES, ~/.config/gerbang/profiles, dan .gerbang/profiles.\n\
         Hal yang dituju perintah ditulis lebih dahulu dengan namanya: INSTANSI, INSTANSI/SISTEM, INSTANSI/PROGRAM; \
         penyaring ditulis sebagai opsi.\n\
         Tanpa --profile, yang dipakai $GERBANG_PROFILE, atau satu-satunya profil yang ada.\n\
         Teks berbahasa Indonesia bila locale berawalan id, selain itu berbahasa Inggris.",
    ),
    (
        "Exit codes:\n  \
         0  done\n  \
         1  failed\n  \
         2  wrong usage\n  \
         4  not authenticated, or not allowed\n  \
         5  not found\n  \
         6  conflict: it exists already, changed in between, or its state forbids it\n\
         A batch ends with the code that its refused items agree on, else with 1.",
        "Kode keluar:\n  \
         0  selesai\n  \
         1  gagal\n  \
         2  cara pemakaian keliru\n  \
         4  identitas tidak dikenali, atau tidak berwenang\n  \
         5  tidak ditemukan\n  \
         6  bertentangan: sudah ada, telah berubah, atau statusnya tidak mengizinkan\n\
         Untuk banyak butir sekaligus, kodenya mengikuti sebab butir-butir yang gagal bila sama; bila tidak, 1.",
    ),
    ("Print help", "Tampilkan bantuan"),
    ("Print help (see more with '--help')", "Tampilkan bantuan (lebih lengkap dengan '--help')"),
    ("Print help (see a summary with '-h')", "Tampilkan bantuan (ringkasan dengan '-h')"),
    ("Print version", "Tampilkan versi"),
    (
        "Print this message or the help of the given subcommand(s)",
        "Tampilkan halaman ini atau bantuan untuk perintah yang disebut",
    ),
    // What verbs share.
    ("Only check; store nothing", "Hanya periksa; tidak ada yang disimpan"),
    (
        "The request's UUID, to send again what may have arrived; made anew where it is not given",
        "UUID permintaan, untuk mengirim ulang yang mungkin sudah sampai; dibuat baru bila tidak disebut",
    ),
    (
        "The name, in full or as CODE/ID; a bare ID is your own agency's",
        "Nama lengkap atau KODE/ID; ID saja berarti milik instansi sendiri",
    ),
    (
        "The etag that was read; read now where it is not given",
        "Etag yang telah dibaca; dibaca sekarang bila tidak disebut",
    ),
    ("Why, for the other side", "Alasan, untuk pihak lain"),
    (
        "One request in JSON, or an array of them; - reads standard input",
        "Berkas JSON berisi satu permintaan atau daftar permintaan; - berarti dibaca dari masukan standar",
    ),
    ("At most so many", "Jumlah paling banyak"),
    (
        "From when: a day (2026-12-07, 7/12/2026, today, tomorrow) of your agency's zone, or a time with offset",
        "Sejak kapan: hari (2026-12-07, 7/12/2026, hari-ini, besok) menurut zona waktu instansi Anda, atau waktu \
         dengan selisih UTC",
    ),
    (
        "To when: to the end of a day, or a time with offset, exclusive",
        "Sampai kapan: sampai akhir hari itu, atau sebelum waktu dengan selisih UTC",
    ),
    ("Only those in this state", "Hanya yang berstatus ini"),
    ("Only of this agency", "Hanya milik instansi ini"),
    (
        "Do what can be done, instead of all or nothing",
        "Lakukan yang memenuhi syarat saja, bukan semua atau tidak sama sekali",
    ),
    (
        "Store what is good, instead of all or nothing",
        "Simpan yang memenuhi syarat saja, bukan semua atau tidak sama sekali",
    ),
    ("Do not ask", "Jangan bertanya lagi"),
    ("The database, as its owner", "Basis data, sebagai pemiliknya"),
    (
        "Leave out the rules for values (buf.validate) and Gerbang's own options, which some tools cannot read",
        "Tanpa aturan nilai (buf.validate) dan opsi Gerbang sendiri, yang tidak terbaca oleh sebagian perkakas",
    ),
    (
        "Write one OpenAPI document instead, which describes the calls in JSON",
        "Tulis satu dokumen OpenAPI saja, yang menjelaskan panggilan dengan JSON",
    ),
    (
        "The language of that document's own texts; the contract's comments are in English [default: en]",
        "Bahasa teks dokumen itu sendiri; keterangan dari kontrak layanan berbahasa Inggris [bawaan: en]",
    ),
    (
        "Print a file to begin with; what its fields mean is told on standard error",
        "Tampilkan contoh berkas untuk diisi, beserta penjelasan setiap isiannya",
    ),
];

/// The names of values, as they stand in angle brackets.
pub const VALUE_NAMES: &[(&str, &str)] = &[
    ("ADDRESS", "ALAMAT"),
    ("AGENCY", "INSTANSI"),
    ("ASSIGNMENT", "PENUGASAN"),
    ("BINDING", "CARA"),
    ("CLEARANCE", "IZIN"),
    ("CMD", "PERINTAH"),
    ("CODE", "KODE"),
    ("CSR", "CSR"),
    ("CURSOR", "KURSOR"),
    ("DAY", "HARI"),
    ("DAYS", "HARI"),
    ("DIR", "FOLDER"),
    ("ENROLMENT", "KEPESERTAAN"),
    ("ENTRY", "ENTRI"),
    ("ETAG", "ETAG"),
    ("FACILITY", "RUANG"),
    ("FILE", "BERKAS"),
    ("FILE|ORDER", "BERKAS|PERMOHONAN"),
    ("FOLDER|FILE", "FOLDER|BERKAS"),
    ("HOST:PORT", "HOST:PORT"),
    ("HOURS", "JAM"),
    ("KEY", "KUNCI"),
    ("KIND", "JENIS"),
    ("LANG", "BAHASA"),
    ("LIMIT", "JUMLAH"),
    ("METHOD", "LAYANAN"),
    ("NAME", "NAMA"),
    ("NEW", "BARU"),
    ("NOTE", "CATATAN"),
    ("OLD", "LAMA"),
    ("ORDER", "PERMOHONAN"),
    ("OUTPUT", "BENTUK"),
    ("PROFILE", "PROFIL"),
    ("PROGRAMME", "PROGRAM"),
    ("REASON", "ALASAN"),
    ("ROLE", "PERAN"),
    ("SERIAL", "NOMOR SERI"),
    ("SESSION", "SESI"),
    ("SHELL", "SHELL"),
    ("STATE", "STATUS"),
    ("STATUS", "STATUS"),
    ("SYSTEM", "SISTEM"),
    ("TRAINEE", "PESERTA"),
    ("TRAINER", "PELATIH"),
    ("UID", "UID"),
    ("URL", "URL"),
    ("UUID", "UUID"),
    ("WHEN", "WAKTU"),
    ("AGENCY/SYSTEM", "INSTANSI/SISTEM"),
    ("AGREEMENT", "PERJANJIAN"),
    ("HOST", "HOST"),
    ("NUMBER", "NOMOR"),
    ("SECONDS", "DETIK"),
];

/// Why a value cannot be taken, by how the English reason begins: our own reasons, and those of the libraries that read
/// numbers and addresses.
pub const FAULTS: &[(&str, &str)] = &[
    (
        crate::cli::when::WHEN_FORM,
        "tulislah hari (2026-12-07, 7/12/2026, hari-ini, besok) atau waktu (2026-12-07T08:00:00+07:00)",
    ),
    (crate::cli::when::DAY_FORM, "tulislah hari (2026-12-07, 7/12/2026, hari-ini, besok)"),
    (
        crate::cli::when::NO_SUCH_DAY,
        "tanggal itu tidak ada; tanggal ditulis sebelum bulan, misalnya 7/12/2026",
    ),
    (crate::cli::when::YEAR_MISSING, "lengkapi dengan tahun empat angka, misalnya 7/12/2026"),
    (crate::cli::when::OTHER_WEEKDAY, "hari dan tanggalnya tidak cocok; periksa keduanya"),
    ("write days, such as 30d", "tulislah jumlah hari, misalnya 30d"),
    (
        "a log is named by a host and a path",
        "tulislah host dan jalur, misalnya gerbang.example.go.id/ledger: huruf kecil, angka, titik, tanda hubung, dan garis miring",
    ),
    (
        "a log's public key is a text as",
        "tulislah kunci publik buku besar, misalnya gerbang.example.go.id/ledger+1a2b3c4d+AbCd…",
    ),
    (
        "a witness's public key is a text as",
        "tulislah kunci publik saksi, misalnya saksi.example.go.id+1a2b3c4d+BAbC…",
    ),
    (
        "write letters, digits, dots, hyphens and underscores",
        "tulislah huruf, angka, titik, tanda hubung, dan garis bawah saja",
    ),
    ("invalid digit found in string", "tulislah angka saja"),
    ("invalid length", "tulislah UUID, misalnya 0192d4c0-7a1e-7000-8000-000000000001"),
    ("invalid character", "tulislah UUID, misalnya 0192d4c0-7a1e-7000-8000-000000000001"),
    ("invalid socket address syntax", "tulislah alamat dan port, misalnya 127.0.0.1:7443"),
];
