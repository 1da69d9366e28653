//! Orders of certificates, with the statements on them and what the signer made of them.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, from_row, registry::role, text, to_row};
use crate::domain::{
    AgencyCode,
    access::Role,
    certificate::{
        Approval, Order, OrderFilter, OrderId, OrderKey, OrderState, Progress, Stage, WaitingOrders, Way,
    },
    name::SystemName,
};

/// Lists orders with their approvals, but for those that cannot be read, which the log names. Two round trips.
pub async fn list(db: &mut PgConnection, filter: &OrderFilter<'_>) -> Result<Vec<Order>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT o.id, o.way, o.agency, o.system, o.role, o.token_sha256, o.public_key, o.key_id, o.ignored, o.hosts,
                  o.lifetime_days, o.previous, o.requester, o.rejected, o.note, o.other_key_at, o.version,
                  o.created_at, o.expires_at, i.state AS "stage?", i.reason AS "reason?", i.certificate AS "certificate?",
                  i.serial AS "serial?", i.changed_at AS "changed_at?", (c.certificate IS NOT NULL) AS "collected!",
                  p.serial AS "renews?",
                  EXISTS (SELECT FROM sighting s WHERE s.certificate = i.certificate) AS "seen!"
             FROM certificate_order o
             LEFT JOIN issuance i ON i.certificate_order = o.id
             LEFT JOIN collection c ON c.certificate = i.certificate
             LEFT JOIN certificate p ON p.sha256 = o.previous
            WHERE ($1::uuid IS NULL OR o.id = $1)
              AND ($2::bytea IS NULL OR o.token_sha256 = $2)
              AND ($3::bytea IS NULL OR o.previous = $3)
              AND ($4::text IS NULL OR o.agency = $4)
              AND ($5::timestamptz IS NULL OR NOT o.rejected AND coalesce(i.state, '') NOT IN ('ISSUED', 'REJECTED')
                   AND (o.expires_at > $5 OR o.key_id IS NOT NULL AND o.way <> 'CSR' OR i.state IS NOT NULL))
              AND ($6::timestamptz IS NULL OR (o.created_at, o.id) < ($6, $7))
              AND ($8::bytea IS NULL OR o.key_id = $8)
              AND ($10::text IS NULL OR o.agency = $10 AND o.system = $11)
              AND ($12::text IS NULL OR o.requester = $12)
            ORDER BY o.created_at DESC, o.id DESC LIMIT $9"#,
        filter.id.map(|id| id.0),
        filter.token.as_ref().map(<[u8; 32]>::as_slice),
        filter.previous.as_ref().map(<[u8; 32]>::as_slice),
        filter.agency.map(AgencyCode::as_str),
        filter.open_at.map(to_row),
        filter.after.map(|(at, _)| to_row(at)),
        filter.after.map(|(_, id)| id),
        filter.key.as_ref().map(<[u8; 32]>::as_slice),
        filter.limit,
        filter.system.map(|system| system.agency.as_str()),
        filter.system.map(|system| system.id.as_str()),
        filter.requester
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut approvals = approvals(db, &ids).await?;
    // Whoever has the gateway's role may write what nobody can read: that is the one order's fault.
    let orders = rows.into_iter().filter_map(|row| {
        let id = OrderId(row.id);
        let told = approvals.extract_if(.., |(order, _)| *order == id.0).map(|(_, one)| one).collect();
        let unread =
            |error: &Error| tracing::error!(order = %id, %error, "an order cannot be read and is left out");
        row.read(told).inspect_err(unread).ok()
    });
    Ok(orders.collect())
}

struct Row {
    id: Uuid,
    way: String,
    agency: Option<String>,
    system: Option<String>,
    role: Option<String>,
    token_sha256: Option<Vec<u8>>,
    public_key: Option<Vec<u8>>,
    key_id: Option<Vec<u8>>,
    ignored: Vec<String>,
    hosts: Vec<String>,
    lifetime_days: i32,
    previous: Option<Vec<u8>>,
    requester: String,
    rejected: bool,
    note: Option<String>,
    other_key_at: Option<time::OffsetDateTime>,
    version: i64,
    created_at: time::OffsetDateTime,
    expires_at: time::OffsetDateTime,
    stage: Option<String>,
    reason: Option<String>,
    certificate: Option<Vec<u8>>,
    serial: Option<String>,
    changed_at: Option<time::OffsetDateTime>,
    collected: bool,
    renews: Option<String>,
    seen: bool,
}

