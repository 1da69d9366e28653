//! Enums of the contract and of the domain. They have the same values under the same words; the contract's carry
//! their type's name in front, and a first value that says nothing.

use crate::{
    domain::{
        Fault, Reason,
        access::{DataKind, Role},
        agency::{AgencyKind, AgencyState, AgencyTier},
        agreement::{AgreementKind, AgreementState, Binding, Nature},
        assignment::{AssignmentState, Clearance, ClearanceStep},
        batch::{BatchMode, BatchOutcome, ItemOutcome},
        certificate::{AuthorityKind, CertificateState, OrderState, RevocationReason, Way},
        change::{Effect, Moment, ResourceKind},
        claim::ClaimState,
        facility::{FacilityKind, FacilityStatus},
        field::FieldKind,
        programme::ProgrammeState,
        remark::RemarkAct,
        roster::{EnrolmentState, NamesHidden, PromotionReason},
        schedule::SessionState,
        term::DurationClass,
        trainee::EducationLevel,
        trainer::{RegistrationState, TrainerKind, TrainerRole, TrainerStatus},
    },
    ledger::{ChangeKind, DisclosedField},
    proto::v1,
};

/// A closed set of words on both sides of the wire.
pub(super) trait Choice: Copy {
    fn from_wire(value: i32) -> Option<Self>;
    fn to_wire(self) -> i32;
}

macro_rules! choices {
    ($($domain:ident $wire:ident $prefix:literal;)*) => {
        $(impl Choice for $domain {
            fn from_wire(value: i32) -> Option<Self> {
                let name = v1::$wire::try_from(value).ok()?.as_str_name();
                Self::from_text(name.strip_prefix($prefix)?)
            }
            fn to_wire(self) -> i32 {
                v1::$wire::from_str_name(&format!("{}{self}", $prefix)).map_or(0, |value| value as i32)
            }
        })*

        #[cfg(test)]
        #[test]
        fn both_sides_have_the_same_words() {
            $(
                for value in $domain::ALL {
                    assert_ne!(value.to_wire(), 0, "{value:?}");
                    assert_eq!($domain::from_wire(value.to_wire()), Some(*value));
                }
                let wire = (1..).take_while(|value| v1::$wire::try_from(*value).is_ok()).count();
                assert_eq!(wire, $domain::ALL.len(), stringify!($domain));
            )*
        }
    };
}

choices! {
    AgencyKind AgencyKind "AGENCY_KIND_";
    AgencyTier AgencyTier "AGENCY_TIER_";
    AgencyState AgencyState "AGENCY_STATE_";
    Role Role "ROLE_";
    DataKind DataKind "DATA_KIND_";
    AgreementKind AgreementKind "AGREEMENT_KIND_";
    AgreementState AgreementState "AGREEMENT_STATE_";
    Binding AgreementBinding "AGREEMENT_BINDING_";
    Nature AgreementNature "AGREEMENT_NATURE_";
    DurationClass DurationClass "DURATION_CLASS_";
    FieldKind FieldKind "FIELD_KIND_";
    ProgrammeState ProgrammeState "PROGRAMME_STATE_";
    TrainerKind TrainerKind "TRAINER_KIND_";
    TrainerStatus TrainerStatus "TRAINER_STATUS_";
    TrainerRole TrainerRole "TRAINER_ROLE_";
    RegistrationState TrainerRegistration "TRAINER_REGISTRATION_";
    ClaimState TrainerClaimState "TRAINER_CLAIM_STATE_";
    SessionState SessionState "SESSION_STATE_";
    AssignmentState AssignmentState "ASSIGNMENT_STATE_";
    Clearance Clearance "CLEARANCE_";
    ClearanceStep ClearanceStep "CLEARANCE_STEP_";
    EducationLevel EducationLevel "EDUCATION_LEVEL_";
    EnrolmentState EnrolmentState "ENROLMENT_STATE_";
    NamesHidden NamesHidden "NAMES_HIDDEN_";
    PromotionReason PromotionReason "PROMOTION_REASON_";
    AuthorityKind AuthorityKind "AUTHORITY_KIND_";
    CertificateState CertificateState "CERTIFICATE_STATE_";
    OrderState CertificateOrderState "CERTIFICATE_ORDER_STATE_";
    RevocationReason RevocationReason "REVOCATION_REASON_";
    Way CertificateOrderWay "CERTIFICATE_ORDER_WAY_";
    FacilityKind FacilityKind "FACILITY_KIND_";
    FacilityStatus FacilityStatus "FACILITY_STATUS_";
    BatchMode BatchMode "BATCH_MODE_";
    BatchOutcome BatchOutcome "BATCH_OUTCOME_";
    ItemOutcome ItemOutcome "ITEM_OUTCOME_";
    RemarkAct RemarkAct "REMARK_ACT_";
    Effect ChangeEffect "CHANGE_EFFECT_";
    Moment ChangeMoment "CHANGE_MOMENT_";
    ResourceKind ResourceKind "RESOURCE_KIND_";
    DisclosedField DisclosedField "DISCLOSED_FIELD_";
    ChangeKind LineKind "LINE_KIND_";
}

/// Parses the number of an enum: `FIELD_REQUIRED` for the first value, `FIELD_UNKNOWN_VALUE` for one that the contract
/// does not list.
pub(super) fn choice<C: Choice>(value: i32) -> Result<C, Fault> {
    if value == 0 {
        Err(Reason::FieldRequired.into())
    } else {
        C::from_wire(value).ok_or_else(|| Reason::FieldUnknownValue.into())
    }
}

/// Parses as [`choice`] does; the first value gives `None`.
pub(super) fn optional_choice<C: Choice>(value: i32) -> Result<Option<C>, Fault> {
    if value == 0 { Ok(None) } else { choice(value).map(Some) }
}
