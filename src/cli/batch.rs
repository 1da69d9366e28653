//! Batches: what became of each item, told alike of sessions, assignments and enrolments.
//!
//! Owns what is shown and asked before a batch is sent, the table of results, the line that sums them up, and the exit
//! code. Judges nothing. The noun files and the story call it.

mod alike;

use std::cell::RefCell;

use prost::{Message, Name};
use serde_json::Value;
use tonic::{Response, Status};

use super::{
    Context,
    answers::warnings_of,
    ask::{self, Asks},
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Consent, FromFile, SendOptions},
    screen::{self, Heading, Output, Progress},
    words::{self, Deed},
};
use crate::{
    domain::reason::Language,
    format::json::to_json,
    proto::{
        shape::{BatchRequest, MutationRequest},
        v1,
    },
};

/// The result of one item of any batch.
pub struct Item<'a> {
    pub index: i32,
    /// As it can be typed back.
    pub label: String,
    pub outcome: v1::ItemOutcome,
    /// By its name in the contract; UNSPECIFIED where the caller may not see it.
    pub state: &'static str,
    pub errors: &'a [v1::ItemError],
}

/// One thing that a verb acts on: as the gateway names it, and in the columns by which people know it.
pub struct Chosen {
    pub name: String,
    pub etag: String,
    /// Its state, by its name in the contract; empty where nothing was read.
    pub state: &'static str,
    /// The cells under [`Answer::KNOWN`]; empty where nothing was read, because the etag was typed.
    pub known: Vec<String>,
}

/// How a batch is told.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    pub language: Language,
    /// Nothing was to be stored.
    pub dry_run: bool,
    /// The items stand in a file, so that paths lead somewhere.
    pub of_file: bool,
}

/// The answer to a batch.
pub trait Answer: Message + Name {
    /// The columns by which people know an item.
    const KNOWN: &'static [Heading];
    /// The noun for the items: the heading of their identifiers.
    const LABEL: Heading;
    /// What the batch does to them.
    const DEED: Deed;
    fn outcome(&self) -> v1::BatchOutcome;
    /// In the order of the request.
    fn items(&self) -> Vec<Item<'_>>;
    /// The ledger entry; empty where nothing was stored.
    fn entry(&self) -> &str;
}

macro_rules! answers {
    ($($result:ident ($label:literal $id:literal) $known:ident $item:ident: $name:expr, $($answer:ident $deed:ident)*;)*) => {
        $($(impl Answer for v1::$answer {
            const KNOWN: &'static [Heading] = $known;
            const LABEL: Heading = ($label, $id);
            const DEED: Deed = words::$deed;

            fn outcome(&self) -> v1::BatchOutcome {
                self.outcome()
            }

            fn items(&self) -> Vec<Item<'_>> {
                let item = |$item: &'_ v1::$result| ($name, $item.state().as_str_name());
                let items = self.results.iter().map(|result| {
                    let (label, state) = item(result);
                    Item { index: result.index, label, outcome: result.outcome(), state, errors: &result.errors }
                });
                items.collect()
            }

            fn entry(&self) -> &str {
                &self.entry
            }
        })*)*
    };
}

const WHEN: Heading = ("WHEN", "WAKTU");
const STATE: Heading = ("STATE", "STATUS");
const PROGRAMME: Heading = ("PROGRAMME", "PROGRAM");
const SESSION: &[Heading] = &[WHEN, PROGRAMME, ("TOPIC", "MATERI"), ("ROOM", "RUANG")];
const ASSIGNMENT: &[Heading] = &[WHEN, ("TRAINER", "PELATIH"), PROGRAMME];
const ENROLMENT: &[Heading] = &[("NAME", "NAMA"), ("REGISTER NO.", "NO. REGISTER")];

