//! The sentences of certificates: joining, renewal, requests, revocation.

use std::fmt::Display;

use crate::{
    agent::{Trouble, pin::Flaw},
    domain::reason::Language,
    pki::{
        secret::SecretError::{self, Damaged, Failed, Kind, PassphraseNeeded, PassphraseWrong},
        token::TokenError,
    },
};

words! {
    nobody_to_ask()
        "Nobody sits at a terminal to be asked. Look first, then say --yes."
        "Tidak ada orang di terminal untuk ditanya. Periksa dulu, lalu tambahkan --yes.";
    nothing_done()
        "Nothing was done."
        "Tidak ada yang dilakukan.";
    not_a_system(name)
        "{name} is not the name of a system: write AGENCY/SYSTEM, such as blk-kepri/jadwal."
        "{name} bukan nama sistem: tulislah INSTANSI/SISTEM, misalnya blk-kepri/jadwal.";
    system_of_file()
        "Say with --system AGENCY/SYSTEM for which system the file is."
        "Sebutkan dengan --system INSTANSI/SISTEM untuk sistem mana berkas ini.";
    root_missing(path)
        "{path} holds no root certificate, which a token has to name. Take the authorities from: gerbang cert bundle."
        "{path} tidak memuat sertifikat akar, yang harus disebut oleh token. Ambil dengan: gerbang cert bundle.";
    root_differs()
        "! The gateway's root is not the one of this profile. Ask the operator before you trust it."
        "! Akar dari gerbang ini bukan yang ada pada profil. Tanyakan kepada operator sebelum mempercayainya.";
    role_not_approved(system)
        "The role of {system} is not approved yet. Another administrator types: gerbang agency approve-system {system}"
        "Peran {system} belum disetujui. Administrator lain mengetik: gerbang agency approve-system {system}";
    invited(order, until, line)
        "Invitation {order}, good until {until}. The token works once; whoever has it can join, so send it by a safe way.\n\
         On the system's machine, type this, and the token when it is asked for:\n  {line}"
        "Undangan {order}, berlaku sampai {until}. Token hanya berlaku sekali dan siapa pun yang memegangnya dapat \
         bergabung, maka kirimlah dengan cara yang aman.\nDi mesin sistem itu, ketik ini, lalu token saat diminta:\n  {line}";
    comes_by_request(role, system)
        "Two administrators let a system with the role {role} in, and a token names no key that both could sign for.\n\
         On the system's machine: gerbang cert request --system {system} --key system.key --out system.csr\n\
         An administrator, with the request: gerbang cert approve system.csr --system {system}\n\
         The other, with the order's number: gerbang cert approve ORDER\n\
         Then: gerbang cert collect ORDER --out system.pem"
        "Sistem dengan peran {role} diizinkan masuk oleh dua administrator, sedangkan token tidak menyebut kunci yang \
         dapat ditandatangani keduanya.\n\
         Di mesin sistem itu: gerbang cert request --system {system} --key sistem.key --out sistem.csr\n\
         Seorang administrator, dengan permohonannya: gerbang cert approve sistem.csr --system {system}\n\
         Yang lain, dengan nomor permohonannya: gerbang cert approve PERMOHONAN\n\
         Lalu: gerbang cert collect PERMOHONAN --out sistem.pem";
    profile_to_bring(profile, key)
        "Bring all three to the system's machine and put its key beside them as {key}. The profile is {profile}."
        "Bawalah ketiganya ke mesin sistem itu dan letakkan kuncinya di sampingnya sebagai {key}. Profilnya {profile}.";
    profile_complete(profile, line)
        "The profile is {profile}. Try: {line}"
        "Profilnya {profile}. Coba: {line}";
    second_administrator(order)
        "It takes a second administrator, who types: gerbang cert approve {order}\n\
         Then: gerbang cert collect {order} --out system.pem"
        "Diperlukan administrator kedua, yang mengetik: gerbang cert approve {order}\n\
         Lalu: gerbang cert collect {order} --out sistem.pem";
    approved(order)
        "All signatures are there, and the signer issues. Then: gerbang cert collect {order} --out system.pem"
        "Tanda tangan sudah lengkap dan penanda tangan menerbitkan. Lalu: gerbang cert collect {order} --out sistem.pem";
    request_made(key, csr, id)
        "Wrote the key to {key}, which never leaves this machine, and the signing request to {csr}.\n\
         The key's SHA-256, to compare with what the administrator sees:\n  {id}"
        "Kunci ditulis ke {key} dan tidak pernah meninggalkan mesin ini; permohonan sertifikat ditulis ke {csr}.\n\
         SHA-256 kunci, untuk dibandingkan dengan yang dilihat administrator:\n  {id}";
    request_ignored(what)
        "! Only the key counts. Ignored in the request: {what}."
        "! Hanya kuncinya yang dipakai. Yang diabaikan dalam permohonan: {what}.";
    key_fingerprint(id)
        "The key's SHA-256: {id}"
        "SHA-256 kunci: {id}";
    approve_question()
        "Sign this? [y/N]"
        "Tandatangani? [y/T]";
    no_certificate_before()
        "none"
        "belum ada";
    last_certificate(serial, end)
        "{serial}, until {end}"
        "{serial}, sampai {end}";
    same_key()
        "the key is the same"
        "kuncinya sama";
    other_key()
        "the key is another: have the agency confirm it"
        "kuncinya lain: mintalah konfirmasi dari instansinya";
    other_lifetime(before, days)
        "the lifetime is another: {days} days instead of {before}"
        "masa berlakunya lain: {days} hari, bukan {before}";
    token_tried_again(order)
        "! The token of {order} was tried with another key after it had been used: it may have been stolen."
        "! Token {order} dicoba dengan kunci lain setelah dipakai: mungkin telah dicuri.";
    not_issued(state, note)
        "There is no certificate yet: the request is {state}. {note}"
        "Belum ada sertifikat: status permohonan {state}. {note}";
    collected(path, serial)
        "Wrote certificate {serial} with its issuer's to {path}."
        "Sertifikat {serial} beserta sertifikat penerbitnya ditulis ke {path}.";
    lineage()
        "What it renewed, and what renewed it:"
        "Yang diperbarui olehnya, dan yang memperbaruinya:";
    renewed(serial, until, path)
        "Certificate {serial}, valid until {until}, in {path}. The profile names it; programs with paths of their own \
         have to be told."
        "Sertifikat {serial}, berlaku sampai {until}, di {path}. Profil sudah menunjuknya; program yang mencatat letak berkas \
         sendiri harus disesuaikan.";
    renewal_stopped(why)
        "The renewal is given up: {why} Ask an administrator for an invitation, then: gerbang join"
        "Pembaruan dihentikan: {why} Mintalah undangan kepada administrator, lalu: gerbang join";
    of_a_gateway()
        "(a gateway)"
        "(sebuah gerbang)";
    revocation_stops(count, orders, sessions, assignments, administrators)
        "Certificates that stop: {count}. Open requests and invitations that end: {orders}. Of the agencies concerned, {sessions} sessions and {assignments} assignments \
         lie ahead. Administrators left: {administrators}."
        "{count} sertifikat berhenti berlaku. Permohonan dan undangan terbuka yang berakhir: {orders}. Instansi terkait masih punya {sessions} sesi dan {assignments} penugasan \
         mendatang. Tersisa {administrators} administrator.";
    type_code(code)
        "This cannot be undone. Type the agency's code, {code}, to revoke:"
        "Ini tidak dapat dibatalkan. Ketik kode instansi, {code}, untuk mencabut:";
    revoked(count, before, orders, administrators)
        "Revoked: {count}; revoked before: {before}; requests and invitations ended: {orders}. Administrators left: \
         {administrators}."
        "Dicabut: {count}; sudah dicabut sebelumnya: {before}; permohonan dan undangan yang diakhiri: {orders}. Tersisa \
         {administrators} administrator.";
    others_still_valid(count, system, lines)
        "! Still valid, and not ended by this: other certificates of {system} ({count}), such as the one that was renewed into \
         it. If their keys may be in other hands as well, type:\n{lines}"
        "! Masih berlaku, dan tidak diakhiri oleh perintah ini: sertifikat lain milik {system} ({count}), misalnya sertifikat \
         sebelum pembaruan. Apabila kuncinya mungkin juga berada di tangan orang lain, ketik:\n{lines}";
    folder_missing(folder)
        "There is no folder {folder}. Make it first, or write elsewhere with --out."
        "Folder {folder} tidak ada. Buatlah terlebih dahulu, atau tentukan tempat lain dengan --out.";
    order_ended_by_suspension()
        "The agency was suspended"
        "Instansi ditangguhkan";
    order_ended_by_revocation()
        "The system's certificate was revoked"
        "Sertifikat sistem dicabut";
    order_ended_by_retirement()
        "The system was retired"
        "Sistem dihentikan";
    look_for_others()
        "! Whether the system has other valid certificates could not be read. Look: gerbang cert list --state valid"
        "! Sertifikat lain milik sistem ini yang masih berlaku tidak dapat dibaca. Periksa: gerbang cert list --state valid";
    filed_unsigned(order)
        "The request is on file, and nobody signed it just now. To sign it after all: gerbang cert approve {order}\n\
         If it is not what you expected: gerbang cert reject {order} --note WHY"
        "Permohonan sudah tersimpan, tetapi belum Anda tandatangani. Untuk tetap menandatangani: gerbang cert approve {order}\n\
         Apabila tidak sesuai: gerbang cert reject {order} --note ALASAN";
    compare_key(order)
        "Compare the key's SHA-256 with the one that the system's own people show you, on paper or by telephone. If it \
         differs, do not sign: gerbang cert reject {order} --note WHY"
        "Cocokkan SHA-256 kunci di atas dengan yang ditunjukkan petugas sistem itu, di kertas atau melalui telepon. Apabila \
         berbeda, jangan tandatangani: gerbang cert reject {order} --note ALASAN";
    other_system_in_request(named, system)
        "The request names {named}, and you say --system {system}. Nothing was handed in. Take the right file, or the right \
         name; if both are right, have the request made anew: gerbang cert request --system {system}"
        "Permohonan ini menyebut {named}, sedangkan Anda menulis --system {system}. Tidak ada yang diajukan. Pilih berkas atau \
         nama yang benar; apabila keduanya benar, mintalah permohonan baru: gerbang cert request --system {system}";
    was_renewed()
        "renewed"
        "sudah diperbarui";
    waits_for_signatures(given, needed, order)
        "There is no certificate yet: {given} of {needed} administrators have signed. Another one types: gerbang cert approve \
         {order}"
        "Belum ada sertifikat: baru {given} dari {needed} administrator yang menandatangani. Administrator lain mengetik: \
         gerbang cert approve {order}";
    last_revoked()
        "it was revoked: ask why before you sign"
        "sertifikat itu telah dicabut: tanyakan sebabnya sebelum menandatangani";
    signed_before(order)
        "You have signed {order} already."
        "Anda sudah menandatangani {order}.";
    token_question()
        "Token:"
        "Token:";
    token_is_none()
        "This is not a token. A token begins with \"gerbang1.\"; copy it whole, as it was given out."
        "Ini bukan token. Token berawal dengan \"gerbang1.\"; salinlah seutuhnya.";
    token_damaged()
        "The token is damaged. Copy it whole, as it was given out."
        "Token rusak. Salinlah seutuhnya seperti saat diberikan.";
    joined(profile)
        "Joined. The profile is {profile}; keep its key where only this system reads it."
        "Berhasil bergabung. Profilnya {profile}; simpan kuncinya agar hanya terbaca oleh sistem ini.";
    profile_put_aside(folder)
        "The files of the earlier profile were kept: {folder}"
        "Berkas profil sebelumnya disimpan di: {folder}";
    the_same_by_curl(line)
        "The same call as JSON, by any HTTP client:\n{line}"
        "Panggilan yang sama sebagai JSON, dengan klien HTTP mana pun:\n{line}";
    renew_in_time(line)
        "To have the certificate renewed in time, keep this running: {line}"
        "Agar sertifikat diperbarui pada waktunya, jalankan terus: {line}";
    profile_in_use(path)
        "The profile {path} is there already, and its certificate may be good. Choose another name with --name, or say \
         --replace; its files are then kept aside."
        "Profil {path} sudah ada, dan sertifikatnya mungkin masih berlaku. Pilih nama lain dengan --name, atau pakai \
         --replace; berkas lamanya tetap disimpan.";
    renewal_watches(profile, until, next, status)
        "Renews {profile}, whose certificate is valid until {until}; next at {next}. How it fares stands in {status}. \
         Ctrl-C ends it."
        "Memperbarui {profile}, yang sertifikatnya berlaku sampai {until}; berikutnya {next}. Keadaannya tercatat di \
         {status}. Ctrl-C mengakhirinya.";
    renewal_failing(profile, why, next)
        "! {profile} was not renewed: {why} Tried again at {next}."
        "! {profile} belum diperbarui: {why} Dicoba lagi {next}.";
    untrusted_root()
        "The server is not the one that the token names: its chain does not contain the token's root. Nothing was sent. \
         Check the address; if it is right, ask the administrator before you go on."
        "Server ini bukan yang disebut oleh token: rantainya tidak memuat akar dari token. Tidak ada yang dikirim. \
         Periksa alamatnya; jika benar, tanyakan kepada administrator sebelum melanjutkan.";
    untrusted_name()
        "The server's certificate leads back to the token's root, but it is not for this name. Nothing was sent. Say the \
         name with --server-name."
        "Sertifikat server berasal dari akar token, tetapi bukan untuk nama ini. Tidak ada yang dikirim. Sebutkan namanya \
         dengan --server-name.";
    untrusted_time()
        "The server's certificate is not valid now, by this machine's clock. Nothing was sent. Check the clock."
        "Sertifikat server tidak berlaku sekarang, menurut jam mesin ini. Tidak ada yang dikirim. Periksa jamnya.";
    join_closed(server)
        "{server} closes the connection. Most likely it is not where systems join: ask the administrator for that address. \
         If it is right, many join from this network at once: type the same again in a minute."
        "{server} menutup sambungan. Kemungkinan bukan tempat bergabung: tanyakan alamatnya kepada administrator. Jika \
         benar, banyak yang bergabung sekaligus dari jaringan ini: ketik perintah yang sama sebentar lagi.";
    untrusted_chain(why)
        "The server cannot be trusted ({why}). Nothing was sent. Check the address, --server-name and this machine's clock."
        "Server ini tidak dapat dipercaya ({why}). Tidak ada yang dikirim. Periksa alamat, --server-name dan jam mesin ini.";
    file_exists(path)
        "{path} is there already, and nothing is replaced. Choose another name."
        "{path} sudah ada, dan tidak ada yang ditimpa. Pilih nama lain.";
    answer_unfit(why)
        "The gateway's answer does not fit: {why}. Nothing was stored. Tell the operator."
        "Jawaban gerbang tidak sesuai: {why}. Tidak ada yang disimpan. Beri tahu operator.";
    pending(state, key)
        "The certificate is not there yet ({state}). Nothing is lost: the key waits in {key}. Type the same again."
        "Sertifikat belum tersedia ({state}). Tidak ada yang hilang: kunci menunggu di {key}. Ketik perintah yang sama lagi.";
    busy(pid, profile)
        "Process {pid} is renewing {profile} already. One is enough; stop it first to take its place."
        "Proses {pid} sudah menangani pembaruan {profile}. Satu sudah cukup; hentikan dulu untuk menggantikannya.";
    turned_down(note)
        "The request was turned down: {note}. Ask an administrator."
        "Permohonan ditolak: {note}. Tanyakan kepada administrator.";
    expired(at)
        "The certificate ended at {at} and cannot renew itself any more. Ask an administrator for an invitation: \
         gerbang cert invite"
        "Sertifikat berakhir pada {at} dan tidak dapat diperbarui lagi. Mintalah undangan kepada administrator: \
         gerbang cert invite";
    no_certificate(path)
        "{path} holds no certificate of a system."
        "{path} tidak memuat sertifikat sebuah sistem.";
    key_damaged()
        "the private key is damaged"
        "kunci privatnya rusak";
    key_passphrase_wrong()
        "the passphrase does not open the private key"
        "kata sandi tidak membuka kunci privatnya";
    key_passphrase_needed()
        "a passphrase is needed, and it may not be empty"
        "diperlukan kata sandi, dan tidak boleh kosong";
    key_kind()
        "the private key is neither on P-256 nor Ed25519, in PKCS#8"
        "kunci privatnya bukan P-256 atau Ed25519 dalam PKCS#8";
    cancelled()
        "Cancelled"
        "Dibatalkan";
    key_failed()
        "the cryptographic library refused its work"
        "pustaka kriptografi gagal bekerja";
}

