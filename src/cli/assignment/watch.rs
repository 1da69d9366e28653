//! `gerbang assignment watch`: each assignment as it is, whenever it changes.

use serde_json::json;
use tonic::Code;

use super::{super::change, Connection, Exit, Failure, row};
use crate::{
    agent::{Client, watch::Watch},
    cli::watch::{self, Following, Told},
    format::json::to_json,
    proto::v1,
};

/// The end of the file that remembers, beside that of `gerbang watch`.
const REMEMBERED: &str = "assignments.cursor";

/// Follows assignments until it is interrupted, or refused for good, or the command fails.
pub async fn run(conn: &Connection<'_>, wanted: &Following) -> Result<Exit, Failure> {
    let kinds = vec![v1::ResourceKind::Assignment.into()];
    let shown = async |watch: &mut Watch<'_>, change: &v1::ResourceChange, zone: &str| {
        let mut json = json!({ "change": to_json(change) });
        let Some(assignment) = find(conn, watch, &change.name).await? else {
            return Ok(Told { row: change::row(conn, change, zone), json });
        };
        json["assignment"] = to_json(&assignment);
        Ok(Told { row: row(&assignment, conn.context.reader()), json })
    };
    watch::follow(conn, wanted, kinds, REMEMBERED, shown).await
}

/// The assignment as it is now; `None` where the caller sees it no more.
async fn find(
    conn: &Connection<'_>,
    watch: &mut Watch<'_>,
    name: &str,
) -> Result<Option<v1::TrainerAssignment>, Failure> {
    let request = v1::GetTrainerAssignmentRequest { name: name.to_owned() };
    let get = async |client: &Client| client.assignment().get_trainer_assignment(request.clone()).await;
    match watch.ask(get, watch::broken(conn.context.language)).await {
        Ok(answer) => Ok(answer.assignment),
        Err(refused) if refused.code == Code::NotFound => Ok(None),
        Err(refused) => Err(refused.into()),
    }
}
