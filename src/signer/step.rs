//! The steps of issuing: RECORDED, LINTED, INTENT, ISSUED. Each is one transaction; whoever comes after a crash goes on
//! from the last, over the same bytes.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::Signer;
use crate::{
    domain::{
        Fault, Reason, Refusal,
        certificate::{OVERLAP, Order, Progress, Stage, Way},
    },
    exchange::{Error, own::Book},
    ledger::ChangeKind,
    pki::{
        authority::{self, IssueError, Issuer},
        certificate::fingerprint,
        lint,
        profile::{Wanted, new_serial, validity},
    },
    store::{certificate as inventory, issuance, issuance::Issuance, lock},
};

impl Signer {
    /// Waiting → RECORDED: the policy, the serial, and the bytes that will be signed.
    pub(super) async fn record(
        &self,
        db: &mut PgConnection,
        mut order: Order,
        now: Timestamp,
    ) -> Result<Stage, Error> {
        let mut fresh = Issuance {
            order: order.id,
            stage: Stage::Recorded,
            to_be_signed: Vec::new(),
            serial: None,
            authority: None,
            reason: None,
            version: 1,
            recorded_at: now,
        };
        match self.prepare(db, &order, &mut fresh).await {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => {
                fresh = Issuance { serial: None, authority: None, to_be_signed: Vec::new(), ..fresh };
                refuse(&mut fresh, &refusal);
            }
            Err(other) => return Err(other),
        }
        issuance::insert(db, &fresh).await?;
        self.tell(db, &mut order, &fresh, now).await
    }

    async fn prepare(&self, db: &mut PgConnection, order: &Order, fresh: &mut Issuance) -> Result<(), Error> {
        let grant = self.grant(db, order, fresh.recorded_at).await?;
        for statement in &grant.statements {
            if !issuance::use_statement(db, statement, order.id).await? {
                let why = "a statement was used for another certificate";
                return Err(Fault::from(Reason::ApprovalsInvalid).with("why", why).into());
            }
        }
        let serial = new_serial(&*self.entropy);
        fresh.serial = Some(hex::encode(&serial));
        let issuer = self.issuer(order.way);
        fresh.authority = Some(Self::fingerprint(issuer));
        let wanted = self.wanted(order, grant.subject, serial, fresh.recorded_at)?;
        if wanted.not_after > issuer.not_after() {
            return Err(Reason::AuthorityEndsFirst.into());
        }
        fresh.to_be_signed = authority::to_be_signed(issuer.certificate(), &wanted).map_err(refused)?;
        Ok(())
    }

    /// RECORDED → LINTED: the same bytes under a throw-away key, read by a second parser.
    pub(super) async fn lint(
        &self,
        db: &mut PgConnection,
        mut order: Order,
        now: Timestamp,
    ) -> Result<Stage, Error> {
        let mut issuance = recorded(db, &order).await?;
        issuance.stage = Stage::Linted;
        if let Err(error) = self.check(db, &order, &issuance).await {
            let Error::Refused(refusal) = error else { return Err(error) };
            refuse(&mut issuance, &refusal);
        }
        self.advance(db, &mut order, issuance, now).await
    }

    async fn check(&self, db: &mut PgConnection, order: &Order, issuance: &Issuance) -> Result<(), Error> {
        let grant = self.grant(db, order, issuance.recorded_at).await?;
        let serial = serial(issuance)?;
        let wanted = self.wanted(order, grant.subject, serial, issuance.recorded_at)?;
        let issuer = self.issuer(order.way);
        lint::lint(issuer.certificate(), &issuance.to_be_signed, &wanted).map_err(|error| {
            tracing::error!(%error, order = %order.id, "what would be signed is wrong");
            Reason::LintFailed.into()
        })
    }

    /// LINTED → INTENT: from here on a signature may exist.
    pub(super) async fn intend(
        &self,
        db: &mut PgConnection,
        mut order: Order,
        now: Timestamp,
    ) -> Result<Stage, Error> {
        let mut issuance = recorded(db, &order).await?;
        issuance.stage = Stage::Intent;
        self.advance(db, &mut order, issuance, now).await
    }

