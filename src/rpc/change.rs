//! ChangeService.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Caller,
    choice::{Choice, choice},
    decode::{Decode, Parts},
    encode::{self, Encode},
};
use crate::{
    domain::{
        Reason, Violations, bounds,
        change::{Acknowledgement, AnswerTime, Cursor, ResourceKind},
        name::SessionName,
    },
    exchange::{acknowledgement as read, change as work},
    proto::v1,
};

/// The size of a page where the caller asks for none.
const SIZE_DEFAULT: i32 = 100;

/// The most changes of an answer with resources. The largest, an agreement with a remark on each act of each party, has some 56,000
/// characters: so many of them in the longest UTF-8 are less than the 4 MiB that a client takes, and are looked up in less than the second
/// that is left of a call that has waited.
const WITH_RESOURCES_MAX: i32 = 16;

/// The size of an answer of a stream.
const STREAM_SIZE: usize = 500;

impl Decode for v1::ListChangesRequest {
    type Work = work::ListChanges;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let with_resources = self.with_resources;
        let wanted = wanted(self.cursor, self.since, &self.kinds, with_resources, v);
        let size = v.take("page_size", bounds::within(self.page_size, 0, 500));
        let wait = v.take("wait_seconds", bounds::within(self.wait_seconds, 0, 20));
        let most = if with_resources { WITH_RESOURCES_MAX } else { i32::MAX };
        let size = size.map(|size| if size == 0 { SIZE_DEFAULT } else { size }.min(most));
        let size = usize::try_from(size?).unwrap_or_default();
        let wait = Duration::from_secs(u64::try_from(wait?).unwrap_or_default());
        Some(work::ListChanges { wanted: work::Wanted { size, ..wanted? }, wait })
    }
}

impl Decode for v1::WatchChangesRequest {
    type Work = work::WatchChanges;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        wanted(self.cursor, self.since, &self.kinds, self.with_resources, v).map(work::WatchChanges::new)
    }
}

/// Parses what both ways of asking have in common; the size is that of a stream's answer.
fn wanted(
    cursor: String,
    since: Option<prost_types::Timestamp>,
    kinds: &[i32],
    with_resources: bool,
    v: &mut Violations,
) -> Option<work::Wanted> {
    let cursor = v.opaque("cursor", cursor, 64);
    let since = v.optional_time("since", since);
    let kinds = followed(kinds, v);
    let size = if with_resources { WITH_RESOURCES_MAX.unsigned_abs() as usize } else { STREAM_SIZE };
    Some(work::Wanted { cursor: cursor?, since: since?, kinds: kinds?, size, with_resources })
}

/// Parses the kinds that a system follows.
fn followed(kinds: &[i32], v: &mut Violations) -> Option<Vec<ResourceKind>> {
    v.take("kinds", bounds::count(kinds.len(), 0, 9));
    let kinds = kinds.iter().enumerate();
    let kinds: Vec<_> = kinds.map(|(index, kind)| v.take(format!("kinds[{index}]"), choice(*kind))).collect();
    kinds.into_iter().collect()
}

impl Decode for v1::AcknowledgeChangesRequest {
    type Work = read::AcknowledgeChanges;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        if self.cursor.is_empty() {
            v.add("cursor", Reason::FieldRequired);
        }
        let cursor = v.opaque("cursor", self.cursor, 64);
        let kinds = followed(&self.kinds, v);
        Some(read::AcknowledgeChanges { cursor: cursor?, kinds: kinds? })
    }
}

impl Decode for v1::ListAcknowledgementsRequest {
    type Work = read::ListAcknowledgements;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        v.take("sessions", bounds::count(self.sessions.len(), 1, 100));
        let sessions = self.sessions.iter().enumerate();
        let sessions: Vec<Option<SessionName>> =
            sessions.map(|(index, name)| v.name(&format!("sessions[{index}]"), name)).collect();
        Some(read::ListAcknowledgements { sessions: sessions.into_iter().collect::<Option<_>>()? })
    }
}

impl Decode for v1::ListAnswerTimesRequest {
    type Work = read::ListAnswerTimes;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let since = v.optional_time("since", self.since);
        Some(read::ListAnswerTimes { since: since?, page: page? })
    }
}

impl Encode<Option<Timestamp>> for v1::AcknowledgeChangesResponse {
    fn encode(since: Option<Timestamp>, _: &Caller) -> Self {
        Self { acknowledge_time: since.and_then(encode::time) }
    }
}

impl Encode<Vec<Acknowledgement>> for v1::ListAcknowledgementsResponse {
    fn encode(found: Vec<Acknowledgement>, _: &Caller) -> Self {
        Self { acknowledgements: found.into_iter().map(v1::Acknowledgement::from).collect() }
    }
}

impl From<Acknowledgement> for v1::Acknowledgement {
    fn from(one: Acknowledgement) -> Self {
        Self {
            session: one.session.to_string(),
            version: one.version,
            agency: format!("agencies/{}", one.agency),
            tell_time: encode::time(one.told_at),
            acknowledge_time: one.acknowledged_at.and_then(encode::time),
        }
    }
}

impl From<AnswerTime> for v1::AnswerTime {
    fn from(one: AnswerTime) -> Self {
        Self {
            agency: format!("agencies/{}", one.agency),
            told: one.told,
            acknowledged: one.acknowledged,
            median_seconds: one.median_seconds,
            waiting_since: one.waits_since.and_then(encode::time),
            last_acknowledge_time: one.last_at.and_then(encode::time),
        }
    }
}

impl From<work::Change> for v1::ResourceChange {
    fn from(change: work::Change) -> Self {
        Self {
            cursor: change.cursor.to_text(),
            time: encode::time(change.at),
            effect: change.effect.to_wire(),
            kind: change.kind.to_wire(),
            name: change.name,
            version: change.version,
            entry: change.entry.to_string(),
            resource: change.resource.map(shown),
            moment: change.moment.map_or(0, Choice::to_wire),
        }
    }
}

fn shown(resource: work::Resource) -> v1::resource_change::Resource {
    use v1::resource_change::Resource as Shown;
    use work::Resource as Found;
    match resource {
        Found::Agency(found) => Shown::Agency((*found).into()),
        Found::Agreement(found) => Shown::Agreement((*found).into()),
        Found::Programme(found) => Shown::Programme((*found).into()),
        Found::Trainer(found) => Shown::Trainer((*found).into()),
        Found::TrainerClaim(found) => Shown::TrainerClaim((*found).into()),
        Found::Facility(found) => Shown::Facility((*found).into()),
        Found::Session(found) => Shown::Session((*found).into()),
        Found::Assignment(found) => Shown::Assignment((*found).into()),
    }
}

macro_rules! answers {
    ($($answer:ident)*) => {$(
        impl Encode<work::Changes> for v1::$answer {
            fn encode(answer: work::Changes, _: &Caller) -> Self {
                Self {
                    changes: answer.items.into_iter().map(v1::ResourceChange::from).collect(),
                    next_cursor: answer.next.map(Cursor::to_text).unwrap_or_default(),
                    caught_up: answer.caught_up,
                }
            }
        }
    )*};
}

answers! { ListChangesResponse WatchChangesResponse }
