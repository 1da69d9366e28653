//! What `gerbang doctor` learns from the database, in one transaction that changes nothing. Judging it is the
//! caller's.

use jiff::{SignedDuration, Timestamp};

use super::Error;
use crate::{
    domain::{
        access::Fingerprint,
        certificate::{AHEAD, Authority},
        outside::Clock,
    },
    store::{self, Database, Schema, authority, certificate, health, health::Bounds},
};

/// Everything that was found.
#[derive(Debug)]
pub struct Health {
    /// The time by which the database's clock is ahead of ours.
    pub ahead: SignedDuration,
    /// The authorities, the root first, each with its newest list.
    pub authorities: Vec<Authority>,
    /// The moment at which the signer was last at work.
    pub signer_beat: Option<Timestamp>,
    /// Administrators with a certificate that is valid now, and that is for 30 days more.
    pub administrators: [usize; 2],
    /// Whether the certificate that was asked about is in the inventory.
    pub known: Option<bool>,
}

/// Compares the schema with this program's. In a transaction of its own: where it fails, nothing else can be read
/// in it.
pub async fn schema(database: &Database) -> Result<Schema, Error> {
    let mut db = database.look().await?;
    store::migrations_missing(&mut db).await
}

/// Lists the stored time zones that this program does not know, as gateway or owner: the signer's role may not ask. In a
/// transaction of its own: where it fails, nothing else can be read in it.
pub async fn zones_unknown(database: &Database) -> Result<Vec<String>, Error> {
    let mut db = database.look().await?;
    store::zone::list_unknown(&mut db).await
}

/// Looks what bounds the roles of the database. In a transaction of its own, so that nothing hangs on it.
pub async fn bounds(database: &Database) -> Result<Bounds, Error> {
    let mut db = database.look().await?;
    health::bounds(&mut db).await
}

/// Looks around, as gateway, signer or owner.
pub async fn look(
    database: &Database,
    clock: &dyn Clock,
    certificate: Option<&Fingerprint>,
) -> Result<Health, Error> {
    let mut db = database.look().await?;
    let before = clock.now();
    let theirs = health::clock(&mut db).await?;
    let now = clock.now();
    // What the question took lies half before the answer.
    let ours = before + now.duration_since(before) / 2;
    let count = async |db: &mut sqlx::PgConnection, until| {
        certificate::count_administrators(db, now, until, &[]).await
    };
    Ok(Health {
        ahead: theirs.duration_since(ours),
        authorities: authority::list(&mut db).await?,
        signer_beat: certificate::signer_beat(&mut db).await?,
        administrators: [count(&mut db, now).await?, count(&mut db, now + AHEAD).await?],
        known: match certificate {
            Some(fingerprint) => Some(health::has_certificate(&mut db, fingerprint).await?),
            None => None,
        },
    })
}
