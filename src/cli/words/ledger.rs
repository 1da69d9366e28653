//! What `gerbang audit` and `gerbang receipt` say of the ledger as a whole: its key, checkpoints, exports and receipts.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    ledger_key_made(file)
        "The key is in {file}. Keep a copy in the safe, and publish what follows: the log's public key, by which others verify \
         its checkpoints."
        "Kunci berada di {file}. Simpan salinannya di brankas, dan umumkan yang berikut ini: kunci publik buku besar, yang \
         dipakai pihak lain untuk memeriksa titik periksanya.";
    ledger_key_replacing(old, new)
        "{old}\nis to be replaced by\n{new}"
        "{old}\nakan diganti dengan\n{new}";
    ledger_key_question()
        "Replace the ledger's key? It cannot be undone."
        "Ganti kunci buku besar? Tindakan ini tidak dapat dibatalkan.";
    ledger_key_replaced(file)
        "The key is replaced. Now put {file} in the place of the old file at every gateway and start each anew: with the old key it \
         proves nothing. Then publish what follows, the log's new public key, and keep a copy of the file in the safe."
        "Kunci telah diganti. Selanjutnya taruh {file} pada tempat berkas lama di setiap gerbang, lalu jalankan ulang gerbangnya: \
         dengan kunci lama, gerbang tidak membuktikan apa pun. Kemudian umumkan yang berikut ini, yaitu kunci publik baru buku besar, \
         dan simpan salinan berkasnya di brankas.";
    ledger_key_replaced_before()
        "The key was replaced by this one before; nothing was done. The log's public key follows."
        "Kunci telah diganti dengan kunci ini sebelumnya; tidak ada yang dilakukan. Berikut kunci publik buku besar.";
    ledger_key_of_another_log(new, old)
        "The new key is of {new}, and the ledger is {old}. Make one by gerbang audit key --origin {old}."
        "Kunci baru itu milik {new}, sedangkan buku besar ini {old}. Buat kunci dengan gerbang audit key --origin {old}.";
    ledger_key_the_same()
        "Both files have the same key. Make a new one by gerbang audit key."
        "Kedua berkas memuat kunci yang sama. Buat kunci baru dengan gerbang audit key.";
    ledger_key_not_in_force(key)
        "The key in the file is not in force: it was replaced, and {key} has taken its place. Take the file with that one."
        "Kunci dalam berkas itu tidak berlaku lagi: kunci itu telah diganti, dan kini berlaku {key}. Gunakan berkas dengan kunci tersebut.";
    ledger_key_not_again()
        "The new key was the log's before, and was replaced. Make another one by gerbang audit key."
        "Kunci baru itu pernah menjadi kunci buku besar dan telah diganti. Buat kunci lain dengan gerbang audit key.";
    ledger_key_unplaced()
        "The entry that tells of the log's new key has no place yet. A gateway that runs gives it one within a second: start one, and \
         export again."
        "Entri tentang kunci baru buku besar belum mendapat urutannya. Gerbang yang berjalan memberinya urutan dalam satu detik: \
         jalankan gerbang, lalu ekspor kembali.";
    ledger_key_followed(key)
        "The log's key was replaced, as the one that you gave has signed and the export's entries tell. Give this one from now on: {key}"
        "Kunci buku besar telah diganti, sebagaimana ditandatangani dengan kunci yang Anda berikan dan tercatat dalam entri hasil ekspor. \
         Mulai sekarang berikan kunci ini: {key}";
    live_without_checkpoint()
        "With --key, --live compares the database with a checkpoint that the key has signed: name the file by --keep, which has to be there."
        "Dengan --key, --live membandingkan basis data dengan titik periksa yang ditandatangani kunci itu: sebutkan berkasnya dengan \
         --keep, dan berkas itu harus sudah ada.";
    ledger_key_said(key)
        "The gateway says, and the key that you gave has signed, that the log's key was replaced. Compare this one with the operator's \
         publication, then give it from now on: {key}"
        "Menurut gerbang, dan sebagaimana ditandatangani dengan kunci yang Anda berikan, kunci buku besar telah diganti. Cocokkan kunci ini \
         dengan yang diumumkan operator, lalu berikan mulai sekarang: {key}";
    ledger_conflict_kept(file)
        "It is not proved that the ledger only grew. The new checkpoint is in {file}, and the kept one stays as it was."
        "Belum terbukti bahwa buku besar hanya bertambah. Titik periksa yang baru berada di {file}, dan yang disimpan tetap seperti \
         semula.";
    ledger_grew(before, now)
        "The ledger only grew: its first {before} entries are those of the kept checkpoint, and it has {now} now."
        "Buku besar hanya bertambah: {before} entri pertamanya sesuai dengan titik periksa yang disimpan, dan kini ada {now}.";
    ledger_shrank(before, now)
        "The ledger has {now} entries, and the kept checkpoint states {before}. It was cut off, or put back from a backup. Keep \
         the checkpoint as proof, and ask the operator."
        "Buku besar memuat {now} entri, sedangkan titik periksa yang disimpan menyebutkan {before}. Buku besar telah dipotong, \
         atau dipulihkan dari cadangan. Simpan titik periksa itu sebagai bukti, dan tanyakan kepada operator.";
    ledger_forked(size)
        "The first {size} entries of the ledger are not those of the kept checkpoint: they were changed, or it is another ledger. \
         Keep both checkpoints as proof, and ask the operator."
        "{size} entri pertama buku besar tidak sesuai dengan titik periksa yang disimpan: entri itu diubah, atau buku besarnya \
         lain. Simpan kedua titik periksa sebagai bukti, dan tanyakan kepada operator.";
    ledger_unfit()
        "What was exported is not what the ledger's tree was made of: somebody changed entries past the gateway. Hand it to \
         nobody; gerbang audit rows says what was changed."
        "Hasil ekspor tidak sesuai dengan pohon buku besar: entri diubah tanpa melalui gerbang. Jangan serahkan kepada siapa \
         pun; gerbang audit rows menunjukkan apa yang diubah.";
    ledger_exported(entries, size)
        "Exported: {entries} entries, up to the checkpoint of {size}."
        "Diekspor: {entries} entri, sampai titik periksa dengan {size} entri.";
    ledger_verified(entries, size)
        "Verified: {entries} entries are as they were signed, up to the checkpoint of {size}, which follows."
        "Terperiksa: {entries} entri sesuai dengan yang ditandatangani, sampai titik periksa dengan {size} entri berikut ini.";
    receipt_signed(entry, time)
        "The log has signed that entry {entry} was recorded at {time}."
        "Buku besar menandatangani bahwa entri {entry} dicatat pada {time}.";
    receipt_placed(index, size)
        "It is entry {index}, counted from 0, of the {size} that the log has signed in its checkpoint."
        "Entri itu berada di urutan {index}, dihitung dari 0, di antara {size} entri yang ditandatangani dalam titik periksa.";
    receipt_not_held_against()
        "Whether the entry is in the ledger was not asked: --checkpoint or --export does."
        "Apakah entri itu ada dalam buku besar tidak ditanyakan: gunakan --checkpoint atau --export.";
    receipt_unproved(size)
        "The gateway does not prove that the entry of the receipt is among the {size} of the checkpoint: the ledger was changed. Keep \
         receipt and checkpoint as proof, and ask the operator."
        "Gerbang tidak membuktikan bahwa entri dalam tanda terima termasuk {size} entri titik periksa: buku besar telah diubah. \
         Simpan tanda terima dan titik periksa sebagai bukti, dan tanyakan kepada operator.";
    receipt_not_exported()
        "The export is as it was signed, and does not have the entry of the receipt. An entry gets its place a moment after it is \
         recorded: if an export that was made later does not have it either, the ledger was changed. Keep both as proof, and ask \
         the operator."
        "Hasil ekspor sesuai dengan yang ditandatangani, tetapi tidak memuat entri dalam tanda terima. Entri mendapat urutannya \
         sesaat sesudah dicatat: apabila ekspor yang dibuat kemudian tetap tidak memuatnya, buku besar telah diubah. Simpan \
         keduanya sebagai bukti, dan tanyakan kepada operator.";
    receipt_unknown()
        "The log has signed that it took the entry, and the gateway says that it has none, or that you may not know of it. If your \
         agency wrote it, and asks again a moment later in vain, the ledger was changed: keep receipt and checkpoint as proof, and \
         ask the operator."
        "Buku besar menandatangani bahwa entri itu diterimanya, tetapi gerbang menyatakan bahwa entri itu tidak ada atau Anda \
         tidak berwenang mengetahuinya. Apabila instansi Anda yang menulisnya, dan sesaat kemudian jawabannya tetap sama, buku \
         besar telah diubah: simpan tanda terima dan titik periksa sebagai bukti, dan tanyakan kepada operator.";
}

/// A collection of resources in Indonesian, by its name in the contract; any other stays as it is.
const COLLECTIONS: &[(&str, &str)] = &[
    ("agencies", "instansi"),
    ("agreements", "perjanjian"),
    ("assignments", "penugasan"),
    ("authorities", "otoritas sertifikat"),
    ("barredKeys", "kunci yang dilarang"),
    ("certificateOrders", "permohonan sertifikat"),
    ("certificates", "sertifikat"),
    ("cosignatures", "tanda tangan saksi"),
    ("enrolments", "kepesertaan"),
    ("facilities", "ruang"),
    ("programmes", "program"),
    ("schedules", "jadwal"),
    ("sessions", "sesi"),
    ("systems", "sistem"),
    ("trainees", "peserta"),
    ("trainerClaims", "klaim pelatih"),
    ("trainers", "pelatih"),
    ("ledgerKeys", "kunci buku besar"),
    ("vaultKeys", "kunci brankas"),
];

/// A collection of resources, as a list of entries counts them.
pub fn collection(language: Language, name: &str) -> String {
    let word = COLLECTIONS.iter().find(|(one, _)| *one == name && language == Language::Indonesian);
    word.map_or(name, |(_, word)| word).to_owned()
}
