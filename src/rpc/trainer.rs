//! TrainerService.

use super::{
    Caller,
    choice::{Choice, choice, optional_choice},
    decode::{Decode, Parts, by_name},
    encode::{self, Encode},
};
use crate::{
    domain::{
        AgencyCode, Reason, Violations, bounds,
        text::Text,
        time::{parse_date, parse_optional_date},
        trainer::{Competence, Lending, PersonNumber, Profile, Trainer, TrainerStatus},
    },
    exchange::{facility::Unconfirming, trainer as work},
    proto::v1,
};

impl Decode for v1::RegisterTrainerRequest {
    type Work = work::RegisterTrainer;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let profile = profile(v, self.profile);
        let number = v.take("person_number", PersonNumber::parse_optional(&self.person_number));
        Some(work::RegisterTrainer { name: name?, profile: profile?, person_number: number? })
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

impl Encode<Unconfirming> for v1::UpdateTrainerResponse {
    fn encode(answer: Unconfirming, _: &Caller) -> Self {
        Self { change: Some(answer.change.into()), unconfirmed: encode::names(&answer.unconfirmed) }
    }
}
