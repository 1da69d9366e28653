//! The jobs, in the order of their turns: each of the gateway's stands beside its limits, so that what else the machine does
//! meets both.

use std::{sync::Arc, time::Duration};

use gerbang::{format::json::to_json, proto::v1};
use prost::Message;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};

use crate::{
    Result,
    diary::{LEADS, OF_PROGRAMME, PROGRAMMES, request_id},
    fixture::pushed,
    load::{Call, Drive, call},
    pgbench::{BATCH, Script},
    server::Server,
    stage::Stage,
    wire::{Hand, Wire},
};

/// What a page holds, and how many calls most jobs have under way.
pub const PAGE: i32 = 100;
pub const IN_FLIGHT: usize = 16;

/// Whose process is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Gateway,
    Bare,
    Go,
    Nginx,
}

pub enum Work {
    Calls(Of, Drive, Call),
    Script(Script),
}

pub struct Job {
    pub name: &'static str,
    pub work: Work,
}

impl Stage {
    pub fn server(&self, of: Of) -> Option<&Server> {
        match of {
            Of::Gateway => Some(&self.gateway),
            Of::Bare => Some(&self.bare),
            Of::Go => self.go.as_ref(),
            Of::Nginx => self.nginx.as_ref(),
        }
    }

    /// All jobs that can be done here. `scale` multiplies the counts of a quick run.
    pub fn jobs(&self, scale: usize) -> Vec<Job> {
        let calls = |name, of, calls: usize, in_flight, call| {
            // How long it may take is decided at its turn.
            let drive = Drive { calls: calls * scale, in_flight, longest: Duration::MAX };
            Job { name, work: Work::Calls(of, drive, call) }
        };
        let script = |name, file, clients, transactions: usize| Job {
            name,
            work: Work::Script(self.scripts.script(file, clients, transactions * scale)),
        };
        let mut jobs = vec![
            script("pgbench_one", "one", IN_FLIGHT, 8_000),
            calls("bare_push", Of::Bare, 5_000, IN_FLIGHT, self.peer_push(&self.bare_wires)),
            calls("go_push", Of::Go, 5_000, IN_FLIGHT, self.peer_push(&self.go_wires)),
            calls("push", Of::Gateway, 1_500, IN_FLIGHT, self.push()),
            script("pgbench_six", "six", IN_FLIGHT, 2_000),
            calls("push_one_programme", Of::Gateway, 500, IN_FLIGHT, self.push_one_programme()),
            calls("push_unchanged", Of::Gateway, 1_500, IN_FLIGHT, self.push_unchanged()),
            calls("bare_push_48", Of::Bare, 5_000, 48, self.peer_push(&self.bare_wires)),
            calls("go_push_48", Of::Go, 5_000, 48, self.peer_push(&self.go_wires)),
            calls("push_48", Of::Gateway, 1_500, 48, self.push()),
            script("pgbench_six_48", "six", 48, 2_000),
            calls("bare_push_1", Of::Bare, 600, 1, self.peer_push(&self.bare_wires)),
            calls("push_1", Of::Gateway, 250, 1, self.push()),
            calls("batch", Of::Gateway, 4, 1, self.batch()),
            calls("batch_json", Of::Gateway, 4, 1, self.batch_json()),
            script("pgbench_batch", "batch", 1, 4),
            calls("bare_batch", Of::Bare, 6, 1, self.bare_batch()),
            calls("batch_unchanged", Of::Gateway, 4, 1, self.batch_unchanged()),
            calls("page", Of::Gateway, 700, IN_FLIGHT, page_first(self.fixture.prison.clone())),
            calls("page_json", Of::Gateway, 700, IN_FLIGHT, page_json(self.fixture.prison.clone())),
            script("pgbench_page", "page", IN_FLIGHT, 8_000),
            calls("page_by_token", Of::Gateway, 700, IN_FLIGHT, self.page_by_token()),
            calls("bare_page", Of::Bare, 4_000, IN_FLIGHT, page_first(self.bare_wires[0].clone())),
        ];
        if let Some(wire) = self.go_wires.first() {
            jobs.push(calls("go_page", Of::Go, 3_000, IN_FLIGHT, page_first(wire.clone())));
        }
        if let Some(unchanged) = page_unchanged(self.fixture.prison.clone()) {
            jobs.push(calls("page_unchanged", Of::Gateway, 2_000, IN_FLIGHT, unchanged));
        }
        jobs.extend([
            calls("who_am_i", Of::Gateway, 6_000, IN_FLIGHT, who_am_i(self.fixture.leads.clone())),
            calls("bare_trivial", Of::Bare, 20_000, IN_FLIGHT, who_am_i(self.bare_wires.clone())),
            calls("handshake", Of::Gateway, 500, 4, self.shake(Of::Gateway)),
            calls("nginx_handshake", Of::Nginx, 500, 4, self.shake(Of::Nginx)),
            calls("bare_handshake", Of::Bare, 500, 4, self.shake(Of::Bare)),
        ]);
        jobs.retain(|job| match &job.work {
            Work::Calls(of, ..) => self.server(*of).is_some(),
            Work::Script(_) => true,
        });
        jobs
    }

