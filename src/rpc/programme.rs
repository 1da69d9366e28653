//! ProgrammeService.

use super::{
    Caller,
    choice::Choice,
    decode::{self, Decode, Parts, by_name},
    encode::{self, Encode},
    schedule,
};
use crate::{
    domain::{
        Reason, Violations, bounds,
        programme::{Plan, Programme, ProgrammeFilter, Unit},
        text::Text,
    },
    exchange::programme::{self as work, ProgrammeAnswer},
    proto::{shape::StateChange, v1},
};

const LESSON_MINUTES_DEFAULT: i32 = 45;
const ATTENDANCE_PCT_DEFAULT: i32 = 80;

impl Decode for v1::CreateProgrammeRequest {
    type Work = work::CreateProgramme;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let agreement = v.name("agreement", &self.agreement);
        let plan = plan(v, self.plan);
        Some(work::CreateProgramme { name: name?, agreement: agreement?, plan: plan? })
    }
}

impl Decode for v1::UpdateProgrammeRequest {
    type Work = work::UpdateProgramme;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let plan = plan(v, self.plan);
        let agreement = v.optional_name("agreement", &self.agreement);
        Some(work::UpdateProgramme { name: name?, etag: etag?, plan: plan?, agreement: agreement? })
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

impl Decode for v1::CancelProgrammeRequest {
    type Work = work::CancelProgramme;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        // It becomes the note of every session that is cancelled with the programme.
        let note = schedule::note(v, &self.note);
        Some(work::CancelProgramme { name: name?, etag: etag?, note: note? })
    }
}

by_name! {
    ApproveProgrammeRequest => work::ApproveProgramme { name, etag };
    OpenProgrammeRequest => work::OpenProgramme { name, etag };
    GetProgrammeRequest => work::GetProgramme { name };
}

impl Decode for v1::ListProgrammesRequest {
    type Work = work::ListProgrammes;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let state = decode::state(v, self.state);
        let lead = v.optional_name("lead", &self.lead);
        Some(work::ListProgrammes { filter: ProgrammeFilter { state: state?, lead: lead? }, page: page? })
    }
}

impl From<Programme> for v1::Programme {
    fn from(programme: Programme) -> Self {
        let plan = &programme.plan;
        let units = plan.units.iter().map(|unit| v1::ProgrammeUnit {
            skkni_code: encode::optional(unit.skkni_code.as_ref()),
            title: unit.title.to_string(),
            lessons: unit.lessons,
        });
        Self {
            name: programme.name.to_string(),
            agreement: programme.agreement.to_string(),
            prison: programme.prison.name(),
            total_minutes: plan.total_minutes(),
            state: programme.state.to_wire(),
            etag: programme.etag(),
            create_time: encode::time(programme.created_at),
            remarks: encode::remarks(&programme.remark),
            plan: Some(v1::ProgrammePlan {
                title: plan.title.to_string(),
                field: Some(encode::field(&plan.field)),
                year: plan.year,
                lesson_minutes: plan.lesson_minutes,
                units: units.collect(),
                attendance_pct_min: plan.attendance_pct_min,
                capacity: plan.capacity,
            }),
        }
    }
}

impl From<ProgrammeAnswer> for StateChange {
    fn from(answer: ProgrammeAnswer) -> Self {
        Self::new(answer.change, answer.state)
    }
}

/// Encodes answers with warnings about the programme's agreement.
macro_rules! warned {
    ($($response:ident)*) => {$(
        impl Encode<ProgrammeAnswer> for v1::$response {
            fn encode(answer: ProgrammeAnswer, caller: &Caller) -> Self {
                Self {
                    state: answer.state.to_wire(),
                    warnings: encode::warnings(&answer.warnings, caller.language),
                    change: Some(answer.change.into()),
                }
            }
        }
    )*};
}

warned! { CreateProgrammeResponse UpdateProgrammeResponse ApproveProgrammeResponse }

impl Encode<ProgrammeAnswer> for v1::CancelProgrammeResponse {
    fn encode(answer: ProgrammeAnswer, _: &Caller) -> Self {
        Self {
            state: answer.state.to_wire(),
            sessions_cancelled: encode::count(answer.sessions_cancelled),
            assignments_withdrawn: encode::count(answer.assignments_withdrawn),
            change: Some(answer.change.into()),
        }
    }
}
