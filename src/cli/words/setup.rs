//! The sentences of `gerbang setup`.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    setup_intro(sample)
        "Written by gerbang setup. {sample} explains each key, and those that are left out here."
        "Ditulis oleh gerbang setup. {sample} menjelaskan setiap kunci, juga yang tidak tercantum di sini.";
    setup_no_ceremony(folder, file)
        "{folder} holds no ceremony: {file} is missing there. Name the folder that was --out of gerbang ca init."
        "{folder} tidak memuat hasil upacara: {file} tidak ada. Sebutkan folder yang dipakai sebagai --out pada \
         gerbang ca init.";
    setup_other_authority(file)
        "{file} is not of this ceremony: another authority issued it, or it is of another trust domain. Take out what does not \
         belong there, then try again."
        "{file} bukan hasil upacara ini: diterbitkan otoritas lain, atau dari domain kepercayaan lain. Keluarkan berkas yang \
         tidak semestinya di sana, lalu coba lagi.";
    setup_database_role()
        "--database-url is a URL without a role and without a password, such as \
         postgres://db.gerbang.internal/gerbang?sslmode=verify-full&sslrootcert=/etc/gerbang/db-ca.pem. Roles are put in for \
         each part; passwords belong in the file that PGPASSFILE names."
        "--database-url adalah URL tanpa peran dan tanpa kata sandi, misalnya \
         postgres://db.gerbang.internal/gerbang?sslmode=verify-full&sslrootcert=/etc/gerbang/db-ca.pem. Peran ditambahkan \
         untuk setiap bagian; kata sandi disimpan dalam berkas yang ditunjuk PGPASSFILE.";
    setup_database_unverified()
        "! The database is reached over the network by a URL that does not say whom to trust. Write \
         sslmode=verify-full&sslrootcert=FILE into it, in both files: without, whoever is between reads and changes everything."
        "! Basis data dihubungi lewat jaringan dengan URL yang tidak menyebut otoritas yang dipercaya. Tuliskan \
         sslmode=verify-full&sslrootcert=BERKAS di kedua berkas: tanpa itu, pihak di tengah jalur dapat membaca dan mengubah \
         semuanya.";
    setup_exists(path)
        "There is a file {path} already, and nothing is overwritten; nothing was written. Move it away, or name another place."
        "Berkas {path} sudah ada dan tidak akan ditimpa; tidak ada yang ditulis. Pindahkan berkas itu, atau sebutkan tempat lain.";
    setup_written()
        "Written:"
        "Berkas yang ditulis:";
    setup_signer(user)
        "Next, on this machine, which is the signer's, as root ({user} has to own the keys):"
        "Selanjutnya, di mesin ini, yaitu mesin penanda tangan, sebagai root (kunci harus milik {user}):";
    setup_gateway(user, folder)
        "Then put into {folder} what is not there yet: vault.toml (gerbang vault init), pgpass (the passwords of the database), \
         db-ca.pem (its authority) and deploy/gerbang-gateway.service. Bring it to each gateway's machine, with the program; \
         there, as root ({user} alone may read pgpass and vault.toml):"
        "Kemudian lengkapi {folder} dengan yang belum ada di dalamnya: vault.toml (gerbang vault init), pgpass (kata sandi basis \
         data), db-ca.pem (otoritas basis data), dan deploy/gerbang-gateway.service. Bawa folder itu beserta program ke mesin \
         setiap gerbang; di sana, sebagai root (pgpass dan vault.toml hanya boleh dibaca oleh {user}):";
    setup_more()
        "docs/operate.md has every step, with users, passwords of the database, units and ports."
        "docs/operate.md memuat setiap langkah, dengan pengguna, kata sandi basis data, unit, dan port.";
}
