//! The headings of the morning page: what each is called, the command that comes next, and how its lines read.

use prost::{Message, Name};
use serde_json::{Value, json};

use crate::{
    cli::{
        assignment, names, schedule,
        screen::{self, Heading},
        when::{self, Reader},
        words,
    },
    domain::{reason::Language, time::parse_date},
    format::json::to_json,
    proto::v1,
};

/// So many lines of each heading are shown.
const SHOWN: usize = 5;

/// What may wait for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    SessionsToday,
    ToClear,
    ToConfirm,
    ToAccept,
    SessionsDeclined,
    AgreementsToAccept,
    AgreementsWaiting,
    AgreementsEnding,
    ProgrammesToApprove,
    ProgrammesToOpen,
    ProgrammesWaiting,
    ClaimsToConfirm,
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

const SESSIONS: &[Heading] =
    &[WHEN, PROGRAMME, ("TOPIC", "MATERI"), ("ROOM", "RUANG"), STATE, ("SESSION", "SESI")];
const ASSIGNMENTS: &[Heading] = &[WHEN, ("TRAINER", "PELATIH"), PROGRAMME];
const ENTERING: &[Heading] = assignment::DOOR_HEADINGS;
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
const SYSTEMS: &[Heading] =
    &[("PROPOSED ROLE", "PERAN YANG DIUSULKAN"), ("PROPOSED BY", "DIUSULKAN OLEH"), ("SYSTEM", "SISTEM")];
const CERTIFICATES: &[Heading] = &[("SYSTEM", "SISTEM"), ("ENDS", "BERAKHIR"), ("SERIAL", "NOMOR SERI")];

