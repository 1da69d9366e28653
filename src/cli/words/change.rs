//! What `gerbang watch` and `gerbang changes` say, and the list of who has acknowledged sessions.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    watching()
        "Follows what changes; Ctrl-C ends it."
        "Perubahan sedang dipantau; Ctrl-C mengakhirinya.";
    watch_broken(why, seconds)
        "The connection broke ({why}); it is tried again in {seconds} s, and goes on where it was."
        "Sambungan terputus ({why}); dicoba lagi dalam {seconds} detik, dan dilanjutkan dari tempat terakhir.";
    watch_command_failed(name, why)
        "The command did not succeed for {name} ({why}). Nothing after it was dealt with; once it is mended, start this again."
        "Perintah tidak berhasil untuk {name} ({why}). Perubahan sesudahnya belum diproses; setelah diperbaiki, jalankan lagi.";
    watch_other_kinds(file)
        "{file} remembers how far other kinds were followed than these. Name another file by --cursor, or remove it to begin anew."
        "{file} mencatat sejauh mana jenis lain sudah dipantau. Sebutkan berkas lain dengan --cursor, atau hapus berkas itu untuk \
         memulai dari awal.";
    watch_held(file, process)
        "Process {process} already follows and remembers its cursor in {file}. Name another file by --cursor."
        "Proses {process} sudah memantau dan mencatat kursornya di {file}. Sebutkan berkas lain dengan --cursor.";
    changes_acknowledged(time)
        "Acknowledged, since {time}."
        "Dinyatakan sudah dibaca sejak {time}.";
    nothing_to_acknowledge()
        "Up to this cursor your agency was told of nothing: there is nothing to acknowledge."
        "Sampai kursor ini tidak ada perubahan yang diberitahukan kepada instansi Anda: tidak ada yang perlu dinyatakan sudah dibaca.";
    watch_not_acknowledged(why)
        "That these changes were dealt with could not be acknowledged ({why}); it is tried again with the next ones."
        "Pernyataan bahwa perubahan ini sudah dibaca tidak terkirim ({why}); dicoba lagi pada perubahan berikutnya.";
    readers_unknown(why)
        "Who has acknowledged these sessions is not known ({why})."
        "Tidak diketahui siapa yang sudah membaca sesi ini ({why}).";
    of_all(count, all)
        "{count} of {all}"
        "{count} dari {all}";
    go_on_after(cursor)
        "What comes after these: gerbang changes list --after {cursor}"
        "Yang menyusul sesudahnya: gerbang changes list --after {cursor}";
}
