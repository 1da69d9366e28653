//! What ends a series from without: a gateway that is told to stop, and a caller that is let in no more.

use std::time::Duration;

use super::{Series, assert_stored, entries, parts, recorded};
use crate::{
    access::suspend,
    cast::Cast,
    link::Link,
    push::{SESSIONS, count, shut},
    world::reason,
};

/// The longest that a gateway is given to stop, which none of these needs: who holds it up is cut off, and told nothing.
const STOP: Duration = Duration::from_secs(60);

/// A session's uid, by which the link to the database knows the push that it holds back.
const HELD: &str = "tertahan-di-jalan";

/// Nothing flows in one of two streams. In the other a push is being stored: it is answered, and nothing is taken after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_that_stops_answers_what_it_has_taken_and_ends_each_series() {
    let mut cast = Cast::ready().await;
    let (link, _first) = Link::before_a_gateway(&mut cast.world).await;
    let blk = cast.world.connect("blk-kepri", "jadwal").await;
    let mut parts = parts(4);
    parts[2].sessions[0].uid = HELD.to_owned();
    let mut idle = Series::begin(&blk, &parts[..1]).await.unwrap();
    let mut answers = idle.hear_stored(1).await;
    let mut busy = Series::begin(&blk, &parts[1..2]).await.unwrap();
    answers.extend(busy.hear_stored(1).await);
    link.hold(HELD);
    busy.send(&parts[2]);
    link.until_held(1).await;
    busy.send(&parts[3]);
    let gateway = cast.world.gateway.take().unwrap();
    let hear = async {
        assert_eq!(reason(&idle.hear().await.unwrap_err()), "GATEWAY_STOPPING");
        link.release();
        answers.extend(busy.hear_stored(1).await);
        assert_eq!(reason(&busy.hear().await.unwrap_err()), "GATEWAY_STOPPING");
    };
    tokio::join!(gateway.shutdown(STOP), hear);
    assert_stored(&cast, &parts[..3], &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_series_begins_in_a_gateway_that_stops() {
    let mut cast = Cast::ready().await;
    let parts = parts(2);
    let mut open = Series::begin(&cast.blk, &parts[..1]).await.unwrap();
    let answers = open.hear_stored(1).await;
    // Its first push is yet to come.
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let mut schedule = cast.blk.schedule();
    let waiting = tokio::spawn(async move {
        schedule.push_sessions(tokio_stream::wrappers::UnboundedReceiverStream::new(receiver)).await
    });
    let gateway = cast.world.gateway.take().unwrap();
    gateway.shutdown(STOP).await;
    assert_eq!(reason(&open.hear().await.unwrap_err()), "GATEWAY_STOPPING");
    drop(sender);
    assert!(waiting.await.unwrap().is_err());
    cast.world.start_gateway().await;
    cast.blk = cast.world.connect("blk-kepri", "jadwal").await;
    cast.lapas = cast.world.connect("lapas-tpi", "sdp").await;
    assert_stored(&cast, &parts[..1], &answers).await;
}

/// Each push has the time of a call: to come, and to be stored. A series to which nothing comes keeps its place no longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_series_whose_push_takes_too_long_ends() {
    let mut cast = Cast::ready().await;
    cast.world.config.limits.deadline_seconds = 10;
    let (link, _first) = Link::before_a_gateway(&mut cast.world).await;
    let blk = cast.world.connect("blk-kepri", "jadwal").await;
    let mut parts = parts(6);
    parts[5].sessions[0].uid = HELD.to_owned();
    let (mut open, mut answers) = (Vec::new(), Vec::new());
    for part in &parts[..4] {
        let mut series = Series::begin(&blk, std::slice::from_ref(part)).await.unwrap();
        answers.extend(series.hear_stored(1).await);
        open.push(series);
    }
    let fifth = async || Series::begin(&blk, &parts[4..5]).await;
    assert_eq!(reason(&fifth().await.err().unwrap()), "OVERLOADED");
    link.hold(HELD);
    open[0].send(&parts[5]);
    link.until_held(1).await;
    let mut heard = Vec::new();
    for series in &mut open {
        heard.push(reason(&series.hear().await.unwrap_err()));
    }
    link.release();
    // The push was held before it was asked to be stored, or where it was.
    assert!(["NOT_STORED_IN_TIME", "DEADLINE_PASSED"].contains(&heard[0].as_str()), "{heard:?}");
    assert_eq!(heard[1..], ["SERIES_IDLE"; 3]);
    let mut series = fifth().await.unwrap();
    answers.extend(series.hear_stored(1).await);
    series.send(&parts[5]);
    answers.extend(series.hear_stored(1).await);
    series.end().await;
    assert_stored(&cast, &parts, &answers).await;
}

/// The stream may have ended by the time of the next push: by the watch of the registry, which knows the caller no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_let_in_no_more_pushes_no_more() {
    for (revoked, expected) in [(true, "CERTIFICATE_REVOKED"), (false, "AGENCY_SUSPENDED")] {
        let cast = Cast::ready().await;
        let parts = parts(2);
        let mut series = Series::begin(&cast.blk, &parts[..1]).await.unwrap();
        let answers = series.hear_stored(1).await;
        match revoked {
            true => shut::revoke(&cast).await,
            false => suspend(&cast.admin, "agencies/blk-kepri").await,
        }
        // It is gone where the stream has ended.
        let _ = series.pushes.send(parts[1].clone());
        let refused = series.hear().await.unwrap_err();
        assert!([expected, "CERTIFICATE_NOT_REGISTERED"].contains(&reason(&refused).as_str()), "{refused:?}");
        assert_eq!(recorded(&cast.world).await, entries(&answers), "{expected}");
        assert_eq!(count(&cast.world, SESSIONS).await, 1, "{expected}");
    }
}
