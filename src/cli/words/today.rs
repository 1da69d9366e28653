//! The sentences of the morning page and of selections: what waits and for what, what was meant instead, and what is
//! asked before work of others is stopped.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    ask_suspend(name, title)
        "Suspend agreement {name} ({title})? Nothing passes under it until it is resumed. [y/N]"
        "Tangguhkan perjanjian {name} ({title})? Tidak ada pertukaran menurut perjanjian itu sampai penangguhannya \
         dicabut. [y/T]";
    ask_withhold()
        "Withhold this trainee's name and education from every partner? [y/N]"
        "Jangan tampilkan nama dan pendidikan peserta ini kepada mitra mana pun? [y/T]";
    nearest(text, lines)
        "Nothing here goes by \"{text}\", so nothing was done. Nearest first, there are:\n{lines}"
        "Tidak ada yang cocok dengan \"{text}\", sehingga tidak ada yang dilakukan. Yang ada, mulai dari yang paling \
         mirip:\n{lines}";
    name_or_select_sessions()
        "Name sessions, or select them with --day, --from, --to or --programme."
        "Sebutkan sesi, atau pilih dengan --day, --from, --to, atau --programme.";
    name_or_select_assignments()
        "Name assignments, or select them with --day, --from, --to, --trainer, --trainer-agency, --programme, --uid or \
         --facility."
        "Sebutkan penugasan, atau pilih dengan --day, --from, --to, --trainer, --trainer-agency, --programme, --uid, \
         atau --facility.";
    door_sees_two_days()
        "The device at the door sees today and tomorrow only, by the prison's time zone. For another day, ask the prison's \
         office to print the sheet."
        "Perangkat P2U hanya melihat hari ini dan besok, menurut zona waktu lapas. Untuk hari lain, mintalah kantor lapas \
         mencetak daftarnya.";
    waiting_lead(count)
        "Waiting for a lead trainer who is accepted: {count}."
        "Menunggu pelatih utama disetujui instansinya: {count}.";
    waiting_room(count)
        "Without a room that fits (--facility): {count}."
        "Belum ada ruang yang sesuai (--facility): {count}.";
    waiting_agreement(count)
        "Under an agreement that is not in force: {count}."
        "Menurut perjanjian yang tidak berlaku: {count}.";
    waiting_other(count)
        "For another reason: {count}."
        "Karena sebab lain: {count}.";
    more_later(count)
        "… and {count} more later."
        "… dan {count} lagi sesudahnya.";
    of_suspended(agency, count)
        "Cannot be confirmed: of {agency}, which the operator suspended: {count}."
        "Tidak dapat dikonfirmasi: instansi {agency} ditangguhkan operator: {count}.";
    cannot_yet(waiting)
        "Cannot be confirmed yet: {waiting}"
        "Belum dapat dikonfirmasi: {waiting}";
}
