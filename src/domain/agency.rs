//! Agencies (instansi) and their systems. Owns their states and the rule that some roles take two administrators. An
//! agency is known by its code; its names come and go with decrees.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    AgencyCode, Fault, Reason,
    access::{Fingerprint, Role},
    bounds,
    name::SystemName,
    remark::{Remark, RemarkAct},
    text::Text,
    time::Zone,
};
use crate::text_enum;

text_enum! {
    /// The kind of institution that an agency is.
    AgencyKind {
        /// Lembaga Pemasyarakatan.
        Prison = "PRISON",
        VocationalTrainingCentre = "VOCATIONAL_TRAINING_CENTRE",
        Agriculture = "AGRICULTURE",
        Fisheries = "FISHERIES",
        TradeIndustry = "TRADE_INDUSTRY",
        CooperativesSme = "COOPERATIVES_SME",
        LocalGovernment = "LOCAL_GOVERNMENT",
        RegionalOffice = "REGIONAL_OFFICE",
        CorrectionsDirectorate = "CORRECTIONS_DIRECTORATE",
        /// The institution that runs the gateway.
        Operator = "OPERATOR",
        Foundation = "FOUNDATION",
        Cooperative = "COOPERATIVE",
        Ngo = "NGO",
        Individual = "INDIVIDUAL",
        Company = "COMPANY",
    }
}

impl AgencyKind {
    /// Whether agencies of this kind are government agencies, Instansi Pemerintah (PP 57/1999 Pasal 2, as quoted).
    pub fn is_government(self) -> bool {
        !matches!(self, Self::Foundation | Self::Cooperative | Self::Ngo | Self::Individual | Self::Company)
    }

    /// Whether systems of agencies of this kind may have the role.
    pub fn may_have(self, role: Role) -> bool {
        match role {
            Role::Administrator => self == Self::Operator,
            Role::Prison | Role::Door => self == Self::Prison,
            Role::Oversight => matches!(self, Self::RegionalOffice | Self::CorrectionsDirectorate),
            Role::Partner => !matches!(
                self,
                Self::Operator | Self::Prison | Self::RegionalOffice | Self::CorrectionsDirectorate
            ),
        }
    }
}

text_enum! {
    /// The level of government.
    AgencyTier { Central = "CENTRAL", Province = "PROVINCE", Regency = "REGENCY", City = "CITY", None = "NONE" }
}

text_enum! {
    /// Whether an agency takes part. The systems of a suspended agency are refused, and nothing passes under its agreements.
    AgencyState { Active = "ACTIVE", Suspended = "SUSPENDED" }
}

/// One of an agency's names, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedName {
    /// The full official name.
    pub display_name: Text<200>,
    /// The first day on which the name holds.
    pub valid_from: Date,
    /// The number of the decree that gave the name.
    pub decree_number: Option<Text<100>>,
}

/// An agency's names, earliest first, no two from the same day, never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatedNames(Vec<DatedName>);

impl DatedNames {
    /// Sorts 1 to 50 names by their first day. Errors: `ITEMS_TOO_FEW`, `ITEMS_TOO_MANY`, `DUPLICATE_ITEM`.
    pub fn new(mut names: Vec<DatedName>) -> Result<Self, Fault> {
        bounds::count(names.len(), 1, 50)?;
        names.sort_by_key(|name| name.valid_from);
        if names.windows(2).any(|pair| pair[0].valid_from == pair[1].valid_from) {
            return Err(Reason::DuplicateItem.into());
        }
        Ok(Self(names))
    }

    /// Refuses names none of which holds on a day. Errors: `NO_NAME_TODAY`.
    pub fn must_hold_on(&self, day: Date) -> Result<(), Fault> {
        match self.0[0].valid_from <= day {
            true => Ok(()),
            false => Err(Fault::from(Reason::NoNameToday).with("day", day)),
        }
    }

    /// Refuses names that would drop or change one whose first day has come: what an agency was called is history. Names
    /// of days ahead may come and go. Errors: `PAST_NAME_CHANGED`.
    pub fn must_keep(&self, earlier: &Self, today: Date) -> Result<(), Fault> {
        let mut past = earlier.0.iter().filter(|name| name.valid_from <= today);
        match past.find(|name| !self.0.contains(name)) {
            Some(lost) => Err(Fault::from(Reason::PastNameChanged).with("from", lost.valid_from)),
            None => Ok(()),
        }
    }

    /// The names, earliest first; at least one.
    pub fn as_slice(&self) -> &[DatedName] {
        &self.0
    }

