//! What `gerbang disclosure` says beside its tables.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    disclosed_to_nobody()
        "Nothing of this trainee was shown to another agency."
        "Data peserta ini belum pernah diperlihatkan kepada instansi lain.";
    range_for_cert()
        "--from and --to go with --cert: a trainee is told of everything."
        "--from dan --to hanya untuk --cert: peserta diberi tahu seluruhnya.";
    letter_is_no_json()
        "A letter is for people: leave out -o json, or --letter."
        "Surat ditujukan kepada orang: hapus -o json, atau --letter.";
    disclosures_until(entries, until)
        "The first {entries} entries of the ledger were looked through, which had their places by {until}."
        "{entries} entri pertama buku besar, yang tercatat sampai dengan {until}, telah ditelusuri.";
    breach_summary(holder, shown, answers, reachable, rosters)
        "By this certificate, of {holder}: {shown} places on rosters were shown, in {answers} answers; {reachable} on {rosters} \
         rosters could have been at most. A trainee may hold several. Who they are, gerbang roster show tells by the reference. The \
         notice is due within 3 x 24 hours."
        "Dengan sertifikat ini, milik {holder}: {shown} kepesertaan diperlihatkan, dalam {answers} jawaban; paling banyak \
         {reachable} kepesertaan pada {rosters} daftar dapat terjangkau. Satu orang dapat memiliki beberapa kepesertaan. Siapa \
         orangnya, ditunjukkan oleh gerbang roster show dengan kode acuannya. Pemberitahuan wajib disampaikan paling lambat 3 x 24 jam.";
    version_of(name, version)
        "{name}, version {version}"
        "{name}, versi {version}";
}
