//! What the fields of files mean, for people who write one by hand: short, and in both languages. The contract's comments
//! say the same to programmers, at length.

use crate::domain::reason::Language;

/// Fields that no file holds: the command draws or sets them.
pub(super) const SENT_BY_THE_COMMAND: [&str; 2] = ["request_id", "validate_only"];

/// The meaning of a field, by its full name.
pub(super) fn meaning(field: &str, language: Language) -> Option<&'static str> {
    let field = field.strip_prefix("gerbang.v1.")?;
    let (_, english, indonesian) = MEANINGS.iter().find(|(name, ..)| *name == field)?;
    Some(if language == Language::English { english } else { indonesian })
}

const ETAG: (&str, &str) = (
    "What was read last, from show -o json; left out, it is read now.",
    "Tanda versi yang terakhir dibaca, dari show -o json; apabila dikosongkan, dibaca sekarang.",
);
const ZONE: (&str, &str) = (
    "The time zone: Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).",
    "Zona waktu: Asia/Jakarta (WIB), Asia/Makassar (WITA), atau Asia/Jayapura (WIT).",
);
const MODE: (&str, &str) = (
    "All or nothing (ATOMIC, also where it is left out), or what is good (BEST_EFFORT).",
    "Semua atau tidak sama sekali (ATOMIC, juga apabila dikosongkan), atau yang benar saja (BEST_EFFORT).",
);
const AGREEMENT: (&str, &str) = (
    "agencies/CODE/agreements/REFERENCE: your agency's code, and a reference that you choose.",
    "agencies/KODE/agreements/RUJUKAN: kode instansi Anda, dan nomor rujukan yang Anda tentukan.",
);
const PROGRAMME: (&str, &str) = (
    "agencies/CODE/programmes/REFERENCE: the lead agency's code, and its reference.",
    "agencies/KODE/programmes/RUJUKAN: kode instansi pelaksana, dan nomor rujukannya.",
);
const TRAINER: (&str, &str) = (
    "agencies/CODE/trainers/REFERENCE: your agency's code, and a reference that you choose.",
    "agencies/KODE/trainers/RUJUKAN: kode instansi Anda, dan nomor rujukan yang Anda tentukan.",
);
const FACILITY: (&str, &str) = (
    "agencies/CODE/facilities/REFERENCE: the prison's code, and a reference that it chooses.",
    "agencies/KODE/facilities/RUJUKAN: kode lapas, dan nomor rujukan yang ditentukannya.",
);
const PLAN: (&str, &str) = ("The whole plan of the programme.", "Rencana program secara lengkap.");
const TERMS: (&str, &str) = ("The whole terms of the draft.", "Isi draf perjanjian secara lengkap.");
const TRAINER_PROFILE: (&str, &str) = ("The whole profile of the trainer.", "Profil pelatih secara lengkap.");
const FACILITY_PROFILE: (&str, &str) = ("The whole profile of the room.", "Profil ruang secara lengkap.");
const NAMES: (&str, &str) = (
    "All names, the earlier ones included; at least one.",
    "Semua nama, termasuk nama terdahulu; paling sedikit satu.",
);

