//! Texts of what partners and prisons do: agreements, programmes, trainers, schedules, assignments, rooms, rosters.

use super::Texts;

pub const TEXTS: Texts = &[
    // agreement
    ("Write, agree on and end partnership agreements", "Susun, sepakati, dan akhiri perjanjian kerja sama"),
    ("Write drafts from a file", "Buat draf dari berkas"),
    ("Replace a draft", "Ganti isi draf"),
    ("Offer a draft to the other parties", "Usulkan draf kepada para pihak lain"),
    ("Accept a proposal for your agency", "Setujui usulan atas nama instansi Anda"),
    ("Refuse a proposal", "Tolak usulan"),
    ("Take a draft or a proposal back", "Tarik kembali draf atau usulan"),
    (
        "Suspend an agreement: nothing passes under it any more",
        "Tangguhkan perjanjian: tidak ada data yang dipertukarkan lagi berdasarkan perjanjian itu",
    ),
    ("Lift your agency's suspension", "Cabut penangguhan oleh instansi Anda"),
    ("End an agreement after its days of notice", "Akhiri perjanjian setelah tenggang pemberitahuan"),
    ("Show one agreement", "Tampilkan satu perjanjian"),
    (
        "List the agreements that your agency is a party of",
        "Tampilkan daftar perjanjian yang salah satu pihaknya instansi Anda",
    ),
    (
        "How it becomes binding; by signature is not possible yet",
        "Cara perjanjian mengikat; dengan tanda tangan belum dimungkinkan",
    ),
    (
        "Only those to which this agency is a party too: its code, or a part of its name",
        "Hanya yang salah satu pihaknya instansi ini: kode, atau sebagian namanya",
    ),
    ("Term too long", "Jangka waktu terlalu panjang"),
    ("Superseded", "Sudah diganti"),
    ("Incident", "Ada kejadian"),
    ("Reorganised", "Perubahan organisasi"),
    // programme
    ("Plan, approve and open training programmes", "Rencanakan, setujui, dan buka program pelatihan"),
    ("Plan programmes from a file (lead agency)", "Rencanakan program dari berkas (instansi pelaksana)"),
    (
        "Replace a plan; after approval it needs approval again (lead agency)",
        "Ganti rencana; bila sudah disetujui, perlu disetujui lagi (instansi pelaksana)",
    ),
    ("Approve a plan (prison)", "Setujui rencana (lapas)"),
    (
        "Open an approved programme: schedules may be pushed (lead agency)",
        "Buka program yang telah disetujui: jadwal boleh dikirim (instansi pelaksana)",
    ),
    (
        "Cancel a programme with every session that lies ahead",
        "Batalkan program beserta semua sesi yang akan datang",
    ),
    ("Show one programme", "Tampilkan satu program"),
    (
        "List the programmes that your agency leads or hosts",
        "Tampilkan daftar program yang dilaksanakan instansi Anda atau bertempat padanya",
    ),
    (
        "Only those that this agency leads: its code, or a part of its name",
        "Hanya yang dilaksanakan instansi ini: kode, atau sebagian namanya",
    ),
    ("Workshop closed", "Bengkel ditutup"),
    // trainer
    ("Register your agency's trainers and look them up", "Daftarkan dan lihat pelatih instansi Anda"),
    ("Register trainers from a file", "Daftarkan pelatih dari berkas"),
    ("Replace what is known of a trainer", "Ganti data pelatih"),
    ("Show one trainer", "Tampilkan satu pelatih"),
    (
        "List claims: trainers whom two agencies have registered",
        "Tampilkan daftar klaim: pelatih yang didaftarkan dua instansi",
    ),
    (
        "Confirm that the two trainers of a claim are one person",
        "Konfirmasikan bahwa kedua pelatih pada klaim adalah orang yang sama",
    ),
    ("List your agency's trainers", "Tampilkan daftar pelatih instansi Anda"),
    ("Only those of this status", "Hanya yang berstatus ini"),
    ("Only those that nobody has confirmed", "Hanya yang belum dikonfirmasi"),
    // schedule
    (
        "Push schedules, look at sessions, confirm and cancel them",
        "Kirim jadwal; lihat, konfirmasikan, dan batalkan sesi",
    ),
    (
        "Push schedules from a file; shows what became of each session (lead agency)",
        "Kirim jadwal dari berkas; hasil setiap sesi ditampilkan (instansi pelaksana)",
    ),
    (
        "List sessions by their start, and how far the readers of your own have come",
        "Tampilkan daftar sesi menurut waktu mulai, dan sejauh mana sesi Anda sudah dibaca penerimanya",
    ),
    ("Show one session", "Tampilkan satu sesi"),
    (
        "The name, in full or as CODE/UID; a bare UID is your own agency's",
        "Nama lengkap atau KODE/UID; UID saja berarti milik instansi sendiri",
    ),
    (
        "Confirm sessions, each in its room (prison)",
        "Konfirmasikan sesi, masing-masing dengan ruangnya (lapas)",
    ),
    (
        "A session needs a room and one lead trainer who is accepted and competent. With a selection instead of names, \
         every TENTATIVE session that it finds is confirmed; with --ready, those of them that can be.",
        "Setiap sesi memerlukan ruang dan satu pelatih utama yang telah disetujui dan kompeten. Dengan penyaring sebagai \
         pengganti nama, semua sesi TENTATIF yang ditemukan dikonfirmasi; dengan --ready, hanya yang dapat dikonfirmasi.",
    ),
    (
        "Of a selection, only those that the gateway would confirm now; the others are counted",
        "Dari yang terpilih, hanya yang dapat dikonfirmasi sekarang; jumlah lainnya disebutkan",
    ),
    (
        "Decline sessions and free their trainers and rooms (prison)",
        "Tolak sesi dan bebaskan pelatih serta ruangnya (lapas)",
    ),
    (
        "Cancel sessions for good and free their trainers; all or nothing",
        "Batalkan sesi untuk seterusnya dan bebaskan pelatihnya; semua atau tidak sama sekali",
    ),
    (
        "The etag that was read, with a single session; read now where it is not given",
        "Etag yang telah dibaca, untuk satu sesi; dibaca sekarang bila tidak disebut",
    ),
    (
        "The room for all of them, in full or as CODE/ID; a bare ID is your own. Else the one that each has",
        "Ruang untuk semuanya, nama lengkap atau KODE/ID; ID saja berarti milik sendiri. Bila tidak disebut, ruang \
         masing-masing",
    ),
    (
        "Confirm what is good, instead of all or nothing",
        "Konfirmasikan yang memenuhi syarat saja, bukan semua atau tidak sama sekali",
    ),
    (
        "Decline what can be declined, instead of all or nothing",
        "Tolak yang dapat ditolak saja, bukan semua atau tidak sama sekali",
    ),
    ("The workshop is being repaired", "Bengkel sedang diperbaiki"),
    ("Flood", "Banjir"),
    // assignment
    (
        "See which trainers come and who may enter; accept, clear and withdraw",
        "Lihat pelatih yang datang dan yang boleh masuk; setujui, beri izin masuk, dan tarik kembali penugasan",
    ),
    ("Show one assignment", "Tampilkan satu penugasan"),
    ("The UUID, or the full name", "UUID, atau nama lengkap"),
    (
        "Who may enter today: cleared for a confirmed session under agreements in force, nobody else",
        "Yang boleh masuk hari ini: hanya pemegang izin untuk sesi yang dikonfirmasi menurut perjanjian yang berlaku",
    ),
    ("Who may enter tomorrow", "Yang boleh masuk besok"),
    ("Who may enter on another day", "Yang boleh masuk pada hari lain"),
    ("The day, of your agency's zone", "Hari, menurut zona waktu instansi Anda"),
    ("Only sessions in this room", "Hanya sesi di ruang ini"),
    ("Only who may enter, or only who may not yet", "Hanya yang boleh masuk, atau hanya yang belum boleh"),
    ("Only into this room", "Hanya ke ruang ini"),
    ("Accept for your own trainers", "Setujui penugasan pelatih instansi Anda"),
    (
        "With a selection instead of names: all that are PROPOSED.",
        "Dengan penyaring sebagai pengganti nama: semua yang DIUSULKAN.",
    ),
    (
        "Decline for your own trainers; they are free again",
        "Tolak penugasan pelatih instansi Anda; jadwal mereka bebas kembali",
    ),
    (
        "With a selection instead of names: all that are open.",
        "Dengan penyaring sebagai pengganti nama: semua yang belum selesai.",
    ),
    ("Clear trainers to enter (prison)", "Beri pelatih izin masuk (lapas)"),
    (
        "With a selection instead of names: all that are ACCEPTED, under an agreement in force.",
        "Dengan penyaring sebagai pengganti nama: semua yang DISETUJUI, menurut perjanjian yang berlaku.",
    ),
    (
        "Refuse to let trainers in; no reason is given (prison)",
        "Tolak izin masuk pelatih; tanpa menyebut alasan (lapas)",
    ),
    (
        "Take back what your agency proposed; the trainers are free again",
        "Tarik kembali usulan instansi Anda; jadwal pelatih bebas kembali",
    ),
    (
        "With a selection instead of names: all that are open in your own sessions.",
        "Dengan penyaring sebagai pengganti nama: semua yang belum selesai pada sesi instansi Anda.",
    ),
    (
        "Let the lead agency propose trainers again whom your agency declined, or did not let in",
        "Izinkan instansi pelaksana mengusulkan lagi pelatih yang ditolak atau tidak diberi izin masuk oleh instansi Anda",
    ),
    ("The UUIDs, or the full names", "UUID, atau nama lengkap"),
    (
        "The etag that was read, with a single assignment; read now where it is not given",
        "Etag yang telah dibaca, untuk satu penugasan; dibaca sekarang bila tidak disebut",
    ),
    // facility
    ("Keep a prison's rooms and look them up", "Kelola dan lihat ruang di lapas"),
    ("Add rooms from a file (prison)", "Tambahkan ruang dari berkas (lapas)"),
    (
        "Replace what is known of a room; shows which sessions lose their confirmation in JSON (prison)",
        "Ganti data ruang; dalam JSON disebutkan sesi yang konfirmasinya gugur (lapas)",
    ),
    ("Take a room out of use for good (prison)", "Hentikan pemakaian ruang untuk seterusnya (lapas)"),
    ("Show one room", "Tampilkan satu ruang"),
    ("List the rooms of a prison", "Tampilkan daftar ruang di lapas"),
    ("Only those with this status", "Hanya yang berstatus ini"),
    // roster
    ("Nominate trainees, and see who is on a roster", "Usulkan peserta, dan lihat daftar peserta"),
    (
        "Nominate trainees from a file; shows who has a place and who waits (prison)",
        "Usulkan peserta dari berkas; ditampilkan yang mendapat tempat dan yang menunggu (lapas)",
    ),
    (
        "List the roster of a programme, each name as far as you may see it",
        "Tampilkan daftar peserta program, dengan nama sejauh boleh Anda lihat",
    ),
    ("Show one place on a roster", "Tampilkan satu kepesertaan"),
    ("The reference, or the full name", "Kode acuan, atau nama lengkap"),
    ("Take trainees off a roster (prison)", "Keluarkan peserta dari daftar (lapas)"),
    (
        "Give who waits a place that came free: the next by rank, or another with a reason (prison)",
        "Beri tempat kosong kepada yang menunggu: menurut urutan, atau yang lain dengan alasan (lapas)",
    ),
    (
        "How many are on each roster of a prison; one to four reads <5",
        "Jumlah peserta pada setiap daftar di lapas; satu sampai empat ditulis <5",
    ),
    ("The prison: its code, or a part of its name", "Lapas: kode, atau sebagian namanya"),
    ("Why these come before others", "Alasan didahulukan"),
    // trainee
    (
        "Correct trainees, withhold them from partners, and keep their data from being erased (prison)",
        "Perbaiki data peserta, jangan tampilkan kepada mitra, dan tangguhkan pemusnahannya (lapas)",
    ),
    (
        "Replace what is known of a trainee, for every roster at once",
        "Ganti data peserta, sekaligus untuk semua daftar",
    ),
    (
        "Withhold a trainee from every partner, whatever an agreement says",
        "Jangan tampilkan peserta kepada mitra mana pun, apa pun isi perjanjiannya",
    ),
    ("Lift the withholding", "Tampilkan lagi peserta kepada mitra"),
    (
        "Place a legal hold: nothing of the trainee is erased before it is lifted",
        "Tangguhkan pemusnahan: data peserta tidak dihapus sebelum penangguhan dicabut",
    ),
    ("Lift the legal hold", "Cabut penangguhan pemusnahan"),
    (
        "The trainee on this place of a roster; without it, the file holds name and etag",
        "Peserta pada kepesertaan ini; bila tidak disebut, berkas memuat nama dan etag",
    ),
    ("The etag that was read, with a reference", "Etag yang telah dibaca, bersama kode acuan"),
    ("The trainee on this place of a roster, read now", "Peserta pada kepesertaan ini, dibaca sekarang"),
    // the day
    (
        "What waits for you today: the morning page of your role",
        "Hal yang menunggu tindakan Anda hari ini, menurut peran Anda",
    ),
    (
        "Each heading says how many there are, and what to type next. What is empty is left out.",
        "Setiap judul menyebut jumlahnya dan perintah berikutnya. Yang kosong tidak ditampilkan.",
    ),
    (
        "List assignments whose session overlaps a range, with what each still needs",
        "Tampilkan daftar penugasan yang sesinya berada dalam rentang waktu, beserta hal yang masih diperlukan",
    ),
    (
        "Print the door's list of a day as a sheet for paper, with a line to sign (prison and door)",
        "Cetak daftar masuk satu hari sebagai lembar kertas dengan kolom tanda tangan (lapas dan P2U)",
    ),
    (
        "The day, of the prison's zone: 2026-12-07, today, tomorrow",
        "Hari menurut zona waktu lapas: 2026-12-07, hari-ini, besok",
    ),
    (
        "Only on this day: 2026-03-02, today, tomorrow",
        "Hanya pada hari tersebut: 2026-03-02, hari-ini, besok",
    ),
    (
        "Only this trainer: a part of the name, the reference, or CODE/REF",
        "Hanya pelatih ini: sebagian nama, kode acuan, atau KODE/ACUAN",
    ),
    (
        "Only trainers of this agency: its code, or a part of its name",
        "Hanya pelatih instansi ini: kode atau sebagian namanya",
    ),
    (
        "Only this programme: CODE/ID, the ID, or a part of its title",
        "Hanya program ini: KODE/ID, ID, atau sebagian judulnya",
    ),
    ("Only the session with this uid", "Hanya sesi dengan uid ini"),
    (
        "Only those of this programme: CODE/ID, the ID, or a part of its title",
        "Hanya dari program ini: KODE/ID, ID, atau sebagian judulnya",
    ),
    (
        "All of this programme: CODE/ID, the ID, or a part of its title",
        "Semua dari program ini: KODE/ID, ID, atau sebagian judulnya",
    ),
    (
        "The names, in full or as CODE/UID; a bare UID is your own agency's, else the only one that you may see",
        "Nama lengkap atau KODE/UID; UID saja berarti milik instansi sendiri, atau \
         satu-satunya yang dapat Anda lihat",
    ),
    (
        "With a selection instead of names, every session that it finds and that has not begun is declined.",
        "Dengan penyaring sebagai pengganti nama, setiap sesi yang ditemukan dan belum dimulai ditolak.",
    ),
    (
        "With a selection instead of names, every session that it finds and that has not begun is cancelled.",
        "Dengan penyaring sebagai pengganti nama, setiap sesi yang ditemukan dan belum dimulai dibatalkan.",
    ),
    (
        "The programme: CODE/ID, the ID, or a part of its title",
        "Program: KODE/ID, ID, atau sebagian judulnya",
    ),
    (
        "Register numbers, references, or parts of names that mean one trainee each",
        "Nomor register, kode acuan, atau sebagian nama; masing-masing harus berarti satu peserta",
    ),
    (
        "The etag that was read, with a single reference; read now where it is not given",
        "Etag yang telah dibaca, untuk satu kode acuan; dibaca sekarang bila tidak disebut",
    ),
    ("B.I 12/2026", "B.I 12/2026"),
    (
        "The register number or a part of the name, with --programme; or the trainee's reference, with --etag",
        "Nomor register atau sebagian nama, dengan --programme; atau kode acuan peserta, dengan --etag",
    ),
    (
        "The programme on whose roster the trainee is: CODE/ID, the ID, or a part of its title",
        "Program yang daftar pesertanya memuat peserta itu: KODE/ID, ID, atau sebagian judulnya",
    ),
    (
        "The prison; without it, your own, or the only one that your agency has an agreement with",
        "Lapas yang dimaksud; bila tidak disebut, instansi sendiri atau satu-satunya lapas yang terikat \
         perjanjian dengan instansi Anda",
    ),
    (
        "Move a programme that is not open yet to another agreement with the same prison (lead agency)",
        "Pindahkan program yang belum dibuka ke perjanjian lain dengan lapas yang sama (instansi pelaksana)",
    ),
    (
        "The agreement, in full or as CODE/ID; a bare ID is your own agency's",
        "Perjanjian, nama lengkap atau KODE/ID; ID saja berarti milik instansi sendiri",
    ),
];
