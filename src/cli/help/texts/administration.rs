//! Texts of what administrators do, and of joining: agencies, systems, certificates.

use super::Texts;

pub const TEXTS: Texts = &[
    // agency
    (
        "Register agencies and their systems, and look them up",
        "Daftarkan dan lihat instansi beserta sistemnya",
    ),
    ("Register agencies from a file (administrator)", "Daftarkan instansi dari berkas (administrator)"),
    (
        "Suspend an agency: its systems are refused everything (administrator)",
        "Tangguhkan instansi: semua panggilan sistemnya ditolak (administrator)",
    ),
    (
        "Why: administrators read it, and the agency itself once it is let in again; nobody else does",
        "Alasan: dibaca administrator, dan oleh instansi itu sendiri setelah penangguhannya dicabut; tidak oleh pihak lain",
    ),
    ("Let a suspended agency in again (administrator)", "Cabut penangguhan instansi (administrator)"),
    (
        "Free the rooms and trainers that an agency's sessions ahead hold (administrator)",
        "Bebaskan ruang dan pelatih dari sesi instansi yang akan datang (administrator)",
    ),
    ("Change a system's role (administrator)", "Ubah peran sistem (administrator)"),
    (
        "Approve the role that another administrator proposed for a system (administrator)",
        "Setujui peran sistem yang diusulkan administrator lain (administrator)",
    ),
    ("The agency's code, or its full name", "Kode instansi, atau nama lengkapnya"),
    ("List all agencies", "Tampilkan daftar semua instansi"),
    ("Why, for those whom the sessions concern", "Alasan, untuk yang berkepentingan dengan sesi itu"),
    ("The agency's code", "Kode instansi"),
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
        "Show one certificate, with what it renewed and what renewed it; or one request, with its key's SHA-256",
        "Tampilkan satu sertifikat, beserta pendahulu dan penggantinya; atau satu permohonan, beserta SHA-256 kuncinya",
    ),
    ("The serial number, hexadecimal", "Nomor seri, heksadesimal"),
    ("The serial number, hexadecimal; or a request's UUID", "Nomor seri, heksadesimal; atau UUID permohonan"),
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
        "Tulis token ke berkas baru ini, yang hanya dapat Anda baca, bukan ke layar",
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
    (
        "For how many days the certificate will be valid; 90, or what the first administrator signed for",
        "Masa berlaku sertifikat, dalam hari; 90, atau yang ditandatangani administrator pertama",
    ),
    ("Only those that wait for somebody", "Hanya yang menunggu seseorang"),
    ("The request, by its UUID", "Permohonan, menurut UUID-nya"),
    ("Where the certificate goes, with its issuer's", "Tujuan sertifikat, beserta sertifikat penerbitnya"),
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
    ("All certificates of this agency", "Semua sertifikat instansi ini"),
    (
        "Why, as the revocation list says it; key-compromise also ends what was renewed from it, but not what it was renewed \
         from",
        "Alasan menurut daftar pencabutan; key-compromise juga mengakhiri hasil pembaruannya, tetapi tidak mengakhiri \
         sertifikat sebelum pembaruan",
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
        "Where the certificate goes, with its issuer's; NAME.pem beside the request where it is not given",
        "Tujuan sertifikat, beserta sertifikat penerbitnya; bila tidak disebut, NAMA.pem di samping permohonan",
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
        "For how many seconds the signer is waited for, once all have signed",
        "Berapa detik penanda tangan ditunggu, setelah semua persetujuan diberikan",
    ),
    (
        "The certificate alone, without a profile for the system beside it",
        "Sertifikat saja, tanpa profil sistem di sampingnya",
    ),
    ("Asked for a profile before one was written anyway", "Dahulu meminta profil, yang kini selalu ditulis"),
    (
        "For which system: AGENCY/SYSTEM, or a bare name of your own agency's where it is handed in",
        "Untuk sistem mana: INSTANSI/SISTEM, atau nama saja bila milik instansi sendiri dan diajukan",
    ),
    ("The prison: the earlier spelling", "Lapas: cara penulisan terdahulu"),
    (
        "Replace a profile of this name even if its certificate may be good; its files are kept aside",
        "Ganti profil bernama ini meskipun sertifikatnya mungkin masih berlaku; berkas lamanya disisihkan",
    ),
    ("Replaced by sim", "Diganti dengan sim"),
    ("Balai Pelatihan Vokasi", "Balai Pelatihan Vokasi"),
];
