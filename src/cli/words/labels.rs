//! The labels of a resource's fields in Indonesian. In English a label is the field's path in the contract.

/// Every field of what `show` prints, by its name in the contract.
const INDONESIAN: &[(&str, &str)] = &[
    ("accepted_by", "disetujui oleh"),
    ("act", "tindakan"),
    ("administrator", "administrator"),
    ("agency", "instansi"),
    ("agency_display_name", "nama instansi"),
    ("agreement", "perjanjian"),
    ("alarms", "peringatan"),
    ("approvals", "persetujuan"),
    ("approvals_needed", "persetujuan yang diperlukan"),
    ("attendance_pct_min", "kehadiran minimal (persen)"),
    ("binding", "cara mengikat"),
    ("capacity", "kapasitas"),
    ("certificate", "sertifikat"),
    ("certificate_number", "nomor sertifikat"),
    ("certificates", "sertifikat"),
    ("collect_time", "diambil pada"),
    ("competences", "kompetensi"),
    ("condition", "kondisi"),
    ("contact_point", "narahubung"),
    ("create_time", "dibuat pada"),
    ("data_annex", "lampiran data"),
    ("data_kinds", "jenis data"),
    ("decree_number", "nomor keputusan"),
    ("display_name", "nama"),
    ("dormant", "tidak berlaku karena perjanjian"),
    ("duration_boundary_ambiguous", "jangka waktu tepat di batas golongan"),
    ("duration_class", "golongan jangka waktu"),
    ("education_level", "pendidikan"),
    ("effective_from", "berlaku sejak"),
    ("effective_until", "berlaku sampai"),
    ("end_time", "berakhir pada"),
    ("ends_at", "selesai"),
    ("equipment", "peralatan"),
    ("erased", "data sudah dihapus"),
    ("etag", "etag"),
    ("expire_time", "kedaluwarsa pada"),
    ("facility", "ruang"),
    ("facility_display_name", "nama ruang"),
    ("field", "bidang"),
    ("fields", "bidang"),
    ("full_name", "nama lengkap"),
    ("ignored", "diabaikan"),
    ("issue_time", "diterbitkan pada"),
    ("issuer", "penerbit"),
    ("key_sha256", "SHA-256 kunci"),
    ("kind", "jenis"),
    ("label", "sebutan"),
    ("legal_basis", "dasar hukum"),
    ("legal_hold", "pemusnahan ditangguhkan"),
    ("lendable_to", "dapat dipinjamkan kepada"),
    ("lendable_to_all", "dapat dipinjamkan kepada semua instansi"),
    ("lesson_minutes", "menit per jam pelajaran"),
    ("lessons", "jam pelajaran"),
    ("lifetime_days", "masa berlaku (hari)"),
    ("methods", "layanan yang boleh dipanggil"),
    ("missing", "masih diperlukan"),
    ("name", "pengenal"),
    ("names", "nama"),
    ("nature", "sifat"),
    ("nik", "NIK"),
    ("not_after", "berlaku sampai"),
    ("not_before", "berlaku sejak"),
    ("note", "catatan"),
    ("notice_days", "tenggang pemberitahuan (hari)"),
    ("number", "nomor"),
    ("other_key_time", "token dicoba dengan kunci lain pada"),
    ("out_of_rank", "di luar urutan karena"),
    ("overlaps", "bertumpukan dengan"),
    ("parties", "pihak"),
    ("place", "urutan"),
    ("plan", "rencana"),
    ("previous", "sebelumnya"),
    ("prison", "lapas"),
    ("prison_record", "catatan lapas"),
    ("profile", "profil"),
    ("programme", "program"),
    ("programme_title", "judul program"),
    ("proposed_role", "peran yang diusulkan"),
    ("proposer", "pengusul"),
    ("purpose", "maksud dan tujuan"),
    ("quantity", "jumlah"),
    ("register_number", "nomor register"),
    ("registration", "pendaftaran"),
    ("remarks", "catatan"),
    ("requester", "pemohon"),
    ("retention_days", "masa simpan (hari)"),
    ("retire_time", "dihentikan pada"),
    ("revoke_note", "catatan pencabutan"),
    ("revoke_time", "dicabut pada"),
    ("role", "peran"),
    ("schedule", "jadwal"),
    ("seen_from", "dipakai dari alamat"),
    ("seen_time", "terakhir dipakai"),
    ("sequence", "nomor urut perubahan"),
    ("serial", "nomor seri"),
    ("session", "sesi"),
    ("session_state", "status sesi"),
    ("session_uid", "UID sesi"),
    ("sha256", "SHA-256"),
    ("signatory_title", "jabatan penanda tangan"),
    ("skkni_code", "kode SKKNI"),
    ("starts_at", "mulai"),
    ("state", "status"),
    ("status", "status"),
    ("successor", "penggantinya"),
    ("suspended_by", "ditangguhkan oleh"),
    ("system", "sistem"),
    ("systems", "sistem"),
    ("term_months", "jangka waktu (bulan)"),
    ("terminates_on", "diakhiri terhitung mulai"),
    ("terms", "ketentuan"),
    ("tier", "tingkat"),
    ("time", "pada"),
    ("time_zone", "zona waktu"),
    ("title", "judul"),
    ("token_sha256", "SHA-256 token"),
    ("topic", "materi"),
    ("total_minutes", "jumlah menit"),
    ("trainee", "peserta"),
    ("trainee_etag", "etag peserta"),
    ("trainer", "pelatih"),
    ("trainer_agency", "instansi pelatih"),
    ("trainer_display_name", "nama pelatih"),
    ("trainers", "pelatih"),
    ("units", "unit"),
    ("valid_from", "berlaku sejak"),
    ("valid_until", "berlaku sampai"),
    ("way", "cara"),
    ("withheld", "tidak ditampilkan kepada mitra"),
    ("year", "tahun"),
];

