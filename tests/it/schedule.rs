//! Schedules: what a push does, and what it refuses.

use gerbang::proto::v1::{BatchOutcome, ItemOutcome};

use crate::cast::{Cast, TRAINER, led_session};

#[tokio::test]
async fn a_push_is_stored_and_the_prison_pulls_it() {
    let cast = Cast::ready().await;
    let answer = cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    assert_eq!(answer.results[0].outcome(), ItemOutcome::Created);
    let session = "agencies/blk-kepri/sessions/s1";
    cast.world.assert_entry(&answer.entry, "ScheduleService/PushSchedule", &[session]).await;
    let pulled = cast.pull(&cast.lapas).await;
    assert_eq!(pulled.len(), 1);
    assert_eq!((pulled[0].session.as_str(), pulled[0].trainer.as_str()), (session, TRAINER));
    assert_eq!(pulled[0].trainer_display_name, "Budi Contoh");
}
