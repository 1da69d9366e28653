//! AgreementService.

use super::{
    Caller,
    choice::{Choice, choice, optional_choice},
    decode::{self, Decode, Parts, by_name},
    encode::{self, Encode},
};
use crate::{
    domain::{
        AgencyCode, Reason, Violations,
        access::DataKind,
        agreement::{Agreement, AgreementFilter, DataAnnex, Party, Terms},
        bounds,
        name::AgreementName,
        term::{End, Term},
        text::Text,
        time::{AsOf, Zone, parse_date},
        words,
    },
    exchange::agreement::{self as work, AgreementAnswer, Transition},
    proto::{
        shape::StateChange,
        v1::{self, agreement_terms},
    },
};

impl Decode for v1::CreateAgreementRequest {
    type Work = work::CreateAgreement;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name: Option<AgreementName> = v.name("name", &self.name);
        let terms = terms(v, self.terms);
        if let (Some(name), Some(terms)) = (&name, &terms) {
            terms.check(&name.agency, v);
        }
        Some(work::CreateAgreement { name: name?, terms: terms? })
    }
}

impl Decode for v1::UpdateAgreementRequest {
    type Work = work::UpdateAgreement;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name: Option<AgreementName> = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let terms = terms(v, self.terms);
        if let (Some(name), Some(terms)) = (&name, &terms) {
            terms.check(&name.agency, v);
        }
        Some(work::UpdateAgreement { name: name?, etag: etag?, terms: terms? })
    }
}

fn terms(v: &mut Violations, terms: Option<v1::AgreementTerms>) -> Option<Terms> {
    let terms = v.take("terms", terms.ok_or_else(|| Reason::FieldRequired.into()))?;
    let kind = v.take("terms.kind", choice(terms.kind));
    let title = v.take("terms.title", Text::parse(&terms.title).and_then(words::of_agreement));
    let purpose = v.take("terms.purpose", Text::parse_lines(&terms.purpose).and_then(words::of_agreement));
    v.take("terms.fields", bounds::count(terms.fields.len(), 1, 20));
    let fields = all(terms.fields, |index, field| v.field(&format!("terms.fields[{index}]"), Some(field)));
    v.take("terms.legal_basis", bounds::count(terms.legal_basis.len(), 0, 30));
    let legal_basis = all(terms.legal_basis, |index, text| {
        v.take(format!("terms.legal_basis[{index}]"), Text::parse(&text))
    });
    v.take("terms.parties", bounds::count(terms.parties.len(), 1, 20));
    let parties = all(terms.parties, |index, party| self::party(v, index, &party));
    let term = self::term(v, &terms.effective_from, terms.term);
    let declared_class = v.take("terms.duration_class", optional_choice(terms.duration_class));
    let zone = v.take("terms.time_zone", Zone::parse(&terms.time_zone));
    let notice_days = v.take("terms.notice_days", bounds::within(terms.notice_days, 0, 365));
    let annex = match terms.data_annex {
        Some(annex) => self::annex(v, annex).map(Some),
        None => Some(None),
    };
    Some(Terms {
        kind: kind?,
        title: title?,
        purpose: purpose?,
        fields: fields?,
        legal_basis: legal_basis?,
        parties: parties?,
        term: term?,
        declared_class: declared_class?,
        zone: zone?,
        notice_days: notice_days?,
        annex: annex?,
    })
}

/// Parses every item; `None` where one could not be, after all were looked at.
fn all<T, U>(items: Vec<T>, mut parse: impl FnMut(usize, T) -> Option<U>) -> Option<Vec<U>> {
    let parsed: Vec<_> = items.into_iter().enumerate().map(|(index, item)| parse(index, item)).collect();
    parsed.into_iter().collect()
}

fn party(v: &mut Violations, index: usize, party: &v1::Party) -> Option<Party> {
    let at = |field: &str| format!("terms.parties[{index}].{field}");
    let agency = v.name(&at("agency"), &party.agency);
    let number = v.take(at("number"), Text::parse_optional(&party.number));
    let signatory_title = v.take(at("signatory_title"), Text::parse_optional(&party.signatory_title));
    Some(Party { agency: agency?, number: number?, signatory_title: signatory_title? })
}

