//! What the way in refuses to commit however a use case goes wrong: these use cases have defects. And the identity that
//! TLS found must be the one that the inventory has for that certificate.

use gerbang::{
    domain::{
        AgencyCode, Reason,
        access::{Identity, MayBeStored, Rule},
        name::AgreementName,
    },
    exchange::{Call, Error, Exchange, MutationContext, Tx, Work},
    ledger::{ChangeKind, Readers, Row},
    rpc::access::Access,
};

use crate::{
    cast::{AGREEMENT, Cast},
    world::request_id,
};

const PUSH: &str = "ScheduleService/PushSchedule";
const SESSIONS: &str = "ScheduleService/ListSessions";
const ROSTER: &str = "RosterService/ListRoster";

/// A row of nothing.
struct Nothing;

impl Row for Nothing {
    const TAG: &'static str = "gerbang/nothing/v1\n";

    fn resource(&self) -> String {
        "nothing/1".to_owned()
    }

    fn version(&self) -> i64 {
        1
    }

    fn readers(&self) -> Readers {
        Readers::nobody()
    }

    fn canonical(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// What a use case does.
#[derive(Debug, Clone, Copy)]
enum Does {
    Nothing,
    /// Tells a line of this kind by itself.
    Tells(ChangeKind),
    /// Tells by the way that is there for it that a trainee's data is shown.
    Discloses(ChangeKind),
}

/// A use case, and whether it passes the gate.
struct Defective(bool, Does);

impl Work for Defective {
    type Answer = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        if self.0 {
            tx.passed_gate(&AgreementName::parse(AGREEMENT).unwrap(), 1);
        }
        match self.1 {
            Does::Nothing => {}
            Does::Tells(kind) => tx.shown(kind, &[], &Nothing),
            Does::Discloses(kind) => tx.disclosed(kind, &[], &Nothing)?,
        }
        Ok(())
    }
}

struct Caller {
    cast: Cast,
    exchange: Exchange,
    access: Access,
    identity: Identity,
    stored: MayBeStored,
}

impl Caller {
    /// BLK's system.
    async fn new() -> Self {
        let cast = Cast::ready().await;
        let fingerprint =
            sqlx::query_scalar::<_, Vec<u8>>("SELECT sha256 FROM certificate WHERE agency = 'blk-kepri'");
        let fingerprint = fingerprint.fetch_one(&mut cast.world.owner().await).await.unwrap();
        Self {
            exchange: cast.world.exchange("gerbang_gateway"),
            access: Access::from_contract().unwrap(),
            identity: Identity {
                agency: AgencyCode::parse("blk-kepri").unwrap(),
                system: "jadwal".to_owned(),
                fingerprint: fingerprint.try_into().unwrap(),
            },
            stored: MayBeStored::default(),
            cast,
        }
    }

    fn rule(&self, method: &str) -> &Rule {
        self.access.rule(method).unwrap()
    }

    async fn reads(&self, method: &str, passes: bool, does: Does) -> Result<(), Error> {
        let call =
            Call { rule: self.rule(method), identity: &self.identity, stored: &self.stored, deadline: None };
        self.exchange.read(call, &Defective(passes, does)).await
    }

    async fn writes(&self, method: &str, passes: bool, does: Does) -> Result<(), Error> {
        let call =
            Call { rule: self.rule(method), identity: &self.identity, stored: &self.stored, deadline: None };
        let mutation = MutationContext {
            request_id: request_id().parse().unwrap(),
            digest: [7; 32],
            validate_only: false,
        };
        self.exchange.write(call, mutation, &Defective(passes, does)).await.map(|written| written.answer)
    }
}

#[tokio::test]
async fn a_use_case_with_a_defect_commits_nothing() {
    use ChangeKind::{Created, Disclosed, OwnRead};
    let caller = Caller::new().await;
    let before = caller.cast.world.entries().await.len();
    let ends = [
        ("says nothing", caller.writes(PUSH, true, Does::Nothing).await),
        ("changes past the gate", caller.writes(PUSH, false, Does::Tells(Created)).await),
        ("changes and shows", caller.writes(PUSH, true, Does::Tells(OwnRead)).await),
        ("changes and discloses", caller.writes(PUSH, true, Does::Discloses(OwnRead)).await),
        ("reads and changes", caller.reads(ROSTER, true, Does::Tells(Created)).await),
        ("discloses a change", caller.reads(ROSTER, true, Does::Discloses(Created)).await),
        ("discloses by another method", caller.reads(SESSIONS, true, Does::Discloses(OwnRead)).await),
        ("shows others past the gate", caller.reads(ROSTER, false, Does::Discloses(Disclosed)).await),
    ];
    for (defect, end) in ends {
        assert!(matches!(end, Err(Error::Internal(_))), "{defect}: {end:?}");
    }
    assert_eq!(caller.cast.world.entries().await.len(), before);
    // The same steps where they are right.
    caller.reads(ROSTER, false, Does::Discloses(OwnRead)).await.unwrap();
    caller.reads(ROSTER, true, Does::Discloses(Disclosed)).await.unwrap();
    caller.reads(SESSIONS, false, Does::Nothing).await.unwrap();
    assert_eq!(caller.cast.world.entries().await.len(), before + 2);
}

#[tokio::test]
async fn a_certificate_speaks_for_the_system_of_its_row_alone() {
    let mut caller = Caller::new().await;
    let own = caller.identity.clone();
    for (agency, system) in [("blk-kepri", "lain"), ("dkp-kepri", "jadwal"), ("dkp-kepri", "lain")] {
        let agency = AgencyCode::parse(agency).unwrap();
        caller.identity = Identity { agency, system: system.to_owned(), ..own.clone() };
        match caller.reads(SESSIONS, false, Does::Nothing).await {
            Err(Error::Refused(refusal)) => assert_eq!(refusal.reason(), Reason::CertificateNotRegistered),
            other => panic!("{other:?}"),
        }
    }
    caller.identity = own;
    caller.reads(SESSIONS, false, Does::Nothing).await.unwrap();
}
