//! RosterService. A nomination is decoded item by item; no answer to a mutation repeats what was sent.

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::{Choice, choice, optional_choice},
    decode::{self, Decode, Parts},
    encode,
};
use crate::{
    domain::{
        Reason, Refusal, Violation, Violations,
        batch::MutationAnswer,
        bounds,
        reason::Language,
        roster::{BATCH_MAX, EnrolmentRef, NamesHidden, RosterPlaces, RosterTotal, TraineeRef, told},
        trainee::{Nik, Record, RegisterNumber},
    },
    exchange::{
        page::Page,
        roster::{
            self as work, EnrolmentAnswer, Nomination, RosterAnswer, SeenEnrolment, SeenRoster, TraineeAnswer,
        },
    },
    proto::v1::{self, roster_service_server::RosterService},
};

impl Decode for v1::NominateTraineesRequest {
    type Work = work::NominateTrainees;

    fn decode(self) -> Result<Self::Work, Refusal> {
        decode::check_size("trainees", self.trainees.len(), BATCH_MAX)?;
        let mut v = Violations::default();
        let programme = v.name("programme", &self.programme);
        let mode = decode::mode(&mut v, self.mode);
        v.take("trainees", bounds::count(self.trainees.len(), 1, BATCH_MAX));
        let items =
            self.trainees.into_iter().enumerate().map(|(index, one)| nomination(index, one)).collect();
        let work = || Some(work::NominateTrainees { programme: programme?, mode: mode?, items });
        v.finish(work())
    }

    fn item_violations(work: &Self::Work) -> Vec<Violation> {
        work.items.iter().filter_map(|item| item.as_ref().err()).flatten().cloned().collect()
    }
}

fn nomination(index: usize, one: v1::Nomination) -> Result<Nomination, Vec<Violation>> {
    let mut v = Violations::default();
    let record = record(&mut v, &format!("trainees[{index}].trainee"), one.trainee);
    let rank = v.take(format!("trainees[{index}].rank"), bounds::within(one.rank, 1, 200));
    let nomination = || Some(Nomination { record: record?, rank: rank? });
    v.finish(nomination()).map_err(|refusal| refusal.violations)
}

fn record(v: &mut Violations, path: &str, profile: Option<v1::TraineeProfile>) -> Option<Record> {
    let profile = v.take(path, profile.ok_or_else(|| Reason::FieldRequired.into()))?;
    let at = |field: &str| format!("{path}.{field}");
    let register = v.take(at("register_number"), RegisterNumber::parse(&profile.register_number));
    let name = v.take(at("full_name"), Record::parse_name(&profile.full_name));
    let nik = v.take(at("nik"), Nik::parse_optional(&profile.nik));
    let education = v.take(at("education_level"), choice(profile.education_level));
    Some(Record { full_name: name?, register_number: register?, nik: nik?, education_level: education? })
}

impl Decode for v1::ListRosterRequest {
    type Work = work::ListRoster;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (std::mem::take(&mut self.page_size), std::mem::take(&mut self.page_token));
        let page = v.page(size, token, self.encode_to_vec());
        let programme = v.name("programme", &self.programme);
        let state = decode::state(&mut v, self.state);
        let work = || Some(work::ListRoster { programme: programme?, state: state?, page: page? });
        v.finish(work())
    }
}

impl Decode for v1::GetEnrolmentRequest {
    type Work = work::GetEnrolment;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.take("name", EnrolmentRef::parse(&self.name));
        v.finish(name.map(|name| work::GetEnrolment { name }))
    }
}

/// References and etags.
fn seen(v: &mut Violations, seen: &[v1::SeenEnrolment]) -> Option<Vec<(EnrolmentRef, String)>> {
    let items = seen.iter().map(|one| (&one.name, &one.etag));
    decode::seen(v, "enrolments", items, BATCH_MAX, EnrolmentRef::parse)
}

impl Decode for v1::WithdrawEnrolmentsRequest {
    type Work = work::WithdrawEnrolments;

    fn decode(self) -> Result<Self::Work, Refusal> {
        decode::check_size("enrolments", self.enrolments.len(), BATCH_MAX)?;
        let mut v = Violations::default();
        let programme = v.name("programme", &self.programme);
        let mode = decode::mode(&mut v, self.mode);
        let items = seen(&mut v, &self.enrolments);
        let work = || Some(work::WithdrawEnrolments { programme: programme?, mode: mode?, items: items? });
        v.finish(work())
    }
}

