//! `--example`: for every verb that takes a file, one that the verb accepts, and what its fields mean.
//!
//! The file goes to standard output and can be piped into a file as it is; the meaning of its fields goes to standard
//! error, in the reader's language. Its days lie ahead of today, so that a dry run finds nothing wrong with them. Where a
//! profile is known, its agency stands where the file names the sender's own; it needs neither gateway nor profile.

mod fields;

use jiff::{
    Span,
    civil::{Date, Weekday},
};
use prost::Name;
use prost_reflect::{EnumValueDescriptor, Kind, MessageDescriptor};

use super::{
    Command, Context, agency, agreement, ca, facility,
    failure::{Exit, Failure},
    programme, roster, schedule, screen, trainee, trainer, words,
};
use crate::{agent::Profile, domain::reason::Language, domain::time::Zone, proto, proto::v1};

/// A file to begin with.
#[derive(Clone, Copy)]
pub(super) struct Example {
    /// The text, in which `$TODAY`, `$SESSION_DAY`, `$IN_TWO_YEARS` and `$YEAR` stand for days.
    template: &'static str,
    /// The full name of the request's message; none where comments in the file say what its keys mean.
    message: Option<fn() -> String>,
    /// The code in the file that stands for the sender's own agency; none where the file names it nowhere.
    own: Option<&'static str>,
}

/// The invented agencies that send the files: one that teaches, and a prison.
const PARTNER: &str = "balai-contoh";
const PRISON: &str = "lapas-contoh";

/// The files in TOML: those that the pages show.
const CEREMONY: &str = include_str!("../../certs/ceremony.toml");
const GATEWAY: &str = include_str!("../../docs/gerbang.sample.toml");
const SIGNER: &str = include_str!("../../docs/signer.sample.toml");

/// The example that was asked for by `--example`, if one was.
pub(super) fn asked_for(command: &Command) -> Option<Example> {
    macro_rules! example {
        ($file:literal, $message:ident, $own:expr) => {
            Example {
                template: include_str!(concat!("example/", $file, ".json")),
                message: Some(v1::$message::full_name),
                own: $own,
            }
        };
    }
    let commented = |template, asked: bool| asked.then_some(Example { template, message: None, own: None });
    let (from, example) = match command {
        Command::Agency(agency::Verb::Create(from)) => {
            (from, example!("agency_create", CreateAgencyRequest, None))
        }
        Command::Agency(agency::Verb::Update(from)) => {
            (from, example!("agency_update", UpdateAgencyRequest, None))
        }
        Command::Agreement(agreement::Verb::Create(from)) => {
            (from, example!("agreement_create", CreateAgreementRequest, Some(PARTNER)))
        }
        Command::Agreement(agreement::Verb::Update(from)) => {
            (from, example!("agreement_update", UpdateAgreementRequest, Some(PARTNER)))
        }
        Command::Programme(programme::Verb::Create(from)) => {
            (from, example!("programme_create", CreateProgrammeRequest, Some(PARTNER)))
        }
        Command::Programme(programme::Verb::Update(from)) => {
            (from, example!("programme_update", UpdateProgrammeRequest, Some(PARTNER)))
        }
        Command::Trainer(trainer::Verb::Register(from)) => {
            (from, example!("trainer_register", RegisterTrainerRequest, Some(PARTNER)))
        }
        Command::Trainer(trainer::Verb::Update(from)) => {
            (from, example!("trainer_update", UpdateTrainerRequest, Some(PARTNER)))
        }
        Command::Facility(facility::Verb::Create(from)) => {
            (from, example!("facility_create", CreateFacilityRequest, Some(PRISON)))
        }
        Command::Facility(facility::Verb::Update(from)) => {
            (from, example!("facility_update", UpdateFacilityRequest, Some(PRISON)))
        }
        Command::Schedule(schedule::Verb::Push(push)) => {
            (&push.from, example!("schedule_push", PushScheduleRequest, Some(PARTNER)))
        }
        Command::Roster(roster::Verb::Nominate(nominate)) => {
            (&nominate.from, example!("roster_nominate", NominateTraineesRequest, None))
        }
        Command::Trainee(trainee::Verb::Update(update)) => {
            (&update.from, example!("trainee_update", UpdateTraineeRequest, None))
        }
        Command::Ca(ca::Verb::Init(init)) => return commented(CEREMONY, init.example),
        Command::Serve(serve) => return commented(GATEWAY, serve.example),
        Command::Signer(signer) => return commented(SIGNER, signer.example),
        _ => return None,
    };
    from.example.then_some(example)
}

