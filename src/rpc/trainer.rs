//! TrainerService.

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::{Choice, choice, optional_choice},
    decode::{Decode, Parts},
    encode,
};
use crate::{
    domain::{
        Reason, Refusal, Violations, bounds,
        text::Text,
        time::{parse_date, parse_optional_date},
        trainer::{Competence, PersonNumber, Profile, Trainer, TrainerStatus},
    },
    exchange::{facility::Unconfirming, page::Page, trainer as work},
    proto::v1::{self, trainer_service_server::TrainerService},
};

impl Decode for v1::RegisterTrainerRequest {
    type Work = work::RegisterTrainer;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let profile = profile(&mut v, self.profile);
        let number = v.take("person_number", PersonNumber::parse_optional(&self.person_number));
        let work = || Some(work::RegisterTrainer { name: name?, profile: profile?, person_number: number? });
        v.finish(work())
    }
}

impl Decode for v1::UpdateTrainerRequest {
    type Work = work::UpdateTrainer;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let profile = profile(&mut v, self.profile);
        let work = || Some(work::UpdateTrainer { name: name?, etag: etag?, profile: profile? });
        v.finish(work())
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
    Some(Profile {
        full_name: full_name?,
        kind: kind?,
        competences: competences.into_iter().collect::<Option<_>>()?,
        status: status?.unwrap_or(TrainerStatus::Active),
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

impl Decode for v1::GetTrainerRequest {
    type Work = work::GetTrainer;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        v.finish(name.map(|name| work::GetTrainer { name }))
    }
}

impl Decode for v1::ListTrainersRequest {
    type Work = work::ListTrainers;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (std::mem::take(&mut self.page_size), std::mem::take(&mut self.page_token));
        let page = v.page(size, token, self.encode_to_vec());
        let status = v.take("status", optional_choice(self.status));
        let work = || Some(work::ListTrainers { status: status?, page: page? });
        v.finish(work())
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

fn trainer(trainer: Trainer) -> v1::Trainer {
    v1::Trainer {
        name: trainer.name.to_string(),
        etag: trainer.etag(),
        create_time: encode::time(trainer.created_at),
        profile: Some(v1::TrainerProfile {
            full_name: trainer.profile.full_name.to_string(),
            kind: trainer.profile.kind.to_wire(),
            competences: trainer.profile.competences.iter().map(encode_competence).collect(),
            status: trainer.profile.status.to_wire(),
        }),
    }
}

#[tonic::async_trait]
impl TrainerService for Gateway {
    async fn register_trainer(
        &self,
        request: Request<v1::RegisterTrainerRequest>,
    ) -> Result<Response<v1::RegisterTrainerResponse>, Status> {
        let encode = |change, _: &Caller| v1::RegisterTrainerResponse { change: encode::change(change) };
        self.write("TrainerService/RegisterTrainer", request, encode).await
    }

    async fn update_trainer(
        &self,
        request: Request<v1::UpdateTrainerRequest>,
    ) -> Result<Response<v1::UpdateTrainerResponse>, Status> {
        let encode = |answer: Unconfirming, _: &Caller| v1::UpdateTrainerResponse {
            change: encode::change(answer.change),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("TrainerService/UpdateTrainer", request, encode).await
    }

    async fn get_trainer(
        &self,
        request: Request<v1::GetTrainerRequest>,
    ) -> Result<Response<v1::GetTrainerResponse>, Status> {
        let encode = |found, _: &Caller| v1::GetTrainerResponse { trainer: Some(trainer(found)) };
        self.read("TrainerService/GetTrainer", request, encode).await
    }

    async fn list_trainers(
        &self,
        request: Request<v1::ListTrainersRequest>,
    ) -> Result<Response<v1::ListTrainersResponse>, Status> {
        let encode = |page: Page<Trainer>, _: &Caller| v1::ListTrainersResponse {
            trainers: page.items.into_iter().map(trainer).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("TrainerService/ListTrainers", request, encode).await
    }
}
