//! Reflection: the contract, told to whoever asks.

use tonic::service::Routes;
use tonic_reflection::server::Builder;

use crate::proto;

/// The largest request to health and reflection, in bytes; `rpc` sets those of its own services.
pub(super) const SMALL_MESSAGE: usize = 16 * 1024;

/// The contract in this program cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("reflection cannot read the contract: {0}")]
pub struct ReflectionError(#[source] tonic_reflection::server::Error);

/// Reflection, v1 and v1alpha, over the contract as it was compiled, with options and without comments, and over what errors
/// carry.
pub(super) fn with_reflection(routes: Routes) -> Result<Routes, ReflectionError> {
    let reflection = || {
        Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(proto::RPC_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let v1 = reflection().build_v1().map_err(ReflectionError)?.max_decoding_message_size(SMALL_MESSAGE);
    let v1alpha =
        reflection().build_v1alpha().map_err(ReflectionError)?.max_decoding_message_size(SMALL_MESSAGE);
    Ok(routes.add_service(v1).add_service(v1alpha))
}
