//! The acts on assignments: six RPCs of one form, so that a test can go over all of them.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState},
};

use crate::{
    cast::{Cast, seen_assignment},
    world::request_id,
};

/// Who may do it stands in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Accept,
    Decline,
    Clear,
    Refuse,
    Withdraw,
    Allow,
}

impl Act {
    pub const ALL: [Self; 6] =
        [Self::Accept, Self::Decline, Self::Clear, Self::Refuse, Self::Withdraw, Self::Allow];

    /// The method as the ledger records it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Accept => "AssignmentService/AcceptAssignments",
            Self::Decline => "AssignmentService/DeclineAssignments",
            Self::Clear => "AssignmentService/ClearAssignments",
            Self::Refuse => "AssignmentService/RefuseClearance",
            Self::Withdraw => "AssignmentService/WithdrawAssignments",
            Self::Allow => "AssignmentService/AllowAssignments",
        }
    }

    /// The state after it.
    pub fn state(self) -> AssignmentState {
        match self {
            Self::Accept => AssignmentState::Accepted,
            Self::Decline => AssignmentState::Declined,
            Self::Clear => AssignmentState::Cleared,
            Self::Refuse => AssignmentState::ClearanceRefused,
            Self::Withdraw | Self::Allow => AssignmentState::Withdrawn,
        }
    }
}

/// What every act is asked with.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    pub request_id: String,
    pub validate_only: bool,
    pub mode: v1::BatchMode,
    pub assignments: Vec<v1::SeenAssignment>,
}

/// ATOMIC, for good.
pub fn ask(assignments: Vec<v1::SeenAssignment>) -> Ask {
    Ask { request_id: request_id(), assignments, ..Ask::default() }
}

/// What every act answers.
pub type Acted = v1::AcceptAssignmentsResponse;

/// Sends it, whatever comes of it.
pub async fn send(client: &Client, act: Act, ask: Ask) -> Result<Acted, tonic::Status> {
    macro_rules! call {
        ($method:ident, $request:ident) => {{
            let request = v1::$request {
                request_id: ask.request_id,
                validate_only: ask.validate_only,
                mode: ask.mode.into(),
                assignments: ask.assignments,
            };
            let answer = client.assignment().$method(request).await?.into_inner();
            Acted {
                outcome: answer.outcome,
                results: answer.results,
                entry: answer.entry,
                unconfirmed: answer.unconfirmed,
                receipt: answer.receipt,
            }
        }};
    }
    Ok(match act {
        Act::Accept => call!(accept_assignments, AcceptAssignmentsRequest),
        Act::Decline => call!(decline_assignments, DeclineAssignmentsRequest),
        Act::Clear => call!(clear_assignments, ClearAssignmentsRequest),
        Act::Refuse => call!(refuse_clearance, RefuseClearanceRequest),
        Act::Withdraw => call!(withdraw_assignments, WithdrawAssignmentsRequest),
        Act::Allow => call!(allow_assignments, AllowAssignmentsRequest),
    })
}

/// Field and reason of every item's errors.
pub fn faults(acted: &Acted) -> Vec<(String, String)> {
    let errors = acted.results.iter().flat_map(|result| &result.errors);
    errors.map(|error| (error.field.clone(), error.reason.clone())).collect()
}

impl Cast {
    /// The assignment of a trainer in a session of BLK's, as the prison sees it.
    pub async fn assignment(&self, uid: &str, trainer: &str) -> v1::TrainerAssignment {
        let mut pulled = self.pull(&self.lapas).await;
        pulled.retain(|one| one.session_uid == uid && one.trainer == trainer);
        assert_eq!(pulled.len(), 1, "{uid} {trainer}: {pulled:?}");
        pulled.remove(0)
    }

    /// The act on one assignment, with the etag that holds.
    pub async fn act(&self, client: &Client, act: Act, uid: &str, trainer: &str) -> Acted {
        let seen = seen_assignment(&self.assignment(uid, trainer).await);
        send(client, act, ask(vec![seen])).await.unwrap()
    }
}