/// Fields that read otherwise in one message, for they are not what the others of their name are.
const APART: &[(&str, &str, &str)] = &[("Equipment", "name", "nama")];

/// As [`label`], of a field in this message.
pub fn label_in<'a>(message: &str, field: &'a str) -> &'a str {
    let apart = APART.iter().find(|(of, name, _)| *of == message && *name == field);
    apart.map_or_else(|| label(field), |(.., label)| label)
}

/// The Indonesian label of a field; its name in the contract where the table has none.
pub fn label(field: &str) -> &str {
    INDONESIAN.iter().find(|(name, _)| *name == field).map_or(field, |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_reflect::{Kind, MessageDescriptor};

    use super::*;
    use crate::proto;

    /// The fields below a message, by their names.
    fn collect(message: &MessageDescriptor, seen: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
        if message.package_name() != proto::PACKAGE || !seen.insert(message.full_name().to_owned()) {
            return;
        }
        for field in message.fields() {
            names.insert(field.name().to_owned());
            if let Kind::Message(of) = field.kind() {
                collect(&of, seen, names);
            }
        }
    }

    #[test]
    fn every_field_that_is_shown_has_its_label_and_no_label_is_of_no_field() {
        let (mut seen, mut names) = (BTreeSet::new(), BTreeSet::new());
        for method in proto::methods() {
            let answer = method.output();
            match method.name() {
                "WhoAmI" => collect(&answer, &mut seen, &mut names),
                name if name.starts_with("Get") => {
                    // Lists are tables.
                    let resources = answer.fields().filter(|field| !field.is_list());
                    let resources = resources.filter_map(|field| match field.kind() {
                        Kind::Message(of) => Some(of),
                        _ => None,
                    });
                    resources.for_each(|of| collect(&of, &mut seen, &mut names));
                }
                _ => {}
            }
        }
        let labels: BTreeSet<_> = INDONESIAN.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names.difference(&labels).collect::<Vec<_>>(), [""; 0], "without an Indonesian label");
        assert_eq!(labels.difference(&names).collect::<Vec<_>>(), [""; 0], "no field that is shown");
        assert!(INDONESIAN.is_sorted(), "sorted, so that each stands once");
    }
}
