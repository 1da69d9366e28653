//! What `gerbang vault` says of its keys, and asks before a step that other machines, or old backups, do not survive unprepared.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    activate_shown(path, version)
        "From now on version {version} seals. First, every machine with a gateway must have {path} as it is now: a gateway \
         without the key refuses calls about trainees (VAULT_KEY_MISSING), and once stopped does not start again. On each, \
         gerbang doctor --config FILE says which sealing keys it holds; {version} must be among them."
        "Mulai sekarang kunci versi {version} dipakai untuk menyegel. Sebelumnya, setiap mesin gerbang harus memiliki \
         {path} dalam keadaannya sekarang: gerbang tanpa kunci itu menolak panggilan tentang peserta (VAULT_KEY_MISSING), \
         dan setelah berhenti tidak dapat dijalankan kembali. Pada setiap mesin, gerbang doctor --config BERKAS \
         menunjukkan kunci penyegel yang dimilikinya; versi {version} harus ada di antaranya.";
    activate_question(version)
        "Does every gateway's machine hold version {version}? [y/N]"
        "Apakah setiap mesin gerbang sudah memiliki versi {version}? [y/T]";
    destroy_shown(path, versions, active)
        "Out of {path} goes: version {versions}. What was sealed with it can then never be read again: the trainees' \
         records in every backup of the database from before the change to version {active} was complete. Only another \
         copy of the file that still has the key could open them."
        "Yang dihapus dari {path}: versi {versions}. Semua yang disegel dengannya tidak akan pernah dapat dibaca lagi: data \
         peserta dalam setiap cadangan basis data dari masa sebelum pergantian ke versi {active} selesai. Hanya salinan \
         lain berkas ini yang masih memuat kuncinya yang dapat membukanya.";
    destroy_question(versions)
        "Destroy version {versions} for ever? [y/N]"
        "Hapus versi {versions} untuk selamanya? [y/T]";
    key_file_made(path)
        "Wrote {path}. Keep a backup, apart from the database's."
        "{path} telah ditulis. Simpan cadangannya, terpisah dari cadangan basis data.";
    key_file_upgraded(path)
        "{path} keeps its keys and has two more. Make a new backup, apart from the database's."
        "{path} tetap memuat kuncinya dan mendapat dua lagi. Buat cadangan baru, terpisah dari cadangan basis data.";
    key_added(path, version)
        "{path} has a new sealing key, version {version}: back it up. A gateway that has a copy of its own elsewhere \
         refuses calls about trainees until the copy is brought up to date."
        "{path} mendapat kunci penyegel baru, versi {version}: buat cadangannya. Gerbang lain yang memakai salinan \
         sendiri menolak panggilan tentang peserta sampai salinannya diperbarui.";
    key_prepared(path, version)
        "{path} has the sealing key of version {version}, not in use yet. Back it up, copy it to every gateway, then \
         run the same without --prepare."
        "{path} memuat kunci penyegel versi {version} yang belum dipakai. Buat cadangannya, salin ke setiap gerbang, \
         lalu jalankan lagi tanpa --prepare.";
    key_active(version)
        "Version {version} is active: what is sealed from now on is sealed with it."
        "Versi {version} aktif: segala yang disegel sejak sekarang memakai kunci itu.";
    rotation_resumed(version)
        "A rotation to version {version} is under way and goes on."
        "Pergantian ke versi {version} sedang berjalan dan dilanjutkan.";
    resealed(done, all)
        "Sealed again: {done} of {all} rows."
        "Disegel ulang: {done} dari {all} baris.";
    key_retired(version)
        "Version {version} is retired: nothing in the database needs it. Backups do, until it is removed by \
         --destroy-retired."
        "Versi {version} tidak dipakai lagi: basis data tidak memerlukannya. Cadangan masih memerlukannya, sampai dihapus dengan \
         --destroy-retired.";
    key_destroyed(version, path)
        "Version {version} is gone from {path}. Backups of the database that were sealed with it are unreadable \
         wherever no other copy of the file has it; remove it there too."
        "Versi {version} sudah dihapus dari {path}. Cadangan basis data yang disegel dengannya tidak terbaca lagi, \
         kecuali ada salinan berkas yang masih memuatnya; hapus juga di sana.";
    nothing_retired()
        "The file holds no retired key."
        "Berkas ini tidak memuat kunci yang sudah tidak dipakai.";
    rotation_unfinished(rows)
        "{rows} rows still wait to be sealed again. Run the same once more."
        "{rows} baris masih menunggu disegel ulang. Jalankan sekali lagi.";
    keys_exist()
        "This database has its keys already; with others it is of no use. Bring its key file back."
        "Basis data ini sudah punya kunci; kunci lain tidak dapat dipakai. Kembalikan berkas kuncinya.";
}
