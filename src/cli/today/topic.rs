//! The headings of the morning page: what each is called, its columns, what to do, and the command that comes next.

use crate::cli::{assignment, screen::Heading};

/// What may wait for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    SessionsToday,
    ToClear,
    ToConfirm,
    ToAccept,
    SessionsDeclined,
    TrainersRefused,
    TrainersAllowed,
    PlacesFree,
    SuspendedByUs,
    SuspendedByOthers,
    AgreementsToAccept,
    AgreementsWaiting,
    AgreementsEnding,
    ProgrammesToApprove,
    ProgrammesToOpen,
    ProgrammesWaiting,
    ClaimsToConfirm,
    TokensTried,
    AdministratorsFew,
    OrdersToSign,
    SystemsToApprove,
    CertificatesEnding,
    OwnCertificateEnding,
    EnteringToday,
    EnteringTomorrow,
}

const WHEN: Heading = ("WHEN", "WAKTU");
const PROGRAMME: Heading = ("PROGRAMME", "PROGRAM");
const STATE: Heading = ("STATE", "STATUS");
/// Notes of others, which no table has the room for; see `cli::table`.
const WHY: Heading = ("WHY", "CATATAN");

const SESSIONS: &[Heading] =
    &[WHEN, PROGRAMME, ("TOPIC", "MATERI"), ("ROOM", "RUANG"), STATE, ("SESSION", "SESI")];
const CONFIRMABLE: &[Heading] =
    &[WHEN, PROGRAMME, ("TOPIC", "MATERI"), ("ROOM", "RUANG"), ("SESSION", "SESI")];
const DECLINED: &[Heading] =
    &[WHEN, PROGRAMME, ("TOPIC", "MATERI"), ("ROOM", "RUANG"), WHY, ("SESSION", "SESI")];
const REFUSED: &[Heading] = &[WHEN, ("TRAINER", "PELATIH"), PROGRAMME, STATE, ("SESSION", "SESI")];
const PLACES: &[Heading] = &[
    ("TITLE", "JUDUL"),
    ("PLACES", "TEMPAT"),
    ("CONFIRMED", "TERKONFIRMASI"),
    ("WAITLISTED", "MENUNGGU"),
    PROGRAMME,
];
// The name stands first, for the notes below the table stand beside it.
const SUSPENDED: &[Heading] =
    &[("AGREEMENT", "PERJANJIAN"), ("TITLE", "JUDUL"), ("SUSPENDED BY", "DITANGGUHKAN OLEH"), WHY];
const ASSIGNMENTS: &[Heading] = &[WHEN, ("TRAINER", "PELATIH"), PROGRAMME];
const ENTERING: &[Heading] = assignment::door::HEADINGS;
const AGREEMENTS: &[Heading] =
    &[("TITLE", "JUDUL"), ("PARTIES", "PIHAK"), ("UNTIL", "SAMPAI"), ("AGREEMENT", "PERJANJIAN")];
const PROGRAMMES: &[Heading] = &[("TITLE", "JUDUL"), ("YEAR", "TAHUN"), PROGRAMME];
const CLAIMS: &[Heading] = &[("CLAIMED BY", "DIKLAIM OLEH"), ("TRAINER", "PELATIH"), ("CLAIM", "KLAIM")];
const ORDERS: &[Heading] = &[
    ("SYSTEM", "SISTEM"),
    ("ROLE", "PERAN"),
    ("SIGNED", "DITANDATANGANI"),
    ("UNTIL", "SAMPAI"),
    ("ORDER", "PERMOHONAN"),
];
const TRIED: &[Heading] =
    &[("SYSTEM", "SISTEM"), ("TRIED", "DICOBA"), ("SERIAL", "NOMOR SERI"), ("ORDER", "PERMOHONAN")];
const SYSTEMS: &[Heading] =
    &[("PROPOSED ROLE", "PERAN YANG DIUSULKAN"), ("PROPOSED BY", "DIUSULKAN OLEH"), ("SYSTEM", "SISTEM")];
const CERTIFICATES: &[Heading] = &[("SYSTEM", "SISTEM"), ("ENDS", "BERAKHIR"), ("SERIAL", "NOMOR SERI")];