impl Topic {
    /// What a program knows the heading by; the heading; its columns; and the command, in which `{}` is the first item.
    fn told(self) -> (&'static str, Heading, &'static [Heading], &'static str) {
        match self {
            Self::SessionsToday => {
                ("sessions_today", ("SESSIONS TODAY", "SESI HARI INI"), SESSIONS, "schedule list --day today")
            }
            Self::ToClear => (
                "to_clear",
                ("TRAINERS TO CLEAR FOR ENTRY", "PELATIH YANG MENUNGGU IZIN MASUK"),
                ASSIGNMENTS,
                "assignment clear --from today",
            ),
            Self::ToConfirm => (
                "to_confirm",
                ("SESSIONS TO CONFIRM", "SESI YANG MENUNGGU KONFIRMASI"),
                SESSIONS,
                "schedule confirm --from today",
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
                SESSIONS,
                "schedule show {}",
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

    /// The command that comes next, as it is typed.
    fn command(self, first: &str, profile: Option<&str>) -> String {
        let (.., command) = self.told();
        let command = format!("gerbang {}", command.replace("{}", first));
        match profile {
            Some(profile) => format!("{command} --profile {profile}"),
            None => command,
        }
    }
}

/// One heading with what stands below it.
pub struct Section {
    topic: Topic,
    rows: Vec<Vec<String>>,
    items: Vec<Value>,
    /// The short name of the first item, which can be typed.
    first: String,
}

impl Section {
    /// The items under a topic; `row` has the cells under the topic's columns.
    pub fn of<'a, M: Message + Name + 'a>(
        topic: Topic,
        items: impl Iterator<Item = &'a M>,
        row: impl Fn(&M) -> Vec<String>,
    ) -> Self {
        let (rows, items): (Vec<_>, Vec<_>) = items.map(|item| (row(item), to_json(item))).unzip();
        let name = items.first().and_then(|item: &Value| item["name"].as_str()).unwrap_or_default();
        Self { topic, first: names::short(name), rows, items }
    }

    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// The heading with its count, the first lines, and what to type next.
    pub fn text(&self, profile: Option<&str>, language: Language) -> String {
        let (_, (english, indonesian), headings, _) = self.topic.told();
        let heading = if language == Language::English { english } else { indonesian };
        let shown = self.rows.get(..SHOWN).unwrap_or(&self.rows);
        let mut text = format!("{heading}: {}\n{}", self.count(), screen::table(language, headings, shown));
        if self.count() > SHOWN {
            text.push_str(&format!("{}\n", words::and_more(language, self.count() - SHOWN)));
        }
        text + &format!("{}\n", words::next_command(language, self.topic.command(&self.first, profile)))
    }

    /// All of it, for programs.
    pub fn json(&self, profile: Option<&str>) -> Value {
        let (key, ..) = self.topic.told();
        let next = self.topic.command(&self.first, profile);
        json!({"topic": key, "count": self.count(), "next": next, "items": self.items})
    }
}

pub fn session_row(session: &v1::Session, reader: Reader) -> Vec<String> {
    let mut row = schedule::known(session, reader);
    row.extend([session.state().as_str_name().to_owned(), names::short(&session.name)]);
    row
}

pub fn agreement_row(agreement: &v1::Agreement) -> Vec<String> {
    let terms = agreement.terms.clone().unwrap_or_default();
    let parties: Vec<_> = terms.parties.iter().map(|party| names::short(&party.agency)).collect();
    let last = last_day(agreement).map(|day| day.to_string()).unwrap_or_default();
    vec![terms.title, parties.join(", "), last, names::short(&agreement.name)]
}

/// The last day of an agreement: of its term, or the day before a termination holds, whichever is earlier.
pub fn last_day(agreement: &v1::Agreement) -> Option<jiff::civil::Date> {
    let until = parse_date(&agreement.effective_until).ok();
    let before = parse_date(&agreement.terminates_on).ok().and_then(|day| day.yesterday().ok());
    until.into_iter().chain(before).min()
}

pub fn programme_row(programme: &v1::Programme) -> Vec<String> {
    let plan = programme.plan.clone().unwrap_or_default();
    vec![plan.title, plan.year.to_string(), names::short(&programme.name)]
}

pub fn claim_row(claim: &v1::TrainerClaim) -> Vec<String> {
    vec![names::short(&claim.claimant), names::short(&claim.held_trainer), names::short(&claim.name)]
}

pub fn order_row(order: &v1::CertificateOrder, zone: &str, language: Language) -> Vec<String> {
    vec![
        names::short(&order.system),
        order.role().as_str_name().to_owned(),
        format!("{}/{}", order.approvals.len(), order.approvals_needed),
        when::moment(order.expire_time.as_ref(), zone, language),
        names::short(&order.name),
    ]
}

pub fn system_row(system: &v1::System) -> Vec<String> {
    let role = system.proposed_role().as_str_name().to_owned();
    vec![role, names::short(&system.proposer), names::short(&system.name)]
}

pub fn certificate_row(certificate: &v1::Certificate, zone: &str, language: Language) -> Vec<String> {
    let ends = when::moment(certificate.end_time.as_ref(), zone, language);
    vec![names::short(&certificate.system), ends, names::short(&certificate.name)]
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    const ALL: [Topic; 18] = [
        Topic::SessionsToday,
        Topic::ToClear,
        Topic::ToConfirm,
        Topic::ToAccept,
        Topic::SessionsDeclined,
        Topic::AgreementsToAccept,
        Topic::AgreementsWaiting,
        Topic::AgreementsEnding,
        Topic::ProgrammesToApprove,
        Topic::ProgrammesToOpen,
        Topic::ProgrammesWaiting,
        Topic::ClaimsToConfirm,
        Topic::OrdersToSign,
        Topic::SystemsToApprove,
        Topic::CertificatesEnding,
        Topic::OwnCertificateEnding,
        Topic::EnteringToday,
        Topic::EnteringTomorrow,
    ];

    #[test]
    fn what_comes_next_can_be_typed() {
        for topic in ALL {
            for profile in [None, Some("lapas")] {
                let command = topic.command("blk/las-2026", profile);
                if let Err(error) = Cli::try_parse_from(command.split(' ')) {
                    panic!("{command}: {error}");
                }
                assert_eq!(command.contains("--profile lapas"), profile.is_some(), "{command}");
            }
        }
    }

    #[test]
    fn a_heading_counts_all_and_shows_the_first() {
        let all: Vec<_> = (1..=7)
            .map(|number| v1::Programme {
                name: format!("agencies/blk/programmes/las-{number}"),
                plan: Some(v1::ProgrammePlan { title: "Las".into(), year: 2026, ..Default::default() }),
                ..Default::default()
            })
            .collect();
        let section = Section::of(Topic::ProgrammesToApprove, all.iter(), programme_row);
        let text = section.text(Some("lapas"), Language::English);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 1 + SHOWN + 2, "{text}");
        assert_eq!(lines[0], "PROGRAMMES TO APPROVE: 7");
        assert_eq!(lines[7], "… and 2 more");
        assert_eq!(lines[8], "Next: gerbang programme approve blk/las-1 --profile lapas");
        let json = section.json(None);
        assert_eq!((&json["count"], json["items"].as_array().unwrap().len()), (&json!(7), 7));
        assert_eq!(json["next"], "gerbang programme approve blk/las-1");
    }

    #[test]
    fn an_agreement_ends_with_its_term_or_by_notice() {
        let last = |until: &str, terminates_on: &str| {
            let agreement = v1::Agreement {
                effective_until: until.into(),
                terminates_on: terminates_on.into(),
                ..Default::default()
            };
            last_day(&agreement).map(|day| day.to_string())
        };
        assert_eq!(last("2026-12-31", ""), Some("2026-12-31".into()));
        assert_eq!(last("2026-12-31", "2026-12-01"), Some("2026-11-30".into()));
        assert_eq!(last("", ""), None);
    }
}
