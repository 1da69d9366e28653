//! `gerbang roster`: who is on the roster of a programme (daftar peserta). The prison nominates and promotes; a
//! partner sees of it what the gateway shows.

mod named;

use std::cell::Cell;

use clap::{Args, Subcommand};

pub(super) use named::is_reference;

use super::{
    ask::Asks,
    batch::{self, Answer},
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Consent, FromFile, Limit, SendOptions},
    programme,
    screen::{self, Heading, Output},
    select, words,
};
use crate::{
    domain::{Reason, reason::Language},
    proto::{shape::BatchRequest, v1},
};

/// Nominate trainees, and see who is on a roster
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Nominate trainees from a file; shows who has a place and who waits (prison)
    #[command(after_help = "Examples:\n\
        \x20 gerbang roster nominate blk-las.json\n\
        \x20 gerbang roster nominate blk-las.json --dry-run\n\
        \x20 gerbang roster nominate - --best-effort -o json")]
    Nominate(Nominate),
    /// List the roster of a programme, each name as far as you may see it
    #[command(after_help = "Examples:\n\
        \x20 gerbang roster list blk-kepri/las-2026 --profile lapas\n\
        \x20 gerbang roster list las-2026 --state confirmed --profile blk")]
    List(List),
    /// Show one place on a roster
    #[command(after_help = "Examples:\n  gerbang roster show 07f3ab5c9e114d0f8a62b7c1d94e5f08")]
    Show {
        /// The reference, or the full name
        enrolment: String,
    },
    /// Take trainees off a roster (prison)
    #[command(after_help = "Examples:\n\
        \x20 gerbang roster withdraw blk-kepri/las-2026 \"B.I 12/2026\"\n\
        \x20 gerbang roster withdraw las-2026 07f3ab5c9e114d0f8a62b7c1d94e5f08 --yes")]
    Withdraw(Chosen),
    /// Give who waits a place that came free: the next by rank, or another with a reason (prison)
    #[command(after_help = "Examples:\n\
        \x20 gerbang roster promote blk-kepri/las-2026 \"B.I 12/2026\"\n\
        \x20 gerbang roster promote blk-kepri/las-2026 07f3ab5c9e114d0f8a62b7c1d94e5f08 --out-of-rank security")]
    Promote(Promote),
    /// How many are on each roster of a prison; one to four reads <5
    #[command(after_help = "Examples:\n  gerbang roster counts lapas-tpi --profile blk")]
    Counts {
        /// The prison: its code, or a part of its name
        #[arg(value_name = "AGENCY")]
        prison: String,
        #[command(flatten)]
        limit: Limit,
    },
}

/// Options of `nominate`.
#[derive(Debug, Args)]
pub struct Nominate {
    #[command(flatten)]
    pub(super) from: FromFile,
    /// Store what is good, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
}

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// The programme: CODE/ID, the ID, or a part of its title
    programme: String,
    /// Only those in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("ENROLMENT_STATE_", v1::EnrolmentState::as_str_name)
    )]
    state: Option<i32>,
    #[command(flatten)]
    limit: Limit,
}

/// Places on one roster.
#[derive(Debug, Args)]
pub struct Chosen {
    /// The programme: CODE/ID, the ID, or a part of its title
    programme: String,
    /// Register numbers, references, or parts of names that mean one trainee each
    #[arg(required = true, value_name = "TRAINEE")]
    enrolments: Vec<String>,
    /// The etag that was read, with a single reference; read now where it is not given
    #[arg(long)]
    etag: Option<String>,
    /// Do what can be done, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    sending: SendOptions,
}

/// Options of `promote`.
#[derive(Debug, Args)]
pub struct Promote {
    #[command(flatten)]
    chosen: Chosen,
    /// Why these come before others
    #[arg(
        long,
        value_name = "REASON",
        ignore_case = true,
        value_parser = choice("PROMOTION_REASON_", v1::PromotionReason::as_str_name)
    )]
    out_of_rank: Option<i32>,
}