    /// A new session of each agency in turn, in the programme whose turn it is.
    pub fn push(&self) -> Call {
        let (leads, diary, kept) = (self.fixture.leads.clone(), self.diary(), self.pushed.clone());
        call(move |number| {
            let agency = number % LEADS;
            let session = diary.take(agency, 1);
            kept.session(agency, session);
            let (wire, request) = (leads[agency].clone(), diary.push_one(agency, session));
            async move { pushed(&wire, request, v1::BatchOutcome::Stored).await }
        })
    }

    /// New sessions of one agency, all in one programme until it has its sessions, and then in the next.
    fn push_one_programme(&self) -> Call {
        let (wire, diary) = (self.fixture.leads[0].clone(), self.diary());
        call(move |_| {
            let session = diary.take(0, 1);
            let programme = format!("p-{}", session / OF_PROGRAMME % PROGRAMMES);
            let (wire, request) = (wire.clone(), diary.push(0, &programme, session..session + 1));
            async move { pushed(&wire, request, v1::BatchOutcome::Stored).await }
        })
    }

    fn push_unchanged(&self) -> Call {
        let (leads, diary, kept) = (self.fixture.leads.clone(), self.diary(), self.pushed.clone());
        call(move |number| {
            let again = kept
                .again(number)
                .map(|(agency, session)| (leads[agency].clone(), diary.push_one(agency, session)));
            async move {
                let (wire, request) = again.ok_or("nothing was pushed before")?;
                pushed(&wire, request, v1::BatchOutcome::Unchanged).await
            }
        })
    }

    /// A thousand new sessions of one agency in one programme: each of its trainers five times.
    pub fn batch(&self) -> Call {
        let (leads, diary, kept) = (self.fixture.leads.clone(), self.diary(), self.pushed.clone());
        call(move |number| {
            let agency = number % LEADS;
            let first = diary.take(agency, BATCH);
            let programme = format!("p-{}", first / BATCH % PROGRAMMES);
            let request = diary.push(agency, &programme, first..first + BATCH);
            kept.batch(agency, request.clone());
            let wire = leads[agency].clone();
            async move { pushed(&wire, request, v1::BatchOutcome::Stored).await }
        })
    }

    /// The same as JSON.
    fn batch_json(&self) -> Call {
        let (leads, diary) = (self.fixture.leads.clone(), self.diary());
        call(move |number| {
            let agency = number % LEADS;
            let first = diary.take(agency, BATCH);
            let request =
                diary.push(agency, &format!("p-{}", first / BATCH % PROGRAMMES), first..first + BATCH);
            let (wire, text) = (leads[agency].clone(), to_json(&request).to_string());
            async move {
                let answer = wire.json("ScheduleService/PushSchedule", text).await?;
                let is_stored = answer["outcome"] == "BATCH_OUTCOME_STORED";
                if is_stored { Ok(()) } else { Err(format!("a batch is {}", answer["outcome"]).into()) }
            }
        })
    }

    fn batch_unchanged(&self) -> Call {
        let (leads, kept) = (self.fixture.leads.clone(), self.pushed.clone());
        call(move |number| {
            let again = kept.batch_again(number);
            let leads = leads.clone();
            async move {
                let (agency, mut request) = again.ok_or("no batch was pushed before")?;
                request.request_id = request_id();
                pushed(&leads[agency], request, v1::BatchOutcome::Unchanged).await
            }
        })
    }

    /// The gateway's push, sent to a service that stores one row of it.
    fn peer_push(&self, wires: &[Wire]) -> Call {
        let (wires, diary) = (wires.to_vec(), self.diary());
        let next = Arc::new(std::sync::atomic::AtomicUsize::new(1_000_000_000));
        call(move |number| {
            let wire = wires[number % wires.len()].clone();
            // Numbers past all others, at the times of the first ones: the row has no exclusion.
            let session = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut request = diary.push_one(number % LEADS, session % 100_000);
            for draft in &mut request.sessions {
                draft.uid = format!("x-{session}-{}", request.request_id);
            }
            async move { pushed(&wire, request, v1::BatchOutcome::Stored).await }
        })
    }

