//! What came to canonical rows later: fields, which at their default leave a row's bytes as they were, and kinds of rows.

use super::*;
use crate::{
    domain::claim::{Claim, ClaimState},
    ledger::cosignature::WitnessVerifier,
};

const COSIGNATURES: &str = include_str!("../../../../tests/golden/rows-cosignatures.txt");
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

/// The golden file was computed apart from this code.
#[test]
fn a_cosignature_is_digested_as_written_down() {
    let note = include_str!("../../../../tests/golden/cosignature.txt").to_owned();
    let witness = include_str!("../../../../tests/golden/witness-key.txt").trim_end();
    let row = CosignatureRow {
        id: Uuid::from_bytes([4; 16]),
        agency: code("blk-kepri"),
        witness: WitnessVerifier::parse(witness).unwrap(),
        size: 1_234,
        at: "2026-03-02T01:00:00Z".parse().unwrap(),
        note,
    };
    let lines: Vec<_> = COSIGNATURES.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, [golden_line(&row)]);
    assert_eq!(row.resource(), "cosignatures/04040404-0404-0404-0404-040404040404");
    assert_eq!((row.version(), row.readers()), (1, Readers::everybody()), "it never changes");
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

/// Who gave a note, when and with which act, came later: a row of before has a note alone at most, and digests as it did.
#[test]
fn remarks_come_behind_what_was_digested_before() {
    let at = jiff::Timestamp::from_microsecond(100).unwrap();
    let remark = |act| Remark::new(act, code("dkp-kepri"), at, text("Jeda"));
    let unsigned = Remark { act: None, agency: None, at: None, note: text("Jeda") };
    // Act, agency, time and note.
    let signed = |act: &str| {
        let texts = |tag: u8, text: &str| [&[tag << 3 | 2, text.len() as u8], text.as_bytes()].concat();
        [texts(1, act), texts(2, "dkp-kepri"), vec![3 << 3, 100], texts(4, "Jeda")].concat()
    };
    let field = |tag: u8, bytes: Vec<u8>| [vec![tag << 3 | 2, bytes.len() as u8], bytes].concat();

    let before = agreement().canonical();
    let mut with = Agreement { remarks: vec![unsigned.clone()], ..agreement() };
    assert_eq!(with.canonical(), before);
    with.remarks.extend([remark(RemarkAct::Suspend), remark(RemarkAct::Terminate)]);
    let added = [field(10, signed("SUSPEND")), field(10, signed("TERMINATE"))].concat();
    assert_eq!(with.canonical(), [before, added].concat());

    let before = agency().canonical();
    let with = Agency { remark: Some(unsigned.clone()), ..agency() };
    assert_eq!(with.canonical(), before);
    let with = Agency { remark: Some(remark(RemarkAct::Suspend)), ..agency() };
    assert_eq!(with.canonical(), [before, field(7, signed("SUSPEND"))].concat());

    let before = programme().canonical();
    let with = Programme { remark: Some(unsigned), ..programme() };
    assert_eq!(with.canonical(), before);
    let with = Programme { remark: Some(remark(RemarkAct::Cancel)), ..programme() };
    assert_eq!(with.canonical(), [before, field(13, signed("CANCEL"))].concat());

    let before = session().canonical();
    let note = session().remark.unwrap().note;
    let with = Session { remark: Some(Remark { note, ..remark(RemarkAct::Cancel) }), ..session() };
    let added = [field(14, b"dkp-kepri".to_vec()), vec![15 << 3, 100]].concat();
    assert_eq!(with.canonical(), [before, added].concat());
}
