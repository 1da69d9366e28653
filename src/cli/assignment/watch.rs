//! `gerbang assignment watch`: each assignment as it is, whenever it changes.

use serde_json::json;

use super::{super::change, Connection, Exit, Failure, row};
use crate::{
    cli::watch::{self, Following, Told},
    format::json::to_json,
    proto::v1::{self, resource_change::Resource},
};

/// The end of the file that remembers, beside that of `gerbang watch`.
const REMEMBERED: &str = "assignments.cursor";

/// Follows assignments until it is interrupted, or refused for good, or the command fails.
pub async fn run(conn: &Connection<'_>, wanted: &Following) -> Result<Exit, Failure> {
    let kinds = vec![v1::ResourceKind::Assignment.into()];
    let request = v1::WatchChangesRequest { kinds, with_resources: true, ..Default::default() };
    let shown = |change: &v1::ResourceChange, zone: &str| {
        let mut change = change.clone();
        let Some(Resource::Assignment(assignment)) = change.resource.take() else {
            return Told {
                row: change::row(conn, &change, zone),
                json: json!({ "change": to_json(&change) }),
            };
        };
        let json = json!({ "change": to_json(&change), "assignment": to_json(&assignment) });
        Told { row: row(&assignment, conn.context.reader()), json }
    };
    watch::follow(conn, wanted, request, REMEMBERED, shown).await
}
