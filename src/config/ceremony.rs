//! `ceremony.toml`: the plan of an authority, written down and reviewed before its keys are made.
//!
//! Owns the file's keys and the rules between them: lifetimes lie within each other, names differ, and there are
//! two administrators at least. Refuses unknown keys; every error names the file and the line. That the
//! administrators' keys differ is seen once their requests are read.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, parse, place, read};
use crate::{
    domain::{
        AgencyCode, Fault,
        agency::AgencyTier,
        certificate::{ADMINISTRATORS_MIN, LIFETIME_DAYS_MAX},
        name::{SystemName, TrustDomain, slug},
        reason::Language,
        text::Text,
        time::Zone,
    },
    pki::{ceremony::Plan, certificate::fingerprint},
};

/// The longest that a root lasts: by then another algorithm is due.
const ROOT_DAYS_MAX: i64 = 30 * 366;
/// The longest that a list of the root counts.
const CRL_DAYS_MAX: i64 = 400;

/// The plan of a ceremony, as it was reviewed.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// The trust domain of every certificate.
    pub trust_domain: TrustDomain,
    /// The authorities' names and lifetimes.
    pub plan: Plan,
    /// The agency whose systems administer.
    pub operator: Operator,
    /// The first administrators, two at least.
    pub administrators: Vec<Appointed>,
    /// SHA-256 over the file.
    pub sha256: [u8; 32],
    file: PathBuf,
}

/// The agency whose systems administer.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The agency's code.
    pub code: AgencyCode,
    /// The agency's name for people.
    pub display_name: Text<200>,
    /// The agency's tier.
    pub tier: AgencyTier,
    /// The agency's time zone.
    pub zone: Zone,
}

/// A first administrator.
#[derive(Debug, Clone)]
pub struct Appointed {
    /// The administrator's system within the operator's agency.
    pub system: SystemName,
    /// The file with the request for a certificate.
    pub request: PathBuf,
    /// The days that its certificate is good for.
    pub days: u32,
    /// The administrator's place in the file, for errors.
    place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    trust_domain: TrustDomain,
    organisation: Spanned<String>,
    root: Root,
    issuing: Issuing,
    operator: WrittenOperator,
    administrator: Vec<Administrator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    name: Spanned<String>,
    days: Spanned<i64>,
    crl_days: Spanned<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuing {
    clients: Spanned<String>,
    gateways: Spanned<String>,
    days: Spanned<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOperator {
    code: Spanned<String>,
    display_name: Spanned<String>,
    tier: Spanned<String>,
    zone: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Administrator {
    system: Spanned<String>,
    request: Spanned<PathBuf>,
    days: Spanned<i64>,
}

impl Ceremony {
    /// Reads and checks the file; every error names file and line. Relative paths in it are relative to the file's own
    /// folder.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        Self::parse(file, &read(file)?)
    }

    /// Does the same with a text that is, or will be, in the file.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let written: Written = parse(file, text)?;
        let check = Check { file, text };
        let operator = check.operator(&written.operator)?;
        Ok(Self {
            plan: check.plan(&written)?,
            administrators: check.administrators(&written, &operator.code)?,
            operator,
            trust_domain: written.trust_domain,
            sha256: fingerprint(text.as_bytes()),
            file: file.to_owned(),
        })
    }

    /// The error for an administrator whose request is at fault, and not the file.
    pub fn refuse(&self, administrator: &Appointed, cause: String) -> ConfigError {
        ConfigError::Syntax { file: self.file.clone(), place: administrator.place.clone(), cause }
    }
}

/// The file, for saying where in it something is wrong.
struct Check<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Check<'_> {
    fn place<T>(&self, value: &Spanned<T>) -> String {
        place(self.text, value.span().start)
    }

    fn value<T, A>(&self, value: &Spanned<T>, checked: Result<A, impl ToString>) -> Result<A, ConfigError> {
        checked.map_err(|cause| ConfigError::Syntax {
            file: self.file.to_owned(),
            place: self.place(value),
            cause: cause.to_string(),
        })
    }

    fn parsed<T, A>(&self, value: &Spanned<T>, parsed: Result<A, Fault>) -> Result<A, ConfigError> {
        self.value(value, parsed.map_err(|fault| fault.text(Language::English)))
    }

    fn days(&self, value: &Spanned<i64>, max: i64, cause: &str) -> Result<u32, ConfigError> {
        let days = *value.get_ref();
        let days = if (1..=max).contains(&days) { u32::try_from(days).ok() } else { None };
        self.value(value, days.ok_or_else(|| format!("from 1 to {max}: {cause}")))
    }

    /// A name in a certificate (RFC 5280 appendix A.1: at most 64 characters).
    fn name(&self, value: &Spanned<String>) -> Result<String, ConfigError> {
        Ok(self.parsed(value, Text::<64>::parse(value.get_ref()))?.to_string())
    }

    fn plan(&self, written: &Written) -> Result<Plan, ConfigError> {
        let Written { root, issuing, .. } = written;
        let names = [&root.name, &issuing.clients, &issuing.gateways];
        for (index, name) in names.iter().enumerate() {
            let earlier = names[..index].iter().any(|earlier| earlier.get_ref() == name.get_ref());
            self.value(
                name,
                if earlier { Err("authorities of one name would be mistaken") } else { Ok(()) },
            )?;
        }
        let root_days = self.days(&root.days, ROOT_DAYS_MAX, "no algorithm lasts longer")?;
        Ok(Plan {
            organisation: self.name(&written.organisation)?,
            root_name: self.name(&root.name)?,
            clients_name: self.name(&issuing.clients)?,
            gateways_name: self.name(&issuing.gateways)?,
            root_days,
            issuing_days: self.days(&issuing.days, i64::from(root_days), "not beyond root.days")?,
            root_crl_days: self.days(
                &root.crl_days,
                CRL_DAYS_MAX.min(i64::from(root_days)),
                "nor beyond root.days",
            )?,
        })
    }

