//! Texts of what administrators and operators do: agencies, certificates, the authority, gateways and their keys.

use super::Texts;

pub const TEXTS: Texts = &[
    // The first page.
    (
        "Run the whole gateway on this machine, with a private database and sample agencies",
        "Jalankan gerbang lengkap di mesin ini, dengan basis data sendiri dan instansi contoh",
    ),
    ("Serve with a configuration", "Jalankan gerbang dengan konfigurasi"),
    (
        "Issue certificates and revocation lists, apart from every gateway",
        "Terbitkan sertifikat dan daftar pencabutan, terpisah dari semua gerbang",
    ),
    ("Bring a database's schema up to date", "Mutakhirkan skema basis data"),
    (
        "Check a gateway, a signer or a profile, and say what to do",
        "Periksa gerbang, penanda tangan, atau profil, dan sebutkan yang harus dilakukan",
    ),
    (
        "Each line says what was found and, where it is not as it must be, what to do. The exit status is 1 where a \
         check failed; lines that only ask for attention leave 0.",
        "Setiap baris menyebutkan temuan dan, bila belum semestinya, apa yang harus dilakukan. Kode keluar 1 bila ada \
         pemeriksaan yang gagal; baris yang hanya minta perhatian menghasilkan 0.",
    ),
    ("Show who the gateway takes you for", "Tampilkan sebagai siapa Anda dikenali gerbang"),
    ("Show what you may call too", "Tampilkan juga layanan yang boleh Anda panggil"),
    (
        "Get this machine's first certificate by a one-time token, and a profile that goes by it",
        "Dapatkan sertifikat pertama mesin ini dengan token sekali pakai, beserta profilnya",
    ),
    (
        "The token is asked for, or read from --token-file or standard input; it is never an argument. If the \
         certificate is not there in time, or the machine stops, type the same again: key and token still go together.",
        "Token ditanyakan, atau dibaca dari --token-file atau masukan standar; token tidak pernah menjadi argumen. Bila \
         sertifikat belum tersedia atau mesin berhenti, ketik perintah yang sama lagi: kunci dan token tetap \
         berpasangan.",
    ),
    ("Print a completion script for a shell", "Tampilkan skrip pelengkapan untuk shell"),
    ("The shell", "Nama shell"),
    (
        "Where the database, the certificates and the profiles are kept",
        "Tempat menyimpan basis data, sertifikat, dan profil",
    ),
    ("The address to listen on", "Alamat tempat menerima sambungan"),
    (
        "An existing Postgres to use, instead of starting a private one; its role must be allowed to create tables, and \
         be a member of the roles gerbang_gateway, gerbang_keeper and gerbang_signer",
        "Postgres yang sudah ada, sebagai ganti basis data sendiri; perannya harus boleh membuat tabel dan menjadi \
         anggota peran gerbang_gateway, gerbang_keeper, dan gerbang_signer",
    ),
    (
        "Tell the story, then stop; exit status 0 only if every step held",
        "Jalankan peragaan, lalu berhenti; kode keluar 0 hanya bila setiap langkah berhasil",
    ),
    ("The configuration, a TOML file", "Konfigurasi, berkas TOML"),
    ("The signer's configuration, a TOML file", "Konfigurasi penanda tangan, berkas TOML"),
    (
        "A gateway's configuration: its files, its database, its certificate, and the gateway itself",
        "Konfigurasi gerbang: berkas, basis data, dan sertifikatnya, serta gerbang itu sendiri",
    ),
    (
        "A signer's configuration: its files, its keys and its database",
        "Konfigurasi penanda tangan: berkas, kunci, dan basis datanya",
    ),
    // agency
    (
        "Register agencies and their systems, and look them up",
        "Daftarkan dan lihat instansi beserta sistemnya",
    ),
    ("Register agencies from a file (administrator)", "Daftarkan instansi dari berkas (administrator)"),
    (
        "Replace an agency's names and zone (administrator)",
        "Ganti nama dan zona waktu instansi (administrator)",
    ),
    (
        "Suspend an agency: its systems are refused everything (administrator)",
        "Tangguhkan instansi: semua panggilan sistemnya ditolak (administrator)",
    ),
    ("Let a suspended agency in again (administrator)", "Cabut penangguhan instansi (administrator)"),
    (
        "Free the rooms and trainers that an agency's sessions ahead hold (administrator)",
        "Bebaskan ruang dan pelatih dari sesi instansi yang akan datang (administrator)",
    ),
    (
        "Register a system with its role; then invite it: gerbang cert invite (administrator)",
        "Daftarkan sistem beserta perannya; lalu undang: gerbang cert invite (administrator)",
    ),
    ("Change a system's role (administrator)", "Ubah peran sistem (administrator)"),
    (
        "Approve the role that another administrator proposed for a system (administrator)",
        "Setujui peran sistem yang diusulkan administrator lain (administrator)",
    ),
    ("Show one agency", "Tampilkan satu instansi"),
    ("The agency's code, or its full name", "Kode instansi, atau nama lengkapnya"),
    ("List all agencies", "Tampilkan daftar semua instansi"),
    ("Why, for those whom the sessions concern", "Alasan, untuk yang berkepentingan dengan sesi itu"),
    ("The agency's code", "Kode instansi"),
    ("The system's own name", "Nama sistem itu sendiri"),
    ("What it may do", "Wewenangnya"),
    ("What it may do from now on", "Wewenangnya sejak sekarang"),
    ("Key lost", "Kunci hilang"),
    ("Booked by mistake", "Keliru memesan"),
    // cert
    (
        "Invite systems, approve requests, renew, look up and revoke certificates",
        "Undang sistem, setujui permohonan; perbarui, lihat, dan cabut sertifikat",
    ),
    (
        "Make a one-time token with which a partner's system joins; the line to type there follows (administrator)",
        "Buat token sekali pakai agar sistem mitra bergabung; disertai perintah untuk diketik di sana (administrator)",
    ),
    (
        "Make a key and a signing request, offline; or hand one in",
        "Buat kunci dan permohonan sertifikat tanpa jaringan; atau ajukan permohonan",
    ),
    (
        "Sign a request; a file is handed in first (administrator)",
        "Tanda tangani permohonan; berkas diajukan lebih dahulu (administrator)",
    ),
    ("Turn a request down (administrator)", "Tolak permohonan (administrator)"),
    ("List requests and invitations", "Tampilkan daftar permohonan dan undangan"),
    (
        "List certificates, those that end first first",
        "Tampilkan daftar sertifikat, yang lebih dulu berakhir di atas",
    ),
    (
        "Show one certificate, with what it renewed and what renewed it",
        "Tampilkan satu sertifikat, beserta pendahulu dan penggantinya",
    ),
    ("The serial number, hexadecimal", "Nomor seri, heksadesimal"),
    (
        "Fetch the certificate of a request, with its issuer's",
        "Ambil sertifikat dari permohonan, beserta sertifikat penerbitnya",
    ),
    (
        "Renew this profile's certificate, now or whenever it is due",
        "Perbarui sertifikat profil ini, sekarang atau setiap kali tiba waktunya",
    ),
    (
        "The daemon renews at two thirds of the certificate's life. How it fares stands beside the profile, in \
         NAME.renewal.json and, for Prometheus, NAME.renewal.prom. The command gets GERBANG_CERTIFICATE, GERBANG_KEY \
         and GERBANG_PROFILE, the paths of the new files.",
        "Daemon memperbarui setelah dua pertiga masa berlaku sertifikat. Keadaannya ditulis di samping profil, dalam \
         NAMA.renewal.json dan, untuk Prometheus, NAMA.renewal.prom. Perintah menerima GERBANG_CERTIFICATE, \
         GERBANG_KEY, dan GERBANG_PROFILE, yaitu lokasi berkas yang baru.",
    ),
    (
        "Revoke a certificate, or all of an agency, at once and for good",
        "Cabut sertifikat, atau semua milik instansi, seketika dan untuk seterusnya",
    ),
    (
        "Write the authorities' certificates and revocation lists into a folder",
        "Tulis sertifikat otoritas dan daftar pencabutan ke folder",
    ),
    ("The folder to write bundle.pem and NAME.crl.pem into", "Folder untuk bundle.pem dan NAMA.crl.pem"),
    (
        "Only those that are good and end within so many days",
        "Hanya yang masih berlaku dan berakhir dalam sekian hari",
    ),
    ("Only in this state", "Hanya yang berstatus ini"),
    ("For how many days the certificate will be valid", "Masa berlaku sertifikat, dalam hari"),
    ("For how many hours the token is good", "Masa berlaku token, dalam jam"),
    (
        "Write the token to this new file, readable by you alone, instead of standard output",
        "Tulis token ke berkas baru ini, yang hanya dapat Anda baca, bukan ke keluaran standar",
    ),
    (
        "Where systems join, for the line to type; the profile's host and next port where it is not given",
        "Tempat sistem bergabung, untuk perintah yang diketik; bila tidak disebut, host profil dan porta berikutnya",
    ),
    ("Cancel an invitation instead", "Batalkan undangan"),
    ("Why it is cancelled, for the agency", "Alasan pembatalan, untuk instansi"),
    (
        "A signing request's file, or a request by its UUID",
        "Berkas permohonan sertifikat, atau permohonan menurut UUID-nya",
    ),
    ("For which system the file is: CODE/NAME", "Untuk sistem mana berkas itu: KODE/NAMA"),
    (
        "For how many days the certificate will be valid; 90, or what the first administrator signed for",
        "Masa berlaku sertifikat, dalam hari; 90, atau yang ditandatangani administrator pertama",
    ),
    ("Only those that wait for somebody", "Hanya yang menunggu seseorang"),
    ("The request, by its UUID", "Permohonan, menurut UUID-nya"),
    ("Where the certificate goes, with its issuer's", "Tujuan sertifikat, beserta sertifikat penerbitnya"),
    (
        "Write a profile for the system beside it, and the authorities' file that the profile names",
        "Tulis juga profil sistem di sampingnya, dan berkas otoritas yang disebut profil itu",
    ),
    ("Stay, and renew whenever it is due", "Tetap berjalan, dan perbarui setiap kali tiba waktunya"),
    ("Run this by sh -c after each renewal", "Jalankan ini dengan sh -c setelah setiap pembaruan"),
    ("Keep the key", "Pertahankan kuncinya"),
    (
        "Make a key, in this new file, readable by you alone",
        "Buat kunci dalam berkas baru ini, yang hanya dapat Anda baca",
    ),
    ("Where the signing request goes", "Tujuan permohonan sertifikat"),
    ("An Ed25519 key instead of one on P-256", "Kunci Ed25519, bukan P-256"),
    (
        "Hand a signing request in; - reads standard input",
        "Ajukan permohonan sertifikat; - membaca masukan standar",
    ),
    (
        "For which system: CODE/NAME, or a bare name of your own agency's",
        "Untuk sistem mana: KODE/NAMA, atau nama saja bila milik instansi sendiri",
    ),
    ("All certificates of this agency", "Semua sertifikat instansi ini"),
    (
        "Why, as the revocation list says it; key-compromise also ends what was renewed from it",
        "Alasan menurut daftar pencabutan; key-compromise juga mengakhiri hasil pembaruannya",
    ),
    ("Why, for the file", "Alasan, untuk arsip"),
    (
        "Go ahead although fewer than two administrators would be left",
        "Lanjutkan meskipun administrator yang tersisa kurang dari dua",
    ),
    ("Not your key", "Bukan kunci instansi Anda"),
    ("Left", "Keluar dari pertukaran"),
    ("systemctl reload jadwal", "systemctl reload jadwal"),
    // join
    ("Where the gateway lets systems join", "Alamat tempat sistem bergabung"),
    (
        "The name in the gateway's certificate; the host where it is not given",
        "Nama dalam sertifikat gerbang; nama host bila tidak disebut",
    ),
    (
        "The file with the token, - for standard input; without it the token is asked for",
        "Berkas berisi token, - untuk masukan standar; bila tidak disebut, token ditanyakan",
    ),
    ("What the new profile is called", "Nama profil baru"),
    (
        "Where it goes: $GERBANG_PROFILES, else ~/.config/gerbang/profiles",
        "Tempatnya: $GERBANG_PROFILES, atau ~/.config/gerbang/profiles",
    ),
    (
        "Also write key and certificate in PKCS#12, for Windows and Java",
        "Tulis juga kunci dan sertifikat dalam PKCS#12, untuk Windows dan Java",
    ),
    (
        "The file whose first line is the passphrase of the PKCS#12 file",
        "Berkas yang baris pertamanya frasa sandi untuk berkas PKCS#12",
    ),
    // ca
    (
        "Found the authority that issues certificates, and look after it",
        "Dirikan otoritas penerbit sertifikat, dan pantau keadaannya",
    ),
    (
        "Hold the ceremony that founds an authority: once, with the root's key on a medium of its own",
        "Adakan upacara kunci pendirian otoritas: satu kali, dengan kunci akar pada media tersendiri",
    ),
    (
        "Makes the root, the two authorities below it and the first administrators' certificates, and records them. Run \
         it again with the same options if it was cut off: what is whole on the disk is recorded, and no key is made \
         twice. certs/README.md says how a ceremony goes.",
        "Membuat akar, dua otoritas di bawahnya, dan sertifikat administrator pertama, lalu mencatatnya. Bila terputus, \
         jalankan lagi dengan opsi yang sama: yang sudah lengkap di cakram dicatat, dan tidak ada kunci yang dibuat dua \
         kali. Jalannya upacara tertulis di certs/README.md.",
    ),
    (
        "Show how the authority fares; the exit status is 1 where something needs attention (administrator)",
        "Tampilkan keadaan otoritas; kode keluar 1 bila ada yang perlu diperhatikan (administrator)",
    ),
    (
        "Admit an administrator by the root's key, in place of one who was lost",
        "Terima administrator dengan kunci akar, sebagai pengganti yang hilang",
    ),
    (
        "Make a new revocation list of the root, before the old one ends",
        "Buat daftar pencabutan akar yang baru, sebelum yang lama berakhir",
    ),
    ("The ceremony file, as it was reviewed", "Berkas upacara, sebagaimana telah diperiksa"),
    (
        "A new folder for certificates, issuing keys and the transcript",
        "Folder baru untuk sertifikat, kunci penerbit, dan berita acara",
    ),
    (
        "Another new folder, for the root's key alone: on a medium that is put away",
        "Folder baru lain khusus untuk kunci akar: pada media yang kemudian disimpan",
    ),
    (
        "A file that holds the passphrase for the issuing keys, one line; asked for where it is not given",
        "Berkas berisi frasa sandi kunci penerbit, satu baris; ditanyakan bila tidak disebut",
    ),
    (
        "A file that holds the passphrase for the root's key, one line; asked for where it is not given",
        "Berkas berisi frasa sandi untuk kunci akar, satu baris; ditanyakan bila tidak disebut",
    ),
    ("The root's key", "Kunci akar"),
    ("The root's certificate", "Sertifikat akar"),
    (
        "A file that holds the passphrase of the root's key, one line; asked for where it is not given",
        "Berkas berisi frasa sandi kunci akar, satu baris; ditanyakan bila tidak disebut",
    ),
    (
        "The administrator's request for a certificate (PKCS#10)",
        "Permohonan sertifikat dari administrator (PKCS#10)",
    ),
    (
        "The administrator's system, as AGENCY/SYSTEM; it is registered where there is none",
        "Sistem administrator, ditulis INSTANSI/SISTEM; didaftarkan bila belum ada",
    ),
    (
        "The ceremony file, for trust domain and operator",
        "Berkas upacara, untuk domain kepercayaan dan operator",
    ),
    ("For how many days the certificate is valid", "Masa berlaku sertifikat itu, dalam hari"),
    ("For how many days the list counts", "Masa berlaku daftar, dalam hari"),
    ("Write the list to this new file too, in PEM", "Tulis daftar juga ke berkas baru ini, dalam PEM"),
    // audit, contract, vault
    ("Check the ledger", "Periksa buku besar"),
    (
        "Digest every row again and compare it with what the ledger last told of it",
        "Hitung ulang nilai hash setiap baris dan bandingkan dengan catatan terakhirnya di buku besar",
    ),
    (
        "Changes nothing, and may run while gateways serve. Without --vault, rows about trainees are counted and not \
         compared. The exit status is 1 where a row differs, is missing, or was never told of.",
        "Tidak mengubah apa pun, dan boleh dijalankan selagi gerbang melayani. Tanpa --vault, baris tentang peserta \
         dihitung tetapi tidak dibandingkan. Kode keluar 1 bila ada baris yang berbeda, hilang, atau tidak tercatat.",
    ),
    (
        "The key file, to compare rows about trainees too",
        "Berkas kunci, agar baris tentang peserta ikut dibandingkan",
    ),
    ("Export the contract and the list of error reasons", "Ekspor kontrak dan daftar alasan kesalahan"),
    (
        "Write the .proto files, with all that protoc does not bring itself, to a folder",
        "Tulis berkas .proto, beserta semua yang tidak dibawa protoc, ke folder",
    ),
    ("The folder; made where it is missing", "Folder tujuan; dibuat bila belum ada"),
    ("Print the errors page in Markdown", "Tampilkan halaman kesalahan dalam Markdown"),
    (
        "Make the gateway's key file, and change its sealing key",
        "Buat berkas kunci gerbang, dan ganti kunci penyegelnya",
    ),
    (
        "Make a new key file, or upgrade one of the previous version; refuses to overwrite keys",
        "Buat berkas kunci baru, atau mutakhirkan versi sebelumnya; kunci yang ada tidak ditimpa",
    ),
    ("The file to write, readable by you alone", "Berkas tujuan, yang hanya dapat Anda baca"),
    (
        "The database that it is for: refused where that has its keys already",
        "Basis data yang memakainya: ditolak bila sudah memiliki kunci",
    ),
    (
        "Change the key that seals trainees' data, while gateways serve; run it again if it was stopped",
        "Ganti kunci penyegel data peserta, selagi gerbang melayani; jalankan lagi bila terhenti",
    ),
    (
        "Gateways on other machines have copies of the file. For these, first add the key by --prepare, copy the file to \
         every one of them, then rotate. A gateway without the new key answers VAULT_KEY_MISSING.",
        "Gerbang di mesin lain memiliki salinan berkas ini. Untuk itu, tambahkan dahulu kuncinya dengan --prepare, salin \
         berkasnya ke setiap mesin, lalu jalankan pergantian. Gerbang tanpa kunci baru menjawab VAULT_KEY_MISSING.",
    ),
    (
        "The key file; it gets the new key, and a gateway that runs reads it again by itself",
        "Berkas kunci; kunci baru ditambahkan, dan gerbang yang berjalan membacanya kembali",
    ),
    ("Only add the next key to the file", "Hanya tambahkan kunci berikutnya ke berkas"),
    (
        "Only remove from the file the keys that nothing in the database needs any more; backups sealed with them \
         become unreadable for ever",
        "Hanya hapus dari berkas kunci yang tidak diperlukan lagi oleh basis data; cadangan yang disegel dengannya tidak \
         dapat dibaca lagi selamanya",
    ),
    (
        "Replace an agency's names ahead and its zone; names whose day has come stay (administrator)",
        "Ganti nama instansi yang belum berlaku dan zona waktunya; nama yang sudah berlaku tetap (administrator)",
    ),
    (
        "Give an agency a new name from a day on; its earlier names stay on record (administrator)",
        "Beri instansi nama baru sejak suatu hari; nama sebelumnya tetap tercatat (administrator)",
    ),
    (
        "Register a system with its role; what has to follow is said (administrator)",
        "Daftarkan sistem beserta perannya; langkah berikutnya disebutkan (administrator)",
    ),
    (
        "Retire a system for good: its certificates are revoked, its open requests end (administrator)",
        "Hentikan sistem untuk seterusnya: sertifikatnya dicabut, permohonannya yang terbuka diakhiri (administrator)",
    ),
    (
        "Show one system: role, state, certificates, last use, open requests",
        "Tampilkan satu sistem: peran, status, sertifikat, pemakaian terakhir, permohonan terbuka",
    ),
    (
        "The system, as AGENCY/SYSTEM; a bare SYSTEM is your own agency's",
        "Sistem, ditulis INSTANSI/SISTEM; SISTEM saja berarti milik instansi sendiri",
    ),
    ("The system, as AGENCY/SYSTEM", "Sistem, ditulis INSTANSI/SISTEM"),
    (
        "Show one agency: its names with their days, and its systems",
        "Tampilkan satu instansi: nama beserta tanggal berlakunya, dan sistemnya",
    ),
    ("The full official name", "Nama resmi lengkap"),
    ("The first day on which the name holds", "Hari pertama nama itu berlaku"),
    ("The number of the decree that gives the name", "Nomor keputusan yang menetapkan nama itu"),
    ("The new system, as AGENCY/SYSTEM", "Sistem baru, ditulis INSTANSI/SISTEM"),
    (
        "The system's own name, where the first word is the agency's code alone: the earlier spelling",
        "Nama sistem, bila kata pertama hanya kode instansi: cara penulisan terdahulu",
    ),
    (
        "Admit an administrator by the root's key, in place of one who was lost, and fetch the certificate",
        "Terima administrator dengan kunci akar, sebagai pengganti yang hilang, dan ambil sertifikatnya",
    ),
    (
        "Where the certificate goes, with its issuer's; NAME.pem beside the request where it is not given",
        "Tujuan sertifikat, beserta sertifikat penerbitnya; bila tidak disebut, NAMA.pem di samping permohonan",
    ),
    (
        "Where the gateway is: writes a profile and the authorities beside the certificate",
        "Alamat gerbang: profil dan berkas otoritas ditulis di samping sertifikat",
    ),
    ("For how many seconds the signer is waited for", "Berapa detik penanda tangan ditunggu"),
    (
        "Compares the ceremony's file and the root with the database, has the root's key sign, waits for the signer and \
         writes the certificate. With --server, a profile comes with it, so that it works where no administrator is left. \
         If the certificate is not there in time, type the same again: no second one is made.",
        "Membandingkan berkas upacara dan akar dengan basis data, menandatangani dengan kunci akar, menunggu penanda \
         tangan, lalu menulis sertifikatnya. Dengan --server, profil ikut ditulis, sehingga dapat dipakai meskipun tidak \
         ada administrator yang tersisa. Bila sertifikat belum tersedia, ketik perintah yang sama lagi: tidak dibuat \
         yang kedua.",
    ),
    (
        "Fetch the certificate of a request, with its issuer's, and write a profile beside it",
        "Ambil sertifikat dari permohonan, beserta sertifikat penerbitnya, dan tulis profil di sampingnya",
    ),
    (
        "The system's own name, where the agency's code alone stands first: the earlier spelling",
        "Nama sistem, bila kode instansi saja yang disebut lebih dahulu: cara penulisan terdahulu",
    ),
    ("For which system the file is", "Untuk sistem mana berkas itu"),
    (
        "The certificate alone, without a profile for the system beside it",
        "Sertifikat saja, tanpa profil sistem di sampingnya",
    ),
    ("Asked for a profile before one was written anyway", "Dahulu meminta profil, yang kini selalu ditulis"),
    (
        "For which system: AGENCY/SYSTEM, or a bare name of your own agency's where it is handed in",
        "Untuk sistem mana: INSTANSI/SISTEM, atau nama saja bila milik instansi sendiri dan diajukan",
    ),
    ("The prison; without it, your own", "Lapas; bila tidak disebut, milik sendiri"),
    ("The prison: the earlier spelling", "Lapas: cara penulisan terdahulu"),
    (
        "Replace a profile of this name even if its certificate may be good; its files are kept aside",
        "Ganti profil bernama ini meskipun sertifikatnya mungkin masih berlaku; berkas lamanya disisihkan",
    ),
    (
        "Listen where others can reach it, although its keys are for nobody but this machine",
        "Terima sambungan dari mesin lain, meskipun kuncinya hanya untuk mesin ini",
    ),
    ("Replaced by sim", "Diganti dengan sim"),
    (
        "Write the configurations of signer and gateways from what the ceremony left",
        "Tulis konfigurasi penanda tangan dan gerbang dari hasil upacara kunci",
    ),
    (
        "The folder that the ceremony wrote (--out of gerbang ca init), where it will stay on the signer's machine",
        "Folder hasil upacara (--out dari gerbang ca init), di tempat tetapnya pada mesin penanda tangan",
    ),
    (
        "A name or an address by which agencies reach the gateways; again for each, the first for their profiles",
        "Nama atau alamat gerbang bagi instansi; diulang untuk setiap nama, yang pertama dipakai dalam profil",
    ),
    (
        "The database without a role: each part gets its own",
        "Basis data tanpa peran: setiap bagian mendapat perannya sendiri",
    ),
    (
        "A new folder for all that a gateway's machine gets",
        "Folder baru untuk semua yang dibawa ke mesin gerbang",
    ),
    (
        "The signer's new configuration; signer.toml beside the ceremony's folder where it is not given",
        "Konfigurasi baru penanda tangan; bila tidak disebut, signer.toml di samping folder upacara",
    ),
    (
        "The passphrase of the issuing keys; the file passphrase beside the signer's configuration where it is not given",
        "Frasa sandi kunci penerbit; bila tidak disebut, berkas passphrase di samping konfigurasi penanda tangan",
    ),
    (
        "Overwrites nothing, reads no key, and prints what to type next. docs/operate.md has the whole way.",
        "Tidak menimpa apa pun, tidak membaca kunci, dan menampilkan perintah berikutnya. Langkah selengkapnya ada di \
         docs/operate.md.",
    ),
];
