//! ProgrammeService.

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::Choice,
    decode::{self, Decode, Parts},
    encode, schedule,
};
use crate::{
    domain::{
        Reason, Refusal, Violations, bounds,
        programme::{Plan, Programme, ProgrammeFilter, Unit},
        text::Text,
    },
    exchange::{
        page::Page,
        programme::{self as work, ProgrammeAnswer},
    },
    proto::v1::{self, programme_service_server::ProgrammeService},
};

const LESSON_MINUTES_DEFAULT: i32 = 45;
const ATTENDANCE_PCT_DEFAULT: i32 = 80;

impl Decode for v1::CreateProgrammeRequest {
    type Work = work::CreateProgramme;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let agreement = v.name("agreement", &self.agreement);
        let plan = plan(&mut v, self.plan);
        let work = || Some(work::CreateProgramme { name: name?, agreement: agreement?, plan: plan? });
        v.finish(work())
    }
}

impl Decode for v1::UpdateProgrammeRequest {
    type Work = work::UpdateProgramme;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let plan = plan(&mut v, self.plan);
        let work = || Some(work::UpdateProgramme { name: name?, etag: etag?, plan: plan? });
        v.finish(work())
    }
}

fn plan(v: &mut Violations, plan: Option<v1::ProgrammePlan>) -> Option<Plan> {
    let plan = v.take("plan", plan.ok_or_else(|| Reason::FieldRequired.into()))?;
    let or = |value: i32, default| if value == 0 { default } else { value };
    let title = v.take("plan.title", Text::parse(&plan.title));
    let field = v.field("plan.field", plan.field);
    let year = v.take("plan.year", bounds::within(plan.year, 2000, 2100));
    let lesson_minutes = v.take("plan.lesson_minutes", bounds::within(plan.lesson_minutes, 0, 180));
    let attendance = v.take("plan.attendance_pct_min", bounds::within(plan.attendance_pct_min, 0, 100));
    let capacity = v.take("plan.capacity", bounds::within(plan.capacity, 1, 500));
    v.take("plan.units", bounds::count(plan.units.len(), 1, 100));
    let units: Vec<_> =
        plan.units.iter().enumerate().map(|(index, unit)| self::unit(v, index, unit)).collect();
    Some(Plan {
        title: title?,
        field: field?,
        year: year?,
        lesson_minutes: or(lesson_minutes?, LESSON_MINUTES_DEFAULT),
        units: units.into_iter().collect::<Option<_>>()?,
        attendance_pct_min: or(attendance?, ATTENDANCE_PCT_DEFAULT),
        capacity: capacity?,
    })
}

fn unit(v: &mut Violations, index: usize, unit: &v1::ProgrammeUnit) -> Option<Unit> {
    let at = |field: &str| format!("plan.units[{index}].{field}");
    let skkni_code = v.take(at("skkni_code"), Text::parse_optional(&unit.skkni_code));
    let title = v.take(at("title"), Text::parse(&unit.title));
    let lessons = v.take(at("lessons"), bounds::within(unit.lessons, 1, 2_000));
    Some(Unit { skkni_code: skkni_code?, title: title?, lessons: lessons? })
}

impl Decode for v1::ApproveProgrammeRequest {
    type Work = work::ApproveProgramme;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let work = || Some(work::ApproveProgramme { name: name?, etag: etag? });
        v.finish(work())
    }
}

impl Decode for v1::OpenProgrammeRequest {
    type Work = work::OpenProgramme;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let work = || Some(work::OpenProgramme { name: name?, etag: etag? });
        v.finish(work())
    }
}

impl Decode for v1::CancelProgrammeRequest {
    type Work = work::CancelProgramme;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        // It becomes the note of every session that is cancelled with the programme.
        let note = schedule::note(&mut v, &self.note);
        let work = || Some(work::CancelProgramme { name: name?, etag: etag?, note: note? });
        v.finish(work())
    }
}

impl Decode for v1::GetProgrammeRequest {
    type Work = work::GetProgramme;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        v.finish(name.map(|name| work::GetProgramme { name }))
    }
}

impl Decode for v1::ListProgrammesRequest {
    type Work = work::ListProgrammes;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (std::mem::take(&mut self.page_size), std::mem::take(&mut self.page_token));
        let page = v.page(size, token, self.encode_to_vec());
        let state = decode::state(&mut v, self.state);
        let lead = v.optional_agency("lead", &self.lead);
        let work = || {
            Some(work::ListProgrammes { filter: ProgrammeFilter { state: state?, lead: lead? }, page: page? })
        };
        v.finish(work())
    }
}

