//! A finished call, as log and metrics tell of it.

use std::{net::SocketAddr, time::Duration};

use tonic::Code;

use crate::domain::{Reason, access::Identity};

/// The end of a call.
#[derive(Debug)]
pub(super) struct Outcome {
    pub code: Code,
    /// The reason of a refusal.
    pub reason: Option<Reason>,
    /// The number that an internal error was answered with.
    pub correlation: Option<String>,
}

impl Outcome {
    pub fn of(code: Code) -> Self {
        Self { code, reason: None, correlation: None }
    }

    /// The code as gRPC writes it.
    pub fn code_name(&self) -> &'static str {
        match self.code {
            Code::Ok => "OK",
            Code::Cancelled => "CANCELLED",
            Code::Unknown => "UNKNOWN",
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Code::NotFound => "NOT_FOUND",
            Code::AlreadyExists => "ALREADY_EXISTS",
            Code::PermissionDenied => "PERMISSION_DENIED",
            Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Code::FailedPrecondition => "FAILED_PRECONDITION",
            Code::Aborted => "ABORTED",
            Code::OutOfRange => "OUT_OF_RANGE",
            Code::Unimplemented => "UNIMPLEMENTED",
            Code::Internal => "INTERNAL",
            Code::Unavailable => "UNAVAILABLE",
            Code::DataLoss => "DATA_LOSS",
            Code::Unauthenticated => "UNAUTHENTICATED",
        }
    }
}

/// A finished call.
#[derive(Debug)]
pub(super) struct Call {
    /// From the list of methods; `unknown` for any other path.
    pub method: &'static str,
    pub outcome: Outcome,
    /// The system that the certificate names.
    pub caller: Option<Identity>,
    /// The address of the caller, when no certificate says who calls.
    pub client: Option<SocketAddr>,
    pub took: Duration,
}
