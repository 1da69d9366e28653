//! The sentences of `gerbang doctor`: what is so, and what to do about it.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    doctor_nothing_to_do()
        "Say what to look at: --config for a gateway, --signer-config for a signer, or --profile for a client."
        "Sebutkan apa yang diperiksa: --config untuk gerbang, --signer-config untuk penanda tangan, atau --profile.";
    doctor_ok()
        "ok"
        "baik";
    doctor_warning()
        "look"
        "periksa";
    doctor_failed()
        "failed"
        "gagal";
    doctor_configuration(file)
        "{file} can be used."
        "{file} dapat dipakai.";
    doctor_keys_guarded(count)
        "{count} files of keys are for their owner alone."
        "{count} berkas kunci hanya dapat dibaca pemiliknya.";
    doctor_issuer(name)
        "The key of {name} opens, and is its certificate's."
        "Kunci {name} dapat dibuka, dan cocok dengan sertifikatnya.";
    doctor_database()
        "The database answers."
        "Basis data menjawab.";
    doctor_database_away(why)
        "The database does not answer: {why}. Check its address in the configuration, and that it runs."
        "Basis data tidak menjawab: {why}. Periksa alamatnya dalam konfigurasi, dan apakah ia berjalan.";
    doctor_schema()
        "The schema is that of this program."
        "Skemanya sesuai dengan program ini.";
    doctor_schema_behind(missing)
        "The schema lacks {missing}. Run gerbang migrate."
        "Skema belum memuat {missing}. Jalankan gerbang migrate.";
    doctor_schema_ahead(versions)
        "The schema has migrations that this program does not know ({versions}). Bring this machine the version of \
         gerbang that the others have."
        "Skema memuat migrasi yang tidak dikenal program ini ({versions}). Pasang versi gerbang yang sama dengan \
         mesin lain.";
    doctor_schema_unknown(why)
        "How old the schema is cannot be seen ({why}). Run gerbang migrate, which shows it to this role."
        "Usia skema tidak terlihat ({why}). Jalankan gerbang migrate, agar terlihat oleh peran ini.";
    doctor_clock(seconds)
        "This machine's clock and the database's differ by {seconds} s."
        "Jam mesin ini dan jam basis data berselisih {seconds} detik.";
    doctor_clock_off(seconds)
        "This machine's clock and the database's differ by {seconds} s: certificates and lists would be judged by a \
         wrong time. Set both by the network (chrony, systemd-timesyncd)."
        "Jam mesin ini dan jam basis data berselisih {seconds} detik: sertifikat dan daftar dinilai dengan waktu yang \
         keliru. Samakan keduanya lewat jaringan (chrony, systemd-timesyncd).";
    doctor_vault(held, active)
        "vault.toml is this database's. It holds the sealing keys {held}; {active} seals."
        "vault.toml adalah milik basis data ini. Isinya kunci penyegel {held}; yang dipakai menyegel {active}.";
    doctor_vault_not_begun(held)
        "vault.toml holds the sealing keys {held}; the database has none yet, and takes the newest at a gateway's start."
        "vault.toml memuat kunci penyegel {held}; basis data belum memilikinya, dan mencatat yang terbaru saat gerbang \
         pertama dijalankan.";
    doctor_vault_foreign(what)
        "vault.toml holds {what}. This gateway refuses calls about trainees (VAULT_KEY_MISSING), and once stopped does not \
         start again. Copy vault.toml here from the machine where gerbang vault rotate was run, or from a gateway that \
         passes this check."
        "vault.toml tidak cocok dengan basis data: {what}. Gerbang ini menolak panggilan tentang peserta (VAULT_KEY_MISSING), dan setelah berhenti \
         tidak dapat dijalankan kembali. Salin vault.toml ke mesin ini dari mesin tempat gerbang vault rotate dijalankan, \
         atau dari gerbang yang lulus pemeriksaan ini.";
    doctor_zones()
        "This program has the rules of every time zone that is stored."
        "Program ini memuat aturan semua zona waktu yang tersimpan.";
    doctor_zones_unknown(zones)
        "Rows are planned in time zones that this program does not know: {zones}. Agreements that are counted in them open          nothing. Bring this machine the version of gerbang that stored them."
        "Ada data dalam zona waktu yang tidak dikenal program ini: {zones}. Perjanjian dalam zona itu tidak membuka apa          pun. Pasang versi gerbang yang menyimpannya.";
    doctor_roles()
        "docs/roles.sql is in force in this database."
        "docs/roles.sql berlaku pada basis data ini.";
    doctor_roles_unbounded(missing, database)
        "Whoever has a connection to this database may do more than Gerbang needs ({missing}). As the database's superuser, \
         run: psql -d {database} -f docs/roles.sql"
        "Siapa pun yang tersambung ke basis data ini boleh melakukan lebih dari yang diperlukan Gerbang ({missing}). \
         Sebagai superuser basis data, jalankan: psql -d {database} -f docs/roles.sql";
    doctor_watched()
        "The watch over the database's table of locks is at work."
        "Penjaga tabel kunci basis data sedang bekerja.";
    doctor_unwatched()
        "Nobody watches the database's table of locks: one session that fills it would stop every revocation. On the \
         database's machine: systemctl restart gerbang-watch. Where it is not installed, docs/watch.sql says how."
        "Tidak ada yang menjaga tabel kunci basis data: satu sesi yang memenuhinya akan menghentikan semua pencabutan. \
         Pada mesin basis data: systemctl restart gerbang-watch. Jika belum dipasang, caranya tertulis di docs/watch.sql.";
    doctor_not_founded()
        "The database knows no authority. Hold the ceremony: gerbang ca init."
        "Basis data belum mengenal otoritas. Adakan upacara: gerbang ca init.";
    doctor_certificate(until)
        "The gateway's certificate is valid to {until}."
        "Sertifikat gerbang berlaku sampai {until}.";
    doctor_certificate_unreadable(why)
        "The gateway's certificate cannot be used: {why}"
        "Sertifikat gerbang tidak dapat dipakai: {why}";
    doctor_certificate_late(until)
        "The gateway's certificate ends {until} and should be renewed by now. See whether the signer is alive, and the \
         gateway's log."
        "Sertifikat gerbang berakhir {until} dan seharusnya sudah diperbarui. Periksa penanda tangan dan log gerbang.";
    doctor_certificate_expired(until)
        "The gateway's certificate ended {until}; clients refuse it. See whether the signer is alive, then start the \
         gateway anew."
        "Sertifikat gerbang berakhir {until}; klien menolaknya. Periksa penanda tangan, lalu jalankan ulang gerbang.";
    doctor_certificate_early(from)
        "The gateway's certificate is valid only from {from}. Check this machine's clock."
        "Sertifikat gerbang baru berlaku sejak {from}. Periksa jam mesin ini.";
    doctor_chain()
        "Its chain leads to the root, and it has the configured names."
        "Rantainya sampai ke akar, dan namanya sesuai konfigurasi.";
    doctor_chain_broken(why)
        "The gateway's chain does not lead to the root: {why}. Its file holds the gateway's certificate, then the \
         gateways' authority's."
        "Rantai sertifikat gerbang tidak sampai ke akar: {why}. Berkasnya memuat sertifikat gerbang, lalu sertifikat \
         otoritas gerbang.";
    doctor_host_missing(host)
        "The gateway's certificate lacks the name {host}. Put it into the signer's configuration too, and start the \
         gateway anew."
        "Sertifikat gerbang tidak memuat nama {host}. Masukkan juga ke konfigurasi penanda tangan, lalu jalankan ulang \
         gerbang.";
    doctor_pair_differs(key)
        "The key {key} is not that of the gateway's certificate. Bring the two that belong together."
        "Kunci {key} bukan kunci sertifikat gerbang. Pakailah pasangan yang cocok.";
    doctor_inventory()
        "The inventory knows the gateway's certificate."
        "Inventaris mengenal sertifikat gerbang.";
    doctor_inventory_unknown()
        "The inventory does not know the gateway's certificate. The database may be older than this certificate: was it \
         restored from a backup? Then see what gerbang doctor says at the signer; once that is done, move gateway.pem and \
         gateway.key away and start the gateway anew: it orders another."
        "Inventaris tidak mengenal sertifikat gerbang. Basis data mungkin lebih tua daripada sertifikat ini: apakah \
         dipulihkan dari cadangan? Jika ya, lihat hasil gerbang doctor pada mesin penanda tangan; setelah itu selesai, \
         pindahkan gateway.pem dan gateway.key, lalu jalankan ulang gerbang; sertifikat baru akan dipesannya secara otomatis.";
    doctor_list(name, until)
        "{name}: the revocation list counts until {until}."
        "{name}: daftar pencabutan berlaku sampai {until}.";
    doctor_list_missing(name)
        "{name} has no revocation list. Start the signer; the root's is made by gerbang ca renew-crl."
        "{name} tidak memiliki daftar pencabutan. Jalankan penanda tangan; daftar akar dibuat dengan gerbang ca renew-crl.";
    doctor_list_stale(name, until)
        "{name}: half of the revocation list's life is over; it ends {until}. See whether the signer is alive; the root's \
         is made by gerbang ca renew-crl."
        "{name}: separuh masa daftar pencabutan sudah lewat; berakhir {until}. Periksa penanda tangan; daftar akar \
         dibuat dengan gerbang ca renew-crl.";
    doctor_list_over(name, until)
        "{name}: the revocation list ended {until}, and others no longer trust what it issued. Start the signer; the \
         root's is made by gerbang ca renew-crl."
        "{name}: daftar pencabutan berakhir {until}, sehingga terbitannya tidak dipercaya lagi. Jalankan penanda tangan; \
         daftar akar dibuat dengan gerbang ca renew-crl.";
    doctor_signer(seconds)
        "The signer was at work {seconds} s ago."
        "Penanda tangan bekerja {seconds} detik yang lalu.";
    doctor_signer_away(time)
        "The signer was last at work {time}. Nothing is issued and no list is renewed; start it: gerbang signer."
        "Penanda tangan terakhir bekerja {time}. Tidak ada yang diterbitkan dan daftar tidak diperbarui; jalankan: \
         gerbang signer.";
    doctor_signer_never()
        "No signer was ever at work on this database. Start it: gerbang signer."
        "Belum pernah ada penanda tangan yang bekerja pada basis data ini. Jalankan: gerbang signer.";
    doctor_mark()
        "The database has all that the signer remembers."
        "Basis data memuat semua yang diingat penanda tangan.";
    doctor_mark_missing(file)
        "There is no {file} yet: the signer writes it when it first works. Until then, and where it was lost, a database put \
         back from a backup goes unnoticed."
        "{file} belum ada: penanda tangan menulisnya saat pertama kali bekerja. Sebelum itu, atau bila berkas itu hilang, \
         pemulihan basis data dari cadangan tidak akan ketahuan.";
    doctor_mark_unchecked()
        "What the signer remembers cannot be compared with the database, which does not answer."
        "Catatan penanda tangan tidak dapat dibandingkan dengan basis data, karena basis data tidak menjawab.";
    doctor_own_key(path)
        "The key {path} is for this system alone, and is its certificate's."
        "Kunci {path} hanya terbaca oleh sistem ini, dan cocok dengan sertifikatnya.";
    doctor_own_certificate(until)
        "This profile's certificate is valid to {until}."
        "Sertifikat profil ini berlaku sampai {until}.";
    doctor_own_late(until)
        "This profile's certificate ends {until} and should be renewed by now: gerbang cert renew. In future: gerbang cert \
         renew --daemon."
        "Sertifikat profil ini berakhir {until} dan seharusnya sudah diperbarui: gerbang cert renew. Selanjutnya: gerbang \
         cert renew --daemon.";
    doctor_own_expired(until)
        "This profile's certificate ended {until}. Ask an administrator for an invitation, then: gerbang join"
        "Sertifikat profil ini berakhir {until}. Mintalah undangan kepada administrator, lalu: gerbang join";
    doctor_own_early(from)
        "This profile's certificate is valid only from {from}. Check this machine's clock."
        "Sertifikat profil ini baru berlaku sejak {from}. Periksa jam mesin ini.";
    doctor_restored(time, file)
        "At {time} the signer found less in the database than it had issued: it was restored from a backup. What was \
         issued since is refused. What was revoked since was put back, as far as the signer's last lists name it; what was \
         revoked in the last seconds before the loss is in none, and may be let in again. Invite those systems anew and \
         repeat those revocations; then take the line restored_at out of {file} and start the signer anew."
        "Pada {time} isi basis data kurang dari yang telah diterbitkan: ia dipulihkan dari cadangan. Yang terbit \
         sesudahnya ditolak. Pencabutan sesudahnya telah dipulihkan sejauh tercantum dalam daftar terakhir penanda tangan; \
         pencabutan beberapa detik sebelum kehilangan tidak tercantum, sehingga sertifikatnya mungkin diterima lagi. Undang \
         lagi sistem tersebut dan ulangi pencabutan itu; lalu hapus baris restored_at dari {file} dan jalankan ulang penanda tangan.";
    doctor_administrators(count)
        "{count} administrators have a valid certificate for 30 days more."
        "{count} administrator memiliki sertifikat yang berlaku 30 hari lagi.";
    doctor_administrators_soon(count, soon)
        "{count} administrators have a valid certificate, and only {soon} in 30 days. Renew them: gerbang cert renew."
        "{count} administrator memiliki sertifikat yang berlaku, dan 30 hari lagi tinggal {soon}. Perbarui: \
         gerbang cert renew.";
    doctor_administrators_few(count)
        "{count} administrators have a valid certificate; two must agree on prisons and administrators. Bring the root's \
         key: gerbang ca admit."
        "{count} administrator memiliki sertifikat yang berlaku; lapas dan administrator memerlukan dua persetujuan. \
         Pakailah kunci akar: gerbang ca admit.";
    doctor_no_foreign_keys(folders)
        "No key of an authority lies in {folders}."
        "Tidak ada kunci otoritas di {folders}.";
    doctor_authority_key(path, name)
        "{path} is the key of {name}. Who takes this machine over could issue certificates: take it away, and tell the \
         administrators, for it may have been copied."
        "{path} adalah kunci {name}. Siapa pun yang menguasai mesin ini dapat menerbitkan sertifikat: singkirkan, dan \
         beri tahu administrator, karena mungkin sudah disalin.";
    doctor_encrypted_key(path)
        "{path} is an encrypted key, which cannot be looked into. An authority's has no business here; take it away if it \
         is one."
        "{path} adalah kunci terenkripsi yang tidak dapat diperiksa. Kunci otoritas tidak boleh ada di sini; singkirkan \
         bila memang itu.";
    doctor_greeted(address)
        "The gateway at {address} shows the certificate of its file."
        "Gerbang di {address} menunjukkan sertifikat dari berkasnya.";
    doctor_greeted_other(address)
        "The gateway at {address} shows another certificate than its file holds, with a chain to the root. Start it anew \
         if it does not take the new one by itself."
        "Gerbang di {address} menunjukkan sertifikat lain daripada berkasnya, dengan rantai ke akar. Jalankan ulang \
         bila tidak beralih sendiri.";
    doctor_greeted_stranger(address, why)
        "What answers at {address} is not this gateway: {why}. Find out who listens there."
        "Yang menjawab di {address} bukan gerbang ini: {why}. Cari tahu siapa yang mendengarkan di sana.";
    doctor_not_greeted(address, why)
        "No handshake with the gateway at {address}: {why}. Is it running?"
        "Tidak ada jabat tangan dengan gerbang di {address}: {why}. Apakah sudah berjalan?";
    doctor_called(name, role)
        "The gateway knows this profile as {name}, with the role {role}."
        "Gerbang mengenal profil ini sebagai {name}, dengan peran {role}.";
    doctor_gateway_clock()
        "This machine's clock and the gateway's agree."
        "Jam mesin ini dan jam gerbang sama.";
    doctor_not_called(why)
        "The gateway does not answer this profile: {why}"
        "Gerbang tidak menjawab profil ini: {why}";
}

