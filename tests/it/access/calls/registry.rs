//! Calls about agencies, their systems and certificates.

use gerbang::{agent::Client, pki::statement::Purpose, proto::v1};

use super::{
    super::stand::{Stand, agency},
    Outcome, seen,
};
use crate::{
    cast::{self, orders},
    world::request_id,
};

pub async fn agency_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let admin = &stand.cast.admin;
    let blk = agency(admin, "agencies/blk-kepri").await;
    let system = blk.systems.iter().find(|system| system.name.ends_with("/jadwal")).unwrap();
    match method {
        "CreateAgency" => {
            let request = v1::CreateAgencyRequest {
                validate_only: true,
                ..cast::agency("dinas-baru", v1::AgencyKind::Fisheries)
            };
            look!(client.agency.create_agency, request)
        }
        "UpdateAgency" => dry!(
            client.agency.update_agency,
            UpdateAgencyRequest {
                name: blk.name,
                etag: blk.etag,
                names: blk.names,
                time_zone: "Asia/Makassar",
            }
        ),
        "SuspendAgency" => dry!(
            client.agency.suspend_agency,
            SuspendAgencyRequest { name: blk.name, etag: blk.etag, note: "Pemeriksaan" }
        ),
        "ResumeAgency" => dry!(
            client.agency.resume_agency,
            ResumeAgencyRequest {
                name: "agencies/dinas-lain",
                etag: agency(admin, "agencies/dinas-lain").await.etag,
            }
        ),
        "ReleaseBookings" => {
            dry!(client.agency.release_bookings, ReleaseBookingsRequest { name: blk.name, note: "Keliru" })
        }
        "RegisterSystem" => dry!(
            client.agency.register_system,
            RegisterSystemRequest { agency: "agencies/blk-kepri", system: "kedua", role: v1::Role::Partner }
        ),
        "UpdateSystem" => dry!(
            client.agency.update_system,
            UpdateSystemRequest {
                name: system.name.clone(),
                etag: system.etag.clone(),
                role: v1::Role::Partner,
            }
        ),
        "ApproveSystem" => {
            let prison = agency(admin, "agencies/lapas-tpi").await;
            let system = prison.systems.into_iter().find(|system| system.name.ends_with("/baru")).unwrap();
            dry!(client.agency.approve_system, ApproveSystemRequest { name: system.name, etag: system.etag })
        }
        "RetireSystem" => dry!(
            client.agency.retire_system,
            RetireSystemRequest { name: system.name.clone(), etag: system.etag.clone(), note: "Keliru" }
        ),
        "GetAgency" => look!(client.agency.get_agency, v1::GetAgencyRequest { name: blk.name }),
        "ListAgencies" => {
            look!(client.agency.list_agencies, v1::ListAgenciesRequest::default(), agencies)
        }
        "WhoAmI" => look!(client.agency.who_am_i, v1::WhoAmIRequest {}),
        other => panic!("no request for {other}"),
    }
}

/// Whatever is asked for is of blk-kepri, but a renewal, which is the caller's own.
pub async fn certificate_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let world = stand.world();
    let system = || "agencies/blk-kepri/systems/jadwal".to_owned();
    let order = || v1::GetCertificateOrderRequest { name: stand.order.clone() };
    let seen_order = async || {
        let found = stand.cast.admin.certificate().get_certificate_order(order()).await.unwrap().into_inner();
        found.order.unwrap()
    };
    let serial = || stand.certificate();
    match method {
        "CreateInvitation" => {
            let (_, request) = world.invitation(&system(), "PARTNER");
            let request = v1::CreateInvitationRequest { validate_only: true, ..request };
            look!(client.certificate.create_invitation, request)
        }
        "RequestCertificate" => dry!(
            client.certificate.request_certificate,
            RequestCertificateRequest { system: system(), csr_pem: orders::csr(&orders::key()) }
        ),
        "ApproveCertificateOrder" => {
            let order = seen_order().await;
            let subject = hex::decode(&order.key_sha256).unwrap().try_into().unwrap();
            let statement = orders::statement(world, Purpose::Approve, &system(), "PARTNER", subject);
            let request = v1::ApproveCertificateOrderRequest {
                request_id: request_id(),
                validate_only: true,
                name: order.name,
                etag: order.etag,
                statement: world.signed_by("admin", &statement),
            };
            look!(client.certificate.approve_certificate_order, request)
        }
        "RejectCertificateOrder" => {
            let order = seen_order().await;
            dry!(
                client.certificate.reject_certificate_order,
                RejectCertificateOrderRequest { name: order.name, etag: order.etag, note: "Bukan dari kami" }
            )
        }
        "RenewCertificate" => {
            let who = client.agency().who_am_i(v1::WhoAmIRequest {}).await;
            let who = who.map_or_else(|_| system(), |who| who.into_inner().system);
            let (agency, system) = who.strip_prefix("agencies/").unwrap().split_once("/systems/").unwrap();
            let request = world.renewal(agency, system, &orders::key());
            let request = v1::RenewCertificateRequest { validate_only: true, ..request };
            look!(client.certificate.renew_certificate, request)
        }
        "GetCertificateOrder" => look!(client.certificate.get_certificate_order, order()),
        "ListCertificateOrders" => {
            let request = v1::ListCertificateOrdersRequest::default();
            look!(client.certificate.list_certificate_orders, request, orders)
        }
        "GetCertificate" => {
            look!(client.certificate.get_certificate, v1::GetCertificateRequest { name: serial() })
        }
        "ListCertificates" => {
            let agency = "agencies/blk-kepri".to_owned();
            let request = v1::ListCertificatesRequest { agency, ..Default::default() };
            look!(client.certificate.list_certificates, request, certificates)
        }
        "RevokeCertificates" => dry!(
            client.certificate.revoke_certificates,
            RevokeCertificatesRequest {
                certificate: serial(),
                agency: "",
                reason: v1::RevocationReason::Superseded,
                note: "",
                break_glass: false,
            }
        ),
        "GetTrustBundle" => {
            look!(client.certificate.get_trust_bundle, v1::GetTrustBundleRequest {}, authorities)
        }
        "GetAuthorityStatus" => {
            look!(client.certificate.get_authority_status, v1::GetAuthorityStatusRequest {}, authorities)
        }
        other => panic!("no request for {other}"),
    }
}
