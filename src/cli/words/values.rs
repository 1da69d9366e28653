//! The contract's values (states, kinds, roles, outcomes) as people read them. JSON and the command line keep the
//! contract's words.

use std::{collections::HashMap, sync::LazyLock};

use crate::{domain::reason::Language, proto};

/// Every value of the contract but the unspecified ones, by its name, with the Indonesian word for it.
const INDONESIAN: &[(&str, &str)] = &[
    ("ROLE_ADMINISTRATOR", "ADMINISTRATOR"),
    ("ROLE_PRISON", "LAPAS"),
    ("ROLE_DOOR", "P2U"),
    ("ROLE_PARTNER", "MITRA"),
    ("ROLE_OVERSIGHT", "PENGAWAS"),
    ("RELATION_OWN", "MILIK SENDIRI"),
    ("RELATION_PARTY", "PIHAK PERJANJIAN"),
    ("RELATION_LEAD", "INSTANSI PELAKSANA"),
    ("RELATION_TRAINER_AGENCY", "INSTANSI PELATIH"),
    ("RELATION_ANY", "SEMUA INSTANSI"),
    ("DATA_KIND_SCHEDULE", "JADWAL"),
    ("DATA_KIND_TRAINER", "PELATIH"),
    ("DATA_KIND_ROSTER", "DAFTAR PESERTA"),
    ("DATA_KIND_ATTENDANCE", "KEHADIRAN"),
    ("DATA_KIND_TRAINING_CERTIFICATE", "SERTIFIKAT PELATIHAN"),
    ("DISCLOSURE_TRAINER", "DATA PELATIH"),
    ("DISCLOSURE_TRAINEE", "DATA PESERTA"),
    ("CERTIFICATE_STATE_VALID", "BERLAKU"),
    ("CERTIFICATE_STATE_NOT_YET_VALID", "BELUM BERLAKU"),
    ("CERTIFICATE_STATE_EXPIRED", "KEDALUWARSA"),
    ("CERTIFICATE_STATE_SUPERSEDED", "DIGANTIKAN"),
    ("CERTIFICATE_STATE_REVOKED", "DICABUT"),
    ("AGENCY_KIND_PRISON", "LEMBAGA PEMASYARAKATAN"),
    ("AGENCY_KIND_VOCATIONAL_TRAINING_CENTRE", "BALAI LATIHAN KERJA"),
    ("AGENCY_KIND_AGRICULTURE", "DINAS PERTANIAN"),
    ("AGENCY_KIND_FISHERIES", "DINAS PERIKANAN"),
    ("AGENCY_KIND_TRADE_INDUSTRY", "DINAS PERINDUSTRIAN DAN PERDAGANGAN"),
    ("AGENCY_KIND_COOPERATIVES_SME", "DINAS KOPERASI DAN UMKM"),
    ("AGENCY_KIND_LOCAL_GOVERNMENT", "PEMERINTAH DAERAH"),
    ("AGENCY_KIND_REGIONAL_OFFICE", "KANTOR WILAYAH"),
    ("AGENCY_KIND_CORRECTIONS_DIRECTORATE", "DITJEN PEMASYARAKATAN"),
    ("AGENCY_KIND_OPERATOR", "OPERATOR"),
    ("AGENCY_KIND_FOUNDATION", "YAYASAN"),
    ("AGENCY_KIND_COOPERATIVE", "KOPERASI"),
    ("AGENCY_KIND_NGO", "LEMBAGA SWADAYA MASYARAKAT"),
    ("AGENCY_KIND_INDIVIDUAL", "PERORANGAN"),
    ("AGENCY_KIND_COMPANY", "PERUSAHAAN"),
    ("AGENCY_TIER_CENTRAL", "PUSAT"),
    ("AGENCY_TIER_PROVINCE", "PROVINSI"),
    ("AGENCY_TIER_REGENCY", "KABUPATEN"),
    ("AGENCY_TIER_CITY", "KOTA"),
    ("AGENCY_TIER_NONE", "NONPEMERINTAH"),
    ("AGENCY_STATE_ACTIVE", "AKTIF"),
    ("AGENCY_STATE_SUSPENDED", "DITANGGUHKAN"),
    ("AGREEMENT_KIND_SK", "SK"),
    ("AGREEMENT_KIND_MOU", "NOTA KESEPAHAMAN"),
    ("AGREEMENT_KIND_PKS", "PKS"),
    ("AGREEMENT_NATURE_FUNCTIONAL", "FUNGSIONAL"),
    ("AGREEMENT_NATURE_KEMITRAAN", "KEMITRAAN"),
    ("DURATION_CLASS_SHORT", "JANGKA PENDEK"),
    ("DURATION_CLASS_MEDIUM", "JANGKA MENENGAH"),
    ("DURATION_CLASS_LONG", "JANGKA PANJANG"),
    ("AGREEMENT_BINDING_ACCEPTANCE", "PERSETUJUAN"),
    ("AGREEMENT_BINDING_SIGNATURE", "TANDA TANGAN"),
    ("AGREEMENT_STATE_DRAFT", "DRAF"),
    ("AGREEMENT_STATE_PROPOSED", "DIUSULKAN"),
    ("AGREEMENT_STATE_PENDING", "BELUM BERLAKU"),
    ("AGREEMENT_STATE_ACTIVE", "BERLAKU"),
    ("AGREEMENT_STATE_SUSPENDED", "DITANGGUHKAN"),
    ("AGREEMENT_STATE_EXPIRED", "BERAKHIR"),
    ("AGREEMENT_STATE_REJECTED", "DITOLAK"),
    ("AGREEMENT_STATE_WITHDRAWN", "DITARIK KEMBALI"),
    ("AGREEMENT_STATE_TERMINATED", "DIAKHIRI"),
    ("AGREEMENT_STATE_LAPSED", "GUGUR"),
    ("ASSIGNMENT_STATE_PROPOSED", "DIUSULKAN"),
    ("ASSIGNMENT_STATE_ACCEPTED", "DISETUJUI"),
    ("ASSIGNMENT_STATE_CLEARED", "DIIZINKAN"),
    ("ASSIGNMENT_STATE_WITHDRAWN", "DITARIK"),
    ("ASSIGNMENT_STATE_DECLINED", "DITOLAK"),
    ("ASSIGNMENT_STATE_CLEARANCE_REFUSED", "IZIN DITOLAK"),
    ("CLEARANCE_GRANTED", "DIBERI IZIN"),
    ("CLEARANCE_MISSING", "BELUM BERIZIN"),
    ("CLEARANCE_STEP_AGENCY_ACCEPTS", "PERSETUJUAN INSTANSI"),
    ("CLEARANCE_STEP_PRISON_CLEARS", "IZIN MASUK LAPAS"),
    ("CLEARANCE_STEP_SESSION_CONFIRMED", "KONFIRMASI SESI"),
    ("CLEARANCE_STEP_AGREEMENT_IN_FORCE", "PERJANJIAN YANG BERLAKU"),
    ("CERTIFICATE_ORDER_WAY_TOKEN", "TOKEN"),
    ("CERTIFICATE_ORDER_WAY_CSR", "CSR"),
    ("CERTIFICATE_ORDER_WAY_RENEWAL", "PEMBARUAN"),
    ("CERTIFICATE_ORDER_WAY_GATEWAY", "GERBANG"),
    ("CERTIFICATE_ORDER_WAY_CEREMONY", "UPACARA KUNCI"),
    ("CERTIFICATE_ORDER_STATE_AWAITING_APPROVAL", "MENUNGGU PERSETUJUAN"),
    ("CERTIFICATE_ORDER_STATE_AWAITING_KEY", "MENUNGGU KUNCI"),
    ("CERTIFICATE_ORDER_STATE_WAITING", "MENUNGGU DITERBITKAN"),
    ("CERTIFICATE_ORDER_STATE_RECORDED", "DICATAT"),
    ("CERTIFICATE_ORDER_STATE_LINTED", "DIPERIKSA"),
    ("CERTIFICATE_ORDER_STATE_INTENT", "SIAP DITERBITKAN"),
    ("CERTIFICATE_ORDER_STATE_ISSUED", "DITERBITKAN"),
    ("CERTIFICATE_ORDER_STATE_COLLECTED", "SUDAH DIAMBIL"),
    ("CERTIFICATE_ORDER_STATE_SEEN", "SUDAH DIPAKAI"),
    ("CERTIFICATE_ORDER_STATE_REJECTED", "DITOLAK"),
    ("CERTIFICATE_ORDER_STATE_EXPIRED", "KEDALUWARSA"),
    ("REVOCATION_REASON_KEY_COMPROMISE", "KUNCI BOCOR"),
    ("REVOCATION_REASON_AFFILIATION_CHANGED", "PINDAH INSTANSI"),
    ("REVOCATION_REASON_SUPERSEDED", "DIGANTIKAN"),
    ("REVOCATION_REASON_CESSATION_OF_OPERATION", "BERHENTI BEROPERASI"),
    ("AUTHORITY_KIND_ROOT", "AKAR"),
    ("AUTHORITY_KIND_CLIENTS", "SISTEM INSTANSI"),
    ("AUTHORITY_KIND_GATEWAYS", "GERBANG"),
    ("ITEM_OUTCOME_CREATED", "DIBUAT"),
    ("ITEM_OUTCOME_UPDATED", "DIPERBARUI"),
    ("ITEM_OUTCOME_UNCHANGED", "TETAP"),
    ("ITEM_OUTCOME_REJECTED", "DITOLAK"),
    ("ITEM_OUTCOME_NOT_STORED", "TIDAK DISIMPAN"),
    ("BATCH_OUTCOME_STORED", "DISIMPAN"),
    ("BATCH_OUTCOME_PARTIAL", "DISIMPAN SEBAGIAN"),
    ("BATCH_OUTCOME_UNCHANGED", "TETAP"),
    ("BATCH_OUTCOME_REJECTED", "DITOLAK"),
    ("BATCH_MODE_ATOMIC", "SEMUA ATAU TIDAK SAMA SEKALI"),
    ("BATCH_MODE_BEST_EFFORT", "HANYA YANG MEMENUHI SYARAT"),
    ("FIELD_KIND_RELIGION", "AGAMA"),
    ("FIELD_KIND_AGRICULTURE", "PERTANIAN"),
    ("FIELD_KIND_EDUCATION_CULTURE", "PENDIDIKAN DAN KEBUDAYAAN"),
    ("FIELD_KIND_HEALTH", "KESEHATAN"),
    ("FIELD_KIND_SOCIAL", "SOSIAL"),
    ("FIELD_KIND_MANPOWER", "KETENAGAKERJAAN"),
    ("FIELD_KIND_INDUSTRY_TRADE", "PERINDUSTRIAN DAN PERDAGANGAN"),
    ("FIELD_KIND_LOCAL_GOVERNMENT", "PEMERINTAHAN DAERAH"),
    ("FIELD_KIND_OTHER", "LAINNYA"),
    ("FACILITY_KIND_CLASSROOM", "RUANG KELAS"),
    ("FACILITY_KIND_WORKSHOP", "BENGKEL KERJA"),
    ("FACILITY_KIND_POND", "KOLAM"),
    ("FACILITY_KIND_GREENHOUSE", "RUMAH KACA"),
    ("FACILITY_KIND_SAE_PLOT", "LAHAN SAE"),
    ("FACILITY_KIND_KITCHEN", "DAPUR"),
    ("FACILITY_KIND_OTHER", "LAINNYA"),
    ("FACILITY_STATUS_AVAILABLE", "TERSEDIA"),
    ("FACILITY_STATUS_MAINTENANCE", "DALAM PERBAIKAN"),
    ("FACILITY_STATUS_RETIRED", "TIDAK DIPAKAI LAGI"),
    ("PROGRAMME_STATE_PLANNED", "DIRENCANAKAN"),
    ("PROGRAMME_STATE_APPROVED", "DISETUJUI"),
    ("PROGRAMME_STATE_OPEN", "DIBUKA"),
    ("PROGRAMME_STATE_CANCELLED", "DIBATALKAN"),
    ("EDUCATION_LEVEL_NONE", "TIDAK SEKOLAH"),
    ("EDUCATION_LEVEL_PRIMARY", "SD SEDERAJAT"),
    ("EDUCATION_LEVEL_LOWER_SECONDARY", "SMP SEDERAJAT"),
    ("EDUCATION_LEVEL_UPPER_SECONDARY", "SMA SEDERAJAT"),
    ("EDUCATION_LEVEL_TERTIARY", "DIPLOMA ATAU SARJANA"),
    ("EDUCATION_LEVEL_POSTGRADUATE", "PASCASARJANA"),
    ("ENROLMENT_STATE_CONFIRMED", "DIKONFIRMASI"),
    ("ENROLMENT_STATE_WAITLISTED", "DAFTAR TUNGGU"),
    ("ENROLMENT_STATE_LEFT", "KELUAR"),
    ("PROMOTION_REASON_SECURITY", "KEAMANAN"),
    ("PROMOTION_REASON_OTHER_DUTY", "JADWAL LAIN"),
    ("PROMOTION_REASON_DECLINED", "MENOLAK"),
    ("NAMES_HIDDEN_NOT_CONFIRMED", "BELUM ADA YANG DIKONFIRMASI"),
    ("NAMES_HIDDEN_PROGRAMME_CANCELLED", "PROGRAM DIBATALKAN"),
    ("NAMES_HIDDEN_WINDOW_OVER", "JANGKA WAKTU BERAKHIR"),
    ("TRAINER_ROLE_LEAD", "UTAMA"),
    ("TRAINER_ROLE_ASSISTANT", "PENDAMPING"),
    ("SESSION_STATE_TENTATIVE", "TENTATIF"),
    ("SESSION_STATE_CONFIRMED", "DIKONFIRMASI"),
    ("SESSION_STATE_CANCELLED", "DIBATALKAN"),
    ("SESSION_STATE_DECLINED", "DITOLAK"),
    ("TRAINER_REGISTRATION_CONFIRMED", "DIKONFIRMASI"),
    ("TRAINER_REGISTRATION_PENDING", "BELUM DIKONFIRMASI"),
    ("TRAINER_CLAIM_STATE_PENDING", "BELUM DIKONFIRMASI"),
    ("TRAINER_CLAIM_STATE_CONFIRMED", "DIKONFIRMASI"),
    ("TRAINER_KIND_INTERNAL", "INTERNAL"),
    ("TRAINER_KIND_EXTERNAL", "EKSTERNAL"),
    ("TRAINER_STATUS_ACTIVE", "AKTIF"),
    ("TRAINER_STATUS_INACTIVE", "TIDAK AKTIF"),
    ("REMARK_ACT_REJECT", "DITOLAK"),
    ("REMARK_ACT_WITHDRAW", "DITARIK"),
    ("REMARK_ACT_SUSPEND", "DITANGGUHKAN"),
    ("REMARK_ACT_TERMINATE", "DIAKHIRI"),
    ("REMARK_ACT_CANCEL", "DIBATALKAN"),
    ("REMARK_ACT_DECLINE", "TIDAK DISETUJUI"),
    ("REMARK_ACT_RELEASE", "DIBEBASKAN"),
];

