//! A refused call, as the caller reads it.
//!
//! Owns the decoding of a status and its details. `client` makes one of every status that it does not retry;
//! `cli` shows it.

use std::{error::Error, time::Duration};

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// A refusal: by the gateway, or by the connection to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// The gRPC code.
    pub code: Code,
    /// A stable reason of the errors page; empty where the call never reached the gateway.
    pub reason: String,
    /// The text for people (the fault, its cause, the next step), in the caller's language where the gateway wrote it.
    pub message: String,
    /// The faults of single fields.
    pub violations: Vec<FieldViolation>,
    /// Says that the connection broke before there was an answer; whether the call took effect is not known.
    pub broken: bool,
    /// The time after which the same request may be sent again.
    pub retry_after: Option<Duration>,
}

/// The fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// The path in the request.
    pub field: String,
    /// A stable reason of the errors page.
    pub reason: String,
    /// The text for people, in the caller's language.
    pub text: String,
}

impl Refused {
    /// Says whether the call may have taken effect all the same. The same request, `request_id` included, may be
    /// sent again to learn it.
    pub fn is_uncertain(&self) -> bool {
        if ["NOT_STORED_IN_TIME", "DATABASE_IMPAIRED"].contains(&self.reason.as_str()) {
            return false;
        }
        let code = matches!(self.code, Code::Cancelled | Code::DeadlineExceeded | Code::Unavailable);
        code || self.broken
    }

    /// Says whether the gateway itself gave this answer, rather than the connection to it.
    pub fn is_of_gateway(&self) -> bool {
        !self.reason.is_empty()
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let violations = violations.iter().map(|violation| FieldViolation {
            field: violation.field.clone(),
            reason: violation.reason.clone(),
            text: violation
                .localized_message
                .as_ref()
                .map_or_else(|| violation.description.clone(), |localized| localized.message.clone()),
        });
        Self {
            code: status.code(),
            reason: details.error_info().map(|info| info.reason.clone()).unwrap_or_default(),
            message: details
                .localized_message()
                .map_or_else(|| with_causes(&status), |localized| localized.message.clone()),
            violations: violations.collect(),
            // Only what the transport made of its own errors has a source.
            broken: status.source().is_some(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

/// The status' own message and the innermost cause, which for a broken connection is the one that tells.
fn with_causes(status: &Status) -> String {
    let message = if status.message().is_empty() { status.code().description() } else { status.message() };
    match innermost(status) {
        Some(cause) if cause != message => format!("{message}: {cause}"),
        _ => message.to_owned(),
    }
}

/// The text of an error's innermost cause.
pub(super) fn innermost(error: &dyn Error) -> Option<String> {
    std::iter::successors(error.source(), |&error| error.source()).last().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails, FieldViolation as Wire, LocalizedMessage};

    use super::*;

    #[test]
    fn details_are_read() {
        let mut details = ErrorDetails::new();
        details.set_error_info("FIELDS_INVALID", "gerbang", std::collections::HashMap::new());
        details.set_localized_message("id", "Beberapa isian keliru.");
        details.set_retry_info(Some(Duration::from_secs(2)));
        let mut violation = Wire::new("terms.title", "The field is empty.");
        violation.reason = "FIELD_REQUIRED".into();
        violation.localized_message = Some(LocalizedMessage::new("id", "Isian ini kosong."));
        details.set_bad_request(vec![violation]);
        let refused =
            Refused::from(Status::with_error_details(Code::InvalidArgument, "FIELDS_INVALID", details));
        assert_eq!(refused.reason, "FIELDS_INVALID");
        assert_eq!(refused.message, "Beberapa isian keliru.");
        assert_eq!(refused.retry_after, Some(Duration::from_secs(2)));
        let expected = FieldViolation {
            field: "terms.title".into(),
            reason: "FIELD_REQUIRED".into(),
            text: "Isian ini kosong.".into(),
        };
        assert_eq!(refused.violations, [expected]);
        let away = Refused::from(Status::unavailable("away"));
        assert!(!away.is_of_gateway() && !away.broken);
        let broken = Refused::from(Status::from_error(std::io::Error::other("gone").into()));
        assert!(broken.broken);
    }
}