    /// The name that holds on a day; before the first name's day, the first name.
    pub fn on(&self, day: Date) -> &Text<200> {
        let holding = self.0.iter().rev().find(|name| name.valid_from <= day);
        &holding.unwrap_or(&self.0[0]).display_name
    }
}

/// An agency (instansi).
#[derive(Debug, Clone)]
pub struct Agency {
    /// The code, which never changes.
    pub code: AgencyCode,
    /// The kind of institution.
    pub kind: AgencyKind,
    /// The level of government.
    pub tier: AgencyTier,
    /// All names, with the days from which they hold.
    pub names: DatedNames,
    /// The zone in which the agency plans.
    pub zone: Zone,
    /// Whether the agency takes part.
    pub state: AgencyState,
    /// Why it was last suspended; stays when the suspension is lifted.
    pub remark: Option<Remark>,
    /// Counts the changes of the agency, from 1.
    pub version: i64,
    /// The time at which the agency was registered.
    pub created_at: Timestamp,
}

impl Agency {
    /// The day in the agency's own zone.
    pub fn day(&self, at: Timestamp) -> Date {
        self.zone.shown(at).date()
    }

    /// Replaces names and zone. Errors: `PAST_NAME_CHANGED`, `NO_NAME_TODAY`.
    pub fn rename(&mut self, names: DatedNames, zone: Zone, now: Timestamp) -> Result<(), Fault> {
        names.must_keep(&self.names, self.day(now))?;
        (self.names, self.zone) = (names, zone);
        self.names.must_hold_on(self.day(now))
    }

    /// The etag, which changes with the version and the state.
    pub fn etag(&self) -> String {
        bounds::etag(&self.code.name(), self.version, self.state.as_str())
    }

    /// Suspends the agency: ACTIVE → SUSPENDED. Errors: `OWN_AGENCY_SUSPENSION`, `STATE_FORBIDS`.
    pub fn suspend(&mut self, by: &AgencyCode, now: Timestamp, note: Text<500>) -> Result<(), Fault> {
        if *by == self.code {
            return Err(Reason::OwnAgencySuspension.into());
        }
        self.change(AgencyState::Active, AgencyState::Suspended)?;
        self.remark = Some(Remark::new(RemarkAct::Suspend, by.clone(), now, note));
        Ok(())
    }

    /// Resumes the agency: SUSPENDED → ACTIVE. Errors: `STATE_FORBIDS`.
    pub fn resume(&mut self) -> Result<(), Fault> {
        self.change(AgencyState::Suspended, AgencyState::Active)
    }

    fn change(&mut self, from: AgencyState, to: AgencyState) -> Result<(), Fault> {
        if self.state != from {
            return Err(Fault::state_forbids("agency", self.state, &[from]));
        }
        self.state = to;
        Ok(())
    }
}

/// A system of an agency, which calls with a client certificate.
#[derive(Debug, Clone)]
pub struct System {
    /// `agencies/{code}/systems/{system}`.
    pub name: SystemName,
    /// The role that holds; `None` until the first role is approved.
    pub role: Option<Role>,
    /// A role that waits for another administrator.
    pub proposal: Option<Proposal>,
    /// The system's certificates, newest first.
    pub certificates: Vec<RegisteredCertificate>,
    /// The time at which the system was retired, for good; such a system has no role and gets none.
    pub retired_at: Option<Timestamp>,
    /// Counts the changes of the system, from 1.
    pub version: i64,
}

/// A role that takes two administrators, and the one who proposed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The proposed role.
    pub role: Role,
    /// The administrator's system that proposed the role.
    pub proposer: SystemName,
}

