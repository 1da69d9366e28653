//! Sessions as their readers are shown them: one, or a page of a list, by one question that lets its caller in.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Row, name_of};
use crate::{
    domain::{
        AgencyCode,
        access::Fingerprint,
        name::SessionName,
        schedule::{Session, SessionFilter, SessionState, first_start},
        time::END,
    },
    store::{
        self, Entered, Error, Part, from_row,
        registry::{ask_as_caller, entered_row},
        to_row,
    },
};

/// What a question for sessions asks for.
#[derive(Debug)]
pub enum Sought<'a> {
    /// The session of this name.
    One(&'a SessionName),
    /// A part of the list, by start and name.
    Part {
        /// The filters of the list.
        filter: &'a SessionFilter,
        /// The start and the name after which the part begins; `None` for the beginning.
        after: Option<(Timestamp, &'a str, &'a str)>,
        /// The most rows.
        limit: i64,
    },
}

/// The question for one session, or for a part of a list. Answers with the caller too; `None` where the certificate is not
/// in the inventory. One round trip.
#[derive(Debug)]
pub struct Question<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// What is asked for.
    pub sought: Sought<'a>,
}

impl store::Question for Question<'_> {
    type Answer = (Option<Entered>, Part<Session>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let all = SessionFilter::default();
        let (one, filter, after, limit) = match self.sought {
            Sought::One(name) => (Some(name), &all, None, 1),
            Sought::Part { filter, after, limit } => (None, filter, after, limit),
        };
        let after = after.unwrap_or((first_start(filter.range_start), "", ""));
        let programme = filter.programme.as_ref();
        let row = ask_as_caller!(
            db,
            r#"q.page AS "page: Vec<Row>"
               FROM session_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS q"#,
            &self.fingerprint[..],
            one.map(|name| name.agency.as_str()),
            one.map(|name| name.id.as_str()),
            programme.map(|name| name.agency.as_str()),
            programme.map(|name| name.id.as_str()),
            filter.lead.as_ref().map(AgencyCode::as_str),
            filter.state.map(SessionState::as_str),
            filter.range_start.map(to_row),
            to_row(filter.range_end.unwrap_or(END)),
            to_row(after.0),
            after.1,
            after.2,
            limit
        );
        let Some(row) = row else { return Ok((None, Vec::new().into())) };
        let rows = row.page.unwrap_or_default();
        let keys = |row: &Row| vec![from_row(row.starts_at).to_string(), row.lead.clone(), row.uid.clone()];
        let part = match one {
            Some(_) => rows.into_iter().map(Session::try_from).collect::<Result<Vec<_>, _>>()?.into(),
            None => Part::read(rows, limit, name_of, keys),
        };
        Ok((Some(entered_row!(row).try_into()?), part))
    }
}