/// The note of an order in words, where the gateway wrote the reason for which it ended; else as it stands.
pub fn order_note(language: Language, note: &str) -> String {
    match note {
        "AGENCY_SUSPENDED" => order_ended_by_suspension(language),
        "CERTIFICATE_REVOKED" => order_ended_by_revocation(language),
        "SYSTEM_RETIRED" => order_ended_by_retirement(language),
        _ => note.to_owned(),
    }
}

/// The text for a token that cannot be used.
pub fn token_error(language: Language, error: TokenError) -> String {
    match error {
        TokenError::NotAToken => token_is_none(language),
        TokenError::Damaged => token_damaged(language),
    }
}

/// The text for a certificate that did not come.
pub fn trouble(language: Language, trouble: &Trouble) -> String {
    match trouble {
        Trouble::File { path, why } => {
            super::file_unusable(language, path.display(), super::plain(language, why))
        }
        Trouble::Key { path, why } => super::file_unusable(language, path.display(), secret(language, *why)),
        Trouble::Certificate { path } => no_certificate(language, path.display()),
        Trouble::Profile(error) => super::profile_error(language, error),
        Trouble::Client(error) => super::client_error(language, error),
        Trouble::Refused(refused) => refused.message.clone(),
        Trouble::Untrusted(Flaw::Root) => untrusted_root(language),
        Trouble::Untrusted(Flaw::Name) => untrusted_name(language),
        Trouble::Untrusted(Flaw::Time) => untrusted_time(language),
        Trouble::Closed(server) => join_closed(language, server),
        Trouble::Untrusted(Flaw::Chain(why)) => untrusted_chain(language, super::plain(language, why)),
        Trouble::Exists(path) => file_exists(language, path.display()),
        Trouble::ProfileInUse(path) => profile_in_use(language, path.display()),
        Trouble::Unfit(why) => answer_unfit(language, super::told(language, why)),
        Trouble::Pending { state, key } => pending(language, order_state(language, state), key.display()),
        Trouble::Busy { pid, profile } => busy(language, pid, profile.display()),
        Trouble::Rejected { note } => turned_down(language, note),
        Trouble::Expired(at) => expired(language, at),
    }
}

/// The state of an order, of whose name the agent keeps the last part.
fn order_state(language: Language, state: &str) -> String {
    super::value(language, &format!("CERTIFICATE_ORDER_STATE_{state}"))
}

fn secret(language: Language, error: SecretError) -> String {
    match error {
        Damaged => key_damaged(language),
        PassphraseWrong => key_passphrase_wrong(language),
        PassphraseNeeded => key_passphrase_needed(language),
        Kind => key_kind(language),
        Failed => key_failed(language),
    }
}