fn programme(programme: Programme) -> v1::Programme {
    let plan = &programme.plan;
    v1::Programme {
        name: programme.name.to_string(),
        agreement: programme.agreement.to_string(),
        prison: programme.prison.name(),
        total_minutes: plan.total_minutes(),
        state: programme.state.to_wire(),
        etag: programme.etag(),
        create_time: encode::time(programme.created_at),
        plan: Some(v1::ProgrammePlan {
            title: plan.title.to_string(),
            field: Some(encode::field(&plan.field)),
            year: plan.year,
            lesson_minutes: plan.lesson_minutes,
            units: plan
                .units
                .iter()
                .map(|unit| v1::ProgrammeUnit {
                    skkni_code: encode::optional(unit.skkni_code.as_ref()),
                    title: unit.title.to_string(),
                    lessons: unit.lessons,
                })
                .collect(),
            attendance_pct_min: plan.attendance_pct_min,
            capacity: plan.capacity,
        }),
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[tonic::async_trait]
impl ProgrammeService for Gateway {
    async fn create_programme(
        &self,
        request: Request<v1::CreateProgrammeRequest>,
    ) -> Result<Response<v1::CreateProgrammeResponse>, Status> {
        let encode = |answer: ProgrammeAnswer, _: &Caller| v1::CreateProgrammeResponse {
            state: answer.state.to_wire(),
            change: encode::change(answer.change),
        };
        self.write("ProgrammeService/CreateProgramme", request, encode).await
    }

    async fn update_programme(
        &self,
        request: Request<v1::UpdateProgrammeRequest>,
    ) -> Result<Response<v1::UpdateProgrammeResponse>, Status> {
        let encode = |answer: ProgrammeAnswer, _: &Caller| v1::UpdateProgrammeResponse {
            state: answer.state.to_wire(),
            change: encode::change(answer.change),
        };
        self.write("ProgrammeService/UpdateProgramme", request, encode).await
    }

    async fn approve_programme(
        &self,
        request: Request<v1::ApproveProgrammeRequest>,
    ) -> Result<Response<v1::ApproveProgrammeResponse>, Status> {
        let encode = |answer: ProgrammeAnswer, _: &Caller| v1::ApproveProgrammeResponse {
            state: answer.state.to_wire(),
            change: encode::change(answer.change),
        };
        self.write("ProgrammeService/ApproveProgramme", request, encode).await
    }

    async fn open_programme(
        &self,
        request: Request<v1::OpenProgrammeRequest>,
    ) -> Result<Response<v1::OpenProgrammeResponse>, Status> {
        let encode = |answer: ProgrammeAnswer, _: &Caller| v1::OpenProgrammeResponse {
            state: answer.state.to_wire(),
            change: encode::change(answer.change),
        };
        self.write("ProgrammeService/OpenProgramme", request, encode).await
    }

    async fn cancel_programme(
        &self,
        request: Request<v1::CancelProgrammeRequest>,
    ) -> Result<Response<v1::CancelProgrammeResponse>, Status> {
        let encode = |answer: ProgrammeAnswer, _: &Caller| v1::CancelProgrammeResponse {
            state: answer.state.to_wire(),
            sessions_cancelled: count(answer.sessions_cancelled),
            assignments_withdrawn: count(answer.assignments_withdrawn),
            change: encode::change(answer.change),
        };
        self.write("ProgrammeService/CancelProgramme", request, encode).await
    }

    async fn get_programme(
        &self,
        request: Request<v1::GetProgrammeRequest>,
    ) -> Result<Response<v1::GetProgrammeResponse>, Status> {
        let encode = |found, _: &Caller| v1::GetProgrammeResponse { programme: Some(programme(found)) };
        self.read("ProgrammeService/GetProgramme", request, encode).await
    }

    async fn list_programmes(
        &self,
        request: Request<v1::ListProgrammesRequest>,
    ) -> Result<Response<v1::ListProgrammesResponse>, Status> {
        let encode = |page: Page<Programme>, _: &Caller| v1::ListProgrammesResponse {
            programmes: page.items.into_iter().map(programme).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("ProgrammeService/ListProgrammes", request, encode).await
    }
}
