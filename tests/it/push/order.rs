//! Whether what callers were told at once is what they would have been told one by one, in some order: that of the entries.
//!
//! A second world gets the pushes one after the other. What stored something is sent in the order in which it was committed.
//! What stored nothing, a refusal or what was there already, must have its answer at some point between the entries that
//! ended before it began and those that began after it ended; a dry run asks for it there.
//!
//! The place in the ledger is taken before the commit: of two pushes that have nothing to do with each other, the one that
//! stands behind may be seen first, and somebody may be refused for it alone. So commits are numbered one after the other.

use std::collections::{HashMap, HashSet};

use gerbang::proto::v1::{self, BatchOutcome};
use tonic::Code;
use uuid::Uuid;

use super::{Answer, LEADS, client};
use crate::{
    cast::{Cast, PUSH},
    world::{World, reason},
};

const NUMBER_COMMITS: &str = "
    CREATE TABLE commit_order (
        place bigint GENERATED ALWAYS AS IDENTITY, entry uuid, lead text, uid text, sequence integer);
    CREATE FUNCTION number_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
    BEGIN
        -- Kept until the transaction is seen by all.
        PERFORM pg_advisory_xact_lock(0);
        IF TG_TABLE_NAME = 'session' THEN
            INSERT INTO commit_order (lead, uid, sequence) VALUES (NEW.lead, NEW.uid, NEW.sequence);
        ELSE
            INSERT INTO commit_order (entry) VALUES (NEW.id);
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER number_commit AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION number_commit();
    CREATE CONSTRAINT TRIGGER number_commit AFTER UPDATE ON session DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (OLD.version = NEW.version AND OLD.sequence < NEW.sequence) EXECUTE FUNCTION number_commit()";

/// From now on transactions with an entry, and those that raise sequences alone, become visible one after the other, and
/// what is committed has its number.
pub async fn number_commits(world: &World) {
    sqlx::raw_sql(NUMBER_COMMITS).execute(&mut world.owner().await).await.unwrap();
}

/// One call of a history. `begun` and `ended` are readings of one counter.
#[derive(Debug, Clone)]
pub struct Call {
    pub lead: usize,
    pub request: v1::PushScheduleRequest,
    pub begun: usize,
    pub ended: usize,
    pub answer: Answer,
}

impl Call {
    /// Whether sequences were raised, where one was higher and nothing else was stored.
    fn raises(&self) -> bool {
        let may = |answer: &v1::PushScheduleResponse| answer.outcome() != BatchOutcome::Rejected;
        self.answer.as_ref().is_ok_and(may) && !self.request.validate_only
    }
}

/// What an answer says in every world: all but its entry's id.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    Refused(Code, String, String),
    Answered { stored: bool, answer: v1::PushScheduleResponse },
}

impl From<&Answer> for Said {
    fn from(answer: &Answer) -> Self {
        match answer {
            Err(status) => Self::Refused(status.code(), reason(status), status.message().to_owned()),
            Ok(answer) => {
                let stored = !answer.entry.is_empty();
                let mut answer = v1::PushScheduleResponse {
                    entry: String::new(),
                    receipt: String::new(),
                    ..answer.clone()
                };
                // Says which sequence is stored, and a higher one may come at any time between two entries.
                let errors = answer.results.iter_mut().flat_map(|result| &mut result.errors);
                errors.filter(|error| error.reason == "STALE_SEQUENCE").for_each(|error| error.text.clear());
                Self::Answered { stored, answer }
            }
        }
    }
}

/// All calls that were answered with one entry: the one that stored it, and those that sent the same again.
struct Stored<'a> {
    call: &'a Call,
    /// When the first of them began, and when the first had its answer.
    begun: usize,
    answered: usize,
}

/// What was committed, in order.
struct Committed<'a> {
    stored: Vec<Stored<'a>>,
    /// How many of these came before a sequence was raised, by the session's agency and uid and by the sequence.
    raised: HashMap<(String, String, i32), usize>,
}

impl Committed<'_> {
    /// How many were committed before a call that stored nothing can have had its answer, for it raised sequences then, or
    /// found them raised.
    fn before(&self, call: &Call) -> usize {
        let raised = call.request.sessions.iter().filter_map(|draft| {
            self.raised.get(&(LEADS[call.lead].to_owned(), draft.uid.clone(), draft.sequence)).copied()
        });
        if call.raises() { raised.max().unwrap_or_default() } else { 0 }
    }
}