impl Topic {
    /// What a program knows the heading by; the heading; its columns; and the command, in which `{}` is the first item.
    pub fn told(self) -> (&'static str, Heading, &'static [Heading], &'static str) {
        match self {
            Self::SessionsToday => {
                ("sessions_today", ("SESSIONS TODAY", "SESI HARI INI"), SESSIONS, "schedule list --day today")
            }
            Self::ToClear => (
                "to_clear",
                ("TRAINERS TO CLEAR FOR ENTRY", "PENUGASAN PELATIH YANG MENUNGGU IZIN MASUK"),
                ASSIGNMENTS,
                "assignment clear --from today",
            ),
            Self::ToConfirm => (
                "to_confirm",
                (
                    "SESSIONS OF THE NEXT 14 DAYS THAT CAN BE CONFIRMED",
                    "SESI 14 HARI KE DEPAN YANG DAPAT DIKONFIRMASI",
                ),
                CONFIRMABLE,
                "schedule list --from today --state tentative",
            ),
            Self::ToAccept => (
                "to_accept",
                (
                    "ASSIGNMENTS OF YOUR TRAINERS TO ACCEPT",
                    "PENUGASAN PELATIH ANDA YANG MENUNGGU PERSETUJUAN",
                ),
                ASSIGNMENTS,
                "assignment accept --from today",
            ),
            Self::SessionsDeclined => (
                "sessions_declined",
                ("SESSIONS THAT THE PRISON DECLINED", "SESI YANG DITOLAK LAPAS"),
                DECLINED,
                "schedule show {}",
            ),
            Self::TrainersRefused => (
                "trainers_refused",
                (
                    "TRAINERS WHO DO NOT COME: DECLINED, OR NOT LET IN BY THE PRISON",
                    "PELATIH YANG TIDAK DISETUJUI INSTANSINYA ATAU TIDAK DIBERI IZIN MASUK",
                ),
                REFUSED,
                "schedule show {}",
            ),
            Self::TrainersAllowed => (
                "trainers_allowed",
                (
                    "TRAINERS WHOM YOU MAY PROPOSE AGAIN OR REPLACE",
                    "PELATIH YANG BOLEH DIUSULKAN KEMBALI ATAU DIGANTI",
                ),
                REFUSED,
                "schedule show {}",
            ),
            Self::PlacesFree => (
                "places_free",
                (
                    "PROGRAMMES WITH FREE PLACES FOR TRAINEES WHO WAIT",
                    "PROGRAM DENGAN TEMPAT KOSONG BAGI PESERTA YANG MENUNGGU",
                ),
                PLACES,
                "roster list {} --state waitlisted",
            ),
            Self::SuspendedByUs => (
                "agreements_suspended_by_us",
                ("AGREEMENTS THAT YOUR AGENCY SUSPENDED", "PERJANJIAN YANG DITANGGUHKAN INSTANSI ANDA"),
                SUSPENDED,
                "agreement resume {}",
            ),
            Self::SuspendedByOthers => (
                "agreements_suspended_by_others",
                ("AGREEMENTS THAT ANOTHER PARTY SUSPENDED", "PERJANJIAN YANG DITANGGUHKAN PIHAK LAIN"),
                SUSPENDED,
                "agreement show {}",
            ),
            Self::AgreementsToAccept => (
                "agreements_to_accept",
                ("AGREEMENTS THAT WAIT FOR YOUR ANSWER", "PERJANJIAN YANG MENUNGGU JAWABAN ANDA"),
                AGREEMENTS,
                "agreement show {}",
            ),
            Self::AgreementsWaiting => (
                "agreements_waiting",
                ("AGREEMENTS THAT WAIT FOR ANOTHER PARTY", "PERJANJIAN YANG MENUNGGU JAWABAN PIHAK LAIN"),
                AGREEMENTS,
                "agreement show {}",
            ),
            Self::AgreementsEnding => (
                "agreements_ending",
                ("AGREEMENTS THAT END SOON", "PERJANJIAN YANG SEGERA BERAKHIR"),
                AGREEMENTS,
                "agreement show {}",
            ),
            Self::ProgrammesToApprove => (
                "programmes_to_approve",
                ("PROGRAMMES TO APPROVE", "PROGRAM YANG MENUNGGU PERSETUJUAN ANDA"),
                PROGRAMMES,
                "programme approve {}",
            ),
            Self::ProgrammesToOpen => (
                "programmes_to_open",
                ("APPROVED PROGRAMMES TO OPEN", "PROGRAM YANG SUDAH DISETUJUI DAN DAPAT DIBUKA"),
                PROGRAMMES,
                "programme open {}",
            ),
            Self::ProgrammesWaiting => (
                "programmes_waiting",
                ("PROGRAMMES THAT WAIT FOR THE PRISON", "PROGRAM YANG MENUNGGU PERSETUJUAN LAPAS"),
                PROGRAMMES,
                "programme show {}",
            ),
            Self::ClaimsToConfirm => (
                "claims_to_confirm",
                (
                    "TRAINERS WHOM ANOTHER AGENCY REGISTERED TOO",
                    "PELATIH YANG JUGA DIDAFTARKAN INSTANSI LAIN",
                ),
                CLAIMS,
                "trainer confirm {}",
            ),
            Self::TokensTried => (
                "tokens_tried_again",
                (
                    "TOKENS THAT SOMEBODY TRIED WITH ANOTHER KEY, AND THAT MAY BE STOLEN",
                    "TOKEN YANG DICOBA DENGAN KUNCI LAIN DAN MUNGKIN DICURI",
                ),
                TRIED,
                "cert revoke {} --reason key-compromise",
            ),
            Self::AdministratorsFew => (
                "administrators_few",
                (
                    "ADMINISTRATORS WHO ARE LEFT, OF TWO THAT ARE NEEDED",
                    "ADMINISTRATOR YANG TERSISA, DARI DUA YANG DIPERLUKAN",
                ),
                CERTIFICATES,
                "ca status",
            ),
            Self::OrdersToSign => (
                "orders_to_sign",
                (
                    "CERTIFICATE ORDERS THAT WAIT FOR YOUR SIGNATURE",
                    "PERMOHONAN SERTIFIKAT YANG MENUNGGU TANDA TANGAN ANDA",
                ),
                ORDERS,
                "cert approve {}",
            ),
            Self::SystemsToApprove => (
                "systems_to_approve",
                (
                    "SYSTEMS WHOSE ROLE WAITS FOR YOUR APPROVAL",
                    "SISTEM YANG PERANNYA MENUNGGU PERSETUJUAN ANDA",
                ),
                SYSTEMS,
                "agency approve-system {}",
            ),
            Self::CertificatesEnding => (
                "certificates_ending",
                ("CERTIFICATES THAT END SOON", "SERTIFIKAT YANG SEGERA BERAKHIR"),
                CERTIFICATES,
                "cert list --expiring 30d",
            ),
            Self::OwnCertificateEnding => (
                "own_certificate_ending",
                ("YOUR CERTIFICATE ENDS SOON", "SERTIFIKAT ANDA SEGERA BERAKHIR"),
                CERTIFICATES,
                "cert renew",
            ),
            Self::EnteringToday => (
                "entering_today",
                ("WHO MAY ENTER TODAY", "YANG BOLEH MASUK HARI INI"),
                ENTERING,
                "assignment gate --date today",
            ),
            Self::EnteringTomorrow => (
                "entering_tomorrow",
                ("WHO MAY ENTER TOMORROW", "YANG BOLEH MASUK BESOK"),
                ENTERING,
                "assignment gate --date tomorrow",
            ),
        }
    }

