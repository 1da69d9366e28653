//! The judgements: what was seen, against what must be. Pure, given the time.

mod certificate;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

pub use certificate::{administrators, chain, inventory, leads_to, own_validity, validity};

use super::Finding;
use crate::{
    cli::{clock::differs, words},
    domain::{certificate::Authority, reason::Language},
    store::{Schema, health::Bounds},
};

/// By so much clocks may differ: less than the hour by which certificates are backdated, and more than the network
/// makes of it.
const CLOCK_WARNS: SignedDuration = SignedDuration::from_secs(5);
const CLOCK_FAILS: SignedDuration = SignedDuration::from_secs(60);
/// A signer says that it is alive four times a second.
const SIGNER_AWAY: SignedDuration = SignedDuration::from_secs(60);

pub fn schema(language: Language, schema: &Schema) -> Finding {
    const CHECK: &str = "schema";
    match schema {
        Schema::Fits => Finding::ok(CHECK, words::doctor_schema(language)),
        Schema::Behind(missing) => {
            Finding::failed(CHECK, words::doctor_schema_behind(language, missing.join(", ")))
        }
        Schema::Ahead(versions) => {
            let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
            Finding::failed(CHECK, words::doctor_schema_ahead(language, versions.join(", ")))
        }
    }
}

/// By how much the database's clock is ahead of ours.
pub fn clock(language: Language, ahead: SignedDuration) -> Finding {
    const CHECK: &str = "clock";
    let difference = ahead.abs();
    let seconds = format!("{:.1}", difference.as_secs_f64());
    match difference {
        off if off > CLOCK_FAILS => Finding::failed(CHECK, words::doctor_clock_off(language, seconds)),
        off if off > CLOCK_WARNS => Finding::warning(CHECK, words::doctor_clock_off(language, seconds)),
        _ => Finding::ok(CHECK, words::doctor_clock(language, seconds)),
    }
}

/// By how much the gateway's clock is ahead of ours.
pub fn gateway_clock(language: Language, ahead: SignedDuration) -> Finding {
    const CHECK: &str = "gateway-clock";
    match differs(language, ahead) {
        Some(text) => Finding::failed(CHECK, text),
        None => Finding::ok(CHECK, words::doctor_gateway_clock(language)),
    }
}

/// The stored zones that the zone database in this program lacks.
pub fn zones(language: Language, unknown: &[String]) -> Finding {
    const CHECK: &str = "time-zones";
    match unknown {
        [] => Finding::ok(CHECK, words::doctor_zones(language)),
        _ => Finding::failed(CHECK, words::doctor_zones_unknown(language, unknown.join(", "))),
    }
}

/// What keeps whoever has a role's connection from harming others: the roles' bounds, and the watch over the table of locks.
pub fn bounds(language: Language, bounds: &Bounds) -> [Finding; 2] {
    const CHECK: &str = "database-roles";
    let roles = match &bounds.missing[..] {
        [] => Finding::ok(CHECK, words::doctor_roles(language)),
        missing => {
            let text = words::doctor_roles_unbounded(language, missing.join(", "), &bounds.database);
            Finding::warning(CHECK, text)
        }
    };
    const WATCH: &str = "database-watch";
    let watch = match bounds.watched {
        true => Finding::ok(WATCH, words::doctor_watched(language)),
        false => Finding::warning(WATCH, words::doctor_unwatched(language)),
    };
    [roles, watch]
}

/// The newest list of each authority. Half of its life is what the signer needs at most to make another.
pub fn lists(language: Language, authorities: &[Authority], now: Timestamp) -> Vec<Finding> {
    const CHECK: &str = "revocation-lists";
    if authorities.is_empty() {
        return vec![Finding::failed(CHECK, words::doctor_not_founded(language))];
    }
    let judged = authorities.iter().map(|authority| {
        let name = &authority.name;
        let Some(crl) = &authority.crl else {
            return Finding::failed(CHECK, words::doctor_list_missing(language, name));
        };
        let until = minute(crl.next_update);
        if now > crl.next_update {
            Finding::failed(CHECK, words::doctor_list_over(language, name, until))
        } else if crl.is_stale(now) {
            Finding::warning(CHECK, words::doctor_list_stale(language, name, until))
        } else {
            Finding::ok(CHECK, words::doctor_list(language, name, until))
        }
    });
    judged.collect()
}

pub fn signer(language: Language, beat: Option<Timestamp>, now: Timestamp) -> Finding {
    const CHECK: &str = "signer";
    let Some(beat) = beat else { return Finding::failed(CHECK, words::doctor_signer_never(language)) };
    // A beat that lies ahead is the clock's fault, which another check tells.
    let age = now.duration_since(beat).abs();
    match age > SIGNER_AWAY {
        true => Finding::failed(CHECK, words::doctor_signer_away(language, minute(beat))),
        false => Finding::ok(CHECK, words::doctor_signer(language, age.as_secs())),
    }
}

/// What a mark can be held against.
#[derive(Debug, Clone, Copy)]
pub struct MarkSeen {
    /// Whether the file is there; a signer writes it when it first works.
    pub written: bool,
    /// Whether the database answers.
    pub answers: bool,
}

