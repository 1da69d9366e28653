//! `docs/errors.md`: every reason with its code, whether sending again helps, and both texts. Written from the table, but for
//! the part on connections that end without an answer, which stands beside this file.

use std::fmt::Write;

use crate::domain::{
    Reason,
    reason::{Kind, Language, Resend},
};

/// What clients show where the gateway cannot answer. `tests/it/silence.rs` makes the gateway say what it says of it.
const NO_ANSWER: &str = include_str!("no_answer.md");

/// The errors page: how to read it, connections without an answer, an index by name, and every reason.
pub fn errors_page() -> String {
    let mut page = String::from(
        "# Error reasons\n\n\
        Written by `gerbang contract reasons` from the table in the code; do not edit.\n\n\
        Program against the reason: it never changes, the texts may. It comes as `reason` in \
        `google.rpc.ErrorInfo` (domain `gerbang`), in the field violations of `BadRequest`, and in the results of \
        a batch. `{…}` stands for a fact of the case. They stand here by the gRPC code with which they refuse a call; \
        in a batch, an item's reason comes with OK. Warnings come beside an answer: the call went through.\n\n\
        The status message is for people: the text, and of wrong fields the first, in the language of `accept-language` (`id` \
        or `en`). Facts that are times are in RFC 3339 with the zone's offset; the text spells them out.\n",
    );
    page.push_str("\n## Does sending again help?\n\n| | |\n|---|---|\n");
    for resend in Resend::ALL.iter().filter(|resend| **resend != Resend::Nothing) {
        let _ = writeln!(page, "| {} | {} |", short(*resend), long(*resend));
    }
    let _ = write!(page, "\n{NO_ANSWER}\n## By name\n\n| reason | code | sending again |\n|---|---|---|\n");
    let mut by_name = Reason::ALL.to_vec();
    by_name.sort_unstable_by_key(|reason| reason.code());
    for reason in by_name {
        let code = reason.code();
        let anchor = code.to_ascii_lowercase();
        let kind = if reason.kind() == Kind::Warning { "warning" } else { reason.kind().as_str() };
        let _ = writeln!(page, "| [{code}](#{anchor}) | {kind} | {} |", short(reason.resend()));
    }
    for kind in Kind::ALL {
        // Writing to a String cannot fail.
        let _ = match kind {
            Kind::Warning => write!(page, "\n## Warnings\n"),
            kind => write!(page, "\n## gRPC code {kind}\n"),
        };
        for reason in Reason::ALL.iter().filter(|reason| reason.kind() == *kind) {
            let [english, indonesian] = [Language::English, Language::Indonesian].map(|language| {
                let (what, next) = reason.template(language);
                format!("{what} *{next}*")
            });
            let _ = write!(page, "\n### {}\n\n- en: {english}\n- id: {indonesian}\n", reason.code());
            if reason.resend() != Resend::Nothing {
                let _ = writeln!(page, "- sending again: {}", short(reason.resend()));
            }
        }
    }
    page
}

fn short(resend: Resend) -> &'static str {
    match resend {
        Resend::Same => "the same, after a pause",
        Resend::Later => "the same, once it is put right",
        Resend::Corrected => "only corrected",
        Resend::Never => "no",
        Resend::Nothing => "–",
    }
}

fn long(resend: Resend) -> &'static str {
    match resend {
        Resend::Same => {
            "Send the same request with the same `request_id`. Wait as long as `RetryInfo` says, else a second, and twice as \
             long at each try."
        }
        Resend::Later => {
            "The request is right, and is refused until somebody has done what the text names. Read the etag anew before you \
             send."
        }
        Resend::Corrected => {
            "The same request is refused again. Send another one, corrected, with a `request_id` of its own."
        }
        Resend::Never => "No request of yours gets through. The text says whom to ask, or that it is done.",
        Resend::Nothing => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_page_lists_every_reason_twice_with_a_link() {
        let page = errors_page();
        assert_eq!(page.matches("\n### ").count(), Reason::ALL.len());
        for reason in Reason::ALL {
            let code = reason.code();
            assert!(page.contains(&format!("\n### {code}\n")), "{code}");
            assert!(page.contains(&format!("| [{code}](#{}) |", code.to_lowercase())), "{code}");
        }
        assert!(page.contains("| [ETAG_MISMATCH](#etag_mismatch) | ABORTED | only corrected |"));
    }
}