impl System {
    /// The etag, which changes with the version and the role.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.role.map_or("", Role::as_str))
    }

    /// Makes a new system. Its role holds at once, or waits for another administrator.
    pub fn new(name: SystemName, role: Role, proposer: &SystemName) -> Self {
        let mut system =
            Self { name, role: None, proposal: None, certificates: Vec::new(), retired_at: None, version: 1 };
        system.take_role(role, proposer);
        system
    }

    /// Refuses a system that was retired. Errors: `SYSTEM_RETIRED`.
    pub fn must_serve(&self) -> Result<(), Fault> {
        if self.retired_at.is_some() { Err(Reason::SystemRetired.into()) } else { Ok(()) }
    }

    /// Retires the system for good: it loses its role, and what was proposed for it. Errors: `SYSTEM_RETIRED`.
    pub fn retire(&mut self, now: Timestamp) -> Result<(), Fault> {
        self.must_serve()?;
        (self.role, self.proposal, self.retired_at) = (None, None, Some(now));
        Ok(())
    }

    /// Gives the role, or proposes it where it takes two. An earlier proposal ends.
    pub fn take_role(&mut self, role: Role, proposer: &SystemName) {
        self.proposal = None;
        match role.takes_two() && self.role != Some(role) {
            true => self.proposal = Some(Proposal { role, proposer: proposer.clone() }),
            false => self.role = Some(role),
        }
    }

    /// Approves the proposed role, which holds from then on. Errors: `STATE_FORBIDS` where no role is proposed,
    /// `APPROVED_BY_YOU` for the administrator who proposed it.
    pub fn approve(&mut self, approver: &SystemName) -> Result<Role, Fault> {
        let Some(proposal) = &self.proposal else {
            return Err(Fault::state_forbids("system", "APPROVED", &["PROPOSED"]));
        };
        if proposal.proposer == *approver {
            return Err(Reason::ApprovedByYou.into());
        }
        let role = proposal.role;
        self.role = Some(role);
        self.proposal = None;
        Ok(role)
    }
}

/// A client certificate in the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCertificate {
    /// SHA-256 of the certificate in DER.
    pub fingerprint: Fingerprint,
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// The first second of validity.
    pub not_before: Timestamp,
    /// The last second of validity.
    pub not_after: Timestamp,
}

/// What of some agencies is ahead.
#[derive(Debug)]
pub struct Upcoming {
    /// Of programmes that they lead.
    pub sessions: i64,
    /// Open ones of their trainers.
    pub assignments: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_day() {
        let name = |text: &str, day: &str| DatedName {
            display_name: Text::parse(text).unwrap(),
            valid_from: day.parse().unwrap(),
            decree_number: None,
        };
        let names = DatedNames::new(vec![name("Baru", "2024-10-21"), name("Lama", "2010-01-01")]).unwrap();
        let on = |day: &str| names.on(day.parse().unwrap()).to_string();
        assert_eq!(
            (on("2009-01-01"), on("2024-10-20"), on("2024-10-21")),
            ("Lama".into(), "Lama".into(), "Baru".into())
        );
        assert!(DatedNames::new(vec![name("a", "2024-01-01"), name("b", "2024-01-01")]).is_err());
    }

    #[test]
    fn names_whose_day_has_come_stay() {
        let name = |text: &str, day: &str| DatedName {
            display_name: Text::parse(text).unwrap(),
            valid_from: day.parse().unwrap(),
            decree_number: None,
        };
        let names = |list: &[(&str, &str)]| {
            DatedNames::new(list.iter().map(|(text, day)| name(text, day)).collect()).unwrap()
        };
        let stored = names(&[("Lama", "2010-01-01"), ("Kini", "2024-10-21"), ("Kelak", "2027-01-01")]);
        let judge = |list: &[(&str, &str)]| {
            names(list).must_keep(&stored, "2026-03-02".parse().unwrap()).map_err(|fault| fault.reason)
        };
        assert_eq!(judge(&[("Lama", "2010-01-01"), ("Kini", "2024-10-21")]), Ok(()), "a day ahead is a plan");
        assert_eq!(
            judge(&[
                ("Lama", "2010-01-01"),
                ("Kini", "2024-10-21"),
                ("Baru", "2026-03-02"),
                ("Lain", "2027-01-01")
            ]),
            Ok(()),
            "a name from today on is added"
        );
        for lost in [
            &[("Kini", "2024-10-21")][..],
            &[("Lama", "2010-01-01")],
            &[("Dulu", "2010-01-01"), ("Kini", "2024-10-21")],
            &[("Lama", "2010-01-02"), ("Kini", "2024-10-21")],
        ] {
            assert_eq!(judge(lost), Err(Reason::PastNameChanged), "{lost:?}");
        }
        let later = |day: &str| stored.must_hold_on(day.parse().unwrap()).map_err(|fault| fault.reason);
        assert_eq!((later("2010-01-01"), later("2009-12-31")), (Ok(()), Err(Reason::NoNameToday)));
    }

