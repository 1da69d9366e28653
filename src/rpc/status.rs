//! The one place where a refusal becomes a `tonic::Status`: the code by the reason's kind, and details that
//! machines and people can act on, in the caller's language. Details stay below 4 KiB, since clients cap trailers
//! at 8; where violations are cut off, the metadata says how many there were.

use std::{collections::HashMap, error::Error as _, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::{
    domain::{
        Fault, Reason, Refusal,
        access::Correlation,
        reason::{Kind, Language},
    },
    exchange,
};

/// `google.rpc.ErrorInfo.domain` of every refusal.
pub const DOMAIN: &str = "gerbang";
/// Bytes of violations at most; the details hold the message too, and the rest of them is small.
const VIOLATION_BYTES_MAX: usize = 2_600;
/// Bytes of the status' own message at most: percent-encoded, it and the details in base64 still fit into 8 KiB.
const MESSAGE_BYTES_MAX: usize = 800;

/// The status of a refusal. Its message is for whoever reads nothing else: the text and the first violation, in the
/// caller's language.
pub fn status(refusal: &Refusal, language: Language) -> Status {
    let reason = refusal.reason();
    let text = refusal.fault.text(language);
    let mut metadata: HashMap<String, String> = refusal.fault.facts.iter().cloned().collect();
    let mut details = ErrorDetails::new();
    if !refusal.violations.is_empty() {
        metadata.insert("violations_total".to_owned(), refusal.violations.len().to_string());
        details.set_bad_request(violations(refusal, language));
    }
    details.set_error_info(reason.code(), DOMAIN, metadata);
    if reason.kind() == Kind::State {
        details.add_precondition_failure_violation(reason.code(), "", &text);
    }
    if let Some(delay) = retry_after(reason) {
        details.set_retry_info(Some(delay));
    }
    details.set_localized_message(language.as_str(), &text);
    Status::with_error_details(code(reason.kind()), message(refusal, text, language), details)
}

/// The fault that tonic means by a status of its own: a message too large, compressed, or of another type. `None` for what is not
/// tonic's: a health check of an unknown service, for one.
pub fn fault_of_tonic(status: &Status) -> Option<Fault> {
    match status.code() {
        // It says what it cannot do, and that is to decompress.
        Code::Unimplemented => Some(Reason::CompressionUnsupported.into()),
        Code::OutOfRange => {
            Some(Fault::from(Reason::MessageTooLarge).with("max_bytes", limit(status.message())))
        }
        Code::Internal | Code::InvalidArgument => Some(Reason::MessageUnreadable.into()),
        _ => None,
    }
}

/// The limit that tonic's text ends with ("…, the limit is: 4194304 bytes"); there is no other way to it.
fn limit(message: &str) -> &str {
    let number = message.rsplit(' ').nth(1).unwrap_or_default();
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) { number } else { "?" }
}

/// The text, the first violation with its path and reason, and how many there are beside it; cut at the last whole
/// character that fits.
fn message(refusal: &Refusal, text: String, language: Language) -> String {
    let Some(first) = refusal.violations.first() else { return cut(text, MESSAGE_BYTES_MAX) };
    let (place, why) = (&first.field, first.fault.text(language));
    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
    let others = match (refusal.violations.len() - 1, language) {
        (0, _) => String::new(),
        (count, Language::English) => format!(" And {count} more."),
        (count, Language::Indonesian) => format!(" Dan {count} lainnya."),
    };
    let end = format!(" ({}){others}", first.fault.reason.code());
    cut(format!("{text} {place}{why}"), MESSAGE_BYTES_MAX - end.len()) + &end
}

fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max - '…'.len_utf8()));
        text.push('…');
    }
    text
}

/// The violations, as many as fit.
fn violations(refusal: &Refusal, language: Language) -> Vec<FieldViolation> {
    let mut bytes = 0;
    let all = refusal.violations.iter().map(|violation| {
        let text = violation.fault.text(language);
        FieldViolation {
            field: violation.field.clone(),
            description: text,
            reason: violation.fault.reason.code().to_owned(),
            localized_message: None,
        }
    });
    all.take_while(|violation| {
        bytes += violation.field.len() + violation.description.len() + violation.reason.len() + 16;
        bytes <= VIOLATION_BYTES_MAX
    })
    .collect()
}

/// The time after which the same request may be sent again; only where that helps ([`Resend::Same`]).
///
/// [`Resend::Same`]: crate::domain::reason::Resend::Same
fn retry_after(reason: Reason) -> Option<Duration> {
    match reason {
        Reason::DatabaseAway | Reason::DatabaseImpaired | Reason::VaultKeyMissing => {
            Some(Duration::from_secs(2))
        }
        Reason::Overloaded | Reason::GatewayStopping => Some(Duration::from_secs(1)),
        Reason::ConflictLost => Some(Duration::from_millis(100)),
        _ => None,
    }
}

fn code(kind: Kind) -> Code {
    match kind {
        Kind::Invalid => Code::InvalidArgument,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::Denied => Code::PermissionDenied,
        Kind::NotFound => Code::NotFound,
        Kind::Exists => Code::AlreadyExists,
        Kind::State => Code::FailedPrecondition,
        Kind::Aborted => Code::Aborted,
        Kind::Exhausted => Code::ResourceExhausted,
        Kind::Unavailable => Code::Unavailable,
        Kind::Deadline => Code::DeadlineExceeded,
        Kind::Unimplemented => Code::Unimplemented,
        // A warning as a refusal would be a defect.
        Kind::Internal | Kind::Warning => Code::Internal,
    }
}

