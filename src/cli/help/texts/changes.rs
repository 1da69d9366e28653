//! Texts of what is read from the ledger: changes, who was shown whom, and following.

use super::Texts;

pub const TEXTS: Texts = &[
    // changes
    ("See what has changed", "Lihat apa yang berubah"),
    (
        "List what has changed of what your agency may see, the oldest first",
        "Tampilkan perubahan atas data yang boleh dilihat instansi Anda, dari yang terlama",
    ),
    (
        "What is named is shown as it is now by the list or show command of its kind, or beside its change by --with-resources. \
         Of a roster it is told that it has changed, and nothing of whom. Systems and certificates are not among the changes.",
        "Keadaan terkini dari yang disebutkan ditampilkan oleh perintah list atau show untuk jenisnya, atau di samping perubahannya \
         dengan --with-resources. Mengenai daftar peserta hanya diberitahukan bahwa daftar itu berubah, tanpa menyebut orangnya. \
         Sistem dan sertifikat tidak termasuk di dalam perubahan.",
    ),
    (
        "In JSON, show each resource too, as it is now",
        "Dalam JSON, tampilkan pula setiap data yang berubah, sebagaimana keadaannya sekarang",
    ),
    (
        "Since when: a day (2026-12-07, 7/12/2026, yesterday, today) of your agency's zone, or a time with offset; without it, \
         from the first change",
        "Sejak kapan: hari (2026-12-07, 7/12/2026, kemarin, hari ini) menurut zona waktu instansi Anda, atau waktu dengan \
         selisih UTC; apabila dikosongkan, sejak perubahan pertama",
    ),
    (
        "Only what came after this cursor, which an earlier list has told",
        "Hanya yang menyusul sesudah kursor ini, yang disebutkan oleh daftar sebelumnya",
    ),
    (
        "Say that your system has dealt with the changes up to a cursor, for those who made them",
        "Nyatakan bahwa sistem Anda sudah memproses perubahan sampai suatu kursor, agar diketahui oleh yang membuatnya",
    ),
    (
        "gerbang watch --exec does it by itself. It goes forward only: an earlier cursor changes nothing.",
        "gerbang watch --exec melakukannya sendiri. Pernyataan ini hanya bergerak maju: kursor yang lebih awal tidak mengubah apa pun.",
    ),
    ("The cursor, which a list of changes has told", "Kursor, sebagaimana disebutkan oleh daftar perubahan"),
    (
        "List how soon agencies acknowledge what they are told of sessions; a partner sees its own",
        "Tampilkan seberapa cepat instansi membaca pemberitahuan tentang sesi; mitra melihat catatannya sendiri",
    ),
    (
        "Counted are calls of others that told an agency of sessions, among the last 1000 that told it of anything. The median is \
         of the time until each was acknowledged, nights and holidays included; what is not acknowledged counts with the time \
         that it has been waiting.",
        "Yang dihitung adalah panggilan pihak lain yang memberitahukan sesi kepada suatu instansi, di antara 1000 pemberitahuan \
         terakhirnya. Median dihitung dari lamanya sampai dinyatakan sudah dibaca, termasuk malam dan hari libur; yang belum \
         dibaca dihitung menurut lamanya menunggu.",
    ),
    (
        "Of what they were told since when: a day (2026-12-07, yesterday) of your agency's zone, or a time with offset; without \
         it, in the last 30 days",
        "Pemberitahuan sejak kapan yang dihitung: hari (2026-12-07, kemarin) menurut zona waktu instansi Anda, atau waktu dengan selisih \
         UTC; apabila dikosongkan, dalam 30 hari terakhir",
    ),
    ("Only resources of this kind; may be repeated", "Hanya jenis ini; boleh disebutkan lebih dari sekali"),
    // disclosure
    (
        "Say who was shown a trainee's personal data",
        "Tampilkan siapa yang telah melihat data pribadi peserta",
    ),
    (
        "List to whom a trainee's data were shown, when, which, and under which agreement (prison)",
        "Tampilkan kepada siapa data peserta diperlihatkan, kapan, data apa, dan berdasarkan perjanjian mana (lapas)",
    ),
    (
        "Read from the ledger, which has an entry of each answer that held personal data. A letter is written in Indonesian, in \
         lines of 78 characters, to be printed and handed to the person; it reads the name, and that stands in the ledger too.",
        "Dibaca dari buku besar, yang memuat entri untuk setiap jawaban yang berisi data pribadi. Surat ditulis dalam bahasa \
         Indonesia dengan 78 karakter per baris, untuk dicetak dan diserahkan kepada yang bersangkutan; untuk itu namanya dibaca, \
         dan pembacaan itu pun tercatat dalam buku besar.",
    ),
    (
        "The trainee: the register number, or the reference of a place on a roster",
        "Peserta: nomor register, atau kode acuan kepesertaannya dalam suatu daftar",
    ),
    ("List too what the prison itself has read", "Sertakan pula yang dibaca oleh lapas sendiri"),
    ("Write a letter to the person", "Tulis surat untuk yang bersangkutan"),
    (
        "What was shown of all trainees by this certificate, and what could have been: for the notice of a breach",
        "Data semua peserta yang diperlihatkan dengan sertifikat ini, dan yang dapat terjangkau: untuk pemberitahuan kegagalan \
         pelindungan data",
    ),
    // watch
    (
        "Follow what changes, and hand each change to a command",
        "Pantau perubahan, dan teruskan setiap perubahan kepada sebuah perintah",
    ),
    (
        "With --exec, what was dealt with is remembered and acknowledged: started again, it goes on behind the last change whose \
         command ended with 0, and misses none. A command that fails ends it.",
        "Dengan --exec, perubahan yang sudah diproses dicatat dan dinyatakan sudah dibaca: apabila dijalankan lagi, pemantauan \
         dilanjutkan sesudah perubahan terakhir yang perintahnya berakhir dengan 0, tanpa ada yang terlewat. \
         Perintah yang gagal mengakhiri pemantauan.",
    ),
    (
        "Since when, where no cursor is remembered: a day (2026-12-07, yesterday) of your agency's zone, or a time with offset; \
         without it, from now on",
        "Sejak kapan, apabila belum ada kursor yang dicatat: hari (2026-12-07, kemarin) menurut zona waktu instansi Anda, atau \
         waktu dengan selisih UTC; apabila dikosongkan, mulai sekarang",
    ),
    (
        "Run this for each change, with the change as JSON on its standard input; the shell reads it",
        "Jalankan ini untuk setiap perubahan, dengan perubahan itu sebagai JSON pada masukan standarnya; dibaca oleh shell",
    ),
    (
        "The file that remembers what was dealt with; with --exec it is beside the profile unless named here",
        "Berkas yang mencatat perubahan yang sudah diproses; dengan --exec berada di samping profil kecuali disebutkan di sini",
    ),
    // assignment watch
    (
        "Follow assignments: tells each as it is whenever it changes, and hands it to a command",
        "Pantau penugasan: tampilkan keadaan terkini setiap kali berubah, dan teruskan kepada sebuah perintah",
    ),
    (
        "With --exec, what was dealt with is remembered and acknowledged, as gerbang watch does. The command is given JSON with \
         the change and, unless you see it no more, the assignment as it is.",
        "Dengan --exec, yang sudah diproses dicatat dan dinyatakan sudah dibaca, seperti gerbang watch. Perintah menerima JSON \
         berisi perubahan dan, kecuali tidak lagi boleh Anda lihat, keadaan terkini penugasan itu.",
    ),
];