impl Example {
    /// Prints the file, then what its fields mean.
    pub(super) fn print(self, context: &Context<'_>) -> Result<Exit, Failure> {
        let today = Zone::from_store("Asia/Jakarta".to_owned()).shown(context.clock.now()).date();
        let sender = if self.own.is_some() { own_agency(context)? } else { None };
        screen::print(&self.sent_by(sender.as_deref(), self.text(today)))?;
        screen::note(&self.explained(context.language));
        Ok(Exit::Ok)
    }

    /// The file, with days that lie ahead of `today`.
    fn text(self, today: Date) -> String {
        let ahead = |span: Span| today.saturating_add(span).to_string();
        self.template
            .replace("$TODAY", &today.to_string())
            .replace("$SESSION_DAY", &session_day(today).to_string())
            .replace("$IN_TWO_YEARS", &ahead(Span::new().years(2)))
            .replace("$YEAR", &today.year().to_string())
    }

    /// The file as this agency sends it; as it stands where none is known.
    fn sent_by(self, agency: Option<&str>, text: String) -> String {
        match (self.own, agency) {
            (Some(own), Some(agency)) => text.replace(own, agency),
            _ => text,
        }
    }

    /// What each field means, a line for each: `names[].valid_from  The first day …`.
    fn explained(self, language: Language) -> String {
        let Some(message) = self.message else { return words::example_commented(language) };
        let message = proto::descriptor().get_message_by_name(&message());
        let mut rows = Vec::new();
        message.iter().for_each(|message| explain(message, "", language, &mut rows));
        let width = rows.iter().map(|(path, _)| path.chars().count()).max().unwrap_or_default();
        let lines = rows.iter().flat_map(|(path, meaning)| {
            let mut path = path.as_str();
            // A value stands under the meaning of its field.
            wrapped(meaning, COLUMNS.saturating_sub(width + 4))
                .into_iter()
                .map(move |line| format!("  {:width$}  {line}", std::mem::take(&mut path)))
        });
        std::iter::once(words::example_fields(language)).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

/// The code of the agency whose profile is meant; `None` where no profile is named and there is not just one. A profile
/// that is named and cannot be read is a failure.
fn own_agency(context: &Context<'_>) -> Result<Option<String>, Failure> {
    let agency = |profile: Profile| profile.agency.trim_start_matches("agencies/").to_owned();
    match Profile::find(context.profile.as_deref()) {
        Ok(profile) => Ok(Some(agency(profile))),
        Err(error) if context.profile.is_some() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// The width for which the meanings are laid out: they are for standard error, whose terminal nobody asks.
const COLUMNS: usize = 100;

/// Breaks a text between words; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().filter(|last| !last.is_empty());
        match last {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => lines.push(word.to_owned()),
            None => lines[0].push_str(word),
        }
    }
    lines
}

fn explain(of: &MessageDescriptor, path: &str, language: Language, rows: &mut Vec<(String, String)>) {
    for field in of.fields().filter(|field| !fields::SENT_BY_THE_COMMAND.contains(&field.name())) {
        let item = if field.is_list() { "[]" } else { "" };
        let place = format!("{path}{}{item}", field.name());
        let meaning = fields::meaning(field.full_name(), language).unwrap_or_default();
        match field.kind() {
            Kind::Enum(of) => {
                rows.push((place.clone(), format!("{meaning} {}", words::example_values(language))));
                let values = of.values().filter(|value| value.number() != 0);
                rows.extend(values.map(|value| (String::new(), choice(&value, language))));
            }
            _ => rows.push((place.clone(), meaning.to_owned())),
        }
        if let Kind::Message(of) = field.kind()
            && of.package_name() == proto::PACKAGE
        {
            explain(&of, &format!("{place}."), language, rows);
        }
    }
}

/// A value that a field takes, with its meaning: in English the contract's own comment, in Indonesian the word that tables
/// show for it.
fn choice(value: &EnumValueDescriptor, language: Language) -> String {
    let meaning = match language {
        Language::English => comment(value).unwrap_or_default(),
        Language::Indonesian => words::value(language, value.name()),
    };
    format!("{}: {meaning}", value.name()).trim_end_matches([':', ' ']).to_owned()
}

/// The first sentence of what the contract says of a value.
fn comment(value: &EnumValueDescriptor) -> Option<String> {
    let file = proto::commented_descriptor().get_file_by_name(value.parent_enum().parent_file().name())?;
    let places = &file.file_descriptor_proto().source_code_info.as_ref()?.location;
    let said = places.iter().find(|place| place.path == value.path())?.leading_comments();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(said.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned())
}

/// Two weeks ahead; where that is a Friday, which stays free for prayer, or a weekend, the Thursday before.
fn session_day(today: Date) -> Date {
    let day = today.saturating_add(Span::new().days(14));
    let earlier = match day.weekday() {
        Weekday::Friday => 1,
        Weekday::Saturday => 2,
        Weekday::Sunday => 3,
        _ => 0,
    };
    day.saturating_sub(Span::new().days(earlier))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use clap::{Parser, error::ErrorKind};
    use prost_reflect::DynamicMessage;

    use super::*;
    use crate::{
        cli::Cli,
        config::{Config, ceremony::Ceremony, signer::Signer},
        format::json,
        rpc,
    };

    /// The verbs with `--example`, as the command line lists them.
    fn verbs() -> Vec<Vec<String>> {
        fn walk(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
            for sub in command.get_subcommands() {
                let path = [path, &[sub.get_name().to_owned()]].concat();
                if sub.get_arguments().any(|arg| arg.get_id() == "example") {
                    found.push(path.clone());
                }
                walk(sub, &path, found);
            }
        }
        let mut found = Vec::new();
        walk(&<Cli as clap::CommandFactory>::command(), &["gerbang".to_owned()], &mut found);
        found
    }

    fn examples() -> Vec<(String, Example)> {
        let examples = verbs().into_iter().map(|mut line| {
            let path = line[1..].join(" ");
            line.push("--example".to_owned());
            let command =
                Cli::try_parse_from(&line).unwrap_or_else(|error| panic!("{path}: {error}")).command;
            let example = asked_for(&command).unwrap_or_else(|| panic!("{path} has no example"));
            (path, example)
        });
        examples.collect()
    }

    #[test]
    fn every_verb_that_takes_a_file_has_an_example_that_it_accepts() {
        let today = "2026-11-27".parse().unwrap();
        let examples = examples();
        assert_eq!(examples.len(), 16);
        for (path, example) in examples {
            let text = example.text(today);
            assert!(!text.contains('$'), "{path}: {text}");
            let Some(message) = example.message else {
                configures(&path, &text);
                continue;
            };
            let of = proto::descriptor().get_message_by_name(&message()).unwrap();
            // As the verb reads it, which also refuses what it draws itself.
            let shape = json::contract().unwrap().shape(of.full_name()).unwrap();
            let read = json::read(text.as_bytes(), shape, json::RequestIds::Drawn);
            let read = read.unwrap_or_else(|error| panic!("{path}: {error:?}"));
            let mut request = DynamicMessage::decode(of.clone(), read.as_slice()).unwrap();
            if request.get_field_by_name("etag").is_some_and(|etag| etag.as_str() == Some("")) {
                // Read by the verb where the file has none.
                request
                    .set_field_by_name("etag", prost_reflect::Value::String("0123456789abcdef".to_owned()));
            }
            let id = prost_reflect::Value::String("0192d4c0-7a1e-7000-8000-000000000001".to_owned());
            request.set_field_by_name("request_id", id);
            let bytes = prost::Message::encode_to_vec(&request);
            assert_eq!(rpc::check_shape(of.name(), &bytes), Some(Vec::new()), "{path}");
        }
    }

    /// That the verb takes a file of this text.
    fn configures(path: &str, text: &str) {
        let file = Path::new("example.toml");
        let refused = match path {
            "serve" => Config::parse(file, text).err(),
            "signer" => Signer::parse(file, text).err(),
            "ca init" => Ceremony::parse(file, text).err(),
            _ => panic!("{path} has no example in TOML"),
        };
        assert!(refused.is_none(), "{path}: {refused:?}");
    }

    #[test]
    fn the_session_of_an_example_is_on_a_day_of_work() {
        for (today, day) in
            [("2026-11-26", "2026-12-10"), ("2026-11-27", "2026-12-10"), ("2026-11-29", "2026-12-10")]
        {
            assert_eq!(session_day(today.parse().unwrap()).to_string(), day);
        }
    }

    #[test]
    fn an_example_needs_nothing_else_and_goes_with_no_file() {
        for line in ["ca init", "serve", "signer"] {
            let line = format!("gerbang {line}");
            let parse = |more: &str| {
                Cli::try_parse_from(format!("{line}{more}").split(' '))
                    .map(|_| ())
                    .map_err(|error| error.kind())
            };
            assert_eq!(parse(" --example"), Ok(()), "{line}");
            assert_eq!(parse(""), Err(ErrorKind::MissingRequiredArgument), "{line}");
            let file = if line.ends_with("init") { " --ceremony a.toml" } else { " --config a.toml" };
            assert_eq!(parse(&format!("{file} --example")), Err(ErrorKind::ArgumentConflict), "{line}");
        }
        // The owner's database may stand in the environment for whatever comes.
        let database = "gerbang ca init --example --database-url postgres:///gerbang";
        assert!(Cli::try_parse_from(database.split(' ')).is_ok());
        // And what is held arrives whole.
        let whole = "gerbang ca init --ceremony a --out b --root-out c --database-url postgres:///gerbang";
        let parsed = format!("{:?}", Cli::try_parse_from(whole.split(' ')).unwrap());
        assert!(parsed.contains("hold: Some(Hold { ceremony: \"a\""), "{parsed}");
        assert!(parsed.contains("owner: Some(Owner { database_url: "), "{parsed}");
    }

    #[test]
    fn a_file_names_the_agency_that_sends_it() {
        let sent = |path: &str, agency| {
            let (_, example) = examples().into_iter().find(|(known, _)| known == path).unwrap();
            let text = example.sent_by(agency, example.template.to_owned());
            [PARTNER, PRISON, "dkp-kepri"].map(|code| text.matches(code).count())
        };
        assert_eq!(sent("agreement create", None), [2, 1, 0]);
        assert_eq!(sent("agreement create", Some("dkp-kepri")), [0, 1, 2]);
        assert_eq!(sent("schedule push", Some("dkp-kepri")), [0, 1, 3]);
        assert_eq!(sent("facility create", Some("dkp-kepri")), [0, 0, 1]);
        // An administrator registers others, and a prison nominates for a partner's programme.
        assert_eq!(sent("agency create", Some("dkp-kepri")), [1, 0, 0]);
        assert_eq!(sent("roster nominate", Some("dkp-kepri")), [1, 0, 0]);
    }

    /// Each field of an example has a meaning, and each meaning a field.
    #[test]
    fn every_field_is_explained_in_both_languages() {
        fn walk(of: &MessageDescriptor, found: &mut BTreeSet<String>) {
            for field in of.fields().filter(|field| !fields::SENT_BY_THE_COMMAND.contains(&field.name())) {
                found.insert(field.full_name().to_owned());
                if let Kind::Message(of) = field.kind()
                    && of.package_name() == proto::PACKAGE
                {
                    walk(&of, found);
                }
            }
        }
        let mut found = BTreeSet::new();
        for message in examples().into_iter().filter_map(|(_, example)| example.message) {
            walk(&proto::descriptor().get_message_by_name(&message()).unwrap(), &mut found);
        }
        let explained = fields::MEANINGS.iter().map(|(field, ..)| format!("gerbang.v1.{field}"));
        assert_eq!(explained.collect::<BTreeSet<_>>(), found);
    }

    #[test]
    fn every_value_that_a_file_may_hold_has_its_meaning_in_both_languages() {
        fn walk(of: &MessageDescriptor) {
            for field in of.fields() {
                match field.kind() {
                    Kind::Enum(of) => {
                        for value in of.values().filter(|value| value.number() != 0) {
                            for language in [Language::English, Language::Indonesian] {
                                let told = choice(&value, language);
                                let (name, meaning) = told.split_once(": ").unwrap_or((told.as_str(), ""));
                                assert!(name == value.name() && !meaning.is_empty(), "{told}");
                            }
                        }
                    }
                    Kind::Message(of) if of.package_name() == proto::PACKAGE => walk(&of),
                    _ => {}
                }
            }
        }
        for message in examples().into_iter().filter_map(|(_, example)| example.message) {
            walk(&proto::descriptor().get_message_by_name(&message()).unwrap());
        }
    }

    #[test]
    fn the_meaning_of_fields_reads_as_a_list() {
        let (_, example) = examples().into_iter().find(|(path, _)| path == "agency create").unwrap();
        let told = example.explained(Language::Indonesian);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines[0], "Arti setiap isian:");
        assert_eq!(
            lines[1..5],
            [
                "  code                   Kode instansi: huruf kecil, angka, dan tanda hubung; berlaku untuk",
                "                         seterusnya.",
                "  kind                   Jenis instansi. Salah satu dari:",
                "                         AGENCY_KIND_PRISON: LEMBAGA PEMASYARAKATAN",
            ]
        );
        let english = example.explained(Language::English);
        assert!(
            english.contains(
                "\n                         AGENCY_KIND_REGIONAL_OFFICE: Kantor Wilayah, which supervises\n"
            ),
            "{english}"
        );
        assert!(lines.iter().any(|line| line.starts_with("  names[].display_name   Nama resmi")), "{told}");
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS), "{told}");
    }
}
