//! The ends of the command line: the exit codes, and the text of a failure on standard error.
//!
//! Every verb returns an [`Exit`] or a [`Failure`]; `cli::run` is the one place that prints the latter.

use std::path::PathBuf;

use tonic::Code;

use super::words;
use crate::{
    agent::{ClientError, ProfileError, Refused, Trouble},
    domain::{
        Reason, Refusal,
        reason::{Kind, Language, phrase},
    },
    exchange,
    format::json::JsonErrors,
};

/// The exit codes, documented in the root help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    /// Not authenticated or not allowed.
    Denied = 4,
    NotFound = 5,
    /// It exists already, changed in between, or its state forbids it.
    Conflict = 6,
}

impl Exit {
    fn of_code(code: Code) -> Self {
        match code {
            Code::Ok => Self::Ok,
            Code::Unauthenticated | Code::PermissionDenied => Self::Denied,
            Code::NotFound => Self::NotFound,
            Code::Aborted | Code::AlreadyExists | Code::FailedPrecondition => Self::Conflict,
            _ => Self::Failed,
        }
    }

    fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Unauthenticated | Kind::Denied => Self::Denied,
            Kind::NotFound => Self::NotFound,
            Kind::Aborted | Kind::Exists | Kind::State => Self::Conflict,
            _ => Self::Failed,
        }
    }

    /// Of a batch that was not stored whole: the code that its items' reasons agree on, else 1.
    pub fn of_reasons<'a>(reasons: impl Iterator<Item = &'a str>) -> Self {
        let mut exits = reasons
            .map(|code| Reason::from_code(code).map_or(Self::Failed, |reason| Self::of_kind(reason.kind())));
        let first = exits.next().unwrap_or(Self::Failed);
        if exits.all(|exit| exit == first) { first } else { Self::Failed }
    }
}

/// A failure of a verb.
#[derive(Debug)]
pub enum Failure {
    /// Options that do not go together.
    Usage(String),
    Refused(Refused),
    /// As `Refused`, of a request that a file holds.
    RefusedFile(Refused),
    /// By a use case that the command line ran itself.
    Ruled(Box<Refusal>),
    Profile(ProfileError),
    Client(ClientError),
    /// A file that is not a request.
    File {
        path: PathBuf,
        errors: JsonErrors,
    },
    /// A certificate that did not come, or cannot be used.
    Trouble(Trouble),
    /// Looked for by the command line itself.
    NotFound(String),
    /// Anything else, said in full.
    Failed(String),
    /// What another room says in English alone.
    Raw(String),
}

impl Failure {
    /// A file that cannot be read or written.
    pub fn io(language: Language, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Failed(words::file_unusable(language, path.display(), words::plain(language, error)))
    }

    /// The same, of a request that a file holds.
    pub fn of_file(self) -> Self {
        match self {
            Self::Refused(refused) => Self::RefusedFile(refused),
            other => other,
        }
    }

    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Refused(refused) | Self::RefusedFile(refused) if is_handshake(refused) => Exit::Denied,
            Self::Refused(refused) | Self::RefusedFile(refused) => Exit::of_code(refused.code),
            Self::Ruled(refusal) => Exit::of_kind(refusal.reason().kind()),
            Self::NotFound(_) => Exit::NotFound,
            Self::Trouble(Trouble::Untrusted(_) | Trouble::Expired(_)) => Exit::Denied,
            Self::Trouble(
                Trouble::Exists(_)
                | Trouble::ProfileInUse(_)
                | Trouble::Busy { .. }
                | Trouble::Rejected { .. },
            ) => Exit::Conflict,
            Self::Trouble(_) => Exit::Failed,
            Self::Profile(_) | Self::Client(_) | Self::File { .. } | Self::Failed(_) | Self::Raw(_) => {
                Exit::Failed
            }
        }
    }

    /// The message, each violation on a line of its own, and the reason code, dimmed on a terminal.
    pub fn report(&self, language: Language, colours: bool) -> String {
        match self {
            Self::Usage(text) | Self::NotFound(text) | Self::Failed(text) => text.clone(),
            Self::Raw(text) => words::told(language, text),
            Self::Profile(error) => words::profile_error(language, error),
            Self::Client(error) => words::client_error(language, error),
            Self::Trouble(trouble) => words::trouble(language, trouble),
            Self::File { path, errors } => report_file(language, path, errors),
            Self::Refused(refused) | Self::RefusedFile(refused) if is_handshake(refused) => {
                words::handshake_refused(language, words::plain(language, &refused.message))
            }
            Self::Refused(refused) | Self::RefusedFile(refused) if refused.broken => {
                words::gateway_gone(language, words::plain(language, &refused.message))
            }
            Self::Refused(refused) => report_refused(refused, |field| words::place(language, field), colours),
            Self::RefusedFile(refused) => report_refused(refused, str::to_owned, colours),
            Self::Ruled(refusal) => {
                let code = dimmed(refusal.reason().code(), colours);
                format!("{}\n{code}", refusal.fault.text(language))
            }
        }
    }
}