impl Decode for v1::PromoteEnrolmentsRequest {
    type Work = work::PromoteEnrolments;

    fn decode(self) -> Result<Self::Work, Refusal> {
        decode::check_size("enrolments", self.enrolments.len(), BATCH_MAX)?;
        let mut v = Violations::default();
        let programme = v.name("programme", &self.programme);
        let mode = decode::mode(&mut v, self.mode);
        let items = seen(&mut v, &self.enrolments);
        let out_of_rank = v.take("out_of_rank", optional_choice(self.out_of_rank));
        let work = || {
            let (programme, mode, items, out_of_rank) = (programme?, mode?, items?, out_of_rank?);
            Some(work::PromoteEnrolments { programme, mode, items, out_of_rank })
        };
        v.finish(work())
    }
}

impl Decode for v1::UpdateTraineeRequest {
    type Work = work::UpdateTrainee;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.take("name", TraineeRef::parse(&self.name));
        let etag = v.etag("etag", &self.etag);
        let record = record(&mut v, "profile", self.profile);
        let work = || Some(work::UpdateTrainee { name: name?, etag: etag?, record: record? });
        v.finish(work())
    }
}

macro_rules! of_trainee {
    ($($request:ident $work:ident;)*) => {$(
        impl Decode for v1::$request {
            type Work = work::$work;

            fn decode(self) -> Result<Self::Work, Refusal> {
                let mut v = Violations::default();
                let name = v.take("name", TraineeRef::parse(&self.name));
                let etag = v.etag("etag", &self.etag);
                let work = || Some(work::$work { name: name?, etag: etag? });
                v.finish(work())
            }
        }
    )*};
}

of_trainee! {
    WithholdTraineeRequest WithholdTrainee;
    LiftWithholdingRequest LiftWithholding;
}

impl Decode for v1::GetRosterCountsRequest {
    type Work = work::GetRosterCounts;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (std::mem::take(&mut self.page_size), std::mem::take(&mut self.page_token));
        let page = v.page(size, token, self.encode_to_vec());
        let prison = v.agency("prison", &self.prison);
        let work = || Some(work::GetRosterCounts { prison: prison?, page: page? });
        v.finish(work())
    }
}

fn results(items: &[EnrolmentAnswer], language: Language) -> Vec<v1::EnrolmentResult> {
    let items = items.iter().zip(0..);
    items
        .map(|(item, index)| v1::EnrolmentResult {
            index,
            name: encode::optional(item.name.as_ref()),
            outcome: item.outcome.to_wire(),
            state: item.state.map(Choice::to_wire).unwrap_or_default(),
            etag: item.etag.clone().unwrap_or_default(),
            errors: encode::item_errors(&item.errors, language),
        })
        .collect()
}

fn places(places: RosterPlaces) -> Option<v1::RosterPlaces> {
    let RosterPlaces { capacity, confirmed, waitlisted } = places;
    Some(v1::RosterPlaces { capacity, confirmed, waitlisted })
}

fn enrolment(seen: SeenEnrolment) -> v1::Enrolment {
    let record = seen.record.as_ref();
    let prison_record = seen.prison.zip(record).map(|(prison, record)| v1::PrisonRecord {
        trainee: prison.trainee.to_string(),
        trainee_etag: prison.trainee_etag,
        register_number: record.register_number.as_str().to_owned(),
        nik: record.nik.as_ref().map(|nik| nik.digits().to_owned()).unwrap_or_default(),
        withheld: prison.withheld,
        place: prison.place,
        out_of_rank: prison.out_of_rank.map(Choice::to_wire).unwrap_or_default(),
    });
    v1::Enrolment {
        name: seen.enrolment.reference.to_string(),
        programme: seen.enrolment.programme.to_string(),
        state: seen.enrolment.state.to_wire(),
        full_name: record.map(|record| record.full_name.to_string()).unwrap_or_default(),
        education_level: record.map(|record| record.education_level.to_wire()).unwrap_or_default(),
        etag: seen.etag,
        prison_record,
    }
}

fn hidden(hidden: Option<NamesHidden>) -> i32 {
    hidden.map(Choice::to_wire).unwrap_or_default()
}

