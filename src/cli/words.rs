//! The command line's own sentences, in English and Indonesian. What the gateway says comes localized from
//! there, and the texts of reasons from `domain::reason`.
//!
//! The language is the locale's. Help pages are [`super::help`]'s.

use std::fmt::Display;

use crate::{
    agent::{ClientError, ProfileError, Searched},
    domain::{Reason, Violation, reason::Language},
};

/// The language of `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set: Indonesian for `id…`, else
/// English.
pub fn language() -> Language {
    of_locale(|variable| std::env::var(variable).ok())
}

fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|l| !l.is_empty());
    match locale.as_deref().and_then(|locale| locale.split(['_', '.', '@', '-']).next()) {
        Some("id") => Language::Indonesian,
        _ => Language::English,
    }
}

macro_rules! words {
    ($($name:ident($($part:ident),*) $en:literal $id:literal;)*) => {$(
        #[doc = $en]
        pub fn $name(language: Language $(, $part: impl Display)*) -> String {
            match language {
                Language::English => format!($en),
                Language::Indonesian => format!($id),
            }
        }
    )*};
}

mod agency;
mod ca;
mod cert;
mod change;
mod day;
mod disclosure;
mod doctor;
mod labels;
mod ledger;
mod outcome;
mod raw;
mod retention;
mod setup;
mod story;
mod today;
mod told;
mod values;
mod vault;
mod witness;

pub use agency::*;
pub use ca::*;
pub use cert::*;
pub use change::*;
pub use day::*;
pub use disclosure::*;
pub use doctor::*;
pub use labels::{label, label_in};
pub use ledger::*;
pub use outcome::*;
pub use raw::plain;
pub use retention::*;
pub use setup::*;
pub use story::*;
pub use today::*;
pub use told::told;
pub use values::{typed, value};
pub use vault::*;
pub use witness::*;

