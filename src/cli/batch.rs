//! Batches: what became of each item, told alike of sessions, assignments and enrolments.
//!
//! Owns the table of results, the line that sums them up, the exit code, and the etags that are read before a
//! batch is sent. Judges nothing. The noun files and the story call it.

use prost::{Message, Name};
use serde_json::Value;
use tonic::{Response, Status};

use super::{
    Context,
    connection::{Connection, warnings_of},
    failure::{Exit, Failure},
    names,
    options::{FromFile, SendOptions},
    screen::{self, Heading, Output, Progress},
    words,
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

/// The answer to a batch.
pub trait Answer: Message + Name {
    /// The noun for the items.
    const LABEL: Heading;
    fn outcome(&self) -> v1::BatchOutcome;
    /// In the order of the request.
    fn items(&self) -> Vec<Item<'_>>;
    /// The ledger entry; empty where nothing was stored.
    fn entry(&self) -> &str;
}

macro_rules! answers {
    ($($result:ident ($label:literal $id:literal) $item:ident: $name:expr, $($answer:ident)*;)*) => {
        $($(impl Answer for v1::$answer {
            const LABEL: Heading = ($label, $id);

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

answers! {
    SessionResult ("UID" "UID") item:
        if item.uid.is_empty() { names::short(&item.name) } else { item.uid.clone() },
        PushScheduleResponse CancelSessionsResponse ConfirmSessionsResponse DeclineSessionsResponse;
    AssignmentResult ("ASSIGNMENT" "PENUGASAN") item: names::short(&item.name),
        AcceptAssignmentsResponse DeclineAssignmentsResponse ClearAssignmentsResponse RefuseClearanceResponse
        WithdrawAssignmentsResponse AllowAssignmentsResponse;
    EnrolmentResult ("ENROLMENT" "KEPESERTAAN") item: names::short(&item.name),
        NominateTraineesResponse WithdrawEnrolmentsResponse PromoteEnrolmentsResponse;
}

/// The etags of what is named: the one that was typed for a single item, else read now.
pub async fn seen(
    conn: &Connection<'_>,
    names: Vec<String>,
    etag: Option<String>,
    read: impl AsyncFn(&str) -> Result<String, Failure>,
) -> Result<Vec<(String, String)>, Failure> {
    let language = conn.context.language;
    if etag.is_some() && names.len() > 1 {
        return Err(Failure::Usage(words::etag_for_one(language)));
    }
    let progress = Progress::of(names.len(), words::fetched(language));
    let mut seen = Vec::with_capacity(names.len());
    for name in names {
        let etag = match &etag {
            Some(etag) => etag.clone(),
            None => read(&name).await?,
        };
        seen.push((name, etag));
        progress.reached(seen.len());
    }
    Ok(seen)
}

/// Sends one batch and prints what became of each item.
pub async fn send<Q: MutationRequest, A: Answer>(
    conn: &Connection<'_>,
    sending: &SendOptions,
    request: Q,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let answer = conn.send(sending, request, call).await?;
    match conn.context.output {
        Output::Json => screen::print_json(&to_json(&answer))?,
        Output::Table => print(&answer, conn.context)?,
    }
    if sending.dry_run {
        screen::note(&words::only_checked(conn.context.language));
    }
    Ok(exit(&answer))
}

/// Sends the batches of a file, each in turn up to the first that is refused as a whole.
pub async fn submit<Q: BatchRequest, A: Answer>(
    conn: &Connection<'_>,
    from: &FromFile,
    best_effort: bool,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let prepare = async |request: &mut Q| {
        if best_effort {
            request.set_best_effort();
        }
        Ok(())
    };
    let sent = conn.send_file(from, prepare, call).await?;
    if conn.context.output == Output::Json {
        conn.print_json_answers(&sent)?;
    }
    let mut worst = Exit::Ok;
    for answer in &sent.answers {
        if conn.context.output == Output::Table {
            print(answer, conn.context)?;
        }
        if worst == Exit::Ok {
            worst = exit(answer);
        }
    }
    if sent.dry_run {
        screen::note(&words::only_checked(conn.context.language));
    }
    sent.failure.map_or(Ok(worst), Err)
}

/// Each item on a line, with its errors, then the whole; what else is worth knowing on standard error.
fn print<A: Answer>(answer: &A, context: &Context<'_>) -> Result<(), Failure> {
    let language = context.language;
    let rows: Vec<_> = answer.items().iter().map(row).collect();
    screen::print(&screen::table(language, &headings::<A>(), &rows))?;
    screen::print(&format!("{}\n", summary(answer, language)))?;
    if context.verbose && !answer.entry().is_empty() {
        screen::note(&words::entry(language, answer.entry()));
    }
    remarks(&to_json(answer), language).iter().for_each(|remark| screen::note(remark));
    Ok(())
}

/// The columns of [`row`].
pub fn headings<A: Answer>() -> [Heading; 5] {
    [("#", "#"), A::LABEL, ("OUTCOME", "HASIL"), ("STATE", "STATUS"), ("WHY", "SEBAB")]
}

/// One item.
pub fn row(item: &Item<'_>) -> Vec<String> {
    let errors = item.errors.iter().map(|error| match error.field.as_str() {
        "" => format!("{} ({})", error.text, error.reason),
        field => format!("{field}: {} ({})", error.text, error.reason),
    });
    vec![
        item.index.to_string(),
        item.label.clone(),
        item.outcome.as_str_name().to_owned(),
        item.state.to_owned(),
        errors.collect::<Vec<_>>().join("\n"),
    ]
}

/// `STORED: 11 CREATED, 1 UNCHANGED.`
pub fn summary<A: Answer>(answer: &A, language: Language) -> String {
    let items = answer.items();
    let counts = (1..).map_while(|number| v1::ItemOutcome::try_from(number).ok()).filter_map(|outcome| {
        let count = items.iter().filter(|item| item.outcome == outcome).count();
        (count > 0).then(|| format!("{count} {}", words::value(language, outcome.as_str_name())))
    });
    let outcome = words::value(language, answer.outcome().as_str_name());
    format!("{outcome}: {}.", counts.collect::<Vec<_>>().join(", "))
}

/// Warnings, sessions that lost their confirmation, and the places of a roster.
pub fn remarks(answer: &Value, language: Language) -> Vec<String> {
    let mut remarks = warnings_of(answer);
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
        assert_eq!(summary(&answer, Language::English), "REJECTED: 1 REJECTED, 1 NOT_STORED.");
        assert_eq!(exit(&answer), Exit::Conflict);
        assert_eq!(
            row(&answer.items()[1]),
            [
                "1",
                "las-1",
                "ITEM_OUTCOME_REJECTED",
                "SESSION_STATE_UNSPECIFIED",
                "sessions[1].trainers[0]: Taken. (TRAINER_CONFLICT)"
            ]
        );
        let mut stored = v1::PushScheduleResponse { entry: "0192".into(), ..Default::default() };
        stored.set_outcome(v1::BatchOutcome::Stored);
        assert_eq!(exit(&stored), Exit::Ok);
    }

    #[test]
    fn what_a_batch_did_beside_its_items_is_said() {
        let unconfirmed = vec!["agencies/blk/sessions/las-01".to_owned()];
        let answer = v1::RefuseClearanceResponse { unconfirmed, ..Default::default() };
        let said = remarks(&to_json(&answer), Language::English);
        assert_eq!(said, ["! Session blk/las-01 is TENTATIVE again."]);
        let places = Some(v1::RosterPlaces { capacity: 16, confirmed: 16, waitlisted: 4 });
        let answer = v1::NominateTraineesResponse { places, ..Default::default() };
        let said = remarks(&to_json(&answer), Language::English);
        assert_eq!(said, ["16 of 16 places are taken; 4 wait."]);
    }
}
