//! `gerbang whoami`: who the gateway takes the caller for.

use std::cell::Cell;

use super::{
    clock,
    connection::Connection,
    failure::{Exit, Failure},
    screen::{self, Output},
};
use crate::{
    agent::clock::{ahead, date},
    proto::v1,
};

/// Shows who the caller is; in a table, the methods that it may call only where they are asked for.
pub async fn run(conn: &Connection<'_>, methods: bool) -> Result<Exit, Failure> {
    let (before, theirs) = (conn.context.clock.now(), Cell::new(None));
    let call = async || {
        let answer = conn.client.agency().who_am_i(v1::WhoAmIRequest {}).await?;
        theirs.set(date(answer.metadata()));
        Ok(answer)
    };
    let mut answer = conn.ask(call).await?;
    let differs =
        |theirs| clock::differs(conn.context.language, ahead(theirs, before, conn.context.clock.now()));
    if let Some(differs) = theirs.get().and_then(differs) {
        screen::note(&differs);
    }
    if !methods && conn.context.output == Output::Table {
        answer.methods.clear();
    }
    conn.show(&answer).await
}