/// The refusal that a failed use case amounts to; `correlation` is logged with what the caller must not see.
pub(super) fn refusal(error: exchange::Error, correlation: Correlation) -> Refusal {
    match error {
        exchange::Error::Refused(refusal) => *refusal,
        exchange::Error::Lost(why) | exchange::Error::Locked(why) => {
            tracing::info!(why, "lost to other transactions");
            Reason::ConflictLost.into()
        }
        exchange::Error::Busy(_) => Reason::ConflictLost.into(),
        exchange::Error::Away(why) | exchange::Error::Broken(why) => {
            tracing::warn!(why, "the database is away");
            Reason::DatabaseAway.into()
        }
        exchange::Error::Impaired { cause, why } => {
            tracing::error!(why, %cause, "the database cannot do what was asked");
            Fault::from(Reason::DatabaseImpaired).with("cause", cause).into()
        }
        error @ (exchange::Error::ForeignKeys(_)
        | exchange::Error::RoleMissing(_)
        | exchange::Error::Internal(_)) => {
            tracing::error!(%error, source = error.source().map(tracing::field::display), %correlation, "internal error");
            Fault::from(Reason::InternalError).with("correlation", correlation).into()
        }
    }
}

/// The caller's language: the first of its `accept-language` that Gerbang speaks, else English.
pub fn language(headers: &http::HeaderMap) -> Language {
    let accepted =
        headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = accepted.split(',').map(|tag| tag.split([';', '-', '_']).next().unwrap_or_default().trim());
    tags.map(str::to_ascii_lowercase).find_map(|tag| Language::from_text(&tag)).unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Violations, reason::Resend};

    #[test]
    fn details_stay_below_four_kibibytes() {
        let mut violations = Violations::default();
        for index in 0..1_000 {
            violations.add(format!("sessions[{index}].topic"), Reason::FieldRequired);
        }
        let refusal = violations.finish(None::<()>).unwrap_err();
        let status = status(&refusal, Language::Indonesian);
        assert!(status.details().len() < 4_096, "{}", status.details().len());
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["violations_total"], "1000");
        assert_eq!(details.localized_message().unwrap().locale, "id");
        assert!(details.bad_request().unwrap().field_violations.len() > 10);

        // A long message stands in the details as well.
        let long =
            || Fault::from(Reason::FieldFormat).with("expected", "x".repeat(600)).at("sessions[0].topic");
        let refusal =
            Refusal { fault: Reason::FieldsInvalid.into(), violations: (0..9).map(|_| long()).collect() };
        let status = super::status(&refusal, Language::Indonesian);
        assert!(status.message().len() > 700 && status.details().len() < 4_096, "{}", status.details().len());
    }

    /// The trailers of a refusal, in the form in which they travel, fit into the 8 KiB that clients take.
    #[test]
    fn the_message_tells_the_first_violation_and_stays_short() {
        let mut violations = Violations::default();
        violations.add("sessions[0].topic", Reason::FieldRequired);
        let one = violations.finish(None::<()>).unwrap_err();
        assert_eq!(
            status(&one, Language::English).message(),
            "Some fields of the request are wrong. Correct each field that is named, then send again. \
             sessions[0].topic: The field is empty. Fill it in. (FIELD_REQUIRED)"
        );
        let mut more = one.clone();
        more.violations.extend(vec![Fault::from(Reason::DuplicateItem).at("x"); 2]);
        let told = status(&more, Language::Indonesian);
        assert!(
            told.message().ends_with(
                "topic: Isian ini masih kosong. Lengkapi isian ini. (FIELD_REQUIRED) Dan 2 lainnya."
            )
        );
        let localized = told.get_details_localized_message().unwrap();
        assert!(!localized.message.contains("topic"), "the violations stand in their own detail");

        // The worst: as many bytes as there may be, each of which becomes three.
        more.violations =
            vec![
                Fault::from(Reason::FieldFormat).with("expected", "…".repeat(900)).at("é".repeat(300));
                99
            ];
        let told = status(&more, Language::Indonesian);
        assert!(
            told.message().len() <= MESSAGE_BYTES_MAX
                && told.message().ends_with("… (FIELD_FORMAT) Dan 98 lainnya.")
        );
        let headers = told.into_http::<tonic::body::Body>();
        let bytes: usize =
            headers.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
        assert!(bytes < 8_192, "{bytes}");
    }

    #[test]
    fn a_time_to_wait_is_told_only_where_the_same_request_helps() {
        for reason in Reason::ALL {
            assert!(retry_after(*reason).is_none() || reason.resend() == Resend::Same, "{}", reason.code());
        }
        // Else who follows along takes the end of its stream for good.
        assert!(retry_after(Reason::GatewayStopping).is_some());
    }

    #[test]
    fn language_is_the_first_that_we_speak() {
        let of = |value: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(http::header::ACCEPT_LANGUAGE, value.parse().unwrap());
            language(&headers)
        };
        assert_eq!(of("id-ID,id;q=0.9,en;q=0.8"), Language::Indonesian);
        assert_eq!(of("fr, ID;q=0.5"), Language::Indonesian);
        assert_eq!(of("en-GB, id"), Language::English);
        assert_eq!(of("fr"), Language::English);
        assert_eq!(language(&http::HeaderMap::new()), Language::English);
    }
}
