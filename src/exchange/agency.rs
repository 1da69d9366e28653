//! Agencies and their systems: registered and changed by administrators, listed by all.

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::{Identity, Role},
        agency::{Agency, AgencyKind, AgencyState, AgencyTier, DatedNames, RegisteredCertificate, System},
        batch::{Change, ItemOutcome},
        name::SystemName,
        text::Text,
        time::Zone,
    },
    ledger::ChangeKind,
    pki::certificate::Certificate,
    store::{self, agency as rows},
};

pub struct CreateAgency {
    pub code: AgencyCode,
    pub kind: AgencyKind,
    pub tier: AgencyTier,
    pub names: DatedNames,
    pub zone: Zone,
}

impl Work for CreateAgency {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        if rows::find(tx.db(), &self.code).await?.is_some() {
            return Err(Fault::from(Reason::AgencyExists).with("agency", &self.code).into());
        }
        let agency = Agency {
            code: self.code.clone(),
            kind: self.kind,
            tier: self.tier,
            names: self.names.clone(),
            zone: self.zone.clone(),
            state: AgencyState::Active,
            version: 1,
            created_at: tx.now(),
        };
        rows::insert(tx.db(), &agency).await?;
        Ok(created(tx, &agency))
    }
}

fn created(tx: &mut Tx, agency: &Agency) -> Change {
    tx.changed(ChangeKind::Created, agency.code.name(), agency.version, agency);
    tx.change(agency.code.name(), agency.etag(), ItemOutcome::Created)
}

pub struct UpdateAgency {
    pub code: AgencyCode,
    pub etag: String,
    pub names: DatedNames,
    pub zone: Zone,
}

impl Work for UpdateAgency {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        let mut agency = load(tx, &self.code, &self.etag).await?;
        if agency.names == self.names && agency.zone == self.zone {
            tx.unchanged();
            return Ok(tx.change(agency.code.name(), agency.etag(), ItemOutcome::Unchanged));
        }
        agency.names = self.names.clone();
        agency.zone = self.zone.clone();
        save(tx, agency).await
    }
}

/// Suspends an agency. Its agreements' gates close in the same commit: pushes under way are waited for.
pub struct SuspendAgency {
    pub code: AgencyCode,
    pub etag: String,
    pub note: Text<500>,
}

impl Work for SuspendAgency {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        let ids = store::agreement::list_ids_of(tx.db(), &self.code).await?;
        store::lock::agreements_exclusive(tx.db(), &ids).await?;
        let mut agency = load(tx, &self.code, &self.etag).await?;
        agency.suspend(&tx.caller().agency)?;
        rows::note_suspension(tx.db(), &self.code, self.note.as_str()).await?;
        save(tx, agency).await
    }
}

pub struct ResumeAgency {
    pub code: AgencyCode,
    pub etag: String,
}

impl Work for ResumeAgency {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        let mut agency = load(tx, &self.code, &self.etag).await?;
        agency.resume()?;
        save(tx, agency).await
    }
}

async fn load(tx: &mut Tx, code: &AgencyCode, etag: &str) -> Result<Agency, Error> {
    let agency = rows::find_for_update(tx.db(), code).await?.ok_or_else(|| not_found("agency"))?;
    match_etag(etag, &agency.etag())?;
    Ok(agency)
}

async fn save(tx: &mut Tx, mut agency: Agency) -> Result<Change, Error> {
    agency.version += 1;
    rows::update(tx.db(), &agency).await?;
    tx.changed(ChangeKind::Updated, agency.code.name(), agency.version, &agency);
    Ok(tx.change(agency.code.name(), agency.etag(), ItemOutcome::Updated))
}

pub struct RegisterSystem {
    pub name: SystemName,
    pub role: Role,
    pub certificate: Certificate,
}

impl Work for RegisterSystem {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        let agency = rows::find_for_update(tx.db(), &self.name.agency).await?;
        let agency = agency.ok_or_else(|| not_found("agency"))?;
        check_role(&agency, self.role)?;
        let certificate = check_certificate(tx, &self.name, &self.certificate)?;
        let system =
            System { name: self.name.clone(), role: self.role, certificates: vec![certificate], version: 1 };
        let now = tx.now();
        rows::insert_system(tx.db(), &system, now).await?;
        rows::insert_certificate(tx.db(), &system.name, &system.certificates[0], now).await?;
        tx.changed(ChangeKind::Created, &system.name, system.version, &system);
        Ok(tx.change(&system.name, system.etag(), ItemOutcome::Created))
    }
}

pub struct UpdateSystem {
    pub name: SystemName,
    pub etag: String,
    pub role: Role,
    pub certificate: Option<Certificate>,
}

impl Work for UpdateSystem {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        let agency = rows::find(tx.db(), &self.name.agency).await?.ok_or_else(|| not_found("system"))?;
        let system = rows::find_system_for_update(tx.db(), &self.name).await?;
        let mut system = system.ok_or_else(|| not_found("system"))?;
        match_etag(&self.etag, &system.etag())?;
        check_role(&agency, self.role)?;
        if self.role == system.role && self.certificate.is_none() {
            tx.unchanged();
            return Ok(tx.change(&system.name, system.etag(), ItemOutcome::Unchanged));
        }
        system.role = self.role;
        system.version += 1;
        if let Some(certificate) = &self.certificate {
            let certificate = check_certificate(tx, &self.name, certificate)?;
            let now = tx.now();
            rows::insert_certificate(tx.db(), &self.name, &certificate, now).await?;
            system.certificates.insert(0, certificate);
        }
        rows::update_system(tx.db(), &system).await?;
        tx.changed(ChangeKind::Updated, &system.name, system.version, &system);
        Ok(tx.change(&system.name, system.etag(), ItemOutcome::Updated))
    }
}

