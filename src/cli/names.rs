//! Names as people type and read them: `blk-kepri/las-2026` for `agencies/blk-kepri/programmes/las-2026`.
//!
//! Owns the short form, nothing more: whether a name is well formed is judged by the gateway.

use crate::{domain::name::Collection, proto::v1};

/// The full name of what a verb works on. Full names pass as they are; `CODE/ID` is completed; a bare `ID`
/// stands under the caller's own agency.
pub fn full<K: Collection>(text: &str, own_agency: &str) -> String {
    match text.split_once('/') {
        Some(("agencies", _)) => text.to_owned(),
        Some((code, id)) if !id.contains('/') => format!("agencies/{code}/{}/{id}", K::SEGMENT),
        Some(_) => text.to_owned(),
        None => format!("agencies/{own_agency}/{}/{text}", K::SEGMENT),
    }
}

/// `agencies/{code}` from either form.
pub fn agency(text: &str) -> String {
    if text.contains('/') { text.to_owned() } else { format!("agencies/{text}") }
}

/// The agency's full name and the system's own, of `CODE/SYSTEM` or of the full name; of two words, which is how it was
/// written before. `None` where there is no system in it.
pub fn system(text: &str, second: Option<&str>) -> Option<(String, String)> {
    let (code, system) = match (second, text.strip_prefix("agencies/")) {
        (Some(system), rest) => (rest.unwrap_or(text), system),
        (None, Some(rest)) => rest.split_once("/systems/")?,
        (None, None) => text.split_once('/')?,
    };
    let fit = !code.is_empty() && !system.is_empty() && !code.contains('/') && !system.contains('/');
    fit.then(|| (format!("agencies/{code}"), system.to_owned()))
}

/// The full name of what the gateway named: `assignments/{uuid}` from either form.
pub fn given(segment: &str, text: &str) -> String {
    if text.contains('/') { text.to_owned() } else { format!("{segment}/{text}") }
}

/// The short form, for tables; it can be typed back.
pub fn short(name: &str) -> String {
    match name.split('/').collect::<Vec<_>>()[..] {
        ["agencies", code] => code.to_owned(),
        ["agencies", code, _, id] => format!("{code}/{id}"),
        [
            "assignments" | "enrolments" | "trainees" | "certificateOrders" | "certificates"
            | "trainerClaims",
            id,
        ] => id.to_owned(),
        _ => name.to_owned(),
    }
}

/// The name that an agency holds on a day (YYYY-MM-DD, or longer): the last whose first day has come, else the first.
pub fn held<'a>(agency: &'a v1::Agency, day: &str) -> &'a str {
    let held = agency.names.iter().rfind(|name| name.valid_from.as_str() <= day);
    held.or(agency.names.first()).map(|name| name.display_name.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::{Programmes, Sessions};

    #[test]
    fn short_names_are_completed_and_full_ones_kept() {
        let name = "agencies/blk-kepri/programmes/las-2026";
        assert_eq!(full::<Programmes>("blk-kepri/las-2026", "dkp"), name);
        assert_eq!(full::<Programmes>("las-2026", "blk-kepri"), name);
        assert_eq!(full::<Programmes>(name, "dkp"), name);
        assert_eq!(full::<Sessions>("blk/las@1:2", "x"), "agencies/blk/sessions/las@1:2");
        // What is neither is left for the gateway to refuse.
        assert_eq!(full::<Programmes>("a/b/c", "dkp"), "a/b/c");
        assert_eq!(
            (agency("blk").as_str(), agency("agencies/blk").as_str()),
            ("agencies/blk", "agencies/blk")
        );
        assert_eq!(given("assignments", "0192"), "assignments/0192");
        assert_eq!(given("enrolments", "enrolments/07f3"), "enrolments/07f3");
    }

    #[test]
    fn an_agency_goes_by_the_name_that_it_holds_on_the_day() {
        let name = |display_name: &str, valid_from: &str| v1::AgencyName {
            display_name: display_name.into(),
            valid_from: valid_from.into(),
            ..Default::default()
        };
        let names = vec![name("BLK", "2020-01-01"), name("Balai", "2026-03-02")];
        let agency = v1::Agency { names, ..Default::default() };
        assert_eq!(held(&agency, "2026-03-01T20:00:00Z"), "BLK");
        assert_eq!(held(&agency, "2026-03-02T00:00:00Z"), "Balai");
        assert_eq!(held(&agency, "2019-01-01"), "BLK");
        assert_eq!(held(&v1::Agency::default(), "2019-01-01"), "");
    }

    #[test]
    fn a_system_is_named_with_its_agency() {
        let is = Some(("agencies/blk-kepri".to_owned(), "jadwal".to_owned()));
        assert_eq!(system("blk-kepri/jadwal", None), is);
        assert_eq!(system("agencies/blk-kepri/systems/jadwal", None), is);
        assert_eq!(system("blk-kepri", Some("jadwal")), is, "as it was written before");
        assert_eq!(system("agencies/blk-kepri", Some("jadwal")), is);
        for other in ["blk-kepri", "blk-kepri/", "a/b/c", "agencies/blk-kepri", ""] {
            assert_eq!(system(other, None), None, "{other}");
        }
    }

    #[test]
    fn what_tables_show_can_be_typed_back() {
        let name = "agencies/blk-kepri/programmes/las-2026";
        assert_eq!(full::<Programmes>(&short(name), "other"), name);
        assert_eq!(agency(&short("agencies/blk-kepri")), "agencies/blk-kepri");
        assert_eq!(short("assignments/0192"), "0192");
        assert_eq!(short("enrolments/07f3"), "07f3");
    }
}