    #[test]
    fn a_retired_system_has_no_role_and_stays_so() {
        let admin = SystemName::parse("agencies/operator/systems/admin").unwrap();
        let name = SystemName::parse("agencies/lapas/systems/sdp").unwrap();
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let mut system = System::new(name, Role::Prison, &admin);
        let before = system.etag();
        assert_eq!(system.must_serve(), Ok(()));
        system.retire(now).unwrap();
        assert_eq!((system.role, &system.proposal, system.retired_at), (None, &None, Some(now)));
        assert_eq!(system.must_serve().unwrap_err().reason, Reason::SystemRetired);
        assert_eq!(system.retire(now).unwrap_err().reason, Reason::SystemRetired);
        system.version += 1;
        assert_ne!(system.etag(), before);
    }

    fn code(value: &str) -> AgencyCode {
        AgencyCode::parse(value).unwrap()
    }

    #[test]
    fn the_kind_of_an_agency_decides_its_roles() {
        let of = |kind: AgencyKind| -> Vec<Role> {
            Role::ALL.iter().copied().filter(|role| kind.may_have(*role)).collect()
        };
        for kind in AgencyKind::ALL {
            let roles = match kind {
                AgencyKind::Operator => vec![Role::Administrator],
                AgencyKind::Prison => vec![Role::Prison, Role::Door],
                AgencyKind::RegionalOffice | AgencyKind::CorrectionsDirectorate => vec![Role::Oversight],
                _ => vec![Role::Partner],
            };
            assert_eq!(of(*kind), roles, "{kind}");
        }
        let private: Vec<_> = AgencyKind::ALL.iter().copied().filter(|kind| !kind.is_government()).collect();
        use AgencyKind::{Company, Cooperative, Foundation, Individual, Ngo};
        assert_eq!(private, [Foundation, Cooperative, Ngo, Individual, Company]);
    }

    #[test]
    fn an_agency_is_suspended_by_another_and_resumed() {
        let names = vec![DatedName {
            display_name: Text::parse("BLK").unwrap(),
            valid_from: "2010-01-01".parse().unwrap(),
            decree_number: None,
        }];
        let mut agency = Agency {
            code: code("blk"),
            kind: AgencyKind::VocationalTrainingCentre,
            tier: AgencyTier::Province,
            names: DatedNames::new(names).unwrap(),
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            state: AgencyState::Active,
            remark: None,
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let suspend = |agency: &mut Agency, by: &str| {
            agency.suspend(&code(by), Timestamp::UNIX_EPOCH, Text::parse("Audit").unwrap())
        };
        assert_eq!(suspend(&mut agency, "blk").unwrap_err().reason, Reason::OwnAgencySuspension);
        assert_eq!(agency.remark, None);
        assert_eq!(agency.resume().unwrap_err().reason, Reason::StateForbids);
        let before = agency.etag();
        suspend(&mut agency, "operator").unwrap();
        assert_eq!(agency.state, AgencyState::Suspended);
        assert_ne!(agency.etag(), before);
        assert_eq!(suspend(&mut agency, "operator").unwrap_err().reason, Reason::StateForbids);
        agency.resume().unwrap();
        assert_eq!((agency.state, agency.etag()), (AgencyState::Active, before));
        assert_eq!(agency.remark.unwrap().note.as_str(), "Audit", "what was is still told");
    }

    #[test]
    fn a_role_that_takes_two_waits_for_another_administrator() {
        let system = |name: &str| SystemName::parse(name).unwrap();
        let (first, second) =
            (system("agencies/operator/systems/admin"), system("agencies/operator/systems/admin2"));
        let name = system("agencies/lapas/systems/sdp");
        let mut prison = System::new(name.clone(), Role::Prison, &first);
        let proposal = Some(Proposal { role: Role::Prison, proposer: first.clone() });
        assert_eq!((prison.role, &prison.proposal), (None, &proposal));
        let before = prison.etag();
        assert_eq!(prison.approve(&first).unwrap_err().reason, Reason::ApprovedByYou);
        assert_eq!(prison.approve(&second).unwrap(), Role::Prison);
        assert_eq!((prison.role, &prison.proposal), (Some(Role::Prison), &None));
        assert_ne!(prison.etag(), before, "the role shows in the etag");
        assert_eq!(prison.approve(&second).unwrap_err().reason, Reason::StateForbids);

        prison.take_role(Role::Prison, &first);
        assert_eq!(prison.proposal, None, "the role that holds is not proposed again");
        prison.take_role(Role::Door, &first);
        assert_eq!(prison.role, Some(Role::Prison), "the old role holds until the new one is approved");
        prison.take_role(Role::Partner, &first);
        assert_eq!((prison.role, prison.proposal), (Some(Role::Partner), None), "the proposal ends");
        assert_eq!(System::new(name, Role::Oversight, &first).role, Some(Role::Oversight));
    }
}
