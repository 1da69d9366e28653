//! The sentences of the morning page and of selections: what waits and for what, what was meant instead, and what is
//! asked before work of others is stopped.

use std::fmt::Display;

use crate::{cli::missed::Item, domain::reason::Language};

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
        "Without a room that fits: {count}."
        "Belum ada ruang yang sesuai: {count}.";
    give_room(programme)
        "To give them a room: gerbang schedule confirm --from today --programme {programme} --facility ROOM. The rooms: \
         gerbang facility list"
        "Untuk memberi ruang: gerbang schedule confirm --from hari-ini --programme {programme} --facility RUANG. Daftar \
         ruang: gerbang facility list";
    more_later_all(count)
        "… and {count} more later. All of them: gerbang schedule confirm --from today --ready"
        "… dan {count} lagi sesudahnya. Semuanya: gerbang schedule confirm --from hari-ini --ready";
    cannot_yet_of_all(waiting)
        "Of all sessions ahead, these cannot be confirmed yet: {waiting}"
        "Dari semua sesi yang akan datang, yang belum dapat dikonfirmasi: {waiting}";
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
    none_found(what, when)
        "No {what}{when}."
        "Tidak ada {what}{when}.";
    on_day(day)
        " on {day}"
        " pada {day}";
    on_days(first, last)
        " from {first} to {last}"
        " dari {first} sampai {last}";
    from_day(day)
        " from {day} on"
        " mulai {day}";
    to_day(day)
        " up to {day}"
        " sampai {day}";
    nearest_day(day, count)
        "Nearest: {day} ({count})."
        "Terdekat: {day} ({count}).";
    left_out_begun(count, item)
        "{count} {item}(s) left out: begun already."
        "{count} {item} tidak termasuk karena sudah dimulai.";
    left_out_closed(count, item)
        "{count} {item}(s) left out: under an agreement that is not in force (suspended or over)."
        "{count} {item} tidak termasuk karena perjanjiannya tidak berlaku (ditangguhkan atau telah berakhir).";
    left_out_state(count, item, state)
        "{count} {item}(s) left out: in the state {state}."
        "{count} {item} tidak termasuk karena berstatus {state}.";
    allow_again(options)
        "So that the lead agency may propose the trainer again: gerbang assignment allow {options}"
        "Agar pelatihnya boleh diusulkan kembali: gerbang assignment allow {options}";
    clear_by_name(text)
        "{text} is no name of an assignment, so nothing was done. To select by name: --trainer {text}; by session: --uid \
         {text}; by day: --day tomorrow."
        "{text} bukan nomor penugasan, sehingga tidak ada yang dilakukan. Untuk memilih menurut nama: --trainer {text}; \
         menurut sesi: --uid {text}; menurut hari: --day besok.";
    push_again_first()
        "A session that the prison declined has to be pushed again by the lead agency; then it can be confirmed."
        "Sesi ini ditolak Lapas. Instansi pelaksana harus mengirimnya kembali; setelah itu dapat dikonfirmasi.";
    door_nobody(when)
        "No trainer may enter {when}."
        "Tidak ada pelatih yang boleh masuk {when}.";
    door_today(day)
        "today, {day}"
        "hari ini, {day}";
    door_tomorrow(day)
        "tomorrow, {day}"
        "besok, {day}";
    door_day(day)
        "on {day}"
        "pada {day}";
    waiting_substitute(count)
        "Their lead trainer was refused entry by you; waiting for another trainer: {count}."
        "Pelatih utamanya Anda tolak; menunggu pelatih pengganti: {count}.";
    exact_with_yes()
        "With --yes, each trainee is named by the whole register number, the whole name or the reference, so that nobody \
         else is taken off. Nothing was done. Without --yes, what was found is shown first, and asked for."
        "Dengan --yes, setiap peserta disebut dengan nomor register lengkap, nama lengkap, atau nomor kepesertaannya, agar \
         tidak salah orang. Tidak ada yang dilakukan. Tanpa --yes, yang ditemukan ditampilkan dahulu dan ditanyakan.";
    to_before_from()
        "--to lies before --from, so there is no time between them. Exchange them, or name one day: --day."
        "--to lebih awal daripada --from, sehingga tidak ada waktu di antaranya. Tukarlah keduanya, atau sebutkan satu \
         hari: --day.";
    ask_refuse_cleared(count, cleared)
        "Assignments whose trainers are to be refused entry: {count}, of which {cleared} are CLEARED already. Confirmed \
         sessions that lose their lead trainer fall back to TENTATIVE. Go ahead? [y/N]"
        "Penugasan yang pelatihnya tidak akan diberi izin masuk: {count}, di antaranya {cleared} sudah DIIZINKAN. Sesi yang \
         sudah DIKONFIRMASI kembali TENTATIF apabila kehilangan pelatih utamanya. Lanjutkan? [y/T]";
}

/// The noun, of which there may be several.
pub fn item(language: Language, item: Item) -> &'static str {
    match (language, item) {
        (Language::English, Item::Session) => "session",
        (Language::English, Item::Assignment) => "assignment",
        (Language::Indonesian, Item::Session) => "sesi",
        (Language::Indonesian, Item::Assignment) => "penugasan",
    }
}
