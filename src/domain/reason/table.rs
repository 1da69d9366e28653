//! The table itself, in the order of the errors page: code, kind, and both texts.

use super::{Kind, Language};

reasons! {
    // The request itself.
    FieldsInvalid "FIELDS_INVALID" Invalid {
        en: "Some fields of the request are wrong.",
            "Correct each field that is named, then send again.";
        id: "Beberapa isian permintaan keliru.",
            "Perbaiki setiap isian yang disebut, lalu kirim lagi.";
    }
    FieldRequired "FIELD_REQUIRED" Invalid {
        en: "The field is empty.",
            "Fill it in.";
        id: "Isian ini kosong.",
            "Isilah.";
    }
    FieldTooLong "FIELD_TOO_LONG" Invalid {
        en: "The text has {length} characters; at most {max} are allowed.",
            "Shorten it.";
        id: "Teks ini {length} karakter; paling banyak {max}.",
            "Persingkatlah.";
    }
    FieldOutOfRange "FIELD_OUT_OF_RANGE" Invalid {
        en: "The number is outside {min} to {max}.",
            "Choose one within.";
        id: "Angka ini di luar {min} sampai {max}.",
            "Pilih angka di dalamnya.";
    }
    FieldUnknownValue "FIELD_UNKNOWN_VALUE" Invalid {
        en: "The value is none of those that the contract lists.",
            "Take one from the contract.";
        id: "Nilai ini tidak ada dalam kontrak.",
            "Pakailah nilai dari kontrak.";
    }
    FieldFormat "FIELD_FORMAT" Invalid {
        en: "The value is not of the form {expected}.",
            "Write it so.";
        id: "Nilai ini tidak berbentuk {expected}.",
            "Tulislah demikian.";
    }
    ForbiddenCharacter "FORBIDDEN_CHARACTER" Invalid {
        en: "The text holds {character}, a character that cannot be seen or that hides others.",
            "Remove it.";
        id: "Teks ini memuat {character}, karakter yang tidak terlihat atau menyamarkan yang lain.",
            "Hapuslah.";
    }
    ForbiddenWord "FORBIDDEN_WORD" Invalid {
        en: "The text holds a word that may say why somebody is in prison.",
            "Leave cases, offences, sentences and articles of law out; what a course needs is enough.";
        id: "Teks ini memuat kata yang dapat mengungkap mengapa seseorang dipenjara.",
            "Hilangkan perkara, pelanggaran, hukuman, dan pasal; cukup yang diperlukan pelatihan.";
    }
    ItemsTooFew "ITEMS_TOO_FEW" Invalid {
        en: "There are {count} items; at least {min} are needed.",
            "Add some.";
        id: "Ada {count} butir; paling sedikit {min}.",
            "Tambahkan.";
    }
    ItemsTooMany "ITEMS_TOO_MANY" Invalid {
        en: "There are {count} items; at most {max} are allowed.",
            "Split them over several calls.";
        id: "Ada {count} butir; paling banyak {max}.",
            "Bagilah ke beberapa permintaan.";
    }
    DuplicateItem "DUPLICATE_ITEM" Invalid {
        en: "The same item stands here twice.",
            "Remove one.";
        id: "Butir yang sama tertulis dua kali.",
            "Hapus salah satunya.";
    }
    NameInvalid "NAME_INVALID" Invalid {
        en: "The name is not of the form {expected}.",
            "Write it so; codes are lower case.";
        id: "Nama ini tidak berbentuk {expected}.",
            "Tulislah demikian; kode memakai huruf kecil.";
    }
    NameOfOtherAgency "NAME_OF_OTHER_AGENCY" Denied {
        en: "The name stands under another agency than the caller's, {agency}.",
            "Use names under your own code.";
        id: "Nama ini milik instansi lain, bukan instansi pemanggil, {agency}.",
            "Pakailah nama di bawah kode instansi Anda.";
    }
    DateInvalid "DATE_INVALID" Invalid {
        en: "The date is not a day of the calendar in the form YYYY-MM-DD, years 2000 to 2199.",
            "Write it as 2026-03-02.";
        id: "Tanggal ini bukan hari kalender berbentuk YYYY-MM-DD, tahun 2000 sampai 2199.",
            "Tulislah seperti 2026-03-02.";
    }
    ZoneUnknown "ZONE_UNKNOWN" Invalid {
        en: "The time zone is no place of the IANA list, nor UTC.",
            "Use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).";
        id: "Zona waktu ini bukan nama tempat dalam daftar IANA, juga bukan UTC.",
            "Pakailah Asia/Jakarta (WIB), Asia/Makassar (WITA) atau Asia/Jayapura (WIT).";
    }
    TimeOutOfRange "TIME_OUT_OF_RANGE" Invalid {
        en: "The time is outside the years 2000 to 2199.",
            "Check the year.";
        id: "Waktu ini di luar tahun 2000 sampai 2199.",
            "Periksa tahunnya.";
    }
    TimeFraction "TIME_FRACTION" Invalid {
        en: "The time has fractions of a second.",
            "Send whole seconds.";
        id: "Waktu ini memuat pecahan detik.",
            "Kirimlah detik yang utuh.";
    }
    TimeWithoutOffset "TIME_WITHOUT_OFFSET" Invalid {
        en: "The time says nothing of its zone.",
            "Add the offset, as in 2026-03-02T08:00:00+07:00.";
        id: "Waktu ini tidak menyebut zonanya.",
            "Tambahkan selisih zona, seperti 2026-03-02T08:00:00+07:00.";
    }
    TimeRangeReversed "TIME_RANGE_REVERSED" Invalid {
        en: "The range ends before it starts.",
            "Exchange start and end.";
        id: "Rentang ini berakhir sebelum mulai.",
            "Tukarlah awal dan akhirnya.";
    }
    RequestIdInvalid "REQUEST_ID_INVALID" Invalid {
        en: "The request_id is not a UUID that somebody drew.",
            "Make a new UUID for every new request, and keep it when you send the same again.";
        id: "request_id ini bukan UUID yang dibuat acak.",
            "Buatlah UUID baru untuk setiap permintaan baru, dan pakai yang sama bila mengirim ulang.";
    }
    RequestIdReused "REQUEST_ID_REUSED" Exists {
        en: "The request_id was used before, for another request.",
            "Make a new UUID for every new request.";
        id: "request_id ini sudah dipakai untuk permintaan lain.",
            "Buatlah UUID baru untuk setiap permintaan baru.";
    }
    PageTokenInvalid "PAGE_TOKEN_INVALID" Invalid {
        en: "The page_token is not from this list with these filters and this caller.",
            "Begin again without page_token.";
        id: "page_token ini bukan dari daftar dengan saringan dan pemanggil ini.",
            "Mulailah lagi tanpa page_token.";
    }
    BatchTooLarge "BATCH_TOO_LARGE" Invalid {
        en: "The batch has {count} items; at most {max} are allowed.",
            "Split it into several calls.";
        id: "Kiriman ini {count} butir; paling banyak {max}.",
            "Bagilah menjadi beberapa permintaan.";
    }
    MessageTooLarge "MESSAGE_TOO_LARGE" Exhausted {
        en: "The message is larger than the {max_bytes} bytes that this service takes.",
            "Split it into several calls.";
        id: "Pesan ini lebih besar dari {max_bytes} bita yang diterima layanan ini.",
            "Bagilah menjadi beberapa permintaan.";
    }
    MessageUnreadable "MESSAGE_UNREADABLE" Invalid {
        en: "The message is not of the type that the method takes.",
            "Check the client against the contract: gerbang contract export.";
        id: "Pesan ini bukan jenis yang diterima metode tersebut.",
            "Cocokkan klien dengan kontrak: gerbang contract export.";
    }
    MethodUnknown "METHOD_UNKNOWN" Unimplemented {
        en: "There is no such method.",
            "Check the client against the contract: gerbang contract export.";
        id: "Metode ini tidak ada.",
            "Cocokkan klien dengan kontrak: gerbang contract export.";
    }
    CompressionUnsupported "COMPRESSION_UNSUPPORTED" Unimplemented {
        en: "The message is compressed, which the gateway does not read.",
            "Send messages uncompressed (grpc-encoding: identity).";
        id: "Pesan ini dimampatkan, dan gerbang tidak membacanya.",
            "Kirimlah pesan tanpa kompresi (grpc-encoding: identity).";
    }
    // Who calls.
    CertificateWithoutIdentity "CERTIFICATE_WITHOUT_IDENTITY" Unauthenticated {
        en: "The client certificate does not carry exactly one identity, a URI SAN spiffe://(trust domain)/agency/(code)/(system).",
            "Ask the administrator for a certificate made for this system.";
        id: "Sertifikat klien tidak memuat tepat satu identitas, URI SAN spiffe://(domain kepercayaan)/agency/(kode)/(sistem).",
            "Mintalah kepada administrator sertifikat untuk sistem ini.";
    }
    TrustDomainForeign "TRUST_DOMAIN_FOREIGN" Unauthenticated {
        en: "The client certificate is of another trust domain.",
            "Use the certificate that this gateway's administrator issued.";
        id: "Sertifikat klien berasal dari domain kepercayaan lain.",
            "Pakailah sertifikat dari administrator gerbang ini.";
    }
    CertificateNotRegistered "CERTIFICATE_NOT_REGISTERED" Unauthenticated {
        en: "The client certificate is not in the gateway's inventory, or is no longer valid.",
            "Ask the administrator for an invitation.";
        id: "Sertifikat klien tidak ada dalam daftar gerbang, atau tidak berlaku lagi.",
            "Mintalah undangan kepada administrator.";
    }
    AgencySuspended "AGENCY_SUSPENDED" Denied {
        en: "The agency {agency} is suspended.",
            "Ask the administrator why.";
        id: "Instansi {agency} sedang dihentikan sementara.",
            "Tanyakan alasannya kepada administrator.";
    }
    RoleNotAllowed "ROLE_NOT_ALLOWED" Denied {
        en: "A system with the role {role} may not call this method.",
            "See whoami for what it may call.";
        id: "Sistem dengan peran {role} tidak boleh memanggil metode ini.",
            "Lihat whoami untuk yang boleh dipanggil.";
    }
    RelationNotAllowed "RELATION_NOT_ALLOWED" Denied {
        en: "The caller's agency sees this, and it is not the caller's to do.",
            "Ask the agency whose turn it is: {allowed}.";
        id: "Instansi pemanggil dapat melihat ini, tetapi tidak berhak melakukannya.",
            "Mintalah kepada instansi yang berhak: {allowed}.";
    }
    // Any resource.
    NotFound "NOT_FOUND" NotFound {
        en: "There is no {resource} of this name, or the caller may not see it.",
            "Check the name with the list command.";
        id: "Tidak ada {resource} dengan nama ini, atau pemanggil tidak boleh melihatnya.",
            "Periksa namanya dengan perintah list.";
    }
    EtagMismatch "ETAG_MISMATCH" Aborted {
        en: "It has changed since it was read.",
            "Read it again, look at what changed, then send with the new etag.";
        id: "Data ini telah berubah sejak dibaca.",
            "Bacalah lagi, lihat perubahannya, lalu kirim dengan etag baru.";
    }
    StateForbids "STATE_FORBIDS" State {
        en: "In the state {state} this cannot be done.",
            "Allowed is: {allowed}.";
        id: "Dalam keadaan {state} hal ini tidak dapat dilakukan.",
            "Yang boleh: {allowed}.";
    }
    // Agencies.
    AgencyExists "AGENCY_EXISTS" Exists {
        en: "The code {agency} is taken; codes are for ever.",
            "Choose another code, or update that agency.";
        id: "Kode {agency} sudah dipakai; kode berlaku selamanya.",
            "Pilih kode lain, atau ubah instansi tersebut.";
    }
    AgencyUnknown "AGENCY_UNKNOWN" State {
        en: "There is no agency {agency}.",
            "Check the code with agency list.";
        id: "Tidak ada instansi {agency}.",
            "Periksa kodenya dengan agency list.";
    }
    OwnAgencySuspension "OWN_AGENCY_SUSPENSION" State {
        en: "An administrator cannot suspend the agency that it belongs to.",
            "Ask another operator.";
        id: "Administrator tidak dapat menghentikan instansinya sendiri.",
            "Mintalah kepada operator lain.";
    }
    SystemExists "SYSTEM_EXISTS" Exists {
        en: "The agency has a system of this name.",
            "Choose another name, or update that system.";
        id: "Instansi ini sudah memiliki sistem dengan nama tersebut.",
            "Pilih nama lain, atau ubah sistem tersebut.";
    }
    RoleNotOfAgency "ROLE_NOT_OF_AGENCY" State {
        en: "An agency of the kind {kind} cannot have a system with the role {role}.",
            "PRISON and DOOR go with prisons, ADMINISTRATOR with operators, OVERSIGHT with supervising offices, PARTNER with the rest.";
        id: "Instansi berjenis {kind} tidak dapat memiliki sistem dengan peran {role}.",
            "PRISON dan DOOR untuk lapas, ADMINISTRATOR untuk operator, OVERSIGHT untuk kantor pengawas, PARTNER untuk selainnya.";
    }
    CertificateUnfit "CERTIFICATE_UNFIT" Invalid {
        en: "The certificate cannot be used: {why}.",
            "Ask the administrator for an invitation to a new one.";
        id: "Sertifikat ini tidak dapat dipakai: {why}.",
            "Mintalah undangan untuk yang baru kepada administrator.";
    }
    PastNameChanged "PAST_NAME_CHANGED" State {
        en: "The name that holds since {from} would be dropped or changed; what an agency was called is history.",
            "Leave that entry as it is and add another: gerbang agency rename CODE NAME --from DAY.";
        id: "Nama yang berlaku sejak {from} akan dihapus atau diubah; nama yang pernah dipakai instansi harus tetap tercatat.",
            "Biarkan entri itu dan tambahkan yang baru: gerbang agency rename KODE NAMA --from HARI.";
    }
    NoNameToday "NO_NAME_TODAY" State {
        en: "No name of the agency holds today, on {day}.",
            "Add one that holds from that day or an earlier one.";
        id: "Tidak ada nama instansi yang berlaku hari ini, {day}.",
            "Tambahkan nama yang berlaku sejak hari itu atau sebelumnya.";
    }
    SystemRetired "SYSTEM_RETIRED" State {
        en: "The system was retired for good, and its name is not used again.",
            "Register a system of another name.";
        id: "Sistem ini telah dihentikan untuk seterusnya, dan namanya tidak dipakai lagi.",
            "Daftarkan sistem dengan nama lain.";
    }
    SystemNotApproved "SYSTEM_NOT_APPROVED" State {
        en: "The system has no role yet: another administrator has to approve it.",
            "Ask for gerbang agency approve-system.";
        id: "Sistem ini belum memiliki peran: administrator lain harus menyetujuinya.",
            "Mintalah gerbang agency approve-system.";
    }
    ApprovedByYou "APPROVED_BY_YOU" Denied {
        en: "Two administrators are needed, and you are the one who asked or has signed.",
            "Ask another administrator.";
        id: "Diperlukan dua administrator, dan Andalah yang meminta atau telah menandatangani.",
            "Mintalah administrator lain.";
    }
    // Certificates.
    CertificateRevoked "CERTIFICATE_REVOKED" Unauthenticated {
        en: "The client certificate was revoked.",
            "Ask the administrator why, and for an invitation to a new one.";
        id: "Sertifikat klien ini telah dicabut.",
            "Tanyakan alasannya kepada administrator, dan mintalah undangan untuk yang baru.";
    }
    CertificateSuperseded "CERTIFICATE_SUPERSEDED" Unauthenticated {
        en: "The client certificate was renewed, and its 14 days beside the new one are over.",
            "Use the new certificate; if it is lost, ask the administrator for an invitation.";
        id: "Sertifikat klien ini telah diperbarui, dan 14 hari bersama penggantinya telah lewat.",
            "Pakailah sertifikat yang baru; jika hilang, mintalah undangan kepada administrator.";
    }
    RoleNotCertified "ROLE_NOT_CERTIFIED" Unauthenticated {
        en: "The registry gives this system the role {role}, and its certificate was signed for the role {certified}.",
            "Ask the administrator for a certificate of the new role; who did not change the role tells the operator at once.";
        id: "Dalam registrasi sistem ini berperan {role}, sedangkan sertifikatnya ditandatangani untuk peran {certified}.",
            "Mintalah sertifikat untuk peran baru kepada administrator; jika peran tidak Anda ubah, segera laporkan kepada operator.";
    }
    CertificateExpired "CERTIFICATE_EXPIRED" Unauthenticated {
        en: "The client certificate is outside its time of validity.",
            "Check the clock, or ask the administrator for an invitation to a new one.";
        id: "Sertifikat klien ini di luar masa berlakunya.",
            "Periksalah jam, atau mintalah undangan untuk yang baru kepada administrator.";
    }
    StatementInvalid "STATEMENT_INVALID" Invalid {
        en: "The signed statement cannot be taken: {why}.",
            "Sign anew with the key of the certificate that makes the call.";
        id: "Pernyataan yang ditandatangani tidak dapat diterima: {why}.",
            "Tandatangani lagi dengan kunci sertifikat yang melakukan panggilan.";
    }
    LifetimeTooLong "LIFETIME_TOO_LONG" Invalid {
        en: "A certificate cannot be valid for {days} days; 1 to {max} are possible.",
            "Ask for fewer days.";
        id: "Sertifikat tidak dapat berlaku {days} hari; yang mungkin 1 sampai {max}.",
            "Mintalah lebih sedikit hari.";
    }
    AuthorityEndsFirst "AUTHORITY_ENDS_FIRST" State {
        en: "The issuing authority ends before the certificate would.",
            "Ask for fewer days, or found a new authority: certs/README.md.";
        id: "Otoritas penerbit berakhir sebelum sertifikat ini.",
            "Mintalah lebih sedikit hari, atau dirikan otoritas baru: certs/README.md.";
    }
    TokenExists "TOKEN_EXISTS" Exists {
        en: "There is an invitation with this token already.",
            "Draw a new token.";
        id: "Sudah ada undangan dengan token ini.",
            "Buatlah token baru.";
    }
    TokenUnknown "TOKEN_UNKNOWN" Unauthenticated {
        en: "The gateway knows no such token.",
            "Check that it was copied whole, or ask the administrator for a new one.";
        id: "Gerbang tidak mengenal token ini.",
            "Periksa apakah tersalin utuh, atau mintalah yang baru kepada administrator.";
    }
    TokenExpired "TOKEN_EXPIRED" Unauthenticated {
        en: "The token has expired.",
            "Ask the administrator for a new one.";
        id: "Token ini telah kedaluwarsa.",
            "Mintalah yang baru kepada administrator.";
    }
    TokenCancelled "TOKEN_CANCELLED" Unauthenticated {
        en: "The token was cancelled.",
            "Ask the administrator why, and for a new one.";
        id: "Token ini telah dibatalkan.",
            "Tanyakan alasannya kepada administrator, dan mintalah yang baru.";
    }
    TokenAlreadyUsed "TOKEN_ALREADY_USED" Unauthenticated {
        en: "The token was used already, with another key or too long ago.",
            "If it was not you, tell the administrator at once; else ask for a new one.";
        id: "Token ini sudah dipakai, dengan kunci lain atau terlalu lama.",
            "Jika bukan Anda, segera beri tahu administrator; jika ya, mintalah yang baru.";
    }
    RoleTakesTwo "ROLE_TAKES_TWO" State {
        en: "Two administrators let a system with the role {role} in, and a token names no key that both could sign for.",
            "Make a request on the system's machine (gerbang cert request); both administrators approve it: gerbang cert \
             approve.";
        id: "Sistem dengan peran {role} diizinkan masuk oleh dua administrator, sedangkan token tidak menyebut kunci yang \
             dapat ditandatangani keduanya.",
            "Buatlah permohonan di mesin sistem itu (gerbang cert request); kedua administrator menyetujuinya: gerbang cert \
             approve.";
    }
    OrdersTooMany "ORDERS_TOO_MANY" Exhausted {
        en: "Your system has {max} open requests for certificates of this system.",
            "Wait until some are answered, or ask the administrator to reject what nobody needs.";
        id: "Sistem Anda memiliki {max} permohonan sertifikat untuk sistem ini yang belum dijawab.",
            "Tunggulah jawabannya, atau mintalah administrator menolak yang tidak diperlukan.";
    }
    CertificateOrderRejected "CERTIFICATE_ORDER_REJECTED" State {
        en: "The request for a certificate was turned down: {why}.",
            "See gerbang cert requests, and ask the administrator.";
        id: "Permohonan sertifikat ini ditolak: {why}.",
            "Lihat gerbang cert requests, dan tanyakan kepada administrator.";
    }
    AlreadyRenewed "ALREADY_RENEWED" State {
        en: "The certificate was renewed already, with another key.",
            "If it was not you, revoke it at once for key-compromise; else use the new certificate.";
        id: "Sertifikat ini sudah diperbarui, dengan kunci lain.",
            "Jika bukan Anda, segera cabut dengan alasan key-compromise; jika ya, pakailah yang baru.";
    }
    AdministratorsTooFew "ADMINISTRATORS_TOO_FEW" State {
        en: "That would leave {left} administrators with a valid certificate; two are needed to let anybody in.",
            "Let another administrator in first, or revoke with --break-glass.";
        id: "Akan tersisa {left} administrator dengan sertifikat yang berlaku; diperlukan dua untuk menerima siapa pun.",
            "Terimalah administrator lain dahulu, atau cabut dengan --break-glass.";
    }
    LockHeld "LOCK_HELD" Unavailable {
        en: "Session {pid} of the database (role {role}, program {program}) holds a lock that is needed: of the count of administrators, or of what a suspended agency's agreements hold.",
            "Send again; if it stays, end that session as the database's superuser: SELECT pg_terminate_backend({pid}). A revocation may say --break-glass, which counts no administrators; one of an agency's certificates waits for nobody.";
        id: "Sesi {pid} pada basis data (peran {role}, program {program}) memegang kunci yang diperlukan: untuk menghitung administrator, atau untuk apa yang dipegang perjanjian instansi yang ditangguhkan.",
            "Kirim lagi; jika tetap demikian, akhiri sesi itu sebagai superuser basis data: SELECT pg_terminate_backend({pid}). Pencabutan dapat memakai --break-glass, yang tidak menghitung administrator; pencabutan sertifikat suatu instansi tidak menunggu siapa pun.";
    }
    ApprovalsInvalid "APPROVALS_INVALID" State {
        en: "The signer does not find the signatures that are needed: {why}.",
            "Ask administrators whose own certificates are valid to sign anew.";
        id: "Penanda tangan tidak menemukan tanda tangan yang diperlukan: {why}.",
            "Mintalah administrator dengan sertifikat yang berlaku menandatangani lagi.";
    }
    RenewedTooOften "RENEWED_TOO_OFTEN" State {
        en: "The system's certificate was renewed {max} times within a day.",
            "Stop its renewal, look at the clock of its machine, and try again tomorrow.";
        id: "Sertifikat sistem ini sudah diperbarui {max} kali dalam sehari.",
            "Hentikan pembaruannya, periksa jam mesinnya, dan coba lagi besok.";
    }
    HostNotAllowed "HOST_NOT_ALLOWED" State {
        en: "The signer's configuration has no gateway of the name {host}.",
            "Add it there, or correct the gateway's configuration.";
        id: "Konfigurasi penanda tangan tidak memuat gerbang bernama {host}.",
            "Tambahkan di sana, atau perbaiki konfigurasi gerbang.";
    }
    LintFailed "LINT_FAILED" State {
        en: "What would be signed does not say what it should.",
            "This is a defect of the signer; see its log.";
        id: "Yang akan ditandatangani tidak menyatakan yang seharusnya.",
            "Ini cacat penanda tangan; lihat catatannya.";
    }
    // What needs attention.
    AdministratorsFew "ADMINISTRATORS_FEW" Warning {
        en: "Only {count} administrators have a certificate that lasts 30 days more; two are needed to let anybody in.",
            "Renew, or let another administrator in.";
        id: "Hanya {count} administrator memiliki sertifikat untuk 30 hari ke depan; diperlukan dua untuk menerima siapa pun.",
            "Perbarui, atau terimalah administrator lain.";
    }
    SignerAway "SIGNER_AWAY" Warning {
        en: "The signer has not been at work since {since}.",
            "Start gerbang signer; revocations hold without it, new certificates and lists wait.";
        id: "Penanda tangan tidak bekerja sejak {since}.",
            "Jalankan gerbang signer; pencabutan tetap berlaku, sertifikat dan daftar baru menunggu.";
    }
    CrlStale "CRL_STALE" Warning {
        en: "The revocation list of {authority} is past half of its life.",
            "See that the signer runs; the root's list comes from a ceremony.";
        id: "Daftar pencabutan {authority} sudah melewati separuh masanya.",
            "Pastikan penanda tangan berjalan; daftar akar berasal dari upacara.";
    }
    // Certificate requests.
    CsrUnreadable "CSR_UNREADABLE" Invalid {
        en: "The certificate request cannot be read: {why}.",
            "Make one PKCS#10 request with openssl, keytool or certreq, and send that alone.";
        id: "Permintaan sertifikat ini tidak dapat dibaca: {why}.",
            "Buatlah satu permintaan PKCS#10 dengan openssl, keytool, atau certreq, dan kirimlah itu saja.";
    }
    CsrTooLarge "CSR_TOO_LARGE" Invalid {
        en: "The certificate request has more than {max_bytes} bytes.",
            "Send the request alone; everything in it but the key is ignored.";
        id: "Permintaan sertifikat ini lebih dari {max_bytes} byte.",
            "Kirimlah permintaannya saja; semua isinya selain kunci diabaikan.";
    }
    CsrSignatureInvalid "CSR_SIGNATURE_INVALID" Invalid {
        en: "The signature of the certificate request is not by its own key over these bytes.",
            "Make the request anew with the private key that belongs to it, and do not edit it afterwards.";
        id: "Tanda tangan permintaan sertifikat ini bukan dari kuncinya sendiri atas isi ini.",
            "Buatlah ulang dengan kunci privat yang sesuai, dan jangan menyuntingnya setelah itu.";
    }
    KeyAlgorithmRefused "KEY_ALGORITHM_REFUSED" Invalid {
        en: "The request's key is of a kind that is not taken: {why}.",
            "Make a new key, P-256 or Ed25519, and a request with it.";
        id: "Kunci permintaan ini dari jenis yang tidak diterima: {why}.",
            "Buatlah kunci baru, P-256 atau Ed25519, lalu permintaan dengannya.";
    }
    SignatureAlgorithmRefused "SIGNATURE_ALGORITHM_REFUSED" Invalid {
        en: "The signature of the certificate request is of a kind that is not taken: {why}.",
            "Sign with SHA-256 when the key is P-256; Ed25519 has one kind of signature only.";
        id: "Tanda tangan permintaan sertifikat ini dari jenis yang tidak diterima: {why}.",
            "Tandatangani dengan SHA-256 bila kuncinya P-256; Ed25519 hanya punya satu jenis tanda tangan.";
    }
    KeyEncodingRefused "KEY_ENCODING_REFUSED" Invalid {
        en: "The request's key is not written as it must be: {why}.",
            "Make the request anew with a named curve and an uncompressed point, as the tools do by themselves.";
        id: "Kunci permintaan ini tidak ditulis sebagaimana mestinya: {why}.",
            "Buatlah ulang dengan kurva bernama dan titik tanpa kompresi, seperti bawaan alatnya.";
    }
    KeyWeak "KEY_WEAK" Invalid {
        en: "Others can sign with the request's key too: {why}.",
            "Make a new key on the machine that will use it.";
        id: "Pihak lain juga dapat menandatangani dengan kunci permintaan ini: {why}.",
            "Buatlah kunci baru di mesin yang akan memakainya.";
    }
    KeyBlocked "KEY_BLOCKED" Denied {
        en: "The key was in a certificate that was revoked as compromised, and stays blocked for ever.",
            "Make a new key; another request with this one will be refused as well.";
        id: "Kunci ini ada dalam sertifikat yang dicabut karena bocor, dan diblokir selamanya.",
            "Buatlah kunci baru; permintaan lain dengan kunci ini juga akan ditolak.";
    }
    KeyOfOtherAgency "KEY_OF_OTHER_AGENCY" Denied {
        en: "The key is in a certificate of another agency.",
            "Make a key of your own; if nobody shared this one on purpose, tell the administrator.";
        id: "Kunci ini ada dalam sertifikat instansi lain.",
            "Buatlah kunci sendiri; bila tidak ada yang sengaja membagikannya, beri tahu administrator.";
    }
    KeyOfAuthority "KEY_OF_AUTHORITY" Denied {
        en: "The key is that of a certificate authority or of the gateway itself.",
            "Make a key of your own.";
        id: "Kunci ini milik otoritas sertifikat atau gerbang sendiri.",
            "Buatlah kunci sendiri.";
    }
    // Agreements.
    AgreementExists "AGREEMENT_EXISTS" Exists {
        en: "The agency has an agreement with this reference.",
            "Choose another reference, or update that draft.";
        id: "Instansi ini sudah memiliki perjanjian dengan rujukan tersebut.",
            "Pilih rujukan lain, atau ubah konsep itu.";
    }
    AgreementUnknown "AGREEMENT_UNKNOWN" State {
        en: "There is no such agreement, or the caller's agency is not a party of it.",
            "Check the name with agreement list.";
        id: "Perjanjian itu tidak ada, atau instansi pemanggil bukan pihaknya.",
            "Periksa namanya dengan agreement list.";
    }
    AgreementWithoutPrison "AGREEMENT_WITHOUT_PRISON" State {
        en: "The parties do not include exactly one prison.",
            "Name one.";
        id: "Pihak-pihaknya tidak memuat tepat satu lapas.",
            "Sebutkan satu lapas.";
    }
    AgreementPartiesTooFew "AGREEMENT_PARTIES_TOO_FEW" Invalid {
        en: "An agreement of this kind needs at least {min} parties.",
            "Name the others; an SK may have one.";
        id: "Perjanjian jenis ini memerlukan paling sedikit {min} pihak.",
            "Sebutkan yang lain; SK boleh satu pihak.";
    }
    AgreementSingleParty "AGREEMENT_SINGLE_PARTY" State {
        en: "An SK of one party opens no gate.",
            "Make an MOU or a PKS with the other agency.";
        id: "SK satu pihak tidak membuka gerbang.",
            "Buatlah MOU atau PKS dengan instansi lain.";
    }
    PartyMissing "PARTY_MISSING" Invalid {
        en: "The caller's agency, {agency}, is not among the parties.",
            "Add it.";
        id: "Instansi pemanggil, {agency}, tidak ada di antara para pihak.",
            "Tambahkan.";
    }
    TermRequired "TERM_REQUIRED" Invalid {
        en: "An MOU or a PKS needs an end.",
            "Give term_months or effective_until.";
        id: "MOU atau PKS memerlukan akhir masa.",
            "Isikan term_months atau effective_until.";
    }
    TermReversed "TERM_REVERSED" Invalid {
        en: "The last day comes before the first.",
            "Check both days.";
        id: "Hari terakhir mendahului hari pertama.",
            "Periksa kedua tanggal.";
    }
    DurationClassMismatch "DURATION_CLASS_MISMATCH" Invalid {
        en: "The class {declared} does not fit the term; permitted: {permitted}.",
            "Declare a permitted class, or none.";
        id: "Golongan {declared} tidak sesuai masa berlaku; yang boleh: {permitted}.",
            "Nyatakan golongan yang boleh, atau kosongkan.";
    }
    FieldLabelMissing "FIELD_LABEL_MISSING" Invalid {
        en: "The field OTHER needs a label.",
            "Write the field's name, as Kelautan dan Perikanan.";
        id: "Bidang OTHER memerlukan label.",
            "Tulislah nama bidangnya, seperti Kelautan dan Perikanan.";
    }
    FieldLabelForbidden "FIELD_LABEL_FORBIDDEN" Invalid {
        en: "Only the field OTHER takes a label.",
            "Remove the label, or choose OTHER.";
        id: "Hanya bidang OTHER yang memakai label.",
            "Hapus labelnya, atau pilih OTHER.";
    }
    AgreementIncomplete "AGREEMENT_INCOMPLETE" State {
        en: "The draft is not complete: {missing}.",
            "Update the draft, then propose it.";
        id: "Konsep belum lengkap: {missing}.",
            "Lengkapi konsepnya, lalu usulkan.";
    }
    AgreementTermOver "AGREEMENT_TERM_OVER" State {
        en: "The term is over already.",
            "Make an agreement with a later end.";
        id: "Masa berlakunya sudah lewat.",
            "Buatlah perjanjian dengan akhir yang lebih lambat.";
    }
    BindingUnimplemented "BINDING_UNIMPLEMENTED" Unimplemented {
        en: "Agreements by signature are not possible yet.",
            "Propose it with ACCEPTANCE.";
        id: "Perjanjian dengan tanda tangan belum tersedia.",
            "Usulkan dengan ACCEPTANCE.";
    }
    ProposalsTooMany "PROPOSALS_TOO_MANY" State {
        en: "There are {max} open proposals between the caller's agency and {agency} already.",
            "Withdraw some, or wait until they are accepted or rejected.";
        id: "Sudah ada {max} usulan terbuka antara instansi pemanggil dan {agency}.",
            "Tariklah sebagian, atau tunggu sampai diterima atau ditolak.";
    }
    AgreementNotAccepted "AGREEMENT_NOT_ACCEPTED" State {
        en: "The prison has not accepted the agreement {agreement}.",
            "Propose it and wait for the prison; then plan the programme.";
        id: "Lapas belum menerima perjanjian {agreement}.",
            "Usulkan dan tunggu persetujuan Lapas; sesudah itu rencanakan programnya.";
    }
    AlreadyAccepted "ALREADY_ACCEPTED" State {
        en: "The caller's agency has accepted already.",
            "Wait for the other parties.";
        id: "Instansi pemanggil sudah menerima.",
            "Tunggu pihak lain.";
    }
    ProposerCannotReject "PROPOSER_CANNOT_REJECT" State {
        en: "Who proposed an agreement cannot reject it.",
            "Withdraw it.";
        id: "Pengusul tidak dapat menolak perjanjiannya sendiri.",
            "Tariklah kembali.";
    }
    AlreadySuspended "ALREADY_SUSPENDED" State {
        en: "The caller's agency has suspended it already.",
            "Resume it when the cause is gone.";
        id: "Instansi pemanggil sudah menghentikannya sementara.",
            "Lanjutkan bila sebabnya sudah hilang.";
    }
    NotSuspendedByYou "NOT_SUSPENDED_BY_YOU" State {
        en: "The caller's agency has not suspended it; only who suspended may resume.",
            "Ask {suspended_by}.";
        id: "Instansi pemanggil tidak menghentikannya; hanya yang menghentikan boleh melanjutkan.",
            "Mintalah kepada {suspended_by}.";
    }
    LegalBasisSuperseded "LEGAL_BASIS_SUPERSEDED" Warning {
        en: "UU 12/1995 was repealed by UU 22/2022 on 3 August 2022.",
            "Cite UU 22/2022 in agreements made since.";
        id: "UU 12/1995 dicabut oleh UU 22/2022 pada 3 Agustus 2022.",
            "Rujuklah UU 22/2022 dalam perjanjian sesudahnya.";
    }
    DurationBoundaryAmbiguous "DURATION_BOUNDARY_AMBIGUOUS" Warning {
        en: "The term lies on a boundary that two classes claim; it counts as {class}.",
            "Declare the class in the document if the other is meant.";
        id: "Masa berlaku tepat di batas dua golongan; dihitung sebagai {class}.",
            "Nyatakan golongannya dalam dokumen bila yang lain dimaksud.";
    }
    DataAnnexMissing "DATA_ANNEX_MISSING" Warning {
        en: "Without a data annex the agreement opens no gate.",
            "Add one before proposing.";
        id: "Tanpa lampiran data, perjanjian tidak membuka gerbang.",
            "Tambahkan sebelum mengusulkan.";
    }
    // The gate.
    AgreementNotInForce "AGREEMENT_NOT_IN_FORCE" State {
        en: "The agreement {agreement} is not in force: {state}.",
            "See agreement show; nothing passes until it is.";
        id: "Perjanjian {agreement} tidak berlaku: {state}.",
            "Lihat agreement show; tidak ada yang lewat sampai berlaku.";
    }
    AgreementNotBetweenParties "AGREEMENT_NOT_BETWEEN_PARTIES" State {
        en: "The agreement {agreement} is not between the lead agency and the prison.",
            "Use one of which both are parties.";
        id: "Perjanjian {agreement} bukan antara instansi pelaksana dan lapas.",
            "Pakailah perjanjian yang memuat keduanya.";
    }
    AgreementWithoutDataKind "AGREEMENT_WITHOUT_DATA_KIND" State {
        en: "The agreement {agreement} does not cover data of the kind {data_kind}.",
            "Agree on it in the data annex of a new agreement.";
        id: "Perjanjian {agreement} tidak mencakup data {data_kind}.",
            "Sepakati dalam lampiran data perjanjian baru.";
    }
    AgreementWithoutField "AGREEMENT_WITHOUT_FIELD" State {
        en: "The agreement {agreement} does not cover the programme's field.",
            "Use an agreement that does.";
        id: "Perjanjian {agreement} tidak mencakup bidang program ini.",
            "Pakailah perjanjian yang mencakupnya.";
    }
    // Programmes and trainers.
    ProgrammeExists "PROGRAMME_EXISTS" Exists {
        en: "The agency has a programme with this reference.",
            "Choose another reference, or update that programme.";
        id: "Instansi ini sudah memiliki program dengan rujukan tersebut.",
            "Pilih rujukan lain, atau ubah program itu.";
    }
    ProgrammeNotOpen "PROGRAMME_NOT_OPEN" State {
        en: "The programme {programme} is {state}.",
            "The lead agency opens it once the prison has approved.";
        id: "Program {programme} berkeadaan {state}.",
            "Instansi pelaksana membukanya setelah disetujui lapas.";
    }
    ProgrammeFixedOnceOpen "PROGRAMME_FIXED_ONCE_OPEN" State {
        en: "Of an open programme only the capacity may change.",
            "Leave the rest as it was, or cancel it and plan a new one.";
        id: "Pada program yang sudah dibuka hanya kapasitas yang boleh berubah.",
            "Biarkan selebihnya, atau batalkan dan rencanakan yang baru.";
    }
    TrainerExists "TRAINER_EXISTS" Exists {
        en: "The agency has a trainer with this reference.",
            "Choose another reference, or update that trainer.";
        id: "Instansi ini sudah memiliki pelatih dengan rujukan tersebut.",
            "Pilih rujukan lain, atau ubah pelatih itu.";
    }
    TrainerNotAvailable "TRAINER_NOT_AVAILABLE" State {
        en: "The trainer {trainer} is unknown, inactive, or not covered by an agreement.",
            "Check the name with the trainer's agency, and its agreement with the prison.";
        id: "Pelatih {trainer} tidak dikenal, tidak aktif, atau tidak dicakup perjanjian.",
            "Periksa namanya pada instansi pelatih, dan perjanjiannya dengan lapas.";
    }
    TrainerConflict "TRAINER_CONFLICT" State {
        en: "The trainer {trainer} is taken from {busy_start} to {busy_end}.",
            "Choose another time or another trainer.";
        id: "Pelatih {trainer} sudah terisi dari {busy_start} sampai {busy_end}.",
            "Pilih waktu lain atau pelatih lain.";
    }
    TrainerOverlap "TRAINER_OVERLAP" Warning {
        en: "The trainer {trainer} is also proposed for {busy_start} to {busy_end}, and nobody has accepted yet.",
            "Ask the trainer's agency; what it accepts first stands.";
        id: "Pelatih {trainer} juga diusulkan untuk {busy_start} sampai {busy_end}, dan belum ada yang diterima.",
            "Tanyakan kepada instansi pelatih; yang lebih dulu diterima yang berlaku.";
    }
    TrainerNotProposed "TRAINER_NOT_PROPOSED" Warning {
        en: "The trainer {trainer} is {state} for this session and stays out of it.",
            "Name another trainer, or ask the trainer's agency (DECLINED) or the prison (CLEARANCE_REFUSED) to allow it again.";
        id: "Pelatih {trainer} berstatus {state} untuk sesi ini dan tidak diusulkan lagi.",
            "Sebutkan pelatih lain, atau mintalah instansi pelatih (DECLINED) atau Lapas (CLEARANCE_REFUSED) mengizinkannya lagi.";
    }
    ClaimConflict "CLAIM_CONFLICT" State {
        en: "The person is booked under both registrations; the earlier one is taken from {busy_start} to {busy_end}.",
            "Have one of the two bookings declined or withdrawn, then confirm again.";
        id: "Orang ini terisi pada kedua pendaftaran; pendaftaran pertama terisi dari {busy_start} sampai {busy_end}.",
            "Mintalah salah satu penugasannya ditolak atau ditarik, lalu konfirmasi lagi.";
    }
    TrainersTooMany "TRAINERS_TOO_MANY" Invalid {
        en: "The push names {count} trainers; at most {max} are allowed.",
            "Split it into several pushes.";
        id: "Kiriman ini menyebut {count} pelatih; paling banyak {max}.",
            "Bagilah menjadi beberapa kiriman.";
    }
    // Sessions.
    ScheduleOfOtherProgramme "SCHEDULE_OF_OTHER_PROGRAMME" State {
        en: "The schedule belongs to another programme.",
            "Push to that programme, or use another reference.";
        id: "Jadwal ini milik program lain.",
            "Kirimlah ke program itu, atau pakai rujukan lain.";
    }
    SessionReversed "SESSION_REVERSED" Invalid {
        en: "The session ends before it starts.",
            "Check both times.";
        id: "Sesi ini berakhir sebelum mulai.",
            "Periksa kedua waktunya.";
    }
    SessionTooLong "SESSION_TOO_LONG" Invalid {
        en: "The session is longer than 8 hours.",
            "Split it into several sessions.";
        id: "Sesi ini lebih dari 8 jam.",
            "Bagilah menjadi beberapa sesi.";
    }
    SessionInPast "SESSION_IN_PAST" State {
        en: "The session has begun already.",
            "Push only what lies ahead.";
        id: "Sesi ini sudah mulai.",
            "Kirimlah hanya yang akan datang.";
    }
    SessionTooSoon "SESSION_TOO_SOON" State {
        en: "The session starts within 24 hours; only the prison changes it now.",
            "Call the prison.";
        id: "Sesi ini mulai dalam 24 jam; hanya lapas yang dapat mengubahnya.",
            "Hubungi lapas.";
    }
    SessionOutsideTerm "SESSION_OUTSIDE_TERM" State {
        en: "The session lies outside the agreement's term, {effective_from} to {effective_until}.",
            "Choose a day within, or make another agreement.";
        id: "Sesi ini di luar masa perjanjian, {effective_from} sampai {effective_until}.",
            "Pilih hari di dalamnya, atau buat perjanjian lain.";
    }
    PlanExceeded "PLAN_EXCEEDED" State {
        en: "The programme's sessions ahead may last one and a half times as long as its lessons; {minutes_left} minutes ({lessons_left} lessons) are left.",
            "Leave sessions out, cancel some that are planned, or wait until some are over.";
        id: "Sesi mendatang program ini paling lama satu setengah kali jam pelajarannya; tersisa {minutes_left} menit ({lessons_left} jam pelajaran).",
            "Kurangi sesi, batalkan sebagian yang sudah direncanakan, atau tunggu sampai sebagian selesai.";
    }
    SessionFinal "SESSION_FINAL" State {
        en: "The session is {state}, for good.",
            "Use a new uid for a new session.";
        id: "Sesi ini sudah {state} untuk seterusnya.",
            "Pakailah uid baru untuk sesi baru.";
    }
    SessionOfOtherSchedule "SESSION_OF_OTHER_SCHEDULE" State {
        en: "The uid belongs to a session of another schedule.",
            "A uid is used once; choose another.";
        id: "uid ini milik sesi jadwal lain.",
            "Satu uid dipakai sekali; pilih yang lain.";
    }
    StaleSequence "STALE_SEQUENCE" State {
        en: "The sequence {sequence} is not higher than {stored}, and the content differs.",
            "Raise the sequence with every change.";
        id: "Sequence {sequence} tidak lebih tinggi dari {stored}, padahal isinya berbeda.",
            "Naikkan sequence pada setiap perubahan.";
    }
    SessionWithoutRoom "SESSION_WITHOUT_ROOM" State {
        en: "The session has no room.",
            "Name one with the confirmation.";
        id: "Sesi ini belum memiliki ruang.",
            "Sebutkan ruangnya bersama konfirmasi.";
    }
    SessionWithoutLead "SESSION_WITHOUT_LEAD" State {
        en: "The session has {count} leading trainers who have been accepted; exactly one is needed.",
            "Wait until the trainer's agency accepts, or have the lead agency name one.";
        id: "Sesi ini memiliki {count} pelatih utama yang sudah diterima; diperlukan tepat satu.",
            "Tunggu penerimaan dari instansi pelatih, atau minta instansi pelaksana menyebutkan satu.";
    }
    CompetenceExpiredOnSessionDate "COMPETENCE_EXPIRED_ON_SESSION_DATE" State {
        en: "The leading trainer {trainer} has no competence in the programme's field that holds on {date}.",
            "Ask the trainer's agency to renew it, or the lead agency to name another trainer.";
        id: "Pelatih utama {trainer} tidak memiliki kompetensi di bidang program yang berlaku pada {date}.",
            "Minta instansi pelatih memperbaruinya, atau instansi pelaksana menyebut pelatih lain.";
    }
    DuplicateInBatch "DUPLICATE_IN_BATCH" Invalid {
        en: "The same item stands earlier in the batch, at {index}.",
            "Send it once.";
        id: "Butir yang sama ada lebih dahulu dalam kiriman, pada {index}.",
            "Kirimlah sekali.";
    }
    ConflictLost "CONFLICT_LOST" Aborted {
        en: "Somebody else stored something that this collides with in the same moment.",
            "Send the same again.";
        id: "Pihak lain menyimpan sesuatu yang bertabrakan pada saat yang sama.",
            "Kirimlah lagi yang sama.";
    }
    // Facilities.
    FacilityExists "FACILITY_EXISTS" Exists {
        en: "The prison has a facility with this reference.",
            "Choose another reference, or update that facility.";
        id: "Lapas ini sudah memiliki sarana dengan rujukan tersebut.",
            "Pilih rujukan lain, atau ubah sarana itu.";
    }
    FacilityNotAvailable "FACILITY_NOT_AVAILABLE" State {
        en: "The facility {facility} is unknown, not of the programme's prison, or not in use.",
            "Choose another with facility list.";
        id: "Sarana {facility} tidak dikenal, bukan milik lapas program ini, atau tidak dipakai.",
            "Pilih yang lain dengan facility list.";
    }
    FacilityConflict "FACILITY_CONFLICT" State {
        en: "The facility {facility} is taken from {busy_start} to {busy_end}.",
            "Choose another time or another facility.";
        id: "Sarana {facility} sudah terisi dari {busy_start} sampai {busy_end}.",
            "Pilih waktu lain atau sarana lain.";
    }
    FacilityTooSmall "FACILITY_TOO_SMALL" State {
        en: "The facility {facility} holds {capacity}, and {confirmed} trainees are confirmed.",
            "Choose a larger one.";
        id: "Sarana {facility} menampung {capacity}, padahal {confirmed} peserta sudah dikonfirmasi.",
            "Pilih yang lebih besar.";
    }
    FacilityInUse "FACILITY_IN_USE" State {
        en: "Sessions ahead hold the facility: {count}.",
            "Give them another room or decline them, then retire it.";
        id: "Sesi mendatang masih memakai sarana ini: {count}.",
            "Pindahkan atau tolak sesi itu, lalu hentikan sarananya.";
    }
    // Rosters.
    CapacityBelowConfirmed "CAPACITY_BELOW_CONFIRMED" State {
        en: "The capacity {capacity} is below the {confirmed} trainees who are confirmed.",
            "Keep it at least there, or withdraw enrolments first.";
        id: "Kapasitas {capacity} di bawah {confirmed} peserta yang sudah dikonfirmasi.",
            "Pertahankan paling sedikit sebanyak itu, atau tarik peserta lebih dahulu.";
    }
    ProgrammePastHalfway "PROGRAMME_PAST_HALFWAY" State {
        en: "The session at the programme's half has begun; no more places are filled.",
            "Nominate for the next programme.";
        id: "Sesi pertengahan program sudah mulai; tempat tidak diisi lagi.",
            "Usulkan untuk program berikutnya.";
    }
    RosterFull "ROSTER_FULL" State {
        en: "All {capacity} places are taken.",
            "Withdraw an enrolment first, or ask for more places.";
        id: "Semua {capacity} tempat sudah terisi.",
            "Tarik satu peserta lebih dahulu, atau mintalah tambahan tempat.";
    }
    OutOfRank "OUT_OF_RANK" State {
        en: "Somebody with a lower rank waits: {next} is next.",
            "Promote that one, or say by out_of_rank why not.";
        id: "Masih ada yang menunggu di depan: berikutnya {next}.",
            "Naikkan yang itu, atau sebutkan alasannya dalam out_of_rank.";
    }
    TraineeDiffers "TRAINEE_DIFFERS" State {
        en: "The register number belongs to a person whose {fields} differs.",
            "Check the number; if the person has changed, update the trainee first.";
        id: "Nomor register ini milik orang yang berbeda pada {fields}.",
            "Periksa nomornya; bila datanya berubah, ubah dahulu data pesertanya.";
    }
    RegisterNumberInUse "REGISTER_NUMBER_IN_USE" Exists {
        en: "Another trainee of the prison has this register number.",
            "Check the number; two persons are never merged by themselves.";
        id: "Peserta lain di lapas ini memakai nomor register tersebut.",
            "Periksa nomornya; dua orang tidak pernah digabung otomatis.";
    }
    NikScientific "NIK_SCIENTIFIC" Invalid {
        en: "The NIK is written as a spreadsheet writes large numbers, and its last digits are lost.",
            "Make the column a text, and type the 16 digits again.";
        id: "NIK tertulis dalam notasi ilmiah lembar kerja, dan angka terakhirnya hilang.",
            "Jadikan kolomnya teks, lalu ketik lagi 16 angkanya.";
    }
    NikDateUnknown "NIK_DATE_UNKNOWN" Invalid {
        en: "The NIK holds a birth date that does not exist.",
            "Check digits 7 to 12: day (women plus 40), month, year.";
        id: "NIK memuat tanggal lahir yang tidak ada.",
            "Periksa angka ke-7 sampai ke-12: hari (perempuan tambah 40), bulan, tahun.";
    }
    NipDateUnknown "NIP_DATE_UNKNOWN" Invalid {
        en: "The NIP holds a birth date, a month of appointment or a sex that does not exist.",
            "Check digits 1 to 8 (year, month, day of birth), 9 to 14 (year, month) and 15 (1 or 2).";
        id: "NIP memuat tanggal lahir, bulan pengangkatan, atau jenis kelamin yang tidak ada.",
            "Periksa angka ke-1 sampai ke-8 (tahun, bulan, hari lahir), ke-9 sampai ke-14 (tahun, bulan), dan ke-15 (1 atau 2).";
    }
    NikMissing "NIK_MISSING" Invalid {
        en: "A NIP comes with the NIK: agencies that know the person by the NIK alone would not find the person by a NIP.",
            "Give the NIK as well, or no number.";
        id: "NIP harus disertai NIK: instansi yang hanya mengenal NIK orang ini tidak akan menemukannya melalui NIP.",
            "Isilah NIK juga, atau kosongkan keduanya.";
    }
    IdentityCollision "IDENTITY_COLLISION" Warning {
        en: "The NIK belongs to another register number too.",
            "Find out whether they are one person; nothing is merged.";
        id: "NIK ini juga dimiliki nomor register lain.",
            "Pastikan apakah orangnya sama; tidak ada yang digabung.";
    }
    TraineeClash "TRAINEE_CLASH" Warning {
        en: "The trainee is on the roster of another programme whose sessions overlap.",
            "Check both schedules.";
        id: "Peserta ini terdaftar di program lain yang sesinya bertumpukan.",
            "Periksa kedua jadwalnya.";
    }
    // The authority.
    AuthorityExists "AUTHORITY_EXISTS" Exists {
        en: "This database has its authority already: {name}.",
            "An authority is founded once; a lost administrator is replaced by gerbang ca admit.";
        id: "Basis data ini sudah memiliki otoritas: {name}.",
            "Otoritas didirikan sekali saja; administrator yang hilang diganti dengan gerbang ca admit.";
    }
    CeremonyDiffers "CEREMONY_DIFFERS" State {
        en: "The ceremony file says {said} as {field}; the authority of this database was founded with {known}.",
            "Take the file by which this authority was founded: --ceremony FILE.";
        id: "Berkas upacara menyebut {said} sebagai {field}; otoritas pada basis data ini didirikan dengan {known}.",
            "Pakailah berkas yang dipakai saat otoritas ini didirikan: --ceremony BERKAS.";
    }
    AuthorityUnknown "AUTHORITY_UNKNOWN" State {
        en: "The certificate is not that of this database's root.",
            "Bring the root's certificate and key, or found an authority by gerbang ca init.";
        id: "Sertifikat ini bukan sertifikat akar basis data ini.",
            "Pakailah sertifikat dan kunci akarnya, atau dirikan otoritas dengan gerbang ca init.";
    }
    KeyInUse "KEY_IN_USE" Exists {
        en: "The key is in the certificate of another system of the agency.",
            "Make a key for each: who holds the keys of two administrators could approve alone.";
        id: "Kunci ini ada dalam sertifikat sistem lain milik instansi ini.",
            "Buatlah kunci tersendiri: pemegang kunci dua administrator dapat menyetujui sendirian.";
    }
    // The gateway itself.
    Overloaded "OVERLOADED" Exhausted {
        en: "Too many calls are under way, of this agency or of all together; this one was not begun.",
            "Wait a moment, then send the same again.";
        id: "Terlalu banyak panggilan sedang berjalan, dari instansi ini atau dari semua bersama; yang ini belum dimulai.",
            "Tunggu sebentar, lalu kirim lagi yang sama.";
    }
    DeadlinePassed "DEADLINE_PASSED" Deadline {
        en: "The time that the call had is over; whether it was stored is not known.",
            "Send the same again with the same request_id.";
        id: "Waktu panggilan habis; tidak diketahui apakah tersimpan.",
            "Kirimlah lagi dengan request_id yang sama.";
    }
    NotStoredInTime "NOT_STORED_IN_TIME" Deadline {
        en: "The time that the call had is over, and nothing was stored.",
            "Send the same again and grant it more time; if it stays so, tell the operator.";
        id: "Waktu panggilan habis, dan tidak ada yang tersimpan.",
            "Kirimlah lagi dengan waktu yang lebih lama; bila tetap, sampaikan kepada operator.";
    }
    DatabaseAway "DATABASE_AWAY" Unavailable {
        en: "The gateway cannot reach its database.",
            "Send the same again in a few seconds, with the same request_id.";
        id: "Gerbang tidak dapat menjangkau basis datanya.",
            "Kirimlah lagi beberapa detik kemudian, dengan request_id yang sama.";
    }
    DatabaseImpaired "DATABASE_IMPAIRED" Unavailable {
        en: "The database cannot do this now ({cause}), and nothing was stored; reading may work all the same.",
            "Send the same again in a few seconds, with the same request_id; if it stays so, tell the operator.";
        id: "Basis data saat ini tidak dapat melakukannya ({cause}), dan tidak ada yang tersimpan; pembacaan mungkin tetap bisa.",
            "Kirimlah lagi beberapa detik kemudian, dengan request_id yang sama; bila tetap, sampaikan kepada operator.";
    }
    VaultKeyMissing "VAULT_KEY_MISSING" Unavailable {
        en: "This gateway's key file lacks the key {purpose} {version}, which is in use.",
            "Send the same again in a few seconds; if it stays so, tell the operator to copy vault.toml.";
        id: "Berkas kunci gerbang ini tidak memuat kunci {purpose} {version} yang sedang dipakai.",
            "Kirimlah lagi beberapa detik kemudian; bila tetap, minta operator menyalin vault.toml.";
    }
    InternalError "INTERNAL_ERROR" Internal {
        en: "Something went wrong inside the gateway.",
            "Tell the operator the number {correlation}.";
        id: "Terjadi kesalahan di dalam gerbang.",
            "Sampaikan nomor {correlation} kepada operator.";
    }
}
