//! The table itself, in the order of the errors page: code, kind, whether sending again helps, and
//! both texts.

use super::{Kind, Language, Resend};

reasons! {
    // The request itself.
    FieldsInvalid "FIELDS_INVALID" Invalid {
        resend: Corrected;
        en: "Some fields of the request are wrong.",
            "Correct each field that is named, then send again.";
        id: "Beberapa isian dalam permintaan ini tidak benar.",
            "Perbaiki setiap isian yang disebutkan, lalu kirim kembali.";
    }
    FieldRequired "FIELD_REQUIRED" Invalid {
        resend: Corrected;
        en: "The field is empty.",
            "Fill it in.";
        id: "Isian ini masih kosong.",
            "Lengkapi isian ini.";
    }
    EtagRequired "ETAG_REQUIRED" Invalid {
        resend: Corrected;
        en: "The etag is missing. By the etag the gateway sees whether somebody has changed this since you read it.",
            "Send the etag that stands in what you read (Get or List), or in the answer to the last change.";
        id: "Isian etag masih kosong. Dari etag terlihat apakah data telah diubah pihak lain sejak terakhir dibaca.",
            "Kirimkan etag yang tercantum dalam data yang dibaca (Get atau List), atau dalam jawaban atas perubahan terakhir.";
    }
    FieldTooLong "FIELD_TOO_LONG" Invalid {
        resend: Corrected;
        en: "The text has {length} characters; at most {max} are allowed.",
            "Shorten it.";
        id: "Teks ini terdiri atas {length} karakter; paling banyak {max} karakter.",
            "Ringkaslah teks tersebut.";
    }
    FieldOutOfRange "FIELD_OUT_OF_RANGE" Invalid {
        resend: Corrected;
        en: "The number is outside {min} to {max}.",
            "Choose one within.";
        id: "Angka ini berada di luar rentang {min} sampai dengan {max}.",
            "Gunakan angka dalam rentang tersebut.";
    }
    FieldUnknownValue "FIELD_UNKNOWN_VALUE" Invalid {
        resend: Corrected;
        en: "The value is none of those that the contract lists.",
            "Take one from the contract.";
        id: "Nilai ini tidak tercantum dalam kontrak layanan.",
            "Gunakan salah satu nilai yang tercantum dalam kontrak layanan.";
    }
    FieldFormat "FIELD_FORMAT" Invalid {
        resend: Corrected;
        en: "The value is not of the form {expected}.",
            "Write it so.";
        id: "Nilai ini tidak sesuai dengan bentuk {expected}.",
            "Tulislah sesuai dengan bentuk tersebut.";
    }
    FieldUnknown "FIELD_UNKNOWN" Invalid {
        resend: Corrected;
        en: "There is no such field here. There are: {known}.",
            "Correct its name, or leave it out.";
        id: "Isian dengan nama ini tidak ada di sini. Isian yang ada: {known}.",
            "Perbaiki namanya, atau hapus isian tersebut.";
    }
    FieldTwice "FIELD_TWICE" Invalid {
        resend: Corrected;
        en: "The field stands here more than once: {written}.",
            "Keep one of them.";
        id: "Isian ini tertulis lebih dari satu kali: {written}.",
            "Pertahankan salah satunya.";
    }
    FieldExclusive "FIELD_EXCLUSIVE" Invalid {
        resend: Corrected;
        en: "The field cannot stand beside {other}.",
            "Keep one of the two.";
        id: "Isian ini tidak dapat diisi bersama {other}.",
            "Isilah salah satunya saja.";
    }
    ForbiddenCharacter "FORBIDDEN_CHARACTER" Invalid {
        resend: Corrected;
        en: "The text holds {character}, a character that cannot be seen or that hides others.",
            "Remove it.";
        id: "Teks ini memuat {character}, yaitu karakter yang tidak terlihat atau yang menyamarkan karakter lain.",
            "Hapus karakter tersebut.";
    }
    ForbiddenWord "FORBIDDEN_WORD" Invalid {
        resend: Corrected;
        en: "The text holds a word that may say why somebody is in prison.",
            "Leave cases, offences, sentences and articles of law out; what a course needs is enough.";
        id: "Teks ini memuat kata yang dapat mengungkapkan alasan seseorang dipidana.",
            "Jangan mencantumkan perkara, tindak pidana, hukuman, atau pasal; cukup cantumkan hal yang diperlukan untuk pelatihan.";
    }
    ItemsTooFew "ITEMS_TOO_FEW" Invalid {
        resend: Corrected;
        en: "There are {count} items; at least {min} are needed.",
            "Add some.";
        id: "Jumlahnya {count} butir; paling sedikit {min} butir.",
            "Tambahkan butir yang kurang.";
    }
    ItemsTooMany "ITEMS_TOO_MANY" Invalid {
        resend: Corrected;
        en: "There are {count} items; at most {max} are allowed.",
            "Split them over several calls.";
        id: "Jumlahnya {count} butir; paling banyak {max} butir.",
            "Bagilah ke dalam beberapa permintaan.";
    }
    DuplicateItem "DUPLICATE_ITEM" Invalid {
        resend: Corrected;
        en: "The same item stands here twice.",
            "Remove one.";
        id: "Butir yang sama tercantum dua kali.",
            "Hapus salah satunya.";
    }
    QuotesMissing "QUOTES_MISSING" Invalid {
        resend: Corrected;
        en: "The value is a number where a text belongs.",
            "Put it in quotation marks, so that every digit is kept: \"…\".";
        id: "Nilai ini berupa bilangan, padahal seharusnya teks.",
            "Tulislah di antara tanda petik agar setiap angkanya tetap utuh: \"…\".";
    }
    NameInvalid "NAME_INVALID" Invalid {
        resend: Corrected;
        en: "The name is not of the form {expected}.",
            "Write it so; codes are lower case.";
        id: "Nama ini tidak sesuai dengan bentuk {expected}.",
            "Tulislah sesuai dengan bentuk tersebut; kode ditulis dengan huruf kecil.";
    }
    NameOfOtherAgency "NAME_OF_OTHER_AGENCY" Denied {
        resend: Corrected;
        en: "The name stands under another agency than the caller's, {agency}.",
            "Use names under your own code.";
        id: "Nama ini berada di bawah instansi lain, bukan di bawah instansi Anda, {agency}.",
            "Gunakan nama di bawah kode instansi Anda.";
    }
    DateInvalid "DATE_INVALID" Invalid {
        resend: Corrected;
        en: "The date is not a day of the calendar in the form YYYY-MM-DD, years 2000 to 2199.",
            "Write it as 2026-03-02.";
        id: "Tanggal ini bukan tanggal kalender dengan bentuk YYYY-MM-DD dalam tahun 2000 sampai dengan 2199.",
            "Tulislah seperti 2026-03-02.";
    }
    ZoneUnknown "ZONE_UNKNOWN" Invalid {
        resend: Corrected;
        en: "The time zone is no place of the IANA list, nor UTC.",
            "Use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).";
        id: "Zona waktu ini bukan nama tempat dalam daftar IANA dan bukan pula UTC.",
            "Gunakan Asia/Jakarta (WIB), Asia/Makassar (WITA), atau Asia/Jayapura (WIT).";
    }
    TimeOutOfRange "TIME_OUT_OF_RANGE" Invalid {
        resend: Corrected;
        en: "The time is outside the years 2000 to 2199.",
            "Check the year.";
        id: "Waktu ini berada di luar tahun 2000 sampai dengan 2199.",
            "Periksa kembali tahunnya.";
    }
    TimeFraction "TIME_FRACTION" Invalid {
        resend: Corrected;
        en: "The time has fractions of a second.",
            "Send whole seconds.";
        id: "Waktu ini memuat pecahan detik.",
            "Kirimkan waktu dalam detik utuh.";
    }
    TimeWithoutOffset "TIME_WITHOUT_OFFSET" Invalid {
        resend: Corrected;
        en: "The time says nothing of its zone.",
            "Add the offset, as in 2026-03-02T08:00:00+07:00.";
        id: "Waktu ini tidak mencantumkan zona waktu.",
            "Tambahkan selisih waktu terhadap UTC, seperti 2026-03-02T08:00:00+07:00.";
    }
    TimeRangeReversed "TIME_RANGE_REVERSED" Invalid {
        resend: Corrected;
        en: "The range ends before it starts.",
            "Exchange start and end.";
        id: "Rentang waktu ini berakhir sebelum dimulai.",
            "Tukarkan waktu awal dengan waktu akhirnya.";
    }
    RequestIdInvalid "REQUEST_ID_INVALID" Invalid {
        resend: Corrected;
        en: "The request_id is not a UUID, or consists of zeros only or of f only.",
            "Make a new UUID for every new request, and keep it when you send the same again.";
        id: "request_id ini bukan UUID, atau hanya terdiri atas angka nol atau huruf f.",
            "Buatlah UUID baru untuk setiap permintaan baru, dan gunakan UUID yang sama apabila permintaan dikirim ulang.";
    }
    RequestIdReused "REQUEST_ID_REUSED" Exists {
        resend: Corrected;
        en: "The request_id was used before, for another request.",
            "Make a new UUID for every new request.";
        id: "request_id ini sudah digunakan untuk permintaan lain.",
            "Buatlah UUID baru untuk setiap permintaan baru.";
    }
    PageTokenInvalid "PAGE_TOKEN_INVALID" Invalid {
        resend: Corrected;
        en: "The page_token is not from this list with these filters and this caller.",
            "Begin again without page_token.";
        id: "page_token ini tidak berasal dari daftar dengan saringan dan sistem yang sama.",
            "Mulailah kembali tanpa page_token.";
    }
    CursorInvalid "CURSOR_INVALID" Invalid {
        resend: Corrected;
        en: "The cursor is none that this gateway has given.",
            "Send the cursor of a change, or next_cursor, as it came; or begin without one, with since.";
        id: "Kursor ini bukan kursor yang pernah diberikan gerbang ini.",
            "Kirimkan kursor suatu perubahan, atau next_cursor, sebagaimana diterima; atau mulailah tanpa kursor, dengan since.";
    }
    CursorUnknown "CURSOR_UNKNOWN" State {
        resend: Corrected;
        en: "The cursor is of another ledger, or of entries that this one no longer has: it was put back from a backup, or the \
             system now asks another gateway.",
            "Begin without a cursor, with since a day before the last change that was dealt with. Some changes come twice.";
        id: "Kursor ini berasal dari buku besar lain, atau dari entri yang tidak ada lagi: basis data gerbang telah dipulihkan \
             dari cadangan, atau sistem kini terhubung ke gerbang lain.",
            "Mulailah tanpa kursor, dengan since sehari sebelum perubahan terakhir yang sudah diolah. Sebagian perubahan akan \
             diterima dua kali.";
    }
    LedgerKeyMissing "LEDGER_KEY_MISSING" State {
        resend: Later;
        en: "The gateway has no key that signs the ledger's checkpoints and receipts, and proves nothing of it.",
            "Tell its operator, who makes one by gerbang audit key and names it in the gateway's configuration as ledger_key.";
        id: "Gerbang tidak memiliki kunci untuk menandatangani titik periksa dan tanda terima buku besar, sehingga tidak dapat membuktikan isinya.",
            "Beri tahu operatornya, yang membuat kunci dengan gerbang audit key dan menyebutkannya dalam konfigurasi gerbang \
             sebagai ledger_key.";
    }
    LedgerKeyReplaced "LEDGER_KEY_REPLACED" State {
        resend: Later;
        en: "The log's key was replaced, and the gateway has another than the one in force: it proves nothing of the ledger.",
            "Tell its operator, who puts the new key where the gateway's configuration names it as ledger_key, and starts the \
             gateway anew.";
        id: "Kunci buku besar telah diganti, sedangkan gerbang ini memegang kunci lain sehingga tidak dapat membuktikan isinya.",
            "Beri tahu operatornya, yang menaruh kunci baru pada berkas yang disebut sebagai ledger_key dalam konfigurasi gerbang, \
             lalu menjalankan ulang gerbang.";
    }
    LedgerEntryUnknown "LEDGER_ENTRY_UNKNOWN" NotFound {
        resend: Corrected;
        en: "The ledger has no entry of this id, or none that has its place yet, or the caller may not know of it.",
            "Take the id from an answer or a change. An entry that was just written has its place a moment later.";
        id: "Entri dengan pengenal ini tidak ada di buku besar atau belum menempati urutannya, atau Anda tidak berwenang \
             mengetahuinya.",
            "Gunakan pengenal yang tercantum dalam jawaban atau perubahan. Entri yang baru ditulis mendapat urutan sesaat kemudian.";
    }
    LedgerEntryLater "LEDGER_ENTRY_LATER" State {
        resend: Corrected;
        en: "The entry has place {index}, counted from 0, and came after the tree of this size.",
            "Name the size of a later checkpoint, one more than the place at the least.";
        id: "Entri ini menempati urutan {index}, dihitung dari 0, sesudah pohon berukuran ini.",
            "Sebutkan ukuran titik periksa yang lebih baru, sekurang-kurangnya satu lebih besar daripada urutan itu.";
    }
    LedgerSizeBeyondEnd "LEDGER_SIZE_BEYOND_END" State {
        resend: Corrected;
        en: "The ledger has {entries} entries in their places, fewer than {size}.",
            "Take the size from a checkpoint of this gateway. If that states more than the ledger has, the ledger was put back from \
             a backup or cut off: keep the checkpoint, and ask the operator.";
        id: "Buku besar memuat {entries} entri yang sudah berurutan, kurang dari {size}.",
            "Gunakan ukuran dari titik periksa gerbang ini. Apabila titik periksa itu menyebutkan lebih banyak entri, buku besar \
             telah dipulihkan dari cadangan atau dipotong: simpan titik periksa itu, dan tanyakan kepada operator.";
    }
    LedgerCheckpointNotOurs "LEDGER_CHECKPOINT_NOT_OURS" State {
        resend: Corrected;
        en: "The note is not a checkpoint that this ledger has signed with the key {key}.",
            "Take a new checkpoint from this gateway, verify that the ledger only grew up to it, and cosign that. If the note came from \
             this gateway, keep it, and ask the operator.";
        id: "Catatan ini bukan titik periksa yang ditandatangani buku besar ini dengan kunci {key}.",
            "Ambil titik periksa baru dari gerbang ini, pastikan bahwa buku besar hanya bertambah sampai di situ, lalu tanda tangani \
             sebagai saksi. Apabila catatan itu berasal dari gerbang ini, simpan catatan itu dan tanyakan kepada operator.";
    }
    LedgerForked "LEDGER_FORKED" State {
        resend: Never;
        en: "The checkpoint is signed with this ledger's key, and states another tree of {size} entries than the ledger has. There are, or \
             were, two ledgers under one key.",
            "Keep the checkpoint and a new one from this gateway: both together prove it. Do not cosign; tell the operator and the \
             other agencies.";
        id: "Titik periksa ini ditandatangani dengan kunci buku besar ini, tetapi menyatakan pohon lain dengan {size} entri daripada yang \
             dimiliki buku besar. Ada, atau pernah ada, dua buku besar dengan satu kunci.",
            "Simpan titik periksa itu beserta titik periksa baru dari gerbang ini: keduanya bersama-sama menjadi bukti. Jangan menandatangani \
             sebagai saksi; beri tahu operator dan instansi lain.";
    }
    CosignatureInvalid "COSIGNATURE_INVALID" Invalid {
        resend: Corrected;
        en: "The checkpoint does not carry exactly one right cosignature by the key {key} beside the log's signature.",
            "Take a checkpoint as the gateway gave it, add one cosignature by that key, and change nothing else.";
        id: "Titik periksa ini tidak memuat tepat satu tanda tangan saksi yang sah dengan kunci {key} di samping tanda tangan buku besar.",
            "Gunakan titik periksa sebagaimana diberikan gerbang, tambahkan satu tanda tangan saksi dengan kunci itu, dan jangan ubah \
             yang lain.";
    }
    CosignatureTime "COSIGNATURE_TIME" State {
        resend: Corrected;
        en: "The cosignature is of {time}, more than ten minutes from the gateway's clock, which says {now}.",
            "Set the clock of the witness's machine, and cosign anew.";
        id: "Tanda tangan saksi ini bertanggal {time}, berselisih lebih dari sepuluh menit dengan jam gerbang, yaitu {now}.",
            "Sesuaikan jam pada komputer saksi, lalu tanda tangani kembali.";
    }
    WitnessNameTaken "WITNESS_NAME_TAKEN" Exists {
        resend: Corrected;
        en: "The witness has the name {name}, which is that of the log itself.",
            "Make a key under a name of your own, such as a host of your agency's domain.";
        id: "Saksi itu bernama {name}, yaitu nama buku besar sendiri.",
            "Buatlah kunci dengan nama milik instansi Anda sendiri, misalnya nama host pada domain instansi.";
    }
    BatchTooLarge "BATCH_TOO_LARGE" Invalid {
        resend: Corrected;
        en: "The batch has {count} items; at most {max} are allowed.",
            "Split it into several calls.";
        id: "Kiriman ini memuat {count} butir; paling banyak {max} butir.",
            "Bagilah ke dalam beberapa permintaan.";
    }
    MessageTooLarge "MESSAGE_TOO_LARGE" Exhausted {
        resend: Corrected;
        en: "The message is larger than the {max_bytes} bytes that this service takes.",
            "Split it into several calls.";
        id: "Pesan ini melebihi {max_bytes} bita, yaitu ukuran terbesar yang diterima layanan ini.",
            "Bagilah ke dalam beberapa permintaan.";
    }
    MessageUnreadable "MESSAGE_UNREADABLE" Invalid {
        resend: Corrected;
        en: "The message is not of the type that the method takes.",
            "Check the client against the contract: gerbang contract export.";
        id: "Pesan ini tidak sesuai dengan jenis pesan yang diterima metode tersebut.",
            "Cocokkan klien dengan kontrak layanan: gerbang contract export.";
    }
    JsonUnreadable "JSON_UNREADABLE" Invalid {
        resend: Corrected;
        en: "The message is not JSON: line {line}, column {column}: {why}.",
            "Correct it there; most editors show the place.";
        id: "Pesan ini bukan JSON yang benar: baris {line}, kolom {column}: {why}.",
            "Perbaiki bagian tersebut; kebanyakan penyunting teks menunjukkan letaknya.";
    }
    NotGrpc "NOT_GRPC" Unimplemented {
        resend: Corrected;
        en: "This address, where systems join, takes gRPC only: HTTP/2 requests of the type application/grpc.",
            "Join by gerbang join, and send JSON to the exchange's address.";
        id: "Alamat ini, tempat sistem mendaftar, hanya menerima gRPC, yaitu permintaan HTTP/2 dengan jenis isi application/grpc.",
            "Mendaftarlah dengan gerbang join, dan kirimkan JSON ke alamat pertukaran data.";
    }
    ContentTypeRefused "CONTENT_TYPE_REFUSED" Unimplemented {
        resend: Corrected;
        en: "The content is of none of the types that this method takes.",
            "Send JSON, with the header Content-Type: application/json; application/proto and gRPC are taken, too.";
        id: "Jenis isi permintaan ini tidak diterima oleh metode tersebut.",
            "Kirimkan JSON dengan tajuk Content-Type: application/json; application/proto dan gRPC juga diterima.";
    }
    GrpcOnly "GRPC_ONLY" Unimplemented {
        resend: Corrected;
        en: "The method sends or takes a stream, which gRPC alone carries.",
            "Call it by gRPC. By JSON, ListChanges with a wait tells what WatchChanges does, and PushSchedule takes what PushSessions does.";
        id: "Metode ini mengirim atau menerima aliran pesan, yang hanya dapat dibawa oleh gRPC.",
            "Panggillah dengan gRPC. Dengan JSON, gunakan ListChanges dengan wait sebagai pengganti WatchChanges, dan PushSchedule sebagai \
             pengganti PushSessions.";
    }
    HttpMethodRefused "HTTP_METHOD_REFUSED" Unimplemented {
        resend: Corrected;
        en: "Methods are called by POST.",
            "Send the request by POST, with the message as its content.";
        id: "Metode hanya dapat dipanggil dengan POST.",
            "Kirimkan permintaan dengan POST, dengan pesan sebagai isinya.";
    }
    HeaderInvalid "HEADER_INVALID" Invalid {
        resend: Corrected;
        en: "The header {header} is not of the form {expected}.",
            "Write it so, or leave it out.";
        id: "Tajuk {header} tidak sesuai dengan bentuk {expected}.",
            "Tulislah sesuai dengan bentuk tersebut, atau hapus tajuk itu.";
    }
    OtherSiteRefused "OTHER_SITE_REFUSED" Denied {
        resend: Never;
        en: "A browser has sent this for a page that is not the gateway's own, by the headers Sec-Fetch-Site and Origin.",
            "If you did not mean to call the gateway, close that page and tell your administrator; programs leave both headers out.";
        id: "Permintaan ini dikirim peramban atas nama halaman yang bukan milik Gerbang, sebagaimana terlihat dari tajuk Sec-Fetch-Site dan Origin.",
            "Apabila Anda tidak bermaksud memanggil Gerbang, tutuplah halaman tersebut dan beri tahu administrator; program tidak perlu \
             menyertakan kedua tajuk itu.";
    }
    MethodUnknown "METHOD_UNKNOWN" Unimplemented {
        resend: Corrected;
        en: "There is no such method.",
            "Check the client against the contract: gerbang contract export.";
        id: "Metode ini tidak ada.",
            "Cocokkan klien dengan kontrak layanan: gerbang contract export.";
    }
    JoiningOnly "JOINING_ONLY" Unimplemented {
        resend: Corrected;
        en: "This port is for joining alone, and this method is not served here. The exchange is at {address}.",
            "Call that address, with the client certificate that joining gave.";
        id: "Porta ini hanya untuk bergabung; metode ini tidak dilayani di sini. Layanan pertukaran berada di {address}.",
            "Hubungi alamat tersebut dengan sertifikat klien yang diperoleh saat bergabung.";
    }
    CompressionUnsupported "COMPRESSION_UNSUPPORTED" Unimplemented {
        resend: Corrected;
        en: "The message is compressed in a way that the gateway does not read.",
            "Send it uncompressed; JSON may also be compressed by gzip.";
        id: "Pesan ini dimampatkan dengan cara yang tidak dapat dibaca Gerbang.",
            "Kirimkan tanpa pemampatan; JSON boleh juga dimampatkan dengan gzip.";
    }
    // Who calls.
    CertificateWithoutIdentity "CERTIFICATE_WITHOUT_IDENTITY" Unauthenticated {
        resend: Later;
        en: "The client certificate does not carry exactly one identity, a URI SAN spiffe://(trust domain)/agency/(code)/(system).",
            "Ask the administrator for a certificate made for this system.";
        id: "Sertifikat klien tidak memuat tepat satu identitas, yaitu URI SAN spiffe://(domain kepercayaan)/agency/(kode)/(sistem).",
            "Mintalah kepada administrator sertifikat yang dibuat untuk sistem ini.";
    }
    TrustDomainForeign "TRUST_DOMAIN_FOREIGN" Unauthenticated {
        resend: Later;
        en: "The client certificate is of another trust domain.",
            "Use the certificate that this gateway's administrator issued.";
        id: "Sertifikat klien berasal dari domain kepercayaan lain.",
            "Gunakan sertifikat yang diterbitkan oleh administrator Gerbang ini.";
    }
    CertificateNotRegistered "CERTIFICATE_NOT_REGISTERED" Unauthenticated {
        resend: Later;
        en: "The client certificate is not in the gateway's inventory, or is no longer valid.",
            "Ask the administrator for an invitation.";
        id: "Sertifikat klien tidak tercatat dalam daftar Gerbang, atau sudah tidak berlaku.",
            "Mintalah undangan kepada administrator.";
    }
    AgencySuspended "AGENCY_SUSPENDED" Denied {
        resend: Later;
        en: "The agency {agency} is suspended.",
            "Ask the administrator why.";
        id: "Instansi {agency} sedang ditangguhkan.",
            "Tanyakan alasannya kepada administrator.";
    }
    RoleNotAllowed "ROLE_NOT_ALLOWED" Denied {
        resend: Never;
        en: "A system with the role {role} may not call this method; it takes one with the role {needed}.",
            "Choose the profile with --profile; see whoami --methods for what this one may call.";
        id: "Sistem dengan peran {role} tidak berwenang memanggil metode ini; diperlukan sistem dengan peran {needed}.",
            "Pilih profil dengan --profile; lihat whoami --methods untuk mengetahui metode yang boleh dipanggil profil ini.";
    }
    RelationNotAllowed "RELATION_NOT_ALLOWED" Denied {
        resend: Never;
        en: "The caller's agency sees this, and it is not the caller's to do.",
            "Ask the agency whose turn it is: {allowed}.";
        id: "Instansi Anda dapat melihat data ini, tetapi tidak berwenang melakukan tindakan ini.",
            "Mintalah kepada instansi yang berwenang: {allowed}.";
    }
    // Any resource.
    NotFound "NOT_FOUND" NotFound {
        resend: Corrected;
        en: "There is no {resource} of this name, or the caller may not see it.",
            "Check the name with the list command.";
        id: "Tidak ada {resource} dengan nama ini, atau Anda tidak berwenang melihatnya.",
            "Periksa namanya dengan perintah list.";
    }
    EtagMismatch "ETAG_MISMATCH" Aborted {
        resend: Corrected;
        en: "It has changed since it was read.",
            "Read it again, look at what changed, then send with the new etag.";
        id: "Data ini telah berubah sejak terakhir dibaca.",
            "Bacalah kembali, periksa perubahannya, lalu kirim dengan etag yang baru.";
    }
    StateForbids "STATE_FORBIDS" State {
        resend: Later;
        en: "In the state {state} this cannot be done.",
            "Allowed is: {allowed}.";
        id: "Tindakan ini tidak dapat dilakukan dalam status {state}.",
            "Status yang diperbolehkan: {allowed}.";
    }
    // Agencies.
    AgencyExists "AGENCY_EXISTS" Exists {
        resend: Corrected;
        en: "The code {agency} is taken; codes are for ever.",
            "Choose another code, or update that agency.";
        id: "Kode {agency} sudah digunakan; kode berlaku untuk seterusnya.",
            "Pilih kode lain, atau perbarui instansi tersebut.";
    }
    AgencyUnknown "AGENCY_UNKNOWN" State {
        resend: Corrected;
        en: "There is no agency {agency}.",
            "Check the code with agency list.";
        id: "Tidak ada instansi dengan kode {agency}.",
            "Periksa kodenya dengan agency list.";
    }
    OwnAgencySuspension "OWN_AGENCY_SUSPENSION" State {
        resend: Never;
        en: "An administrator cannot suspend the agency that it belongs to.",
            "Ask another operator.";
        id: "Administrator tidak dapat menangguhkan instansinya sendiri.",
            "Mintalah kepada operator lain.";
    }
    SystemExists "SYSTEM_EXISTS" Exists {
        resend: Corrected;
        en: "The agency has a system of this name.",
            "Choose another name, or update that system.";
        id: "Instansi ini sudah memiliki sistem dengan nama tersebut.",
            "Pilih nama lain, atau perbarui sistem tersebut.";
    }
    RoleNotOfAgency "ROLE_NOT_OF_AGENCY" State {
        resend: Corrected;
        en: "An agency of the kind {kind} cannot have a system with the role {role}.",
            "PRISON and DOOR go with prisons, ADMINISTRATOR with operators, OVERSIGHT with supervising offices, PARTNER with the rest.";
        id: "Instansi berjenis {kind} tidak dapat memiliki sistem dengan peran {role}.",
            "LAPAS dan P2U untuk lapas, ADMINISTRATOR untuk operator, PENGAWAS untuk instansi pengawas, MITRA untuk instansi lainnya.";
    }
    CertificateUnfit "CERTIFICATE_UNFIT" Invalid {
        resend: Corrected;
        en: "The certificate cannot be used: {why}.",
            "Ask the administrator for an invitation to a new one.";
        id: "Sertifikat ini tidak dapat digunakan: {why}.",
            "Mintalah kepada administrator undangan untuk sertifikat baru.";
    }
    PastNameChanged "PAST_NAME_CHANGED" State {
        resend: Corrected;
        en: "The name that holds since {from} would be dropped or changed; what an agency was called is history.",
            "Leave that entry as it is and add another: gerbang agency rename CODE NAME --from DAY.";
        id: "Nama yang berlaku sejak {from} akan dihapus atau diubah; nama yang pernah dipakai instansi harus tetap tercatat.",
            "Biarkan entri itu dan tambahkan yang baru: gerbang agency rename KODE NAMA --from HARI.";
    }
    NoNameToday "NO_NAME_TODAY" State {
        resend: Corrected;
        en: "No name of the agency holds today, on {day}.",
            "Add one that holds from that day or an earlier one.";
        id: "Tidak ada nama instansi yang berlaku hari ini, {day}.",
            "Tambahkan nama yang berlaku sejak hari itu atau sebelumnya.";
    }
    SystemRetired "SYSTEM_RETIRED" State {
        resend: Never;
        en: "The system was retired for good, and its name is not used again.",
            "Register a system of another name.";
        id: "Sistem ini telah dihentikan untuk seterusnya, dan namanya tidak dipakai lagi.",
            "Daftarkan sistem dengan nama lain.";
    }
    SystemNotApproved "SYSTEM_NOT_APPROVED" State {
        resend: Later;
        en: "The system has no role yet: another administrator has to approve it.",
            "Another administrator types gerbang agency approve-system {system} first.";
        id: "Sistem ini belum memiliki peran karena belum disetujui oleh administrator lain.",
            "Administrator lain perlu mengetik gerbang agency approve-system {system} terlebih dahulu.";
    }
    ApprovedByYou "APPROVED_BY_YOU" Denied {
        resend: Never;
        en: "Two administrators are needed, and you are the one who asked or has signed.",
            "Ask another administrator.";
        id: "Diperlukan dua administrator, sedangkan Anda adalah pihak yang meminta atau sudah menandatangani.",
            "Mintalah kepada administrator lain.";
    }
    // Certificates.
    CertificateRevoked "CERTIFICATE_REVOKED" Unauthenticated {
        resend: Later;
        en: "The client certificate was revoked.",
            "Ask the administrator why. A partner's system is invited anew; a system of the prison, its door or the operator asks with a new key: gerbang cert request.";
        id: "Sertifikat klien ini telah dicabut.",
            "Tanyakan alasannya kepada administrator. Sistem mitra diundang kembali; sistem Lapas, perangkat P2U, dan administrator mengajukan permohonan dengan kunci baru: gerbang cert request.";
    }
    CertificateSuperseded "CERTIFICATE_SUPERSEDED" Unauthenticated {
        resend: Later;
        en: "The client certificate was renewed, and its 14 days beside the new one are over.",
            "Use the new certificate; if it is lost, ask the administrator for an invitation.";
        id: "Sertifikat klien ini telah diperbarui, dan masa peralihan 14 hari bersama sertifikat penggantinya telah berakhir.",
            "Gunakan sertifikat yang baru; apabila hilang, mintalah undangan kepada administrator.";
    }
    RoleNotCertified "ROLE_NOT_CERTIFIED" Unauthenticated {
        resend: Later;
        en: "The registry gives this system the role {role}, and its certificate was signed for the role {certified}.",
            "Ask the administrator for a certificate of the new role; who did not change the role tells the operator at once.";
        id: "Dalam registrasi, sistem ini berperan {role}, sedangkan sertifikatnya ditandatangani untuk peran {certified}.",
            "Mintalah kepada administrator sertifikat untuk peran yang baru; apabila bukan Anda yang mengubah peran tersebut, segera laporkan kepada operator.";
    }
    CertificateExpired "CERTIFICATE_EXPIRED" Unauthenticated {
        resend: Later;
        en: "The client certificate is outside its time of validity.",
            "Check the clock, or ask the administrator for an invitation to a new one.";
        id: "Sertifikat klien ini berada di luar masa berlakunya.",
            "Periksa jam pada mesin, atau mintalah kepada administrator undangan untuk sertifikat baru.";
    }
    StatementInvalid "STATEMENT_INVALID" Invalid {
        resend: Corrected;
        en: "The signed statement cannot be taken: {why}.",
            "Sign anew with the key of the certificate that makes the call.";
        id: "Pernyataan yang ditandatangani tidak dapat diterima: {why}.",
            "Tandatangani kembali dengan kunci sertifikat yang digunakan untuk panggilan ini.";
    }
    LifetimeTooLong "LIFETIME_TOO_LONG" Invalid {
        resend: Corrected;
        en: "A certificate cannot be valid for {days} days; 1 to {max} are possible.",
            "Ask for fewer days.";
        id: "Sertifikat tidak dapat berlaku selama {days} hari; masa berlaku yang diperbolehkan 1 sampai dengan {max} hari.",
            "Mintalah masa berlaku yang lebih singkat.";
    }
    AuthorityEndsFirst "AUTHORITY_ENDS_FIRST" State {
        resend: Corrected;
        en: "The issuing authority ends before the certificate would.",
            "Ask for fewer days, or found a new authority: certs/README.md.";
        id: "Masa berlaku otoritas penerbit berakhir sebelum masa berlaku sertifikat ini.",
            "Mintalah masa berlaku yang lebih singkat, atau dirikan otoritas baru: certs/README.md.";
    }
    TokenExists "TOKEN_EXISTS" Exists {
        resend: Corrected;
        en: "There is an invitation with this token already.",
            "Draw a new token.";
        id: "Sudah ada undangan dengan token ini.",
            "Buatlah token baru.";
    }
    TokenUnknown "TOKEN_UNKNOWN" Unauthenticated {
        resend: Corrected;
        en: "The gateway knows no such token.",
            "Check that it was copied whole, or ask the administrator for a new one.";
        id: "Token ini tidak dikenal oleh Gerbang.",
            "Periksa apakah token tersalin utuh, atau mintalah token baru kepada administrator.";
    }
    TokenExpired "TOKEN_EXPIRED" Unauthenticated {
        resend: Corrected;
        en: "The token has expired.",
            "Ask the administrator for a new one.";
        id: "Token ini telah kedaluwarsa.",
            "Mintalah token baru kepada administrator.";
    }
    TokenCancelled "TOKEN_CANCELLED" Unauthenticated {
        resend: Corrected;
        en: "The token was cancelled.",
            "Ask the administrator why, and for a new one.";
        id: "Token ini telah dibatalkan.",
            "Tanyakan alasannya kepada administrator, dan mintalah token baru.";
    }
    TokenAlreadyUsed "TOKEN_ALREADY_USED" Unauthenticated {
        resend: Corrected;
        en: "The token was used already, with another key or too long ago.",
            "If it was not you, tell the administrator at once; else ask for a new one.";
        id: "Token ini sudah digunakan dengan kunci lain, atau sudah terlalu lama digunakan.",
            "Apabila bukan Anda yang menggunakannya, segera beri tahu administrator; apabila Anda, mintalah token baru.";
    }
    RoleTakesTwo "ROLE_TAKES_TWO" State {
        resend: Never;
        en: "Two administrators let a system with the role {role} in, and a token names no key that both could sign for.",
            "Make a request on the system's machine (gerbang cert request); both administrators approve it: gerbang cert \
             approve.";
        id: "Sistem dengan peran {role} memerlukan persetujuan dua administrator, sedangkan token tidak menyebutkan kunci yang dapat ditandatangani oleh keduanya.",
            "Buatlah permohonan di mesin sistem tersebut (gerbang cert request); kedua administrator menyetujuinya dengan gerbang cert approve.";
    }
    OrdersTooMany "ORDERS_TOO_MANY" Exhausted {
        resend: Later;
        en: "Your system has {max} open requests for certificates of this system.",
            "Wait until some are answered, or ask the administrator to reject what nobody needs.";
        id: "Sistem Anda sudah memiliki {max} permohonan sertifikat untuk sistem ini yang belum dijawab.",
            "Tunggu jawabannya, atau mintalah administrator menolak permohonan yang tidak diperlukan.";
    }
    CertificateOrderRejected "CERTIFICATE_ORDER_REJECTED" State {
        resend: Never;
        en: "The request for a certificate was turned down: {why}.",
            "See gerbang cert requests, and ask the administrator.";
        id: "Permohonan sertifikat ini ditolak: {why}.",
            "Lihat gerbang cert requests, dan tanyakan kepada administrator.";
    }
    AlreadyRenewed "ALREADY_RENEWED" State {
        resend: Never;
        en: "The certificate was renewed already, with another key.",
            "If it was not you, revoke it at once for key-compromise; else use the new certificate.";
        id: "Sertifikat ini sudah diperbarui dengan kunci lain.",
            "Apabila bukan Anda yang memperbaruinya, segera cabut dengan alasan key-compromise; apabila Anda, gunakan sertifikat yang baru.";
    }
    AdministratorsTooFew "ADMINISTRATORS_TOO_FEW" State {
        resend: Later;
        en: "That would leave {left} administrators with a valid certificate; two are needed to let anybody in.",
            "Let another administrator in first, or revoke with --break-glass.";
        id: "Hanya akan tersisa {left} administrator dengan sertifikat yang berlaku, padahal diperlukan dua untuk menerima sistem baru.",
            "Terimalah administrator lain terlebih dahulu, atau cabut dengan --break-glass.";
    }
    LockHeld "LOCK_HELD" Unavailable {
        resend: Same;
        en: "Session {pid} of the database (role {role}, program {program}) holds a lock that is needed: of the count of administrators, or of what a suspended agency's agreements hold.",
            "Send again; if it stays, end that session as the database's superuser: SELECT pg_terminate_backend({pid}). A revocation may say --break-glass, which counts no administrators; one of an agency's certificates waits for nobody.";
        id: "Sesi {pid} pada basis data (peran {role}, program {program}) memegang kunci yang diperlukan untuk menghitung administrator, atau untuk hal yang dipegang perjanjian instansi yang ditangguhkan.",
            "Kirim kembali; apabila tetap demikian, akhiri sesi tersebut sebagai superuser basis data: SELECT pg_terminate_backend({pid}). Pencabutan dapat menggunakan --break-glass, yang tidak menghitung administrator; pencabutan sertifikat suatu instansi tidak menunggu siapa pun.";
    }
    ApprovalsInvalid "APPROVALS_INVALID" State {
        resend: Corrected;
        en: "The signer does not find the signatures that are needed: {why}.",
            "Ask administrators whose own certificates are valid to sign anew.";
        id: "Penanda tangan tidak menemukan tanda tangan yang diperlukan: {why}.",
            "Mintalah administrator yang sertifikatnya berlaku untuk menandatangani kembali.";
    }
    RenewedTooOften "RENEWED_TOO_OFTEN" State {
        resend: Later;
        en: "The system's certificate was renewed {max} times within a day.",
            "Stop its renewal, look at the clock of its machine, and try again tomorrow.";
        id: "Sertifikat sistem ini sudah diperbarui {max} kali dalam satu hari.",
            "Hentikan pembaruan otomatisnya, periksa jam pada mesinnya, lalu coba kembali besok.";
    }
    HostNotAllowed "HOST_NOT_ALLOWED" State {
        resend: Later;
        en: "The signer's configuration has no gateway of the name {host}.",
            "Add it there, or correct the gateway's configuration.";
        id: "Konfigurasi penanda tangan tidak memuat gateway dengan nama {host}.",
            "Tambahkan nama tersebut di sana, atau perbaiki konfigurasi gateway.";
    }
    LintFailed "LINT_FAILED" State {
        resend: Never;
        en: "What would be signed does not say what it should.",
            "This is a defect of the signer; see its log.";
        id: "Isi yang akan ditandatangani tidak sesuai dengan yang seharusnya.",
            "Ini adalah cacat pada penanda tangan; lihat catatan lognya.";
    }
    // What needs attention.
    AdministratorsFew "ADMINISTRATORS_FEW" Warning {
        resend: Nothing;
        en: "Only {count} administrators have a certificate that lasts 30 days more; two are needed to let anybody in.",
            "Renew, or let another administrator in.";
        id: "Hanya {count} administrator yang memiliki sertifikat dengan sisa masa berlaku 30 hari atau lebih, padahal diperlukan dua untuk menerima sistem baru.",
            "Perbarui sertifikatnya, atau tambahkan administrator lain.";
    }
    SignerAway "SIGNER_AWAY" Warning {
        resend: Nothing;
        en: "The signer has not been at work since {since}.",
            "Start gerbang signer; revocations hold without it, new certificates and lists wait.";
        id: "Penanda tangan tidak bekerja sejak {since}.",
            "Jalankan gerbang signer; pencabutan tetap berlaku tanpanya, sedangkan sertifikat dan daftar pencabutan baru menunggu.";
    }
    CrlStale "CRL_STALE" Warning {
        resend: Nothing;
        en: "The revocation list of {authority} is past half of its life.",
            "See that the signer runs; the root's list comes from a ceremony.";
        id: "Daftar pencabutan {authority} telah melewati separuh masa berlakunya.",
            "Pastikan penanda tangan berjalan; daftar pencabutan dari akar dibuat dalam upacara kunci.";
    }
    // Certificate requests.
    CsrUnreadable "CSR_UNREADABLE" Invalid {
        resend: Corrected;
        en: "The certificate request cannot be read: {why}.",
            "Make one PKCS#10 request with openssl, keytool or certreq, and send that alone.";
        id: "Permohonan sertifikat (CSR) ini tidak dapat dibaca: {why}.",
            "Buatlah satu CSR PKCS#10 dengan openssl, keytool, atau certreq, lalu kirimkan CSR itu saja.";
    }
    CsrTooLarge "CSR_TOO_LARGE" Invalid {
        resend: Corrected;
        en: "The certificate request has more than {max_bytes} bytes.",
            "Send the request alone; everything in it but the key is ignored.";
        id: "Permohonan sertifikat (CSR) ini melebihi {max_bytes} bita.",
            "Kirimkan CSR saja; semua isinya selain kunci diabaikan.";
    }
    CsrSignatureInvalid "CSR_SIGNATURE_INVALID" Invalid {
        resend: Corrected;
        en: "The signature of the certificate request is not by its own key over these bytes.",
            "Make the request anew with the private key that belongs to it, and do not edit it afterwards.";
        id: "Tanda tangan pada permohonan sertifikat (CSR) ini tidak dibuat dengan kuncinya sendiri atas isi ini.",
            "Buatlah kembali CSR dengan kunci privat yang sesuai, dan jangan mengubahnya setelah itu.";
    }
    KeyAlgorithmRefused "KEY_ALGORITHM_REFUSED" Invalid {
        resend: Corrected;
        en: "The request's key is of a kind that is not taken: {why}.",
            "Make a new key, P-256 or Ed25519, and a request with it.";
        id: "Jenis kunci dalam permohonan ini tidak diterima: {why}.",
            "Buatlah kunci baru, P-256 atau Ed25519, lalu buat permohonan dengan kunci tersebut.";
    }
    SignatureAlgorithmRefused "SIGNATURE_ALGORITHM_REFUSED" Invalid {
        resend: Corrected;
        en: "The signature of the certificate request is of a kind that is not taken: {why}.",
            "Sign with SHA-256 when the key is P-256; Ed25519 has one kind of signature only.";
        id: "Jenis tanda tangan pada permohonan sertifikat (CSR) ini tidak diterima: {why}.",
            "Tandatangani dengan SHA-256 apabila kuncinya P-256; untuk Ed25519 hanya ada satu jenis tanda tangan.";
    }
    KeyEncodingRefused "KEY_ENCODING_REFUSED" Invalid {
        resend: Corrected;
        en: "The request's key is not written as it must be: {why}.",
            "Make the request anew with a named curve and an uncompressed point, as the tools do by themselves.";
        id: "Kunci dalam permohonan ini tidak ditulis sebagaimana mestinya: {why}.",
            "Buatlah kembali permohonan dengan kurva bernama dan titik tanpa kompresi, sesuai dengan pengaturan bawaan perkakasnya.";
    }
    KeyWeak "KEY_WEAK" Invalid {
        resend: Corrected;
        en: "Others can sign with the request's key too: {why}.",
            "Make a new key on the machine that will use it.";
        id: "Pihak lain juga dapat menandatangani dengan kunci dalam permohonan ini: {why}.",
            "Buatlah kunci baru di mesin yang akan menggunakannya.";
    }
    KeyBlocked "KEY_BLOCKED" Denied {
        resend: Corrected;
        en: "The key was in a certificate that was revoked as compromised, and stays blocked for ever.",
            "Make a new key; another request with this one will be refused as well.";
        id: "Kunci ini terdapat dalam sertifikat yang dicabut karena kuncinya bocor, dan diblokir untuk seterusnya.",
            "Buatlah kunci baru; permohonan lain dengan kunci ini juga akan ditolak.";
    }
    KeyOfOtherAgency "KEY_OF_OTHER_AGENCY" Denied {
        resend: Corrected;
        en: "The key is in a certificate of another agency.",
            "Make a key of your own; if nobody shared this one on purpose, tell the administrator.";
        id: "Kunci ini terdapat dalam sertifikat milik instansi lain.",
            "Buatlah kunci sendiri; apabila kunci ini tidak dibagikan dengan sengaja, beri tahu administrator.";
    }
    KeyOfAuthority "KEY_OF_AUTHORITY" Denied {
        resend: Corrected;
        en: "The key is that of a certificate authority or of the gateway itself.",
            "Make a key of your own.";
        id: "Kunci ini adalah kunci otoritas sertifikat atau kunci Gerbang sendiri.",
            "Buatlah kunci sendiri.";
    }
    // Agreements.
    AgreementExists "AGREEMENT_EXISTS" Exists {
        resend: Corrected;
        en: "The agency has an agreement with this reference.",
            "Choose another reference, or update that draft.";
        id: "Instansi ini sudah memiliki perjanjian dengan nomor rujukan tersebut.",
            "Pilih nomor rujukan lain, atau perbarui draf tersebut.";
    }
    AgreementUnknown "AGREEMENT_UNKNOWN" State {
        resend: Corrected;
        en: "There is no such agreement, or the caller's agency is not a party of it.",
            "Check the name with agreement list.";
        id: "Perjanjian tersebut tidak ada, atau instansi Anda bukan salah satu pihaknya.",
            "Periksa namanya dengan agreement list.";
    }
    AgreementWithoutPrison "AGREEMENT_WITHOUT_PRISON" State {
        resend: Corrected;
        en: "The parties do not include exactly one prison.",
            "Name one.";
        id: "Para pihak tidak memuat tepat satu lapas.",
            "Cantumkan satu lapas.";
    }
    AgreementPartiesTooFew "AGREEMENT_PARTIES_TOO_FEW" Invalid {
        resend: Corrected;
        en: "An agreement of this kind needs at least {min} parties.",
            "Name the others; an SK may have one.";
        id: "Perjanjian jenis ini memerlukan paling sedikit {min} pihak.",
            "Cantumkan pihak lainnya; SK boleh memuat satu pihak.";
    }
    AgreementSingleParty "AGREEMENT_SINGLE_PARTY" State {
        resend: Corrected;
        en: "An SK of one party opens no gate.",
            "Make an MOU or a PKS with the other agency.";
        id: "SK dengan satu pihak tidak membuka pertukaran data.",
            "Buatlah MOU atau PKS dengan instansi lain.";
    }
    PartyMissing "PARTY_MISSING" Invalid {
        resend: Corrected;
        en: "The caller's agency, {agency}, is not among the parties.",
            "Add it.";
        id: "Instansi Anda, {agency}, tidak tercantum sebagai pihak.",
            "Tambahkan instansi tersebut.";
    }
    TermRequired "TERM_REQUIRED" Invalid {
        resend: Corrected;
        en: "An MOU or a PKS needs an end.",
            "Give term_months or effective_until.";
        id: "MOU atau PKS harus mencantumkan akhir masa berlaku.",
            "Isikan term_months atau effective_until.";
    }
    TermReversed "TERM_REVERSED" Invalid {
        resend: Corrected;
        en: "The last day comes before the first.",
            "Check both days.";
        id: "Hari terakhir mendahului hari pertama.",
            "Periksa kedua tanggal tersebut.";
    }
    DurationClassMismatch "DURATION_CLASS_MISMATCH" Invalid {
        resend: Corrected;
        en: "The class {declared} does not fit the term; permitted: {permitted}.",
            "Declare a permitted class, or none.";
        id: "Golongan jangka waktu {declared} tidak sesuai dengan masa berlakunya; yang diperbolehkan: {permitted}.",
            "Nyatakan golongan yang diperbolehkan, atau kosongkan isian ini.";
    }
    FieldLabelMissing "FIELD_LABEL_MISSING" Invalid {
        resend: Corrected;
        en: "The field OTHER needs a label.",
            "Write the field's name, as Kelautan dan Perikanan.";
        id: "Bidang LAINNYA (OTHER) memerlukan label.",
            "Tulislah nama bidangnya, misalnya Kelautan dan Perikanan.";
    }
    FieldLabelForbidden "FIELD_LABEL_FORBIDDEN" Invalid {
        resend: Corrected;
        en: "Only the field OTHER takes a label.",
            "Remove the label, or choose OTHER.";
        id: "Label hanya digunakan untuk bidang LAINNYA (OTHER).",
            "Hapus labelnya, atau pilih bidang LAINNYA (OTHER).";
    }
    AgreementIncomplete "AGREEMENT_INCOMPLETE" State {
        resend: Later;
        en: "The draft is not complete: {missing}.",
            "Update the draft, then propose it.";
        id: "Draf perjanjian ini belum lengkap: {missing}.",
            "Lengkapi drafnya, lalu usulkan.";
    }
    AgreementTermOver "AGREEMENT_TERM_OVER" State {
        resend: Corrected;
        en: "The term is over already.",
            "Make an agreement with a later end.";
        id: "Masa berlaku perjanjian ini sudah berakhir.",
            "Buatlah perjanjian dengan akhir masa berlaku yang lebih kemudian.";
    }
    BindingUnimplemented "BINDING_UNIMPLEMENTED" Unimplemented {
        resend: Corrected;
        en: "Agreements by signature are not possible yet.",
            "Propose it with ACCEPTANCE.";
        id: "Perjanjian dengan tanda tangan belum tersedia.",
            "Usulkan dengan PERSETUJUAN (ACCEPTANCE).";
    }
    ProposalsTooMany "PROPOSALS_TOO_MANY" State {
        resend: Later;
        en: "There are {max} open proposals between the caller's agency and {agency} already.",
            "Withdraw some, or wait until they are accepted or rejected.";
        id: "Sudah ada {max} usulan terbuka antara instansi Anda dan {agency}.",
            "Tarik kembali sebagian, atau tunggu sampai disetujui atau ditolak.";
    }
    AgreementNotAccepted "AGREEMENT_NOT_ACCEPTED" State {
        resend: Later;
        en: "The prison has not accepted the agreement {agreement}.",
            "Propose it and wait for the prison; then plan the programme.";
        id: "Lapas belum menerima perjanjian {agreement}.",
            "Usulkan perjanjiannya dan tunggu persetujuan lapas; setelah itu rencanakan programnya.";
    }
    AlreadyAccepted "ALREADY_ACCEPTED" State {
        resend: Never;
        en: "The caller's agency has accepted already.",
            "Wait for the other parties.";
        id: "Instansi Anda sudah menyetujui perjanjian ini.",
            "Tunggu pihak lainnya.";
    }
    ProposerCannotReject "PROPOSER_CANNOT_REJECT" State {
        resend: Never;
        en: "Who proposed an agreement cannot reject it.",
            "Withdraw it.";
        id: "Pengusul tidak dapat menolak perjanjian yang diusulkannya sendiri.",
            "Tarik kembali usulannya.";
    }
    AlreadySuspended "ALREADY_SUSPENDED" State {
        resend: Never;
        en: "The caller's agency has suspended it already.",
            "Resume it when the cause is gone.";
        id: "Instansi Anda sudah menangguhkannya.",
            "Lanjutkan kembali apabila penyebabnya sudah tidak ada.";
    }
    NotSuspendedByYou "NOT_SUSPENDED_BY_YOU" State {
        resend: Never;
        en: "The caller's agency has not suspended it; only who suspended may resume.",
            "Ask {suspended_by}.";
        id: "Penangguhan ini bukan oleh instansi Anda; hanya pihak yang menangguhkan yang dapat melanjutkannya.",
            "Mintalah kepada {suspended_by}.";
    }
    LegalBasisSuperseded "LEGAL_BASIS_SUPERSEDED" Warning {
        resend: Nothing;
        en: "UU 12/1995 was repealed by UU 22/2022 on 3 August 2022.",
            "Cite UU 22/2022 in agreements made since.";
        id: "UU 12/1995 telah dicabut dengan UU 22/2022 pada 3 Agustus 2022.",
            "Rujuklah UU 22/2022 dalam perjanjian yang dibuat sesudahnya.";
    }
    DurationBoundaryAmbiguous "DURATION_BOUNDARY_AMBIGUOUS" Warning {
        resend: Nothing;
        en: "The term lies on a boundary that two classes claim; it counts as {class}.",
            "Declare the class in the document if the other is meant.";
        id: "Masa berlakunya tepat pada batas dua golongan jangka waktu; dihitung sebagai {class}.",
            "Nyatakan golongannya dalam naskah apabila yang dimaksud adalah golongan yang lain.";
    }
    DataAnnexMissing "DATA_ANNEX_MISSING" Warning {
        resend: Nothing;
        en: "The agreement has no data annex: no data pass under it, and no programme can be opened.",
            "As long as it is a draft: gerbang agreement update. After that: a new agreement with an annex, then gerbang programme move.";
        id: "Perjanjian ini tidak memiliki lampiran data: tidak ada data yang dapat dipertukarkan dan tidak ada program yang dapat dibuka.",
            "Selama masih berupa draf: gerbang agreement update. Setelah diusulkan: buatlah perjanjian baru yang berlampiran data, lalu gerbang programme move.";
    }
    ScheduleNotCovered "SCHEDULE_NOT_COVERED" Warning {
        resend: Nothing;
        en: "The agreement's data annex does not name SCHEDULE: no programme can be opened under the agreement.",
            "Name it while the agreement is a draft, or make a new agreement and move programmes there before they are opened: gerbang programme move. If only trainers are lent, nothing is to be done.";
        id: "Lampiran data perjanjian tidak memuat JADWAL (SCHEDULE): tidak ada program yang dapat dibuka berdasarkan perjanjian ini.",
            "Cantumkan selagi masih berupa draf, atau buatlah perjanjian baru dan pindahkan program ke sana sebelum dibuka: gerbang programme move. Jika hanya untuk meminjamkan pelatih, tidak ada yang perlu dilakukan.";
    }
    AgreementOver "AGREEMENT_OVER" Warning {
        resend: Nothing;
        en: "The agreement {agreement} is {state}: no programme can be opened under it any more.",
            "Move the programme to an agreement in force, before it is opened: gerbang programme move.";
        id: "Perjanjian {agreement} berstatus {state}: program tidak dapat lagi dibuka berdasarkan perjanjian ini.",
            "Pindahkan program ke perjanjian yang berlaku sebelum dibuka: gerbang programme move.";
    }
    // The gate.
    AgreementNotInForce "AGREEMENT_NOT_IN_FORCE" State {
        resend: Later;
        en: "The agreement {agreement} is not in force: {state}.",
            "See agreement show; nothing passes until it is.";
        id: "Perjanjian {agreement} tidak berlaku: {state}.",
            "Lihat agreement show; tidak ada data yang dipertukarkan sampai perjanjian tersebut berlaku.";
    }
    AgreementNotBetweenParties "AGREEMENT_NOT_BETWEEN_PARTIES" State {
        resend: Corrected;
        en: "The agreement {agreement} is not between the lead agency and the prison.",
            "Use one of which both are parties.";
        id: "Perjanjian {agreement} bukan perjanjian antara instansi pelaksana dan lapas.",
            "Gunakan perjanjian yang memuat keduanya sebagai pihak.";
    }
    AgreementWithoutDataKind "AGREEMENT_WITHOUT_DATA_KIND" State {
        resend: Corrected;
        en: "The agreement {agreement} does not cover data of the kind {data_kind}.",
            "Agree on it in the data annex of a new agreement. A programme that is not open yet can be moved there: gerbang programme move.";
        id: "Perjanjian {agreement} tidak mencakup data jenis {data_kind}.",
            "Sepakati jenis data tersebut dalam lampiran data perjanjian baru. Program yang belum dibuka dapat dipindahkan ke sana: gerbang programme move.";
    }
    AgreementWithoutField "AGREEMENT_WITHOUT_FIELD" State {
        resend: Corrected;
        en: "The agreement {agreement} does not cover the programme's field; it covers: {covered}.",
            "Write kind and label as the agreement has them, or use an agreement that covers the field.";
        id: "Perjanjian {agreement} tidak mencakup bidang program ini; yang dicakup: {covered}.",
            "Tulislah jenis dan nama bidang sama dengan yang tercantum dalam perjanjian, atau gunakan perjanjian yang mencakup bidang tersebut.";
    }
    // Programmes and trainers.
    ProgrammeExists "PROGRAMME_EXISTS" Exists {
        resend: Corrected;
        en: "The agency has a programme with this reference.",
            "Choose another reference, or update that programme.";
        id: "Instansi ini sudah memiliki program dengan nomor rujukan tersebut.",
            "Pilih nomor rujukan lain, atau perbarui program tersebut.";
    }
    ProgrammeNotOpen "PROGRAMME_NOT_OPEN" State {
        resend: Later;
        en: "The programme {programme} is {state}, not OPEN.",
            "If it is PLANNED, the prison approves it first; if it is APPROVED, the lead agency opens it; if it is CANCELLED, that is for good: plan a new programme.";
        id: "Program {programme} berstatus {state}, bukan DIBUKA.",
            "Jika DIRENCANAKAN, lapas menyetujuinya lebih dahulu; jika DISETUJUI, instansi pelaksana membukanya; jika DIBATALKAN, pembatalan itu bersifat tetap: rencanakan program baru.";
    }
    ProgrammeFixedOnceOpen "PROGRAMME_FIXED_ONCE_OPEN" State {
        resend: Corrected;
        en: "Of an open programme only the capacity may change.",
            "Leave the rest as it was, or cancel it and plan a new one.";
        id: "Pada program yang sudah dibuka, hanya kapasitas yang dapat diubah.",
            "Biarkan isian lainnya seperti semula, atau batalkan program ini dan rencanakan program baru.";
    }
    TrainerExists "TRAINER_EXISTS" Exists {
        resend: Corrected;
        en: "The agency has a trainer with this reference.",
            "Choose another reference, or update that trainer.";
        id: "Instansi ini sudah memiliki pelatih dengan nomor rujukan tersebut.",
            "Pilih nomor rujukan lain, atau perbarui pelatih tersebut.";
    }
    TrainerNotAvailable "TRAINER_NOT_AVAILABLE" State {
        resend: Corrected;
        en: "The trainer {trainer} is unknown, inactive, or not covered by an agreement.",
            "Check the name with the trainer's agency, and its agreement with the prison.";
        id: "Pelatih {trainer} tidak dikenal, tidak aktif, atau tidak dicakup perjanjian.",
            "Periksa namanya pada instansi pelatih, serta perjanjian instansi tersebut dengan lapas.";
    }
    TrainerConflict "TRAINER_CONFLICT" State {
        resend: Corrected;
        en: "The trainer {trainer} is taken from {busy_start} to {busy_end}.",
            "Choose another time or another trainer.";
        id: "Pelatih {trainer} sudah terjadwal dari {busy_start} sampai dengan {busy_end}.",
            "Pilih waktu lain atau pelatih lain.";
    }
    TrainerOverlap "TRAINER_OVERLAP" Warning {
        resend: Nothing;
        en: "The trainer {trainer} is also proposed for {busy_start} to {busy_end}, and nobody has accepted yet.",
            "Ask the trainer's agency; what it accepts first stands.";
        id: "Pelatih {trainer} juga diusulkan untuk {busy_start} sampai dengan {busy_end}, dan belum ada yang disetujui.",
            "Tanyakan kepada instansi pelatih; usulan yang lebih dahulu disetujui yang berlaku.";
    }
    TrainerNotProposed "TRAINER_NOT_PROPOSED" Warning {
        resend: Nothing;
        en: "The trainer {trainer} is {state} for this session and stays out of it.",
            "Name another trainer, or ask the trainer's agency (DECLINED) or the prison (CLEARANCE_REFUSED) to allow it again.";
        id: "Pelatih {trainer} berstatus {state} untuk sesi ini dan tidak diusulkan kembali.",
            "Cantumkan pelatih lain, atau mintalah instansi pelatih (jika DITOLAK) atau lapas (jika IZIN DITOLAK) mengizinkannya kembali.";
    }
    ClaimConflict "CLAIM_CONFLICT" State {
        resend: Later;
        en: "The person is booked under both registrations; the earlier one is taken from {busy_start} to {busy_end}.",
            "Have one of the two bookings declined or withdrawn, then confirm again.";
        id: "Orang ini terjadwal pada kedua pendaftaran; pada pendaftaran yang lebih awal dari {busy_start} sampai dengan {busy_end}.",
            "Mintalah agar salah satu penugasannya ditolak atau ditarik kembali, lalu konfirmasi kembali.";
    }
    TrainersTooMany "TRAINERS_TOO_MANY" Invalid {
        resend: Corrected;
        en: "The push names {count} trainers; at most {max} are allowed.",
            "Split it into several pushes.";
        id: "Kiriman ini menyebutkan {count} pelatih; paling banyak {max} pelatih.",
            "Bagilah ke dalam beberapa kiriman.";
    }
    // Sessions.
    ScheduleOfOtherProgramme "SCHEDULE_OF_OTHER_PROGRAMME" State {
        resend: Corrected;
        en: "The schedule belongs to another programme.",
            "Push to that programme, or use another reference.";
        id: "Jadwal ini milik program lain.",
            "Kirimkan ke program tersebut, atau gunakan nomor rujukan lain.";
    }
    SessionReversed "SESSION_REVERSED" Invalid {
        resend: Corrected;
        en: "The session ends before it starts.",
            "Check both times.";
        id: "Sesi ini berakhir sebelum dimulai.",
            "Periksa kedua waktunya.";
    }
    SessionTooLong "SESSION_TOO_LONG" Invalid {
        resend: Corrected;
        en: "The session is longer than 8 hours.",
            "Split it into several sessions.";
        id: "Sesi ini lebih dari 8 jam.",
            "Bagilah menjadi beberapa sesi.";
    }
    SessionInPast "SESSION_IN_PAST" State {
        resend: Corrected;
        en: "The session has begun already.",
            "Push only what lies ahead.";
        id: "Sesi ini sudah dimulai.",
            "Kirimkan hanya sesi yang akan datang.";
    }
    SessionTooSoon "SESSION_TOO_SOON" State {
        resend: Never;
        en: "The session starts within 24 hours; only the prison changes it now.",
            "Call the prison.";
        id: "Sesi ini dimulai dalam waktu 24 jam; sekarang hanya lapas yang dapat mengubahnya.",
            "Hubungi lapas.";
    }
    SessionOutsideTerm "SESSION_OUTSIDE_TERM" State {
        resend: Corrected;
        en: "The session lies outside the agreement's term, {effective_from} to {effective_until}.",
            "Choose a day within, or make another agreement.";
        id: "Sesi ini berada di luar masa berlaku perjanjian, {effective_from} sampai dengan {effective_until}.",
            "Pilih hari dalam masa berlaku tersebut, atau buat perjanjian lain.";
    }
    PlanExceeded "PLAN_EXCEEDED" State {
        resend: Corrected;
        en: "The programme's sessions ahead may last one and a half times as long as its lessons; {minutes_left} minutes ({lessons_left} lessons) are left.",
            "Leave sessions out, cancel some that are planned, or wait until some are over.";
        id: "Jumlah waktu sesi mendatang program ini paling lama satu setengah kali jam pelajarannya; tersisa {minutes_left} menit ({lessons_left} jam pelajaran).",
            "Kurangi sesi, batalkan sebagian sesi yang sudah direncanakan, atau tunggu sampai sebagian sesi selesai.";
    }
    SessionDeclined "SESSION_DECLINED" Warning {
        resend: Nothing;
        en: "The prison has declined the session and it stays declined: “{note}”.",
            "Change what the note names, or ask the prison; then push the session with a higher sequence.";
        id: "Lapas telah menolak sesi ini dan sesi tetap ditolak: “{note}”.",
            "Ubahlah yang disebut dalam catatan, atau tanyakan kepada lapas; lalu kirim sesi dengan sequence yang lebih tinggi.";
    }
    SessionFinal "SESSION_FINAL" State {
        resend: Corrected;
        en: "The session is {state}, for good.",
            "Use a new uid for a new session.";
        id: "Sesi ini berstatus {state} dan tidak dapat diubah lagi.",
            "Gunakan uid baru untuk sesi baru.";
    }
    SessionOfOtherSchedule "SESSION_OF_OTHER_SCHEDULE" State {
        resend: Corrected;
        en: "The uid belongs to a session of another schedule.",
            "A uid is used once; choose another.";
        id: "uid ini milik sesi dalam jadwal lain.",
            "Satu uid hanya digunakan satu kali; pilih uid lain.";
    }
    StaleSequence "STALE_SEQUENCE" State {
        resend: Corrected;
        en: "The session is stored with the sequence {stored} and other content.",
            "Send it again with the sequence {next} or a higher one.";
        id: "Sesi ini sudah tersimpan dengan sequence {stored} dan isi lain.",
            "Kirim lagi dengan sequence {next} atau lebih tinggi.";
    }
    SessionWithoutRoom "SESSION_WITHOUT_ROOM" State {
        resend: Corrected;
        en: "The session has no room.",
            "Name one with the confirmation.";
        id: "Sesi ini belum memiliki ruang.",
            "Cantumkan ruangnya bersama konfirmasi.";
    }
    SessionWithoutLead "SESSION_WITHOUT_LEAD" State {
        resend: Later;
        en: "A session needs exactly one lead trainer who has been accepted (now: {count}).",
            "Wait until the trainer's agency accepts, or have the lead agency name one.";
        id: "Sesi harus memiliki tepat satu pelatih utama yang sudah disetujui (saat ini: {count}).",
            "Tunggu persetujuan instansi pelatih, atau mintalah instansi pelaksana mencantumkan satu pelatih utama.";
    }
    CompetenceExpiredOnSessionDate "COMPETENCE_EXPIRED_ON_SESSION_DATE" State {
        resend: Later;
        en: "The leading trainer {trainer} has no competence in the programme's field that holds on {date}.",
            "Ask the trainer's agency to renew it, or the lead agency to name another trainer.";
        id: "Pelatih utama {trainer} tidak memiliki kompetensi di bidang program yang berlaku pada {date}.",
            "Mintalah instansi pelatih memperbarui kompetensinya, atau instansi pelaksana mencantumkan pelatih lain.";
    }
    DuplicateInBatch "DUPLICATE_IN_BATCH" Invalid {
        resend: Corrected;
        en: "The same item stands earlier in the batch, at {index}.",
            "Send it once.";
        id: "Butir yang sama sudah tercantum sebelumnya dalam kiriman, yaitu pada indeks {index}.",
            "Kirimkan satu kali saja.";
    }
    ConflictLost "CONFLICT_LOST" Aborted {
        resend: Same;
        en: "Somebody else stored something that this collides with in the same moment.",
            "Send the same again.";
        id: "Pihak lain menyimpan data yang berbenturan dengan data ini pada saat yang sama.",
            "Kirim kembali permintaan yang sama.";
    }
    // Facilities.
    FacilityExists "FACILITY_EXISTS" Exists {
        resend: Corrected;
        en: "The prison has a facility with this reference.",
            "Choose another reference, or update that facility.";
        id: "Lapas ini sudah memiliki ruang dengan nomor rujukan tersebut.",
            "Pilih nomor rujukan lain, atau perbarui ruang tersebut.";
    }
    FacilityNotAvailable "FACILITY_NOT_AVAILABLE" State {
        resend: Corrected;
        en: "The facility {facility} is unknown, not of the programme's prison, or not in use.",
            "Choose another with facility list.";
        id: "Ruang {facility} tidak dikenal, bukan milik lapas program ini, atau tidak digunakan.",
            "Pilih ruang lain dengan facility list.";
    }
    FacilityConflict "FACILITY_CONFLICT" State {
        resend: Corrected;
        en: "The facility {facility} is taken from {busy_start} to {busy_end}.",
            "Choose another time or another facility.";
        id: "Ruang {facility} sudah terpakai dari {busy_start} sampai dengan {busy_end}.",
            "Pilih waktu lain atau ruang lain.";
    }
    FacilityTooSmall "FACILITY_TOO_SMALL" State {
        resend: Corrected;
        en: "The facility {facility} holds {capacity}, and {confirmed} trainees are confirmed.",
            "Choose a larger one.";
        id: "Ruang {facility} menampung {capacity} orang, sedangkan {confirmed} peserta sudah dikonfirmasi.",
            "Pilih ruang yang lebih besar.";
    }
    FacilityInUse "FACILITY_IN_USE" State {
        resend: Later;
        en: "Sessions ahead hold the facility: {count}.",
            "Give them another room or decline them, then retire it.";
        id: "Ruang ini masih dipakai untuk sesi mendatang, sebanyak {count}.",
            "Pindahkan atau tolak sesi tersebut, lalu hentikan pemakaian ruangnya.";
    }
    // Rosters.
    CapacityBelowConfirmed "CAPACITY_BELOW_CONFIRMED" State {
        resend: Corrected;
        en: "The capacity {capacity} is below the {confirmed} trainees who are confirmed.",
            "Keep it at least there, or withdraw enrolments first.";
        id: "Kapasitas {capacity} kurang dari {confirmed} peserta yang sudah dikonfirmasi.",
            "Pertahankan kapasitas paling sedikit sebanyak itu, atau keluarkan peserta terlebih dahulu.";
    }
    ProgrammePastHalfway "PROGRAMME_PAST_HALFWAY" State {
        resend: Never;
        en: "The session at the programme's half has begun; no more places are filled.",
            "Nominate for the next programme.";
        id: "Sesi yang menandai pertengahan program sudah dimulai; tempat tidak lagi diisi.",
            "Usulkan untuk program berikutnya.";
    }
    RosterFull "ROSTER_FULL" State {
        resend: Later;
        en: "All {capacity} places are taken.",
            "Withdraw an enrolment first, or ask for more places.";
        id: "Semua {capacity} tempat sudah terisi.",
            "Keluarkan satu peserta terlebih dahulu, atau mintalah tambahan tempat.";
    }
    OutOfRank "OUT_OF_RANK" State {
        resend: Corrected;
        en: "Somebody waits who comes earlier in the order: {next} is next.",
            "Promote that one first, or say why not: out_of_rank, on the command line --out-of-rank.";
        id: "Masih ada peserta dengan urutan lebih awal yang menunggu; berikutnya adalah {next}.",
            "Beri tempat kepada peserta tersebut terlebih dahulu, atau sebutkan alasannya: out_of_rank, pada baris perintah --out-of-rank.";
    }
    TraineeDiffers "TRAINEE_DIFFERS" State {
        resend: Corrected;
        en: "The register number belongs to a person whose {fields} differs.",
            "Check the number; if the person has changed, update the trainee first.";
        id: "Nomor register ini milik orang yang datanya berbeda pada {fields}.",
            "Periksa nomornya; apabila datanya memang berubah, perbarui data peserta terlebih dahulu.";
    }
    RegisterNumberInUse "REGISTER_NUMBER_IN_USE" Exists {
        resend: Corrected;
        en: "Another trainee of the prison has this register number.",
            "Check the number; two persons are never merged by themselves.";
        id: "Nomor register ini sudah digunakan peserta lain di lapas ini.",
            "Periksa nomornya; data dua orang tidak pernah digabungkan secara otomatis.";
    }
    NikScientific "NIK_SCIENTIFIC" Invalid {
        resend: Corrected;
        en: "The NIK is written as a spreadsheet writes large numbers, and its last digits are lost.",
            "Make the column a text, and type the 16 digits again.";
        id: "NIK ini tertulis dalam notasi ilmiah lembar kerja sehingga angka terakhirnya hilang.",
            "Ubah kolomnya menjadi teks, lalu ketik kembali 16 angkanya.";
    }
    NikDateUnknown "NIK_DATE_UNKNOWN" Invalid {
        resend: Corrected;
        en: "The NIK holds a birth date that does not exist.",
            "Check digits 7 to 12: day (women plus 40), month, year.";
        id: "NIK ini memuat tanggal lahir yang tidak ada.",
            "Periksa angka ke-7 sampai dengan ke-12: tanggal (untuk perempuan ditambah 40), bulan, tahun.";
    }
    NipDateUnknown "NIP_DATE_UNKNOWN" Invalid {
        resend: Corrected;
        en: "The NIP holds a birth date, a month of appointment or a sex that does not exist.",
            "Check digits 1 to 8 (year, month, day of birth), 9 to 14 (year, month) and 15 (1 or 2).";
        id: "NIP ini memuat tanggal lahir, bulan pengangkatan, atau jenis kelamin yang tidak ada.",
            "Periksa angka ke-1 sampai dengan ke-8 (tahun, bulan, tanggal lahir), ke-9 sampai dengan ke-14 (tahun, bulan), dan ke-15 (1 atau 2).";
    }
    NikMissing "NIK_MISSING" Invalid {
        resend: Corrected;
        en: "A NIP comes with the NIK: agencies that know the person by the NIK alone would not find the person by a NIP.",
            "Give the NIK as well, or no number.";
        id: "NIP harus disertai NIK: instansi yang hanya memiliki NIK orang ini tidak akan menemukannya melalui NIP.",
            "Isikan juga NIK, atau kosongkan keduanya.";
    }
    IdentityCollision "IDENTITY_COLLISION" Warning {
        resend: Nothing;
        en: "The NIK belongs to another register number too.",
            "Find out whether they are one person; nothing is merged.";
        id: "NIK ini juga tercatat pada nomor register lain.",
            "Pastikan apakah keduanya orang yang sama; tidak ada data yang digabungkan.";
    }
    TraineeClash "TRAINEE_CLASH" Warning {
        resend: Nothing;
        en: "The trainee is on the roster of another programme whose sessions overlap.",
            "Check both schedules.";
        id: "Peserta ini tercantum pada program lain yang sesinya bersamaan waktu.",
            "Periksa kedua jadwalnya.";
    }
    // The authority.
    AuthorityExists "AUTHORITY_EXISTS" Exists {
        resend: Never;
        en: "This database has its authority already: {name}.",
            "An authority is founded once; a lost administrator is replaced by gerbang ca admit.";
        id: "Basis data ini sudah memiliki otoritas: {name}.",
            "Otoritas hanya didirikan satu kali; administrator yang hilang diganti dengan gerbang ca admit.";
    }
    CeremonyDiffers "CEREMONY_DIFFERS" State {
        resend: Corrected;
        en: "The ceremony file says {said} as {field}; the authority of this database was founded with {known}.",
            "Take the file by which this authority was founded: --ceremony FILE.";
        id: "Berkas upacara menyebut {said} sebagai {field}; otoritas pada basis data ini didirikan dengan {known}.",
            "Pakailah berkas yang dipakai saat otoritas ini didirikan: --ceremony BERKAS.";
    }
    AuthorityUnknown "AUTHORITY_UNKNOWN" State {
        resend: Corrected;
        en: "The certificate is not that of this database's root.",
            "Bring the root's certificate and key, or found an authority by gerbang ca init.";
        id: "Sertifikat ini bukan sertifikat akar dari basis data ini.",
            "Gunakan sertifikat dan kunci akarnya, atau dirikan otoritas dengan gerbang ca init.";
    }
    KeyInUse "KEY_IN_USE" Exists {
        resend: Corrected;
        en: "The key is in the certificate of another system of the agency.",
            "Make a key for each: who holds the keys of two administrators could approve alone.";
        id: "Kunci ini terdapat dalam sertifikat sistem lain milik instansi ini.",
            "Buatlah kunci tersendiri untuk setiap sistem: pemegang kunci dua administrator dapat memberikan persetujuan sendirian.";
    }
    // The gateway itself.
    Overloaded "OVERLOADED" Exhausted {
        resend: Same;
        en: "Too many calls in a short time, or too many under way at once; this one was not begun.",
            "Wait a few seconds, then send the same again.";
        id: "Terlalu banyak panggilan dalam waktu singkat atau secara bersamaan; panggilan ini belum dimulai.",
            "Tunggu beberapa detik, lalu kirim kembali permintaan yang sama.";
    }
    DeadlinePassed "DEADLINE_PASSED" Deadline {
        resend: Same;
        en: "The time that the call had is over; whether it was stored is not known.",
            "Send the same again with the same request_id.";
        id: "Batas waktu panggilan ini habis; tidak diketahui apakah datanya tersimpan.",
            "Kirim kembali permintaan yang sama dengan request_id yang sama.";
    }
    NotStoredInTime "NOT_STORED_IN_TIME" Deadline {
        resend: Same;
        en: "The time that the call had is over, and nothing was stored.",
            "Send the same again and grant it more time; if it stays so, tell the operator.";
        id: "Batas waktu panggilan ini habis, dan tidak ada data yang tersimpan.",
            "Kirim kembali permintaan yang sama dengan batas waktu yang lebih lama; apabila tetap demikian, beri tahu operator.";
    }
    DatabaseAway "DATABASE_AWAY" Unavailable {
        resend: Same;
        en: "The gateway cannot reach its database.",
            "Send the same again in a few seconds, with the same request_id.";
        id: "Gerbang tidak dapat menghubungi basis datanya.",
            "Kirim kembali permintaan yang sama beberapa detik kemudian dengan request_id yang sama.";
    }
    GatewayStopping "GATEWAY_STOPPING" Unavailable {
        resend: Same;
        en: "The gateway stops, and ends its streams. Nothing is lost.",
            "Open the stream again in a few seconds: to follow changes, with the cursor of what you have dealt with; to push, with what was not answered and its request_ids.";
        id: "Gerbang sedang dihentikan sehingga aliran ini diakhiri. Tidak ada data yang hilang.",
            "Buka kembali aliran beberapa detik kemudian: untuk memantau perubahan, dengan kursor dari perubahan terakhir yang telah diproses; untuk mengirim jadwal, dengan bagian yang belum dijawab dan request_id-nya.";
    }
    SeriesIdle "SERIES_IDLE" Deadline {
        resend: Same;
        en: "No whole push came over the stream in the time that a call has, and it was ended. What was answered is stored.",
            "Open another one for what was not answered, with its request_ids; where the line is slow, in smaller parts.";
        id: "Tidak ada kiriman utuh melalui aliran ini dalam batas waktu sebuah panggilan sehingga aliran diakhiri. Kiriman yang telah dijawab sudah tersimpan.",
            "Buka aliran baru untuk bagian yang belum dijawab, dengan request_id-nya; apabila jaringan lambat, dalam bagian yang lebih kecil.";
    }
    DatabaseImpaired "DATABASE_IMPAIRED" Unavailable {
        resend: Same;
        en: "The database cannot do this now ({cause}), and nothing was stored; reading may work all the same.",
            "Send the same again in a few seconds, with the same request_id; if it stays so, tell the operator.";
        id: "Basis data saat ini tidak dapat melakukannya ({cause}), dan tidak ada data yang tersimpan; pembacaan mungkin tetap dapat dilakukan.",
            "Kirim kembali permintaan yang sama beberapa detik kemudian dengan request_id yang sama; apabila tetap demikian, beri tahu operator.";
    }
    VaultKeyMissing "VAULT_KEY_MISSING" Unavailable {
        resend: Same;
        en: "This gateway's key file lacks the key {purpose} {version}, which is in use.",
            "Send the same again in a few seconds; if it stays so, tell the operator to copy vault.toml.";
        id: "Berkas kunci gateway ini tidak memuat kunci {purpose} {version} yang sedang digunakan.",
            "Kirim kembali permintaan yang sama beberapa detik kemudian; apabila tetap demikian, mintalah operator menyalin vault.toml.";
    }
    InternalError "INTERNAL_ERROR" Internal {
        resend: Never;
        en: "Something went wrong inside the gateway.",
            "Tell the operator the number {correlation}.";
        id: "Terjadi kesalahan di dalam Gerbang.",
            "Sampaikan nomor {correlation} kepada operator.";
    }
}
