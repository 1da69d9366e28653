//! Requests become use cases by parsing: every part that is wrong is noted with its path, and nothing half-parsed
//! goes on. The bounds are those of the contract's annotations; a test drives each of them through here.

use prost::Message;

use super::choice::{choice, optional_choice};
use crate::{
    domain::{
        AgencyCode, Fault, Refusal, Violation, Violations,
        batch::BatchMode,
        bounds,
        field::Field,
        name::{Collection, Name},
        text::Text,
        time,
    },
    exchange::page::{PageRequest, SIZE_DEFAULT, SIZE_MAX},
    proto::v1,
};

/// A request that parses into a use case.
pub(super) trait Decode {
    type Work;
    /// `FIELDS_INVALID` with every violation, or a refusal of the envelope.
    fn decode(self) -> Result<Self::Work, Refusal>;
    /// Violations of single items, which a batch answers one by one instead of refusing the call.
    fn item_violations(_work: &Self::Work) -> Vec<Violation> {
        Vec::new()
    }
}

/// A request that changes something.
pub(super) trait Mutating {
    fn request_id(&mut self) -> &mut String;
    fn validate_only(&self) -> bool;
}

macro_rules! requests {
    (mutations: $($mutation:ident)*; reads: $($read:ident)*) => {
        $(impl Mutating for v1::$mutation {
            fn request_id(&mut self) -> &mut String { &mut self.request_id }
            fn validate_only(&self) -> bool { self.validate_only }
        })*

        /// Every violation of shape in an encoded request, items of batches included; `None` for a message that
        /// is no request. For the test that drives the contract's bounds.
        pub fn check_shape(message: &str, bytes: &[u8]) -> Option<Vec<Violation>> {
            match message {
                $(stringify!($mutation) => Some(shape::<v1::$mutation>(bytes)),)*
                $(stringify!($read) => Some(shape::<v1::$read>(bytes)),)*
                _ => None,
            }
        }
    };
}

requests! {
    mutations: CreateAgencyRequest UpdateAgencyRequest SuspendAgencyRequest ResumeAgencyRequest
        RegisterSystemRequest UpdateSystemRequest ApproveSystemRequest
        CreateInvitationRequest RequestCertificateRequest ApproveCertificateOrderRequest
        RejectCertificateOrderRequest RenewCertificateRequest RevokeCertificatesRequest
        CreateAgreementRequest UpdateAgreementRequest ProposeAgreementRequest AcceptAgreementRequest
        RejectAgreementRequest WithdrawAgreementRequest SuspendAgreementRequest ResumeAgreementRequest
        TerminateAgreementRequest
        CreateProgrammeRequest UpdateProgrammeRequest ApproveProgrammeRequest OpenProgrammeRequest
        CancelProgrammeRequest
        RegisterTrainerRequest UpdateTrainerRequest
        CreateFacilityRequest UpdateFacilityRequest RetireFacilityRequest
        PushScheduleRequest ConfirmSessionsRequest DeclineSessionsRequest CancelSessionsRequest
        AcceptAssignmentsRequest DeclineAssignmentsRequest ClearAssignmentsRequest RefuseClearanceRequest
        WithdrawAssignmentsRequest
        NominateTraineesRequest WithdrawEnrolmentsRequest PromoteEnrolmentsRequest UpdateTraineeRequest
        WithholdTraineeRequest LiftWithholdingRequest;
    reads: GetAgencyRequest ListAgenciesRequest WhoAmIRequest GetCertificateOrderRequest
        ListCertificateOrdersRequest GetCertificateRequest ListCertificatesRequest GetTrustBundleRequest
        GetAuthorityStatusRequest JoinRequest GetAgreementRequest ListAgreementsRequest
        GetProgrammeRequest ListProgrammesRequest GetTrainerRequest ListTrainersRequest
        GetSessionRequest ListSessionsRequest GetTrainerAssignmentRequest ListTrainerAssignmentsRequest
        GetFacilityRequest ListFacilitiesRequest
        ListRosterRequest GetEnrolmentRequest GetRosterCountsRequest
}

fn shape<M: Decode + Message + Default>(bytes: &[u8]) -> Vec<Violation> {
    match <M as Message>::decode(bytes).map(Decode::decode) {
        Ok(Ok(work)) => M::item_violations(&work),
        Ok(Err(refusal)) if refusal.violations.is_empty() => vec![refusal.fault.at("")],
        Ok(Err(refusal)) => refusal.violations,
        Err(_) => vec![Fault::from(crate::domain::Reason::MessageUnreadable).at("")],
    }
}

/// Parsers of parts that many requests have; each notes what is wrong at its field.
pub(super) trait Parts {
    fn name<K: Collection>(&mut self, field: &str, name: &str) -> Option<Name<K>>;
    fn agency(&mut self, field: &str, name: &str) -> Option<AgencyCode>;
    fn optional_agency(&mut self, field: &str, name: &str) -> Option<Option<AgencyCode>>;
    fn optional_name<K: Collection>(&mut self, field: &str, name: &str) -> Option<Option<Name<K>>>;
    fn etag(&mut self, field: &str, etag: &str) -> Option<String>;
    fn note(&mut self, note: &str) -> Option<Text<500>>;
    fn field(&mut self, field: &str, value: Option<v1::Field>) -> Option<Field>;
    fn page(&mut self, size: i32, token: String, filter: Vec<u8>) -> Option<PageRequest>;
    fn time(&mut self, field: &str, at: Option<prost_types::Timestamp>) -> Option<jiff::Timestamp>;
    fn optional_time(
        &mut self,
        field: &str,
        at: Option<prost_types::Timestamp>,
    ) -> Option<Option<jiff::Timestamp>>;
    fn range(
        &mut self,
        start: Option<prost_types::Timestamp>,
        end: Option<prost_types::Timestamp>,
    ) -> Option<(Option<jiff::Timestamp>, Option<jiff::Timestamp>)>;
}

