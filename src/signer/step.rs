//! The steps of issuing: RECORDED, LINTED, INTENT, ISSUED. Each is one transaction; whoever comes after a crash goes on
//! from the last, over the same bytes.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Signer, counted};
use crate::{
    domain::{
        Fault, Reason, Refusal,
        certificate::{CertificateFilter, OVERLAP, Order, Progress, Stage, Way},
    },
    ledger::ChangeKind,
    pki::{
        authority::{self, IssueError, Issuer},
        certificate::fingerprint,
        lint,
        profile::{Wanted, new_serial, validity},
    },
    store::{Error, Recorder, certificate as inventory, issuance, issuance::Issuance},
};

impl Signer {
    /// Waiting → RECORDED: the policy, the serial, and the bytes that will be signed.
    pub(super) async fn record(&self, tx: &mut Recorder, mut order: Order) -> Result<Stage, Error> {
        let mut fresh = Issuance {
            order: order.id,
            stage: Stage::Recorded,
            to_be_signed: Vec::new(),
            serial: None,
            authority: None,
            reason: None,
            recorded_at: tx.now(),
        };
        match self.prepare(tx.db(), &order, &mut fresh).await {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => {
                fresh = Issuance { serial: None, authority: None, to_be_signed: Vec::new(), ..fresh };
                refuse(&mut fresh, &refusal);
            }
            Err(other) => return Err(other),
        }
        issuance::insert(tx.db(), &fresh).await?;
        Ok(tell(tx, &mut order, &fresh))
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
    pub(super) async fn lint(&self, tx: &mut Recorder, mut order: Order) -> Result<Stage, Error> {
        let mut issuance = recorded(tx.db(), &order).await?;
        issuance.stage = Stage::Linted;
        if let Err(error) = self.check(tx.db(), &order, &issuance).await {
            let Error::Refused(refusal) = error else { return Err(error) };
            refuse(&mut issuance, &refusal);
        }
        advance(tx, &mut order, issuance).await
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
    pub(super) async fn intend(&self, tx: &mut Recorder, mut order: Order) -> Result<Stage, Error> {
        let mut issuance = recorded(tx.db(), &order).await?;
        issuance.stage = Stage::Intent;
        advance(tx, &mut order, issuance).await
    }

    /// INTENT → ISSUED: the signature, and the certificate in the inventory; its commit lets it out.
    pub(super) async fn issue(&self, tx: &mut Recorder, mut order: Order) -> Result<Stage, Error> {
        let mut issuance = recorded(tx.db(), &order).await?;
        // Something may have been revoked since. What is revoked from here to the commit, the next turn finds: see `follow`.
        let now = tx.now();
        let grant = match self.grant(tx.db(), &order, now).await {
            Ok(grant) => grant,
            Err(Error::Refused(refusal)) => {
                refuse(&mut issuance, &refusal);
                return advance(tx, &mut order, issuance).await;
            }
            Err(other) => return Err(other),
        };
        // The key that will be recorded is the one in the bytes, whatever was written to the order since.
        match self.check(tx.db(), &order, &issuance).await {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => {
                refuse(&mut issuance, &refusal);
                return advance(tx, &mut order, issuance).await;
            }
            Err(other) => return Err(other),
        }
        let issuer = self.issuer(order.way);
        let kind = if order.way == Way::Gateway { "gateway" } else { "client" };
        let der = counted(kind, || issuer.sign(&issuance.to_be_signed)).map_err(Error::internal)?;
        let (not_before, not_after) =
            validity(issuance.recorded_at, order.lifetime_days.unsigned_abs()).map_err(Error::internal)?;
        let key = order.key.as_ref().ok_or_else(|| Error::internal("an order without a key is issued"))?;
        let new = issuance::NewCertificate {
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
            role: grant.role,
        };
        issuance::insert_certificate(tx.db(), &new).await?;
        let filter = CertificateFilter { fingerprint: Some(new.fingerprint), ..Default::default() };
        let issued = inventory::list(tx.db(), &filter, now).await?.pop();
        tx.changed(
            ChangeKind::Created,
            &issued.ok_or_else(|| Error::internal("what was issued is not in the inventory"))?,
        );
        if let Some(previous) = &order.previous {
            issuance::end(tx.db(), previous, now + OVERLAP).await?;
            inventory::changed(tx, previous).await?;
        }
        issuance.stage = Stage::Issued;
        issuance::advance(tx.db(), &issuance, Some(&new.fingerprint), now).await?;
        order.progress.certificate = Some(new.fingerprint);
        Ok(tell(tx, &mut order, &issuance))
    }

    fn issuer(&self, way: Way) -> &Issuer {
        if way == Way::Gateway { &self.keys.gateways } else { &self.keys.clients }
    }

    /// Makes the contents of the certificate, the same at every step.
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
}

async fn advance(tx: &mut Recorder, order: &mut Order, issuance: Issuance) -> Result<Stage, Error> {
    let now = tx.now();
    issuance::advance(tx.db(), &issuance, None, now).await?;
    Ok(tell(tx, order, &issuance))
}

/// Tells of a step: every one is an entry of the ledger.
fn tell(tx: &mut Recorder, order: &mut Order, issuance: &Issuance) -> Stage {
    let certificate = order.progress.certificate;
    order.progress = Progress {
        stage: Some(issuance.stage),
        reason: issuance.reason.clone(),
        certificate,
        ..Progress::default()
    };
    tx.changed(ChangeKind::Updated, order);
    issuance.stage
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

/// Sorts errors of issuing: an order from which no certificate can be made is refused, anything else is internal.
fn refused(error: IssueError) -> Error {
    match error {
        IssueError::Key(_) => Reason::KeyWeak.into(),
        IssueError::Validity(_) => Reason::AuthorityEndsFirst.into(),
        other => Error::internal(other),
    }
}
