//! Where the matrix stands: one thing in every state that a request needs, and every kind of caller.

use gerbang::{agent::Client, pki::certificate, proto::v1};

use crate::{
    acts::Act,
    cast::{self, AGREEMENT, Cast, FACILITY, TRAINER, agreement_etag, orders},
    forge::Profile,
    world::{World, der, request_id},
};

pub const DRAFT: &str = "agencies/blk-kepri/agreements/draft";
pub const PROPOSED: &str = "agencies/blk-kepri/agreements/proposed";
pub const SUSPENDED: &str = "agencies/blk-kepri/agreements/suspended";
pub const PLANNED: &str = "agencies/blk-kepri/programmes/planned";
pub const APPROVED: &str = "agencies/blk-kepri/programmes/approved";
pub const LENT: &str = "agencies/dkpp-bintan/trainers/siti";
pub const DECLINED: &str = "agencies/dkpp-bintan/trainers/rudi";

/// One thing in every state that a request needs, with the etags that hold.
pub struct Stand {
    pub cast: Cast,
    pub lent: String,
    /// A request for a certificate of blk-kepri, which waits for approval.
    pub order: String,
}

impl Stand {
    pub async fn set() -> Self {
        let cast = Cast::ready().await;
        let dkpp = "agencies/dkpp-bintan/agreements/pks-1";
        cast.agree(&cast.dkpp, dkpp, cast::terms("dkpp-bintan", cast::agriculture())).await;
        cast.dkpp.trainer().register_trainer(cast::trainer(LENT, "9901010101900001")).await.unwrap();
        let claim = cast::trainer("agencies/blk-kepri/trainers/siti", "9901010101900001");
        cast.blk.trainer().register_trainer(claim).await.unwrap();
        let mut session = cast::led_session("s1", "2026-03-10T01:00:00Z", TRAINER);
        session
            .trainers
            .push(v1::SessionTrainer { trainer: LENT.to_owned(), role: v1::TrainerRole::Assistant.into() });
        let pushed = cast.push(vec![session]).await;
        assert_eq!(pushed.outcome(), v1::BatchOutcome::Stored, "{pushed:?}");
        let lent = cast.pull(&cast.dkpp).await.remove(0).name;
        cast.dkpp.trainer().register_trainer(cast::trainer(DECLINED, "")).await.unwrap();
        cast.push(vec![cast::led_session("s2", "2026-03-11T01:00:00Z", DECLINED)]).await;
        let declined = cast.act(&cast.dkpp, Act::Decline, "s2", DECLINED).await;
        assert_eq!(declined.outcome(), v1::BatchOutcome::Stored, "{declined:?}");
        cast.accept(&cast.blk, &[TRAINER]).await;
        cast.lapas.facility().create_facility(cast::facility(FACILITY, 16)).await.unwrap();

        cast.wait_on_a_roster_of_two().await;

        let terms = || cast::terms("blk-kepri", cast::manpower());
        let blk = &cast.blk;
        blk.agreement().create_agreement(cast::create_agreement(DRAFT, terms())).await.unwrap();
        let later = v1::AgreementTerms { effective_from: "2026-06-01".to_owned(), ..terms() };
        blk.agreement().create_agreement(cast::create_agreement(PROPOSED, later)).await.unwrap();
        let propose = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name: PROPOSED.to_owned(),
            etag: agreement_etag(blk, PROPOSED).await,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        blk.agreement().propose_agreement(propose).await.unwrap();
        cast.agree(blk, SUSPENDED, terms()).await;
        for client in [blk, &cast.lapas] {
            let suspend = v1::SuspendAgreementRequest {
                request_id: request_id(),
                name: SUSPENDED.to_owned(),
                etag: agreement_etag(blk, SUSPENDED).await,
                note: "Pemeriksaan".to_owned(),
                ..Default::default()
            };
            client.agreement().suspend_agreement(suspend).await.unwrap();
        }
        for name in [PLANNED, APPROVED] {
            let create = cast::create_programme(name, AGREEMENT, cast::plan(cast::manpower()));
            blk.programme().create_programme(create).await.unwrap();
        }
        let approve = v1::ApproveProgrammeRequest {
            request_id: request_id(),
            name: APPROVED.to_owned(),
            etag: programme_etag(blk, APPROVED).await,
            ..Default::default()
        };
        cast.lapas.programme().approve_programme(approve).await.unwrap();
        let order = v1::RequestCertificateRequest {
            request_id: request_id(),
            system: "agencies/blk-kepri/systems/jadwal".to_owned(),
            csr_pem: orders::csr(&orders::key()),
            ..Default::default()
        };
        let order = blk.certificate().request_certificate(order).await.unwrap().into_inner();
        let order = order.change.unwrap().name;
        let system = v1::RegisterSystemRequest {
            request_id: request_id(),
            agency: "agencies/lapas-tpi".to_owned(),
            system: "baru".to_owned(),
            role: v1::Role::Prison.into(),
            ..Default::default()
        };
        cast.world.admin2().await.agency().register_system(system).await.unwrap();
        let stand = Self { cast, lent, order };
        stand.world().join("dinas-lain", v1::AgencyKind::TradeIndustry, "jadwal", v1::Role::Partner).await;
        suspend(&stand.cast.admin, "agencies/dinas-lain").await;
        stand
    }

    pub fn world(&self) -> &World {
        &self.cast.world
    }

    /// The name of blk-kepri's certificate.
    pub fn certificate(&self) -> String {
        let issued = self.world().issue("blk-kepri", "jadwal");
        format!("certificates/{}", certificate::read(&der(&issued.certificate_pem)).unwrap().serial)
    }

    /// In the order of [`CALLERS`].
    pub async fn callers(&self) -> Vec<Client> {
        use v1::{AgencyKind as Kind, Role};
        let (cast, world) = (&self.cast, self.world());
        let foreign = Profile::client("other.gerbang.internal", "blk-kepri", "asing");
        world.issue_as("blk-kepri", "asing", foreign);
        vec![
            cast.admin.clone(),
            cast.lapas.clone(),
            world.join("lapas-batam", Kind::Prison, "sdp", Role::Prison).await,
            world.join("lapas-tpi", Kind::Prison, "p2u", Role::Door).await,
            cast.blk.clone(),
            cast.dkpp.clone(),
            cast.dkp.clone(),
            world.join("kanwil", Kind::RegionalOffice, "pantau", Role::Oversight).await,
            world.connect("dinas-lain", "jadwal").await,
            world.connect("blk-kepri", "lain").await,
            world.connect("blk-kepri", "asing").await,
        ]
    }
}

pub async fn programme_etag(client: &Client, name: &str) -> String {
    let request = v1::GetProgrammeRequest { name: name.to_owned() };
    client.programme().get_programme(request).await.unwrap().into_inner().programme.unwrap().etag
}

pub async fn agency(client: &Client, name: &str) -> v1::Agency {
    let request = v1::GetAgencyRequest { name: name.to_owned() };
    client.agency().get_agency(request).await.unwrap().into_inner().agency.unwrap()
}

pub async fn suspend(admin: &Client, name: &str) {
    let request = v1::SuspendAgencyRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: agency(admin, name).await.etag,
        note: "Pemeriksaan".to_owned(),
        ..Default::default()
    };
    admin.agency().suspend_agency(request).await.unwrap();
}
