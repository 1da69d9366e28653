//! The zones that stored rows are planned in, and their distances from UTC as statements take them. Postgres is never
//! asked about a zone: its zone files are not ours.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Error, Question, to_row};
use crate::domain::time::Zone;

/// Distances from UTC, a row of three arrays each, as `day_in` takes them.
#[derive(Debug, Default)]
pub struct Offsets {
    pub(super) zones: Vec<String>,
    pub(super) since: Vec<OffsetDateTime>,
    pub(super) seconds: Vec<i32>,
}

impl Offsets {
    /// Tells how far zones are from UTC, from one moment to another. A zone that this program does not know is left out and
    /// named in the log: on no day is an agreement in force that is counted in it.
    pub fn of(zones: impl IntoIterator<Item = Zone>, from: Timestamp, until: Timestamp) -> Self {
        let mut told = Self::default();
        for zone in zones {
            match zone.offsets(from, until) {
                Some(changes) => told.add(&zone, changes),
                None => tracing::error!(
                    zone = zone.name(),
                    "an agreement is counted in a time zone that this program does not know; it opens nothing"
                ),
            }
        }
        told
    }

    fn add(&mut self, zone: &Zone, changes: Vec<(Timestamp, i32)>) {
        for (since, seconds) in changes {
            self.zones.push(zone.name().to_owned());
            self.since.push(to_row(since));
            self.seconds.push(seconds);
        }
    }
}

/// The question how far the zones of agreements are from UTC at a moment, as [`Offsets::of`] tells it. It names zones and
/// nothing more, and asks nobody who the caller is. One round trip.
pub struct OfAgreements(pub Timestamp);

impl Question for OfAgreements {
    type Answer = Offsets;

    async fn ask(&self, db: &mut PgConnection) -> Result<Offsets, Error> {
        let stored = sqlx::query_scalar!(r#"SELECT agreement_zones() AS "zone!""#).fetch_all(db).await?;
        Ok(Offsets::of(stored.into_iter().map(Zone::from_store), self.0, self.0))
    }
}

/// Lists the zones of agencies, agreements and sessions that this program does not know. For `gerbang doctor`: it reads
/// every session.
pub async fn list_unknown(db: &mut PgConnection) -> Result<Vec<String>, Error> {
    let stored = sqlx::query_scalar!(r#"SELECT stored_zones() AS "zone!" ORDER BY 1"#).fetch_all(db).await?;
    Ok(stored.into_iter().filter(|zone| !Zone::from_store(zone.clone()).is_known()).collect())
}