impl Row {
    fn read(self, approvals: Vec<ApprovalRow>) -> Result<Order, Error> {
        let system = self.agency.zip(self.system);
        let stage = self.stage.as_deref().map(|stage| text(Stage::from_text(stage))).transpose()?;
        let issued_at = self.changed_at.filter(|_| stage == Some(Stage::Issued)).map(from_row);
        Ok(Order {
            id: OrderId(self.id),
            way: text(Way::from_text(&self.way))?,
            system: system.map(|(agency, id)| SystemName::from_store(AgencyCode::from_store(agency), id)),
            role: role(self.role.as_deref())?,
            token: self.token_sha256.map(|hash| text(hash.try_into().ok())).transpose()?,
            key: match (self.public_key, self.key_id) {
                (Some(spki), Some(id)) => Some(OrderKey { spki, id: text(id.try_into().ok())? }),
                _ => None,
            },
            ignored: self.ignored,
            hosts: self.hosts,
            lifetime_days: self.lifetime_days,
            previous: self.previous.map(|sha256| text(sha256.try_into().ok())).transpose()?,
            requester: self.requester,
            rejected: self.rejected,
            note: self.note,
            other_key_at: self.other_key_at.map(from_row),
            version: self.version,
            created_at: from_row(self.created_at),
            expires_at: from_row(self.expires_at),
            approvals: approvals.into_iter().map(ApprovalRow::read).collect::<Result<_, _>>()?,
            progress: Progress {
                stage,
                reason: self.reason,
                certificate: self.certificate.map(|sha256| text(sha256.try_into().ok())).transpose()?,
                serial: self.serial.filter(|_| stage == Some(Stage::Issued)),
                previous: self.renews,
                issued_at,
                collected: self.collected,
                seen: self.seen,
            },
        })
    }
}

struct ApprovalRow {
    approver: String,
    certificate: Vec<u8>,
    statement: Vec<u8>,
    signature: Vec<u8>,
    approved_at: time::OffsetDateTime,
}

impl ApprovalRow {
    fn read(self) -> Result<Approval, Error> {
        let certificate = text(self.certificate.try_into().ok())?;
        let (approver, approved_at) = (self.approver, from_row(self.approved_at));
        Ok(Approval {
            approver,
            certificate,
            statement: self.statement,
            signature: self.signature,
            approved_at,
        })
    }
}

/// The first of each order: two are needed at the most, and whoever has a gateway's role may write any number of them.
async fn approvals(db: &mut PgConnection, orders: &[Uuid]) -> Result<Vec<(Uuid, ApprovalRow)>, Error> {
    let rows = sqlx::query!(
        "SELECT a.certificate_order, a.approver, a.certificate, a.statement, a.signature, a.approved_at
           FROM unnest($1::uuid[]) AS named (id)
          CROSS JOIN LATERAL (
                SELECT * FROM order_approval o WHERE o.certificate_order = named.id
                 ORDER BY o.approved_at, o.approver LIMIT 10) a
          ORDER BY a.approved_at, a.approver",
        orders
    )
    .fetch_all(db)
    .await?;
    let approvals = rows.into_iter().map(|row| {
        let (approver, certificate, approved_at) = (row.approver, row.certificate, row.approved_at);
        let (statement, signature) = (row.statement, row.signature);
        (row.certificate_order, ApprovalRow { approver, certificate, statement, signature, approved_at })
    });
    Ok(approvals.collect())
}

/// The most orders that are ended with something else at once. Whoever has a gateway's role may forge any number of them.
pub const ENDED_MAX: i64 = 300;

