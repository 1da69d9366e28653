//! What all mutations have in common: a `request_id`, `validate_only`, and for changes a name and an etag.
//!
//! Whoever sends many kinds of requests the same way (`cli`, the story in `dev`) goes by these traits.

use prost::{Message, Name};

use crate::proto::v1;

/// A request that changes something. The same `request_id` again gets the first answer again.
pub trait Mutation: Message + Name + Default + Clone {
    /// Sets the caller's UUID.
    fn set_request_id(&mut self, request_id: String);
    /// Asks for a check that stores nothing.
    fn set_validate_only(&mut self);
}

/// A mutation of a resource that was read before.
pub trait Change: Mutation {
    /// The resource's name.
    fn resource(&self) -> &str;
    /// The etag that was read.
    fn etag_mut(&mut self) -> &mut String;
}

/// A mutation of many at once, all or nothing unless it says otherwise.
pub trait Batch: Mutation {
    /// Stores what is good.
    fn set_best_effort(&mut self);
}

macro_rules! mutations {
    ($($request:ident)*) => {$(
        impl Mutation for v1::$request {
            fn set_request_id(&mut self, request_id: String) {
                self.request_id = request_id;
            }

            fn set_validate_only(&mut self) {
                self.validate_only = true;
            }
        }
    )*};
}

macro_rules! changes {
    ($($request:ident)*) => {
        mutations! { $($request)* }
        $(impl Change for v1::$request {
            fn resource(&self) -> &str {
                &self.name
            }

            fn etag_mut(&mut self) -> &mut String {
                &mut self.etag
            }
        })*
    };
}

macro_rules! batches {
    ($($request:ident)*) => {
        mutations! { $($request)* }
        $(impl Batch for v1::$request {
            fn set_best_effort(&mut self) {
                self.set_mode(v1::BatchMode::BestEffort);
            }
        })*
    };
}

mutations! {
    CreateAgencyRequest RegisterSystemRequest CreateAgreementRequest CreateProgrammeRequest
    RegisterTrainerRequest CancelSessionsRequest CreateFacilityRequest
    CreateInvitationRequest RequestCertificateRequest RenewCertificateRequest RevokeCertificatesRequest
}

batches! {
    PushScheduleRequest ConfirmSessionsRequest DeclineSessionsRequest
    AcceptAssignmentsRequest DeclineAssignmentsRequest ClearAssignmentsRequest RefuseClearanceRequest
    WithdrawAssignmentsRequest
    NominateTraineesRequest WithdrawEnrolmentsRequest PromoteEnrolmentsRequest
}

changes! {
    UpdateAgencyRequest SuspendAgencyRequest ResumeAgencyRequest UpdateSystemRequest ApproveSystemRequest
    UpdateAgreementRequest ProposeAgreementRequest AcceptAgreementRequest RejectAgreementRequest
    WithdrawAgreementRequest SuspendAgreementRequest ResumeAgreementRequest TerminateAgreementRequest
    UpdateProgrammeRequest ApproveProgrammeRequest OpenProgrammeRequest CancelProgrammeRequest
    UpdateTrainerRequest UpdateFacilityRequest RetireFacilityRequest
    UpdateTraineeRequest WithholdTraineeRequest LiftWithholdingRequest
    ApproveCertificateOrderRequest RejectCertificateOrderRequest
}
