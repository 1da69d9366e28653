//! A row that cannot be read is one item's fault: no list ends by it, and nobody is kept from revoking and suspending.

use gerbang::{agent::Client, domain::outside::Clock, proto::v1};

use super::bounds::drop_check;
use crate::{
    access::suspend,
    cast::Cast,
    cast::orders,
    certificate::{self, approved, partner},
    world::{World, audit_rows, reason, request_id},
};

async fn agencies(client: &Client, page_size: i32) -> Vec<String> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListAgenciesRequest { page_size, page_token: token };
        let page = client.agency().list_agencies(request).await.unwrap().into_inner();
        found.extend(page.agencies.into_iter().map(|agency| agency.name));
        token = page.next_page_token;
        if token.is_empty() {
            return found;
        }
    }
}

#[tokio::test]
async fn an_agency_that_cannot_be_read_ends_no_list() {
    let cast = Cast::gather().await;
    let (world, admin) = (&cast.world, &cast.admin);
    let whole = agencies(admin, 50).await;
    assert!(whole.len() >= 4, "{whole:?}");
    world.tampers();
    // Between the others and behind them, as the gateway's role can write them.
    let junk = "INSERT INTO agency (code, kind, tier, names, time_zone, state, created_at) \
        SELECT code, 'NGO', 'NONE', '[{}]', 'Asia/Jakarta', 'ACTIVE', '2026-01-01T00:00:00Z' \
          FROM unnest(ARRAY['blk-a', 'blk-b', 'blk-c', 'dkp-a', 'dkp-z', 'zz-a', 'zz-b']) AS code";
    sqlx::query(junk).execute(&mut world.runtime().await).await.unwrap();
    for page_size in [1, 2, 3, 50] {
        let mut seen = agencies(admin, page_size).await;
        seen.dedup();
        assert_eq!(seen, whole, "in pages of {page_size}");
    }
    let one = v1::GetAgencyRequest { name: "agencies/blk-a".to_owned() };
    assert_eq!(reason(&admin.agency().get_agency(one).await.unwrap_err()), "INTERNAL_ERROR", "its own fault");
}

/// An order of a role that nobody knows, past the check that now keeps it out.
#[tokio::test]
async fn an_order_that_cannot_be_read_stops_neither_suspension_nor_revocation_nor_lists() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    let good = approved(&world, &blk, &orders::key()).await;
    let junk = approved(&world, &blk, &orders::key()).await;
    drop_check(&world, "certificate_order", "role").await;
    drop_check(&world, "order_approval", "certificate").await;
    let mut owner = world.owner().await;
    let spoil = "UPDATE certificate_order SET role = 'JUNK' WHERE id = $1";
    sqlx::query(spoil).bind(certificate::id(&junk).0).execute(&mut owner).await.unwrap();
    let list = v1::ListCertificateOrdersRequest::default();
    let listed = admin.certificate().list_certificate_orders(list).await.unwrap().into_inner().orders;
    let names: Vec<_> = listed.iter().map(|order| order.name.as_str()).collect();
    assert!(names.contains(&good.as_str()) && !names.contains(&junk.as_str()), "{names:?}");
    let status = admin.certificate().get_authority_status(v1::GetAuthorityStatusRequest {}).await.unwrap();
    assert_eq!(status.into_inner().awaiting_signer, 1);

    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        agency: "agencies/blk-kepri".to_owned(),
        reason: v1::RevocationReason::AffiliationChanged.into(),
        ..Default::default()
    };
    let done = admin.certificate().revoke_certificates(revoke).await.unwrap().into_inner();
    assert_eq!(done.certificates.len(), 1);
    suspend(&admin, "agencies/blk-kepri").await;
}

/// Revoking reads nothing but serial, key and agency.
#[tokio::test]
async fn what_stands_about_a_certificate_or_its_agency_does_not_keep_it_from_being_revoked() {
    let world = World::start().await;
    let blk = partner(&world).await;
    drop_check(&world, "sighting", "minute").await;
    drop_check(&world, "agency", "created_at").await;
    let mut owner = world.owner().await;
    for spoil in [
        "INSERT INTO sighting SELECT sha256, 'infinity', 'x' FROM certificate WHERE agency = 'blk-kepri'",
        "UPDATE agency SET created_at = '12000-01-01', names = '[]' WHERE code = 'blk-kepri'",
    ] {
        sqlx::query(spoil).execute(&mut owner).await.unwrap();
    }
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        agency: "agencies/blk-kepri".to_owned(),
        reason: v1::RevocationReason::KeyCompromise.into(),
        ..Default::default()
    };
    let done = world.admin().await.certificate().revoke_certificates(revoke).await.unwrap().into_inner();
    assert_eq!(done.certificates.len(), 1);
    let refused = blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!(reason(&refused), "CERTIFICATE_REVOKED");
}

/// The audit names an entry that it cannot read, and goes on.
#[tokio::test]
async fn an_entry_that_cannot_be_read_is_named_by_the_audit() {
    let world = World::start().await;
    world.tampers();
    let forge = "INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES \
        ('00000000-0000-7000-8000-000000000001', '2026-03-02T01:00:00Z', '\\x08026a756e6b')";
    sqlx::query(forge).execute(&mut world.runtime().await).await.unwrap();
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(one.resource, "entries/00000000-0000-7000-8000-000000000001");
    assert_eq!(one.flaw, gerbang::store::audit::Flaw::Unreadable);
}
