//! The error of issuing: one type for everything that can go wrong between a decision and a signature.

use super::secret::SecretError;

/// The reason for which nothing was issued.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum IssueError {
    #[error("The names do not fit the certificate: {0}. Correct them.")]
    Subject(&'static str),
    #[error("The public key cannot be certified: {0}. Make a new key.")]
    Key(&'static str),
    #[error("The serial number does not stand in a certificate. Draw a new one.")]
    Serial,
    #[error("The validity is not possible: {0}. Choose other times.")]
    Validity(&'static str),
    #[error("The authority cannot issue this: {0}. Check its certificate and its key.")]
    Issuer(&'static str),
    #[error("What was made is not what was decided on: {0}. Nothing was signed; tell the makers of Gerbang.")]
    Lint(&'static str),
    #[error("The revocation list cannot be made: {0}. Check the inventory.")]
    List(&'static str),
    #[error("The certificate cannot be written: {0}. Check the names and the times that it should carry.")]
    Make(#[from] rcgen::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
}