impl Parts for Violations {
    fn name<K: Collection>(&mut self, field: &str, name: &str) -> Option<Name<K>> {
        self.take(field, Name::parse(name))
    }

    fn agency(&mut self, field: &str, name: &str) -> Option<AgencyCode> {
        let required =
            if name.is_empty() { Err(crate::domain::Reason::FieldRequired.into()) } else { Ok(()) };
        self.take(field, required.and_then(|()| AgencyCode::parse_name(name)))
    }

    fn optional_agency(&mut self, field: &str, name: &str) -> Option<Option<AgencyCode>> {
        if name.is_empty() { Some(None) } else { self.agency(field, name).map(Some) }
    }

    fn optional_name<K: Collection>(&mut self, field: &str, name: &str) -> Option<Option<Name<K>>> {
        if name.is_empty() { Some(None) } else { self.name(field, name).map(Some) }
    }

    fn etag(&mut self, field: &str, etag: &str) -> Option<String> {
        self.take(field, Text::<64>::parse(etag)).map(|etag| etag.as_str().to_owned())
    }

    fn note(&mut self, note: &str) -> Option<Text<500>> {
        self.take("note", Text::parse_lines(note))
    }

    fn field(&mut self, field: &str, value: Option<v1::Field>) -> Option<Field> {
        let value = self.take(field, value.ok_or_else(|| crate::domain::Reason::FieldRequired.into()))?;
        let kind = self.take(format!("{field}.kind"), choice(value.kind));
        let label = self.take(format!("{field}.label"), Text::parse_optional(&value.label));
        self.take(format!("{field}.label"), Field::new(kind?, label?))
    }

    fn page(&mut self, size: i32, token: String, filter: Vec<u8>) -> Option<PageRequest> {
        let size = self.take("page_size", bounds::within(size, 0, SIZE_MAX));
        let length = token.chars().count();
        let fits = Fault::from(crate::domain::Reason::FieldTooLong).with("max", 1_000).with("length", length);
        let token = self.take("page_token", if length <= 1_000 { Ok(token) } else { Err(fits) });
        let size = size.map(|size| if size == 0 { SIZE_DEFAULT } else { size });
        Some(PageRequest { size: size?, token: token?, filter })
    }

    fn time(&mut self, field: &str, at: Option<prost_types::Timestamp>) -> Option<jiff::Timestamp> {
        let at = at.ok_or_else(|| crate::domain::Reason::FieldRequired.into());
        self.take(field, at.and_then(|at| time::parse_seconds(at.seconds, at.nanos)))
    }

    fn optional_time(
        &mut self,
        field: &str,
        at: Option<prost_types::Timestamp>,
    ) -> Option<Option<jiff::Timestamp>> {
        if at.is_none() { Some(None) } else { self.time(field, at).map(Some) }
    }

    fn range(
        &mut self,
        start: Option<prost_types::Timestamp>,
        end: Option<prost_types::Timestamp>,
    ) -> Option<(Option<jiff::Timestamp>, Option<jiff::Timestamp>)> {
        let start = self.optional_time("range_start", start);
        let end = self.optional_time("range_end", end);
        let (start, end) = start.zip(end)?;
        if start.zip(end).is_some_and(|(start, end)| end <= start) {
            self.add("range_end", crate::domain::Reason::TimeRangeReversed);
            return None;
        }
        Some((start, end))
    }
}

/// Too large a batch is refused whole, before a thousand violations are made of it.
pub(super) fn check_size(field: &str, count: usize, max: usize) -> Result<(), Refusal> {
    if count <= max {
        return Ok(());
    }
    let large = Fault::from(crate::domain::Reason::BatchTooLarge).with("count", count).with("max", max);
    Err(Refusal { violations: vec![large.clone().at(field)], fault: large })
}

/// Names and etags of the items of a batch at `field`, each at its place.
pub(super) fn seen<'a, N>(
    violations: &mut Violations,
    field: &str,
    items: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
    max: usize,
    parse: impl Fn(&str) -> Result<N, Fault>,
) -> Option<Vec<(N, String)>> {
    violations.take(field, bounds::count(items.len(), 1, max));
    let items = items.enumerate().map(|(index, (name, etag))| {
        let name = violations.take(format!("{field}[{index}].name"), parse(name));
        let etag = violations.etag(&format!("{field}[{index}].etag"), etag);
        name.zip(etag)
    });
    let items: Vec<_> = items.collect();
    items.into_iter().collect()
}

/// ATOMIC, where not stated.
pub(super) fn mode(violations: &mut Violations, value: i32) -> Option<BatchMode> {
    violations.take("mode", optional_choice(value)).map(|mode| mode.unwrap_or(BatchMode::Atomic))
}

/// A filter by state; unset is no filter.
pub(super) fn state<C: super::choice::Choice>(violations: &mut Violations, value: i32) -> Option<Option<C>> {
    violations.take("state", optional_choice(value))
}