fn term(v: &mut Violations, from: &str, end: Option<agreement_terms::Term>) -> Option<Term> {
    let from = v.take("terms.effective_from", parse_date(from));
    let end = match end {
        None => Some(None),
        Some(agreement_terms::Term::TermMonths(months)) => v
            .take("terms.term_months", bounds::within(months, 1, 600))
            .map(|months| Some(End::Months(months))),
        Some(agreement_terms::Term::EffectiveUntil(day)) => {
            v.take("terms.effective_until", parse_date(&day)).map(|day| Some(End::Until(day)))
        }
    };
    v.take("terms.effective_until", Term::new(from?, end?))
}

fn annex(v: &mut Violations, annex: v1::DataAnnex) -> Option<DataAnnex> {
    let purpose =
        v.take("terms.data_annex.purpose", Text::parse_lines(&annex.purpose).and_then(words::in_agreement));
    let at = |index: usize| format!("terms.data_annex.data_kinds[{index}]");
    v.take("terms.data_annex.data_kinds", bounds::count(annex.data_kinds.len(), 1, DataKind::ALL.len()));
    let data_kinds: Option<Vec<DataKind>> =
        all(annex.data_kinds, |index, kind| v.take(at(index), choice(kind)));
    for (index, kind) in data_kinds.iter().flatten().enumerate() {
        if data_kinds.iter().flatten().take(index).any(|earlier| earlier == kind) {
            v.add(at(index), Reason::DuplicateItem);
        }
    }
    let contact_point = v.take(
        "terms.data_annex.contact_point",
        Text::parse(&annex.contact_point).and_then(words::in_agreement),
    );
    let retention_days =
        v.take("terms.data_annex.retention_days", bounds::within(annex.retention_days, 1, 36_500));
    Some(DataAnnex {
        purpose: purpose?,
        data_kinds: data_kinds?,
        contact_point: contact_point?,
        retention_days: retention_days?,
    })
}

/// Parses a note for the other parties, which says nothing about persons.
fn note(v: &mut Violations, note: &str) -> Option<Text<500>> {
    let note = v.note(note)?;
    v.take("note", words::in_agreement(note))
}

/// Decodes acts on an existing agreement: name, etag, and the fields of the act.
macro_rules! acts {
    ($($request:ident $self:ident $v:ident $act:expr;)*) => {$(
        impl Decode for v1::$request {
            type Work = work::ActOn;

            fn decode($self, $v: &mut Violations) -> Option<Self::Work> {
                let name = $v.name("name", &$self.name);
                let etag = $v.etag("etag", &$self.etag);
                let act: Option<Transition> = $act;
                Some(work::ActOn { name: name?, etag: etag?, act: act? })
            }
        }
    )*};
}

acts! {
    ProposeAgreementRequest self v v.take("binding", choice(self.binding)).map(Transition::Propose);
    AcceptAgreementRequest self v Some(Transition::Accept);
    RejectAgreementRequest self v note(v, &self.note).map(Transition::Reject);
    WithdrawAgreementRequest self v note(v, &self.note).map(Transition::Withdraw);
    SuspendAgreementRequest self v note(v, &self.note).map(Transition::Suspend);
    ResumeAgreementRequest self v Some(Transition::Resume);
    TerminateAgreementRequest self v note(v, &self.note).map(Transition::Terminate);
}

by_name! {
    GetAgreementRequest => work::GetAgreement { name };
}

impl Decode for v1::ListAgreementsRequest {
    type Work = work::ListAgreements;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let state = decode::state(v, self.state);
        let party = v.optional_name("party", &self.party);
        Some(work::ListAgreements { filter: AgreementFilter { state: state?, party: party? }, page: page? })
    }
}

