//! Who does what where a state forbids an act: what the text of `STATE_FORBIDS` says beside the states that are allowed.
//!
//! By the state alone, as whatever a state forbids has the same way out.

use super::Language;

/// The noun of a resource, its state, and the step in English and Indonesian. What is not named has no step.
const STEPS: &[(&str, &str, &str, &str)] = &[
    (
        "programme",
        "PLANNED",
        "The prison approves the programme first: gerbang programme approve. Then the lead agency opens it: gerbang programme open.",
        "Lapas menyetujui program lebih dahulu: gerbang programme approve. Setelah itu instansi pelaksana membukanya: gerbang programme open.",
    ),
    (
        "programme",
        "APPROVED",
        "The prison has approved the programme; the lead agency opens it: gerbang programme open.",
        "Lapas telah menyetujui program ini; instansi pelaksana membukanya: gerbang programme open.",
    ),
    (
        "programme",
        "OPEN",
        "A programme that is open stays under its agreement. What is to go on under another one is planned anew: gerbang programme create.",
        "Program yang sudah dibuka tetap berada di bawah perjanjiannya. Kegiatan yang akan berjalan di bawah perjanjian lain direncanakan sebagai program baru: gerbang programme create.",
    ),
    (
        "programme",
        "CANCELLED",
        "A programme that is cancelled stays so; plan a new one: gerbang programme create.",
        "Pembatalan program bersifat tetap; rencanakan program baru: gerbang programme create.",
    ),
];

/// The step, as a sentence of its own.
pub(super) fn of(resource: &str, state: &str, language: Language) -> Option<&'static str> {
    let step = STEPS.iter().find(|(of, in_state, ..)| *of == resource && *in_state == state);
    step.map(|(.., english, indonesian)| if language == Language::English { *english } else { *indonesian })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fault, programme::ProgrammeState};

    #[test]
    fn every_state_of_a_programme_has_a_way_out() {
        for state in ProgrammeState::ALL {
            for language in Language::ALL {
                assert!(of("programme", state.as_str(), *language).is_some(), "{state}");
            }
        }
        assert_eq!(of("session", "CANCELLED", Language::English), None);
    }

    #[test]
    fn the_step_stands_behind_the_states() {
        let fault = Fault::state_forbids("programme", ProgrammeState::Planned, &[ProgrammeState::Approved]);
        assert_eq!(
            fault.text(Language::Indonesian),
            "Tindakan ini tidak dapat dilakukan dalam status DIRENCANAKAN. Status yang diperbolehkan: DISETUJUI. Lapas \
             menyetujui program lebih dahulu: gerbang programme approve. Setelah itu instansi pelaksana membukanya: \
             gerbang programme open."
        );
    }
}
