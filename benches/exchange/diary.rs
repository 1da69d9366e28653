//! Who teaches when: every session of the fixture and of every push, counted from 0 for each lead agency, so that no trainer
//! is wanted twice in one hour.

use std::sync::atomic::{AtomicUsize, Ordering};

use gerbang::proto::v1;

/// The lead agencies, each with as many trainers: all that one push may name.
pub const LEADS: usize = 3;
pub const TRAINERS: usize = 200;
/// Programmes of each lead agency, in turn: so many that none gets more than some hundreds of sessions.
pub const PROGRAMMES: usize = 256;
/// Sessions of a programme among the copies, and where all pushes go into one; a programme is short, however much there is
/// in all.
pub const OF_PROGRAMME: usize = 400;
/// The prison of all of them, and one that has few sessions.
pub const PRISON: &str = "lapas-besar";
pub const SMALL_PRISON: &str = "lapas-kecil";

/// Sessions of one agency on one day: each trainer has two, so that a day has 1,200 whatever has been stored.
const A_DAY: usize = 2 * TRAINERS;
const HOUR: i64 = 3600;

pub fn lead(agency: usize) -> String {
    format!("blk-{agency}")
}

/// Where each agency's count stands, and the second at which the first session begins.
pub struct Diary {
    pub first: i64,
    next: [AtomicUsize; LEADS],
}

impl Diary {
    pub fn new(first: i64) -> Self {
        Self { first, next: Default::default() }
    }

    /// Takes the next `count` sessions of an agency: the number of the first.
    pub fn take(&self, agency: usize, count: usize) -> usize {
        self.next[agency].fetch_add(count, Ordering::Relaxed)
    }

    /// The number that is taken next.
    pub fn taken(&self, agency: usize) -> usize {
        self.next[agency].load(Ordering::Relaxed)
    }

    /// The second at which the sessions begin that nobody has taken.
    pub fn end(&self) -> i64 {
        (0..LEADS).map(|agency| self.start(self.taken(agency))).max().unwrap_or(self.first)
    }

    /// The second at which a session begins: a trainer teaches in the morning, and six hours later again.
    pub fn start(&self, number: usize) -> i64 {
        let (trainer, turn) = (number % TRAINERS, number / TRAINERS);
        self.first + (number / A_DAY) as i64 * 24 * HOUR + (trainer % 6 + 6 * (turn % 2)) as i64 * HOUR
    }

    /// A session of one hour with one trainer.
    pub fn draft(&self, agency: usize, number: usize) -> v1::SessionDraft {
        let at = |second| Some(prost_types::Timestamp { seconds: second, nanos: 0 });
        v1::SessionDraft {
            uid: format!("s-{number}"),
            sequence: 0,
            starts_at: at(self.start(number)),
            ends_at: at(self.start(number) + HOUR),
            topic: "Las busur listrik".to_owned(),
            trainers: vec![v1::SessionTrainer {
                trainer: format!("agencies/{}/trainers/t-{}", lead(agency), number % TRAINERS),
                role: v1::TrainerRole::Lead.into(),
            }],
            facility: String::new(),
        }
    }

    /// Pushes these sessions to the schedule of one programme.
    pub fn push(
        &self,
        agency: usize,
        programme: &str,
        numbers: std::ops::Range<usize>,
    ) -> v1::PushScheduleRequest {
        let lead = lead(agency);
        v1::PushScheduleRequest {
            request_id: request_id(),
            name: format!("agencies/{lead}/schedules/{programme}"),
            programme: format!("agencies/{lead}/programmes/{programme}"),
            time_zone: "Asia/Jakarta".to_owned(),
            sessions: numbers.map(|number| self.draft(agency, number)).collect(),
            ..Default::default()
        }
    }

    /// Pushes one session to the programme whose turn it is.
    pub fn push_one(&self, agency: usize, number: usize) -> v1::PushScheduleRequest {
        self.push(agency, &format!("p-{}", number % PROGRAMMES), number..number + 1)
    }
}

/// A new request id.
pub fn request_id() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map(|()| bytes).unwrap_or_default();
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