words! {
    example_fields()
        "What the fields mean:"
        "Arti setiap isian:";
    example_commented()
        "The comments in the file say what each key means."
        "Arti setiap isian tertulis sebagai komentar dalam berkas itu, dalam bahasa Inggris.";
    example_values()
        "One of:"
        "Salah satu dari:";
    profile_missing(folders)
        "There is no profile in {folders}. Run gerbang dev for sample ones, or write NAME.toml there."
        "Tidak ada profil di {folders}. Jalankan gerbang dev untuk contoh, atau tulis NAMA.toml di sana.";
    profile_unknown(name, known, folders)
        "There is no profile {name} in {folders}. Choose one with --profile: {known}."
        "Tidak ada profil {name} di {folders}. Pilih dengan --profile: {known}.";
    profile_several(known, folders)
        "Say with --profile NAME, or GERBANG_PROFILE, who you are: {known} (in {folders})."
        "Sebutkan dengan --profile NAMA, atau GERBANG_PROFILE, siapa Anda: {known} (di {folders}).";
    profiles_passed_over(folder)
        "{folder} was passed over: it is not yours alone, or no gerbang dev made it. To use it, say \
         GERBANG_PROFILES={folder}."
        "{folder} dilewati: bukan milik Anda sendiri, atau tidak dibuat oleh gerbang dev. Untuk memakainya, sebutkan \
         GERBANG_PROFILES={folder}.";
    key_exposed(path, mode)
        "The key {path} can be read by others (mode {mode}). A key is for one system alone. Run: chmod 600 {path} (640 where \
         its group has to read it). If others could read it for long, renew: gerbang cert renew"
        "Kunci {path} dapat dibaca orang lain (mode {mode}). Kunci hanya untuk satu sistem. Jalankan: chmod 600 {path} (640 \
         bila grupnya harus membacanya). Jika sudah lama terbaca, perbarui: gerbang cert renew";
    file_writable(path, mode)
        "{path} can be written by others (mode {mode}), who would choose the gateway, its authority and the key for you. See \
         that it says what it should, and run: chmod go-w {path}"
        "{path} dapat ditulisi orang lain (mode {mode}), sehingga orang itu dapat menentukan gerbang, otoritas, dan kunci untuk Anda. \
         Periksa isinya, lalu jalankan: chmod go-w {path}";
    file_unusable(path, why)
        "{path} cannot be used: {why}."
        "{path} tidak dapat dipakai: {why}.";
    profile_unusable(why)
        "The profile's address or certificates cannot be used: {why}."
        "Alamat atau sertifikat dalam profil tidak dapat dipakai: {why}.";
    unreachable(address, why)
        "No connection to the gateway at {address}: {why}. Try again in a while; if it stays so, tell the system's \
         administrator what stands here."
        "Gerbang di {address} tidak dapat dihubungi: {why}. Coba kembali beberapa saat lagi; apabila tetap demikian, \
         hubungi pengelola sistem dan sampaikan pesan ini.";
    gateway_gone(why)
        "The connection to the gateway broke off: {why}. Try again in a while; if it stays so, tell the system's \
         administrator what stands here."
        "Sambungan ke gerbang terputus: {why}. Coba kembali beberapa saat lagi; apabila tetap demikian, hubungi pengelola \
         sistem dan sampaikan pesan ini.";
    other_root(address, ca)
        "What answers at {address} has another root than this profile trusts ({ca}): it is another gateway, or its authority \
         was founded anew. Ask the operator before you trust it; then join anew."
        "Yang menjawab di {address} memakai akar yang lain daripada yang dipercaya profil ini ({ca}): itu gerbang lain, atau \
         otoritasnya didirikan ulang. Tanyakan kepada operator sebelum mempercayainya; lalu bergabunglah lagi.";
    other_name(address, name)
        "The certificate of the gateway at {address} is not for the name {name}. Correct server_name in the profile."
        "Sertifikat gerbang di {address} bukan untuk nama {name}. Perbaiki server_name dalam profil.";
    other_key_of_pair(key)
        "{key} is not the key of the profile's certificate. Bring the two that belong together."
        "{key} bukan kunci dari sertifikat pada profil. Pakailah pasangan yang cocok.";
    gateway_not_now(address, why)
        "The certificate of the gateway at {address} is not valid at the time that this machine shows: {why}."
        "Sertifikat gerbang di {address} tidak berlaku pada waktu menurut mesin ini: {why}.";
    clock_behind(by)
        "This machine's clock is {by} behind the gateway's. Set it by the network (chrony, systemd-timesyncd), then try \
         again."
        "Jam mesin ini terlambat {by} dibandingkan jam gerbang. Samakan lewat jaringan (chrony, systemd-timesyncd), \
         lalu coba lagi.";
    clock_ahead(by)
        "This machine's clock is {by} ahead of the gateway's. Set it by the network (chrony, systemd-timesyncd), then \
         try again."
        "Jam mesin ini terlalu cepat {by} dibandingkan jam gerbang. Samakan lewat jaringan (chrony, systemd-timesyncd), \
         lalu coba lagi.";
    minutes(count)
        "{count} min"
        "{count} menit";
    hours(count)
        "{count} h"
        "{count} jam";
    days(count)
        "{count} days"
        "{count} hari";
    handshake_refused(why)
        "The gateway closes the connection ({why}). Most likely it does not accept this certificate: \
         is it expired, or of another authority?"
        "Gerbang menutup sambungan ({why}). Kemungkinan sertifikat ini tidak diterima: \
         apakah kedaluwarsa, atau dari penerbit lain?";
    json_syntax(file, line, column, why)
        "{file}, line {line}, column {column}: {why}."
        "{file}, baris {line}, kolom {column}: {why}.";
    json_problems(file)
        "{file} is not what the contract takes. Nothing was sent."
        "{file} tidak sesuai kontrak. Tidak ada yang dikirim.";
    no_agreement_yet(command)
        "There is no agreement yet. Begin with: {command}"
        "Belum ada perjanjian. Mulailah: {command}";
    request_id_in_file()
        "A file has no request_id: gerbang makes a new one for every request. Remove it."
        "Berkas tidak memuat request_id: gerbang membuat yang baru untuk setiap permintaan. Hapuslah.";
    request_id_for_one()
        "--request-id goes with a file of one request."
        "--request-id hanya untuk berkas berisi satu permintaan.";
    etag_for_one()
        "--etag goes with one item."
        "--etag hanya untuk satu butir.";
    etag_of_trainee()
        "A trainee's etag is read with --enrolment ENROLMENT, or stands beside the name."
        "Etag peserta dibaca dengan --enrolment KEPESERTAAN, atau disebut bersama namanya.";
    trainee_is_the_prisons()
        "Only the prison can change what is known of a trainee."
        "Hanya lapas yang dapat mengubah data peserta.";
    registration_pending(trainer)
        "{trainer} is PENDING: another agency registered this person first. You need not wait: the trainer can be planned and \
         assigned now. That agency, or the prison, confirms that both are one person (gerbang trainer claims --open, then \
         gerbang trainer confirm CLAIM); from then on the person cannot be in two places at once."
        "{trainer} BELUM DIKONFIRMASI: orang ini lebih dahulu didaftarkan oleh instansi lain. Tidak perlu menunggu: pelatih ini \
         sudah dapat dijadwalkan dan ditugaskan. Instansi tersebut, atau Lapas, mengonfirmasi bahwa keduanya orang yang sama \
         (gerbang trainer claims --open, lalu gerbang trainer confirm KLAIM); sejak itu orang tersebut tidak dapat berada di \
         dua tempat sekaligus.";
    approve_anew(programme)
        "{programme} was APPROVED under another agreement, and is PLANNED again. The prison approves it anew: gerbang \
         programme approve {programme}"
        "{programme} semula DISETUJUI berdasarkan perjanjian lain, dan kini kembali DIRENCANAKAN. Lapas perlu menyetujuinya \
         kembali: gerbang programme approve {programme}";
    withheld(who)
        "No partner sees who {who} is, on any roster. To undo this: gerbang trainee lift"
        "Nama dan data {who} tidak ditampilkan kepada mitra pada daftar peserta mana pun. Untuk menampilkannya kembali: gerbang \
         trainee lift";
    withholding_lifted(who)
        "Partners see {who} again wherever an agreement allows it."
        "Nama dan data {who} ditampilkan kembali kepada mitra sepanjang perjanjian mengizinkannya.";
    this_trainee()
        "this trainee"
        "peserta ini";
    unconfirmed(session)
        "! Session {session} is TENTATIVE again."
        "! Sesi {session} kembali TENTATIF.";
    released(sessions, assignments)
        "{sessions} sessions lose their rooms and trainers, {assignments} assignments are withdrawn."
        "{sessions} sesi kehilangan ruang dan pelatihnya, {assignments} penugasan ditarik kembali.";
    places(confirmed, capacity, waitlisted)
        "{confirmed} of {capacity} places are taken; {waitlisted} wait."
        "{confirmed} dari {capacity} tempat terisi; {waitlisted} menunggu.";
    names_not_confirmed()
        "Names are hidden: nobody is confirmed yet."
        "Nama tidak ditampilkan: belum ada yang dikonfirmasi.";
    names_cancelled()
        "Names are hidden: the programme was cancelled."
        "Nama tidak ditampilkan: programnya dibatalkan.";
    names_window_over()
        "Names are hidden: the last session ended 30 days ago or earlier."
        "Nama tidak ditampilkan: sesi terakhir berakhir 30 hari yang lalu atau lebih.";
    entry(entry)
        "Ledger entry {entry}."
        "Entri buku besar {entry}.";
    sent_before_failure(done, all)
        "{done} of {all} requests had gone through before."
        "{done} dari {all} permintaan sudah berhasil sebelumnya.";
    send_again(options)
        "It is not known whether this was stored. To send the same again, add {options}."
        "Tidak diketahui apakah ini tersimpan. Untuk mengirim ulang yang sama, tambahkan {options}.";
    only_checked()
        "Only checked; nothing was stored."
        "Hanya diperiksa; tidak ada yang disimpan.";
    columns_left_out(columns)
        "Too wide for this window: {columns}. Widen it."
        "Tidak muat di jendela ini: {columns}. Lebarkan jendela.";
    nothing_found()
        "Nothing found."
        "Tidak ada yang ditemukan.";
    limit_reached(limit)
        "There are more than {limit}; raise --limit or narrow the filters."
        "Ada lebih dari {limit}; naikkan --limit atau persempit saringan.";
    system_missing(name)
        "There is no system {name}, or you may not see it."
        "Tidak ada sistem {name}, atau Anda tidak berwenang melihatnya.";
    exported(count, folder)
        "Wrote {count} files to {folder}."
        "{count} berkas ditulis ke {folder}.";
    document_written(file)
        "Wrote {file}."
        "{file} telah ditulis.";
    fetched()
        "fetched"
        "diambil";
    sent()
        "sent"
        "dikirim";
    migrated()
        "The schema is up to date."
        "Skema sudah mutakhir.";
    signer_at_work()
        "The signer is at work; Ctrl-C ends it."
        "Penanda tangan bekerja; Ctrl-C mengakhirinya.";
    gateway_away(why)
        "The gateway cannot start: {why}."
        "Gerbang tidak dapat dijalankan: {why}.";
    starting()
        "Starting the database and the gateway …"
        "Menjalankan basis data dan gerbang …";
    dev_exposed(address)
        "gerbang dev has throw-away keys, which whoever reads the folder can use: at {address} the whole network could call \
         it. Listen on 127.0.0.1, or say --i-know."
        "gerbang dev memakai kunci sementara, yang dapat dipakai siapa pun yang membaca foldernya: di {address} seluruh \
         jaringan dapat memanggilnya. Pakailah 127.0.0.1, atau tambahkan --i-know.";
    running(address, folder)
        "The gateway runs on {address}, with mutual TLS. In {folder}: certificates, profiles, gateway.log."
        "Gerbang berjalan di {address}, dengan TLS dua arah. Di {folder}: sertifikat, profil, gateway.log.";
    joining_at(address)
        "For joining alone, by token and without a certificate (gerbang join): {address}"
        "Khusus untuk bergabung, dengan token dan tanpa sertifikat (gerbang join): {address}";
    data_elsewhere(path)
        "The database lies in {path}, for its account cannot enter the folder."
        "Basis data berada di {path}, karena akunnya tidak dapat memasuki folder itu.";
    until_stopped()
        "The gateway serves until Ctrl-C."
        "Gerbang melayani sampai Ctrl-C.";
    stopping()
        "Stopping …"
        "Berhenti …";
    database_ended(log)
        "The private database has ended by itself; {log} says why. Start gerbang dev again: nothing that was answered is lost."
        "Basis data milik gerbang dev berhenti sendiri; sebabnya tertulis di {log}. Jalankan gerbang dev lagi: yang sudah dijawab tidak hilang.";
    metrics_at(address)
        "Metrics: http://{address}/metrics"
        "Metrik: http://{address}/metrics";
    rows_audited(checked, entries)
        "Audit: {checked} rows are as the ledger last told of them, in {entries} entries."
        "Audit: {checked} baris sesuai dengan catatan terakhirnya di buku besar, dalam {entries} entri.";
    rows_differ(count)
        "{count} rows are not as the ledger told. Somebody changed them past the gateway, or the database was restored: \
         compare with a backup, and find out who had access."
        "{count} baris tidak sesuai dengan buku besar. Baris itu diubah tanpa melalui gerbang, atau basis data \
         dipulihkan dari cadangan: bandingkan dengan cadangan, dan telusuri siapa yang memiliki akses.";
    rows_sealed(count)
        "{count} rows about trainees were not compared. Give --vault to compare them too."
        "{count} baris tentang peserta tidak dibandingkan. Sertakan --vault agar ikut dibandingkan.";
    every_step_held()
        "Every step held."
        "Semua langkah berhasil.";
}