/// Of the prison and of partners both: what a partner may not see is empty, and so left out.
pub(super) const HEADINGS: &[Heading] = &[
    ("PLACE", "URUTAN"),
    ("STATE", "STATUS"),
    ("NAME", "NAMA"),
    ("EDUCATION", "PENDIDIKAN"),
    ("REGISTER NO.", "NO. REGISTER"),
    ("WITHHELD", "TIDAK DITAMPILKAN"),
    ("LEGAL HOLD", "PEMUSNAHAN DITANGGUHKAN"),
    ("OUT OF RANK", "DI LUAR URUTAN"),
    ("ENROLMENT", "KEPESERTAAN"),
];

pub(super) const COUNT_HEADINGS: &[Heading] = &[
    ("PROGRAMME", "PROGRAM"),
    ("TITLE", "JUDUL"),
    ("CONFIRMED", "TERKONFIRMASI"),
    ("WAITLISTED", "MENUNGGU"),
    ("LEFT", "KELUAR"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let rosters = || conn.client.roster();
    match verb {
        Verb::Nominate(options) => {
            let call =
                async |request: v1::NominateTraineesRequest| rosters().nominate_trainees(request).await;
            let known = |request: &v1::NominateTraineesRequest| {
                request.trainees.iter().map(|one| nominated(one.trainee.as_ref())).collect()
            };
            batch::submit(conn, &options.from, options.best_effort, known, call).await
        }
        Verb::List(filters) => list(conn, filters).await,
        Verb::Show { enrolment } => {
            let read = get(conn, &names::given("enrolments", &enrolment)).await?;
            note_hidden(read.names_hidden(), conn.context.language);
            conn.show(&read.enrolment.unwrap_or_default()).await
        }
        Verb::Withdraw(chosen) => {
            let question = |count| words::ask_withdraw_enrolments(conn.context.language, count);
            let Agreed { programme, enrolments, known } =
                choose::<v1::WithdrawEnrolmentsResponse>(conn, &chosen, Asks::Always, question).await?;
            let mut request = v1::WithdrawEnrolmentsRequest { programme, enrolments, ..Default::default() };
            if chosen.best_effort {
                request.set_best_effort();
            }
            let call = async |request| rosters().withdraw_enrolments(request).await;
            batch::send(conn, &chosen.sending, request, &known, call).await
        }
        Verb::Promote(Promote { chosen, out_of_rank }) => {
            let question = |count| words::ask_promote(conn.context.language, count);
            let Agreed { programme, enrolments, known } =
                choose::<v1::PromoteEnrolmentsResponse>(conn, &chosen, Asks::AboveOne, question).await?;
            let out_of_rank = out_of_rank.unwrap_or_default();
            let mut request =
                v1::PromoteEnrolmentsRequest { programme, enrolments, out_of_rank, ..Default::default() };
            if chosen.best_effort {
                request.set_best_effort();
            }
            let call = async |request| {
                let mut answer = rosters().promote_enrolments(request).await?;
                name_next(conn, answer.get_mut()).await;
                Ok(answer)
            };
            batch::send(conn, &chosen.sending, request, &known, call).await
        }
        Verb::Counts { prison, limit } => counts(conn, &prison, &limit).await,
    }
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let programme = programme::named(conn, &filters.programme).await?;
    let (found, hidden) = find(conn, &programme, filters.state.unwrap_or_default(), &filters.limit).await?;
    let exit = conn.list(&found, HEADINGS, row)?;
    note_hidden(hidden, conn.context.language);
    let is_erased = |one: &&v1::Enrolment| one.prison_record.as_ref().is_some_and(|record| record.erased);
    let erased = found.iter().filter(is_erased).count();
    if erased > 0 {
        screen::note(&words::trainees_erased(conn.context.language, erased));
    }
    Ok(exit)
}

/// The roster of a programme as the caller may see it, and why a partner sees no names.
pub(super) async fn find(
    conn: &Connection<'_>,
    programme: &str,
    state: i32,
    limit: &Limit,
) -> Result<(Vec<v1::Enrolment>, v1::NamesHidden), Failure> {
    let hidden = Cell::new(v1::NamesHidden::Unspecified);
    let fetch = async |page_size, page_token| {
        let programme = programme.to_owned();
        let request = v1::ListRosterRequest { page_size, page_token, programme, state };
        conn.client.roster().list_roster(request).await
    };
    let split = |page: v1::ListRosterResponse| {
        hidden.set(page.names_hidden());
        (page.enrolments, page.next_page_token)
    };
    let found = conn.pages(limit, fetch, split).await?;
    Ok((found, hidden.get()))
}

async fn counts(conn: &Connection<'_>, prison: &str, limit: &Limit) -> Result<Exit, Failure> {
    let prison = select::agency(conn, prison).await?;
    conn.list(&counted(conn, &prison, limit).await?, COUNT_HEADINGS, count_row)
}

/// The numbers of a prison's rosters, by programme. They disclose nobody, and so nothing stands in the ledger.
pub(super) async fn counted(
    conn: &Connection<'_>,
    prison: &str,
    limit: &Limit,
) -> Result<Vec<v1::RosterCount>, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::GetRosterCountsRequest { page_size, page_token, prison: prison.to_owned() };
        conn.client.roster().get_roster_counts(request).await
    };
    let split = |page: v1::GetRosterCountsResponse| (page.counts, page.next_page_token);
    conn.pages(limit, fetch, split).await
}