    /// INTENT → ISSUED: the signature, and the certificate in the inventory; its commit lets it out.
    pub(super) async fn issue(
        &self,
        db: &mut PgConnection,
        mut order: Order,
        now: Timestamp,
    ) -> Result<Stage, Error> {
        let mut issuance = recorded(db, &order).await?;
        // Something may have been revoked since; from here to the commit nothing is, so that whoever revokes a key as
        // compromised finds everything that was renewed from it.
        lock::revocations(db).await?;
        let grant = match self.grant(db, &order, now).await {
            Ok(grant) => grant,
            Err(Error::Refused(refusal)) => {
                refuse(&mut issuance, &refusal);
                return self.advance(db, &mut order, issuance, now).await;
            }
            Err(other) => return Err(other),
        };
        // The key that will be recorded is the one in the bytes, whatever was written to the order since.
        match self.check(db, &order, &issuance).await {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => {
                refuse(&mut issuance, &refusal);
                return self.advance(db, &mut order, issuance, now).await;
            }
            Err(other) => return Err(other),
        }
        let issuer = self.issuer(order.way);
        let der = issuer.sign(&issuance.to_be_signed).map_err(Error::internal)?;
        let (not_before, not_after) =
            validity(issuance.recorded_at, order.lifetime_days.unsigned_abs()).map_err(Error::internal)?;
        let key = order.key.as_ref().ok_or_else(|| Error::internal("an order without a key is issued"))?;
        let new = issuance::New {
            fingerprint: fingerprint(&der),
            holder: order.system.as_ref().map(|system| (system.agency.as_str(), system.id.as_str())),
            serial: issuance.serial.as_deref().unwrap_or_default(),
            not_before,
            not_after,
            created_at: now,
            authority: Self::fingerprint(issuer),
            der: &der,
            key_id: key.id,
            previous: order.previous,
            administrator: grant.administrator,
        };
        issuance::insert_certificate(db, &new).await?;
        if let Some(previous) = &order.previous {
            issuance::end(db, previous, now + OVERLAP).await?;
        }
        issuance.stage = Stage::Issued;
        issuance.version += 1;
        issuance::advance(db, &issuance, Some(&new.fingerprint), now).await?;
        order.progress.certificate = Some(new.fingerprint);
        let mut book = Book::new(&*self.entropy, "signer/issue", now);
        let filter =
            inventory::CertificateFilter { fingerprint: Some(new.fingerprint), ..Default::default() };
        if let Some(issued) = inventory::list(db, &filter, now).await?.pop() {
            book.changed(ChangeKind::Created, issued.name(), 1, &issued);
        }
        tell_order(&mut book, &mut order, &issuance);
        book.write(db).await?;
        Ok(Stage::Issued)
    }

    fn issuer(&self, way: Way) -> &Issuer {
        if way == Way::Gateway { &self.keys.gateways } else { &self.keys.clients }
    }

    /// What is wanted, the same at every step.
    fn wanted(
        &self,
        order: &Order,
        subject: crate::pki::profile::Subject,
        serial: Vec<u8>,
        recorded_at: Timestamp,
    ) -> Result<Wanted, Error> {
        let key = order.key.as_ref().ok_or_else(|| Error::internal("an order without a key is prepared"))?;
        let days = order.lifetime_days.unsigned_abs();
        let (not_before, not_after) = validity(recorded_at, days).map_err(refused)?;
        Ok(Wanted { subject, spki: key.spki.clone(), serial, not_before, not_after })
    }

    async fn advance(
        &self,
        db: &mut PgConnection,
        order: &mut Order,
        mut issuance: Issuance,
        now: Timestamp,
    ) -> Result<Stage, Error> {
        issuance.version += 1;
        issuance::advance(db, &issuance, None, now).await?;
        self.tell(db, order, &issuance, now).await
    }

    /// Every step is an entry of the ledger.
    async fn tell(
        &self,
        db: &mut PgConnection,
        order: &mut Order,
        issuance: &Issuance,
        now: Timestamp,
    ) -> Result<Stage, Error> {
        let mut book = Book::new(&*self.entropy, "signer/issue", now);
        tell_order(&mut book, order, issuance);
        book.write(db).await?;
        Ok(issuance.stage)
    }
}

/// The line of a step. An order's versions go on where the exchange's end.
fn tell_order(book: &mut Book<'_>, order: &mut Order, issuance: &Issuance) {
    let certificate = order.progress.certificate;
    order.progress = Progress {
        stage: Some(issuance.stage),
        reason: issuance.reason.clone(),
        certificate,
        ..Progress::default()
    };
    book.changed(ChangeKind::Updated, order.id, order.version + issuance.version, order);
}

async fn recorded(db: &mut PgConnection, order: &Order) -> Result<Issuance, Error> {
    let found = issuance::find(db, order.id).await?;
    found.ok_or_else(|| Error::internal("what the signer recorded is gone"))
}

fn serial(issuance: &Issuance) -> Result<Vec<u8>, Error> {
    hex::decode(issuance.serial.as_deref().unwrap_or_default()).map_err(Error::internal)
}

fn refuse(issuance: &mut Issuance, refusal: &Refusal) {
    issuance.stage = Stage::Rejected;
    issuance.reason = Some(refusal.reason().code().to_owned());
    tracing::warn!(order = %issuance.order, reason = refusal.reason().code(), facts = ?refusal.fault.facts, "refused");
}

/// What cannot be made of an order is its fault; what else goes wrong is ours.
fn refused(error: IssueError) -> Error {
    match error {
        IssueError::Key(_) => Reason::KeyWeak.into(),
        IssueError::Validity(_) => Reason::AuthorityEndsFirst.into(),
        other => Error::internal(other),
    }
}
