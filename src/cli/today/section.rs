//! One heading of the morning page with what stands below it, for people and for programs.

use prost::{Message, Name};
use serde_json::{Value, json};

use super::topic::Topic;
use crate::{
    cli::{names, screen::Heading, table, table::Page, words},
    domain::reason::Language,
    format::json::to_json,
};

/// So many lines of each heading are shown.
const SHOWN: usize = 5;

/// One heading with what stands below it.
pub struct Section {
    topic: Topic,
    rows: Vec<Vec<String>>,
    items: Vec<Value>,
    /// What else there is of this, which cannot be done yet: for people, and for programs.
    rest: Option<(String, Value)>,
    /// The command that comes next, without the program's name and the profile.
    next: String,
}

impl Section {
    /// The items under a topic; `row` has the cells under the topic's columns.
    pub fn of<'a, M: Message + Name + 'a>(
        topic: Topic,
        items: impl Iterator<Item = &'a M>,
        row: impl Fn(&M) -> Vec<String>,
    ) -> Self {
        Self::named(topic, items, row, "name")
    }

    /// As [`Section::of`], where the command that comes next is about what another field of the first item names.
    pub fn named<'a, M: Message + Name + 'a>(
        topic: Topic,
        items: impl Iterator<Item = &'a M>,
        row: impl Fn(&M) -> Vec<String>,
        field: &str,
    ) -> Self {
        let (rows, items): (Vec<_>, Vec<_>) = items.map(|item| (row(item), to_json(item))).unzip();
        let name = items.first().and_then(|item: &Value| item[field].as_str()).unwrap_or_default();
        let (.., next) = topic.told();
        Self { topic, rest: None, next: next.replace("{}", &names::short(name)), rows, items }
    }

    /// With what else there is, and another command.
    pub fn with(self, rest: Option<(String, Value)>, next: Option<String>) -> Self {
        Self { rest, next: next.unwrap_or(self.next), ..self }
    }

    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.rest.is_none()
    }

    /// The command that comes next, as it is typed.
    pub fn command(&self, profile: Option<&str>) -> String {
        match profile {
            Some(profile) => format!("gerbang {} --profile {profile}", self.next),
            None => format!("gerbang {}", self.next),
        }
    }

    /// The heading with its count, the first lines, what else there is, what to do, and what to type next.
    pub fn text(&self, page: Page, profile: Option<&str>, language: Language) -> String {
        let said = |(english, indonesian): Heading| match language {
            Language::English => english,
            Language::Indonesian => indonesian,
        };
        let (_, heading, headings, _) = self.topic.told();
        let count = self.items.len();
        let mut text = format!("{}: {count}\n", said(heading));
        if count > 0 {
            let shown = self.rows.get(..SHOWN).unwrap_or(&self.rows);
            text.push_str(&table::table(page, language, headings, shown));
        }
        let mut lines = Vec::new();
        lines.extend((count > SHOWN).then(|| words::and_more(language, count - SHOWN)));
        lines.extend(self.rest.iter().map(|(rest, _)| rest.clone()));
        lines.extend(self.topic.hint().map(|hint| said(hint).to_owned()));
        for line in lines {
            let line = page.width.map_or(line.clone(), |width| table::wrapped(&line, width.into()));
            text.push_str(&format!("{line}\n"));
        }
        text + &format!("{}\n", words::next_command(language, typed(language, self.command(profile))))
    }

    /// All of it, for programs.
    pub fn json(&self, profile: Option<&str>) -> Value {
        let (key, ..) = self.topic.told();
        let mut told = json!({
            "topic": key, "count": self.items.len(), "next": self.command(profile), "items": self.items
        });
        if let Some((_, rest)) = &self.rest {
            told["rest"] = rest.clone();
        }
        told
    }
}

/// A command with its days as they are typed in the reader's language.
fn typed(language: Language, command: String) -> String {
    match language {
        Language::English => command,
        Language::Indonesian => {
            let days = [(" today", " hari-ini"), (" tomorrow", " besok")];
            days.iter().fold(command, |text, (english, day)| {
                ["--from", "--day", "--date"].iter().fold(text, |text, option| {
                    text.replace(&format!("{option}{english}"), &format!("{option}{day}"))
                })
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{
        cli::{
            Cli,
            today::{rows, topic::ALL},
        },
        proto::v1,
    };

    const PIPE: Page = Page { width: None, bold: false };

    #[test]
    fn what_comes_next_can_be_typed() {
        let one = v1::Programme { name: "agencies/blk/programmes/las-2026".into(), ..Default::default() };
        for topic in ALL {
            let section = Section::of(topic, std::iter::once(&one), rows::programme_row);
            for profile in [None, Some("lapas")] {
                for language in [Language::English, Language::Indonesian] {
                    let command = typed(language, section.command(profile));
                    if let Err(error) = Cli::try_parse_from(command.split(' ')) {
                        panic!("{command}: {error}");
                    }
                    let english = command.contains(" today") || command.contains(" tomorrow");
                    assert!(language == Language::English || !english, "{command}");
                }
                let command = section.command(profile);
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
        let section = Section::of(Topic::ProgrammesToApprove, all.iter(), rows::programme_row);
        let text = section.text(PIPE, Some("lapas"), Language::English);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 1 + SHOWN + 2, "{text}");
        assert_eq!(lines[0], "PROGRAMMES TO APPROVE: 7");
        assert_eq!(lines[7], "… and 2 more");
        assert_eq!(lines[8], "Next: gerbang programme approve blk/las-1 --profile lapas");
        let json = section.json(None);
        assert_eq!((&json["count"], json["items"].as_array().unwrap().len()), (&json!(7), 7));
        assert_eq!(json["next"], "gerbang programme approve blk/las-1");
        assert_eq!(json.get("rest"), None);
    }

    #[test]
    fn what_cannot_be_done_yet_is_told_where_nothing_else_is() {
        let none: [v1::Session; 0] = [];
        let section = || Section::of(Topic::ToConfirm, none.iter(), |_| Vec::new());
        assert!(section().is_empty());
        let section = section().with(Some(("Waiting: 3.".into(), json!({"lead": 3}))), None);
        assert!(!section.is_empty());
        assert_eq!(
            section.text(PIPE, None, Language::English),
            "SESSIONS OF THE NEXT 14 DAYS THAT CAN BE CONFIRMED: 0\nWaiting: 3.\n\
             Next: gerbang schedule list --from today --state tentative\n"
        );
        assert_eq!(section.json(None)["rest"], json!({"lead": 3}));
    }
}
