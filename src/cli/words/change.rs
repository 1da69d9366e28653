//! What `gerbang watch` says.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    watching()
        "Follows what changes from here on; Ctrl-C ends it."
        "Perubahan dipantau mulai dari sini; Ctrl-C mengakhirinya.";
    watch_broken(why, seconds)
        "The connection broke ({why}); it is tried again in {seconds} s, and no change is missed."
        "Sambungan terputus ({why}); dicoba lagi dalam {seconds} detik, dan tidak ada perubahan yang terlewat.";
    watch_command_failed(name, why)
        "The command did not succeed for {name} ({why}). Nothing after it was dealt with; once it is mended, start this again."
        "Perintah tidak berhasil untuk {name} ({why}). Perubahan sesudahnya belum diproses; setelah diperbaiki, jalankan lagi.";
    watch_held(file, process)
        "Process {process} already follows and remembers its cursor in {file}. Name another file by --cursor."
        "Proses {process} sudah memantau dan mencatat kursornya di {file}. Sebutkan berkas lain dengan --cursor.";
}