/// Lists the open orders that concern one of these systems, by their full names: that are for it, that it made, or that it
/// signed for; [`ENDED_MAX`] at most, those first that most have signed for. Reads nothing of an order but its id. One round
/// trip.
pub async fn list_open_ids(
    db: &mut PgConnection,
    systems: &[String],
    now: Timestamp,
) -> Result<Vec<OrderId>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM (
         SELECT o.id FROM certificate_order o LEFT JOIN issuance i ON i.certificate_order = o.id
          WHERE NOT o.rejected AND coalesce(i.state, '') NOT IN ('ISSUED', 'REJECTED')
            AND (o.expires_at > $2 OR o.key_id IS NOT NULL AND o.way <> 'CSR' OR i.state IS NOT NULL)
            AND ('agencies/' || o.agency || '/systems/' || o.system = ANY ($1) OR o.requester = ANY ($1)
                 OR EXISTS (SELECT FROM order_approval a
                             WHERE a.certificate_order = o.id AND a.approver = ANY ($1)))
          ORDER BY (SELECT count(*) FROM order_approval a WHERE a.certificate_order = o.id) DESC, o.id LIMIT $3) AS open
          ORDER BY id",
        systems,
        to_row(now),
        ENDED_MAX
    );
    Ok(ids.fetch_all(db).await?.into_iter().map(OrderId).collect())
}

/// Locks the order until the transaction ends: whoever changes it reads it after.
pub async fn lock(db: &mut PgConnection, id: OrderId) -> Result<(), Error> {
    sqlx::query!("SELECT id FROM certificate_order WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(db)
        .await?;
    Ok(())
}

/// Inserts an order with its approvals. `TOKEN_EXISTS`. One round trip, and one for each approval.
pub async fn insert(db: &mut PgConnection, order: &Order) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO certificate_order (id, way, agency, system, role, token_sha256, public_key, key_id, ignored, hosts,
             lifetime_days, previous, requester, version, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        order.id.0,
        order.way.as_str(),
        order.system.as_ref().map(|system| system.agency.as_str()),
        order.system.as_ref().map(|system| system.id.as_str()),
        order.role.map(Role::as_str),
        order.token.as_ref().map(<[u8; 32]>::as_slice),
        order.key.as_ref().map(|key| key.spki.as_slice()),
        order.key.as_ref().map(|key| key.id.as_slice()),
        &order.ignored,
        &order.hosts,
        order.lifetime_days,
        order.previous.as_ref().map(<[u8; 32]>::as_slice),
        order.requester,
        order.version,
        to_row(order.created_at),
        to_row(order.expires_at)
    )
    .execute(&mut *db)
    .await?;
    for approval in &order.approvals {
        insert_approval(db, order.id, approval).await?;
    }
    Ok(())
}

/// Inserts an administrator's approval of an order. One round trip.
pub async fn insert_approval(
    db: &mut PgConnection,
    order: OrderId,
    approval: &Approval,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO order_approval (certificate_order, approver, certificate, statement, signature, approved_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        order.0,
        approval.approver,
        &approval.certificate[..],
        approval.statement,
        approval.signature,
        to_row(approval.approved_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores key, lifetime, refusal, the other key's time and the next version.
pub async fn update(db: &mut PgConnection, order: &Order) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE certificate_order SET public_key = $2, key_id = $3, ignored = $4, lifetime_days = $5, rejected = $6,
             note = $7, other_key_at = $8, version = $9 WHERE id = $1",
        order.id.0,
        order.key.as_ref().map(|key| key.spki.as_slice()),
        order.key.as_ref().map(|key| key.id.as_slice()),
        &order.ignored,
        order.lifetime_days,
        order.rejected,
        order.note,
        order.other_key_at.map(to_row),
        order.version
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts the open orders that wait for administrators or for the signer.
pub async fn count_waiting(db: &mut PgConnection, now: Timestamp) -> Result<WaitingOrders, Error> {
    let filter = OrderFilter { open_at: Some(now), ..OrderFilter::default() };
    let mut waiting = WaitingOrders::default();
    for order in list(db, &filter).await? {
        match order.state(now) {
            OrderState::AwaitingApproval => waiting.for_approval += 1,
            OrderState::AwaitingKey => {}
            _ => waiting.for_signer += 1,
        }
    }
    Ok(waiting)
}
