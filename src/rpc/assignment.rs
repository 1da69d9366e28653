//! AssignmentService.

use std::mem::take;

use super::{
    Caller,
    choice::{Choice, optional_choice},
    decode::{self, Decode, Parts},
    encode::{self, Encode},
    trainer::encode_competence,
};
use crate::{
    domain::{
        Violations,
        assignment::{Act, Assignment, AssignmentFilter},
        name,
        time::Interval,
    },
    exchange::{assignment as work, page::PageEtag},
    proto::{shape::ListPage, v1},
};

/// The assignments of a batch at most.
const ACT_MAX: usize = 1_000;

impl Decode for v1::GetTrainerAssignmentRequest {
    type Work = work::GetAssignment;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let id = v.take("name", name::parse_assignment(&self.name));
        id.map(|id| work::GetAssignment { id })
    }
}

impl Decode for v1::ListTrainerAssignmentsRequest {
    type Work = work::ListAssignments;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        // No filter: the tokens of a page are good with any etag.
        let if_none_match = v.opaque("if_none_match", take(&mut self.if_none_match), 64);
        let page = v.page(&mut self);
        let range = v.range(self.range_start, self.range_end);
        let state = decode::state(v, self.state);
        let trainer_agency = v.optional_name("trainer_agency", &self.trainer_agency);
        let facility = v.optional_name("facility", &self.facility);
        let clearance = v.take("clearance", optional_choice(self.clearance));
        let (range_start, range_end) = range?;
        let filter = AssignmentFilter {
            state: state?,
            trainer_agency: trainer_agency?,
            range_start,
            range_end,
            facility: facility?,
            clearance: clearance?,
        };
        let if_none_match = PageEtag::parse(&if_none_match?);
        Some(work::ListAssignments { filter, page: page?, if_none_match })
    }
}

impl Encode<work::AssignmentPage> for v1::ListTrainerAssignmentsResponse {
    fn encode(answer: work::AssignmentPage, _: &Caller) -> Self {
        let ListPage { items, next_page_token } = answer.page.into();
        let etag = answer.etag.map(PageEtag::to_text).unwrap_or_default();
        Self { assignments: items, next_page_token, etag, unchanged: answer.unchanged }
    }
}

/// Acts on assignments, each an RPC of its own.
macro_rules! acts {
    ($($request:ident $act:ident;)*) => {$(
        impl Decode for v1::$request {
            type Work = work::ActOnAssignments;

            fn decode(self, v: &mut Violations) -> Option<Self::Work> {
                decode::check_size(v, "assignments", self.assignments.len(), ACT_MAX)?;
                let mode = decode::mode(v, self.mode);
                let items = self.assignments.iter().map(|one| (&one.name, &one.etag));
                let items = decode::seen(v, "assignments", items, ACT_MAX, name::parse_assignment);
                Some(work::ActOnAssignments { act: Act::$act, items: items?, mode: mode? })
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
    AllowAssignmentsRequest Allow;
}

fn time_range(range: &Interval) -> v1::TimeRange {
    v1::TimeRange { starts_at: encode::time(range.start), ends_at: encode::time(range.end) }
}

impl From<Assignment> for v1::TrainerAssignment {
    fn from(assignment: Assignment) -> Self {
        Self {
            name: assignment.name(),
            missing: assignment.missing().into_iter().map(Choice::to_wire).collect(),
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
            facility_display_name: assignment.facility_display_name.to_string(),
            session_state: assignment.session_state.map(Choice::to_wire).unwrap_or_default(),
            overlaps: assignment.overlaps.iter().map(time_range).collect(),
        }
    }
}
