//! Questions to whoever sits at the terminal. Where nobody does, the option that answers instead is named.

use std::io::{self, IsTerminal, Write};

use zeroize::Zeroizing;

use super::{
    failure::{Failure, failed},
    screen, words,
};
use crate::domain::reason::Language;

/// Says whether standard input is a terminal.
pub fn is_possible() -> bool {
    io::stdin().is_terminal()
}

/// Asks for a line, and returns it without its end. A usage failure that names --yes where nobody can answer.
pub fn line(language: Language, question: &str) -> Result<String, Failure> {
    if !is_possible() {
        return Err(Failure::Usage(words::nobody_to_ask(language)));
    }
    let mut text = String::new();
    let question = screen::for_terminal(question);
    let asked = write!(io::stderr().lock(), "{question} ").and_then(|()| io::stdin().read_line(&mut text));
    asked.map_err(failed)?;
    Ok(text.trim().to_owned())
}

/// Asks a question, and fails unless the answer is yes. A usage failure where nobody can answer.
pub fn yes(language: Language, question: &str) -> Result<(), Failure> {
    let answer = line(language, question)?.to_lowercase();
    match ["y", "yes", "ya"].contains(&answer.as_str()) {
        true => Ok(()),
        false => Err(Failure::Failed(words::nothing_done(language))),
    }
}

/// When a verb asks before it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// What is named and can be undone: above one item.
    AboveOne,
    /// What cannot be undone, what stops others' work, and whatever a selection finds.
    Always,
}

impl Asks {
    /// Whether a question is due for so many items; `waived` by --yes or --dry-run.
    fn is_due(self, items: usize, waived: bool) -> bool {
        !waived && items > usize::from(self == Self::AboveOne)
    }
}

/// Shows what is about to be done and asks, where a question is due. Where nobody can answer, it is a usage failure that
/// names --yes; then nothing is shown but the question, for standard error may be a log, and persons have no place there.
pub fn before(
    language: Language,
    waived: bool,
    asks: Asks,
    items: usize,
    shown: impl FnOnce() -> String,
    question: impl FnOnce(usize) -> String,
) -> Result<(), Failure> {
    if !asks.is_due(items, waived) {
        return Ok(());
    }
    let question = question(items);
    screen::note(if is_possible() { shown() } else { question.clone() }.trim_end());
    yes(language, &question)
}

/// A secret, which the terminal does not show.
pub fn secret(question: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(format!("{question} ")).map(Zeroizing::new).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_asked_for_and_what_is_final_always() {
        let due = |asks: Asks| [0, 1, 2].map(|items| asks.is_due(items, false));
        assert_eq!(due(Asks::AboveOne), [false, false, true]);
        assert_eq!(due(Asks::Always), [false, true, true]);
        for asks in [Asks::AboveOne, Asks::Always] {
            assert!(!asks.is_due(2, true), "--yes and --dry-run");
        }
    }
}
