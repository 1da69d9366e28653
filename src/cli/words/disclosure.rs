//! What `gerbang disclosure` says beside its tables.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    disclosed_to_nobody()
        "Nothing of this trainee was shown to another agency."
        "Data peserta ini belum pernah diperlihatkan kepada instansi lain.";
    letter_is_no_json()
        "A letter is for people: leave out -o json, or --letter."
        "Surat ditujukan kepada orang: hapus -o json, atau --letter.";
    disclosures_until(entries, until)
        "All {entries} entries of the ledger up to {until} were looked through."
        "Seluruh {entries} entri buku besar sampai dengan {until} telah ditelusuri.";
    breach_summary(holder, shown, answers, reachable, rosters)
        "By this certificate, of {holder}: {shown} trainees were shown, in {answers} answers; {reachable} on {rosters} rosters could \
         have been at most. Whoever they are, gerbang roster show tells by the reference. The notice is due within 3 x 24 hours."
        "Dengan sertifikat ini, milik {holder}: data {shown} peserta diperlihatkan, dalam {answers} jawaban; paling banyak \
         {reachable} peserta pada {rosters} daftar dapat terjangkau. Siapa orangnya, ditunjukkan oleh gerbang roster show dengan \
         kode acuannya. Pemberitahuan wajib disampaikan paling lambat 3 x 24 jam.";
    version_of(name, version)
        "{name}, version {version}"
        "{name}, versi {version}";
}
