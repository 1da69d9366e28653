//! Questions of `gerbang doctor` to the database. Changes nothing.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, from_row};
use crate::domain::access::Fingerprint;

/// Reads the database's clock. Nothing is decided by it: it is compared with ours, since certificates and lists that
/// one machine finds valid would be refused by the other. The only query that asks for it.
pub async fn clock(db: &mut PgConnection) -> Result<Timestamp, Error> {
    Ok(from_row(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#).fetch_one(db).await?))
}

/// Whether a certificate is in the inventory.
pub async fn has_certificate(db: &mut PgConnection, fingerprint: &Fingerprint) -> Result<bool, Error> {
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM certificate WHERE sha256 = $1) AS "known!""#,
        &fingerprint[..]
    );
    Ok(known.fetch_one(db).await?)
}

/// What `docs/roles.sql` does for a database and its server, as it is seen from there.
#[derive(Debug, Default)]
pub struct Bounds {
    /// The database's name.
    pub database: String,
    /// What everybody may still do, or a role that runs, by its name in Postgres.
    pub missing: Vec<String>,
    /// Whether a session of the superuser says that it is `docs/watch.sql`.
    pub watched: bool,
}

/// Looks what of `docs/roles.sql` and `docs/watch.sql` is in force. Every role may ask.
pub async fn bounds(db: &mut PgConnection) -> Result<Bounds, Error> {
    let missing = sqlx::query_scalar!(
        r#"SELECT what AS "what!" FROM (VALUES
            (1, 'TEMPORARY', has_database_privilege('public', current_database(), 'TEMPORARY')),
            (2, 'lo_create', (SELECT bool_or(has_function_privilege('public', oid, 'EXECUTE')) FROM pg_proc
                WHERE pronamespace = 'pg_catalog'::regnamespace AND (proname LIKE 'lo\_%' OR proname = 'lowrite'))),
            (3, 'pg_terminate_backend', (SELECT bool_or(has_function_privilege('public', oid, 'EXECUTE')) FROM pg_proc
                WHERE pronamespace = 'pg_catalog'::regnamespace
                  AND proname IN ('pg_terminate_backend', 'pg_cancel_backend'))),
            (4, 'CONNECTION LIMIT', (SELECT count(*) < 3 FROM pg_roles
                WHERE rolname IN ('gerbang_gateway', 'gerbang_keeper', 'gerbang_signer') AND rolconnlimit >= 0)),
            (5, 'temp_file_limit', (SELECT count(DISTINCT rolname) < 3
                 FROM pg_roles JOIN pg_db_role_setting ON setrole = pg_roles.oid AND setdatabase = 0,
                      unnest(setconfig) AS setting
                WHERE rolname IN ('gerbang_gateway', 'gerbang_keeper', 'gerbang_signer')
                  AND setting LIKE 'temp_file_limit=%' AND setting <> 'temp_file_limit=-1'))
        ) AS bound (place, what, missing) WHERE missing ORDER BY place"#
    );
    let missing = missing.fetch_all(&mut *db).await?;
    let seen = sqlx::query!(
        r#"SELECT current_database()::text AS "database!", EXISTS (
               SELECT FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid
                WHERE application_name = 'gerbang watch' AND rolsuper) AS "watched!""#
    );
    let seen = seen.fetch_one(db).await?;
    Ok(Bounds { database: seen.database, missing, watched: seen.watched })
}