/// A yes or no of the contract.
pub fn truth(language: Language, value: bool) -> String {
    match (language, value) {
        (Language::English, value) => value.to_string(),
        (Language::Indonesian, true) => "ya".to_owned(),
        (Language::Indonesian, false) => "tidak".to_owned(),
    }
}

/// The text for a failure with a profile.
pub fn profile_error(language: Language, error: &ProfileError) -> String {
    match error {
        ProfileError::Missing { searched } => looked(language, searched, profile_missing(language, searched)),
        ProfileError::Unknown { name, known, searched } => {
            looked(language, searched, profile_unknown(language, name, known.join(", "), searched))
        }
        ProfileError::Several { known, searched } => {
            looked(language, searched, profile_several(language, known.join(", "), searched))
        }
        ProfileError::Writable { path, mode } => {
            file_writable(language, path.display(), format!("{mode:03o}"))
        }
        ProfileError::Unreadable { path, why } | ProfileError::Unwritable { path, why } => {
            file_unusable(language, path.display(), plain(language, why))
        }
        ProfileError::Invalid { path, why } => file_unusable(language, path.display(), told(language, why)),
    }
}

/// A text, with the folder that was not looked into, if there is one.
fn looked(language: Language, searched: &Searched, text: String) -> String {
    match &searched.passed_over {
        Some(folder) => format!("{text} {}", profiles_passed_over(language, folder.display())),
        None => text,
    }
}

