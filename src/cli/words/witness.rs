//! What `gerbang audit` says of witnesses.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    witness_key_made(file)
        "The key is in {file}, for the machine that verifies checkpoints alone. Publish what follows: the witness's public key, by \
         which others verify what it has cosigned."
        "Kunci berada di {file}, hanya untuk mesin yang memeriksa titik periksa. Umumkan yang berikut ini: kunci publik saksi, yang \
         dipakai pihak lain untuk memeriksa tanda tangannya.";
    witness_has_no_checkpoint(file)
        "{file} is not there, and a witness cosigns only what goes on from the checkpoint that it keeps. Bring the file back; the first time, \
         and after the ledger was put back from a backup, with a new witness's key, say --first."
        "{file} tidak ada, sedangkan saksi hanya menandatangani yang menyambung titik periksa yang disimpannya. Kembalikan berkas itu; untuk \
         pertama kali, dan dengan kunci saksi baru sesudah buku besar dipulihkan dari cadangan, tambahkan --first.";
    witness_is_old()
        "The witness has cosigned nothing for three days. Ask its agency whether it still does: else its cosignatures are kept back, or it is \
         shown another ledger."
        "Saksi itu tidak menandatangani apa pun selama tiga hari. Tanyakan kepada instansinya apakah saksi masih bekerja: bila ya, tanda \
         tangannya ditahan, atau kepadanya ditampilkan buku besar lain.";
    checkpoint_held(file, process)
        "Process {process} is at work with {file}. Wait until it has ended."
        "Proses {process} sedang memakai {file}. Tunggu sampai selesai.";
    witness_trusts_the_first()
        "There was no kept checkpoint: this first one is cosigned on trust. From now on, only what goes on from it is."
        "Belum ada titik periksa yang disimpan: titik periksa pertama ini ditandatangani atas dasar kepercayaan. Selanjutnya hanya yang \
         menyambungnya.";
    checkpoint_cosigned(name)
        "Cosigned as {name}: the gateway hands it out to all."
        "Ditandatangani sebagai saksi {name}: gerbang meneruskannya kepada semua pihak.";
    checkpoint_was_cosigned(name)
        "The ledger has not grown since {name} cosigned it last: that cosignature stays."
        "Buku besar tidak bertambah sejak terakhir ditandatangani saksi {name}: tanda tangan itu tetap berlaku.";
    witness_has_cosigned(name, size, at)
        "The witness {name} has cosigned the first {size} entries at {at}."
        "Saksi {name} menandatangani {size} entri pertama pada {at}.";
    witness_has_cosigned_nothing(name)
        "The witness {name} has cosigned no checkpoint of this ledger with that key. Ask its agency for its public key, and whether it \
         still cosigns; gerbang audit cosignatures lists what there is."
        "Saksi {name} belum menandatangani titik periksa buku besar ini dengan kunci itu. Mintalah kunci publiknya kepada instansinya, \
         dan tanyakan apakah saksi itu masih bekerja; gerbang audit cosignatures menampilkan yang ada.";
    witness_is_behind(size, kept)
        "The {size} entries that the witness has cosigned are the first of the {kept} of the kept checkpoint, which stays."
        "{size} entri yang ditandatangani saksi merupakan awal dari {kept} entri dalam titik periksa yang disimpan, yang tetap dipakai.";
}
