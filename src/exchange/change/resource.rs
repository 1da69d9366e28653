//! The resources that changes tell of, each as its Get method shows it to the caller now, and a claim as its list does: by that method's own
//! use case, so that nobody sees more of it here than there. None of them holds trainees' data.

use std::collections::HashMap;

use super::Change;
use crate::{
    domain::{
        AgencyCode,
        agreement::Agreement,
        assignment::Assignment,
        change::{Effect, ResourceKind},
        claim,
        facility::Facility,
        name::{AgreementName, FacilityName, ProgrammeName, SessionName, TrainerName, parse_assignment},
        programme::Programme,
        reason::Kind,
        time::AsOf,
        trainer::Trainer,
    },
    exchange::{
        Asking, Error, Read,
        agency::{FoundAgency, GetAgency},
        agreement::GetAgreement,
        assignment::GetAssignment,
        claim::{GetTrainerClaim, SeenClaim},
        facility::GetFacility,
        programme::GetProgramme,
        schedule::{GetSession, SeenSession},
        trainer::GetTrainer,
    },
};

/// A resource as the caller sees it.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the kinds of resources say all")]
pub enum Resource {
    Agency(Box<FoundAgency>),
    Agreement(Box<AsOf<Agreement>>),
    Programme(Box<Programme>),
    Trainer(Box<Trainer>),
    TrainerClaim(Box<SeenClaim>),
    Facility(Box<Facility>),
    Session(Box<SeenSession>),
    Assignment(Box<Assignment>),
}

/// Puts beside each change the resource as the caller sees it now, but for those that it sees no more, and those that do not read. One
/// round trip or two for each resource, one after the other: who asks takes no more of its agency's connections than one.
pub(super) async fn show(changes: &mut [Change], asking: &Asking<'_>) -> Result<(), Error> {
    let mut shown: HashMap<String, Option<Resource>> = HashMap::new();
    for change in changes.iter_mut().filter(|change| change.effect != Effect::Removed) {
        if !shown.contains_key(&change.name) {
            let found = find(change.kind, &change.name, asking).await;
            shown.insert(change.name.clone(), seen(found)?);
        }
        change.resource = shown.get(&change.name).cloned().flatten();
    }
    Ok(())
}

/// Nothing where the caller sees it no more; nor where it does not read, so that it keeps nobody from what comes behind it.
fn seen(found: Result<Option<Resource>, Error>) -> Result<Option<Resource>, Error> {
    match found {
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "a resource does not read");
            Ok(None)
        }
        Err(Error::Refused(refusal)) if refusal.reason().kind() == Kind::NotFound => Ok(None),
        found => found,
    }
}

/// `None` of a roster, which tells of persons and is listed by itself.
async fn find(kind: ResourceKind, name: &str, asking: &Asking<'_>) -> Result<Option<Resource>, Error> {
    macro_rules! by {
        ($resource:ident, $get:ident { $field:ident: $parse:path }) => {
            Resource::$resource(Box::new($get { $field: $parse(name)? }.find(asking).await?))
        };
    }
    Ok(Some(match kind {
        ResourceKind::Agency => by!(Agency, GetAgency { code: AgencyCode::parse_name }),
        ResourceKind::Agreement => by!(Agreement, GetAgreement { name: AgreementName::parse }),
        ResourceKind::Programme => by!(Programme, GetProgramme { name: ProgrammeName::parse }),
        ResourceKind::Trainer => by!(Trainer, GetTrainer { name: TrainerName::parse }),
        ResourceKind::TrainerClaim => by!(TrainerClaim, GetTrainerClaim { id: claim::parse_name }),
        ResourceKind::Facility => by!(Facility, GetFacility { name: FacilityName::parse }),
        ResourceKind::Session => by!(Session, GetSession { name: SessionName::parse }),
        ResourceKind::Assignment => by!(Assignment, GetAssignment { id: parse_assignment }),
        ResourceKind::Roster => return Ok(None),
    }))
}
