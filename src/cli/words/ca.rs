//! The sentences of `gerbang ca`.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    ca_same_folder()
        "--out and --root-out lie in one place. The root's key belongs on a medium of its own, which goes to the safe: \
         name two folders, neither within the other."
        "--out dan --root-out berada di satu tempat. Kunci akar harus di media tersendiri yang masuk brankas: \
         sebutkan dua folder, yang tidak saling memuat.";
    ca_folder_taken(folder)
        "There is something in {folder} already. A ceremony begins with folders that are new or empty."
        "{folder} sudah berisi sesuatu. Upacara dimulai dengan folder yang baru atau kosong.";
    ca_cut_off(root, out)
        "{root} is there and {out} is not: an earlier ceremony was cut off before anything was recorded. Destroy {root} \
         and begin anew."
        "{root} ada tetapi {out} tidak: upacara sebelumnya terputus sebelum apa pun dicatat. Musnahkan {root} \
         dan mulailah lagi.";
    ca_other_ceremony(folder)
        "{folder} holds a ceremony from another file than this one, and it is in no database. Bring the file that it was \
         held by, or destroy its keys and begin anew."
        "{folder} memuat upacara dari berkas lain, dan tidak tercatat di basis data. Pakailah berkas upacaranya, \
         atau musnahkan kuncinya dan mulailah lagi.";
    ca_resumed(folder)
        "{folder} holds the whole ceremony, which the database does not know yet. It is recorded now; no key is made."
        "{folder} memuat seluruh upacara yang belum tercatat di basis data. Sekarang dicatat; tidak ada kunci baru.";
    ca_request_unfit(why)
        "the request cannot be taken: {why}"
        "permintaannya tidak dapat diterima: {why}";
    ca_same_key()
        "two administrators bring one key, so that one person could approve alone; each makes a key of their own"
        "dua administrator membawa satu kunci, sehingga satu orang dapat menyetujui sendiri; masing-masing membuat \
         kunci sendiri";
    ca_passphrase_issuing()
        "Passphrase for the keys of the issuing authorities: "
        "Frasa sandi untuk kunci otoritas penerbit: ";
    ca_passphrase_root()
        "Passphrase for the root's key: "
        "Frasa sandi untuk kunci akar: ";
    ca_passphrase_again()
        "The same again: "
        "Sekali lagi: ";
    ca_passphrase_differs()
        "The two are not the same. Nothing was made; begin anew."
        "Keduanya tidak sama. Tidak ada yang dibuat; mulailah lagi.";
    ca_passphrase_short(min)
        "A passphrase has at least {min} characters. Nothing was made; choose a longer one."
        "Frasa sandi paling sedikit {min} karakter. Tidak ada yang dibuat; pilih yang lebih panjang.";
    ca_passphrase_one()
        "The root's passphrase is also that of the issuing keys, which lies on the signer's machine. Choose two."
        "Frasa sandi akar sama dengan frasa kunci penerbit, yang tersimpan di mesin penanda tangan. Pilih dua frasa.";
    ca_no_terminal(why, option)
        "There is no terminal to ask for the passphrase on ({why}). Give it by {option}."
        "Tidak ada terminal untuk menanyakan frasa sandi ({why}). Berikan dengan {option}.";
    ca_founded(out, root)
        "The authority is founded and recorded. {out}: certificates, issuing keys, transcript.txt, which everybody present \
         signs. {root}: the root's key; take it to the safe now, and keep a copy elsewhere."
        "Otoritas sudah didirikan dan dicatat. {out}: sertifikat, kunci penerbit, transcript.txt untuk ditandatangani \
         semua yang hadir. {root}: kunci akar; simpan di brankas sekarang, dengan salinan di tempat lain.";
    ca_admitted(system, order, seconds)
        "The root admits {system}: {order}. Waiting for the signer, for {seconds} s at most …"
        "Akar menerima {system}: {order}. Menunggu penanda tangan, paling lama {seconds} detik …";
    ca_admission_waits(order, state)
        "The signer has not issued {order} yet ({state}). Nothing is lost: start gerbang signer, then type the same again."
        "Penanda tangan belum menerbitkan {order} ({state}). Tidak ada yang hilang: jalankan gerbang signer, lalu ketik \
         perintah yang sama lagi.";
    ca_not_admitted(order, why)
        "The signer refuses {order}: {why}. See its log, mend the cause, then type the same again."
        "Penanda tangan menolak {order}: {why}. Lihat lognya, perbaiki penyebabnya, lalu ketik perintah yang sama lagi.";
    ca_out_is_request(path)
        "{path} is the request itself. Say with --out where the certificate goes."
        "{path} adalah permintaannya sendiri. Sebutkan dengan --out tempat sertifikatnya ditulis.";
    ca_without_profile()
        "For a profile beside it, type the same again with --server HOST:PORT."
        "Untuk profil di sampingnya, ketik perintah yang sama lagi dengan --server HOST:PORT.";
    ca_system_unfit(text)
        "{text} is not the name of a system of the operator. Write operator/admin3."
        "{text} bukan nama sistem milik operator. Tulislah operator/admin3.";
    ca_list_renewed(number, until)
        "The root's revocation list {number} is recorded. The next one is due before {until}."
        "Daftar pencabutan akar nomor {number} sudah dicatat. Yang berikutnya jatuh tempo sebelum {until}.";
    ca_authority_unfit(path, why)
        "{path} is not usable as authority: {why}"
        "{path} tidak dapat dipakai sebagai otoritas: {why}";
    ca_status_signer()
        "Signer last at work"
        "Penanda tangan terakhir bekerja";
    ca_status_administrators()
        "Administrators for 30 days more"
        "Administrator untuk 30 hari ke depan";
    ca_status_awaiting_approval()
        "Orders that wait for administrators"
        "Permohonan yang menunggu administrator";
    ca_status_awaiting_signer()
        "Orders that wait for the signer"
        "Permohonan yang menunggu penanda tangan";
    ca_never()
        "never"
        "belum pernah";
    transcript_title()
        "Transcript of a key ceremony"
        "Berita acara upacara kunci";
    transcript_done(version, time, file, sha256)
        "On {time} gerbang {version} made three keys by the ceremony file {file}\n(SHA-256 {sha256}),\n\
         and issued with them what stands below."
        "Pada {time} gerbang {version} membuat tiga kunci menurut berkas upacara {file}\n(SHA-256 {sha256}),\n\
         dan menerbitkan dengannya yang tertulis di bawah.";
    transcript_certificate()
        "certificate SHA-256"
        "SHA-256 sertifikat";
    transcript_key()
        "key SHA-256"
        "SHA-256 kunci";
    transcript_until()
        "valid to"
        "berlaku sampai";
    transcript_file()
        "file"
        "berkas";
    transcript_list()
        "Revocation list of the root"
        "Daftar pencabutan akar";
    transcript_number()
        "number"
        "nomor";
    transcript_keys(out, root)
        "The encrypted keys of the issuing authorities were written to {out}, that of the root to {root},\nand nowhere else."
        "Kunci terenkripsi otoritas penerbit ditulis ke {out}, kunci akar ke {root},\ndan tidak ke tempat lain.";
    transcript_signed()
        "Who was present compares these fingerprints with the files, and signs:"
        "Yang hadir membandingkan sidik jari ini dengan berkasnya, lalu menandatangani:";
    transcript_line()
        "Name                            Office                          Signature"
        "Nama                            Jabatan                         Tanda tangan";
}
