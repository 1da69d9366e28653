//! The printing of what a gateway answered: a resource, a list, and what requests changed.

use prost::{Message, Name};
use serde_json::Value;

use super::{
    connection::{Connection, Submitted},
    failure::{Exit, Failure},
    follow, names,
    screen::{self, Heading, Output},
    view, words,
};
use crate::{domain::reason::Language, format::json::to_json};

impl Connection<'_> {
    /// Prints one resource, its times in its own zone, else in the caller's agency's.
    pub async fn show<M: Message + Name>(&self, resource: &M) -> Result<Exit, Failure> {
        if self.context.output == Output::Json {
            screen::print_json(&to_json(resource))?;
            return Ok(Exit::Ok);
        }
        let zone = match view::zone(resource) {
            Some(zone) => zone,
            None => self.told_zone().await,
        };
        screen::print(&screen::pairs(&view::lines(resource, &zone, self.context.language)))?;
        Ok(Exit::Ok)
    }

    /// Prints a list.
    pub fn list<M: Message + Name>(
        &self,
        items: &[M],
        headings: &[Heading],
        row: impl Fn(&M) -> Vec<String>,
    ) -> Result<Exit, Failure> {
        match self.context.output {
            Output::Json => screen::print_json(&items.iter().map(to_json).collect())?,
            Output::Table if items.is_empty() => screen::note(&words::nothing_found(self.context.language)),
            Output::Table => {
                let rows: Vec<_> = items.iter().map(row).collect();
                screen::print(&screen::table(self.context.language, headings, &rows))?;
            }
        }
        Ok(Exit::Ok)
    }

    /// Prints answers in JSON: as many as the file asked for.
    pub fn print_json_answers<A: Message + Name>(&self, sent: &Submitted<A>) -> Result<(), Failure> {
        let mut values: Vec<_> = sent.answers.iter().map(to_json).collect();
        match (sent.many, values.pop()) {
            (false, Some(only)) => screen::print_json(&only),
            (false, None) => Ok(()),
            (true, last) => {
                values.extend(last);
                screen::print_json(&Value::Array(values))
            }
        }
    }

    /// Prints what requests changed, with what is legal and unwise on standard error.
    pub fn print_changes<A: Message + Name>(&self, sent: Submitted<A>) -> Result<Exit, Failure> {
        let language = self.context.language;
        match self.context.output {
            Output::Json => self.print_json_answers(&sent)?,
            Output::Table if sent.answers.is_empty() => {}
            Output::Table => {
                let answers: Vec<_> = sent.answers.iter().map(to_json).collect();
                let mut rows: Vec<_> =
                    answers.iter().map(|answer| change_row(answer, sent.dry_run, language)).collect();
                let headings = change_headings(sent.dry_run);
                if !self.context.verbose {
                    // The last column: nothing reads an entry's UUID but a program, and an auditor.
                    rows.iter_mut().for_each(|row| row.truncate(headings.len() - 1));
                }
                screen::print(&screen::table(language, &headings, &rows))?;
                let warnings = |answer| warnings_of(answer, sent.of_file, language);
                answers.iter().flat_map(warnings).for_each(|warning| screen::note(&warning));
                let unconfirmed =
                    answers.iter().filter_map(|answer| answer["unconfirmed"].as_array()).flatten();
                for session in unconfirmed.filter_map(Value::as_str) {
                    screen::note(&words::unconfirmed(language, names::short(session)));
                }
                // Of several, the last stands for all.
                let last = answers.last().filter(|_| !sent.dry_run && sent.failure.is_none());
                if let Some(step) = last.and_then(|answer| next_step::<A>(answer, language)) {
                    screen::note(&step);
                }
            }
        }
        if sent.dry_run && sent.failure.is_none() {
            screen::note(&words::only_checked(language));
        }
        sent.failure.map_or(Ok(Exit::Ok), Err)
    }
}

/// The columns of [`change_row`]; of a dry run, what would be.
pub(super) fn change_headings(dry_run: bool) -> [Heading; 6] {
    [
        ("NAME", "NAMA"),
        words::became(dry_run),
        ("STATE", "STATUS"),
        ("UNTIL", "SAMPAI"),
        ("SESSIONS CANCELLED", "SESI DIBATALKAN"),
        ("ENTRY", "ENTRI"),
    ]
}

/// What follows after this answer, if anything does.
fn next_step<A: Name>(answer: &Value, language: Language) -> Option<String> {
    let name = names::short(answer["change"]["name"].as_str()?);
    follow::after(language, A::NAME, state_of(answer).as_str()?, &name)
}

/// The state in an answer; that of a trainer is the registration's.
fn state_of(answer: &Value) -> &Value {
    answer.get("state").unwrap_or(&answer["registration"])
}

/// Every mutation answers with a change, most with a state, some with more.
pub(super) fn change_row(answer: &Value, dry_run: bool, language: Language) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let change = &answer["change"];
    vec![
        names::short(&text(&change["name"])),
        if dry_run { words::plan(language, &text(&change["outcome"])) } else { text(&change["outcome"]) },
        text(state_of(answer)),
        text(&answer["terminates_on"]),
        answer["sessions_cancelled"].as_i64().map(|count| count.to_string()).unwrap_or_default(),
        text(&change["entry"]),
    ]
}

/// `field: text`, for each warning of an answer; of a request that was no file, the field in words.
pub fn warnings_of(answer: &Value, of_file: bool, language: Language) -> Vec<String> {
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    let lines = warnings.map(|warning| {
        let text = warning["text"].as_str().unwrap_or_default();
        match warning["field"].as_str().unwrap_or_default() {
            "" => format!("! {text}"),
            field if of_file => format!("! {field}: {text}"),
            field => format!("! {}: {text}", words::place(language, field)),
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1;

    #[test]
    fn a_change_reads_in_one_row() {
        let answer = v1::TerminateAgreementResponse {
            change: Some(v1::Change {
                name: "agencies/blk/agreements/pks".into(),
                etag: "e".into(),
                outcome: 2,
                entry: "0192".into(),
                receipt: "localhost/ledger/receipt".into(),
            }),
            state: 4,
            terminates_on: "2026-04-01".into(),
        };
        assert_eq!(
            change_row(&to_json(&answer), false, Language::English),
            ["blk/pks", "ITEM_OUTCOME_UPDATED", "AGREEMENT_STATE_ACTIVE", "2026-04-01", "", "0192"]
        );
        let warned =
            serde_json::json!({"warnings": [{"field": "terms", "text": "Unwise."}, {"text": "So."}]});
        assert_eq!(warnings_of(&warned, true, Language::Indonesian), ["! terms: Unwise.", "! So."]);
        assert_eq!(warnings_of(&warned, false, Language::Indonesian), ["! ketentuan: Unwise.", "! So."]);
    }
}
