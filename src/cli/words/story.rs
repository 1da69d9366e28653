//! The sentences of the story that `gerbang dev` tells.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    story_begins()
        "A prison trains inmates with three partners. Each step below goes through the gateway, with the\n\
         certificate of the agency that takes it."
        "Sebuah lapas melatih warga binaan bersama tiga mitra. Setiap langkah di bawah melalui gerbang,\n\
         dengan sertifikat instansi yang melakukannya.";
    story_was_told(folder)
        "The story was told when {folder} was new, and its data are kept."
        "Ceritanya sudah disampaikan ketika {folder} masih baru, dan datanya tetap ada.";
    story_agencies()
        "The operator registers four agencies. A partner's system joins by a one-time token, which an administrator signed;\n   \
         the prison's make requests, which two administrators approve."
        "Operator mendaftarkan empat instansi. Sistem mitra bergabung dengan token sekali pakai yang ditandatangani\n   \
         administrator; sistem lapas mengajukan permohonan yang disetujui dua administrator.";
    story_agreements()
        "Each partner proposes an agreement (PKS), and the prison accepts it.\n   \
         Without one in force, nothing passes between two agencies."
        "Setiap mitra mengusulkan perjanjian (PKS), dan lapas menyetujuinya.\n   \
         Tanpa perjanjian yang berlaku, tidak ada data yang dipertukarkan antara dua instansi.";
    story_rooms()
        "The prison lists its rooms, for the partners with an agreement in force to plan with."
        "Lapas mendaftarkan ruangnya, agar mitra yang perjanjiannya berlaku dapat merencanakan.";
    story_programmes()
        "Partners plan training programmes, the prison approves them, and partners open them."
        "Mitra merencanakan program pembinaan, lapas menyetujui, dan mitra membukanya.";
    story_trainers()
        "All register their trainers.\n   \
         Rina Maharani works for two of them, neither of which sees the other's trainers. The first confirms\n   \
         that the other's is the same person."
        "Semua mendaftarkan pelatih.\n   \
         Rina Maharani bekerja untuk dua di antaranya, yang tidak melihat pelatih satu sama lain. Yang pertama\n   \
         mengonfirmasi bahwa pelatih yang lain adalah orang yang sama.";
    story_push()
        "The vocational training centre (BLK) pushes its welding schedule, sessions with their trainers."
        "Balai Latihan Kerja (BLK) mengirim jadwal pelatihan las, sesi beserta pelatihnya.";
    story_refused()
        "The agriculture agency (DKPP) pushes hydroponics, with Rina in hours that BLK has booked.\n   \
         It is told when she is busy, and no more. Nothing of the push is stored."
        "Dinas pertanian (DKPP) mengirim jadwal hidroponik, dengan Rina pada jam yang sudah dipesan BLK.\n   \
         Yang disebut hanya waktu sibuknya. Tidak ada dari kiriman itu yang disimpan.";
    story_corrected_before()
        "That was so at an earlier start; it is corrected by now."
        "Itu terjadi pada awal sebelumnya; sekarang sudah diperbaiki.";
    story_corrected()
        "DKPP moves that session by a day and pushes again. The other schedules follow."
        "DKPP menggeser sesi itu sehari dan mengirim lagi. Jadwal lain menyusul.";
    story_pull(days)
        "The prison pulls its trainer assignments: who comes in {days} days, from the first session on."
        "Lapas mengambil penugasan pelatih: siapa yang datang dalam {days} hari, sejak sesi pertama.";
    story_cleared()
        "The trainers' agencies accept, and the prison clears who may enter.\n   \
         DKPP has not yet answered for its trainer in one session."
        "Instansi pelatih menyetujui penugasan, dan lapas memberi izin masuk.\n   \
         DKPP belum menjawab untuk pelatihnya pada satu sesi.";
    story_confirmed()
        "The prison confirms these sessions, each in a room: the one that the schedule asks for, or its own choice.\n   \
         Without a lead trainer who was accepted there is no yes."
        "Lapas mengonfirmasi sesi-sesi itu, masing-masing dengan ruang: yang diminta jadwal, atau pilihannya sendiri.\n   \
         Tanpa pelatih utama yang sudah disetujui, sesi tidak dikonfirmasi.";
    story_door()
        "Who may enter on the first day. The device at the prison's door (P2U) sees this from the day before on: today and\n   \
         tomorrow, and nothing more.\n   \
         Fitri Handayani is cleared too, but her session is not confirmed."
        "Siapa yang boleh masuk pada hari pertama. Perangkat di pintu utama (P2U) melihatnya sejak sehari sebelumnya:\n   \
         hari ini dan besok, dan tidak lebih.\n   \
         Fitri Handayani juga diizinkan, tetapi sesinya belum dikonfirmasi.";
    story_nominated()
        "The prison nominates more trainees for welding than the workshop holds, by rank. Nobody is lost: the rest wait."
        "Lapas mengusulkan peserta las lebih banyak daripada daya tampung bengkel, menurut urutan.\n   \
         Tidak ada yang hilang: sisanya menunggu.";
    story_roster()
        "One roster, as the prison and as BLK see it. The prison withholds one man from every partner.\n   \
         BLK gets no register number, NIK or rank, and its own list comes in another order. Each look stands in the ledger."
        "Satu daftar peserta, seperti dilihat lapas dan BLK. Data satu orang tidak ditampilkan lapas kepada mitra mana pun.\n   \
         BLK tidak mendapat nomor register, NIK, atau urutan; urutan daftarnya sendiri pun lain. Setiap pembacaan tercatat di buku besar.";
    story_withheld()
        "withheld"
        "tidak ditampilkan";
    story_without_place()
        "has no place"
        "belum dapat tempat";
    story_disclosed()
        "Who was shown the first of them? Each answer that held names is an entry of the ledger, so the prison can tell the\n   \
         person (gerbang disclosure report --letter)."
        "Siapa yang telah melihat data peserta pertama? Setiap jawaban yang memuat nama adalah entri buku besar, sehingga\n   \
         lapas dapat memberi tahu yang bersangkutan (gerbang disclosure report --letter).";
    story_changes()
        "What the prison is told of all this: each change that it may see, once and in the ledger's order, without asking for\n   \
         every list again (gerbang changes list, gerbang watch)."
        "Yang diberitahukan kepada lapas tentang semua ini: setiap perubahan yang boleh dilihatnya, sekali dan menurut urutan\n   \
         buku besar, tanpa meminta ulang semua daftar (gerbang changes list, gerbang watch).";
    story_proved(name, index, size)
        "Nobody can take it back: the last change, of {name}, is proved to be entry {index} of the {size} over which this\n   \
         checkpoint is signed. Whoever keeps it can hold the ledger to its word (gerbang audit checkpoint)."
        "Tidak ada yang dapat menariknya kembali: perubahan terakhir, atas {name}, terbukti sebagai entri {index} dari {size}\n   \
         yang ditandatangani dengan titik periksa ini. Siapa yang menyimpannya dapat memeriksa buku besar (gerbang audit checkpoint).";
    story_next()
        "Try next, in another terminal:"
        "Coba selanjutnya, di terminal lain:";
    story_broken(what, found)
        "The story does not hold: {what} is {found}. Throw the folder away to begin anew."
        "Ceritanya tidak berjalan: {what} menjadi {found}. Hapus folder untuk memulai lagi.";
}
