//! `gerbang agency show | system`: an agency with its names and systems, and one system with all that belongs to it.
//!
//! What a caller may not see of systems is left out. Judges nothing: states are the gateway's, but for the one word that
//! says how far a system has come.

use std::collections::BTreeMap;

use serde_json::json;

use super::{get, role_text, system};
use crate::{
    cli::{
        cert::{inventory, order},
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::Limit,
        remark,
        screen::{self, Heading, Output},
        when, words,
    },
    domain::{name::Systems, reason::Language, time::Zone},
    format::json::to_json,
    proto::v1,
};

const NAMES: &[Heading] = &[("NAME", "NAMA"), ("FROM", "SEJAK"), ("", ""), ("DECREE", "KEPUTUSAN")];

const SYSTEMS: &[Heading] = &[
    ("SYSTEM", "SISTEM"),
    ("ROLE", "PERAN"),
    ("STATE", "STATUS"),
    ("PROPOSED", "DIUSULKAN"),
    ("VALID CERTIFICATES", "SERTIFIKAT BERLAKU"),
    ("ENDS", "BERAKHIR"),
    ("SEEN", "DIPAKAI"),
];

/// Shows an agency: what it is, its names with their days, and its systems.
pub async fn agency(conn: &Connection<'_>, name: &str) -> Result<Exit, Failure> {
    let agency = get(conn, &names::agency(name)).await?;
    if conn.context.output == Output::Json {
        return conn.show(&agency).await;
    }
    let (language, zone) = (conn.context.language, Zone::from_store(agency.time_zone.clone()));
    screen::print(&screen::pairs(&lines(&agency, language)))?;
    let today = zone.shown(conn.context.clock.now()).date().to_string();
    screen::print(&format!("\n{}", names(&agency, &today, language)))?;
    if agency.systems.is_empty() {
        return Ok(Exit::Ok);
    }
    let mut held = certificates(conn, &agency.name).await?;
    let rows: Vec<_> = agency
        .systems
        .iter()
        .map(|system| {
            row(system, &held.remove(&system.name).unwrap_or_default(), &agency.time_zone, language)
        })
        .collect();
    screen::print(&format!("\n{}", screen::table(language, SYSTEMS, &rows)))?;
    Ok(Exit::Ok)
}

/// Shows a system: role, state, certificates, last use, open orders.
pub async fn system(conn: &Connection<'_>, name: &str) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let full = conn.full::<Systems>(name);
    let system = system::find(conn, &full).await?;
    let agency = full.split_once("/systems/").map_or(full.as_str(), |(agency, _)| agency);
    let certificates = certificates(conn, agency).await?.remove(&full).unwrap_or_default();
    let mut orders = order::open_of(conn, agency).await?;
    orders.retain(|order| order.system == full);
    if conn.context.output == Output::Json {
        let each = |list: Vec<serde_json::Value>| serde_json::Value::Array(list);
        screen::print_json(&json!({
            "system": to_json(&system),
            "certificates": each(certificates.iter().map(to_json).collect()),
            "orders": each(orders.iter().map(to_json).collect()),
        }))?;
        return Ok(Exit::Ok);
    }
    let zone = conn.told_zone().await;
    let mut text = screen::pairs(&of_system(&system, &certificates, &zone, language));
    text.push_str(&match certificates.is_empty() {
        true => format!("\n{}\n", words::no_certificates(language)),
        false => {
            let table = inventory::table(&certificates, &zone, language);
            format!("\n{}\n{table}", words::certificates_of(language))
        }
    });
    text.push_str(&match orders.is_empty() {
        true => format!("\n{}\n", words::no_open_orders(language)),
        false => format!("\n{}\n{}", words::open_orders_of(language), order::table(&orders, &zone, language)),
    });
    screen::print(&text)?;
    if system.proposed_role() != v1::Role::Unspecified {
        let (role, name) = (role_text(language, system.proposed_role()), names::short(&system.name));
        screen::note(&words::another_approves(language, role, name));
    }
    Ok(Exit::Ok)
}

/// The agency's certificates by system, those that end last first.
async fn certificates(
    conn: &Connection<'_>,
    agency: &str,
) -> Result<BTreeMap<String, Vec<v1::Certificate>>, Failure> {
    let mut by_system: BTreeMap<String, Vec<v1::Certificate>> = BTreeMap::new();
    for certificate in inventory::all(conn, &Limit::BATCH, agency, 0, None).await? {
        by_system.entry(certificate.system.clone()).or_default().push(certificate);
    }
    for list in by_system.values_mut() {
        list.sort_by_key(|one| std::cmp::Reverse(one.end_time.map(|at| at.seconds)));
    }
    Ok(by_system)
}

