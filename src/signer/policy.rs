//! What an order needs to be granted: signatures that verify against the inventory. A row by itself grants nothing, so
//! that who has taken an exchange over, and may write any order, issues nothing with it.

use jiff::{SignedDuration, Timestamp};
use sqlx::PgConnection;

use super::Signer;
use crate::{
    domain::{
        Fault, Reason,
        access::Role,
        agency::AgencyState,
        certificate::{Approval, CertificateFilter, CertificateState, Issued, Order, Way},
        name::SystemName,
    },
    pki::{
        certificate::{fingerprint, public_key},
        profile::Subject,
        secret::key_id,
        statement::{ExpectedStatement, Purpose, Statement},
    },
    store::{
        Error, agency,
        certificate::{self as inventory, check_key},
    },
};

/// A token may be used in its last minute, and the signer be away: so long after its end a statement still counts.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// The most renewals of one system within a day. Nobody needs more than one; a daemon whose clock is ahead finds each
/// new certificate due.
const RENEWALS_A_DAY: usize = 10;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A grant of the policy.
pub(super) struct Grant {
    pub subject: Subject,
    /// Whether the key may sign approvals from now on.
    pub administrator: bool,
    /// The role that was signed for; `None` for a gateway.
    pub role: Option<Role>,
    /// Digests of the statements that were used up by it.
    pub statements: Vec<[u8; 32]>,
}

impl Signer {
    /// Judges an order: the grant, or `APPROVALS_INVALID`, `HOST_NOT_ALLOWED`, `AGENCY_SUSPENDED`,
    /// `SYSTEM_RETIRED`, `SYSTEM_NOT_APPROVED`, and the reasons of keys.
    pub(super) async fn grant(
        &self,
        db: &mut PgConnection,
        order: &Order,
        now: Timestamp,
    ) -> Result<Grant, Error> {
        let key = order.key.as_ref().ok_or_else(|| invalid("there is no key"))?;
        // What was signed for is the hash; what will be certified is the key.
        if key_id(&key.spki) != key.id {
            return Err(invalid("the key is not the one that its hash names").into());
        }
        if order.previous.is_some() != (order.way == Way::Renewal) {
            return Err(invalid("a renewal renews something, and nothing else does").into());
        }
        check_key(db, &key.id, order.system.as_ref()).await?;
        if order.way == Way::Gateway {
            return self.grant_gateway(order);
        }
        let system = order.system.as_ref().ok_or_else(|| invalid("it is for no system"))?;
        let role = self.role(db, system).await?;
        let (statements, signed_for, administrator) = match order.way {
            Way::Renewal => self.renewal(db, order, system, now).await?,
            Way::Ceremony => {
                (self.ceremony(order, system, role, now)?, Some(role), role == Role::Administrator)
            }
            Way::Token | Way::Csr => {
                let statements = self.approvals(db, order, system, role, now).await?;
                (statements, Some(role), role == Role::Administrator)
            }
            Way::Gateway => return Err(invalid("it is a gateway's").into()),
        };
        let subject = Subject::Client {
            trust_domain: self.keys.trust_domain.clone(),
            agency: system.agency.to_string(),
            system: system.id.clone(),
        };
        Ok(Grant { subject, administrator, role: signed_for, statements })
    }

    /// Names are what a gateway's certificate is about, and they stand in the signer's own configuration.
    fn grant_gateway(&self, order: &Order) -> Result<Grant, Error> {
        if order.hosts.is_empty() {
            return Err(invalid("it names no host").into());
        }
        if order.system.is_some() || order.role.is_some() || order.token.is_some() {
            return Err(invalid("a gateway is no system").into());
        }
        if let Some(host) = order.hosts.iter().find(|host| !self.keys.hosts.contains(host)) {
            return Err(Fault::from(Reason::HostNotAllowed).with("host", host).into());
        }
        let subject = Subject::Gateway { hosts: order.hosts.clone() };
        Ok(Grant { subject, administrator: false, role: None, statements: Vec::new() })
    }

    /// Finds the system's role now, of an agency that takes part.
    async fn role(&self, db: &mut PgConnection, name: &SystemName) -> Result<Role, Error> {
        let agency =
            agency::find(db, &name.agency).await?.ok_or_else(|| invalid("there is no such agency"))?;
        if agency.state != AgencyState::Active {
            return Err(Fault::from(Reason::AgencySuspended).with("agency", &agency.code).into());
        }
        let systems = agency::list_systems(db, &name.agency).await?;
        let system = systems.into_iter().find(|system| system.name == *name);
        let system = system.ok_or_else(|| invalid("there is no such system"))?;
        system.must_serve()?;
        let unapproved =
            || Fault::from(Reason::SystemNotApproved).with("system", format!("{}/{}", name.agency, name.id));
        Ok(system.role.ok_or_else(unapproved)?)
    }

