//! The log: one line a call, to standard error or a file, as text or JSON.
//!
//! Owns what a line of a call says; `writer` brings it out, and keeps nobody waiting where that is not possible. Never personal data, a message's text or a name from a request.
//! `RUST_LOG` filters; without it, `info`.

mod writer;

use std::{
    fs::File,
    io::{IsTerminal, stderr},
    sync::OnceLock,
};

use tracing_subscriber::EnvFilter;

pub use self::writer::LOST;
use self::writer::Lines;
use super::{
    call::{Call, Outcome},
    outside::SystemClock,
};
use crate::{
    config::LogFormat,
    domain::{access::Identity, outside::Clock},
};

/// The process's log, once it is set up.
static LINES: OnceLock<Lines> = OnceLock::new();

/// Sets up logging for the whole process. The first call wins; a later one changes nothing.
pub fn init(format: LogFormat) {
    // By itself, a panic would be written where it happens, and wait for a reader that has stopped.
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a defect")));
    // An error means that somebody has set it up already.
    let _ = match format {
        LogFormat::Json => {
            let tell = |count| {
                let now = SystemClock.now();
                format!(
                    "{{\"timestamp\":\"{now}\",\"level\":\"WARN\",\"message\":\"lines of the log were lost\",\"lost\":{count}}}\n"
                )
            };
            let builder = tracing_subscriber::fmt().with_env_filter(filter());
            let lines = LINES.get_or_init(|| Lines::to(stderr(), tell)).clone();
            builder.with_writer(lines).json().flatten_event(true).with_current_span(false).try_init()
        }
        LogFormat::Text => {
            let lines = LINES.get_or_init(|| Lines::to(stderr(), text)).clone();
            let builder = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(lines);
            builder.with_ansi(stderr().is_terminal()).with_target(false).try_init()
        }
    };
}

/// Sets up logging as [`init`] does, in text, to a file: for when the terminal shows something else.
pub fn init_file(file: File) {
    let lines = LINES.get_or_init(|| Lines::to(file, text)).clone();
    let builder = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(lines);
    let _ = builder.with_ansi(false).with_target(false).try_init();
}

/// Waits until what was logged is written, for a second at most: the last thing that a process does.
pub fn finish() {
    if let Some(lines) = LINES.get() {
        lines.flush();
    }
}

fn text(count: u64) -> String {
    format!("{}  WARN {count} lines of the log were lost\n", SystemClock.now())
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

/// The line of the refusal that ends a stream, which has had a line as a call when it began. The call's span has the method.
pub(super) fn end(outcome: &Outcome, caller: Option<&Identity>) {
    tracing::info!(
        code = outcome.code_name(),
        reason = outcome.reason.map(|reason| reason.code()),
        agency = caller.map(|caller| caller.agency.as_str()),
        system = caller.map(|caller| caller.system.as_str()),
        "a stream was ended"
    );
}