/// What calls have an entry; and the others. What was answered with an entry twice was the same request, and had the same
/// answer to the byte.
async fn split<'a>(world: &Cast, calls: &'a [Call]) -> (Committed<'a>, Vec<&'a Call>) {
    let mut by_entry: HashMap<&str, Stored<'a>> = HashMap::new();
    let mut others = Vec::new();
    for call in calls {
        let Some(entry) = call.answer.as_ref().ok().map(|it| it.entry.as_str()).filter(|it| !it.is_empty())
        else {
            others.push(call);
            continue;
        };
        let stored = Stored { call, begun: call.begun, answered: call.ended };
        let first = by_entry.entry(entry).or_insert(stored);
        assert_eq!((&first.call.request, first.call.lead), (&call.request, call.lead), "{entry}");
        assert_eq!(first.call.answer.as_ref().ok(), call.answer.as_ref().ok(), "{entry}");
        first.begun = first.begun.min(call.begun);
        first.answered = first.answered.min(call.ended);
    }
    let entries = world.world.entries().await.into_iter().filter(|entry| entry.method == PUSH);
    let pushed: HashSet<_> = entries.map(|entry| entry.id).collect();
    let rows = "SELECT entry, coalesce(lead, ''), coalesce(uid, ''), coalesce(sequence, 0) FROM commit_order ORDER BY place";
    let rows = sqlx::query_as::<_, (Option<Uuid>, String, String, i32)>(rows);
    let (mut stored, mut raised) = (Vec::new(), HashMap::new());
    for (entry, lead, uid, sequence) in rows.fetch_all(&mut world.world.owner().await).await.unwrap() {
        match entry {
            Some(entry) if pushed.contains(&entry) => {
                let id = entry.to_string();
                stored
                    .push(by_entry.remove(id.as_str()).unwrap_or_else(|| panic!("nobody was told of {id}")));
            }
            Some(_) => {}
            None => {
                raised.insert((lead, uid, sequence), stored.len());
            }
        }
    }
    assert_eq!(stored.len(), pushed.len(), "a number for every commit");
    assert!(by_entry.is_empty(), "answers without an entry: {:?}", by_entry.keys());
    (Committed { stored, raised }, others)
}

/// Sends the calls of a history to a world that has none of them, one by one, and asserts that each is answered as it was.
pub async fn replay(history: &Cast, calls: &[Call], alone: &Cast) {
    let (committed, mut others) = split(history, calls).await;
    let stored = &committed.stored;
    for (place, later) in stored.iter().enumerate() {
        let before = stored[..place].iter().find(|earlier| earlier.begun > later.answered);
        assert!(before.is_none(), "what was answered was committed after what began later");
    }
    for place in 0..=stored.len() {
        let mut left = Vec::new();
        for call in others {
            let begins = place >= committed.before(call)
                && stored[place..].iter().all(|entry| entry.answered > call.begun);
            if !begins || !has_its_answer(alone, call).await {
                let ends = stored.get(place).is_none_or(|entry| entry.begun > call.ended);
                assert!(
                    !ends,
                    "at no time was this the answer, nor at {place} of {}: {call:#?}",
                    stored.len()
                );
                left.push(call);
            }
        }
        others = left;
        if let Some(Stored { call, .. }) = stored.get(place) {
            let answer = send(alone, call, call.request.clone()).await;
            assert_eq!(Said::from(&answer), Said::from(&call.answer), "entry {place}: {call:#?}");
        }
    }
    assert!(others.is_empty());
}

/// Whether a call that stored nothing is answered here as it was. One that raised sequences does so here too.
async fn has_its_answer(alone: &Cast, call: &Call) -> bool {
    let said = Said::from(&call.answer);
    let dry = v1::PushScheduleRequest { validate_only: true, ..call.request.clone() };
    if Said::from(&send(alone, call, dry).await) != said {
        return false;
    }
    if call.raises() {
        let answer = send(alone, call, call.request.clone()).await;
        assert_eq!(Said::from(&answer), said, "dry and in earnest: {call:#?}");
    }
    true
}

async fn send(alone: &Cast, call: &Call, request: v1::PushScheduleRequest) -> Answer {
    let mut schedule = client(alone, LEADS[call.lead]).schedule();
    schedule.push_schedule(request).await.map(tonic::Response::into_inner)
}
