//! What state an agreement is in is said twice: by the domain, and by SQL for lists and policies.

use gerbang::domain::{
    agreement::{Act, Agreement, AgreementState, Nature, Terms},
    name::AgreementName,
};

use crate::cast::{AGREEMENT, Cast};

/// A draft with the terms that are stored.
pub async fn stored(cast: &Cast) -> Agreement {
    let terms = sqlx::query_scalar::<_, serde_json::Value>("SELECT terms FROM agreement");
    let terms: Terms =
        serde_json::from_value(terms.fetch_one(&mut cast.world.owner().await).await.unwrap()).unwrap();
    Agreement {
        id: uuid::Uuid::nil(),
        name: AgreementName::parse(AGREEMENT).unwrap(),
        terms,
        nature: Nature::Functional,
        act: Act::Draft,
        binding: None,
        accepted_by: Vec::new(),
        suspended_by: Vec::new(),
        terminates_on: None,
        remarks: Vec::new(),
        proposed_at: None,
        version: 1,
        created_at: "2026-03-02T01:00:00Z".parse().unwrap(),
    }
}

/// The state in the domain and the state in SQL, over every act, day, end and suspension.
#[tokio::test]
async fn the_state_in_sql_is_the_state_in_the_domain() {
    let cast = Cast::ready().await;
    let mut owner = cast.world.owner().await;
    let mut agreement = stored(&cast).await;
    let last = agreement.terms.term.last_day();
    let by = vec![agreement.name.agency.clone()];
    let days = ["2026-03-01", "2026-03-02", "2026-07-01", "2028-03-01", "2028-03-02", "2030-01-01"];
    let mut states = std::collections::BTreeSet::new();
    let noted =
        [None, Some("2026-03-03T05:00:00Z"), Some("2026-04-02T05:00:00Z"), Some("2028-01-01T00:00:00Z")];
    for (act, proposed_at) in Act::ALL.iter().flat_map(|act| noted.map(|at| (act, at))) {
        agreement.proposed_at = proposed_at.map(|at| at.parse().unwrap());
        for ends in std::iter::once(None).chain(days.map(Some)) {
            for suspended in [false, true] {
                for today in days {
                    agreement.act = *act;
                    agreement.terminates_on = ends.map(|day| day.parse().unwrap());
                    agreement.suspended_by = if suspended { by.clone() } else { Vec::new() };
                    // Noon in Jakarta.
                    let state = agreement.state(format!("{today}T05:00:00Z").parse().unwrap());
                    let sql = sqlx::query_scalar::<_, String>(
                        "SELECT agreement_state($1, $2::date, $3::date, $4::date, $5, $6::date,
                                                $7::timestamptz, $8::timestamptz)",
                    )
                    .bind(act.as_str())
                    .bind(agreement.terms.term.from.to_string())
                    .bind(last.map(|day| day.to_string()))
                    .bind(ends)
                    .bind(suspended)
                    .bind(today)
                    .bind(agreement.lapses_at().to_string())
                    .bind(format!("{today}T05:00:00Z"));
                    let sql = sql.fetch_one(&mut owner).await.unwrap();
                    assert_eq!(sql, state.as_str(), "{act} {ends:?} {suspended} {today}");
                    states.insert(state);
                }
            }
        }
    }
    assert_eq!(states.len(), AgreementState::ALL.len(), "the grid reaches every state");
}