/// The name of every value of the contract, with its last part (`ACTIVE` of `AGREEMENT_STATE_ACTIVE`, nothing where
/// it is unspecified) and the Indonesian word for it.
static VALUES: LazyLock<HashMap<String, (String, &'static str)>> = LazyLock::new(|| {
    let indonesian: HashMap<_, _> = INDONESIAN.iter().copied().collect();
    let mut values = HashMap::new();
    for of in proto::descriptor().all_enums().filter(|of| of.package_name() == proto::PACKAGE) {
        let zero = of.get_value(0).map(|zero| zero.name().to_owned()).unwrap_or_default();
        let prefix = zero.trim_end_matches("UNSPECIFIED");
        for value in of.values().filter(|value| value.number() != 0) {
            let name = value.name();
            let word = indonesian.get(name).copied().unwrap_or_default();
            values.insert(name.to_owned(), (name.trim_start_matches(prefix).to_owned(), word));
        }
        values.insert(zero, Default::default());
    }
    values
});

/// A value of the contract, by its name, in the reader's language; empty for an unspecified one. Any other text stays
/// as it is.
pub fn value(language: Language, name: &str) -> String {
    match (VALUES.get(name), language) {
        (None, _) => name.to_owned(),
        (Some((short, _)), Language::English) => short.clone(),
        (Some((_, word)), Language::Indonesian) => (*word).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_value_of_the_contract_has_its_word_and_no_word_is_of_no_value() {
        let named = |name: &&String| !name.ends_with("_UNSPECIFIED");
        let contract: BTreeSet<_> = VALUES.keys().filter(named).map(String::as_str).collect();
        let table: BTreeSet<_> = INDONESIAN.iter().map(|(name, _)| *name).collect();
        assert_eq!(contract.difference(&table).collect::<Vec<_>>(), [&""; 0], "without an Indonesian word");
        assert_eq!(table.difference(&contract).collect::<Vec<_>>(), [&""; 0], "no value of the contract");
        assert_eq!(table.len(), INDONESIAN.len(), "each stands once");
        for (name, word) in INDONESIAN {
            let of = name.split('_').next().unwrap();
            assert!(!word.is_empty() && word.to_uppercase() == *word, "{of}: {word}");
        }
    }

    /// What is shown in Indonesian can be typed, so within an enum no word may mean two values.
    #[test]
    fn no_two_values_of_an_enum_read_alike() {
        for of in proto::descriptor().all_enums().filter(|of| of.package_name() == proto::PACKAGE) {
            let words: Vec<_> = of.values().map(|one| value(Language::Indonesian, one.name())).collect();
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{}", of.name());
        }
    }

    #[test]
    fn values_read_in_both_languages_and_texts_stay() {
        let said = |name| [Language::English, Language::Indonesian].map(|language| value(language, name));
        assert_eq!(said("AGREEMENT_STATE_ACTIVE"), ["ACTIVE", "BERLAKU"]);
        assert_eq!(said("CERTIFICATE_ORDER_STATE_AWAITING_KEY"), ["AWAITING_KEY", "MENUNGGU KUNCI"]);
        assert_eq!(said("EDUCATION_LEVEL_UNSPECIFIED"), ["", ""]);
        assert_eq!(said("BI 12/2026"), ["BI 12/2026", "BI 12/2026"]);
    }
}
