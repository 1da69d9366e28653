//! ChangeService.

use std::time::Duration;

use super::{
    Caller,
    choice::{Choice, choice},
    decode::{Decode, Parts},
    encode::{self, Encode},
};
use crate::{
    domain::{Violations, bounds, change::Cursor},
    exchange::change as work,
    proto::v1,
};

/// The size of a page where the caller asks for none.
const SIZE_DEFAULT: i32 = 100;

/// The size of an answer of a stream.
const STREAM_SIZE: usize = 100;

impl Decode for v1::ListChangesRequest {
    type Work = work::ListChanges;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let wanted = wanted(self.cursor, self.since, &self.kinds, v);
        let size = v.take("page_size", bounds::within(self.page_size, 0, 500));
        let wait = v.take("wait_seconds", bounds::within(self.wait_seconds, 0, 20));
        let size = size.map(|size| if size == 0 { SIZE_DEFAULT } else { size });
        let size = usize::try_from(size?).unwrap_or_default();
        let wait = Duration::from_secs(u64::try_from(wait?).unwrap_or_default());
        Some(work::ListChanges { wanted: work::Wanted { size, ..wanted? }, wait })
    }
}

impl Decode for v1::WatchChangesRequest {
    type Work = work::WatchChanges;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        wanted(self.cursor, self.since, &self.kinds, v).map(work::WatchChanges::new)
    }
}

/// Parses what both ways of asking have in common; the size is that of a stream's answer.
fn wanted(
    cursor: String,
    since: Option<prost_types::Timestamp>,
    kinds: &[i32],
    v: &mut Violations,
) -> Option<work::Wanted> {
    let cursor = v.opaque("cursor", cursor, 64);
    let since = v.optional_time("since", since);
    v.take("kinds", bounds::count(kinds.len(), 0, 8));
    let kinds = kinds.iter().enumerate();
    let kinds: Vec<_> = kinds.map(|(index, kind)| v.take(format!("kinds[{index}]"), choice(*kind))).collect();
    let kinds = kinds.into_iter().collect::<Option<_>>()?;
    Some(work::Wanted { cursor: cursor?, since: since?, kinds, size: STREAM_SIZE })
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
        }
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