/// An agreement, and the time of the call, on which its state depends.
impl From<AsOf<Agreement>> for v1::Agreement {
    fn from(AsOf { value: agreement, now }: AsOf<Agreement>) -> Self {
        let terms = &agreement.terms;
        let codes = |codes: &[AgencyCode]| codes.iter().map(AgencyCode::name).collect();
        let class = terms.term.class(terms.declared_class).ok().flatten();
        Self {
            name: agreement.name.to_string(),
            nature: agreement.nature.to_wire(),
            duration_class: class.map(Choice::to_wire).unwrap_or_default(),
            duration_boundary_ambiguous: terms.term.is_ambiguous(),
            effective_until: encode::optional(terms.term.last_day().as_ref()),
            binding: agreement.binding.map(Choice::to_wire).unwrap_or_default(),
            state: agreement.state(now).to_wire(),
            accepted_by: codes(&agreement.accepted_by),
            suspended_by: codes(&agreement.suspended_by),
            terminates_on: encode::optional(agreement.terminates_on.as_ref()),
            etag: agreement.etag(now),
            create_time: encode::time(agreement.created_at),
            remarks: encode::remarks(&agreement.remarks),
            terms: Some(encode_terms(terms)),
        }
    }
}

fn encode_terms(terms: &Terms) -> v1::AgreementTerms {
    v1::AgreementTerms {
        kind: terms.kind.to_wire(),
        title: terms.title.to_string(),
        purpose: terms.purpose.to_string(),
        fields: terms.fields.iter().map(encode::field).collect(),
        legal_basis: terms.legal_basis.iter().map(ToString::to_string).collect(),
        parties: terms
            .parties
            .iter()
            .map(|party| v1::Party {
                agency: party.agency.name(),
                number: encode::optional(party.number.as_ref()),
                signatory_title: encode::optional(party.signatory_title.as_ref()),
            })
            .collect(),
        effective_from: terms.term.from.to_string(),
        term: terms.term.end.map(|end| match end {
            End::Months(months) => agreement_terms::Term::TermMonths(months),
            End::Until(day) => agreement_terms::Term::EffectiveUntil(day.to_string()),
        }),
        duration_class: terms.declared_class.map(Choice::to_wire).unwrap_or_default(),
        time_zone: terms.zone.name().to_owned(),
        notice_days: terms.notice_days,
        data_annex: terms.annex.as_ref().map(|annex| v1::DataAnnex {
            purpose: annex.purpose.to_string(),
            data_kinds: annex.data_kinds.iter().map(|kind| kind.to_wire()).collect(),
            contact_point: annex.contact_point.to_string(),
            retention_days: annex.retention_days,
        }),
    }
}

impl From<AgreementAnswer> for StateChange {
    fn from(answer: AgreementAnswer) -> Self {
        Self::new(answer.change, answer.state)
    }
}

/// Encodes answers with warnings about the terms.
macro_rules! warned {
    ($($response:ident)*) => {$(
        impl Encode<AgreementAnswer> for v1::$response {
            fn encode(answer: AgreementAnswer, caller: &Caller) -> Self {
                Self {
                    state: answer.state.to_wire(),
                    warnings: encode::warnings(&answer.warnings, caller.language),
                    change: Some(answer.change.into()),
                }
            }
        }
    )*};
}

warned! { CreateAgreementResponse UpdateAgreementResponse ProposeAgreementResponse AcceptAgreementResponse }

impl Encode<AgreementAnswer> for v1::TerminateAgreementResponse {
    fn encode(answer: AgreementAnswer, _: &Caller) -> Self {
        Self {
            state: answer.state.to_wire(),
            terminates_on: encode::optional(answer.terminates_on.as_ref()),
            change: Some(answer.change.into()),
        }
    }
}

impl Encode<AgreementAnswer> for v1::ResumeAgreementResponse {
    fn encode(answer: AgreementAnswer, _: &Caller) -> Self {
        Self {
            state: answer.state.to_wire(),
            unconfirmed: encode::names(&answer.unconfirmed),
            change: Some(answer.change.into()),
        }
    }
}
