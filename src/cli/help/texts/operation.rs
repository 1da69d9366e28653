//! Texts of what operators do: gateways, the signer, the authority, keys, the audit, the contract.

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
         certificate is not there in time, or the machine stops, type the same again: key and token still go together. \
         A profile of this name whose certificate is over or revoked is replaced; its files are kept aside.",
        "Token ditanyakan, atau dibaca dari --token-file atau masukan standar; token tidak pernah menjadi argumen. Bila \
         sertifikat belum tersedia atau mesin berhenti, ketik perintah yang sama lagi: kunci dan token tetap \
         berpasangan. Profil bernama sama yang sertifikatnya telah berakhir atau dicabut akan diganti; berkas lamanya \
         disisihkan.",
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
    // ca
    (
        "Found the authority that issues certificates, and look after it",
        "Dirikan otoritas penerbit sertifikat, dan pantau statusnya",
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
        "Tampilkan status otoritas; kode keluar 1 bila ada yang perlu diperhatikan (administrator)",
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
    // receipt
    ("Get and verify receipts of ledger entries", "Minta dan periksa tanda terima entri buku besar"),
    ("Get the receipt of an entry from the gateway", "Minta tanda terima sebuah entri dari gerbang"),
    (
        "The answer to whatever changes something has it too (receipt, in JSON). Keep it where the gateway's operator cannot \
         change it: it proves that the log took the entry.",
        "Jawaban atas setiap perubahan juga memuatnya (receipt, dalam JSON). Simpanlah di tempat yang tidak dapat diubah operator \
         gerbang: tanda terima membuktikan bahwa buku besar telah menerima entri itu.",
    ),
    (
        "The entry's id, as an answer, a change or gerbang audit list shows it",
        "Pengenal entri, sebagaimana ditampilkan dalam jawaban, perubahan, atau gerbang audit list",
    ),
    (
        "Verify a receipt with the log's public key: by itself, or that its entry is in the ledger",
        "Periksa tanda terima dengan kunci publik buku besar: isinya saja, atau juga keberadaan entrinya dalam buku besar",
    ),
    (
        "Only --checkpoint needs a gateway, which has to prove it; --export needs an export of the whole ledger. The exit status \
         is not 0 where the receipt is not as it was signed, or it is not shown that its entry is in the ledger.",
        "Hanya --checkpoint yang memerlukan gerbang, karena gerbang harus membuktikannya; --export memerlukan hasil ekspor seluruh \
         buku besar. Kode keluar bukan 0 bila tanda terima tidak sesuai dengan yang ditandatangani, atau keberadaan entrinya dalam \
         buku besar tidak terbukti.",
    ),
    ("The file with the receipt", "Berkas tanda terima"),
    (
        "Have the gateway prove that the entry is in the ledger of this checkpoint",
        "Minta gerbang membuktikan bahwa entri itu ada dalam buku besar menurut titik periksa ini",
    ),
    (
        "Look for the entry in this export, which is verified first",
        "Cari entri itu dalam hasil ekspor ini, yang diperiksa lebih dahulu",
    ),
    // audit, contract, vault
    ("Check the ledger", "Periksa buku besar"),
    (
        "List what was done and looked at, by whom and when, the newest first (administrator, oversight)",
        "Tampilkan apa yang dilakukan dan dilihat, oleh siapa dan kapan, dari yang terbaru (administrator, pengawas)",
    ),
    (
        "Each line is an entry of the ledger: a call that changed something, or that showed data of trainees. It says how much of \
         which kind, and no content.",
        "Setiap baris adalah satu entri buku besar: panggilan yang mengubah sesuatu, atau yang memperlihatkan data peserta. Yang \
         disebutkan hanya berapa banyak dan jenisnya, bukan isinya.",
    ),
    (
        "Only what this agency's systems did: its code, or a part of its name",
        "Hanya yang dilakukan sistem instansi ini: kode, atau sebagian namanya",
    ),
    ("Only what was done with this certificate", "Hanya yang dilakukan dengan sertifikat ini"),
    (
        "Only this method, as this list shows it",
        "Hanya layanan ini, sebagaimana ditampilkan dalam daftar ini",
    ),
    (
        "Only what tells of this resource, by its full name",
        "Hanya yang menyangkut data ini, dengan pengenal lengkapnya",
    ),
    (
        "Only looks at trainees' data by another agency than their prison",
        "Hanya yang memperlihatkan data peserta kepada instansi selain lapasnya",
    ),
    (
        "List calls that were refused, by day: who called what, and why it was refused (administrator, oversight)",
        "Tampilkan panggilan yang ditolak, per hari: siapa memanggil apa, dan mengapa ditolak (administrator, pengawas)",
    ),
    (
        "A line counts the calls of one day that came by one certificate, to one method, and were refused for one reason. What the \
         gateway could not do is not counted, nor are items of a batch that was answered.",
        "Setiap baris menghitung panggilan dalam satu hari yang datang dengan satu sertifikat, untuk satu layanan, dan ditolak \
         karena satu alasan. Yang tidak dapat dilakukan gerbang sendiri tidak dihitung, demikian pula butir kiriman yang sudah \
         dijawab.",
    ),
    (
        "Only what this agency's systems called: its code, or a part of its name",
        "Hanya panggilan sistem instansi ini: kode, atau sebagian namanya",
    ),
    ("Only what was called with this certificate", "Hanya panggilan dengan sertifikat ini"),
    ("Only what was refused for this reason", "Hanya yang ditolak karena alasan ini"),
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
    (
        "Replace the key that signs the ledger's checkpoints and receipts, so that who has the old public key comes to the new one",
        "Ganti kunci penanda tangan titik periksa dan tanda terima buku besar, sehingga pemegang kunci publik lama sampai pada yang baru",
    ),
    (
        "The old key signs that the new one follows, and an entry of the ledger tells of it. From then on gateways with the old key \
         prove nothing: put the new file in its place at each of them and start them anew, then publish the new public key.",
        "Kunci lama menandatangani bahwa kunci baru menggantikannya, dan hal itu dicatat sebagai entri buku besar. Sejak saat itu \
         gerbang dengan kunci lama tidak membuktikan apa pun: taruh berkas baru pada tempatnya di setiap gerbang dan jalankan ulang, \
         lalu umumkan kunci publik yang baru.",
    ),
    ("The file with the key in force", "Berkas dengan kunci yang berlaku"),
    (
        "A checkpoint of this ledger that the key in force has signed, as gerbang audit checkpoint prints it",
        "Titik periksa buku besar ini yang ditandatangani dengan kunci yang berlaku, sebagaimana dicetak gerbang audit checkpoint",
    ),
    (
        "The database that --live verifies, as its owner",
        "Basis data yang diperiksa dengan --live, sebagai pemiliknya",
    ),
    (
        "The file with the new key, made by gerbang audit key with the same --origin",
        "Berkas dengan kunci baru, yang dibuat dengan gerbang audit key dan --origin yang sama",
    ),
    ("The file with the key, for its owner alone", "Berkas kunci, hanya untuk pemiliknya"),
    (
        "Make a new key, for a log of this name: a host and a path that no other log has",
        "Buat kunci baru, untuk buku besar dengan nama ini: host dan jalur yang tidak dimiliki buku besar lain",
    ),
    (
        "Get a signed checkpoint of the ledger from the gateway, and prove that the ledger only grew",
        "Minta titik periksa bertanda tangan dari gerbang, dan buktikan bahwa buku besar hanya bertambah",
    ),
    (
        "The log's public key, which verifies the signature",
        "Kunci publik buku besar, untuk memeriksa tanda tangannya",
    ),
    (
        "Keep the checkpoint in this file; where it has one, prove first that the ledger only grew since",
        "Simpan titik periksa di berkas ini; bila sudah ada isinya, buktikan dahulu bahwa buku besar hanya bertambah sejak itu",
    ),
    (
        "Write the whole ledger to a file that can be verified without a gateway",
        "Tulis seluruh buku besar ke berkas yang dapat diperiksa tanpa gerbang",
    ),
    (
        "The entries hold digests and the names of agencies and resources, and no personal data. With --from, those before the \
         checkpoint are left out: whoever has it needs them no more.",
        "Entri memuat nilai hash serta nama instansi dan data, tanpa data pribadi. Dengan --from, entri sebelum titik periksa itu \
         tidak disertakan: pemiliknya tidak memerlukannya lagi.",
    ),
    ("The file to write; standard output without it", "Berkas tujuan; tanpa ini, keluaran standar"),
    ("The file with the key that signs the checkpoint", "Berkas kunci yang menandatangani titik periksa"),
    (
        "Only the entries behind this checkpoint, which an auditor has kept",
        "Hanya entri sesudah titik periksa ini, yang disimpan auditor",
    ),
    (
        "Verify an export with the log's public key alone; with --live, the database against its own entries",
        "Periksa hasil ekspor hanya dengan kunci publik buku besar; dengan --live, basis data terhadap entrinya sendiri",
    ),
    (
        "An export needs no gateway, no database and no network. With --keep, the export has to go on from the kept checkpoint or lead \
         through it, and the checkpoint with which it ends takes its place. examples/python/verify_log.py does the same with \
         nothing of this program. With --live, the database is read as gerbang audit rows reads it. The exit status is 1 where \
         anything is not as it was signed or told.",
        "Hasil ekspor tidak memerlukan gerbang, basis data, maupun jaringan. Dengan --keep, hasil ekspor harus menyambung titik \
         periksa yang disimpan atau melewatinya, dan titik periksa di akhirnya menggantikannya. examples/python/verify_log.py \
         melakukan hal yang sama tanpa bagian apa pun dari program ini. Dengan --live, basis data dibaca sebagaimana oleh \
         gerbang audit rows. Kode keluar 1 bila ada yang tidak sesuai dengan yang ditandatangani atau dicatat.",
    ),
    (
        "Verify the database itself: rows, order and feed against the entries, and these against the kept checkpoint",
        "Periksa basis datanya sendiri: baris, urutan, dan pemberitahuan terhadap entri, dan entri terhadap titik periksa yang disimpan",
    ),
    ("The export", "Berkas hasil ekspor"),
    (
        "The log's public key, as its operator has published it",
        "Kunci publik buku besar, sebagaimana diumumkan operatornya",
    ),
    (
        "Keep the checkpoint of the export in this file; where it has one, the export has to agree with that. With --live it stays \
         as it is, and the database has to agree with it",
        "Simpan titik periksa hasil ekspor di berkas ini; bila sudah ada isinya, hasil ekspor harus sesuai dengannya. Dengan --live \
         isinya tetap, dan basis data harus sesuai dengannya",
    ),
    ("Export the contract and the list of error reasons", "Ekspor kontrak dan daftar alasan kesalahan"),
    (
        "Write the .proto files, with all that protoc does not bring itself, to a folder; or an OpenAPI document",
        "Tulis berkas .proto, beserta semua yang tidak dibawa protoc, ke folder; atau dokumen OpenAPI",
    ),
    (
        "The folder, made where it is missing; with --openapi the file, or - for standard output, where it also goes without one",
        "Folder tujuan, dibuat bila belum ada; dengan --openapi berkas tujuan, atau - untuk keluaran standar, yang juga dipakai \
         bila tidak disebut",
    ),
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
         every one of them, look there by gerbang doctor --config FILE, then rotate; it asks first. A gateway without the \
         new key answers VAULT_KEY_MISSING and does not start again.",
        "Gerbang di mesin lain memiliki salinan berkas ini. Untuk itu, tambahkan dahulu kuncinya dengan --prepare, salin \
         berkasnya ke setiap mesin, periksa di sana dengan gerbang doctor --config BERKAS, lalu jalankan pergantian, yang \
         bertanya dahulu. Gerbang tanpa kunci baru menjawab VAULT_KEY_MISSING dan tidak dapat dijalankan kembali.",
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
        "GERBANG_DATABASE_URL names the database as its owner, with sslmode=verify-full and sslrootcert=FILE: docs/operate.md \
         has the file that sets it.",
        "GERBANG_DATABASE_URL menyebut basis data dengan peran pemiliknya, disertai sslmode=verify-full dan \
         sslrootcert=BERKAS: berkas yang mengaturnya ada dalam docs/operate.md.",
    ),
    (
        "Admit an administrator by the root's key, in place of one who was lost, and fetch the certificate",
        "Terima administrator dengan kunci akar, sebagai pengganti yang hilang, dan ambil sertifikatnya",
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
        "Listen where others can reach it, although its keys are for nobody but this machine",
        "Terima sambungan dari mesin lain, meskipun kuncinya hanya untuk mesin ini",
    ),
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
    // retention
    (
        "Erase what is known of trainees whose courses are long over; the gateway does so by itself",
        "Hapus data peserta yang pelatihannya sudah lama selesai; gerbang juga melakukannya sendiri",
    ),
    (
        "A NIK goes 90 days after the end of the last course, and two years after that course all that is known of the trainee; a legal hold \
         (gerbang trainee hold) keeps everything. It asks before it erases. docs/privacy.md says what stays.",
        "NIK dihapus 90 hari setelah pelatihan terakhir selesai, dan semua data peserta dua tahun setelah pelatihan itu; penangguhan pemusnahan \
         (gerbang trainee hold) menahan semuanya. Perintah ini bertanya sebelum menghapus. Yang tetap tersimpan dijelaskan dalam \
         docs/privacy.md.",
    ),
    (
        "The key file: a record has to be opened to take the NIK out of it",
        "Berkas kunci: data harus dibuka untuk mengeluarkan NIK-nya",
    ),
    ("Only list what is due; erase nothing", "Hanya tampilkan yang jatuh tempo; jangan hapus apa pun"),
    (
        "List what will be due by the end of this day",
        "Tampilkan yang akan jatuh tempo sampai akhir hari tersebut",
    ),
    (
        "Have gateways erase nothing for so many days, and do nothing else",
        "Gerbang tidak menghapus apa pun selama sekian hari; perintah ini tidak melakukan hal lain",
    ),
];