fn report_file(language: Language, path: &std::path::Path, errors: &JsonErrors) -> String {
    let file = path.display();
    match errors {
        JsonErrors::Syntax { line, column, why } => {
            let indonesian = (language == Language::Indonesian).then(|| phrase(why)).flatten();
            words::json_syntax(language, file, line, column, indonesian.as_deref().unwrap_or(why))
        }
        JsonErrors::Problems(errors) => {
            let lines = errors.iter().map(|error| {
                let text = words::problem(language, error);
                if error.field.is_empty() {
                    format!("  {text}")
                } else {
                    format!("  {}: {text}", error.field)
                }
            });
            std::iter::once(words::json_problems(language, file)).chain(lines).collect::<Vec<_>>().join("\n")
        }
    }
}

/// `place` says what is wrong where: a path for a file, else words.
fn report_refused(refused: &Refused, place: impl Fn(&str) -> String, colours: bool) -> String {
    let mut lines = vec![refused.message.clone()];
    lines.extend(refused.violations.iter().map(|violation| match violation.field.as_str() {
        "" => format!("  {}", violation.text),
        field => format!("  {}: {}", place(field), violation.text),
    }));
    let reason = if refused.is_of_gateway() { refused.reason.clone() } else { format!("{:?}", refused.code) };
    lines.push(dimmed(&reason, colours));
    lines.join("\n")
}

fn dimmed(reason: &str, colours: bool) -> String {
    if colours { format!("\x1b[2m{reason}\x1b[0m") } else { reason.to_owned() }
}