fn labelled(rows: Vec<((&str, &str), String)>, language: Language) -> Vec<(String, String)> {
    let filled = rows.into_iter().filter(|(_, text)| !text.is_empty());
    let label = |(en, id): (&str, &str)| if language == Language::English { en } else { id }.to_owned();
    filled.map(|(labels, text)| (label(labels), text)).collect()
}

fn lines(agency: &v1::Agency, language: Language) -> Vec<(String, String)> {
    let rows = vec![
        (("agency", "instansi"), names::short(&agency.name)),
        (("kind", "jenis"), words::value(language, agency.kind().as_str_name())),
        (("tier", "tingkat"), words::value(language, agency.tier().as_str_name())),
        (("state", "status"), words::value(language, agency.state().as_str_name())),
        (("time zone", "zona waktu"), agency.time_zone.clone()),
        (("registered", "terdaftar"), when::moment(agency.create_time.as_ref(), &agency.time_zone, language)),
        (("last suspended", "terakhir ditangguhkan"), suspension(agency, language)),
    ];
    labelled(rows, language)
}

/// By whom, when and why the agency was last suspended; empty where it never was, or the reader may not see it.
fn suspension(agency: &v1::Agency, language: Language) -> String {
    let remark = agency.remarks.first();
    let at = remark.and_then(|remark| remark.time.as_ref());
    let parts = [when::moment(at, &agency.time_zone, language), remark::cell(remark)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The table of an agency's names.
pub(super) fn names(agency: &v1::Agency, today: &str, language: Language) -> String {
    screen::table(language, NAMES, &dated(agency, today, language))
}

/// The names, earliest first, and which of them holds today; days compared as text.
pub(super) fn dated(agency: &v1::Agency, today: &str, language: Language) -> Vec<Vec<String>> {
    let holds = agency.names.iter().rposition(|name| name.valid_from.as_str() <= today);
    let row = |(index, name): (usize, &v1::AgencyName)| {
        let today = if Some(index) == holds { words::holds_today(language) } else { String::new() };
        vec![name.display_name.clone(), name.valid_from.clone(), today, name.decree_number.clone()]
    };
    agency.names.iter().enumerate().map(row).collect()
}

/// How far a system has come.
fn state(system: &v1::System, certificates: &[v1::Certificate], language: Language) -> String {
    if system.retire_time.is_some() {
        words::system_retired(language)
    } else if system.role() == v1::Role::Unspecified {
        words::system_awaits_approval(language)
    } else if valid(certificates) == 0 {
        words::system_without_certificate(language)
    } else if certificates.iter().any(|one| one.seen_time.is_some()) {
        words::system_in_use(language)
    } else {
        words::system_certified(language)
    }
}

fn valid(certificates: &[v1::Certificate]) -> usize {
    certificates.iter().filter(|one| one.state() == v1::CertificateState::Valid).count()
}

/// The use of a system that came last.
fn seen(certificates: &[v1::Certificate], zone: &str, language: Language) -> String {
    let last = certificates.iter().filter(|one| one.seen_time.is_some());
    match last.max_by_key(|one| one.seen_time.map(|at| at.seconds)) {
        Some(last) => when::moment(last.seen_time.as_ref(), zone, language),
        None => words::never_seen(language),
    }
}

fn proposed(system: &v1::System, language: Language) -> String {
    match system.proposed_role() {
        v1::Role::Unspecified => String::new(),
        role => words::role_proposed(language, role_text(language, role), names::short(&system.proposer)),
    }
}

/// One line of a table of systems.
pub(super) fn row(
    system: &v1::System,
    certificates: &[v1::Certificate],
    zone: &str,
    language: Language,
) -> Vec<String> {
    let good = certificates.iter().filter(|one| one.state() == v1::CertificateState::Valid);
    let end = good.filter_map(|one| one.end_time.as_ref()).max_by_key(|at| at.seconds);
    vec![
        names::short(&system.name),
        system.role().as_str_name().to_owned(),
        state(system, certificates, language),
        proposed(system, language),
        words::valid_certificates(language, valid(certificates), certificates.len()),
        when::moment(end, zone, language),
        seen(certificates, zone, language),
    ]
}

fn of_system(
    system: &v1::System,
    certificates: &[v1::Certificate],
    zone: &str,
    language: Language,
) -> Vec<(String, String)> {
    let from = certificates.iter().max_by_key(|one| one.seen_time.map(|at| at.seconds));
    let from = from.map(|one| one.seen_from.clone()).filter(|from| !from.is_empty());
    let seen = [Some(seen(certificates, zone, language)), from].into_iter().flatten().collect::<Vec<_>>();
    let rows = vec![
        (("system", "sistem"), names::short(&system.name)),
        (("role", "peran"), role_text(language, system.role())),
        (("state", "status"), state(system, certificates, language)),
        (("proposed role", "peran yang diusulkan"), proposed(system, language)),
        (("retired", "dihentikan"), when::moment(system.retire_time.as_ref(), zone, language)),
        (("last seen", "terakhir dipakai"), seen.join(", ")),
    ];
    labelled(rows, language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Option<prost_types::Timestamp> {
        Some(prost_types::Timestamp { seconds, nanos: 0 })
    }

    fn system(role: v1::Role) -> v1::System {
        v1::System { name: "agencies/lapas-tpi/systems/sdp".into(), role: role.into(), ..Default::default() }
    }

    fn certificate(state: v1::CertificateState) -> v1::Certificate {
        v1::Certificate {
            state: state.into(),
            end_time: at(1_780_000_000),
            seen_time: at(1_772_413_200),
            seen_from: "10.0.0.5".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_system_is_one_line() {
        let both = [certificate(v1::CertificateState::Valid), certificate(v1::CertificateState::Revoked)];
        assert_eq!(
            row(&system(v1::Role::Prison), &both, "Asia/Jakarta", Language::English),
            [
                "lapas-tpi/sdp",
                "ROLE_PRISON",
                "IN USE",
                "",
                "1 of 2",
                "Fri 29 May 2026 03:26 WIB",
                "Mon 02 Mar 2026 08:00 WIB"
            ]
        );
        assert_eq!(
            row(&system(v1::Role::Partner), &both[1..], "Asia/Jakarta", Language::Indonesian)[2..5],
            ["TANPA SERTIFIKAT", "", "0 dari 1"]
        );
        let waiting = v1::System {
            proposed_role: v1::Role::Door.into(),
            proposer: "agencies/operator/systems/admin".into(),
            ..system(v1::Role::Unspecified)
        };
        assert_eq!(
            row(&waiting, &[], "Asia/Jakarta", Language::English)[1..],
            [
                "ROLE_UNSPECIFIED",
                "AWAITS APPROVAL",
                "DOOR, proposed by operator/admin",
                "0 of 0",
                "",
                "never"
            ]
        );
        let unused = v1::Certificate { seen_time: None, ..certificate(v1::CertificateState::Valid) };
        let fresh = row(&system(v1::Role::Partner), &[unused], "Asia/Jakarta", Language::Indonesian);
        assert_eq!((fresh[2].as_str(), fresh[6].as_str()), ("BERSERTIFIKAT", "belum pernah"));
        let retired = v1::System { retire_time: at(1_772_413_200), ..system(v1::Role::Unspecified) };
        assert_eq!(row(&retired, &both[1..], "Asia/Jakarta", Language::English)[2], "RETIRED");
    }

    #[test]
    fn the_name_of_today_is_marked() {
        let name = |text: &str, day: &str| v1::AgencyName {
            display_name: text.into(),
            valid_from: day.into(),
            ..Default::default()
        };
        let agency = v1::Agency {
            names: vec![name("BLK", "2010-01-01"), name("BPVP", "2024-10-21"), name("BBPVP", "2027-01-01")],
            ..Default::default()
        };
        let marked = |today: &str| -> Vec<_> {
            dated(&agency, today, Language::English).into_iter().map(|row| row[2].clone()).collect()
        };
        assert_eq!(marked("2026-03-02"), ["", "(today)", ""]);
        assert_eq!(marked("2027-01-01"), ["", "", "(today)"]);
        assert_eq!(marked("2009-12-31"), ["", "", ""]);
    }

    #[test]
    fn a_system_is_one_screen() {
        let shown = of_system(
            &system(v1::Role::Prison),
            &[certificate(v1::CertificateState::Valid)],
            "Asia/Makassar",
            Language::Indonesian,
        );
        let shown: Vec<_> = shown.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("sistem", "lapas-tpi/sdp"),
                ("peran", "LAPAS"),
                ("status", "DIPAKAI"),
                ("terakhir dipakai", "Sen 02 Mar 2026 09:00 WITA, 10.0.0.5"),
            ]
        );
    }
}
