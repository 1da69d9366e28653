//! What is said and asked of erasing trainees' data, and of keeping them.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    hold_placed(who)
        "Nothing of {who} is erased before you lift the hold: gerbang trainee release"
        "Data {who} tidak dihapus sebelum penangguhannya dicabut: gerbang trainee release";
    ask_lift_hold()
        "Lift the legal hold? What is due of this trainee is then erased for ever. [y/N]"
        "Cabut penangguhan pemusnahan? Data peserta ini yang sudah jatuh tempo akan dihapus untuk selamanya. [y/T]";
    hold_lifted(who)
        "The legal hold on {who} is lifted. What is due by now is erased from now on, as a rule within a day."
        "Penangguhan pemusnahan data {who} dicabut. Data yang sudah jatuh tempo akan dihapus, biasanya dalam satu hari.";
    trainees_erased(count)
        "Of {count} nothing is known any more: it was erased two years after the last course."
        "Data {count} peserta sudah dihapus, dua tahun setelah pelatihan terakhirnya selesai.";
    rows_erased(count)
        "Of {count} trainees everything is erased, as the ledger tells."
        "Semua data {count} peserta telah dihapus, sesuai dengan buku besar.";
    erasure_due(due, held)
        "Due: {due}. Kept by a legal hold: {held}. Nothing was erased."
        "Jatuh tempo: {due}. Ditangguhkan pemusnahannya: {held}. Tidak ada yang dihapus.";
    erasure_postponed(days)
        "No gateway erases anything of the trainees that there are in the next {days} days."
        "Dalam {days} hari ke depan tidak ada gerbang yang menghapus data peserta yang ada sekarang.";
    erase_question(due)
        "Erase what is listed of {due} trainees for ever? [y/N]"
        "Hapus data tersebut dari {due} peserta untuk selamanya? [y/T]";
    erased(persons, salts)
        "Data of {persons} trainees is erased, and {salts} salts by which the ledger could have confirmed it."
        "Data {persons} peserta telah dihapus, beserta {salts} salt yang memungkinkan orang mencocokkan data itu dengan buku besar.";
    salts_wait(erasures)
        "Of {erasures} erasures the salts are not all gone: the gateway erases them within ten minutes, or run this again. Of who \
         is under a legal hold they stay until it is lifted."
        "Salt dari {erasures} penghapusan belum semuanya hilang: gerbang menghapusnya dalam sepuluh menit, atau jalankan perintah ini lagi. \
         Salt peserta yang pemusnahannya ditangguhkan tetap ada sampai penangguhannya dicabut.";
    erasure_ahead(by)
        "Nothing is erased: this machine's clock is {by} ahead of the database's. Set it by the network (chrony, systemd-timesyncd), then \
         try again."
        "Tidak ada yang dihapus: jam mesin ini terlalu cepat {by} dibandingkan jam basis data. Samakan lewat jaringan (chrony, \
         systemd-timesyncd), lalu coba lagi.";
    not_erased(failed)
        "Could not be erased: {failed}. The lines above say why; run it again once that is mended."
        "Tidak dapat dihapus: {failed}. Baris di atas menyebutkan sebabnya; jalankan lagi setelah diperbaiki.";
}
