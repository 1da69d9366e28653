//! What follows after an act on the way from an agreement to a schedule: the command, and who types it if not the same agency.
//!
//! The one table of it. What can follow depends on the state alone; a dry run, JSON and acts that are not named say nothing.

use prost::Name;

use super::words;
use crate::{domain::reason::Language, proto::v1};

/// Of an answer, by its message, and of the state in it: the step in English and Indonesian. `{}` is the name of what changed.
const STEPS: &[(&str, &str, &str, &str)] = &[
    (
        v1::CreateAgreementResponse::NAME,
        "AGREEMENT_STATE_DRAFT",
        "gerbang agreement propose {}",
        "gerbang agreement propose {}",
    ),
    (
        v1::ProposeAgreementResponse::NAME,
        "AGREEMENT_STATE_PROPOSED",
        "gerbang agreement accept {} (by the other party)",
        "gerbang agreement accept {} (oleh pihak lain)",
    ),
    (
        v1::AcceptAgreementResponse::NAME,
        "AGREEMENT_STATE_ACTIVE",
        "gerbang programme create --example (by the partner)",
        "gerbang programme create --example (oleh mitra)",
    ),
    (
        v1::CreateProgrammeResponse::NAME,
        "PROGRAMME_STATE_PLANNED",
        "gerbang programme approve {} (by the prison)",
        "gerbang programme approve {} (oleh Lapas)",
    ),
    (
        v1::ApproveProgrammeResponse::NAME,
        "PROGRAMME_STATE_APPROVED",
        "gerbang programme open {} (by the lead agency)",
        "gerbang programme open {} (oleh instansi pelaksana)",
    ),
    (
        v1::RegisterTrainerResponse::NAME,
        "TRAINER_REGISTRATION_CONFIRMED",
        "gerbang schedule push --example",
        "gerbang schedule push --example",
    ),
];

/// The step after an answer of this message and state, for the resource of this short name; `None` where none is known.
pub fn after(language: Language, message: &str, state: &str, name: &str) -> Option<String> {
    let step = STEPS.iter().find(|(of, in_state, ..)| *of == message && *in_state == state);
    let (.., english, indonesian) = step?;
    let text = if language == Language::English { english } else { indonesian };
    Some(words::next_command(language, text.replace("{}", name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_names_the_next() {
        let after = |message, state| after(Language::Indonesian, message, state, "blk/pks");
        assert_eq!(
            after("CreateAgreementResponse", "AGREEMENT_STATE_DRAFT").as_deref(),
            Some("Selanjutnya: gerbang agreement propose blk/pks")
        );
        // An agreement in force for long, suspended and resumed, needs nobody to be told.
        assert_eq!(after("ResumeAgreementResponse", "AGREEMENT_STATE_ACTIVE"), None);
    }

    /// The commands are ones that there are.
    #[test]
    fn what_follows_can_be_typed() {
        use clap::Parser;
        for (message, state, ..) in STEPS {
            for language in Language::ALL {
                let text = super::after(*language, message, state, "blk/x").unwrap();
                let (_, command) = text.split_once("gerbang ").unwrap();
                let command = command.split(" (").next().unwrap();
                let words = std::iter::once("gerbang").chain(command.split(' '));
                crate::cli::Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{text}: {error}"));
            }
        }
    }
}
