//! RosterService. A nomination is decoded item by item; no answer to a mutation repeats what was sent.

use super::{
    Caller,
    choice::{Choice, choice, optional_choice},
    decode::{self, Decode, Parts, by_name},
    encode::{self, Encode},
};
use crate::{
    domain::{
        Reason, Violation, Violations, bounds,
        person::Nik,
        roster::{BATCH_MAX, EnrolmentRef, NamesHidden, RosterTotal, told},
        trainee::{Record, RegisterNumber},
    },
    exchange::roster::{
        self as work, ActOnEnrolments, Nomination, RosterAct, SeenEnrolment, SeenRoster, TraineeAnswer,
    },
    proto::{shape::ListPage, v1},
};

impl Decode for v1::NominateTraineesRequest {
    type Work = work::NominateTrainees;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "trainees", self.trainees.len(), BATCH_MAX)?;
        let programme = v.name("programme", &self.programme);
        let mode = decode::mode(v, self.mode);
        v.take("trainees", bounds::count(self.trainees.len(), 1, BATCH_MAX));
        let items =
            self.trainees.into_iter().enumerate().map(|(index, one)| nomination(index, one)).collect();
        Some(work::NominateTrainees { programme: programme?, mode: mode?, items })
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

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let programme = v.name("programme", &self.programme);
        let state = decode::state(v, self.state);
        Some(work::ListRoster { programme: programme?, state: state?, page: page? })
    }
}

by_name! {
    GetEnrolmentRequest => work::GetEnrolment { name };
    WithholdTraineeRequest => work::WithholdTrainee { name, etag };
    LiftWithholdingRequest => work::LiftWithholding { name, etag };
    PlaceLegalHoldRequest => work::PlaceLegalHold { name, etag };
    LiftLegalHoldRequest => work::LiftLegalHold { name, etag };
}

/// Parses references and etags.
fn seen(v: &mut Violations, seen: &[v1::SeenEnrolment]) -> Option<Vec<(EnrolmentRef, String)>> {
    let items = seen.iter().map(|one| (&one.name, &one.etag));
    decode::seen(v, "enrolments", items, BATCH_MAX, EnrolmentRef::parse)
}

impl Decode for v1::WithdrawEnrolmentsRequest {
    type Work = ActOnEnrolments;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "enrolments", self.enrolments.len(), BATCH_MAX)?;
        let programme = v.name("programme", &self.programme);
        let mode = decode::mode(v, self.mode);
        let items = seen(v, &self.enrolments);
        let act = RosterAct::Withdraw;
        Some(ActOnEnrolments { act, programme: programme?, mode: mode?, items: items? })
    }
}

impl Decode for v1::PromoteEnrolmentsRequest {
    type Work = ActOnEnrolments;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "enrolments", self.enrolments.len(), BATCH_MAX)?;
        let programme = v.name("programme", &self.programme);
        let mode = decode::mode(v, self.mode);
        let items = seen(v, &self.enrolments);
        let out_of_rank = v.take("out_of_rank", optional_choice(self.out_of_rank));
        let act = RosterAct::Promote(out_of_rank?);
        Some(ActOnEnrolments { act, programme: programme?, mode: mode?, items: items? })
    }
}

impl Decode for v1::UpdateTraineeRequest {
    type Work = work::UpdateTrainee;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let record = record(v, "profile", self.profile);
        Some(work::UpdateTrainee { name: name?, etag: etag?, record: record? })
    }
}

impl Decode for v1::GetRosterCountsRequest {
    type Work = work::GetRosterCounts;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let prison = v.name("prison", &self.prison);
        Some(work::GetRosterCounts { prison: prison?, page: page? })
    }
}

impl From<SeenEnrolment> for v1::Enrolment {
    fn from(seen: SeenEnrolment) -> Self {
        let record = seen.record.as_ref();
        let nik = || record?.nik.as_ref().map(|nik| nik.digits().to_owned());
        let register = || record.map(|record| record.register_number.as_str().to_owned());
        let prison_record = seen.prison.map(|prison| v1::PrisonRecord {
            trainee: prison.trainee.to_string(),
            erased: prison.trainee_etag.is_none(),
            trainee_etag: prison.trainee_etag.unwrap_or_default(),
            register_number: register().unwrap_or_default(),
            nik: nik().unwrap_or_default(),
            withheld: prison.withheld,
            legal_hold: prison.held,
            place: prison.place,
            out_of_rank: prison.out_of_rank.map(Choice::to_wire).unwrap_or_default(),
        });
        Self {
            name: seen.enrolment.reference.to_string(),
            programme: seen.enrolment.programme.to_string(),
            state: seen.enrolment.state.to_wire(),
            full_name: record.map(|record| record.full_name.to_string()).unwrap_or_default(),
            education_level: record.map(|record| record.education_level.to_wire()).unwrap_or_default(),
            etag: seen.etag,
            prison_record,
        }
    }
}

fn hidden(hidden: Option<NamesHidden>) -> i32 {
    hidden.map(Choice::to_wire).unwrap_or_default()
}

impl From<RosterTotal> for v1::RosterCount {
    fn from(total: RosterTotal) -> Self {
        Self {
            programme: total.programme.to_string(),
            programme_title: total.title,
            confirmed: told(total.confirmed),
            waitlisted: told(total.waitlisted),
            left: told(total.left),
        }
    }
}

impl Encode<SeenRoster> for v1::ListRosterResponse {
    fn encode(roster: SeenRoster, _: &Caller) -> Self {
        let page = ListPage::from(roster.page);
        Self {
            enrolments: page.items,
            next_page_token: page.next_page_token,
            names_hidden: hidden(roster.hidden),
        }
    }
}

impl Encode<work::FoundEnrolment> for v1::GetEnrolmentResponse {
    fn encode(found: work::FoundEnrolment, _: &Caller) -> Self {
        Self { enrolment: Some(found.enrolment.into()), names_hidden: hidden(found.hidden) }
    }
}

impl Encode<TraineeAnswer> for v1::UpdateTraineeResponse {
    fn encode(answer: TraineeAnswer, caller: &Caller) -> Self {
        Self {
            warnings: encode::warnings(&answer.warnings, caller.language),
            change: Some(answer.change.into()),
        }
    }
}
