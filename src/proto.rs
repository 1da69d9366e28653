//! The contract as generated from `proto/`, and its descriptor with every option.

pub mod codec;

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

/// Messages, clients and servers of `gerbang.v1`.
#[allow(missing_docs, clippy::all)]
pub mod v1 {
    tonic::include_proto!("gerbang.v1");
}

/// The encoded `FileDescriptorSet`, imports and options included.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gerbang.binpb"));

/// `buf/validate/validate.proto`, which the contract imports.
pub const VALIDATE_PROTO: &str = include_str!(concat!(env!("OUT_DIR"), "/validate.proto"));

/// The contract's descriptor.
pub fn descriptor() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).expect("build.rs wrote the descriptor set"));
    &POOL
}
