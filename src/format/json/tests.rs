//! The reader and the writer against prost, against prost-reflect, and against a list of wrong texts.

mod arbitrary;
mod laws;
mod problems;

use super::*;
use crate::proto::v1::{CreateAgencyRequest, PushScheduleRequest, Session};

#[test]
fn a_request_reads_in_both_spellings() {
    let text = r#"{"name": "agencies/blk-kepri/schedules/las", "time_zone": "Asia/Jakarta", "mode":
        "BATCH_MODE_ATOMIC", "sessions": [{"uid": "a", "sequence": 1, "startsAt": "2026-03-02T08:00:00+07:00",
        "ends_at": "2026-03-02T04:00:00Z", "topic": "Las", "trainers": [{"trainer": "t", "role": "TRAINER_ROLE_LEAD"}]}]}"#;
    let push: PushScheduleRequest = request_from_json(text).unwrap();
    assert_eq!(push.sessions[0].starts_at.unwrap().seconds, 1_772_413_200);
    assert_eq!((push.mode, push.sessions[0].trainers[0].role), (1, 1));
    let Requests { all: both, many } =
        requests_from_json::<PushScheduleRequest>(&format!("\u{feff} [{text},{text}]")).unwrap();
    assert!(many && both == [push.clone(), push]);
    let none = requests_from_json::<PushScheduleRequest>("[]").unwrap();
    assert!(none.many && none.all.is_empty());
}

#[test]
fn the_sender_draws_a_request_id_or_the_text_gives_it() {
    let text = br#"{"requestId": "0192", "name": "a"}"#;
    let shape = shape_of::<PushScheduleRequest>();
    let request: PushScheduleRequest = decode(&read(text, shape, RequestIds::Given).unwrap());
    assert_eq!((request.request_id.as_str(), request.name.as_str()), ("0192", "a"));
    assert!(read(text, shape, RequestIds::Drawn).is_err());
}

#[test]
fn times_are_taken_as_programs_write_them() {
    for written in ["2026-03-02 08:00:00+0700", "2026-03-02t08:00+07", "20260302T010000Z"] {
        let text = format!(r#"{{"sessions": [{{"starts_at": "{written}"}}]}}"#);
        let request = request_from_json::<PushScheduleRequest>(&text).unwrap();
        assert_eq!(request.sessions[0].starts_at.unwrap().seconds, 1_772_413_200, "{written}");
    }
}

#[test]
fn a_number_may_stand_in_quotation_marks_and_nothing_else_may_be_one() {
    let read = |written: &str| {
        let text = format!(r#"{{"sessions": [{{"sequence": {written}}}]}}"#);
        request_from_json::<PushScheduleRequest>(&text).ok().map(|request| request.sessions[0].sequence)
    };
    for (written, sequence) in
        [("7", 7), ("\"7\"", 7), ("-7", -7), ("\"-7\"", -7), ("0", 0), ("null", 0), ("2147483647", i32::MAX)]
    {
        assert_eq!(read(written), Some(sequence), "{written}");
    }
    for written in [
        "7.0",
        "7e0",
        "7E2",
        "\"+7\"",
        "\"07\"",
        "\" 7\"",
        "\"7.0\"",
        "\"\"",
        "\"-\"",
        "true",
        "[7]",
        "{}",
        "2147483648",
        "\"-2147483649\"",
        "18446744073709551616",
        "\"99999999999999999999999999999999999999999999999999\"",
    ] {
        assert_eq!(read(written), None, "{written}");
    }
}

#[test]
fn a_gateway_refuses_as_the_list_says() {
    let refusal = |text: &str| Refusal::from(request_from_json::<CreateAgencyRequest>(text).unwrap_err());
    let fields = refusal(r#"{"a": 1, "b": 2}"#);
    assert_eq!((fields.reason(), fields.violations.len()), (Reason::FieldsInvalid, 2));
    let broken = refusal("{\n\"code\": \"a\",\n\"code\" \"b\"}");
    assert_eq!(
        broken.fault.text(crate::domain::reason::Language::English),
        "The message is not JSON: line 3, column 8: a colon is missing after the field's name. Correct it there; most editors \
         show the place."
    );
    assert!(broken.violations.is_empty());
}

#[test]
fn answers_read_as_the_contract_names_them() {
    let mut session = Session {
        name: "agencies/blk-kepri/sessions/a".into(),
        starts_at: Some(prost_types::Timestamp { seconds: 1_772_413_200, nanos: 0 }),
        state: 1,
        ..Session::default()
    };
    assert_eq!(
        to_json(&session),
        serde_json::json!({
            "name": "agencies/blk-kepri/sessions/a",
            "starts_at": "2026-03-02T01:00:00Z",
            "state": "SESSION_STATE_TENTATIVE",
        })
    );
    session.starts_at = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 });
    assert_eq!(to_json(&session), serde_json::json!("a time is outside the calendar"));
}

#[test]
fn what_stood_in_the_output_stays_there() {
    let mut out = b"before".to_vec();
    let shape = shape_of::<Session>();
    write(&[], shape, Style::Contract, &mut out).unwrap();
    assert_eq!(out, b"before{}");
    assert_eq!(write(&[0x0a, 1, 0xff], shape, Style::Contract, &mut out), Err(WireError::NotUtf8));
    assert_eq!(out, b"before{}");
}

#[test]
fn brackets_in_brackets_end_no_program() {
    let deep = 200_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{}1{}", open.repeat(deep), close.repeat(deep));
        for text in [text.clone(), format!("{{\"name\": {text}}}"), format!("{{\"nama\": {text}}}")] {
            let found = requests_from_json::<PushScheduleRequest>(&text).unwrap_err();
            assert!(matches!(&found, JsonErrors::Problems(problems) if problems.len() == 1), "{found:?}");
        }
    }
}

#[test]
fn no_more_faults_are_told_than_anybody_reads() {
    let text = format!("{{{}\"a\": 1}}", "\"a\": 1,".repeat(100_000));
    let JsonErrors::Problems(problems) = request_from_json::<PushScheduleRequest>(&text).unwrap_err() else {
        panic!()
    };
    assert_eq!(problems.len(), 1_000);
}
