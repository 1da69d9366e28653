//! Failures of running Gerbang: its files, its database, its start, and what an audit finds. English, and Indonesian with the
//! number of each `{}` that it repeats.

pub(super) const FAILURES: &[(&str, &str)] = &[
    // Configuration.
    ("{}: cannot be read: {}", "{1} tidak dapat dibaca: {2}"),
    (
        "is missing. Write the URL of database_url with the role gerbang_keeper in it; the \
         server's superuser makes that role once: {}",
        "belum diisi. Tulislah URL seperti database_url dengan peran gerbang_keeper; \
         superuser peladen membuat peran itu satu kali: {1}",
    ),
    (
        "names the role gerbang_keeper, which is not that of database_url",
        "harus menyebut peran gerbang_keeper, yang berbeda dari peran dalam database_url",
    ),
    (
        "only a loopback address, such as 127.0.0.1:9464",
        "hanya alamat loopback yang diperbolehkan, misalnya 127.0.0.1:9464",
    ),
    (
        "name at least one host by which agencies reach the gateway",
        "cantumkan paling sedikit satu nama host untuk menghubungi gerbang",
    ),
    ("name at least one host or address", "cantumkan paling sedikit satu nama host atau alamat"),
    ("only DNS names and IP addresses, without ports", "hanya nama DNS dan alamat IP, tanpa nomor port"),
    (
        "the two authorities have two certificates and two keys",
        "kedua otoritas harus memiliki sertifikat dan kunci masing-masing",
    ),
    ("from 1 to {}: {}", "harus antara 1 dan {1}: {2}"),
    ("from {} to {}", "harus antara {1} dan {2}"),
    ("must be below limits.pool_size", "harus kurang dari limits.pool_size"),
    ("write a URL that begins with postgres://", "tulislah URL yang diawali postgres://"),
    ("no algorithm lasts longer", "tidak ada algoritma yang aman lebih lama daripada itu"),
    ("not beyond root.days", "tidak melebihi root.days"),
    ("nor beyond root.days", "dan tidak melebihi root.days"),
    ("not beyond issuing.days", "tidak melebihi issuing.days"),
    ("no certificate of a system lasts longer", "sertifikat sistem tidak berlaku lebih lama daripada itu"),
    ("authorities of one name would be mistaken", "nama otoritas harus berbeda satu sama lain"),
    ("at least {}, so that each checks the other", "paling sedikit {1}, agar saling memeriksa"),
    ("this administrator stands there twice", "administrator ini tercantum dua kali"),
    (
        "two administrators have two keys, and two requests",
        "setiap administrator harus memiliki kunci dan permohonan sendiri",
    ),
    ("one of {}", "salah satu dari {1}"),
    // Files of secrets.
    (
        "The file {} can be read by others (mode {}). Keys and passphrases are for one user alone. Run: chmod 600 {}",
        "Berkas {1} dapat dibaca orang lain (mode {2}). Kunci dan frasa sandi hanya untuk satu pengguna. \
         Jalankan: chmod 600 {3}",
    ),
    (
        "The file {} cannot be used: {}. Bring the right one.",
        "Berkas {1} tidak dapat dipakai: {2}. Gunakan berkas yang benar.",
    ),
    ("The file {}: {}", "Berkas {1}: {2}"),
    (
        "There is a file {} already, and it is never overwritten. Keep it, or name another place.",
        "Berkas {1} sudah ada dan tidak akan ditimpa. Pertahankan berkas itu, atau sebutkan tempat lain.",
    ),
    (
        "The file {} cannot be reached: {}. Check the path and its owner.",
        "Berkas {1} tidak dapat dibuka: {2}. Periksa letak dan pemiliknya.",
    ),
    ("a passphrase is one line", "frasa sandi harus satu baris"),
    ("it is not a file", "itu bukan berkas"),
    ("it is too large", "terlalu besar"),
    ("it is not text", "isinya bukan teks"),
    (
        "The private key is damaged. Take it from a copy, or make a new one.",
        "Kunci privat rusak. Ambil dari salinannya, atau buat kunci baru.",
    ),
    (
        "The passphrase does not open the private key. Check it and try again.",
        "Frasa sandi tidak cocok dengan kunci privat. Periksa, lalu coba kembali.",
    ),
    (
        "The private key is encrypted, or shall be. Give its passphrase.",
        "Kunci privat dienkripsi, atau harus dienkripsi. Berikan frasa sandinya.",
    ),
    (
        "The private key is of another kind. Give a PKCS#8 key on P-256 or Ed25519.",
        "Jenis kunci privat tidak sesuai. Gunakan kunci PKCS#8 P-256 atau Ed25519.",
    ),
    (
        "The cryptographic library refused its work. Try again; if it persists, check the machine.",
        "Pustaka kriptografi gagal bekerja. Coba kembali; apabila tetap demikian, periksa mesinnya.",
    ),
    // The key file.
    (
        "There is no key file {}. The gateway needs the keys that its database was made with. Bring the file back from its \
         backup, or, for a new database only, make one: gerbang vault init.",
        "Berkas kunci {1} tidak ada. Gerbang memerlukan kunci yang dipakai saat basis datanya dibuat. Kembalikan berkas itu dari \
         cadangan, atau, hanya untuk basis data baru, buatlah: gerbang vault init.",
    ),
    (
        "The key file {} can be read by others (mode {}). Keys are for the gateway's user alone. Run: chmod 600 {}",
        "Berkas kunci {1} dapat dibaca orang lain (mode {2}). Kunci hanya untuk pengguna gerbang. Jalankan: chmod 600 {3}",
    ),
    (
        "The key file {} cannot be used: {}. It was changed or damaged. Bring it back from its backup.",
        "Berkas kunci {1} tidak dapat dipakai: {2}. Berkas itu diubah atau rusak. Kembalikan dari cadangannya.",
    ),
    (
        "The key file {} is of version 1, from before trainees' data were sealed. Its keys stay, and it needs two more. Run: \
         gerbang vault init {}",
        "Berkas kunci {1} masih versi 1, dari sebelum data peserta disegel. Kuncinya tetap dipakai, dan perlu ditambah dua. \
         Jalankan: gerbang vault init {2}",
    ),
    (
        "There is a key file {} already, and it is never overwritten: without its keys the database is of no use. Keep it, \
         or name another place.",
        "Berkas kunci {1} sudah ada dan tidak akan ditimpa: tanpa kuncinya basis data tidak dapat dipakai. Pertahankan \
         berkas itu, atau sebutkan tempat lain.",
    ),
    (
        "The key file {} cannot be reached: {}. Check the folder and its owner.",
        "Berkas kunci {1} tidak dapat dibuka: {2}. Periksa folder dan pemiliknya.",
    ),
    ("its version is {}, not {}", "versinya {1}, bukan {2}"),
    (
        "it is not TOML with version, booking, replay, page, seal and digest, and no more",
        "isinya bukan TOML dengan version, booking, replay, page, seal, dan digest saja",
    ),
    ("the key {} has not 64 hex digits", "kunci {1} tidak terdiri atas 64 angka heksadesimal"),
    ("the versions of {} do not ascend from 1", "versi {1} tidak berurutan mulai dari 1"),
    ("it has no key {}", "tidak memuat kunci {1}"),
    // The database.
    ("lost to another transaction: {}", "kalah dari transaksi lain: {1}"),
    ("another transaction has a lock: {}", "kuncian dipegang transaksi lain: {1}"),
    ("a programme is locked by somebody else", "program sedang dikunci pihak lain"),
    ("the connection to the database has ended: {}", "sambungan ke basis data terputus: {1}"),
    ("the database is away: {}", "basis data tidak dapat dihubungi: {1}"),
    ("the database cannot do this now ({}): {}", "basis data saat ini tidak dapat melakukannya ({1}): {2}"),
    (
        "The database server lacks a role that the schema needs: {}. As its superuser, run:\n{}\ndocs/operate.md has more \
         for a server that others reach.",
        "Peladen basis data belum memiliki peran yang diperlukan skema: {1}. Sebagai superuser, jalankan:\n{2}\n\
         docs/operate.md memuat penjelasan untuk peladen yang dapat dijangkau mesin lain.",
    ),
    // gerbang dev.
    (
        "The programs of a Postgres server (initdb, postgres) are neither below /usr/lib/postgresql nor on the PATH. The \
         gateway keeps its data with them. Run: make setup",
        "Program peladen Postgres (initdb, postgres) tidak ada di /usr/lib/postgresql maupun di PATH, padahal gerbang \
         menyimpan datanya dengan program itu. Jalankan: make setup",
    ),
    (
        "The folder {} is in use by another gerbang dev. Two cannot share one database. Stop the other, or name another \
         folder.",
        "Folder {1} sedang dipakai gerbang dev lain. Satu basis data tidak dapat dipakai berdua. Hentikan yang lain, atau \
         sebutkan folder lain.",
    ),
    (
        "The database in {} is not whole: {} is missing. It was damaged or partly removed. If there is nothing in it to \
         keep, remove the folder and start again: rm -r {}",
        "Basis data di {1} tidak lengkap: {2} tidak ada. Basis data itu rusak atau terhapus sebagian. Apabila tidak ada yang \
         perlu dipertahankan, hapus foldernya dan mulai lagi: rm -r {3}",
    ),
    (
        "A Postgres server (process {}) still runs on {}, and none but this program should start one there. Stop it, then \
         start again: kill -INT {}",
        "Peladen Postgres (proses {1}) masih berjalan di {2}, padahal hanya program ini yang boleh menjalankannya di sana. \
         Hentikan, lalu mulai lagi: kill -INT {3}",
    ),
    (
        "Started as root, the database needs an ordinary account to run as, and this machine has neither \"postgres\" nor \
         \"nobody\". Run: make setup",
        "Apabila dijalankan oleh root, basis data memerlukan akun biasa, sedangkan mesin ini tidak memiliki \"postgres\" \
         ataupun \"nobody\". Jalankan: make setup",
    ),
    (
        "The user with the number {} has no name on this machine, and Postgres knows users by name. Start as another user, \
         or give this one a line in /etc/passwd.",
        "Pengguna bernomor {1} tidak memiliki nama di mesin ini, sedangkan Postgres mengenal pengguna dari namanya. \
         Jalankan sebagai pengguna lain, atau tambahkan barisnya di /etc/passwd.",
    ),
    (
        "The database could not be made: {} failed. The half-made folder is cleared at the next start. {} says:\n{}",
        "Basis data tidak dapat dibuat: {1} gagal. Folder yang belum selesai dibersihkan pada permulaan berikutnya. \
         Keluaran {2}:\n{3}",
    ),
    (
        "The database did not start. Its log, {}, ends with:\n{}",
        "Basis data tidak dapat dijalankan. Bagian akhir lognya, {1}:\n{2}",
    ),
    (
        "The database did not stop in time and was ended by force. Nothing that was stored is lost; the next start takes a \
         moment longer.",
        "Basis data tidak berhenti pada waktunya dan dihentikan paksa. Data yang tersimpan tidak hilang; permulaan \
         berikutnya sedikit lebih lama.",
    ),
    (
        "{} {} failed: {}. Check that the folder is yours and that the disk has room.",
        "Gagal mengolah {2}: {3}. Pastikan folder itu milik Anda dan ruang penyimpanan masih tersedia.",
    ),
    (
        "The gateway cannot listen on {}: {}. If another gateway runs there, stop it, or listen elsewhere: --listen {}:{}",
        "Gerbang tidak dapat melayani di {1}: {2}. Apabila gerbang lain berjalan di sana, hentikan, atau pilih alamat \
         lain: --listen {3}:{4}",
    ),
    (
        "The key file {} is missing, and the database was begun with its keys: without them nobody is known again. Bring \
         the file back. If there is nothing in the database to keep, begin anew with an empty one.",
        "Berkas kunci {1} tidak ada, padahal basis data dibuat dengan kuncinya: tanpa kunci itu tidak seorang pun \
         dikenali lagi. Kembalikan berkasnya. Apabila tidak ada data yang perlu dipertahankan, mulailah dengan basis data kosong.",
    ),
    ("The database cannot be used: {}", "Basis data tidak dapat dipakai: {1}"),
    (
        "The database's role may not become {}, in which a gateway runs, so that it sees what it may and no more. As the \
         server's superuser, run: GRANT {} TO (the role in the URL);",
        "Peran basis data dalam URL tidak dapat menjadi {1}, yaitu peran yang dipakai gerbang agar hanya melihat yang \
         diperbolehkan. Sebagai superuser peladen, jalankan: GRANT {2} TO (peran dalam URL);",
    ),
    ("The gateway did not start: {}", "Gerbang tidak dapat dijalankan: {1}"),
    (
        "The folder {} lacks the authority that the database was founded with, and nobody would be let in any more. Bring \
         the folder back. If there is nothing in the database to keep, begin anew: make clean-state.",
        "Folder {1} tidak memuat otoritas pendiri basis data ini, sehingga tidak ada lagi yang dapat diterima. Kembalikan \
         foldernya. Apabila tidak ada data yang perlu dipertahankan, mulailah lagi: make clean-state.",
    ),
    (
        "The authority cannot be made or read: {}. If there is nothing to keep, begin anew: make clean-state.",
        "Otoritas tidak dapat dibuat atau dibaca: {1}. Apabila tidak ada yang perlu dipertahankan, mulailah lagi: \
         make clean-state.",
    ),
    ("The signer did not start: {}", "Penanda tangan tidak dapat dijalankan: {1}"),
    (
        "Another signer is at work on this database, and there may be one. Stop the other, or leave the work to it; gerbang \
         ca status says whether it is alive.",
        "Penanda tangan lain sedang bekerja pada basis data ini, padahal hanya boleh ada satu. Hentikan yang lain, atau \
         serahkan pekerjaannya kepadanya; periksa dengan gerbang ca status.",
    ),
    // A gateway's listeners, its certificate and its contract.
    ("cannot listen on {}: {}", "tidak dapat melayani di {1}: {2}"),
    ("no thread for handshakes can be started: {}", "utas untuk jabat tangan tidak dapat dimulai: {1}"),
    ("the contract cannot be served as JSON: {}", "kontrak tidak dapat dilayani sebagai JSON: {1}"),
    ("reflection cannot read the contract: {}", "reflection tidak dapat membaca kontrak: {1}"),
    ("the metrics cannot listen on {}: {}", "metrik tidak dapat dilayani di {1}: {2}"),
    ("the metrics cannot be recorded: {}", "metrik tidak dapat dicatat: {1}"),
    ("{}: there is no certificate in it", "{1} tidak memuat sertifikat"),
    ("{} and {}: {}", "{1} dan {2}: {3}"),
    ("the new certificate and its key: {}", "sertifikat baru dan kuncinya: {1}"),
    ("{}: not usable as authority: {}", "{1} tidak dapat dipakai sebagai otoritas: {2}"),
    ("TLS 1.3 cannot be set up: {}", "TLS 1.3 tidak dapat disiapkan: {1}"),
    (
        "{}: this is the key of the authority {}, and no gateway holds one. Take it off this machine; a new key is made at \
         the next start",
        "{1} adalah kunci otoritas {2}, yang tidak boleh ada pada gerbang. Singkirkan dari mesin ini; kunci baru dibuat \
         pada permulaan berikutnya",
    ),
    ("the signer refused the gateway's certificate: {}", "penanda tangan menolak sertifikat gerbang: {1}"),
    // Answers that do not fit.
    ("it names no system", "tidak menyebutkan sistem"),
    (
        "the bundle does not begin with the token's root",
        "berkas gabungannya tidak diawali akar menurut token",
    ),
    (
        "the gateway saw another certificate than the new one",
        "yang dilihat gerbang bukan sertifikat yang baru",
    ),
    ("it holds no certificate that can be read", "tidak memuat sertifikat yang dapat dibaca"),
    ("the certificate is for another key", "sertifikatnya untuk kunci lain"),
    ("the certificate names another system", "sertifikatnya menyebutkan sistem lain"),
    ("the order names no key", "permohonannya tidak menyebutkan kunci"),
    ("the request names no key", "permohonannya tidak menyebutkan kunci"),
    (
        "the gateway shows another key than the file",
        "kunci yang ditunjukkan gerbang berbeda dari kunci dalam berkas",
    ),
    // What an audit finds.
    ("column {}", "kolom {1}"),
    ("at version {}", "pada versi {1}"),
    ("told at {}, stored at {}", "tercatat pada versi {1}, tersimpan pada versi {2}"),
    ("has place {}, expected {}", "menempati urutan {1}, seharusnya {2}"),
    ("another leaf has place {}", "urutan {1} ditempati isi yang lain"),
    ("is not the tree of its entries", "tidak sesuai dengan pohon atas entrinya"),
    ("does not follow batch {}", "tidak menyambung kelompok {1}"),
    (
        "{} entries have places, the last batch says {}",
        "{1} entri memiliki urutan, menurut kelompok terakhir {2}",
    ),
    ("is not stored", "tidak tersimpan"),
    ("was left out of the order", "tidak mendapat urutan"),
    ("readers are not told what the leaf says", "yang diberitahukan kepada pembaca tidak sesuai isi entri"),
    ("what was shown is not listed", "data yang diperlihatkan tidak tercantum dalam daftar"),
    ("of no entry: {}", "tanpa entri: {1}"),
    ("{}, then {} before entry {}", "{1}, kemudian {2} sebelum entri {3}"),
    ("told {}, are {}", "tercatat {1}, seharusnya {2}"),
    ("since entry {}, line {}", "sejak entri {1}, baris {2}"),
    ("of entry {}, line {}", "dari entri {1}, baris {2}"),
    ("the record does not open", "datanya tidak dapat dibuka"),
    ("sealed", "disegel"),
];

