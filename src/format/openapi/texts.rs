//! What the document says beside the contract's comments, in both languages, and what it is lent of the command line's words.

use crate::domain::{Reason, reason::Language};

/// The language of a document, and the words for the contract's fields and values that its reader knows from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The language of what is written for people. The comments of the contract are in English in any case.
    pub language: Language,
    /// The label of a field, by its message and its name; nothing where its own name says it.
    pub label: fn(Language, &str, &str) -> Option<String>,
    /// The word for a value of an enum, by the value's full name.
    pub value: fn(Language, &str) -> String,
}

impl Words {
    /// The texts in the language.
    pub fn texts(&self) -> &'static Texts {
        match self.language {
            Language::English => &ENGLISH,
            Language::Indonesian => &INDONESIAN,
        }
    }

    /// The text of a reason in the language, its placeholders open.
    pub fn reason(&self, reason: Reason) -> String {
        let (what, next) = reason.template(self.language);
        format!("{what} {next}")
    }
}

/// Sentences of the document.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say where each stands")]
pub struct Texts {
    pub title: &'static str,
    pub about: &'static str,
    pub server: &'static str,
    pub host: &'static str,
    pub mutual_tls: &'static str,
    pub grpc_only: &'static str,
    pub roles: &'static str,
    pub protocol_version: &'static str,
    pub timeout: &'static str,
    pub accept_language: &'static str,
    pub query_message: &'static str,
    pub query_encoding: &'static str,
    pub query_connect: &'static str,
    pub refused: &'static str,
    pub of_fields: &'static str,
    pub as_every_call: &'static str,
    pub per_item: &'static str,
    pub warned: &'static str,
    pub no_such_verb: &'static str,
    pub allow: &'static str,
    pub other_type: &'static str,
    pub accept_post: &'static str,
    pub one_of: &'static str,
    pub error: &'static str,
    pub error_code: &'static str,
    pub error_message: &'static str,
    pub error_details: &'static str,
    pub detail_type: &'static str,
    pub detail_value: &'static str,
    pub error_info: &'static str,
    pub error_reason: &'static str,
    pub error_facts: &'static str,
    pub bad_request: &'static str,
    pub violation_field: &'static str,
    pub precondition: &'static str,
    pub retry: &'static str,
    pub localized: &'static str,
}

const ENGLISH: Texts = Texts {
    title: "Gerbang",
    about: "Gerbang lets the systems of agencies exchange agreements, training schedules, trainer assignments and trainee \
            rosters.\n\n\
            Every call is a POST of one JSON object to `/{service}/{method}`: the unary protocol of Connect \
            (connectrpc.com), over HTTP/1.1 or HTTP/2, on the port that also serves gRPC. The caller is the client \
            certificate of the connection, and nothing else.\n\n\
            Names are written in lowerCamelCase. Whole numbers of 64 bits are texts, for JavaScript keeps 53 bits. Times are in \
            RFC 3339 with an offset. Answers hold every field, empty ones too, but those that may be absent. A field left out of \
            a request, and `null`, is the same as its default; a field that is unknown, or written twice, is refused.\n\n\
            What is refused comes as an error with a `reason`, which never changes; program against that. The paths of fields \
            in errors are the contract's own: `sessions[1].starts_at` is what JSON calls `sessions[1].startsAt`. Every mutation \
            takes a `requestId`: sent again with the same, it is carried out once, and answered as it was.\n\n\
            The bounds here are those that a schema can state; the descriptions say the others.",
    server: "A gateway, under the name in its certificate",
    host: "The gateway's host and port, as its operator gave them",
    mutual_tls: "TLS 1.3 with a client certificate that Gerbang issued. `gerbang join` gets one.",
    grpc_only: "By gRPC alone, for they are streams:",
    roles: "Open to systems with the role",
    protocol_version: "The version of Connect's protocol",
    timeout: "The time that the caller gives the call, in milliseconds. The gateway gives it 30 seconds at most, unless its \
              operator says otherwise.",
    accept_language: "The language of texts for people: `id` or `en`, which is also taken for any other",
    query_message: "The request as JSON, percent-encoded",
    query_encoding: "The encoding of `message`",
    query_connect: "The version of Connect's protocol",
    refused: "Refused:",
    of_fields: "The violations of FIELDS_INVALID name, field by field:",
    as_every_call: "And as any call:",
    per_item: "An item of the answer may be refused for:",
    warned: "The answer may warn of:",
    no_such_verb: "The method of HTTP is none of those in `Allow`.",
    allow: "The methods of HTTP that are taken here",
    other_type: "The body is of a type that is none of those in `Accept-Post`.",
    accept_post: "The types of body that are taken here",
    one_of: "At most one of",
    error: "What a refused call is answered with.",
    error_code: "The code, as gRPC has it",
    error_message: "The text in the caller's language, and of wrong fields the first",
    error_details: "The same for programs. The first is google.rpc.ErrorInfo.",
    detail_type: "The message's name",
    detail_value: "The message in protobuf, as base64 without padding",
    error_info: "The reason and its facts.",
    error_reason: "The reason. docs/errors.md says of each what helps.",
    error_facts: "The facts of the case, by which the text was filled",
    bad_request: "The fields that are wrong; as many as fit into 4 KiB, and `violations_total` among the facts counts all.",
    violation_field: "The path of the field, in the contract's names: `sessions[1].starts_at`",
    precondition: "The state that forbids it.",
    retry: "The time after which the same request may pass.",
    localized: "The text and its language.",
};

