//! TrainerService.

use super::{
    Caller,
    choice::{Choice, choice, optional_choice},
    decode::{Decode, Parts, by_name},
    encode::{self, Encode},
};
use crate::{
    domain::{
        AgencyCode, Reason, Violations, bounds, claim,
        name::TrainerName,
        person::{Nik, Nip},
        text::Text,
        time::{parse_date, parse_optional_date},
        trainer::{Competence, Lending, PersonNumbers, Profile, Trainer, TrainerStatus},
    },
    exchange::{
        claim::{ConfirmTrainerClaim, ListTrainerClaims, SeenClaim},
        facility::Unconfirming,
        trainer as work,
    },
    proto::v1,
};

impl Decode for v1::RegisterTrainerRequest {
    type Work = work::RegisterTrainer;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let profile = profile(v, self.profile);
        let nik = v.take("person_number", Nik::parse_optional(&self.person_number));
        let nip = v.take("nip", Nip::parse_optional(&self.nip));
        if self.person_number.is_empty() && !self.nip.is_empty() {
            v.add("nip", Reason::NikMissing);
        }
        let (nik, nip) = (nik?, nip?);
        let numbers = nik.map(|nik| PersonNumbers { nik, nip });
        Some(work::RegisterTrainer { name: name?, profile: profile?, numbers })
    }
}

impl Decode for v1::UpdateTrainerRequest {
    type Work = work::UpdateTrainer;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let profile = profile(v, self.profile);
        Some(work::UpdateTrainer { name: name?, etag: etag?, profile: profile? })
    }
}

fn profile(v: &mut Violations, profile: Option<v1::TrainerProfile>) -> Option<Profile> {
    let profile = v.take("profile", profile.ok_or_else(|| Reason::FieldRequired.into()))?;
    let full_name = v.take("profile.full_name", Text::parse(&profile.full_name));
    let kind = v.take("profile.kind", choice(profile.kind));
    let status = v.take("profile.status", optional_choice(profile.status));
    v.take("profile.competences", bounds::count(profile.competences.len(), 0, 30));
    let competences = profile.competences.into_iter().enumerate();
    let competences: Vec<_> = competences.map(|(index, one)| self::competence(v, index, one)).collect();
    v.take("profile.lendable_to", bounds::count(profile.lendable_to.len(), 0, 100));
    let lendable_to = profile.lendable_to.iter().enumerate();
    let lendable_to: Vec<Option<AgencyCode>> =
        lendable_to.map(|(index, name)| v.name(&format!("profile.lendable_to[{index}]"), name)).collect();
    Some(Profile {
        full_name: full_name?,
        kind: kind?,
        competences: competences.into_iter().collect::<Option<_>>()?,
        status: status?.unwrap_or(TrainerStatus::Active),
        lending: Lending {
            to_all: profile.lendable_to_all,
            to: lendable_to.into_iter().collect::<Option<_>>()?,
        },
    })
}

fn competence(v: &mut Violations, index: usize, competence: v1::Competence) -> Option<Competence> {
    let at = |field: &str| format!("profile.competences[{index}].{field}");
    let title = v.take(at("title"), Text::parse(&competence.title));
    let field = v.field(&at("field"), competence.field);
    let number = v.take(at("certificate_number"), Text::parse_optional(&competence.certificate_number));
    let issuer = v.take(at("issuer"), Text::parse_optional(&competence.issuer));
    let valid_from = v.take(at("valid_from"), parse_date(&competence.valid_from));
    let valid_until = v.take(at("valid_until"), parse_optional_date(&competence.valid_until));
    if valid_until.flatten().zip(valid_from).is_some_and(|(until, from)| until < from) {
        v.add(at("valid_until"), Reason::TermReversed);
    }
    Some(Competence {
        title: title?,
        field: field?,
        certificate_number: number?,
        issuer: issuer?,
        valid_from: valid_from?,
        valid_until: valid_until?,
    })
}

by_name! {
    GetTrainerRequest => work::GetTrainer { name };
}

impl Decode for v1::ListTrainersRequest {
    type Work = work::ListTrainers;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let status = v.take("status", optional_choice(self.status));
        Some(work::ListTrainers { status: status?, page: page? })
    }
}

impl Decode for v1::ListTrainerClaimsRequest {
    type Work = ListTrainerClaims;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        Some(ListTrainerClaims { open_only: self.open_only, page: page? })
    }
}

impl Decode for v1::ConfirmTrainerClaimRequest {
    type Work = ConfirmTrainerClaim;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let id = v.take("name", claim::parse_name(&self.name));
        let etag = v.etag("etag", &self.etag);
        Some(ConfirmTrainerClaim { id: id?, etag: etag? })
    }
}

/// Shows each agency its own trainer and the other's code, and the prison both trainers.
impl From<SeenClaim> for v1::TrainerClaim {
    fn from(SeenClaim { claim, reader }: SeenClaim) -> Self {
        let claimant = reader == claim.claimed.agency;
        let holder = reader == claim.held.agency;
        let shown = |name: &TrainerName, hidden: bool| if hidden { String::new() } else { name.to_string() };
        Self {
            name: claim.name(),
            claimant: claim.claimed.agency.name(),
            holder: claim.held.agency.name(),
            claimed_trainer: shown(&claim.claimed, holder),
            held_trainer: shown(&claim.held, claimant),
            state: claim.state.to_wire(),
            etag: claim.etag(),
            create_time: encode::time(claim.created_at),
        }
    }
}

pub(super) fn encode_competence(competence: &Competence) -> v1::Competence {
    v1::Competence {
        title: competence.title.to_string(),
        field: Some(encode::field(&competence.field)),
        certificate_number: encode::optional(competence.certificate_number.as_ref()),
        issuer: encode::optional(competence.issuer.as_ref()),
        valid_from: competence.valid_from.to_string(),
        valid_until: encode::optional(competence.valid_until.as_ref()),
    }
}

impl From<Trainer> for v1::Trainer {
    fn from(trainer: Trainer) -> Self {
        Self {
            name: trainer.name.to_string(),
            etag: trainer.etag(),
            create_time: encode::time(trainer.created_at),
            registration: trainer.registration.to_wire(),
            profile: Some(v1::TrainerProfile {
                full_name: trainer.profile.full_name.to_string(),
                kind: trainer.profile.kind.to_wire(),
                competences: trainer.profile.competences.iter().map(encode_competence).collect(),
                status: trainer.profile.status.to_wire(),
                lendable_to: trainer.profile.lending.to.iter().map(AgencyCode::name).collect(),
                lendable_to_all: trainer.profile.lending.to_all,
            }),
        }
    }
}

impl Encode<work::Registered> for v1::RegisterTrainerResponse {
    fn encode(answer: work::Registered, _: &Caller) -> Self {
        let registration = answer.registration.map(Choice::to_wire).unwrap_or_default();
        Self { change: Some(answer.change.into()), registration }
    }
}

impl Encode<Unconfirming> for v1::UpdateTrainerResponse {
    fn encode(answer: Unconfirming, _: &Caller) -> Self {
        Self { change: Some(answer.change.into()), unconfirmed: encode::names(&answer.unconfirmed) }
    }
}