answers! {
    SessionResult ("SESSION" "SESI") SESSION item:
        if item.name.is_empty() { item.uid.clone() } else { names::short(&item.name) },
        PushScheduleResponse PUSHED CancelSessionsResponse CANCELLED ConfirmSessionsResponse CONFIRMED
        DeclineSessionsResponse DECLINED;
    AssignmentResult ("ASSIGNMENT" "PENUGASAN") ASSIGNMENT item:
        names::short(&item.name),
        AcceptAssignmentsResponse ACCEPTED DeclineAssignmentsResponse TURNED_DOWN ClearAssignmentsResponse CLEARED
        RefuseClearanceResponse REFUSED WithdrawAssignmentsResponse WITHDRAWN AllowAssignmentsResponse ALLOWED;
    EnrolmentResult ("ENROLMENT" "KEPESERTAAN") ENROLMENT item:
        names::short(&item.name),
        NominateTraineesResponse NOMINATED WithdrawEnrolmentsResponse TAKEN_OFF PromoteEnrolmentsResponse PROMOTED;
}

/// Reads what is named: its etag, and what people know it by. Of a single item whose etag was typed nothing is read.
pub async fn seen(
    conn: &Connection<'_>,
    names: Vec<String>,
    etag: Option<String>,
    read: impl AsyncFn(&str) -> Result<Chosen, Failure>,
) -> Result<Vec<Chosen>, Failure> {
    let language = conn.context.language;
    match (etag, &names[..]) {
        (None, _) => {}
        (Some(etag), [only]) => {
            return Ok(vec![Chosen { name: only.clone(), etag, state: "", known: Vec::new() }]);
        }
        (Some(_), _) => return Err(Failure::Usage(words::etag_for_one(language))),
    }
    let progress = Progress::of(names.len(), words::fetched(language));
    let mut seen = Vec::with_capacity(names.len());
    for name in names {
        seen.push(read(&name).await?);
        progress.reached(seen.len());
    }
    Ok(seen)
}

/// Shows what a verb is about to act on and asks, where that is due. A dry run is not asked for.
pub fn ask<A: Answer>(
    conn: &Connection<'_>,
    consent: &Consent,
    sending: &SendOptions,
    asks: Asks,
    chosen: &[Chosen],
    question: impl Fn(usize) -> String,
) -> Result<(), Failure> {
    let language = conn.context.language;
    let headings: Vec<_> = A::KNOWN.iter().copied().chain([STATE, A::LABEL]).collect();
    let rows = chosen.iter().map(|one| {
        let mut row = one.known.clone();
        row.resize(A::KNOWN.len(), String::new());
        row.extend([one.state.to_owned(), names::short(&one.name)]);
        row
    });
    let shown = || screen::table(language, &headings, &rows.clone().collect::<Vec<_>>());
    ask::before(language, consent.yes || sending.dry_run, asks, chosen.len(), shown, question)
}

/// Sends one batch and prints what became of each item; `known` has the cells of each under [`Answer::KNOWN`].
pub async fn send<Q: MutationRequest, A: Answer>(
    conn: &Connection<'_>,
    sending: &SendOptions,
    request: Q,
    known: &[Vec<String>],
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let answer = conn.send(sending, request, call).await?;
    match conn.context.output {
        Output::Json => screen::print_json(&to_json(&answer))?,
        Output::Table => print(&answer, known, conn.context, sending.dry_run, false)?,
    }
    if sending.dry_run {
        screen::note(&words::only_checked(conn.context.language));
    }
    Ok(exit(&answer))
}

/// Sends the batches of a file, each in turn up to the first that is refused as a whole. A file states its items, so
/// nobody is asked; `known` reads from a request the cells of each item under [`Answer::KNOWN`].
pub async fn submit<Q: BatchRequest, A: Answer>(
    conn: &Connection<'_>,
    from: &FromFile,
    best_effort: bool,
    known: impl Fn(&Q) -> Vec<Vec<String>>,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let items = RefCell::new(Vec::new());
    let prepare = async |request: &mut Q| {
        if best_effort {
            request.set_best_effort();
        }
        items.borrow_mut().push(known(request));
        Ok(())
    };
    let sent = conn.send_file(from, prepare, call).await?;
    if conn.context.output == Output::Json {
        conn.print_json_answers(&sent)?;
    }
    let mut worst = Exit::Ok;
    for (answer, known) in sent.answers.iter().zip(items.borrow().iter()) {
        if conn.context.output == Output::Table {
            print(answer, known, conn.context, sent.dry_run, true)?;
        }
        if worst == Exit::Ok {
            worst = exit(answer);
        }
    }
    if sent.dry_run && sent.failure.is_none() {
        screen::note(&words::only_checked(conn.context.language));
    }
    sent.failure.map_or(Ok(worst), Err)
}

