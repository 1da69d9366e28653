//! The contract as generated from `proto/`, its descriptor with every option, and what its methods and messages have in
//! common.

pub mod codec;
pub mod method;
pub mod shape;

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, MethodDescriptor};

// `for_each_service!`: a row for every service and method, handed to a macro. `build.rs` says how a row reads.
include!(concat!(env!("OUT_DIR"), "/services.rs"));
pub(crate) use for_each_service;

/// Messages, clients and servers of `gerbang.v1`.
#[allow(missing_docs, clippy::all)]
pub mod v1 {
    tonic::include_proto!("gerbang.v1");
}

/// The package of the contract.
pub const PACKAGE: &str = "gerbang.v1";

/// The encoded `FileDescriptorSet`, imports and options included, comments not.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gerbang.binpb"));

/// Path and text of every file of the contract, sorted.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// `buf/validate/validate.proto`, which the contract imports.
pub const VALIDATE_PROTO: &str = include_str!(concat!(env!("OUT_DIR"), "/validate.proto"));

/// `google/rpc/error_details.proto` and `status.proto`, by which a client reads `grpc-status-details-bin`: path and text.
pub const RPC_PROTOS: &[(&str, &str)] = &[
    (
        "google/rpc/error_details.proto",
        include_str!(concat!(env!("OUT_DIR"), "/rpc/google/rpc/error_details.proto")),
    ),
    ("google/rpc/status.proto", include_str!(concat!(env!("OUT_DIR"), "/rpc/google/rpc/status.proto"))),
];

/// The encoded `FileDescriptorSet` of [`RPC_PROTOS`], imports included, for reflection.
pub const RPC_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rpc.binpb"));

/// The contract's descriptor, without comments.
pub fn descriptor() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| decode(DESCRIPTOR_SET));
    &POOL
}

/// The same with comments, and where everything stands in the text: three times as large, and for the command line alone.
pub fn commented_descriptor() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| decode(include_bytes!(concat!(env!("OUT_DIR"), "/commented.binpb"))));
    &POOL
}

fn decode(set: &[u8]) -> DescriptorPool {
    DescriptorPool::decode(set).expect("build.rs wrote the descriptor set")
}

/// Every method of the contract in its descriptor.
pub fn methods() -> impl Iterator<Item = MethodDescriptor> {
    let services = descriptor().services().filter(|service| service.package_name() == PACKAGE);
    services.flat_map(|service| service.methods().collect::<Vec<_>>())
}
