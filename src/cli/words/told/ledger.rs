//! What is wrong with an export of the ledger, with a checkpoint or with a log's key. English, and Indonesian with the number of each
//! `{}` that it repeats.

pub(super) const FAILURES: &[(&str, &str)] = &[
    // A log's name and keys.
    (
        "a log is named by a host and a path, as gerbang.example.go.id/ledger: lower-case letters, digits, dots, hyphens and \
         slashes, 100 bytes at most, and neither /receipt nor /successor at the end",
        "buku besar dinamai dengan host dan jalur, misalnya gerbang.example.go.id/ledger: huruf kecil, angka, titik, tanda \
         hubung, dan garis miring, paling banyak 100 karakter, dan tidak berakhir dengan /receipt atau /successor",
    ),
    (
        "a log's public key is a text as gerbang.example.go.id/ledger+1a2b3c4d+AbCd…, and this is none",
        "kunci publik buku besar berbentuk gerbang.example.go.id/ledger+1a2b3c4d+AbCd…, dan ini bukan",
    ),
    (
        "the log's private key is not an Ed25519 key in PKCS#8",
        "kunci privat buku besar bukan kunci Ed25519 dalam PKCS#8",
    ),
    ("its first line is not the name of a log", "baris pertamanya bukan nama buku besar"),
    ("the key of a log is on Ed25519", "kunci buku besar harus Ed25519"),
    // A signed note.
    ("it is not a signed note", "bukan catatan bertanda tangan"),
    ("it is signed, but not with the key {}", "ditandatangani, tetapi bukan dengan kunci {1}"),
    ("its signature is wrong", "tanda tangannya salah"),
    ("what is signed is no statement of {}", "yang ditandatangani bukan pernyataan {1}"),
    // An export.
    ("line {}: {}", "baris {1}: {2}"),
    ("it cannot be read: {}", "tidak dapat dibaca: {1}"),
    ("it is longer than any line of an export", "lebih panjang daripada baris hasil ekspor mana pun"),
    ("it has no end: the export was cut off", "tidak berakhir: hasil ekspor terpotong"),
    (
        "it is not the first line of an export in the format {} or {}",
        "bukan baris pertama hasil ekspor dengan format {1} atau {2}",
    ),
    (
        "the export is of the log {}, the key is of {}",
        "hasil ekspor ini dari buku besar {1}, kuncinya dari {2}",
    ),
    ("of the checkpoint, {}", "titik periksanya: {1}"),
    ("of the keys that replaced the log's, {}", "kunci-kunci pengganti kunci buku besar: {1}"),
    ("the key that is to follow is of another log: {}", "kunci penggantinya milik buku besar lain: {1}"),
    (
        "the checkpoint is signed with {}, and no entry of the export says that this key replaced another",
        "titik periksanya ditandatangani dengan {1}, dan tidak ada entri yang menyebutkan kunci itu sebagai pengganti",
    ),
    (
        "entry {} replaces the log's key, and the checkpoint is signed with another key than it names",
        "entri {1} mengganti kunci buku besar, tetapi titik periksanya ditandatangani dengan kunci lain daripada yang disebutkannya",
    ),
    ("the frontier is not that of a tree of {} entries", "frontier-nya bukan milik pohon dengan {1} entri"),
    (
        "the checkpoint has {} entries, fewer than the {} before the export's first",
        "titik periksanya memuat {1} entri, kurang dari {2} sebelum entri pertama hasil ekspor",
    ),
    (
        "the export begins with entry {}, and only a kept checkpoint of as many entries or more tells whether those before it are \
         the log's",
        "hasil ekspor diawali entri {1}, dan hanya titik periksa yang disimpan dengan sekurang-kurangnya sebanyak itu yang \
         menunjukkan apakah entri sebelumnya benar",
    ),
    (
        "the log has {} entries now and had {} when the kept checkpoint was made: it was cut off",
        "buku besar kini memuat {1} entri, dan {2} ketika titik periksa yang disimpan dibuat: buku besar telah dipotong",
    ),
    (
        "the first {} entries are not those of the kept checkpoint: they were changed, or this is another log",
        "{1} entri pertama tidak sesuai dengan titik periksa yang disimpan: entri itu diubah, atau buku besarnya lain",
    ),
    ("it is not a line of an entry", "bukan baris entri"),
    ("it has entry {}, expected {}", "memuat entri {1}, seharusnya {2}"),
    ("of entry {}, {}", "entri {1}: {2}"),
    (
        "entry {} has the id {}, which one before it has",
        "entri {1} berpengenal {2}, seperti entri sebelumnya",
    ),
    (
        "the export ends before entry {}, and its checkpoint has {} entries",
        "hasil ekspor berakhir sebelum entri {1}, sedangkan titik periksanya memuat {2} entri",
    ),
    (
        "the export goes on behind its checkpoint, which has {} entries",
        "hasil ekspor berlanjut sesudah titik periksanya, yang memuat {1} entri",
    ),
    (
        "the entries are not those of the checkpoint: one of them from entry {} on was changed",
        "entrinya tidak sesuai dengan titik periksa: salah satunya, mulai dari entri {1}, telah diubah",
    ),
    // A leaf.
    (
        "the leaf has format {}; this version reads formats 1 and 2",
        "isinya berformat {1}; versi ini membaca format 1 dan 2",
    ),
    ("the bytes are not those of a ledger entry", "isinya bukan entri buku besar"),
    ("the entry is larger than any call writes", "entri itu lebih besar daripada yang mungkin ditulis"),
];