/// Each item on a line, with its errors, those that were refused alike together, then the whole; what else is worth knowing on standard error.
fn print<A: Answer>(
    answer: &A,
    known: &[Vec<String>],
    context: &Context<'_>,
    dry_run: bool,
    of_file: bool,
) -> Result<(), Failure> {
    let language = context.language;
    let telling = Telling { language, dry_run, of_file };
    let (apart, alike) = alike::split(answer.items());
    let rows: Vec<_> = apart.iter().map(|item| row::<A>(item, known, telling)).collect();
    if !rows.is_empty() {
        screen::print(&screen::table(language, &headings::<A>(dry_run), &rows))?;
    }
    if !alike.is_empty() {
        let told: Vec<_> = alike.iter().map(|group| alike::told::<A>(group, known, language)).collect();
        screen::print(&screen::pairs(&told))?;
    }
    screen::print(&format!("{}\n", summary(answer, dry_run, language)))?;
    if context.verbose && !answer.entry().is_empty() {
        screen::note(&words::entry(language, answer.entry()));
    }
    remarks(&to_json(answer), telling).iter().for_each(|remark| screen::note(remark));
    Ok(())
}

/// The columns of [`row`]: what people know an item by, what became of it, and the identifier last.
pub fn headings<A: Answer>(dry_run: bool) -> Vec<Heading> {
    let became = [words::became(dry_run), STATE, ("WHY", "SEBAB"), A::LABEL];
    [("#", "#")].into_iter().chain(A::KNOWN.iter().copied()).chain(became).collect()
}

/// One item, counted from 1; `known` has the cells of each item of the batch, as far as they are known.
pub fn row<A: Answer>(item: &Item<'_>, known: &[Vec<String>], telling: Telling) -> Vec<String> {
    let Telling { language, dry_run, of_file } = telling;
    let errors = item.errors.iter().map(|error| match error.field.as_str() {
        field if of_file && !field.is_empty() => format!("{field}: {} ({})", error.text, error.reason),
        _ => format!("{} ({})", error.text, error.reason),
    });
    let known = usize::try_from(item.index).ok().and_then(|index| known.get(index));
    let mut row = vec![(item.index + 1).to_string()];
    row.extend(known.cloned().unwrap_or_default());
    row.resize(1 + A::KNOWN.len(), String::new());
    let outcome = item.outcome.as_str_name();
    row.extend([
        if dry_run { words::plan(language, outcome) } else { outcome.to_owned() },
        item.state.to_owned(),
        errors.collect::<Vec<_>>().join("\n"),
        item.label.clone(),
    ]);
    row
}

/// What became of the whole, in a sentence; see [`words::summary`].
pub fn summary<A: Answer>(answer: &A, dry_run: bool, language: Language) -> String {
    let outcomes: Vec<_> = answer.items().iter().map(|item| item.outcome).collect();
    words::summary(language, &A::DEED, answer.outcome(), &outcomes, dry_run)
}

/// Warnings, sessions that lost their confirmation, and the places of a roster.
pub fn remarks(answer: &Value, telling: Telling) -> Vec<String> {
    let language = telling.language;
    let mut remarks = warnings_of(answer, telling.of_file, language);
    let unconfirmed = answer["unconfirmed"].as_array().into_iter().flatten().filter_map(Value::as_str);
    remarks.extend(unconfirmed.map(|session| words::unconfirmed(language, names::short(session))));
    if let Some(places) = answer["places"].as_object() {
        let count = |field: &str| places.get(field).and_then(Value::as_i64).unwrap_or_default();
        let [capacity, confirmed, waitlisted] = ["capacity", "confirmed", "waitlisted"].map(count);
        remarks.push(words::places(language, confirmed, capacity, waitlisted));
    }
    remarks
}

