//! Which sessions a verb acts on: those that are named, or those that a selection finds.
//!
//! Owns the options for both, and when it is asked before anything is done. Judges nothing.

use clap::Args;

use super::{List, ahead, find, get, known, why_none};
use crate::{
    cli::{
        ask::Asks,
        batch::{self, Answer, Chosen},
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Consent, Limit, Period, SendOptions},
        screen, select, words,
    },
    domain::name::Sessions,
    proto::v1,
};

/// The options that select sessions, which go without names.
const SELECTING: [&str; 4] = ["from", "to", "day", "programme"];

/// The sessions that a verb acts on: those that are named, or all that a selection finds.
#[derive(Debug, Args)]
pub struct Which {
    /// The names, in full or as CODE/UID; a bare UID is your own agency's, else the only one that you may see
    #[arg(
        value_name = "SESSION",
        required_unless_present_any = SELECTING,
        conflicts_with_all = SELECTING
    )]
    sessions: Vec<String>,
    /// The etag that was read, with a single session; read now where it is not given
    #[arg(long, requires = "sessions")]
    etag: Option<String>,
    #[command(flatten)]
    period: Period,
    /// All of this programme: CODE/ID, the ID, or a part of its title
    #[arg(long)]
    programme: Option<String>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    sending: SendOptions,
}

/// Sessions that a verb may act on, after the question: name and etag of each, and what people know it by.
pub struct Agreed {
    pub sessions: Vec<(String, String)>,
    pub known: Vec<Vec<String>>,
    /// Whether the prison declined one of them.
    pub any_declined: bool,
    pub sending: SendOptions,
}

/// Finds the sessions that a verb acts on, and asks where that is due: of named ones as the verb says, of a selection
/// always, for it finds what it finds. `None`, which is said with why, where there are none. A selection means those that
/// have not begun, are in one of the `states`, and that `eligible` leaves of them. `room` is shown where the verb gives one
/// to all of them.
pub async fn choose<A: Answer>(
    conn: &Connection<'_>,
    which: Which,
    states: &[v1::SessionState],
    eligible: impl AsyncFn(Vec<v1::Session>) -> Result<Vec<v1::Session>, Failure>,
    room: &str,
    asks: Asks,
    question: impl Fn(usize) -> String,
) -> Result<Option<Agreed>, Failure> {
    let Which { sessions, etag, period, programme, consent, sending } = which;
    let chosen = |mut session: v1::Session| {
        if !room.is_empty() {
            room.clone_into(&mut session.facility);
        }
        let known = known(&session, conn.context.reader());
        let state = session.state().as_str_name();
        Chosen { known, state, name: session.name, etag: session.etag }
    };
    let (found, asks) = if sessions.is_empty() {
        let limit = Limit::BATCH;
        let mut all =
            find(conn, List { period, programme: programme.clone(), limit, ..List::default() }).await?;
        let now = conn.context.clock.now().as_second();
        all.retain(|session| {
            session.starts_at.is_some_and(|start| start.seconds > now) && states.contains(&session.state())
        });
        if all.is_empty() {
            let filters = List { period, programme, ..List::default() };
            screen::note(&why_none(conn, filters, states).await?);
            return Ok(None);
        }
        (eligible(all).await?.into_iter().map(chosen).collect(), Asks::Always)
    } else {
        // A bare uid is looked up; with an etag nothing is read, and the name is taken as it stands.
        let name_of = |text: &String| match &etag {
            Some(_) => conn.full::<Sessions>(text),
            None => text.clone(),
        };
        let read = async |text: &str| Ok(chosen(named(conn, text).await?));
        (batch::seen(conn, sessions.iter().map(name_of).collect(), etag.clone(), read).await?, asks)
    };
    if found.is_empty() {
        screen::note(&words::nothing_found(conn.context.language));
        return Ok(None);
    }
    batch::ask::<A>(conn, &consent, &sending, asks, &found, question)?;
    let known = found.iter().map(|one| one.known.clone()).collect();
    let declined = v1::SessionState::Declined.as_str_name();
    let any_declined = found.iter().any(|one| one.state == declined);
    let sessions = found.into_iter().map(|one| (one.name, one.etag)).collect();
    Ok(Some(Agreed { sessions, known, any_declined, sending }))
}

/// A session by its name, or by a uid that one agency alone uses. One round trip, two where another agency leads it.
pub(super) async fn named(conn: &Connection<'_>, text: &str) -> Result<v1::Session, Failure> {
    match get(conn, &conn.full::<Sessions>(text)).await {
        Err(failure) if failure.exit() == Exit::NotFound && !text.contains('/') => {
            let language = conn.context.language;
            let all = ahead(conn).await?;
            let known: Vec<_> = all.iter().map(|one| names::short(&one.name)).collect();
            let is_it = |session: &v1::Session| select::is_named(&session.name, text);
            let found: Vec<_> = all.into_iter().filter(is_it).collect();
            if found.is_empty() {
                return Err(select::none_of(language, text, known));
            }
            select::only(language, text, found, |one| names::short(&one.name))
        }
        Err(failure) if failure.exit() == Exit::NotFound => {
            let known = ahead(conn).await?.iter().map(|one| names::short(&one.name)).collect();
            Err(select::none_of(conn.context.language, text, known))
        }
        read => read,
    }
}
