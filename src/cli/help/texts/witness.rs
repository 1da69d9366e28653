//! Texts of what witnesses of checkpoints do.

use super::Texts;

pub const TEXTS: Texts = &[
    (
        "Make a key that signs the ledger's checkpoints, or one that witnesses them, or show the public key of one",
        "Buat kunci penanda tangan titik periksa buku besar, atau kunci saksinya, atau tampilkan kunci publiknya",
    ),
    (
        "A log's key: name the file in the configuration of every gateway, as ledger_key. A log keeps its name for ever, and its key until \
         gerbang audit replace-key replaces it. A witness's key is for the machine that verifies checkpoints. Publish the public key \
         where others find it without the gateway.",
        "Kunci buku besar: sebutkan berkasnya dalam konfigurasi setiap gerbang, sebagai ledger_key. Buku besar mempertahankan namanya \
         untuk selamanya, dan kuncinya sampai diganti dengan gerbang audit replace-key. Kunci saksi hanya untuk mesin yang memeriksa \
         titik periksa. Umumkan kunci publiknya di tempat yang dapat dijangkau pihak lain tanpa gerbang.",
    ),
    (
        "Make a new key, for a witness of this name: a host, or a host and a path, of your agency",
        "Buat kunci baru, untuk saksi dengan nama ini: host, atau host dan jalur, milik instansi Anda",
    ),
    (
        "With --keep, the gateway has to prove that the ledger of the kept checkpoint is the beginning of today's, and the new \
         one takes its place. Do so every day, on a machine that is not the operator's. With --cosign, your agency witnesses what was \
         proved; with --witness, you take what another has witnessed.",
        "Dengan --keep, gerbang harus membuktikan bahwa buku besar menurut titik periksa yang disimpan merupakan awal dari yang \
         sekarang, dan titik periksa baru menggantikannya. Lakukan setiap hari, di mesin yang bukan milik operator. Dengan --cosign, \
         instansi Anda menjadi saksi atas yang terbukti; dengan --witness, Anda memakai yang ditandatangani saksi lain.",
    ),
    (
        "Cosign the checkpoint with the witness's key in this file, once it is proved and kept, and send that to the gateway",
        "Tanda tangani titik periksa dengan kunci saksi di berkas ini, setelah terbukti dan disimpan, lalu kirimkan ke gerbang",
    ),
    (
        "Cosign though no checkpoint is kept yet: the first one is taken on trust",
        "Tanda tangani walaupun belum ada titik periksa yang disimpan: yang pertama diterima atas dasar kepercayaan",
    ),
    (
        "Take the newest checkpoint that the witness with this public key has cosigned, and not the newest of all",
        "Pakai titik periksa terbaru yang ditandatangani saksi dengan kunci publik ini, bukan yang terbaru dari semuanya",
    ),
    (
        "List what witnesses have cosigned, the newest checkpoint first",
        "Tampilkan yang ditandatangani saksi, mulai dari titik periksa terbaru",
    ),
    (
        "Each comes with its checkpoint (in JSON), which the log's key and the witness's verify without a gateway.",
        "Setiap baris disertai titik periksanya (dalam JSON), yang dapat diperiksa dengan kunci buku besar dan kunci saksi tanpa gerbang.",
    ),
    (
        "Only those of this agency's witnesses: its code, or a part of its name",
        "Hanya saksi milik instansi ini: kodenya, atau sebagian namanya",
    ),
];