/// The name of a check in the reader's language; programs read the English one.
pub fn doctor_check(language: Language, check: &'static str) -> &'static str {
    match check {
        _ if language == Language::English => check,
        "administrators" => "administrator",
        "authority-keys" => "kunci otoritas",
        "call" => "panggilan",
        "certificate" => "sertifikat",
        "chain" => "rantai sertifikat",
        "clock" => "jam",
        "configuration" => "konfigurasi",
        "database" => "basis data",
        "database-roles" => "peran basis data",
        "gateway-clock" => "jam gerbang",
        "handshake" => "jabat tangan",
        "inventory" => "inventaris",
        "issuing-keys" => "kunci penerbit",
        "key-files" => "berkas kunci",
        "mark" => "catatan penanda tangan",
        "profile-certificate" => "sertifikat profil",
        "profile-files" => "berkas profil",
        "revocation-lists" => "daftar pencabutan",
        "schema" => "skema",
        "signer" => "penanda tangan",
        "time-zones" => "zona waktu",
        "vault-keys" => "kunci data peserta",
        "database-watch" => "penjaga kunci basis data",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_indonesian_name() {
        let sources = [
            include_str!("../doctor/judge.rs"),
            include_str!("../doctor/judge/certificate.rs"),
            include_str!("../doctor/keys.rs"),
            include_str!("../doctor/look.rs"),
            include_str!("../doctor/vault.rs"),
        ];
        let before = ["CHECK: &str = \"", "WATCH: &str = \"", "Finding::ok(\"", "Finding::failed(\""];
        let names =
            sources.iter().flat_map(|source| before.iter().flat_map(|before| source.split(before).skip(1)));
        let names: std::collections::BTreeSet<_> = names.filter_map(|rest| rest.split('"').next()).collect();
        assert!(names.len() > 20, "{names:?}");
        let english: Vec<_> =
            names.iter().filter(|name| doctor_check(Language::Indonesian, name) == **name).collect();
        assert_eq!(english, [&""; 0]);
    }
}
