//! The answer to requests that are no gRPC, where systems join: JSON, a browser's, gRPC-Web. Whoever sends one is a person who tries,
//! and reads two lines of text, one per language, where an empty answer would say nothing.
//!
//! A step of the join listener's list, outside of everything that costs something. HTTP status 415 is what the gRPC protocol asks
//! for. The headers say the same to programs, by the reason `NOT_GRPC`.

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use tonic::body::Body;

use super::{
    error_details::refuse,
    step::{Next, Step},
};
use crate::{
    domain::{Reason, reason::Language},
    rpc::status,
};

/// Answers what is no gRPC with 415 and two lines.
#[derive(Clone)]
pub(super) struct NotGrpc;

impl Step for NotGrpc {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        if is_grpc(request.headers()) {
            return next.run(request).await;
        }
        let mut answer = refuse(Reason::NotGrpc, status::language(request.headers()));
        *answer.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        let lines = Language::ALL.iter().map(|language| Reason::NotGrpc.text(*language, &Vec::new()) + "\n");
        *answer.body_mut() = Body::new(Full::from(lines.collect::<String>()));
        answer
    }
}

/// Whether the type is `application/grpc`, by itself, with a codec behind `+`, or with parameters behind `;`. gRPC-Web is
/// another protocol, and gets no answer that it could read.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let rest = kind.strip_prefix(b"application/grpc");
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';' | b' ')))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tonic::Status;
    use tonic_types::StatusExt;

    use super::*;

    async fn answer(kind: Option<&str>) -> Response<Body> {
        let mut request = Request::new(Body::empty());
        if let Some(kind) = kind {
            request.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
        }
        NotGrpc.run(request, Next::new(|_| async { Response::new(Body::empty()) })).await
    }

    #[tokio::test]
    async fn only_grpc_goes_on() {
        for kind in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
            assert_eq!(answer(Some(kind)).await.status(), StatusCode::OK, "{kind}");
        }
        for kind in [None, Some("application/json"), Some("application/grpc-web+proto"), Some("text/plain")] {
            assert_eq!(answer(kind).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind:?}");
        }
    }

    #[tokio::test]
    async fn who_sends_something_else_reads_two_lines_and_a_program_reads_a_reason() {
        let answer = answer(Some("application/json")).await;
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!(status.get_details_error_info().unwrap().reason, "NOT_GRPC");
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            str::from_utf8(&body).unwrap(),
            "This address, where systems join, takes gRPC only: HTTP/2 requests of the type application/grpc. Join by gerbang join, \
             and send JSON to the exchange's address.\n\
             Alamat ini, tempat sistem mendaftar, hanya menerima gRPC, yaitu permintaan HTTP/2 dengan jenis isi \
             application/grpc. Mendaftarlah dengan gerbang join, dan kirimkan JSON ke alamat pertukaran data.\n"
        );
    }
}
