//! AssignmentService.

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::Choice,
    decode::{self, Decode, Parts},
    encode,
    trainer::encode_competence,
};
use crate::{
    domain::{Reason, Refusal, Violations, assignment::Assignment, name},
    exchange::{assignment as work, page::Page},
    proto::v1::{self, assignment_service_server::AssignmentService},
    store::assignment::Filter,
};

impl Decode for v1::GetTrainerAssignmentRequest {
    type Work = work::GetAssignment;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let id = if self.name.is_empty() {
            Err(Reason::FieldRequired.into())
        } else {
            name::parse_assignment(&self.name)
        };
        let id = v.take("name", id);
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
        let work = || {
            let (range_start, range_end) = range?;
            let filter =
                Filter { id: None, state: state?, trainer_agency: trainer_agency?, range_start, range_end };
            Some(work::ListAssignments { filter, page: page? })
        };
        v.finish(work())
    }
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
}