const INDONESIAN: Texts = Texts {
    title: "Gerbang",
    about: "Gerbang adalah sarana pertukaran perjanjian, jadwal pelatihan, penugasan pelatih, dan daftar peserta antarsistem \
            instansi.\n\n\
            Setiap panggilan berupa POST dengan satu objek JSON ke `/{service}/{method}`, menurut protokol Connect \
            (connectrpc.com) untuk panggilan tunggal, melalui HTTP/1.1 atau HTTP/2, pada porta yang juga melayani gRPC. Pemanggil \
            dikenali hanya dari sertifikat klien pada sambungannya.\n\n\
            Nama isian ditulis dalam lowerCamelCase. Bilangan bulat 64 bit ditulis sebagai teks, karena JavaScript hanya \
            menyimpan 53 bit. Waktu ditulis menurut RFC 3339 lengkap dengan selisih UTC. Jawaban memuat setiap isian, termasuk \
            yang kosong, kecuali yang memang boleh tidak ada. Isian yang tidak ditulis dalam permintaan, begitu pula `null`, sama \
            artinya dengan nilai bawaannya; isian yang tidak dikenal atau ditulis dua kali ditolak.\n\n\
            Penolakan disampaikan sebagai kesalahan dengan `reason` yang tidak pernah berubah; jadikan itu pegangan dalam \
            program. Letak isian dalam kesalahan memakai nama menurut kontrak layanan: `sessions[1].starts_at` adalah \
            `sessions[1].startsAt` dalam JSON. Setiap perubahan memerlukan `requestId`: bila dikirim ulang dengan nilai yang sama, \
            perubahan dilakukan satu kali saja dan jawabannya tetap sama.\n\n\
            Batas yang tercantum di sini adalah yang dapat dinyatakan dalam skema; selebihnya dijelaskan dalam keterangan. \
            Keterangan yang berasal dari kontrak layanan berbahasa Inggris.",
    server: "Gerbang, dengan nama menurut sertifikatnya",
    host: "Host dan porta Gerbang, sebagaimana diberikan oleh operatornya",
    mutual_tls: "TLS 1.3 dengan sertifikat klien yang diterbitkan oleh Gerbang. Sertifikat diperoleh dengan `gerbang join`.",
    grpc_only: "Hanya melalui gRPC, karena berupa aliran:",
    roles: "Terbuka bagi sistem dengan peran",
    protocol_version: "Versi protokol Connect",
    timeout: "Waktu yang diberikan pemanggil untuk panggilan ini, dalam milidetik. Gerbang memberi waktu paling lama 30 detik, \
              kecuali ditetapkan lain oleh operatornya.",
    accept_language: "Bahasa teks untuk pembaca: `id` atau `en`; bahasa lain diperlakukan sebagai `en`",
    query_message: "Permintaan dalam bentuk JSON yang disandikan dengan persen",
    query_encoding: "Penyandian `message`",
    query_connect: "Versi protokol Connect",
    refused: "Ditolak:",
    of_fields: "Pelanggaran dalam FIELDS_INVALID menyebutkan untuk setiap isian:",
    as_every_call: "Serta sebagaimana setiap panggilan:",
    per_item: "Butir dalam jawaban dapat ditolak karena:",
    warned: "Jawaban dapat memuat peringatan:",
    no_such_verb: "Metode HTTP ini tidak termasuk yang tercantum dalam `Allow`.",
    allow: "Metode HTTP yang diterima di sini",
    other_type: "Jenis isi permintaan tidak termasuk yang tercantum dalam `Accept-Post`.",
    accept_post: "Jenis isi permintaan yang diterima di sini",
    one_of: "Paling banyak salah satu dari",
    error: "Jawaban atas panggilan yang ditolak.",
    error_code: "Kode sebagaimana dalam gRPC",
    error_message: "Teks dalam bahasa pemanggil; bila ada isian yang salah, disebutkan yang pertama",
    error_details: "Keterangan yang sama untuk diolah program. Yang pertama adalah google.rpc.ErrorInfo.",
    detail_type: "Nama pesan",
    detail_value: "Pesan dalam protobuf, sebagai base64 tanpa tanda pengisi",
    error_info: "Alasan beserta fakta-faktanya.",
    error_reason: "Alasan. Cara mengatasinya dijelaskan dalam docs/errors.md.",
    error_facts: "Fakta kejadian yang mengisi teks",
    bad_request: "Isian yang salah, sebanyak yang termuat dalam 4 KiB; `violations_total` di antara fakta menyebutkan \
                  jumlah seluruhnya.",
    violation_field: "Letak isian dengan nama menurut kontrak layanan: `sessions[1].starts_at`",
    precondition: "Status yang tidak memungkinkannya.",
    retry: "Waktu tunggu sebelum permintaan yang sama dapat diterima.",
    localized: "Teks beserta bahasanya.",
};