    fn operator(&self, written: &WrittenOperator) -> Result<Operator, ConfigError> {
        let tier = AgencyTier::from_text(written.tier.get_ref());
        let tiers: Vec<_> = AgencyTier::ALL.iter().map(|tier| tier.as_str()).collect();
        Ok(Operator {
            code: self.parsed(&written.code, AgencyCode::parse(written.code.get_ref()))?,
            display_name: self.parsed(&written.display_name, Text::parse(written.display_name.get_ref()))?,
            tier: self.value(&written.tier, tier.ok_or_else(|| format!("one of {}", tiers.join(", "))))?,
            zone: self.parsed(&written.zone, Zone::parse(written.zone.get_ref()))?,
        })
    }

    fn administrators(
        &self,
        written: &Written,
        operator: &AgencyCode,
    ) -> Result<Vec<Appointed>, ConfigError> {
        let all = &written.administrator;
        if all.len() < ADMINISTRATORS_MIN {
            let cause = format!("at least {ADMINISTRATORS_MIN}, so that each checks the other");
            let key = "administrator";
            return match all.first() {
                Some(only) => self.value(&only.system, Err(cause)),
                None => {
                    Err(ConfigError::Syntax { file: self.file.to_owned(), place: format!(": {key}"), cause })
                }
            };
        }
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let mut appointed: Vec<Appointed> = Vec::new();
        for one in all {
            let Administrator { system, request, days } = one;
            self.parsed(system, slug(system.get_ref()))?;
            let name = SystemName::from_store(operator.clone(), system.get_ref().clone());
            let path = folder.join(request.get_ref());
            if appointed.iter().any(|earlier| earlier.system == name) {
                return self.value(system, Err("this administrator stands there twice"));
            }
            if appointed.iter().any(|earlier| earlier.request == path) {
                return self.value(request, Err("two administrators have two keys, and two requests"));
            }
            appointed.push(Appointed {
                system: name,
                request: path,
                days: self.days(
                    days,
                    i64::from(LIFETIME_DAYS_MAX),
                    "no certificate of a system lasts longer",
                )?,
                place: self.place(request),
            });
        }
        let issuing = *written.issuing.days.get_ref();
        match all.iter().find(|one| *one.days.get_ref() > issuing) {
            Some(one) => self.value(&one.days, Err("not beyond issuing.days")),
            None => Ok(appointed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../certs/ceremony.toml");

    fn parsed(text: &str) -> Result<Ceremony, String> {
        Ceremony::parse(Path::new("certs/ceremony.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_ceremony_parses() {
        let ceremony = parsed(SAMPLE).unwrap();
        assert_eq!(ceremony.plan.root_days, 7305);
        assert_eq!(ceremony.administrators.len(), 2);
        let first = &ceremony.administrators[0];
        assert_eq!(first.system.to_string(), "agencies/operator/systems/admin1");
        assert_eq!(first.request, Path::new("certs/admin1.csr"));
        let refused = ceremony.refuse(first, "X.".to_owned()).to_string();
        assert!(
            refused.starts_with("certs/ceremony.toml, line ") && refused.contains("(request)"),
            "{refused}"
        );
        assert_eq!(hex::encode(ceremony.sha256).len(), 64);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_line() {
        let second = SAMPLE.rsplit_once("[[administrator]]").unwrap();
        for (text, key, why) in [
            (SAMPLE.replace("crl_days = 400", "crl_days = 401"), "crl_days", "from 1 to 400"),
            (SAMPLE.replace("days = 1826", "days = 7306"), "days", "not beyond root.days"),
            (SAMPLE.replace("days = 7305", "days = 50000"), "days", "no algorithm"),
            (SAMPLE.replace("days = 90", "days = 398"), "days", "397"),
            (SAMPLE.replace("days = 1826", "days = 30"), "days", "not beyond issuing.days"),
            (SAMPLE.replace("– Klien", "– Akar"), "clients", "one name"),
            (SAMPLE.replace("admin2\"", "admin1\""), "system", "twice"),
            (SAMPLE.replace("admin2.csr", "admin1.csr"), "request", "two keys"),
            (SAMPLE.replace("\"PROVINCE\"", "\"STATE\""), "tier", "PROVINCE"),
            (SAMPLE.replace("Asia/Jakarta", "Asia/Bintan"), "zone", "IANA"),
            (SAMPLE.replace("code = \"operator\"", "code = \"Operator\""), "code", "form"),
            (SAMPLE.replace("gerbang.example\"", "gerbang/example\""), "trust_domain", "domain"),
            (SAMPLE.replace("gerbang.example\"", "Gerbang.example\""), "trust_domain", "lower case"),
            (second.0.to_owned(), "system", "at least 2"),
        ] {
            let error = parsed(&text).unwrap_err();
            assert!(error.starts_with("certs/ceremony.toml, line "), "{error}");
            assert!(error.contains(&format!("({key})")) && error.contains(why), "{key}: {error}");
        }
        let none = SAMPLE.split("[[administrator]]").next().unwrap();
        assert!(parsed(none).unwrap_err().contains("administrator"));
        let unknown = parsed(&SAMPLE.replace("organisation", "organization")).unwrap_err();
        assert!(unknown.contains("line ") && unknown.contains("organization"), "{unknown}");
    }
}