    /// Checks one administrator's signature, or two of two administrators.
    async fn approvals(
        &self,
        db: &mut PgConnection,
        order: &Order,
        system: &SystemName,
        role: Role,
        now: Timestamp,
    ) -> Result<Vec<[u8; 32]>, Error> {
        let (purpose, subject) = match (order.way, order.token, &order.key) {
            // A token names no key: whoever drew it could bring one of their own, and two would have signed for it.
            (Way::Token, ..) if role.takes_two() => return Err(invalid("its role comes by no token").into()),
            (Way::Token, Some(token), _) => (Purpose::Invite, token),
            (Way::Csr, _, Some(key)) => (Purpose::Approve, key.id),
            _ => return Err(invalid("it has neither token nor key").into()),
        };
        let expected = self.expected(purpose, system, Some(role), subject, order);
        let (mut statements, mut signers, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for approval in &order.approvals {
            let signer = self.signer_of(db, approval, now).await?;
            let name = signer.system.clone().ok_or_else(|| invalid("a gateway's key signed"))?;
            let administrator = signer.administrator && self.role(db, &name).await? == Role::Administrator;
            if !administrator {
                return Err(invalid("a signature is by no administrator").into());
            }
            if name.to_string() != approval.approver
                || signers.contains(&name)
                || keys.contains(&signer.key_id)
            {
                return Err(invalid("a signature is by another than it says, or stands there twice").into());
            }
            let der = inventory::client_der(db, &signer.fingerprint).await?;
            let spki =
                der.and_then(|der| public_key(&der)).ok_or_else(|| invalid("a signer's key is unknown"))?;
            statements.push(self.verify(approval, &spki, &expected, now)?);
            signers.push(name);
            keys.push(signer.key_id);
        }
        let needed = if role.takes_two() { 2 } else { 1 };
        if signers.len() < needed {
            return Err(invalid(&format!("{needed} administrators must sign")).into());
        }
        Ok(statements)
    }

    /// The key that is replaced signs for the one that replaces it; what it was, the new one is.
    async fn renewal(
        &self,
        db: &mut PgConnection,
        order: &Order,
        system: &SystemName,
        now: Timestamp,
    ) -> Result<(Vec<[u8; 32]>, Option<Role>, bool), Error> {
        let ([approval], Some(key)) = (order.approvals.as_slice(), &order.key) else {
            return Err(invalid("a renewal has one signature").into());
        };
        let previous = self.signer_of(db, approval, now).await?;
        if order.previous != Some(previous.fingerprint) || previous.system.as_ref() != Some(system) {
            return Err(invalid("the signature is not by what is renewed").into());
        }
        if previous.successor.is_some() {
            return Err(Reason::AlreadyRenewed.into());
        }
        let filter = CertificateFilter { system: Some(system), ..Default::default() };
        let of_late = inventory::list(db, &filter, now).await?;
        let of_late = of_late.iter().filter(|one| one.previous.is_some() && one.created_at > now - DAY);
        if of_late.count() >= RENEWALS_A_DAY {
            return Err(Fault::from(Reason::RenewedTooOften).with("max", RENEWALS_A_DAY).into());
        }
        let der = inventory::client_der(db, &previous.fingerprint).await?;
        let spki = der.and_then(|der| public_key(&der)).ok_or_else(|| invalid("the old key is unknown"))?;
        let expected = self.expected(Purpose::Renew, system, None, key.id, order);
        let statements = vec![self.verify(approval, &spki, &expected, now)?];
        Ok((statements, previous.certified(), previous.administrator))
    }

    /// The root's key admits an administrator.
    fn ceremony(
        &self,
        order: &Order,
        system: &SystemName,
        role: Role,
        now: Timestamp,
    ) -> Result<Vec<[u8; 32]>, Error> {
        let ([approval], Some(key)) = (order.approvals.as_slice(), &order.key) else {
            return Err(invalid("the root signs once").into());
        };
        if approval.certificate != fingerprint(&self.keys.root) || role != Role::Administrator {
            return Err(invalid("the root admits administrators, and nobody else does it by this way").into());
        }
        let spki = public_key(&self.keys.root).ok_or_else(|| invalid("the root cannot be read"))?;
        let expected = self.expected(Purpose::Admit, system, Some(role), key.id, order);
        Ok(vec![self.verify(approval, &spki, &expected, now)?])
    }

    /// The certificate whose key signed, which lets its holder in now.
    async fn signer_of(
        &self,
        db: &mut PgConnection,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        let filter = CertificateFilter { fingerprint: Some(approval.certificate), ..Default::default() };
        let found = inventory::list(db, &filter, now).await?.pop();
        let valid = found.filter(|found| found.state(now) == CertificateState::Valid);
        Ok(valid.ok_or_else(|| invalid("a signature is by a certificate that is not valid"))?)
    }

    fn expected<'a>(
        &'a self,
        purpose: Purpose,
        system: &'a SystemName,
        role: Option<Role>,
        subject: [u8; 32],
        order: &Order,
    ) -> ExpectedStatement<'a> {
        ExpectedStatement {
            purpose,
            trust_domain: &self.keys.trust_domain,
            system,
            role,
            subject: Some(subject),
            previous: order.previous.filter(|_| purpose == Purpose::Renew),
            lifetime_days: Some(order.lifetime_days),
        }
    }

    /// The statement's digest, if it says this, in time, and this key signed it.
    fn verify(
        &self,
        approval: &Approval,
        spki: &[u8],
        expected: &ExpectedStatement<'_>,
        now: Timestamp,
    ) -> Result<[u8; 32], Fault> {
        let statement =
            Statement::read(&approval.statement).map_err(|_| invalid("a statement cannot be read"))?;
        if !statement.says(expected) {
            return Err(invalid("a statement speaks of something else"));
        }
        if now.duration_since(statement.expires_at) > GRACE {
            return Err(invalid("a statement is too old"));
        }
        if !statement.verify(spki, &approval.signature) {
            return Err(invalid("a signature does not verify"));
        }
        Ok(statement.digest())
    }
}

fn invalid(why: &str) -> Fault {
    Fault::from(Reason::ApprovalsInvalid).with("why", why)
}
