//! What came to canonical rows later: fields, which at their default leave a row's bytes as they were, and kinds of rows.

use super::*;
use crate::domain::claim::{Claim, ClaimState};

const CLAIMS: &str = include_str!("../../../../tests/golden/rows-claims.txt");

/// The golden file was computed apart from this code.
#[test]
fn a_claim_is_digested_as_written_down() {
    let claim = Claim {
        id: Uuid::from_u128(30),
        claimed_id: Uuid::from_u128(31),
        claimed: TrainerName::parse("agencies/blk-kepri/trainers/t9").unwrap(),
        held_id: Uuid::from_u128(32),
        held: TrainerName::parse("agencies/dkp-kepri/trainers/f1").unwrap(),
        state: ClaimState::Confirmed,
        confirmed_by: Some(code("dkp-kepri")),
        version: 2,
        created_at: "2026-02-03T00:00:00Z".parse().unwrap(),
    };
    let lines: Vec<_> = CLAIMS.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, [golden_line(&claim)]);
}

/// When a programme was opened came later.
#[test]
fn the_day_of_opening_comes_behind_what_was_digested_before() {
    let (mut before, mut opened) = (programme().canonical(), programme());
    opened.opened_at = Some(jiff::Timestamp::from_microsecond(100).unwrap());
    before.extend([12 << 3, 100]);
    assert_eq!(opened.canonical(), before);
}

/// Who may name a trainer came later: rows of before read as if nobody might, and digest as they did.
#[test]
fn lending_comes_behind_what_was_digested_before() {
    let (mut before, mut lent) = (trainer().canonical(), trainer());
    lent.profile.lending.to_all = true;
    lent.profile.lending.to = ["dkp-kepri", "blk-kepri"].map(|code| AgencyCode::parse(code).unwrap()).into();
    for code in ["blk-kepri", "dkp-kepri"] {
        before.extend([6 << 3 | 2, 9]);
        before.extend(code.as_bytes());
    }
    before.extend([7 << 3, 1]);
    assert_eq!(lent.canonical(), before);
}
