//! Readers: each follows its agency's changes by ListChanges, keeps what it was told and the cursor, and connects anew again and
//! again. Some answers it never hears, and of some it has dealt with a part when it is gone.

use std::{net::SocketAddr, time::Duration};

use gerbang::{
    agent::{Client, Profile},
    domain::reason::Language,
    proto::v1,
};
use tokio::{sync::watch, time::timeout};
use tonic::Status;
use tonic_types::StatusExt;

use super::{AGENCIES, Course};
use crate::{
    changes::{Told, told},
    dice::Dice,
    world::World,
};

/// What a gateway says that is busy, or ends.
const PASSING: [&str; 4] = ["OVERLOADED", "DEADLINE_PASSED", "DATABASE_AWAY", "GATEWAY_STOPPING"];

/// What a reader was told.
pub struct Read {
    pub number: usize,
    pub agency: &'static str,
    pub told: Vec<Told>,
    connections: usize,
    unheard: usize,
    parts: usize,
}

impl Read {
    /// What all of them were told, in figures.
    pub fn sum(all: &[Self]) -> String {
        let of = |count: fn(&Self) -> usize| all.iter().map(count).sum::<usize>();
        let (told, connections) = (of(|it| it.told.len()), of(|it| it.connections));
        let (unheard, parts) = (of(|it| it.unheard), of(|it| it.parts));
        format!(
            "readers: {told} changes by {connections} connections; {unheard} answers unheard, {parts} dealt with in part"
        )
    }
}

pub struct Reader {
    profile: Profile,
    /// Where the gateway is, if there is one.
    gateway: watch::Receiver<Option<SocketAddr>>,
    dice: Dice,
    cursor: String,
    read: Read,
}

impl Reader {
    pub fn new(
        course: &Course,
        number: usize,
        world: &World,
        gateway: watch::Receiver<Option<SocketAddr>>,
    ) -> Self {
        let (agency, system) = AGENCIES[number % AGENCIES.len()];
        let (profile, dice) = (world.profile(agency, system), course.dice("reader", number));
        let read = Read { number, agency, told: Vec::new(), connections: 0, unheard: 0, parts: 0 };
        Self { profile, gateway, dice, cursor: String::new(), read }
    }

    /// Reads until it has been told everything, once the race is over.
    pub async fn read(mut self, over: watch::Receiver<bool>) -> Read {
        loop {
            let Some(client) = self.connect().await else { continue };
            for _ in 0..=self.dice.below(8) {
                let is_over = *over.borrow();
                let Some(page) = self.ask(&client).await else { break };
                let caught_up = page.caught_up;
                if self.take(page) && caught_up && is_over {
                    return self.read;
                }
            }
        }
    }

    async fn connect(&mut self) -> Option<Client> {
        let address = self.gateway.wait_for(Option::is_some).await.unwrap().unwrap();
        let profile = Profile { address: format!("https://{address}"), ..self.profile.clone() };
        let client = Client::connect(&profile, Language::English).await.ok()?;
        self.read.connections += 1;
        Some(client)
    }

    /// Asks for what comes next. `None` where it hears no answer.
    async fn ask(&mut self, client: &Client) -> Option<v1::ListChangesResponse> {
        let most = if self.dice.percent(20) { 5 } else { 500 };
        let request = v1::ListChangesRequest {
            cursor: self.cursor.clone(),
            page_size: 1 + self.dice.below(most) as i32,
            wait_seconds: self.dice.below(3) as i32,
            ..Default::default()
        };
        let mut changes = client.change();
        let asked = changes.list_changes(request);
        let answer = if self.dice.percent(10) {
            let Ok(answer) = timeout(Duration::from_millis(self.dice.below(100) as u64), asked).await else {
                self.read.unheard += 1;
                return None;
            };
            answer
        } else {
            asked.await
        };
        answer.map(tonic::Response::into_inner).inspect_err(assert_passing).ok()
    }

    /// Deals with a page; false where it is gone before it has dealt with all of it.
    fn take(&mut self, mut page: v1::ListChangesResponse) -> bool {
        let in_part = !page.changes.is_empty() && self.dice.percent(10);
        if in_part {
            page.changes.truncate(1 + self.dice.below(page.changes.len()));
            page.next_cursor.clone_from(&page.changes.last().unwrap().cursor);
            self.read.parts += 1;
        }
        self.cursor = page.next_cursor;
        self.read.told.extend(page.changes.into_iter().map(told));
        !in_part
    }
}

/// A connection that broke has no reason.
fn assert_passing(status: &Status) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    assert!(reason.is_none_or(|reason| PASSING.contains(&reason)), "{status:?}");
}
