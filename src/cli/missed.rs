//! Why a selection found nothing: what was looked for, the nearest day that has some, and what was left out and why.
//!
//! Owns these sentences, for sessions and assignments alike. Judges nothing: states, and whether agreements are in force,
//! are the gateway's answers.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use super::{
    connection::Connection,
    failure::Failure,
    options::{Period, Range},
    when::{self, When},
    words,
};
use crate::domain::{
    reason::{Language, moment},
    time::Zone,
};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Session,
    Assignment,
}

/// What was looked for, and when.
pub struct Sought {
    item: Item,
    /// The first moment of the period, and the first one after it.
    bounds: (Option<Timestamp>, Option<Timestamp>),
    /// The zone in which the period's days are counted.
    zone: Zone,
    now: Timestamp,
}

/// One thing that is found without the period and the states.
pub struct Near {
    pub start: Timestamp,
    pub end: Timestamp,
    /// Of its schedule.
    pub zone: Zone,
    /// By its name in the contract.
    pub state: &'static str,
    /// Whether the state is one that was looked for.
    pub fits: bool,
    /// Whether its agreements are in force, where that counts.
    pub in_force: bool,
}

impl Sought {
    /// Two round trips at the most, for the zone of days.
    pub async fn of(conn: &Connection<'_>, item: Item, period: &Period) -> Result<Self, Failure> {
        let (from, to) = conn.bounds(&period.range()).await?;
        let bounds = (when::of_proto(from.as_ref()), when::of_proto(to.as_ref()));
        Ok(Self { item, bounds, zone: Zone::from_store(conn.told_zone().await), now: conn.now() })
    }

    /// From now on, or from the period's start where that is earlier: to find what lies near it.
    pub fn wide(&self) -> Period {
        let from = self.bounds.0.map_or(self.now, |from| from.min(self.now));
        Period { range: Range { from: Some(When::At(from)), to: None }, day: None }
    }

    /// The sentences, each on a line of its own. `states` are those that were asked for, or to which the verb applies, by
    /// their names in the contract; none for any.
    pub fn text(&self, language: Language, states: &[&str], near: &[Near]) -> String {
        let what = self.what(language, states);
        let mut lines = vec![words::none_found(language, what, self.when(language))];
        lines.extend(self.nearest(language, near));
        lines.extend(self.left_out(language, near));
        lines.join("\n")
    }

    /// `assignment in the state ACCEPTED`, `penugasan DISETUJUI`.
    fn what(&self, language: Language, states: &[&str]) -> String {
        let states: Vec<_> = states.iter().map(|state| words::value(language, state)).collect();
        match (states.is_empty(), language) {
            (true, _) => words::item(language, self.item).to_owned(),
            (false, Language::English) => {
                format!("{} in the state {}", words::item(language, self.item), states.join(" or "))
            }
            (false, Language::Indonesian) => {
                format!("{} {}", words::item(language, self.item), states.join(" atau "))
            }
        }
    }

    /// ` on Sun 20 Dec`; empty where no period was given.
    fn when(&self, language: Language) -> String {
        let shown = |day: Date| moment::day(day, language);
        let first = self.bounds.0.map(|at| self.zone.shown(at).date());
        let last = self.bounds.1.and_then(|at| Timestamp::from_second(at.as_second() - 1).ok());
        let last = last.map(|at| self.zone.shown(at).date());
        match (first, last) {
            (None, None) => String::new(),
            (Some(first), Some(last)) if first == last => words::on_day(language, shown(first)),
            (Some(first), Some(last)) => words::on_days(language, shown(first), shown(last)),
            (Some(first), None) => words::from_day(language, shown(first)),
            (None, Some(last)) => words::to_day(language, shown(last)),
        }
    }

    /// The nearest day outside the period that has what was looked for, and how many.
    fn nearest(&self, language: Language, near: &[Near]) -> Option<String> {
        let from = self.bounds.0.unwrap_or(self.now).as_second();
        let others =
            near.iter().filter(|one| one.fits && one.in_force && one.start > self.now && !self.holds(one));
        let mut days: BTreeMap<Date, (i64, usize)> = BTreeMap::new();
        for one in others {
            let away = one.start.as_second().abs_diff(from).try_into().unwrap_or(i64::MAX);
            let (least, count) = days.entry(one.zone.shown(one.start).date()).or_insert((away, 0));
            *least = (*least).min(away);
            *count += 1;
        }
        let (day, (_, count)) = days.into_iter().min_by_key(|(_, (away, _))| *away)?;
        Some(words::nearest_day(language, moment::day(day, language), count))
    }

