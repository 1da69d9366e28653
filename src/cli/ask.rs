//! Questions to whoever sits at the terminal. Where nobody does, the option that answers instead is named.

use std::io::{self, IsTerminal, Write};

use zeroize::Zeroizing;

use super::{
    failure::{Failure, failed},
    words,
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

/// A secret, which the terminal does not show.
pub fn secret(question: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(format!("{question} ")).map(Zeroizing::new).map_err(failed)
}