    /// What to do, where a command does not say it.
    pub fn hint(self) -> Option<Heading> {
        match self {
            Self::TokensTried => Some((
                "Ask the agency which of the two was theirs. Unless both were, revoke the certificate and invite anew.",
                "Tanyakan kepada instansinya siapa yang menggunakan token itu. Kecuali keduanya memang instansi itu, cabut \
                 sertifikatnya dan undang kembali.",
            )),
            Self::AdministratorsFew => Some((
                "One administrator can let neither another one in nor a prison's system or door. If nobody else has a valid \
                 certificate, the root's key admits the next: gerbang ca admit (docs/administration.md, No administrator left).",
                "Administrator tunggal tidak dapat menerima administrator lain, sistem Lapas, atau perangkat P2U. Apabila tidak \
                 ada lagi yang sertifikatnya berlaku, administrator berikutnya diterima dengan kunci akar: gerbang ca admit \
                 (docs/id/mulai.md, Apabila tersisa satu administrator).",
            )),
            Self::SessionsDeclined => Some((
                "Change the session as the note asks, raise its sequence, and push it again: gerbang schedule push FILE",
                "Ubah sesinya sesuai catatan, naikkan angka sequence, lalu kirim kembali: gerbang schedule push BERKAS",
            )),
            Self::TrainersRefused => Some((
                "Name another trainer, raise the sequence, and push the session again: gerbang schedule push FILE",
                "Cantumkan pelatih lain, naikkan angka sequence, lalu kirim kembali sesinya: gerbang schedule push BERKAS",
            )),
            Self::TrainersAllowed => Some((
                "Raise the sequence and push the session again, with the same trainer or another: gerbang schedule push FILE",
                "Naikkan angka sequence, lalu kirim kembali sesinya dengan pelatih yang sama atau pelatih lain: gerbang schedule push BERKAS",
            )),
            Self::PlacesFree => Some((
                "The lowest place comes next: gerbang roster promote PROGRAMME TRAINEE",
                "Urutan terkecil didahulukan: gerbang roster promote PROGRAM PESERTA",
            )),
            Self::SuspendedByUs => Some((
                "Nothing passes under them until your agency resumes them.",
                "Tidak ada pertukaran menurut perjanjian ini sampai instansi Anda mencabut penangguhannya.",
            )),
            Self::SuspendedByOthers => Some((
                "Nothing passes under them until whoever suspended them resumes them: ask there.",
                "Tidak ada pertukaran menurut perjanjian ini sampai pihak yang menangguhkan mencabutnya: hubungi pihak itu.",
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(super) const ALL: [Topic; 25] = [
    Topic::SessionsToday,
    Topic::ToClear,
    Topic::ToConfirm,
    Topic::ToAccept,
    Topic::SessionsDeclined,
    Topic::TrainersRefused,
    Topic::TrainersAllowed,
    Topic::PlacesFree,
    Topic::SuspendedByUs,
    Topic::SuspendedByOthers,
    Topic::AgreementsToAccept,
    Topic::AgreementsWaiting,
    Topic::AgreementsEnding,
    Topic::ProgrammesToApprove,
    Topic::ProgrammesToOpen,
    Topic::ProgrammesWaiting,
    Topic::ClaimsToConfirm,
    Topic::TokensTried,
    Topic::AdministratorsFew,
    Topic::OrdersToSign,
    Topic::SystemsToApprove,
    Topic::CertificatesEnding,
    Topic::OwnCertificateEnding,
    Topic::EnteringToday,
    Topic::EnteringTomorrow,
];