    /// What there is within the period, and why it is not meant.
    fn left_out(&self, language: Language, near: &[Near]) -> Vec<String> {
        let within: Vec<_> = near.iter().filter(|one| self.holds(one)).collect();
        let item = words::item(language, self.item);
        let begun = within.iter().filter(|one| one.start <= self.now).count();
        let ahead = || within.iter().filter(|one| one.start > self.now);
        let closed = ahead().filter(|one| one.fits && !one.in_force).count();
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        ahead().filter(|one| !one.fits).for_each(|one| *states.entry(one.state).or_default() += 1);
        let mut lines = Vec::new();
        lines.extend((begun > 0).then(|| words::left_out_begun(language, begun, item)));
        lines.extend((closed > 0).then(|| words::left_out_closed(language, closed, item)));
        let of_state = |(state, count): (&str, usize)| {
            words::left_out_state(language, count, item, words::value(language, state))
        };
        lines.extend(states.into_iter().map(of_state));
        lines
    }

    fn holds(&self, one: &Near) -> bool {
        self.bounds.0.is_none_or(|from| one.end > from) && self.bounds.1.is_none_or(|to| one.start < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(start: &str, state: &'static str, in_force: bool) -> Near {
        let start: Timestamp = start.parse().unwrap();
        Near {
            start,
            end: Timestamp::from_second(start.as_second() + 3 * 3600).unwrap(),
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            state,
            fits: state == "ASSIGNMENT_STATE_ACCEPTED",
            in_force,
        }
    }

    fn said(language: Language, days: Option<(&str, &str)>, near: &[Near]) -> String {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let sought = Sought {
            item: Item::Assignment,
            bounds: (days.map(|(from, _)| at(from)), days.map(|(_, to)| at(to))),
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            now: at("2026-11-27T01:00:00Z"),
        };
        sought.text(language, &["ASSIGNMENT_STATE_ACCEPTED"], near)
    }

    #[test]
    fn what_was_looked_for_the_nearest_day_and_what_was_left_out_are_said() {
        let all = [
            near("2026-12-21T01:00:00Z", "ASSIGNMENT_STATE_ACCEPTED", true),
            near("2026-12-21T06:00:00Z", "ASSIGNMENT_STATE_ACCEPTED", true),
            near("2026-12-18T01:00:00Z", "ASSIGNMENT_STATE_ACCEPTED", true),
            near("2026-12-20T01:00:00Z", "ASSIGNMENT_STATE_ACCEPTED", false),
            near("2026-12-20T02:00:00Z", "ASSIGNMENT_STATE_CLEARANCE_REFUSED", true),
            near("2026-12-19T02:00:00Z", "ASSIGNMENT_STATE_PROPOSED", true),
        ];
        let day = Some(("2026-12-19T17:00:00Z", "2026-12-20T17:00:00Z"));
        assert_eq!(
            said(Language::Indonesian, day, &all),
            "Tidak ada penugasan DISETUJUI pada Min 20 Des.\n\
             Terdekat: Sen 21 Des (2).\n\
             1 penugasan tidak termasuk karena perjanjiannya tidak berlaku (ditangguhkan atau telah berakhir).\n\
             1 penugasan tidak termasuk karena berstatus IZIN DITOLAK."
        );
        assert_eq!(
            said(Language::English, day, &all),
            "No assignment in the state ACCEPTED on Sun 20 Dec.\n\
             Nearest: Mon 21 Dec (2).\n\
             1 assignment(s) left out: under an agreement that is not in force (suspended or over).\n\
             1 assignment(s) left out: in the state CLEARANCE_REFUSED."
        );
        assert_eq!(said(Language::Indonesian, day, &[]), "Tidak ada penugasan DISETUJUI pada Min 20 Des.");
    }

    #[test]
    fn periods_read_as_days() {
        let range = Some(("2026-12-18T17:00:00Z", "2026-12-20T17:00:00Z"));
        assert_eq!(
            said(Language::Indonesian, range, &[]),
            "Tidak ada penugasan DISETUJUI dari Sab 19 Des sampai Min 20 Des."
        );
        let begun = [near("2026-11-27T00:00:00Z", "ASSIGNMENT_STATE_ACCEPTED", true)];
        assert_eq!(
            said(Language::English, None, &begun),
            "No assignment in the state ACCEPTED.\n1 assignment(s) left out: begun already."
        );
    }
}
