//! AssignmentService.

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::{Choice, optional_choice},
    decode::{self, Decode, Parts},
    encode,
    trainer::encode_competence,
};
use crate::{
    domain::{
        Refusal, Violations,
        assignment::{Act, Assignment, AssignmentFilter},
        name,
        reason::Language,
    },
    exchange::{
        assignment::{self as work, AssignmentAnswer, AssignmentsAnswer},
        page::Page,
    },
    proto::v1::{self, assignment_service_server::AssignmentService},
};

/// Most assignments of a batch.
const ACT_MAX: usize = 1_000;

impl Decode for v1::GetTrainerAssignmentRequest {
    type Work = work::GetAssignment;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let id = v.take("name", name::parse_assignment(&self.name));
        v.finish(id.map(|id| work::GetAssignment { id }))
    }
}

impl Decode for v1::ListTrainerAssignmentsRequest {
    type Work = work::ListAssignments;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (std::mem::take(&mut self.page_size), std::mem::take(&mut self.page_token));
        let page = v.page(size, token, self.encode_to_vec());
        let range = v.range(self.range_start, self.range_end);
        let state = decode::state(&mut v, self.state);
        let trainer_agency = v.optional_agency("trainer_agency", &self.trainer_agency);
        let facility = v.optional_name("facility", &self.facility);
        let clearance = v.take("clearance", optional_choice(self.clearance));
        let work = || {
            let (range_start, range_end) = range?;
            let filter = AssignmentFilter {
                id: None,
                state: state?,
                trainer_agency: trainer_agency?,
                range_start,
                range_end,
                facility: facility?,
                clearance: clearance?,
            };
            Some(work::ListAssignments { filter, page: page? })
        };
        v.finish(work())
    }
}

macro_rules! acts {
    ($($request:ident $act:ident;)*) => {$(
        impl Decode for v1::$request {
            type Work = work::ActOnAssignments;

            fn decode(self) -> Result<Self::Work, Refusal> {
                act(Act::$act, self.mode, &self.assignments)
            }
        }
    )*};
}

acts! {
    AcceptAssignmentsRequest Accept;
    DeclineAssignmentsRequest Decline;
    ClearAssignmentsRequest Clear;
    RefuseClearanceRequest RefuseClearance;
    WithdrawAssignmentsRequest Withdraw;
}

fn act(act: Act, mode: i32, seen: &[v1::SeenAssignment]) -> Result<work::ActOnAssignments, Refusal> {
    decode::check_size("assignments", seen.len(), ACT_MAX)?;
    let mut v = Violations::default();
    let mode = decode::mode(&mut v, mode);
    let items = seen.iter().map(|one| (&one.name, &one.etag));
    let items = decode::seen(&mut v, "assignments", items, ACT_MAX, name::parse_assignment);
    let work = || Some(work::ActOnAssignments { act, items: items?, mode: mode? });
    v.finish(work())
}

fn results(items: &[AssignmentAnswer], language: Language) -> Vec<v1::AssignmentResult> {
    let items = items.iter().zip(0..);
    items
        .map(|(item, index)| v1::AssignmentResult {
            index,
            name: format!("assignments/{}", item.id),
            outcome: item.outcome.to_wire(),
            state: item.state.map(Choice::to_wire).unwrap_or_default(),
            etag: item.etag.clone().unwrap_or_default(),
            errors: encode::item_errors(&item.errors, language),
        })
        .collect()
}

fn assignment(assignment: Assignment) -> v1::TrainerAssignment {
    v1::TrainerAssignment {
        name: assignment.name(),
        session: assignment.session.to_string(),
        session_uid: assignment.session.id.clone(),
        starts_at: encode::time(assignment.when.start),
        ends_at: encode::time(assignment.when.end),
        time_zone: assignment.zone.name().to_owned(),
        programme_title: assignment.programme_title.to_string(),
        topic: assignment.topic.to_string(),
        trainer: assignment.trainer.to_string(),
        trainer_display_name: assignment.trainer_display_name.to_string(),
        trainer_agency: assignment.trainer.agency.name(),
        competences: assignment.competences.iter().map(encode_competence).collect(),
        role: assignment.role.to_wire(),
        state: assignment.state.to_wire(),
        etag: assignment.etag(),
        facility: encode::optional(assignment.facility.as_ref()),
        session_state: assignment.session_state.map(Choice::to_wire).unwrap_or_default(),
    }
}

#[tonic::async_trait]
impl AssignmentService for Gateway {
    async fn get_trainer_assignment(
        &self,
        request: Request<v1::GetTrainerAssignmentRequest>,
    ) -> Result<Response<v1::GetTrainerAssignmentResponse>, Status> {
        let encode =
            |found, _: &Caller| v1::GetTrainerAssignmentResponse { assignment: Some(assignment(found)) };
        self.read("AssignmentService/GetTrainerAssignment", request, encode).await
    }

    async fn list_trainer_assignments(
        &self,
        request: Request<v1::ListTrainerAssignmentsRequest>,
    ) -> Result<Response<v1::ListTrainerAssignmentsResponse>, Status> {
        let encode = |page: Page<Assignment>, _: &Caller| v1::ListTrainerAssignmentsResponse {
            assignments: page.items.into_iter().map(assignment).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("AssignmentService/ListTrainerAssignments", request, encode).await
    }

    async fn accept_assignments(
        &self,
        request: Request<v1::AcceptAssignmentsRequest>,
    ) -> Result<Response<v1::AcceptAssignmentsResponse>, Status> {
        let encode = |answer: AssignmentsAnswer, caller: &Caller| v1::AcceptAssignmentsResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("AssignmentService/AcceptAssignments", request, encode).await
    }

    async fn decline_assignments(
        &self,
        request: Request<v1::DeclineAssignmentsRequest>,
    ) -> Result<Response<v1::DeclineAssignmentsResponse>, Status> {
        let encode = |answer: AssignmentsAnswer, caller: &Caller| v1::DeclineAssignmentsResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("AssignmentService/DeclineAssignments", request, encode).await
    }

    async fn clear_assignments(
        &self,
        request: Request<v1::ClearAssignmentsRequest>,
    ) -> Result<Response<v1::ClearAssignmentsResponse>, Status> {
        let encode = |answer: AssignmentsAnswer, caller: &Caller| v1::ClearAssignmentsResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("AssignmentService/ClearAssignments", request, encode).await
    }

    async fn refuse_clearance(
        &self,
        request: Request<v1::RefuseClearanceRequest>,
    ) -> Result<Response<v1::RefuseClearanceResponse>, Status> {
        let encode = |answer: AssignmentsAnswer, caller: &Caller| v1::RefuseClearanceResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("AssignmentService/RefuseClearance", request, encode).await
    }

    async fn withdraw_assignments(
        &self,
        request: Request<v1::WithdrawAssignmentsRequest>,
    ) -> Result<Response<v1::WithdrawAssignmentsResponse>, Status> {
        let encode = |answer: AssignmentsAnswer, caller: &Caller| v1::WithdrawAssignmentsResponse {
            outcome: answer.outcome.to_wire(),
            results: results(&answer.items, caller.language),
            entry: encode::optional(answer.entry.as_ref()),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("AssignmentService/WithdrawAssignments", request, encode).await
    }
}
