//! Pushes drawn from a seed: few sessions, times, trainers and rooms, so that callers meet. The same seed draws the same.
//!
//! Contents never come back: each new one has a topic of its own, and a sequence that no other has, 0 to 9 above a multiple
//! of ten. What is sent again with a higher sequence stays below the next multiple.

use std::collections::HashSet;

use gerbang::proto::v1;

use super::{CALLERS, LEADS, programme, push_as, room, trainer_name};
use crate::{
    cast::{lead, session},
    dice::Dice,
};

/// Sessions of a programme.
const UIDS: usize = 8;
const DAYS: usize = 6;

/// The index in [`LEADS`] of a caller's agency.
pub fn lead_of(caller: usize) -> usize {
    caller % LEADS.len()
}

/// So many pushes for each caller.
pub fn draw(seed: u64, each: usize) -> Vec<Vec<v1::PushScheduleRequest>> {
    let mut drawing = Drawing::new(seed);
    let mut drawn = vec![Vec::new(); CALLERS];
    for _ in 0..each {
        for (caller, requests) in drawn.iter_mut().enumerate() {
            requests.push(drawing.request(lead_of(caller)));
        }
    }
    drawn
}

struct Drawing {
    dice: Dice,
    /// What was drawn for each lead agency, in order.
    earlier: [Vec<v1::PushScheduleRequest>; 3],
    newest: i32,
    sequences: HashSet<i32>,
}

impl Drawing {
    fn new(seed: u64) -> Self {
        Self { dice: Dice(seed), earlier: Default::default(), newest: 1_000, sequences: HashSet::new() }
    }

    fn request(&mut self, lead: usize) -> v1::PushScheduleRequest {
        let request_id = self.request_id();
        let fresh = v1::PushScheduleRequest { request_id, ..self.fresh(lead) };
        let drawn = match (self.dice.below(100), self.again(lead)) {
            // The same request.
            (0..8, Some(earlier)) => earlier,
            // Another request under its id.
            (8..18, Some(earlier)) => v1::PushScheduleRequest { request_id: earlier.request_id, ..fresh },
            // The same content, as it is and with higher sequences.
            (18..24, Some(earlier)) => v1::PushScheduleRequest { request_id: fresh.request_id, ..earlier },
            (24..32, Some(earlier)) => {
                self.raised(v1::PushScheduleRequest { request_id: fresh.request_id, ..earlier })
            }
            (32..36, _) => v1::PushScheduleRequest { validate_only: true, ..fresh },
            // Another agency's programme, and another's name.
            (36..38, _) => {
                v1::PushScheduleRequest { programme: programme(LEADS[(lead + 1) % 3], 0), ..fresh }
            }
            (38..40, _) => {
                let name = format!("agencies/{}/schedules/j0", LEADS[(lead + 1) % 3]);
                v1::PushScheduleRequest { name, ..fresh }
            }
            _ => fresh,
        };
        self.earlier[lead].push(drawn.clone());
        drawn
    }

    fn request_id(&mut self) -> String {
        let bytes: Vec<u8> = [self.dice.next(), self.dice.next()].map(u64::to_be_bytes).concat();
        uuid::Builder::from_random_bytes(bytes.try_into().unwrap()).into_uuid().to_string()
    }

    /// One of the agency's last: the call may still be under way, or may not have begun.
    fn again(&mut self, lead: usize) -> Option<v1::PushScheduleRequest> {
        let earlier = &self.earlier[lead];
        let back = 1 + self.dice.below(12);
        earlier.len().checked_sub(back).map(|place| earlier[place].clone())
    }

    fn raised(&mut self, mut request: v1::PushScheduleRequest) -> v1::PushScheduleRequest {
        for draft in &mut request.sessions {
            draft.sequence += (9 - draft.sequence % 10).min(1 + self.dice.below(3) as i32);
        }
        request
    }

    /// A push to one of the agency's two programmes, now and then to the other's schedule.
    fn fresh(&mut self, lead: usize) -> v1::PushScheduleRequest {
        let number = self.dice.below(2);
        let schedule = if self.dice.percent(5) { 1 - number } else { number };
        let items = if self.dice.percent(50) { 1 } else { 2 + self.dice.below(3) };
        let mut uids: Vec<usize> = Vec::new();
        while uids.len() < items {
            let uid = self.dice.below(UIDS);
            // The same twice in one push, rarely.
            if !uids.contains(&uid) || self.dice.percent(5) {
                uids.push(uid);
            }
        }
        let sessions = uids.iter().map(|uid| self.draft(lead, &format!("p{number}-{uid}"))).collect();
        let mode = if self.dice.percent(50) { v1::BatchMode::Atomic } else { v1::BatchMode::BestEffort };
        v1::PushScheduleRequest {
            name: format!("agencies/{}/schedules/j{schedule}", LEADS[lead]),
            programme: programme(LEADS[lead], number),
            mode: mode.into(),
            ..push_as(LEADS[lead], sessions)
        }
    }

    fn draft(&mut self, lead_agency: usize, uid: &str) -> v1::SessionDraft {
        let hour = 1 + 2 * self.dice.below(5);
        let start = format!("2026-04-{:02}T{hour:02}:00:00Z", 10 + self.dice.below(DAYS));
        let sequence = self.sequence();
        let mut named: Vec<String> = Vec::new();
        for _ in 0..self.dice.below(3) {
            let agency = if self.dice.percent(70) { lead_agency } else { self.dice.below(3) };
            // The fourth is nobody.
            let number = if self.dice.percent(4) { 3 } else { self.dice.below(3) };
            let name = trainer_name(LEADS[agency], number);
            if !named.contains(&name) {
                named.push(name);
            }
        }
        let facility = match self.dice.below(100) {
            0..75 => String::new(),
            75..96 => room(self.dice.below(2)),
            _ => room(9),
        };
        v1::SessionDraft {
            sequence,
            topic: format!("Materi {sequence}"),
            trainers: named.iter().map(|name| lead(name)).collect(),
            facility,
            ..session(uid, &start)
        }
    }

    /// The next, or one that comes late.
    fn sequence(&mut self) -> i32 {
        self.newest += 20;
        let late = self.newest - 10 - 20 * self.dice.below(40) as i32;
        let sequence =
            if self.dice.percent(15) && !self.sequences.contains(&late) { late } else { self.newest };
        self.sequences.insert(sequence);
        sequence
    }
}
