//! Cosignatures on checkpoints. Under row-level security: every caller reads all, and writes its own agency's.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Entered, Error, Part, Question, from_row, registry::rows_as_caller, text, to_row};
use crate::{
    domain::{AgencyCode, access::Fingerprint},
    ledger::{cosignature::WitnessVerifier, note::Origin, row::CosignatureRow, tree::Hash},
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "cosignature_row")]
struct Row {
    id: Uuid,
    agency: String,
    witness: String,
    public_key: Vec<u8>,
    tree_size: i64,
    cosigned_at: time::OffsetDateTime,
    note: String,
}

impl TryFrom<Row> for CosignatureRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let name = text(Origin::parse(&row.witness).ok())?;
        let public = text(row.public_key.try_into().ok())?;
        Ok(Self {
            id: row.id,
            agency: AgencyCode::from_store(row.agency),
            witness: WitnessVerifier::new(name, public),
            size: u64::try_from(row.tree_size).map_err(Error::internal)?,
            at: from_row(row.cosigned_at),
            note: row.note,
        })
    }
}

fn number(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// What a cosignature is held against.
pub struct Ground {
    /// The entries that have their place.
    pub entries: u64,
    /// The root that the tree had at the size of the checkpoint; `None` where no batch left it with that.
    pub root: Option<Hash>,
    /// The latest cosignature by the same agency and key, where that is of the same tree or a larger one.
    pub kept: Option<Uuid>,
    /// The log's key that is in force, where it has replaced another.
    pub key: Option<String>,
}

/// Finds what a cosignature of a tree of this size is held against. One round trip.
pub async fn ground(
    db: &mut PgConnection,
    agency: &AgencyCode,
    witness: &WitnessVerifier,
    size: u64,
) -> Result<Ground, Error> {
    let row = sqlx::query!(
        r#"SELECT b.tree_size AS "tree_size!", b.root,
                  (SELECT k.id FROM ledger_cosignature k
                    WHERE k.agency = $3 AND k.witness = $2 AND k.public_key = $4 AND k.tree_size >= $1
                    ORDER BY k.tree_size DESC LIMIT 1) AS kept,
                  (SELECT l.key FROM ledger_key l ORDER BY l.number DESC LIMIT 1) AS key
             FROM ledger_batch_at($1) AS b"#,
        number(size),
        witness.name().as_str(),
        agency.as_str(),
        &witness.public()[..]
    );
    let row = row.fetch_one(db).await?;
    let root = row.root.map(|root| text(root.try_into().ok())).transpose()?;
    let entries = u64::try_from(row.tree_size).map_err(Error::internal)?;
    Ok(Ground { entries, root, kept: row.kept, key: row.key })
}

/// Inserts a cosignature of the caller's agency. One round trip.
pub async fn insert(db: &mut PgConnection, new: &CosignatureRow) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO ledger_cosignature (id, agency, witness, public_key, tree_size, cosigned_at, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new.id,
        new.agency.as_str(),
        new.witness.name().as_str(),
        &new.witness.public()[..],
        number(new.size),
        to_row(new.at),
        new.note
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lists every cosignature, for the owner.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<CosignatureRow>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, agency, witness, public_key, tree_size, cosigned_at, note FROM ledger_cosignature"
    );
    rows.fetch_all(db).await?.into_iter().map(CosignatureRow::try_from).collect()
}

/// The question for a part of the cosignatures, those of the largest tree first. One round trip.
pub struct List<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// Those of this agency alone.
    pub agency: Option<&'a AgencyCode>,
    /// Those by this key alone.
    pub witness: Option<&'a WitnessVerifier>,
    /// The size and the id after which the part begins.
    pub after: Option<(i64, Uuid)>,
    /// The most rows.
    pub limit: i64,
}

impl Question for List<'_> {
    type Answer = (Option<Entered>, Part<CosignatureRow>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (size, id) = self.after.unwrap_or((i64::MAX, Uuid::max()));
        // One of the three is asked for, and begins at an index of its own.
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (k.id, k.agency, k.witness, k.public_key, k.tree_size, k.cosigned_at, k.note)::cosignature_row
               FROM ((SELECT e.* FROM ledger_cosignature AS e
                       WHERE c.agency IS NOT NULL AND $2::text IS NULL AND $3::text IS NULL AND (e.tree_size, e.id) < ($5, $6)
                       ORDER BY e.tree_size DESC, e.id DESC LIMIT $7)
                     UNION ALL
                     (SELECT a.* FROM ledger_cosignature AS a
                       WHERE c.agency IS NOT NULL AND a.agency = $2 AND $3 IS NULL AND (a.tree_size, a.id) < ($5, $6)
                       ORDER BY a.tree_size DESC, a.id DESC LIMIT $7)
                     UNION ALL
                     (SELECT w.* FROM ledger_cosignature AS w
                       WHERE c.agency IS NOT NULL AND w.witness = $3 AND w.public_key = $4::bytea AND ($2 IS NULL OR w.agency = $2)
                         AND (w.tree_size, w.id) < ($5, $6)
                       ORDER BY w.tree_size DESC, w.id DESC LIMIT $7)) AS k
              ORDER BY k.tree_size DESC, k.id DESC",
            &self.fingerprint[..],
            self.agency.map(AgencyCode::as_str),
            self.witness.map(|witness| witness.name().as_str()),
            self.witness.map(|witness| &witness.public()[..]),
            size,
            id,
            self.limit
        );
        let name = |row: &Row| format!("cosignatures/{}", row.id);
        let keys = |row: &Row| vec![row.tree_size.to_string(), row.id.to_string()];
        Ok((caller, Part::read(rows, self.limit, name, keys)))
    }
}
