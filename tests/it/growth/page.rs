//! What a page of assignments costs the database beside a hundred thousand sessions, by the server's own count: one statement, of
//! which nothing is planned once its connection knows it.

use gerbang::proto::v1;
use sqlx::Executor;

use super::{
    ASSIGNMENTS, Crowd, PAGE,
    push::{Cost, counted, reset},
};

/// How often a page is asked for until every plan is kept, and how often it is counted.
const WARM: usize = 12;
const COUNTED: i64 = 6;

#[tokio::test]
async fn a_page_is_one_statement_and_planned_never() {
    let Crowd { cast, .. } = Crowd::gather().await;
    let mut db = cast.world.superuser().await;
    db.execute("CREATE EXTENSION pg_stat_statements").await.unwrap();
    let page_size = i32::try_from(PAGE).unwrap();
    let first = v1::ListTrainerAssignmentsRequest { page_size, ..Default::default() };
    let list = async |request: &v1::ListTrainerAssignmentsRequest| {
        cast.lapas.assignment().list_trainer_assignments(request.clone()).await.unwrap().into_inner()
    };
    let shown = list(&first).await;
    assert_eq!(shown.assignments.len(), page_size as usize);
    let next = v1::ListTrainerAssignmentsRequest { page_token: shown.next_page_token, ..first.clone() };
    let unchanged = v1::ListTrainerAssignmentsRequest { if_none_match: shown.etag, ..first.clone() };
    for (what, request) in [("the first page", &first), ("the next page", &next), ("unchanged", &unchanged)] {
        for _ in 0..WARM {
            list(request).await;
        }
        let fits =
            |[cost]: &[Cost; 1]| (cost.plans, cost.wal) == (0, 0) && cost.buffers <= ASSIGNMENTS * COUNTED;
        let [cost] = counted(fits, async || {
            reset(&mut db).await;
            for _ in 0..COUNTED {
                assert_eq!(list(request).await.unchanged, what == "unchanged");
            }
            [Cost::of(&mut db, "").await]
        })
        .await;
        println!("{what}: {cost:?}");
        assert_eq!((cost.calls, cost.plans, cost.wal), (COUNTED, 0, 0), "{what}");
        assert!(cost.buffers <= ASSIGNMENTS * COUNTED, "{what}: {cost:?}");
    }
}