/// With TLS 1.3 a gateway refuses a certificate after the client's handshake, so it shows at the first call:
/// the connection was there, and breaks at every try. That nobody listens any more is another matter.
fn is_handshake(refused: &Refused) -> bool {
    refused.broken && !refused.message.contains("refused")
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<exchange::Error> for Failure {
    fn from(error: exchange::Error) -> Self {
        match error {
            exchange::Error::Refused(refusal) => Self::Ruled(refusal),
            other => Self::Raw(other.to_string()),
        }
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        Self::Profile(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(refused) => Self::Refused(refused),
            Trouble::Profile(error) => Self::Profile(error),
            Trouble::Client(error) => Self::Client(error),
            other => Self::Trouble(other),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

/// A failure of no other kind, in the error's own words, which [`words::told`] says in the reader's language.
pub(super) fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Raw(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{agent::refused::FieldViolation, format::json::requests_from_json, proto::v1};

    fn refused(code: Code, reason: &str, message: &str) -> Refused {
        let (reason, message) = (reason.to_owned(), message.to_owned());
        Refused { code, reason, message, violations: Vec::new(), broken: false, retry_after: None }
    }

    #[test]
    fn exit_codes_follow_the_status() {
        for (code, exit) in [
            (Code::Unauthenticated, 4),
            (Code::PermissionDenied, 4),
            (Code::NotFound, 5),
            (Code::Aborted, 6),
            (Code::AlreadyExists, 6),
            (Code::FailedPrecondition, 6),
            (Code::InvalidArgument, 1),
            (Code::Unavailable, 1),
        ] {
            assert_eq!(Failure::from(refused(code, "X", "")).exit() as u8, exit, "{code:?}");
        }
        let broken = |message| Refused { broken: true, ..refused(Code::Unavailable, "", message) };
        let closed = Failure::from(broken("operation was canceled: connection closed"));
        assert_eq!(closed.exit(), Exit::Denied);
        assert!(closed.report(Language::English, false).contains("certificate"));
        let gone = Failure::from(broken("tcp connect error: Connection refused"));
        assert_eq!(gone.exit(), Exit::Failed);
        assert_eq!(
            gone.report(Language::Indonesian, false),
            "Sambungan ke gerbang terputus: tidak ada yang melayani di sana. Coba kembali beberapa saat lagi; apabila tetap \
             demikian, hubungi pengelola sistem dan sampaikan pesan ini."
        );
        assert_eq!(Failure::Usage(String::new()).exit() as u8, 2);
    }

    #[test]
    fn a_batch_ends_as_its_items_agree() {
        let exit = |reasons: &[&str]| Exit::of_reasons(reasons.iter().copied());
        assert_eq!(exit(&["TRAINER_CONFLICT", "STALE_SEQUENCE"]), Exit::Conflict);
        assert_eq!(exit(&["TRAINER_CONFLICT", "SESSION_TOO_LONG"]), Exit::Failed);
        assert_eq!(exit(&["NOT_FOUND"]), Exit::NotFound);
        assert_eq!(exit(&[]), Exit::Failed);
    }

    #[test]
    fn a_report_names_every_field_and_ends_with_the_reason() {
        let mut refused = refused(Code::InvalidArgument, "FIELDS_INVALID", "Some fields are wrong.");
        let (field, reason, text) = ("terms.title".into(), "FIELD_REQUIRED".into(), "Empty.".into());
        refused.violations.push(FieldViolation { field, reason, text });
        let report = Failure::from(refused.clone()).of_file().report(Language::English, false);
        assert_eq!(report, "Some fields are wrong.\n  terms.title: Empty.\nFIELDS_INVALID");
        let report = Failure::from(refused).report(Language::Indonesian, false);
        assert_eq!(report, "Some fields are wrong.\n  judul: Empty.\nFIELDS_INVALID", "no file, no path");
    }

    #[test]
    fn a_file_is_reported_in_the_readers_language() {
        let report = |text: &str, language| {
            let errors = requests_from_json::<v1::PushScheduleRequest>(text).unwrap_err();
            Failure::File { path: "a.json".into(), errors }.report(language, false)
        };
        let wrong = r#"{"nama": 1, "request_id": "x", "mode": "ALL", "sessions": [{"sequence": 1.5, "starts_at": 7}]}"#;
        assert_eq!(
            report(wrong, Language::English),
            "a.json is not what the contract takes. Nothing was sent.\n\
             \x20 nama: There is no such field here. There are: validate_only, name, programme, time_zone, mode, sessions. \
             Correct its name, or leave it out. (FIELD_UNKNOWN)\n\
             \x20 request_id: A file has no request_id: gerbang makes a new one for every request. Remove it.\n\
             \x20 mode: The value is none of those that the contract lists. Take one from the contract: BATCH_MODE_ATOMIC, \
             BATCH_MODE_BEST_EFFORT. (FIELD_UNKNOWN_VALUE)\n\
             \x20 sessions[0].sequence: The value is not of the form 12 (a whole number). Write it so. (FIELD_FORMAT)\n\
             \x20 sessions[0].starts_at: The value is not of the form 2026-03-02T08:00:00+07:00. Write it so. (FIELD_FORMAT)"
        );
        assert_eq!(
            report(wrong, Language::Indonesian),
            "a.json tidak sesuai kontrak. Tidak ada yang dikirim.\n\
             \x20 nama: Isian dengan nama ini tidak ada di sini. Isian yang ada: validate_only, name, programme, time_zone, mode, \
             sessions. Perbaiki namanya, atau hapus isian tersebut. (FIELD_UNKNOWN)\n\
             \x20 request_id: Berkas tidak memuat request_id: gerbang membuat yang baru untuk setiap permintaan. Hapuslah.\n\
             \x20 mode: Nilai ini tidak tercantum dalam kontrak layanan. Gunakan salah satu nilai yang tercantum dalam kontrak \
             layanan: BATCH_MODE_ATOMIC, BATCH_MODE_BEST_EFFORT. (FIELD_UNKNOWN_VALUE)\n\
             \x20 sessions[0].sequence: Nilai ini tidak sesuai dengan bentuk 12 (bilangan bulat). Tulislah sesuai dengan bentuk \
             tersebut. (FIELD_FORMAT)\n\
             \x20 sessions[0].starts_at: Nilai ini tidak sesuai dengan bentuk 2026-03-02T08:00:00+07:00. Tulislah sesuai dengan \
             bentuk tersebut. (FIELD_FORMAT)"
        );
        let many = r#"[{"requestId": "x"}]"#;
        assert!(
            report(many, Language::English).contains("\n  [0].request_id: A file has no request_id: gerbang")
        );
        let broken = "{\"name\": \"a\",}";
        assert_eq!(
            report(broken, Language::English),
            "a.json, line 1, column 14: a comma stands before the closing bracket."
        );
        assert_eq!(
            report(broken, Language::Indonesian),
            "a.json, baris 1, kolom 14: ada koma sebelum kurung penutup."
        );
    }
}