fn count(total: &RosterTotal) -> v1::RosterCount {
    v1::RosterCount {
        programme: total.programme.to_string(),
        programme_title: total.title.clone(),
        confirmed: told(total.confirmed),
        waitlisted: told(total.waitlisted),
        left: told(total.left),
    }
}

#[tonic::async_trait]
impl RosterService for Gateway {
    async fn nominate_trainees(
        &self,
        request: Request<v1::NominateTraineesRequest>,
    ) -> Result<Response<v1::NominateTraineesResponse>, Status> {
        let encode = |answer: RosterAnswer, caller: &Caller| v1::NominateTraineesResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            warnings: encode::warnings(&answer.warnings, caller.language),
            places: places(answer.places),
        };
        self.write("RosterService/NominateTrainees", request, encode).await
    }

    async fn list_roster(
        &self,
        request: Request<v1::ListRosterRequest>,
    ) -> Result<Response<v1::ListRosterResponse>, Status> {
        let encode = |roster: SeenRoster, _: &Caller| v1::ListRosterResponse {
            enrolments: roster.page.items.into_iter().map(enrolment).collect(),
            next_page_token: roster.page.next_page_token,
            names_hidden: hidden(roster.hidden),
        };
        self.read("RosterService/ListRoster", request, encode).await
    }

    async fn get_enrolment(
        &self,
        request: Request<v1::GetEnrolmentRequest>,
    ) -> Result<Response<v1::GetEnrolmentResponse>, Status> {
        let encode = |(seen, why): (SeenEnrolment, Option<NamesHidden>), _: &Caller| {
            v1::GetEnrolmentResponse { enrolment: Some(enrolment(seen)), names_hidden: hidden(why) }
        };
        self.read("RosterService/GetEnrolment", request, encode).await
    }

    async fn withdraw_enrolments(
        &self,
        request: Request<v1::WithdrawEnrolmentsRequest>,
    ) -> Result<Response<v1::WithdrawEnrolmentsResponse>, Status> {
        let encode = |answer: RosterAnswer, caller: &Caller| v1::WithdrawEnrolmentsResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            places: places(answer.places),
        };
        self.write("RosterService/WithdrawEnrolments", request, encode).await
    }

    async fn promote_enrolments(
        &self,
        request: Request<v1::PromoteEnrolmentsRequest>,
    ) -> Result<Response<v1::PromoteEnrolmentsResponse>, Status> {
        let encode = |answer: RosterAnswer, caller: &Caller| v1::PromoteEnrolmentsResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            places: places(answer.places),
        };
        self.write("RosterService/PromoteEnrolments", request, encode).await
    }

    async fn update_trainee(
        &self,
        request: Request<v1::UpdateTraineeRequest>,
    ) -> Result<Response<v1::UpdateTraineeResponse>, Status> {
        let encode = |answer: TraineeAnswer, caller: &Caller| v1::UpdateTraineeResponse {
            change: encode::change(answer.change),
            warnings: encode::warnings(&answer.warnings, caller.language),
        };
        self.write("RosterService/UpdateTrainee", request, encode).await
    }

    async fn withhold_trainee(
        &self,
        request: Request<v1::WithholdTraineeRequest>,
    ) -> Result<Response<v1::WithholdTraineeResponse>, Status> {
        let encode = |change: MutationAnswer, _: &Caller| v1::WithholdTraineeResponse {
            change: encode::change(change),
        };
        self.write("RosterService/WithholdTrainee", request, encode).await
    }

    async fn lift_withholding(
        &self,
        request: Request<v1::LiftWithholdingRequest>,
    ) -> Result<Response<v1::LiftWithholdingResponse>, Status> {
        let encode = |change: MutationAnswer, _: &Caller| v1::LiftWithholdingResponse {
            change: encode::change(change),
        };
        self.write("RosterService/LiftWithholding", request, encode).await
    }

    async fn get_roster_counts(
        &self,
        request: Request<v1::GetRosterCountsRequest>,
    ) -> Result<Response<v1::GetRosterCountsResponse>, Status> {
        let encode = |page: Page<RosterTotal>, _: &Caller| v1::GetRosterCountsResponse {
            counts: page.items.iter().map(count).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("RosterService/GetRosterCounts", request, encode).await
    }
}
