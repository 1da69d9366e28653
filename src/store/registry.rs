//! Who a certificate stands for: its system and agency, as the registry has them.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Document, Error, Question, document, from_row, text};
use crate::domain::{
    AgencyCode,
    access::{Fingerprint, Role},
    agency::{AgencyState, DatedNames},
    certificate::Validity,
    time::Zone,
};

/// A caller, as [`enter`] found it in the registry.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The caller's agency.
    pub agency: AgencyCode,
    /// The system's id within its agency.
    pub system: String,
    /// The system's role.
    pub role: Role,
    /// The role that the certificate was signed for.
    pub certified: Option<Role>,
    /// The agency's state.
    pub agency_state: AgencyState,
    /// Decides when the certificate lets its holder in.
    pub validity: Validity,
}

/// Looks the caller up by certificate and opens its agency's rows for this transaction. One round trip.
pub async fn enter(db: &mut PgConnection, fingerprint: &[u8; 32]) -> Result<Option<Entered>, Error> {
    let row = sqlx::query_as!(
        EnteredRow,
        r#"SELECT agency AS "agency!", system AS "system!", role AS "role!", certified, agency_state AS "agency_state!",
                  not_before AS "not_before!", not_after AS "not_after!", ends_at, revoked AS "revoked!" FROM enter($1)"#,
        &fingerprint[..]
    );
    row.fetch_optional(db).await?.map(Entered::try_from).transpose()
}

/// A caller, with what its agency is called and where it plans.
#[derive(Debug)]
pub struct Holder {
    /// The caller.
    pub entered: Entered,
    /// The agency's names.
    pub names: DatedNames,
    /// The agency's zone.
    pub zone: Zone,
}

/// The question who holds a certificate; `None` where it is not in the inventory. Opens no rows. One round trip.
pub struct WhoHolds(pub Fingerprint);

impl Question for WhoHolds {
    type Answer = Option<Holder>;

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let row = sqlx::query!(
            r#"SELECT agency AS "agency!", system AS "system!", role AS "role!", certified,
                      agency_state AS "agency_state!", not_before AS "not_before!", not_after AS "not_after!", ends_at,
                      revoked AS "revoked!", names AS "names!: Document", time_zone AS "time_zone!"
                 FROM registered WHERE fingerprint = $1"#,
            &self.0[..]
        );
        let Some(row) = row.fetch_optional(db).await? else { return Ok(None) };
        let entered = entered_row!(row);
        let (names, zone) = (document(&row.names)?, Zone::from_store(row.time_zone));
        Ok(Some(Holder { entered: entered.try_into()?, names, zone }))
    }
}

/// The columns of [`EnteredRow`] out of a row that has more.
macro_rules! entered_row {
    ($row:ident) => {
        $crate::store::registry::EnteredRow {
            agency: $row.agency,
            system: $row.system,
            role: $row.role,
            certified: $row.certified,
            agency_state: $row.agency_state,
            not_before: $row.not_before,
            not_after: $row.not_after,
            ends_at: $row.ends_at,
            revoked: $row.revoked,
        }
    };
}
pub(super) use entered_row;

/// Asks a function that lets its caller in, `q`, for one row: the columns of [`EnteredRow`], and those that the rest of the
/// query selects. `None` where the certificate is not in the inventory. A macro, for checked queries take literals alone.
macro_rules! ask_as_caller {
    ($db:expr, $rest:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => {
        sqlx::query!(
            r#"SELECT (q.caller).agency AS "agency!", (q.caller).system AS "system!", (q.caller).role AS "role!",
                      (q.caller).certified, (q.caller).agency_state AS "agency_state!",
                      (q.caller).not_before AS "not_before!", (q.caller).not_after AS "not_after!", (q.caller).ends_at,
                      (q.caller).revoked AS "revoked!", "# + $rest $(+ $more)* + " WHERE (q.caller).agency IS NOT NULL"
            $(, $argument)*
        )
        .fetch_optional(&mut *$db)
        .await?
    };
}
pub(super) use ask_as_caller;

/// Asks for rows as the caller, of whom the query speaks as `c`: the caller, `None` where the certificate is not in the
/// inventory, and the rows. The query is a subplan that depends on `c`, so it is run when its caller is let in; one that was
/// not would find nothing, for the policies name no reader.
macro_rules! rows_as_caller {
    ($db:expr, $query:literal $(, $argument:expr)* $(,)?) => {{
        let row = $crate::store::registry::ask_as_caller!(
            $db,
            r#"q.found AS "found!: Vec<Row>" FROM (SELECT c AS caller, ARRAY("# + $query + ") AS found FROM let_in($1) AS c) AS q"
            $(, $argument)*
        );
        match row {
            Some(row) => (Some($crate::store::registry::entered_row!(row).try_into()?), row.found),
            None => (None, Vec::new()),
        }
    }};
}
pub(super) use rows_as_caller;

/// A row of the view `registered`.
pub(super) struct EnteredRow {
    pub agency: String,
    pub system: String,
    pub role: String,
    pub certified: Option<String>,
    pub agency_state: String,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    pub ends_at: Option<OffsetDateTime>,
    pub revoked: bool,
}

impl TryFrom<EnteredRow> for Entered {
    type Error = Error;

    fn try_from(row: EnteredRow) -> Result<Self, Error> {
        Ok(Self {
            agency: AgencyCode::from_store(row.agency),
            system: row.system,
            role: text(Role::from_text(&row.role))?,
            certified: role(row.certified.as_deref())?,
            agency_state: text(AgencyState::from_text(&row.agency_state))?,
            validity: Validity {
                not_before: from_row(row.not_before),
                not_after: from_row(row.not_after),
                ends_at: row.ends_at.map(from_row),
                revoked: row.revoked,
            },
        })
    }
}

/// A role, where there is one.
pub(super) fn role(text: Option<&str>) -> Result<Option<Role>, Error> {
    text.map(|text| super::text(Role::from_text(text))).transpose()
}