fn exit<A: Answer>(answer: &A) -> Exit {
    match answer.outcome() {
        v1::BatchOutcome::Stored | v1::BatchOutcome::Unchanged => Exit::Ok,
        _ => {
            let items = answer.items();
            let errors = items.iter().flat_map(|item| item.errors);
            Exit::of_reasons(errors.map(|error| error.reason.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(index: i32, outcome: v1::ItemOutcome, reason: Option<&str>) -> v1::SessionResult {
        let error = reason.map(|reason| v1::ItemError {
            reason: reason.into(),
            field: format!("sessions[{index}].trainers[0]"),
            text: "Taken.".into(),
        });
        v1::SessionResult {
            index,
            uid: format!("las-{index}"),
            outcome: outcome.into(),
            errors: error.into_iter().collect(),
            ..Default::default()
        }
    }

    #[test]
    fn a_batch_says_what_became_of_each_and_ends_accordingly() {
        let results = vec![
            result(0, v1::ItemOutcome::NotStored, None),
            result(1, v1::ItemOutcome::Rejected, Some("TRAINER_CONFLICT")),
        ];
        let mut answer = v1::PushScheduleResponse { results, ..Default::default() };
        answer.set_outcome(v1::BatchOutcome::Rejected);
        assert!(summary(&answer, false, Language::English).contains("1 of 2 sessions cannot be"));
        assert_eq!(exit(&answer), Exit::Conflict);
        let known = [vec!["Mon".to_owned()], vec!["Tue".to_owned(), "Las".to_owned()]];
        let why = "sessions[1].trainers[0]: Taken. (TRAINER_CONFLICT)";
        let (rejected, unknown) = ("ITEM_OUTCOME_REJECTED", "SESSION_STATE_UNSPECIFIED");
        type Pushed = v1::PushScheduleResponse;
        let told = Telling { language: Language::English, dry_run: false, of_file: true };
        assert_eq!(
            row::<Pushed>(&answer.items()[1], &known, told),
            ["2", "Tue", "Las", "", "", rejected, unknown, why, "las-1"]
        );
        assert_eq!(
            row::<Pushed>(&answer.items()[1], &[], Telling { of_file: false, dry_run: true, ..told }),
            ["2", "", "", "", "", "would be refused", unknown, "Taken. (TRAINER_CONFLICT)", "las-1"],
            "where nothing is known, and no file was sent"
        );
        assert_eq!(headings::<Pushed>(false).len(), 9);
        let mut stored = v1::PushScheduleResponse { entry: "0192".into(), ..Default::default() };
        stored.set_outcome(v1::BatchOutcome::Stored);
        assert_eq!(exit(&stored), Exit::Ok);
    }

    #[test]
    fn a_dry_run_never_says_that_anything_was_done() {
        use v1::{BatchOutcome, ItemOutcome};
        for (outcome, item, english, indonesian) in [
            (
                BatchOutcome::Stored,
                ItemOutcome::Updated,
                "1 session would be changed.",
                "1 sesi akan diperbarui.",
            ),
            (
                BatchOutcome::Partial,
                ItemOutcome::Created,
                "1 session would be added.",
                "1 sesi akan ditambahkan.",
            ),
        ] {
            let mut answer =
                v1::PushScheduleResponse { results: vec![result(0, item, None)], ..Default::default() };
            answer.set_outcome(outcome);
            assert_eq!(summary(&answer, true, Language::English), english);
            assert_eq!(summary(&answer, true, Language::Indonesian), indonesian);
        }
        assert_eq!(headings::<v1::PushScheduleResponse>(true)[5], ("PLAN", "RENCANA"));
    }

    #[test]
    fn what_a_batch_did_beside_its_items_is_said() {
        let unconfirmed = vec!["agencies/blk/sessions/las-01".to_owned()];
        let answer = v1::RefuseClearanceResponse { unconfirmed, ..Default::default() };
        let telling = Telling { language: Language::English, dry_run: false, of_file: false };
        let said = remarks(&to_json(&answer), telling);
        assert_eq!(said, ["! Session blk/las-01 is TENTATIVE again."]);
        let places = Some(v1::RosterPlaces { capacity: 16, confirmed: 16, waitlisted: 4 });
        let answer = v1::NominateTraineesResponse { places, ..Default::default() };
        let said = remarks(&to_json(&answer), telling);
        assert_eq!(said, ["16 of 16 places are taken; 4 wait."]);
    }
}
