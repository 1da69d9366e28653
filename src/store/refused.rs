//! Calls that were refused, counted by day. Decides nothing.

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Error, Part, date_from_row, date_to_row, from_row, text, to_row};
use crate::domain::{AgencyCode, access::Fingerprint, refused::Refused};

/// Adds refused calls to those that are counted already. In the order of their keys, so that two gateways do not wait for each other.
/// One round trip.
pub async fn add(db: &mut PgConnection, refused: &[Refused]) -> Result<(), Error> {
    let mut sorted: Vec<_> = refused.iter().collect();
    sorted.sort_by(|a, b| key(a).cmp(&key(b)));
    let all = || sorted.iter();
    let systems = || all().map(|one| one.system.as_ref());
    sqlx::query!(
        "SELECT count_refused_calls($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &all().map(|one| date_to_row(one.day)).collect::<Vec<_>>(),
        &all().map(|one| one.certificate.to_vec()).collect::<Vec<_>>(),
        &all().map(|one| one.method.clone()).collect::<Vec<_>>(),
        &all().map(|one| one.reason.clone()).collect::<Vec<_>>(),
        &systems().map(|system| system.map(|(agency, _)| agency.to_string())).collect::<Vec<_>>() as _,
        &systems().map(|system| system.map(|(_, system)| system.clone())).collect::<Vec<_>>() as _,
        &all().map(|one| one.calls).collect::<Vec<_>>(),
        &all().map(|one| to_row(one.first)).collect::<Vec<_>>(),
        &all().map(|one| to_row(one.last)).collect::<Vec<_>>()
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

fn key(one: &Refused) -> Key<'_> {
    (one.day, &one.certificate, &one.method, &one.reason)
}

/// Which refused calls are wanted; what is `None` is not asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Of this agency's systems.
    pub agency: Option<AgencyCode>,
    /// By this certificate.
    pub certificate: Option<Fingerprint>,
    /// For this reason.
    pub reason: Option<String>,
    /// Refused from this time on, and before that one.
    pub range: (Option<Timestamp>, Option<Timestamp>),
}

/// What the list sorts by: the day, the newest first, then certificate, method and reason.
pub type Key<'a> = (Date, &'a Fingerprint, &'a str, &'a str);

struct Row {
    day: time::Date,
    certificate: Vec<u8>,
    method: String,
    reason: String,
    agency: Option<String>,
    system: Option<String>,
    calls: i64,
    first_at: OffsetDateTime,
    last_at: OffsetDateTime,
}

impl TryFrom<Row> for Refused {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            day: text(date_from_row(row.day))?,
            certificate: text(row.certificate.try_into().ok())?,
            method: row.method,
            reason: row.reason,
            system: row.agency.map(AgencyCode::from_store).zip(row.system),
            calls: row.calls,
            first: from_row(row.first_at),
            last: from_row(row.last_at),
        })
    }
}

/// The days before and after which the table has none.
const FIRST_DAY: Date = date(2000, 1, 1);
const LAST_DAY: Date = date(2200, 1, 1);

/// The day in UTC.
fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Lists refused calls behind a key, or from the newest on: at most so many. One round trip.
pub async fn list(
    db: &mut PgConnection,
    filter: &Filter,
    after: Option<Key<'_>>,
    limit: i64,
) -> Result<Part<Refused>, Error> {
    let day = after.map_or(LAST_DAY, |(day, ..)| day);
    let certificate = after.map(|(_, certificate, ..)| &certificate[..]);
    let (method, reason) = after.map(|(_, _, method, reason)| (method, reason)).unzip();
    let (start, end) = filter.range;
    let rows = sqlx::query_as!(
        Row,
        "SELECT day, certificate, method, reason, agency, system, calls, first_at, last_at
           FROM refused_call
          WHERE ($1::text IS NULL OR agency = $1) AND ($2::bytea IS NULL OR certificate = $2)
            AND ($3::text IS NULL OR reason = $3)
            AND day >= $11 AND ($4::timestamptz IS NULL OR last_at >= $4)
            AND day <= $12 AND ($5::timestamptz IS NULL OR first_at < $5)
            AND day <= $6 AND ($7::bytea IS NULL OR day < $6 OR (certificate, method, reason) > ($7, $8, $9))
          ORDER BY day DESC, certificate, method, reason LIMIT $10",
        filter.agency.as_ref().map(AgencyCode::as_str),
        filter.certificate.as_ref().map(|certificate| &certificate[..]),
        filter.reason,
        start.map(to_row) as Option<OffsetDateTime>,
        end.map(to_row) as Option<OffsetDateTime>,
        date_to_row(day),
        certificate,
        method,
        reason,
        limit,
        date_to_row(start.map_or(FIRST_DAY, day_of)),
        date_to_row(end.map_or(LAST_DAY, day_of))
    )
    .fetch_all(db)
    .await?;
    let keys = |row: &Row| {
        vec![row.day.to_string(), hex::encode(&row.certificate), row.method.clone(), row.reason.clone()]
    };
    Ok(Part::read(rows, limit, |row| format!("refused calls of {}", row.day), keys))
}