/// The numbers of one roster, as texts: the gateway writes <5 for one to four.
pub(super) fn count_row(count: &v1::RosterCount) -> Vec<String> {
    let [confirmed, waitlisted, left] = [&count.confirmed, &count.waitlisted, &count.left].map(Clone::clone);
    vec![names::short(&count.programme), count.programme_title.clone(), confirmed, waitlisted, left]
}

/// The only trainee on a roster whom a text means: see [`named::find_all`].
pub(super) async fn named(
    conn: &Connection<'_>,
    programme: &str,
    text: &str,
) -> Result<Option<v1::Enrolment>, Failure> {
    Ok(named::find_all(conn, programme, &[text.to_owned()]).await?.pop())
}

pub(super) async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::GetEnrolmentResponse, Failure> {
    let request = v1::GetEnrolmentRequest { name: name.to_owned() };
    conn.ask(async || conn.client.roster().get_enrolment(request.clone()).await).await
}

/// Places on a roster that a verb may act on, after the question, and what people know each by.
struct Agreed {
    programme: String,
    enrolments: Vec<v1::SeenEnrolment>,
    known: Vec<Vec<String>>,
}

/// Finds the places that are named, and asks where that is due. Each that is read stands in the ledger as a disclosure;
/// so only those whose reference was given are read one by one, and the roster for the others.
async fn choose<A: Answer>(
    conn: &Connection<'_>,
    options: &Chosen,
    asks: Asks,
    question: impl Fn(usize) -> String,
) -> Result<Agreed, Failure> {
    let programme = programme::named(conn, &options.programme).await?;
    let found: Vec<_> = match (&options.etag, &options.enrolments[..]) {
        (Some(etag), [only]) if named::is_reference(only) => {
            vec![batch::Chosen {
                name: names::given("enrolments", only),
                etag: etag.clone(),
                state: "",
                known: Vec::new(),
            }]
        }
        (Some(_), _) => return Err(Failure::Usage(words::etag_for_one(conn.context.language))),
        (None, texts) => {
            let read = named::find_all(conn, &programme, texts).await?;
            let chosen = |one: v1::Enrolment| {
                let state = one.state().as_str_name();
                batch::Chosen { known: known(&one), state, name: one.name, etag: one.etag }
            };
            // Nobody looks at what a part of a name meant, where nothing is asked.
            let unseen = asks == Asks::Always && options.consent.yes && !options.sending.dry_run;
            if unseen && !texts.iter().zip(&read).all(|(text, one)| named::is_exact(text, one)) {
                return Err(Failure::Usage(words::exact_with_yes(conn.context.language)));
            }
            read.into_iter().map(chosen).collect()
        }
    };
    batch::ask::<A>(conn, &options.consent, &options.sending, asks, &found, question)?;
    let known = found.iter().map(|one| one.known.clone()).collect();
    let seen = |one: batch::Chosen| v1::SeenEnrolment { name: one.name, etag: one.etag };
    Ok(Agreed { programme, enrolments: found.into_iter().map(seen).collect(), known })
}