/// Field, English, Indonesian.
pub(super) const MEANINGS: &[(&str, &str, &str)] = &[
    (
        "CreateAgencyRequest.code",
        "The agency's code: lower-case letters, digits, hyphens; it is for ever.",
        "Kode instansi: huruf kecil, angka, dan tanda hubung; berlaku untuk seterusnya.",
    ),
    ("CreateAgencyRequest.kind", "The kind of institution.", "Jenis instansi."),
    ("CreateAgencyRequest.tier", "The level of government.", "Tingkat pemerintahan."),
    ("CreateAgencyRequest.names", NAMES.0, NAMES.1),
    ("CreateAgencyRequest.time_zone", ZONE.0, ZONE.1),
    ("UpdateAgencyRequest.name", "agencies/CODE.", "agencies/KODE."),
    ("UpdateAgencyRequest.etag", ETAG.0, ETAG.1),
    ("UpdateAgencyRequest.names", NAMES.0, NAMES.1),
    ("UpdateAgencyRequest.time_zone", ZONE.0, ZONE.1),
    ("AgencyName.display_name", "The official name, in full.", "Nama resmi secara lengkap."),
    (
        "AgencyName.valid_from",
        "The first day of the name, YYYY-MM-DD.",
        "Hari pertama nama itu berlaku, YYYY-MM-DD.",
    ),
    (
        "AgencyName.decree_number",
        "The decree that gave the name; may be left out.",
        "Nomor peraturan atau keputusan yang menetapkan nama itu; boleh dikosongkan.",
    ),
    ("CreateAgreementRequest.name", AGREEMENT.0, AGREEMENT.1),
    ("CreateAgreementRequest.terms", TERMS.0, TERMS.1),
    ("UpdateAgreementRequest.name", AGREEMENT.0, AGREEMENT.1),
    ("UpdateAgreementRequest.etag", ETAG.0, ETAG.1),
    ("UpdateAgreementRequest.terms", TERMS.0, TERMS.1),
    (
        "AgreementTerms.kind",
        "Decree (SK), memorandum (MOU) or cooperation agreement (PKS).",
        "Surat keputusan (SK), nota kesepahaman (MOU), atau perjanjian kerja sama (PKS).",
    ),
    ("AgreementTerms.title", "The title.", "Judul."),
    ("AgreementTerms.purpose", "The purpose.", "Maksud dan tujuan."),
    (
        "AgreementTerms.fields",
        "The fields of cooperation; each once.",
        "Bidang kerja sama; masing-masing satu kali.",
    ),
    (
        "AgreementTerms.legal_basis",
        "The law that it rests on, as \"PP 57/1999\".",
        "Dasar hukum, misalnya \"PP 57/1999\".",
    ),
    (
        "AgreementTerms.parties",
        "The parties: your agency, and exactly one prison.",
        "Para pihak: instansi Anda, dan tepat satu lapas.",
    ),
    ("AgreementTerms.effective_from", "The first day, YYYY-MM-DD.", "Hari pertama berlaku, YYYY-MM-DD."),
    (
        "AgreementTerms.term_months",
        "The length in months; or give effective_until.",
        "Jangka waktu dalam bulan; atau isikan effective_until.",
    ),
    (
        "AgreementTerms.effective_until",
        "The last day, YYYY-MM-DD; or give term_months.",
        "Hari terakhir berlaku, YYYY-MM-DD; atau isikan term_months.",
    ),
    (
        "AgreementTerms.duration_class",
        "The class that the document declares; may be left out.",
        "Golongan jangka waktu yang dinyatakan dalam naskah; boleh dikosongkan.",
    ),
    ("AgreementTerms.time_zone", ZONE.0, ZONE.1),
    (
        "AgreementTerms.notice_days",
        "Days of notice before a termination takes effect.",
        "Jumlah hari pemberitahuan sebelum pengakhiran berlaku.",
    ),
    (
        "AgreementTerms.data_annex",
        "Which data may pass; without it nothing does.",
        "Data yang boleh dipertukarkan; tanpa lampiran ini tidak ada data yang dipertukarkan.",
    ),
    (
        "Field.kind",
        "The field, by Article 9 of PP 57/1999; OTHER for one that the article does not name, such as fisheries.",
        "Bidang menurut Pasal 9 PP 57/1999; OTHER untuk bidang yang tidak disebut pasal itu, misalnya perikanan.",
    ),
    (
        "Field.label",
        "The field's own name, with OTHER only, spelled as in the agreement: \"Kelautan dan Perikanan\".",
        "Nama bidangnya, hanya untuk OTHER, ditulis seperti dalam perjanjian: \"Kelautan dan Perikanan\".",
    ),
    ("Party.agency", "agencies/CODE.", "agencies/KODE."),
    (
        "Party.number",
        "The agreement's number in that agency's register; may be left out.",
        "Nomor perjanjian menurut instansi tersebut; boleh dikosongkan.",
    ),
    (
        "Party.signatory_title",
        "The office that signs for the agency, no person's name.",
        "Jabatan penanda tangan, bukan nama orang.",
    ),
    ("DataAnnex.purpose", "What the data are for.", "Tujuan penggunaan data."),
    ("DataAnnex.data_kinds", "The kinds of data that may pass.", "Jenis data yang boleh dipertukarkan."),
    (
        "DataAnnex.contact_point",
        "The office to turn to, no person's name.",
        "Unit kerja narahubung, bukan nama orang.",
    ),
    (
        "DataAnnex.retention_days",
        "For how many days a receiver may keep the data.",
        "Jumlah hari penerima boleh menyimpan data.",
    ),
    ("CreateProgrammeRequest.name", PROGRAMME.0, PROGRAMME.1),
    (
        "CreateProgrammeRequest.agreement",
        "The agreement under which the programme runs.",
        "Perjanjian yang menjadi dasar program.",
    ),
    ("CreateProgrammeRequest.plan", PLAN.0, PLAN.1),
    ("UpdateProgrammeRequest.name", PROGRAMME.0, PROGRAMME.1),
    ("UpdateProgrammeRequest.etag", ETAG.0, ETAG.1),
    ("UpdateProgrammeRequest.plan", PLAN.0, PLAN.1),
    (
        "UpdateProgrammeRequest.agreement",
        "Another agreement with the same prison, to which a planned programme moves; left out, it stays.",
        "Perjanjian lain dengan lapas yang sama, tujuan pemindahan program yang masih direncanakan; bila tidak diisi, \
         program tetap pada perjanjiannya.",
    ),
    ("ProgrammePlan.title", "The title of the course.", "Nama paket pelatihan."),
    (
        "ProgrammePlan.field",
        "The field, one of the agreement's.",
        "Bidang, salah satu bidang dalam perjanjian.",
    ),
    ("ProgrammePlan.year", "The year of the programme.", "Tahun program."),
    (
        "ProgrammePlan.lesson_minutes",
        "Minutes of one lesson; left out, 45.",
        "Lama satu jam pelajaran dalam menit; apabila dikosongkan, 45.",
    ),
    (
        "ProgrammePlan.units",
        "The units, in the order of teaching.",
        "Unit pelatihan menurut urutan pengajaran.",
    ),
    (
        "ProgrammePlan.attendance_pct_min",
        "The least attendance for a certificate, in percent; left out, 80.",
        "Kehadiran paling sedikit untuk memperoleh sertifikat, dalam persen; apabila dikosongkan, 80.",
    ),
    ("ProgrammePlan.capacity", "The most trainees.", "Jumlah peserta paling banyak."),
    (
        "ProgrammeUnit.skkni_code",
        "The unit's SKKNI code; may be left out.",
        "Kode unit SKKNI; boleh dikosongkan.",
    ),
    ("ProgrammeUnit.title", "The unit's title.", "Judul unit."),
    ("ProgrammeUnit.lessons", "How many lessons.", "Jumlah jam pelajaran."),
    ("RegisterTrainerRequest.name", TRAINER.0, TRAINER.1),
    ("RegisterTrainerRequest.profile", TRAINER_PROFILE.0, TRAINER_PROFILE.1),
    (
        "RegisterTrainerRequest.person_number",
        "The NIK, 16 digits in quotation marks; only a digest is kept. May be left out.",
        "NIK, 16 angka di antara tanda petik; yang disimpan hanya sidik nilainya. Boleh dikosongkan.",
    ),
    (
        "RegisterTrainerRequest.nip",
        "The NIP, 18 digits in quotation marks, beside the NIK. May be left out.",
        "NIP, 18 angka di antara tanda petik, di samping NIK. Boleh dikosongkan.",
    ),
    ("UpdateTrainerRequest.name", TRAINER.0, TRAINER.1),
    ("UpdateTrainerRequest.etag", ETAG.0, ETAG.1),
    ("UpdateTrainerRequest.profile", TRAINER_PROFILE.0, TRAINER_PROFILE.1),
    ("TrainerProfile.full_name", "The full name.", "Nama lengkap."),
    (
        "TrainerProfile.kind",
        "INTERNAL is the prison's staff, EXTERNAL a partner's.",
        "INTERNAL untuk petugas lapas, EXTERNAL untuk pelatih dari mitra.",
    ),
    ("TrainerProfile.competences", "What the trainer may teach.", "Kompetensi pelatih."),
    (
        "TrainerProfile.status",
        "Whether schedules may name the trainer; left out, ACTIVE.",
        "Menentukan apakah pelatih boleh dicantumkan dalam jadwal; apabila dikosongkan, ACTIVE.",
    ),
    (
        "TrainerProfile.lendable_to",
        "Other agencies that may name the trainer; may be left out.",
        "Instansi lain yang boleh mencantumkan pelatih ini; boleh dikosongkan.",
    ),
    (
        "TrainerProfile.lendable_to_all",
        "true: every lead agency may name the trainer.",
        "true: semua instansi pelaksana boleh mencantumkan pelatih ini.",
    ),
    ("Competence.title", "The title of the competence.", "Nama kompetensi."),
    ("Competence.field", "The field of cooperation.", "Bidang kerja sama."),
    (
        "Competence.certificate_number",
        "The certificate's number; may be left out.",
        "Nomor sertifikat kompetensi; boleh dikosongkan.",
    ),
    ("Competence.issuer", "Who issued it; may be left out.", "Penerbit sertifikat; boleh dikosongkan."),
    ("Competence.valid_from", "The first day, YYYY-MM-DD.", "Hari pertama berlaku, YYYY-MM-DD."),
    (
        "Competence.valid_until",
        "The last day, YYYY-MM-DD; left out, it has no end.",
        "Hari terakhir berlaku, YYYY-MM-DD; apabila dikosongkan, berlaku tanpa batas waktu.",
    ),
    ("CreateFacilityRequest.name", FACILITY.0, FACILITY.1),
    ("CreateFacilityRequest.profile", FACILITY_PROFILE.0, FACILITY_PROFILE.1),
    ("UpdateFacilityRequest.name", FACILITY.0, FACILITY.1),
    ("UpdateFacilityRequest.etag", ETAG.0, ETAG.1),
    ("UpdateFacilityRequest.profile", FACILITY_PROFILE.0, FACILITY_PROFILE.1),
    ("FacilityProfile.display_name", "The name that people use.", "Nama yang biasa digunakan."),
    ("FacilityProfile.kind", "The kind of room.", "Jenis ruang."),
    ("FacilityProfile.capacity", "The most trainees that it holds.", "Daya tampung peserta."),
    (
        "FacilityProfile.equipment",
        "The equipment in it; may be left out.",
        "Peralatan di dalamnya; boleh dikosongkan.",
    ),
    (
        "FacilityProfile.status",
        "AVAILABLE (also where it is left out) or MAINTENANCE.",
        "AVAILABLE (juga apabila dikosongkan) atau MAINTENANCE.",
    ),
    ("Equipment.name", "The name of the equipment.", "Nama peralatan."),
    ("Equipment.quantity", "How many.", "Jumlah."),
    ("Equipment.condition", "Its condition; may be left out.", "Keadaannya; boleh dikosongkan."),
    (
        "PushScheduleRequest.name",
        "agencies/CODE/schedules/REFERENCE: your agency's code, and your own number of the schedule.",
        "agencies/KODE/schedules/RUJUKAN: kode instansi Anda, dan nomor jadwal menurut sistem Anda.",
    ),
    (
        "PushScheduleRequest.programme",
        "The programme; the same at every push.",
        "Program; sama pada setiap pengiriman.",
    ),
    ("PushScheduleRequest.time_zone", ZONE.0, ZONE.1),
    ("PushScheduleRequest.mode", MODE.0, MODE.1),
    ("PushScheduleRequest.sessions", "The sessions; each uid once.", "Sesi; setiap uid satu kali."),
    (
        "SessionDraft.uid",
        "Your own identifier of the session, which never changes.",
        "Penanda sesi menurut sistem Anda, yang tidak pernah berubah.",
    ),
    (
        "SessionDraft.sequence",
        "The version of the session, from 0; raise it with every change.",
        "Versi sesi, mulai dari 0; naikkan pada setiap perubahan.",
    ),
    (
        "SessionDraft.starts_at",
        "The start, with the offset from UTC: +07:00 is WIB.",
        "Waktu mulai beserta selisihnya terhadap UTC: +07:00 adalah WIB.",
    ),
    (
        "SessionDraft.ends_at",
        "The end, with the offset; at most 8 hours later.",
        "Waktu selesai beserta selisihnya; paling lama 8 jam kemudian.",
    ),
    (
        "SessionDraft.topic",
        "The topic. Nothing of cases or sentences.",
        "Materi. Tanpa menyebut perkara atau hukuman.",
    ),
    (
        "SessionDraft.trainers",
        "The trainers; exactly one of them leads.",
        "Para pelatih; tepat satu di antaranya pelatih utama.",
    ),
    (
        "SessionDraft.facility",
        "The room that you ask for; left out, the prison chooses.",
        "Ruang yang diminta; apabila dikosongkan, lapas yang menentukan.",
    ),
    ("SessionTrainer.trainer", "agencies/CODE/trainers/REFERENCE.", "agencies/KODE/trainers/RUJUKAN."),
    ("SessionTrainer.role", "LEAD or ASSISTANT.", "Pelatih utama (LEAD) atau asisten (ASSISTANT)."),
    ("NominateTraineesRequest.mode", MODE.0, MODE.1),
    ("NominateTraineesRequest.programme", PROGRAMME.0, PROGRAMME.1),
    ("NominateTraineesRequest.trainees", "Those whom the prison nominates.", "Peserta yang diusulkan lapas."),
    ("Nomination.trainee", "The trainee.", "Peserta."),
    ("Nomination.rank", "The place in the order, 1 first.", "Urutan, dimulai dari 1."),
    (
        "UpdateTraineeRequest.name",
        "trainees/REFERENCE; left out with --enrolment.",
        "trainees/RUJUKAN; dikosongkan apabila memakai --enrolment.",
    ),
    (
        "UpdateTraineeRequest.etag",
        "What was read last; left out with --enrolment.",
        "Tanda versi yang terakhir dibaca; dikosongkan apabila memakai --enrolment.",
    ),
    ("UpdateTraineeRequest.profile", "The whole record of the trainee.", "Data peserta secara lengkap."),
    (
        "TraineeProfile.register_number",
        "The prison's register number; no partner sees it.",
        "Nomor register lapas; tidak terlihat oleh mitra.",
    ),
    ("TraineeProfile.full_name", "The full name.", "Nama lengkap."),
    (
        "TraineeProfile.nik",
        "The NIK, 16 digits in quotation marks; no partner sees it. May be left out.",
        "NIK, 16 angka di antara tanda petik; tidak terlihat oleh mitra. Boleh dikosongkan.",
    ),
    ("TraineeProfile.education_level", "The highest schooling.", "Pendidikan terakhir."),
];
