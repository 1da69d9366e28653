//! The sentences of a day's work: what is asked before it is done, what a text may mean, the morning page and the
//! door's sheet.

use std::fmt::Display;

use jiff::civil::Date;

use crate::{
    domain::reason::{Language, moment},
    proto::v1::ClearanceStep,
};

words! {
    ask_accept(count)
        "Assignments to accept: {count}. Go ahead? [y/N]"
        "Penugasan yang akan disetujui: {count}. Lanjutkan? [y/T]";
    ask_decline(count)
        "Assignments to decline: {count}. Go ahead? [y/N]"
        "Penugasan yang akan ditolak: {count}. Lanjutkan? [y/T]";
    ask_clear(count)
        "Assignments whose trainers are to be cleared to enter: {count}. Go ahead? [y/N]"
        "Penugasan yang pelatihnya akan diberi izin masuk: {count}. Lanjutkan? [y/T]";
    ask_refuse(count)
        "Assignments whose trainers are to be refused entry: {count}. Go ahead? [y/N]"
        "Penugasan yang pelatihnya tidak akan diberi izin masuk: {count}. Lanjutkan? [y/T]";
    ask_withdraw(count)
        "Assignments to withdraw: {count}. Go ahead? [y/N]"
        "Penugasan yang akan ditarik kembali: {count}. Lanjutkan? [y/T]";
    ask_allow(count)
        "Assignments that may be proposed again: {count}. Go ahead? [y/N]"
        "Penugasan yang boleh diusulkan kembali: {count}. Lanjutkan? [y/T]";
    ask_confirm_sessions(count)
        "Sessions to confirm: {count}. Go ahead? [y/N]"
        "Sesi yang akan dikonfirmasi: {count}. Lanjutkan? [y/T]";
    ask_decline_sessions(count)
        "Sessions to decline: {count}. Go ahead? [y/N]"
        "Sesi yang akan ditolak: {count}. Lanjutkan? [y/T]";
    ask_cancel_sessions(count)
        "Sessions to cancel for good: {count}. This cannot be undone. Go ahead? [y/N]"
        "Sesi yang akan dibatalkan secara tetap dan tidak dapat dipulihkan: {count}. Lanjutkan? [y/T]";
    ask_withdraw_enrolments(count)
        "Trainees to take off the roster: {count}. They lose their place in the order. Go ahead? [y/N]"
        "Peserta yang akan dikeluarkan dari daftar: {count}. Urutannya tidak dapat dikembalikan. Lanjutkan? [y/T]";
    ask_promote(count)
        "Trainees to give a place: {count}. Go ahead? [y/N]"
        "Peserta yang akan diberi tempat: {count}. Lanjutkan? [y/T]";
    ask_terminate(name, title)
        "Give notice to end agreement {name} ({title})? This cannot be undone. [y/N]"
        "Ajukan pengakhiran perjanjian {name} ({title})? Tindakan ini tidak dapat dibatalkan. [y/T]";
    ask_reject(name, title)
        "Reject agreement {name} ({title})? This cannot be undone. [y/N]"
        "Tolak perjanjian {name} ({title})? Tindakan ini tidak dapat dibatalkan. [y/T]";
    ask_withdraw_agreement(name, title)
        "Take back agreement {name} ({title})? This cannot be undone. [y/N]"
        "Tarik kembali perjanjian {name} ({title})? Tindakan ini tidak dapat dibatalkan. [y/T]";
    ask_cancel_programme(name, title)
        "Cancel programme {name} ({title}) with every session that lies ahead? This cannot be undone. [y/N]"
        "Batalkan secara tetap program {name} ({title}) beserta semua sesi yang akan datang? [y/T]";
    ask_retire(name, title)
        "Take room {name} ({title}) out of use for good? This cannot be undone. [y/N]"
        "Hentikan pemakaian ruang {name} ({title}) secara tetap? Tindakan ini tidak dapat dibatalkan. [y/T]";
    ask_same_person(claimant, trainer)
        "Confirm that the trainer whom {claimant} claims is {trainer}, one person? This cannot be undone. [y/N]"
        "Konfirmasi bahwa pelatih yang diklaim {claimant} adalah {trainer}, orang yang sama? Tindakan ini tidak dapat \
         dibatalkan. [y/T]";
    ask_release(agency)
        "Free all of it for {agency}? This cannot be undone. [y/N]"
        "Lepaskan semuanya untuk {agency}? Tindakan ini tidak dapat dibatalkan. [y/T]";
    none_matches(text)
        "Nothing that you may see goes by \"{text}\". Nothing was done."
        "Tidak ada yang dapat Anda lihat dengan sebutan \"{text}\". Tidak ada yang dilakukan.";
    several_match(text, lines)
        "\"{text}\" may mean any of these, so nothing was done. Name one of them in full:\n{lines}"
        "\"{text}\" dapat berarti salah satu dari yang berikut, sehingga tidak ada yang dilakukan. Sebutkan satu secara \
         lengkap:\n{lines}";
    several_prisons(codes)
        "There are agreements with several prisons. Say which: --prison CODE. Known: {codes}."
        "Ada perjanjian dengan beberapa lapas. Sebutkan salah satu: --prison KODE. Yang dikenal: {codes}.";
    no_prison()
        "No agreement in force with a prison was found. Say which prison: --prison CODE."
        "Tidak ditemukan perjanjian yang berlaku dengan lapas. Sebutkan lapasnya: --prison KODE.";
    rooms_of(prison)
        "Rooms of {prison}."
        "Ruang milik {prison}.";
    is_spreadsheet(file)
        "{file} is a spreadsheet (XLSX), or another packed file. This command takes JSON: one request, or an array of them. \
         Nothing was sent. The same command with --example in place of the file prints one to fill in."
        "{file} adalah lembar kerja (XLSX) atau berkas terkompresi. Perintah ini menerima JSON: satu permintaan, atau \
         daftar permintaan. Tidak ada yang dikirim. Perintah yang sama dengan --example sebagai ganti berkas \
         menampilkan contoh untuk diisi.";
    is_no_json(file)
        "{file} is not JSON; if it is a table (CSV), its rows have to be written as JSON. This command takes one request, or \
         an array of them. Nothing was sent. The same command with --example in place of the file prints one to fill in."
        "{file} bukan JSON; bila berupa tabel (CSV), barisnya harus ditulis sebagai JSON. Perintah ini menerima satu \
         permintaan, atau daftar permintaan. Tidak ada yang dikirim. Perintah yang sama dengan --example sebagai ganti \
         berkas menampilkan contoh untuk diisi.";
    and_more(count)
        "… and {count} more"
        "… dan {count} lagi";
    nothing_waits()
        "Nothing waits for you today."
        "Tidak ada yang menunggu tindakan Anda hari ini.";
    gate_is_the_prisons()
        "The sheet for the door is printed by the prison or by its device at the door."
        "Daftar untuk pintu dicetak oleh lapas atau perangkatnya di pintu utama (P2U).";
    gate_title()
        "TRAINERS WHO MAY ENTER"
        "DAFTAR PELATIH YANG BOLEH MASUK";
    gate_nobody()
        "No trainer may enter on that day."
        "Tidak ada pelatih yang boleh masuk pada tanggal tersebut.";
    gate_count(count)
        "Entries: {count}"
        "Jumlah: {count}";
    gate_printed(at)
        "Printed {at}. Whoever is not on this sheet, or was withdrawn since, does not enter."
        "Dicetak {at}. Yang tidak tercantum, atau dicabut sesudahnya, tidak boleh masuk.";
    gate_officer()
        "Officer at the door"
        "Petugas P2U";
    gate_signature()
        "Signature"
        "Tanda tangan";
    gate_in_out()
        "In ______  Out ______"
        "Masuk ____ Keluar ____";
    assistant()
        "(assistant)"
        "(pendamping)";
    next_command(command)
        "Next: {command}"
        "Selanjutnya: {command}";
}

/// What a trainer still needs before entering, in a few words.
pub fn step(language: Language, step: ClearanceStep) -> &'static str {
    let (english, indonesian) = match step {
        ClearanceStep::Unspecified => ("?", "?"),
        ClearanceStep::AgencyAccepts => ("agency accepts", "persetujuan instansi"),
        ClearanceStep::PrisonClears => ("prison clears", "izin masuk lapas"),
        ClearanceStep::SessionConfirmed => ("session confirmed", "konfirmasi sesi"),
        ClearanceStep::AgreementInForce => ("agreement in force", "perjanjian yang berlaku"),
    };
    if language == Language::English { english } else { indonesian }
}

/// `Monday, 7 December 2026`; `Senin, 7 Desember 2026`.
pub fn long_day(language: Language, day: Date) -> String {
    let (weekday, month) = moment::names(day, language);
    format!("{weekday}, {} {month} {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_out_in_both_languages() {
        let day = Date::constant(2026, 8, 17);
        assert_eq!(long_day(Language::English, day), "Monday, 17 August 2026");
        assert_eq!(long_day(Language::Indonesian, day), "Senin, 17 Agustus 2026");
    }
}
