//! What `gerbang vault` asks before a step that other machines, or old backups, do not survive unprepared.

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
}
