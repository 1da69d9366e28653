//! The log: one line a call, to standard error or a file, as text or JSON.
//!
//! Owns what a line of a call says. Never personal data, a message's text or a name from a request.
//! `RUST_LOG` filters; without it, `info`.

use std::{
    fs::File,
    io::{IsTerminal, stderr},
    sync::Mutex,
};

use tracing_subscriber::EnvFilter;

use super::call::Call;
use crate::config::LogFormat;

/// Sets up logging for the whole process. The first call wins; a later one changes nothing.
pub fn init(format: LogFormat) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(stderr);
    // An error means that somebody has set it up already.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Text => builder.with_ansi(stderr().is_terminal()).with_target(false).try_init(),
    };
}

/// Sets up logging as [`init`] does, in text, to a file: for when the terminal shows something else.
pub fn init_file(file: File) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(Mutex::new(file));
    let _ = builder.with_ansi(false).with_target(false).try_init();
}

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"))
}

/// The line of a finished call.
pub(super) fn call(call: &Call) {
    let millis = u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        method = call.method,
        code = call.outcome.code_name(),
        reason = call.outcome.reason.map(|reason| reason.code()),
        agency = call.caller.as_ref().map(|caller| caller.agency.as_str()),
        system = call.caller.as_ref().map(|caller| caller.system.as_str()),
        client = call.client.map(tracing::field::display),
        millis,
        correlation = call.outcome.correlation.as_deref(),
        "call"
    );
}