/// The text for a connection that failed.
pub fn client_error(language: Language, error: &ClientError) -> String {
    match error {
        ClientError::Unreadable { path, why } => {
            file_unusable(language, path.display(), plain(language, why))
        }
        ClientError::KeyExposed { path, mode } => {
            key_exposed(language, path.display(), format!("{mode:03o}"))
        }
        ClientError::Writable { path, mode } => {
            file_writable(language, path.display(), format!("{mode:03o}"))
        }
        ClientError::Profile(why) => profile_unusable(language, why),
        ClientError::Unreachable { address, why, .. } => unreachable(language, address, plain(language, why)),
        ClientError::OtherRoot { address, ca } => other_root(language, address, ca.display()),
        ClientError::OtherName { address, name } => other_name(language, address, name),
        ClientError::OtherKey { key } => other_key_of_pair(language, key.display()),
        ClientError::NotNow { address, why } => gateway_not_now(language, address, plain(language, why)),
    }
}

/// The text for a fault of a field of a file.
pub fn problem(language: Language, problem: &Violation) -> String {
    let Violation { field, fault } = problem;
    if fault.reason == Reason::FieldUnknown && field.rsplit('.').next() == Some("request_id") {
        return request_id_in_file(language);
    }
    format!("{} ({})", fault.text(language), fault.reason.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let of = |all: &str, messages: &str, lang: &str| {
            let value = |name: &str| match name {
                "LC_ALL" => all.to_owned(),
                "LC_MESSAGES" => messages.to_owned(),
                _ => lang.to_owned(),
            };
            of_locale(|name| Some(value(name)))
        };
        assert_eq!(of("", "", "id_ID.UTF-8"), Language::Indonesian);
        assert_eq!(of("", "id", "en_GB.UTF-8"), Language::Indonesian);
        assert_eq!(of("C", "id_ID", "id_ID"), Language::English);
        assert_eq!(of("", "", "idx"), Language::English);
        assert_eq!(of_locale(|_| None), Language::English);
    }
}
