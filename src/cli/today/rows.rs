//! How each thing reads on the morning page: its cells, under the columns of its heading.

use crate::{
    cli::{
        assignment, names, remark, schedule,
        when::{self, Reader},
    },
    domain::{reason::Language, time::parse_date},
    proto::v1,
};

pub fn session_row(session: &v1::Session, reader: Reader) -> Vec<String> {
    let mut row = schedule::known(session, reader);
    row.extend([session.state().as_str_name().to_owned(), names::short(&session.name)]);
    row
}

/// As [`session_row`], of one whose state goes without saying.
pub fn confirmable_row(session: &v1::Session, reader: Reader) -> Vec<String> {
    let mut row = schedule::known(session, reader);
    row.push(names::short(&session.name));
    row
}

/// As [`session_row`], of one that the prison declined, with its note.
pub fn declined_row(session: &v1::Session, reader: Reader) -> Vec<String> {
    let mut row = schedule::known(session, reader);
    row.extend([remark::cell(session.remarks.last()), names::short(&session.name)]);
    row
}

/// A trainer who does not come, with the session that lacks one.
pub fn refused_row(assignment: &v1::TrainerAssignment, reader: Reader) -> Vec<String> {
    let mut row = assignment::known(assignment, reader);
    row.extend([assignment.state().as_str_name().to_owned(), names::short(&assignment.session)]);
    row
}

/// A suspended agreement, with the notes of those whose suspension stands.
pub fn suspended_row(agreement: &v1::Agreement) -> Vec<String> {
    let stands = |remark: &&v1::Remark| {
        remark.act() == v1::RemarkAct::Suspend && agreement.suspended_by.contains(&remark.agency)
    };
    let notes: Vec<_> = agreement.remarks.iter().filter(stands).map(|one| remark::cell(Some(one))).collect();
    let by: Vec<_> = agreement.suspended_by.iter().map(|agency| names::short(agency)).collect();
    let title = agreement.terms.as_ref().map(|terms| terms.title.clone()).unwrap_or_default();
    vec![names::short(&agreement.name), title, by.join(", "), notes.join("\n")]
}

pub fn agreement_row(agreement: &v1::Agreement) -> Vec<String> {
    let terms = agreement.terms.clone().unwrap_or_default();
    let parties: Vec<_> = terms.parties.iter().map(|party| names::short(&party.agency)).collect();
    let last = last_day(agreement).map(|day| day.to_string()).unwrap_or_default();
    vec![terms.title, parties.join(", "), last, names::short(&agreement.name)]
}

/// The last day of an agreement: of its term, or the day before a termination holds, whichever is earlier.
pub fn last_day(agreement: &v1::Agreement) -> Option<jiff::civil::Date> {
    let until = parse_date(&agreement.effective_until).ok();
    let before = parse_date(&agreement.terminates_on).ok().and_then(|day| day.yesterday().ok());
    until.into_iter().chain(before).min()
}

pub fn programme_row(programme: &v1::Programme) -> Vec<String> {
    let plan = programme.plan.clone().unwrap_or_default();
    vec![plan.title, plan.year.to_string(), names::short(&programme.name)]
}

/// A roster with free places, of so many.
pub fn free_row(count: &v1::RosterCount, places: i32) -> Vec<String> {
    vec![
        count.programme_title.clone(),
        places.to_string(),
        count.confirmed.clone(),
        count.waitlisted.clone(),
        names::short(&count.programme),
    ]
}

pub fn claim_row(claim: &v1::TrainerClaim) -> Vec<String> {
    vec![names::short(&claim.claimant), names::short(&claim.held_trainer), names::short(&claim.name)]
}

pub fn order_row(order: &v1::CertificateOrder, zone: &str, language: Language) -> Vec<String> {
    vec![
        names::short(&order.system),
        order.role().as_str_name().to_owned(),
        format!("{}/{}", order.approvals.len(), order.approvals_needed),
        when::moment(order.expire_time.as_ref(), zone, language),
        names::short(&order.name),
    ]
}

/// An order whose token was tried again, with the certificate that came of it.
pub fn tried_row(order: &v1::CertificateOrder, zone: &str, language: Language) -> Vec<String> {
    vec![
        names::short(&order.system),
        when::moment(order.other_key_time.as_ref(), zone, language),
        names::short(&order.certificate),
        names::short(&order.name),
    ]
}

pub fn system_row(system: &v1::System) -> Vec<String> {
    let role = system.proposed_role().as_str_name().to_owned();
    vec![role, names::short(&system.proposer), names::short(&system.name)]
}

pub fn certificate_row(certificate: &v1::Certificate, zone: &str, language: Language) -> Vec<String> {
    let ends = when::moment(certificate.end_time.as_ref(), zone, language);
    vec![names::short(&certificate.system), ends, names::short(&certificate.name)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_ends_with_its_term_or_by_notice() {
        let last = |until: &str, terminates_on: &str| {
            let agreement = v1::Agreement {
                effective_until: until.into(),
                terminates_on: terminates_on.into(),
                ..Default::default()
            };
            last_day(&agreement).map(|day| day.to_string())
        };
        assert_eq!(last("2026-12-31", ""), Some("2026-12-31".into()));
        assert_eq!(last("2026-12-31", "2026-12-01"), Some("2026-11-30".into()));
        assert_eq!(last("", ""), None);
    }
}