/// Names whoever is passed over, where the answer has a reference: to the officer who waits for it, and in no JSON.
async fn name_next(conn: &Connection<'_>, answer: &mut v1::PromoteEnrolmentsResponse) {
    if conn.context.output == Output::Json {
        return;
    }
    let errors = answer.results.iter_mut().flat_map(|result| &mut result.errors);
    for error in errors.filter(|error| error.reason == Reason::OutOfRank.code()) {
        let mut words = error.text.split([' ', ';', '.']);
        let Some(next) = words.find(|word| named::is_reference(word)).map(str::to_owned) else { continue };
        if let Ok(read) = get(conn, &names::given("enrolments", &next)).await {
            error.text = error.text.replace(&next, &called(&read.enrolment.unwrap_or_default()));
        }
    }
}

/// A trainee in a sentence: `Contoh Satu (BI 12/2026)`.
pub(super) fn called(enrolment: &v1::Enrolment) -> String {
    match &known(enrolment)[..] {
        [name, number] if !number.is_empty() => format!("{name} ({number})"),
        _ => enrolment.full_name.clone(),
    }
}

/// What the prison knows a trainee by: name and register number. Only what the caller may see is there.
pub(super) fn known(enrolment: &v1::Enrolment) -> Vec<String> {
    let record = enrolment.prison_record.as_ref();
    let number = record.map(|record| record.register_number.clone()).unwrap_or_default();
    vec![enrolment.full_name.clone(), number]
}

/// As [`known`], of who is nominated.
fn nominated(trainee: Option<&v1::TraineeProfile>) -> Vec<String> {
    let profile = trainee.cloned().unwrap_or_default();
    vec![profile.full_name, profile.register_number]
}

fn note_hidden(hidden: v1::NamesHidden, language: Language) {
    if let Some(why) = why_hidden(hidden, language) {
        screen::note(&why);
    }
}

/// The reason, in words, why a partner sees no names.
pub(super) fn why_hidden(hidden: v1::NamesHidden, language: Language) -> Option<String> {
    match hidden {
        v1::NamesHidden::Unspecified => None,
        v1::NamesHidden::NotConfirmed => Some(words::names_not_confirmed(language)),
        v1::NamesHidden::ProgrammeCancelled => Some(words::names_cancelled(language)),
        v1::NamesHidden::WindowOver => Some(words::names_window_over(language)),
    }
}

/// A place on a roster. The NIK is shown by `show` and in JSON alone: a list lies open on a desk.
pub(super) fn row(enrolment: &v1::Enrolment) -> Vec<String> {
    let record = enrolment.prison_record.clone().unwrap_or_default();
    vec![
        if record.place > 0 { record.place.to_string() } else { String::new() },
        enrolment.state().as_str_name().to_owned(),
        enrolment.full_name.clone(),
        enrolment.education_level().as_str_name().to_owned(),
        record.register_number.clone(),
        tick(record.withheld),
        tick(record.legal_hold),
        record.out_of_rank().as_str_name().to_owned(),
        names::short(&enrolment.name),
    ]
}

fn tick(is_so: bool) -> String {
    if is_so { "✓".to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_roster_reads_differently_to_prison_and_partner() {
        let partners = v1::Enrolment { name: "enrolments/07f3".into(), state: 2, ..Default::default() };
        let cells = [
            "",
            "ENROLMENT_STATE_WAITLISTED",
            "",
            "EDUCATION_LEVEL_UNSPECIFIED",
            "",
            "",
            "",
            "PROMOTION_REASON_UNSPECIFIED",
            "07f3",
        ];
        assert_eq!(row(&partners), cells);
        let record = v1::PrisonRecord {
            register_number: "BI 12/2026".into(),
            withheld: true,
            place: 3,
            out_of_rank: 1,
            ..Default::default()
        };
        let prisons = v1::Enrolment {
            state: 1,
            full_name: "Contoh".into(),
            education_level: 2,
            prison_record: Some(record),
            ..partners
        };
        let cells = [
            "3",
            "ENROLMENT_STATE_CONFIRMED",
            "Contoh",
            "EDUCATION_LEVEL_PRIMARY",
            "BI 12/2026",
            "✓",
            "",
            "PROMOTION_REASON_SECURITY",
            "07f3",
        ];
        assert_eq!(row(&prisons), cells);
    }
}
