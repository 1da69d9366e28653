//! How a profile's renewal fares, for people and for monitoring: `NAME.renewal.json` and `NAME.renewal.prom`.
//!
//! Owns both forms. The first is also what the daemon remembers from one start to the next. `daemon` calls it.

use std::{fs, io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{agent::profile::beside, files::write_file, text_enum};

text_enum! {
    /// How it fares.
    State {
        /// Nothing is due.
        Waiting = "WAITING",
        /// It is due and did not succeed; it will be tried again.
        Failed = "FAILED",
        /// The certificate was renewed, and the command that should follow failed; it will be run again.
        CommandFailed = "COMMAND_FAILED",
        /// It will not be tried again.
        Stopped = "STOPPED",
    }
}

/// How it fares, since when, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub state: State,
    /// The serial number of the certificate that the profile names.
    pub certificate: Option<String>,
    pub certificate_expires: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    pub last_error: Option<String>,
    /// Since when there has been an error at every try.
    pub error_since: Option<Timestamp>,
    pub next_try: Option<Timestamp>,
}

impl Status {
    pub const NEW: Self = Self {
        state: State::Waiting,
        certificate: None,
        certificate_expires: None,
        last_success: None,
        last_error: None,
        error_since: None,
        next_try: None,
    };

    /// What was written last; what cannot be read is forgotten.
    pub fn read(profile: &Path) -> Self {
        let text = fs::read_to_string(beside(profile, "renewal.json")).ok();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Self::NEW)
    }

    /// Writes both files.
    pub fn write(&self, profile: &Path) -> io::Result<()> {
        let json = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        write_file(&beside(profile, "renewal.json"), 0o644, format!("{json}\n").as_bytes())?;
        let name = profile.file_stem().unwrap_or_default().to_string_lossy();
        write_file(&beside(profile, "renewal.prom"), 0o644, self.prometheus(&name).as_bytes())
    }

    /// In the text format, for the node exporter's textfile collector. Times are seconds since 1970.
    fn prometheus(&self, profile: &str) -> String {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let failed = i64::from(self.state != State::Waiting);
        let gauges = [
            ("gerbang_renewal_failed", "Whether the last renewal failed.", Some(failed)),
            ("gerbang_renewal_next_seconds", "When the next renewal is tried.", seconds(self.next_try)),
            (
                "gerbang_certificate_expires_seconds",
                "When the certificate ends.",
                seconds(self.certificate_expires),
            ),
        ];
        let label = profile.replace(['\\', '"', '\n'], "_");
        let lines = gauges.into_iter().filter_map(|(name, help, value)| {
            let value = value?;
            Some(format!(
                "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{{profile=\"{label}\"}} {value}\n"
            ))
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitoring_reads_gauges() {
        let at: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let status = Status { state: State::Failed, certificate_expires: Some(at), ..Status::NEW };
        assert_eq!(
            status.prometheus("blk"),
            "# HELP gerbang_renewal_failed Whether the last renewal failed.\n\
             # TYPE gerbang_renewal_failed gauge\n\
             gerbang_renewal_failed{profile=\"blk\"} 1\n\
             # HELP gerbang_certificate_expires_seconds When the certificate ends.\n\
             # TYPE gerbang_certificate_expires_seconds gauge\n\
             gerbang_certificate_expires_seconds{profile=\"blk\"} 1772438400\n"
        );
    }
}
