//! The methods that the gateway has, by path, with the short name that logs and metrics show.
//!
//! A closed list: a path from outside never becomes a label.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use prost_reflect::MethodDescriptor;

use crate::proto::{self, PACKAGE};

/// Methods of the services that are not in our contract.
const FOREIGN: [&str; 4] = [
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// The methods among these that answer with a stream.
const FOREIGN_STREAMS: [&str; 3] = [FOREIGN[1], FOREIGN[2], FOREIGN[3]];

/// `AgreementService/SignAgreement` for `/gerbang.v1.AgreementService/SignAgreement`; `None` for a path that
/// is no method.
pub(super) fn name(path: &str) -> Option<&'static str> {
    static NAMES: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
        let own = proto::method::services().iter().flat_map(|service| service.methods);
        let own = own.map(|method| (format!("/{PACKAGE}.{}", method.name), method.name));
        FOREIGN.iter().map(|name| (format!("/{name}"), *name)).chain(own).collect()
    });
    NAMES.get(path).copied()
}

/// Says whether the path is a method that answers with a stream.
pub(super) fn streams(path: &str) -> bool {
    static STREAMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let own = proto::methods().filter(MethodDescriptor::is_server_streaming).map(path_of);
        FOREIGN_STREAMS.iter().map(|name| format!("/{name}")).chain(own).collect()
    });
    STREAMS.contains(path)
}

/// Says whether the path is a method of ours that takes a stream: a series of mutations.
pub(super) fn takes_series(path: &str) -> bool {
    static SERIES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        proto::methods().filter(MethodDescriptor::is_client_streaming).map(path_of).collect()
    });
    SERIES.contains(path)
}

fn path_of(method: MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// The full names of our own services, as health knows them.
pub(super) fn services() -> impl Iterator<Item = String> {
    proto::method::services().iter().map(|service| format!("{PACKAGE}.{}", service.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_have_names() {
        assert_eq!(name("/gerbang.v1.AgencyService/WhoAmI"), Some("AgencyService/WhoAmI"));
        assert_eq!(name("/grpc.health.v1.Health/Check"), Some("grpc.health.v1.Health/Check"));
        assert_eq!(name("/gerbang.v1.AgencyService/Anything"), None);
        assert!(streams("/grpc.health.v1.Health/Watch") && !streams("/grpc.health.v1.Health/Check"));
        assert!(!streams("/gerbang.v1.AgencyService/WhoAmI"));
        let series = "/gerbang.v1.ScheduleService/PushSessions";
        assert!(streams(series) && takes_series(series));
        assert!(!takes_series("/gerbang.v1.ChangeService/WatchChanges"));
        assert!(services().any(|service| service == "gerbang.v1.ScheduleService"));
    }
}