    fn bare_batch(&self) -> Call {
        let (wire, diary) = (self.bare_wires[0].clone(), self.diary());
        call(move |number| {
            let mut request = diary.push(0, "p-0", number * BATCH..(number + 1) * BATCH);
            for draft in &mut request.sessions {
                draft.uid = format!("x-{}-{}", draft.uid, request.request_id);
            }
            let wire = wire.clone();
            async move { pushed(&wire, request, v1::BatchOutcome::Stored).await }
        })
    }

    pub fn page_by_token(&self) -> Call {
        let (wire, tokens) = (self.fixture.prison.clone(), self.tokens.clone());
        call(move |number| {
            let page_token = tokens[number % tokens.len()].clone();
            let (wire, request) =
                (wire.clone(), v1::ListTrainerAssignmentsRequest { page_token, ..first_page() });
            async move { page(&wire, request, 100).await }
        })
    }

    fn shake(&self, of: Of) -> Call {
        let (hands, address): (Vec<Hand>, _) =
            (self.hands.clone(), self.server(of).map(|server| server.address));
        call(move |number| {
            let hand = hands[number % hands.len()].clone();
            async move {
                hand.shake(address.ok_or("not here")?).await?;
                Ok(())
            }
        })
    }
}

pub fn who_am_i(wires: Vec<Wire>) -> Call {
    call(move |number| {
        let wire = wires[number % wires.len()].clone();
        async move {
            wire.agency().who_am_i(v1::WhoAmIRequest::default()).await?;
            Ok(())
        }
    })
}

pub fn first_page() -> v1::ListTrainerAssignmentsRequest {
    v1::ListTrainerAssignmentsRequest { page_size: PAGE, ..Default::default() }
}

pub fn page_first(wire: Wire) -> Call {
    call(move |_| {
        let wire = wire.clone();
        async move { page(&wire, first_page(), 100).await }
    })
}

/// The first page as JSON.
fn page_json(wire: Wire) -> Call {
    call(move |_| {
        let wire = wire.clone();
        async move {
            let text = to_json(&first_page()).to_string();
            let answer = wire.json("AssignmentService/ListTrainerAssignments", text).await?;
            match answer["assignments"].as_array().map_or(0, Vec::len) {
                100 => Ok(()),
                found => Err(format!("a page of {found} rows by JSON").into()),
            }
        }
    })
}

/// Asks for a page, which must hold so many rows.
pub async fn page(wire: &Wire, request: v1::ListTrainerAssignmentsRequest, rows: usize) -> Result<()> {
    let answer = wire.assignment().list_trainer_assignments(request).await?.into_inner();
    match answer.assignments.len() {
        found if found == rows => Ok(()),
        found => Err(format!("a page of {found} rows in place of {rows}").into()),
    }
}

/// The first page again, with the etag of the query: it must hold no rows. Nothing where the contract has no such field.
fn page_unchanged(wire: Wire) -> Option<Call> {
    with_text(&first_page(), "if_none_match", "")?;
    let etag = Arc::new(tokio::sync::OnceCell::new());
    Some(call(move |_| {
        let (wire, etag) = (wire.clone(), etag.clone());
        async move {
            let etag = etag.get_or_try_init(|| async {
                let answer = wire.assignment().list_trainer_assignments(first_page()).await?.into_inner();
                text(&answer, "etag").ok_or_else(|| crate::Error::from("a page without an etag"))
            });
            let request = with_text(&first_page(), "if_none_match", etag.await?).ok_or("no such field")?;
            page(&wire, request, 0).await
        }
    }))
}

/// The message with a text field set; nothing where its contract has no such field.
fn with_text(
    message: &v1::ListTrainerAssignmentsRequest,
    field: &str,
    value: &str,
) -> Option<v1::ListTrainerAssignmentsRequest> {
    let mut dynamic = dynamic(message)?;
    ReflectMessage::descriptor(&dynamic).get_field_by_name(field)?;
    dynamic.set_field_by_name(field, Value::String(value.to_owned()));
    v1::ListTrainerAssignmentsRequest::decode(&dynamic.encode_to_vec()[..]).ok()
}

fn text<M: Message + prost::Name>(message: &M, field: &str) -> Option<String> {
    Some(dynamic(message)?.get_field_by_name(field)?.as_str()?.to_owned())
}

fn dynamic<M: Message + prost::Name>(message: &M) -> Option<DynamicMessage> {
    let known = gerbang::proto::descriptor().get_message_by_name(&M::full_name())?;
    DynamicMessage::decode(known, &message.encode_to_vec()[..]).ok()
}