/// What the signer remembers of a database that had less than it should. It stays so until somebody has looked.
pub fn mark(language: Language, restored_at: Option<Timestamp>, file: &Path, seen: MarkSeen) -> Finding {
    const CHECK: &str = "mark";
    match (restored_at, seen) {
        (Some(at), _) => Finding::failed(CHECK, words::doctor_restored(language, minute(at), file.display())),
        (None, MarkSeen { written: false, .. }) => {
            Finding::warning(CHECK, words::doctor_mark_missing(language, file.display()))
        }
        (None, MarkSeen { answers: false, .. }) => {
            Finding::warning(CHECK, words::doctor_mark_unchecked(language))
        }
        (None, _) => Finding::ok(CHECK, words::doctor_mark(language)),
    }
}

/// For people: to the minute, in UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::{super::Level, *};
    use crate::domain::certificate::{AuthorityKind, Crl};

    const EN: Language = Language::English;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn seconds(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    #[test]
    fn clocks_may_differ_a_little() {
        for (ahead, level) in [
            (0, Level::Ok),
            (5, Level::Ok),
            (-6, Level::Warning),
            (60, Level::Warning),
            (61, Level::Failed),
            (-3600, Level::Failed),
        ] {
            assert_eq!(clock(EN, seconds(ahead)).level, level, "{ahead}");
        }
        assert!(clock(EN, seconds(-6)).text.contains("6.0 s"));
        assert_eq!(gateway_clock(EN, seconds(-60)).level, Level::Ok);
        let behind = gateway_clock(EN, seconds(90 * 60));
        assert_eq!(behind.level, Level::Failed);
        assert!(behind.text.contains("90 min behind the gateway's"), "{}", behind.text);
    }

    #[test]
    fn a_zone_without_rules_is_named() {
        assert_eq!(zones(EN, &[]).level, Level::Ok);
        let unknown = zones(EN, &["Mars/Olympus".to_owned(), "Mars/Arsia".to_owned()]);
        assert_eq!(unknown.level, Level::Failed);
        assert!(unknown.text.contains("Mars/Olympus, Mars/Arsia"), "{}", unknown.text);
    }

    #[test]
    fn roles_are_bounded_and_locks_are_watched() {
        let mut seen = Bounds { database: "gerbang".to_owned(), missing: Vec::new(), watched: true };
        assert_eq!(bounds(EN, &seen).map(|finding| finding.level), [Level::Ok; 2]);
        seen = Bounds { missing: vec!["TEMPORARY".to_owned()], watched: false, ..seen };
        for language in [EN, Language::Indonesian] {
            let [roles, watch] = bounds(language, &seen);
            assert_eq!([roles.level, watch.level], [Level::Warning; 2]);
            assert!(roles.text.contains("TEMPORARY"), "{}", roles.text);
            assert!(roles.text.contains("psql -d gerbang -f docs/roles.sql"), "{}", roles.text);
            assert!(watch.text.contains("systemctl restart gerbang-watch"), "{}", watch.text);
            assert!(watch.text.contains("docs/watch.sql"), "{}", watch.text);
        }
    }

    #[test]
    fn lists_age() {
        let crl = Crl {
            number: 1,
            der: Vec::new(),
            this_update: at("2026-03-01T00:00:00Z"),
            next_update: at("2026-03-08T00:00:00Z"),
        };
        let authority = Authority {
            fingerprint: [1; 32],
            kind: AuthorityKind::Clients,
            name: "Klien".to_owned(),
            der: Vec::new(),
            key_id: [2; 32],
            not_after: at("2030-01-01T00:00:00Z"),
            crl: Some(crl),
            version: 1,
        };
        let level = |now: &str| lists(EN, std::slice::from_ref(&authority), at(now))[0].level;
        assert_eq!(level("2026-03-04T11:59:00Z"), Level::Ok);
        assert_eq!(level("2026-03-04T12:00:00Z"), Level::Warning);
        assert_eq!(level("2026-03-08T00:00:01Z"), Level::Failed);
        let without = Authority { crl: None, ..authority };
        assert_eq!(lists(EN, &[without], at("2026-03-02T00:00:00Z"))[0].level, Level::Failed);
        assert!(lists(EN, &[], at("2026-03-02T00:00:00Z"))[0].text.contains("ca init"));
    }

    #[test]
    fn a_signer_is_alive_or_not() {
        let now = at("2026-03-02T08:00:00Z");
        assert_eq!(signer(EN, Some(now - seconds(60)), now).level, Level::Ok);
        assert_eq!(signer(EN, Some(now - seconds(61)), now).level, Level::Failed);
        assert_eq!(signer(EN, None, now).level, Level::Failed);
    }

    #[test]
    fn a_mark_is_good_only_where_it_was_compared() {
        let file = Path::new("mark.toml");
        let level =
            |restored_at, written, answers| mark(EN, restored_at, file, MarkSeen { written, answers }).level;
        assert_eq!(level(None, true, true), Level::Ok);
        assert_eq!(level(None, false, true), Level::Warning);
        assert_eq!(level(None, true, false), Level::Warning);
        assert_eq!(level(None, false, false), Level::Warning);
        assert_eq!(level(Some(at("2026-03-01T00:00:00Z")), true, true), Level::Failed);
    }

    #[test]
    fn schemas_are_judged() {
        assert_eq!(schema(EN, &Schema::Fits).level, Level::Ok);
        assert!(schema(EN, &Schema::Behind(vec!["0007 x".into()])).text.contains("0007 x"));
        assert!(schema(EN, &Schema::Ahead(vec![8])).text.contains('8'));
    }
}
