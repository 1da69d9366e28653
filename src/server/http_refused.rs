//! The refusals of HTTP requests that are no calls, so that the steps around a call see nothing of them: the whys that the
//! counter shows, and what is answered.
//!
//! Whoever refuses such a request counts it here, with a line in the log that says whose certificate it came by.

use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use metrics::counter;
use tonic::body::Body;

use crate::{domain::access::Peer, text_enum};

/// The counter of such refusals, by why.
pub(super) const HTTP_REFUSED: &str = "gerbang_http_refused_total";

text_enum! {
    /// The reason why an HTTP request did not become a call.
    HttpRefused {
        /// HTTP/1.1 that cannot be read.
        Malformed = "malformed",
        /// The header, with the request line, is too large, or has too many fields.
        HeaderTooLarge = "header_too_large",
        /// The header did not come to its end in time. There is no answer.
        HeaderSlow = "header_slow",
        /// HTTP/1.0.
        Version = "version",
        /// There is no Host, more than one, or one that is none.
        Host = "host",
        /// The target is no path: another authority's, a proxy's, `*`.
        Target = "target",
        /// A transfer coding other than `chunked` alone (RFC 9112 §6.1), or a length beside it.
        TransferEncoding = "transfer_encoding",
        /// The client asks for another protocol on this connection.
        Upgrade = "upgrade",
        /// The client asks for a tunnel.
        Connect = "connect",
        /// gRPC, which HTTP/1.1 does not carry: its status comes in trailers.
        GrpcOverHttp1 = "grpc_over_http1",
        /// A browser sends it for a page of another site.
        OtherSite = "other_site",
        /// No method has this path.
        Path = "path",
        /// It is not sent by POST.
        Method = "method",
        /// Its content is of a type that nobody reads.
        ContentType = "content_type",
        /// The method is called by gRPC alone.
        GrpcOnly = "grpc_only",
    }
}

impl HttpRefused {
    /// The status of the answer, where there is one.
    pub fn status(self) -> StatusCode {
        match self {
            Self::HeaderTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::HeaderSlow => StatusCode::REQUEST_TIMEOUT,
            Self::GrpcOverHttp1 | Self::ContentType | Self::GrpcOnly => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::OtherSite => StatusCode::FORBIDDEN,
            Self::Path => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed
            | Self::Version
            | Self::Host
            | Self::Target
            | Self::TransferEncoding
            | Self::Upgrade
            | Self::Connect => StatusCode::BAD_REQUEST,
        }
    }

    /// The header that says what is taken instead.
    pub fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let accepts = |types| Some((HeaderName::from_static("accept-post"), HeaderValue::from_static(types)));
        match self {
            Self::Method => Some((header::ALLOW, HeaderValue::from_static("POST"))),
            Self::ContentType => accepts("application/json, application/proto, application/grpc"),
            Self::GrpcOnly => accepts("application/grpc"),
            _ => None,
        }
    }

    /// Counts the refusal and logs it, with the caller if there is one.
    pub fn tell(self, peer: Option<&Peer>) {
        counter!(HTTP_REFUSED, "why" => self.as_str()).increment(1);
        let caller = peer.and_then(|peer| peer.identity.as_ref().ok());
        tracing::info!(
            why = self.as_str(),
            agency = caller.map(|caller| caller.agency.as_str()),
            system = caller.map(|caller| caller.system.as_str()),
            serial = peer.map(|peer| peer.serial.as_str()),
            client = peer.map(|peer| tracing::field::display(peer.address)),
            "http request refused"
        );
    }

    /// The answer where the header is not to be trusted: the status alone. It has no body, and so no content type.
    pub fn answer(self) -> Response<Body> {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = self.status();
        answer
    }
}
