//! What is said where this machine's clock and the gateway's differ, since that shows as some other fault.

use jiff::SignedDuration;

use super::{Context, failure::Failure, words};
use crate::{
    agent::{
        ClientError, Profile, Trouble,
        clock::{CLOCKS_AGREE, gateway_ahead},
    },
    domain::reason::Language,
};

/// The sentence about the clock that a failure of this kind needs, after the gateway was asked for its time.
pub async fn explain(context: &Context<'_>, failure: &Failure) -> Option<String> {
    if !may_be_the_clocks(failure) {
        return None;
    }
    let profile = Profile::find(context.profile.as_deref()).ok()?;
    differs(context.language, gateway_ahead(&profile, context.clock).await?)
}

fn may_be_the_clocks(failure: &Failure) -> bool {
    let stale = "STATEMENT_INVALID";
    match failure {
        Failure::Client(error) | Failure::Trouble(Trouble::Client(error)) => {
            matches!(error, ClientError::NotNow { .. })
        }
        Failure::Refused(refused) | Failure::Trouble(Trouble::Refused(refused)) => refused.reason == stale,
        Failure::Trouble(Trouble::Expired(_)) => true,
        _ => false,
    }
}

/// The sentence about a gateway's clock that is so far ahead of ours; `None` where the two agree.
pub fn differs(language: Language, ahead: SignedDuration) -> Option<String> {
    let by = span(language, ahead.abs());
    match ahead {
        _ if ahead.abs() <= CLOCKS_AGREE => None,
        _ if ahead.is_positive() => Some(words::clock_behind(language, by)),
        _ => Some(words::clock_ahead(language, by)),
    }
}

/// `90 min`, `5 h`, `61 days`.
pub fn span(language: Language, off: SignedDuration) -> String {
    let minutes = (off.as_secs() + 30) / 60;
    let (hours, days) = ((minutes + 30) / 60, (minutes + 12 * 60) / (24 * 60));
    match language {
        _ if minutes <= 120 => words::minutes(language, minutes),
        _ if hours <= 72 => words::hours(language, hours),
        _ => words::days(language, days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Refused;

    #[test]
    fn the_clock_is_named_with_how_much_and_which_way() {
        let said = |ahead| differs(Language::English, ahead);
        let minutes = SignedDuration::from_mins;
        assert!(said(minutes(90)).unwrap().contains("is 90 min behind the gateway's"));
        assert!(said(-minutes(61 * 24 * 60)).unwrap().contains("is 61 days ahead of the gateway's"));
        assert!(said(-minutes(91 * 24 * 60 + 300)).unwrap().contains("91 days"));
        assert!(said(minutes(5 * 60)).unwrap().contains("5 h behind"));
        assert_eq!((said(SignedDuration::from_secs(60)), said(SignedDuration::from_secs(-59))), (None, None));
        let indonesian = differs(Language::Indonesian, minutes(90)).unwrap();
        assert!(indonesian.contains("terlambat 90 menit"), "{indonesian}");
    }

    #[test]
    fn only_failures_that_a_clock_makes_are_asked_about() {
        let (address, why) = (String::new(), String::new());
        let refused = |reason: &str| {
            Failure::Refused(Refused {
                code: tonic::Code::InvalidArgument,
                reason: reason.to_owned(),
                message: String::new(),
                violations: Vec::new(),
                broken: false,
                retry_after: None,
            })
        };
        let not_now = ClientError::NotNow { address: address.clone(), why: why.clone() };
        assert!(may_be_the_clocks(&Failure::Client(not_now)));
        assert!(may_be_the_clocks(&Failure::Trouble(Trouble::Expired(jiff::Timestamp::UNIX_EPOCH))));
        assert!(may_be_the_clocks(&refused("STATEMENT_INVALID")));
        assert!(!may_be_the_clocks(&refused("NOT_FOUND")));
        assert!(!may_be_the_clocks(&Failure::Client(ClientError::Unreachable {
            address,
            why,
            passing: true
        })));
    }
}