fn check_role(agency: &Agency, role: Role) -> Result<(), Error> {
    if agency.kind.may_have(role) {
        return Ok(());
    }
    Err(Fault::from(Reason::RoleNotOfAgency).with("kind", agency.kind).with("role", role).into())
}

/// The certificate names this system, is fit for a client, and has not ended.
fn check_certificate(
    tx: &Tx,
    name: &SystemName,
    certificate: &Certificate,
) -> Result<RegisteredCertificate, Error> {
    certificate.check_client()?;
    if certificate.not_after <= tx.now() {
        return Err(Fault::from(Reason::CertificateUnfit).with("why", "it has expired").into());
    }
    let identity = certificate.identity(&tx.outside().trust_domain)?;
    let Identity { agency, system, .. } = &identity;
    if *agency != name.agency || *system != name.id {
        let found = SystemName::from_store(agency.clone(), system.clone());
        return Err(Fault::from(Reason::CertificateNotOfSystem)
            .with("found", found)
            .with("expected", name)
            .into());
    }
    Ok(registered(certificate))
}

/// An agency, with its systems where the caller may see them: an administrator, or the agency itself.
pub struct GetAgency {
    pub code: AgencyCode,
}

impl Work for GetAgency {
    type Answer = (Agency, Vec<System>);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let agency = rows::find(tx.db(), &self.code).await?.ok_or_else(|| not_found("agency"))?;
        let sees = tx.caller().role == Role::Administrator || tx.caller().agency == self.code;
        let systems = if sees { rows::list_systems(tx.db(), &self.code).await? } else { Vec::new() };
        Ok((agency, systems))
    }
}

pub struct ListAgencies {
    pub page: PageRequest,
}

impl Work for ListAgencies {
    type Answer = Page<Agency>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after::<1>(tx)?;
        let after = after.as_ref().map(|[code]| code.as_str());
        let agencies = rows::list(tx.db(), after, self.page.limit()).await?;
        Ok(self.page.page(tx, agencies, |agency| [agency.code.to_string()]))
    }
}

/// Who the caller is: the agency, and the role of its system.
pub struct WhoAmI;

impl Work for WhoAmI {
    type Answer = Known;

    async fn run(&self, tx: &mut Tx) -> Result<Known, Error> {
        let caller = tx.caller().clone();
        let agency = rows::find(tx.db(), &caller.agency).await?.ok_or_else(|| not_found("agency"))?;
        let display_name = agency.names.on(agency.zone.day(tx.now())).clone();
        Ok(Known {
            agency: caller.agency.clone(),
            display_name,
            system: caller.system_name(),
            role: caller.role,
        })
    }
}

/// What the registry knows of a caller.
pub struct Known {
    pub agency: AgencyCode,
    /// The agency's name today.
    pub display_name: Text<200>,
    pub system: SystemName,
    pub role: Role,
}

/// The first administrator: an operator's agency with one system. Made by `migrate`, outside any call, and only
/// while there is none.
pub async fn first_administrator(
    database: &store::Database,
    outside: &super::Outside,
    certificate: &Certificate,
) -> Result<SystemName, Error> {
    let now = outside.clock.now();
    certificate.check_client()?;
    let identity = certificate.identity(&outside.trust_domain)?;
    let name = SystemName::new(identity.agency.clone(), &identity.system)?;
    let mut db = database.begin().await?;
    if rows::has_administrator(&mut db).await? {
        let known = rows::find_system_for_update(&mut db, &name).await?;
        let holds = known.is_some_and(|system| {
            system.certificates.iter().any(|known| known.fingerprint == certificate.fingerprint)
        });
        return if holds { Ok(name) } else { Err(Reason::SystemExists.into()) };
    }
    let agency = Agency {
        code: identity.agency.clone(),
        kind: AgencyKind::Operator,
        tier: AgencyTier::None,
        names: DatedNames::new(vec![crate::domain::agency::DatedName {
            display_name: Text::parse("Operator Gerbang")?,
            valid_from: jiff::civil::Date::constant(2000, 1, 1),
            decree_number: None,
        }])?,
        zone: Zone::parse("Asia/Jakarta")?,
        state: AgencyState::Active,
        version: 1,
        created_at: now,
    };
    rows::insert(&mut db, &agency).await?;
    let system = System { name: name.clone(), role: Role::Administrator, certificates: vec![], version: 1 };
    rows::insert_system(&mut db, &system, now).await?;
    rows::insert_certificate(&mut db, &name, &registered(certificate), now).await?;
    db.commit().await.map_err(store::Error::from)?;
    Ok(name)
}

/// A further certificate for an administrator that is registered, outside any call: the way back in for who holds
/// the database, after the old certificate has ended. `NOT_FOUND` where its system is no administrator.
pub async fn readmit_administrator(
    database: &store::Database,
    outside: &super::Outside,
    certificate: &Certificate,
) -> Result<SystemName, Error> {
    certificate.check_client()?;
    let identity = certificate.identity(&outside.trust_domain)?;
    let name = SystemName::new(identity.agency.clone(), &identity.system)?;
    let mut db = database.begin().await?;
    let system = rows::find_system_for_update(&mut db, &name).await?;
    let system = system.filter(|system| system.role == Role::Administrator);
    let system = system.ok_or_else(|| not_found("system"))?;
    if system.certificates.iter().all(|known| known.fingerprint != certificate.fingerprint) {
        rows::insert_certificate(&mut db, &name, &registered(certificate), outside.clock.now()).await?;
    }
    db.commit().await.map_err(store::Error::from)?;
    Ok(name)
}

fn registered(certificate: &Certificate) -> RegisteredCertificate {
    RegisteredCertificate {
        fingerprint: certificate.fingerprint,
        serial: certificate.serial.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
    }
}
