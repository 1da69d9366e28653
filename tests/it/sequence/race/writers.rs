//! Writers: each transaction changes one to three resources, of which it is told in one entry. Some roll back after the append, and
//! some are open for seconds before or after it.

use std::{sync::Arc, time::Duration};

use gerbang::ledger::{ChangeKind, Entry, Line, Readers};
use sqlx::{Connection, PgConnection};
use tokio::time::sleep;
use uuid::Uuid;

use super::{AGENCIES, Course, RESOURCES};
use crate::{
    dice::Dice,
    sequence::{
        leaves,
        writing::{append, count},
    },
};

/// How many of a hundred transactions roll back.
const ROLLED_BACK: usize = 10;
/// How many of a thousand are slow, and how many are in a short race.
const SLOW: usize = 2;
const SLOW_MIN: usize = 16;

/// What a writer did.
#[derive(Debug, Default)]
pub struct Written {
    pub committed: Vec<Uuid>,
    rolled_back: usize,
    slow: usize,
}

impl Written {
    /// What all of them did, in figures.
    pub fn sum(all: &[Self]) -> String {
        let of = |count: fn(&Self) -> usize| all.iter().map(count).sum::<usize>();
        let (committed, rolled_back) = (of(|it| it.committed.len()), of(|it| it.rolled_back));
        format!("writers: {committed} committed, {rolled_back} rolled back, {} were slow", of(|it| it.slow))
    }
}

/// What a transaction is going to do.
struct Plan {
    /// In the order of their numbers, in which all writers lock them.
    resources: Vec<usize>,
    /// How long it is open before the append, and after it.
    pauses: [Duration; 2],
    rolls_back: bool,
}

impl Plan {
    fn draw(dice: &mut Dice, course: &Course, writer: usize) -> Self {
        let slow = dice.below(course.size) < SLOW_MIN.max(course.size * SLOW / 1_000);
        let mut resources: Vec<_> = (0..=dice.below(3)).map(|_| dice.below(RESOURCES)).collect();
        // Most of the slow ones keep no other writer waiting; the others do.
        if slow && !dice.percent(12) {
            resources = vec![RESOURCES + writer];
        }
        resources.sort_unstable();
        resources.dedup();
        let mut pause = || Duration::from_millis(if slow { dice.below(1_500) as u64 } else { 0 });
        Self { resources, pauses: [pause(), pause()], rolls_back: dice.percent(ROLLED_BACK) }
    }

    fn is_slow(&self) -> bool {
        self.pauses.iter().any(|pause| !pause.is_zero())
    }
}

/// Writes until the race is over.
pub async fn write(course: Arc<Course>, number: usize, mut db: PgConnection) -> Written {
    let (mut dice, mut written) = (course.dice("writer", number), Written::default());
    while course.written() < *course.end.borrow() {
        let plan = Plan::draw(&mut dice, &course, number);
        let mut tx = db.begin().await.unwrap();
        let mut lines = Vec::new();
        for resource in &plan.resources {
            let version = count(&mut tx, *resource).await;
            lines.push(line(&mut dice, *resource, version));
        }
        // As a call that is slow: it holds what it has.
        sleep(plan.pauses[0]).await;
        let id = Uuid::from_u64_pair(dice.next(), dice.next());
        append(&mut tx, id, &Entry { id, lines, ..leaves::entry([]) }.leaf()).await;
        sleep(plan.pauses[1]).await;
        written.slow += usize::from(plan.is_slow());
        if plan.rolls_back {
            tx.rollback().await.unwrap();
            written.rolled_back += 1;
        } else {
            tx.commit().await.unwrap();
            written.committed.push(id);
            course.written.send_modify(|written| *written += 1);
        }
    }
    written
}

/// What is told of a resource, to any agencies.
fn line(dice: &mut Dice, resource: usize, version: i64) -> Line {
    let created = version == 1;
    Line {
        resource: format!("agencies/dinas-1/sessions/s{resource}"),
        version,
        kind: if created { ChangeKind::Created } else { ChangeKind::Updated },
        disclosed: Vec::new(),
        digest: [1; 32],
        before: if created { Readers::nobody() } else { readers(dice) },
        after: readers(dice),
    }
}

/// Any agencies, everybody, or nobody.
fn readers(dice: &mut Dice) -> Readers {
    if dice.percent(5) {
        return Readers::everybody();
    }
    let codes = AGENCIES.map(|(agency, _)| gerbang::domain::AgencyCode::parse(agency).unwrap());
    Readers::agencies(codes.iter().filter(|_| dice.percent(20)))
}
