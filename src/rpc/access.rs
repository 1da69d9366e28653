//! The access rules, read from the contract's options at start. An RPC without one stops the start: deny by
//! default. Health and reflection are not ours to annotate: [`BUILT_IN`] has theirs.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, MethodDescriptor, ReflectMessage, Value};

use crate::{
    domain::access::{DataKind, Relation, Role, Rule},
    proto,
};

/// Services without access options: any certificate that is registered and good may call them, which
/// `server::registry_check` sees to. While the database is away, health answers NOT_SERVING to any certificate that TLS
/// accepted.
pub const BUILT_IN: &[&str] = &[
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// Every rule by `Service/Method`.
#[derive(Debug)]
pub struct Access(BTreeMap<String, Rule>);

/// A fault in the contract's access options.
#[derive(Debug, thiserror::Error)]
#[error("the contract's access option of {method}: {why}")]
pub struct AccessError {
    method: String,
    why: &'static str,
}

impl Access {
    /// Reads the rules from the options; fails for a method without them, or with unknown values.
    pub fn from_contract() -> Result<Self, AccessError> {
        let rules = proto::methods().map(|method| rule(&method).map(|rule| (rule.method.clone(), rule)));
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// The rule of a method, by `Service/Method`.
    pub fn rule(&self, method: &str) -> Option<&Rule> {
        self.0.get(method)
    }

    /// Every method that a role may call, sorted.
    pub fn methods_of(&self, role: Role) -> Vec<String> {
        self.0.values().filter(|rule| rule.roles.contains(&role)).map(|rule| rule.method.clone()).collect()
    }

    /// Every rule, sorted by method.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.values()
    }
}

fn rule(method: &MethodDescriptor) -> Result<Rule, AccessError> {
    let name = format!("{}/{}", method.parent_service().name(), method.name());
    let wrong = |why| AccessError { method: name.clone(), why };
    let extension = proto::descriptor().get_extension_by_name("gerbang.v1.access");
    let extension = extension.ok_or_else(|| wrong("the extension is not in the descriptor"))?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return Err(wrong("missing"));
    }
    let value = options.get_extension(&extension);
    let access = value.as_message().ok_or_else(|| wrong("not a message"))?;
    let roles = texts(access, "roles", "ROLE_", Role::from_text);
    let relations = texts(access, "relations", "RELATION_", Relation::from_text);
    let flag =
        |field: &str| access.get_field_by_name(field).and_then(|value| value.as_bool()).unwrap_or_default();
    // A token stands for both, and a rule without them lets no certificate in.
    let by_token = flag("by_token");
    let roles = roles.filter(|roles| roles.is_empty() == by_token).ok_or_else(|| wrong("needs roles"))?;
    let relations = relations.filter(|relations| relations.is_empty() == by_token);
    let relations = relations.ok_or_else(|| wrong("needs relations"))?;
    let number = |field: &str| {
        access.get_field_by_name(field).and_then(|value| value.as_enum_number()).unwrap_or_default()
    };
    let data_kind = usize::try_from(number("data_kind")).ok().and_then(|number| number.checked_sub(1));
    Ok(Rule {
        method: name.clone(),
        roles,
        relations,
        data_kind: data_kind.and_then(|index| DataKind::ALL.get(index).copied()),
        gated: flag("gated"),
        discloses_trainers: number("discloses") == 1,
        discloses_trainees: number("discloses") == 2,
    })
}

/// The values of a repeated enum field; `None` for one that the domain does not know.
fn texts<T>(
    access: &DynamicMessage,
    field: &str,
    prefix: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    let descriptor = access.descriptor().get_field_by_name(field)?;
    let kind = descriptor.kind();
    let of = kind.as_enum()?;
    let value = access.get_field(&descriptor);
    let values = value.as_list()?.iter();
    values
        .map(|value| match value {
            Value::EnumNumber(number) => parse(of.get_value(*number)?.name().strip_prefix(prefix)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rpc_discloses_what_its_answer_can_hold_of_persons() {
        let access = Access::from_contract().unwrap();
        for method in proto::methods() {
            let name = format!("{}/{}", method.parent_service().name(), method.name());
            let rule = access.rule(&name).unwrap();
            let personal = proto::codec::holds_personal_data(&method.output());
            assert_eq!(rule.discloses_trainers || rule.discloses_trainees, personal, "{name}");
        }
    }

    /// Each mutation of a series goes by the rule of the method that it is of, so the contract must say the same of both.
    #[test]
    fn a_series_lets_in_whom_its_method_lets_in() {
        macro_rules! series {
            ($($by:ident {$(
                $service:ident $noun:ident $server:tt $client:tt $bytes:tt $methods:tt $streams:tt {$(
                    $each:literal $answers:ident $name:ident $path:literal $request:tt $answer:tt;
                )*}
            )*})*) => {
                [$($($(($each, $path),)*)*)*]
            };
        }
        let access = Access::from_contract().unwrap();
        let all = proto::for_each_service!(series);
        assert_eq!(all, [("ScheduleService/PushSchedule", "ScheduleService/PushSessions")]);
        for (each, series) in all {
            let rule = |name: &str| Rule { method: String::new(), ..access.rule(name).unwrap().clone() };
            assert_eq!(rule(series), rule(each), "{series}");
        }
    }

    #[test]
    fn every_rpc_has_a_rule() {
        let access = Access::from_contract().unwrap();
        let push = access.rule("ScheduleService/PushSchedule").unwrap();
        assert_eq!(push.roles, [Role::Partner, Role::Prison]);
        assert_eq!(push.relations, [Relation::Lead]);
        assert_eq!(push.data_kind, Some(DataKind::Schedule));
        assert!(push.gated && !push.discloses_trainers && !push.discloses_trainees);
        assert!(access.rule("RosterService/ListRoster").unwrap().discloses_trainees);
        assert_eq!(
            access.methods_of(Role::Door),
            [
                "AgencyService/GetAgency",
                "AgencyService/ListAgencies",
                "AgencyService/WhoAmI",
                "AssignmentService/ListTrainerAssignments",
                "CertificateService/GetCertificate",
                "CertificateService/GetCertificateOrder",
                "CertificateService/GetTrustBundle",
                "CertificateService/ListCertificateOrders",
                "CertificateService/ListCertificates",
                "CertificateService/RenewCertificate",
                "CertificateService/RequestCertificate",
                "CertificateService/RevokeCertificates",
            ]
        );
    }
}
