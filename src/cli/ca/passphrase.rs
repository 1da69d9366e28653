//! Passphrases: from a file that its owner alone can read, or asked for on the terminal. Never from the command
//! line, and never shown.

use std::path::Path;

use zeroize::Zeroizing;

use crate::{
    cli::{
        Context,
        failure::{Failure, failed},
        words,
    },
    config::secret::{self, SecretFileError},
    pki::secret::{SecretError, SecretKey},
};

/// The file that it lies in, and the option that names it.
pub struct Source<'a> {
    pub file: Option<&'a Path>,
    pub option: &'static str,
}

/// Shorter ones are found by trying.
const LENGTH_MIN: usize = 12;

/// A passphrase for a key that is made: asked for twice.
pub fn new(context: &Context<'_>, source: &Source<'_>, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let language = context.language;
    let passphrase = match source.file {
        Some(file) => secret::passphrase(file).map_err(failed)?,
        None => {
            let first = ask(context, source, prompt)?;
            if *ask(context, source, &words::ca_passphrase_again(language))? != *first {
                return Err(Failure::Failed(words::ca_passphrase_differs(language)));
            }
            first
        }
    };
    match passphrase.chars().count() < LENGTH_MIN {
        true => Err(Failure::Failed(words::ca_passphrase_short(language, LENGTH_MIN))),
        false => Ok(passphrase),
    }
}

/// The root's key; its passphrase is asked for only where it is encrypted.
pub fn root_key(context: &Context<'_>, path: &Path, source: &Source<'_>) -> Result<SecretKey, Failure> {
    match secret::key(path, None) {
        Err(SecretFileError::Key { source: SecretError::PassphraseNeeded, .. }) => {}
        other => return other.map_err(failed),
    }
    let passphrase = match source.file {
        Some(file) => secret::passphrase(file).map_err(failed)?,
        None => ask(context, source, &words::ca_passphrase_root(context.language))?,
    };
    secret::key(path, Some(&passphrase)).map_err(failed)
}

fn ask(context: &Context<'_>, source: &Source<'_>, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let asked = rpassword::prompt_password(prompt);
    let no_terminal = |error| words::ca_no_terminal(context.language, error, source.option);
    asked.map(Zeroizing::new).map_err(|error| Failure::Failed(no_terminal(error)))
}
