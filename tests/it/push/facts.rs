//! What pushes leave behind, so that two worlds can be compared: rows without ids, and entries.

use std::collections::{BTreeSet, HashMap};

use gerbang::{domain::outside::Clock, ledger::Line};
use jiff::SignedDuration;
use serde_json::Value;

use super::count;
use crate::{
    cast::PUSH,
    world::{World, audit_rows},
};

/// How long before the last entry an answer may have been forgotten: where gateways in processes of their own go by the real clock.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a world has of pushes; equal where two worlds are.
#[derive(Debug, PartialEq, Eq)]
pub struct Facts {
    rows: Vec<String>,
    entries: Vec<String>,
}

/// The tables to which a push writes. Whatever columns they have is compared, but for ids and keys.
const ROWS: &str = "SELECT 'schedule ' || lead || ' ' || ref AS place, to_jsonb(s) AS content FROM schedule s
    UNION ALL SELECT concat_ws(' ', 'session', lead, uid), to_jsonb(s) FROM session s
    UNION ALL SELECT concat_ws(' ', 'assignment', lead, session_uid, trainer_agency, trainer_ref), to_jsonb(a)
                FROM assignment a
    UNION ALL SELECT concat_ws(' ', 'lender', agency, lead, uid), to_jsonb(l) FROM session_lender l
    ORDER BY place, content";

/// Persons and rooms at two places at once, and assignments that hold another person than their trainer.
const WRONG: &str = "SELECT (SELECT count(*) FROM assignment a JOIN assignment b
                               ON a.booking_key = b.booking_key AND a.id < b.id AND a.holds AND b.holds
                              AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)
                          + (SELECT count(*) FROM session a JOIN session b
                               ON a.prison = b.prison AND a.facility = b.facility AND a.id < b.id
                              AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)
                          + (SELECT count(*) FROM assignment a JOIN trainer t ON t.id = a.trainer
                              WHERE t.booking_key <> a.booking_key)";

const SALTS: &str = "SELECT entry, count(*) FROM (SELECT entry FROM ledger_salt
    UNION ALL SELECT entry FROM ledger_sealed_salt) salt GROUP BY entry";

impl Facts {
    /// Asserts on the way that there is no entry without its salts, and no row without its entry.
    pub async fn of(world: &World) -> Self {
        assert_whole(world).await;
        let mut owner = world.owner().await;
        let rows = sqlx::query_as::<_, (String, Value)>(ROWS).fetch_all(&mut owner).await.unwrap();
        let rows = rows.into_iter().map(|(place, content)| format!("{place}: {}", without_ids(content)));
        let assignments = "SELECT 'assignments/' || id,
                concat_ws(' ', 'assignment', lead, session_uid, trainer_agency, trainer_ref) FROM assignment";
        let names = sqlx::query_as::<_, (String, String)>(assignments).fetch_all(&mut owner).await.unwrap();
        let names: HashMap<_, _> = names.into_iter().collect();
        let mut entries = Vec::new();
        for entry in world.entries().await.into_iter().filter(|entry| entry.method == PUSH) {
            let told = |line: Line| {
                let name = names.get(&line.resource).cloned().unwrap_or(line.resource);
                (name, line.version, line.kind.as_str())
            };
            // In whichever order the assignments of a session were read.
            let lines: BTreeSet<_> = entry.lines.into_iter().map(told).collect();
            let (agency, system, request) = (entry.agency, entry.system, entry.request_id);
            entries.push(format!("{agency} {system} {request:?} {:?} {lines:?}", entry.agreement));
        }
        // Of two that have nothing to do with each other either may stand before the other; versions say the rest.
        entries.sort_unstable();
        Self { rows: rows.collect(), entries }
    }

    /// What is in one of them and not in the other.
    pub fn differences(&self, other: &Self) -> String {
        let mut said = String::new();
        for (these, those) in [(&self.rows, &other.rows), (&self.entries, &other.entries)] {
            let missing = these.iter().filter(|one| !those.contains(one)).map(|one| format!("- {one}\n"));
            let added = those.iter().filter(|one| !these.contains(one)).map(|one| format!("+ {one}\n"));
            said.extend(missing.chain(added));
        }
        said
    }
}

/// Each entry of a call has its remembered answer and a salt for every line, and the other way round; every row is as the
/// ledger told last; nobody is in two places.
pub async fn assert_whole(world: &World) {
    let mut owner = world.owner().await;
    let entries = world.all_entries().await;
    // The gateway's own come at any time, and have no request.
    let of_calls = entries.iter().filter_map(|entry| Some((entry, entry.request_id?)));
    let recorded = of_calls.clone().map(|(entry, request)| (entry.agency.clone(), request));
    let recorded: BTreeSet<_> = recorded.collect();
    assert_eq!(of_calls.clone().count(), recorded.len(), "one entry a request");
    let remembered = "SELECT agency, request_id FROM replay";
    let remembered =
        sqlx::query_as::<_, (String, uuid::Uuid)>(remembered).fetch_all(&mut owner).await.unwrap();
    let remembered = BTreeSet::from_iter(remembered);
    assert!(remembered.is_subset(&recorded), "an entry for each answer");
    let last = entries.iter().map(|entry| entry.recorded_at).max().unwrap();
    let kept = of_calls.clone().filter(|(entry, _)| last.duration_since(entry.recorded_at) < FORGOTTEN);
    let without = kept.filter(|(entry, request)| !remembered.contains(&(entry.agency.clone(), *request)));
    let without: Vec<_> = without.map(|(entry, _)| entry).collect();
    assert!(without.is_empty(), "an answer for each entry, but not for {without:?}");
    let salts = sqlx::query_as::<_, (uuid::Uuid, i64)>(SALTS).fetch_all(&mut owner).await.unwrap();
    let salts: HashMap<_, _> = salts.into_iter().collect();
    for (entry, _) in of_calls {
        let lines = i64::try_from(entry.lines.len()).unwrap();
        assert_eq!(salts.get(&entry.id), Some(&lines), "a salt for each line of {entry:?}");
    }
    assert_eq!(count(world, WRONG).await, 0, "somebody or some room is at two places");
    assert_eq!(audit_rows(&world.database, &world.keys, world.clock.now()).await, []);
}

/// The content without what is drawn anew in each world.
fn without_ids(content: Value) -> Value {
    let Value::Object(mut fields) = content else { panic!("no row: {content}") };
    let is_drawn = |text: &str| text.starts_with("\\x") || uuid::Uuid::parse_str(text).is_ok();
    fields.retain(|_, value| !value.as_str().is_some_and(is_drawn));
    Value::Object(fields)
}