/// What the libraries that read files and speak with the database say.
pub(super) const LIBRARIES: &[(&str, &str)] = &[
    (
        "error occurred while attempting to establish a TLS connection: invalid peer certificate: {}",
        "sertifikatnya {1}",
    ),
    ("error occurred while attempting to establish a TLS connection: {}", "sambungan TLS gagal: {1}"),
    ("invalid peer certificate: {}", "sertifikatnya {1}"),
    ("password authentication failed for user {}", "kata sandi pengguna {1} ditolak"),
    ("missing field `{}`", "isian {1} belum dicantumkan"),
    ("duplicate field `{}`", "isian {1} tercantum dua kali"),
    ("unknown field `{}`, expected {}", "isian {1} tidak dikenal; yang dikenal: {2}"),
    ("unknown variant `{}`, expected {}", "nilai {1} tidak dikenal; yang dikenal: {2}"),
    ("invalid type: {}, expected {}", "jenis nilainya tidak sesuai: {1}, seharusnya {2}"),
    ("invalid value: {}, expected {}", "nilainya tidak sesuai: {1}, seharusnya {2}"),
    ("invalid socket address syntax", "harus berupa alamat IP dan port, misalnya 127.0.0.1:7443"),
    ("error communicating with database: {}", "{1}"),
];
