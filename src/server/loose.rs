//! Requests of HTTP/1.1 that are refused before any step sees them.
//!
//! A check of the header that hyper has read. What hyper refuses by itself is `http1`'s to tell of.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri, Version,
    header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE},
    request::Parts,
    uri::{Authority, Scheme},
};

use super::{http_refused::HttpRefused, not_grpc};

/// Finds what hyper lets pass and nobody should: what another reader on the way could understand in another way (RFC 9112
/// §11.2), what asks for another protocol, and gRPC. Two things cannot be seen here. hyper takes a bare LF for the end of a
/// line; and of a request with a length and `chunked` it goes by `chunked`, drops the length, and closes after the answer.
/// Neither does harm while nobody between the client and here ends TLS.
pub(super) fn loose(head: &Parts) -> Option<HttpRefused> {
    let headers = &head.headers;
    let Some(host) = only(headers, HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok()) else {
        // HTTP/1.0 knows no Host, and is told of what is wrong first.
        return Some(if head.version == Version::HTTP_11 { HttpRefused::Host } else { HttpRefused::Version });
    };
    let codings = headers.contains_key(TRANSFER_ENCODING);
    let chunked = only(headers, TRANSFER_ENCODING).is_some_and(|coding| coding.as_bytes() == b"chunked");
    match () {
        () if head.version != Version::HTTP_11 => Some(HttpRefused::Version),
        () if host.as_str().contains('@') => Some(HttpRefused::Host),
        () if head.method == Method::CONNECT => Some(HttpRefused::Connect),
        () if headers.contains_key(UPGRADE) => Some(HttpRefused::Upgrade),
        () if codings && (!chunked || headers.contains_key(CONTENT_LENGTH)) => {
            Some(HttpRefused::TransferEncoding)
        }
        () if !is_target(&head.uri, &host) => Some(HttpRefused::Target),
        () if not_grpc::is_grpc(headers) => Some(HttpRefused::GrpcOverHttp1),
        () => None,
    }
}

/// The value of a field that stands there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether the target is a path, by itself or behind the authority that Host names.
fn is_target(uri: &Uri, host: &Authority) -> bool {
    let here = match (uri.scheme(), uri.authority()) {
        (None, None) => true,
        (scheme, authority) => scheme == Some(&Scheme::HTTPS) && authority == Some(host),
    };
    here && uri.path().starts_with('/')
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const HERE: &str = "gerbang.example:7443";

    /// What is found in a request for this target, with these fields.
    fn found(method: &str, target: &str, fields: &[(&str, &str)]) -> Option<HttpRefused> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        loose(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn an_ordinary_request_passes() {
        let host = ("host", HERE);
        for (method, target, more) in [
            ("POST", "/gerbang.v1.AgencyService/WhoAmI", ("content-type", "application/json")),
            ("POST", "/a", ("transfer-encoding", "chunked")),
            ("POST", "/a", ("content-length", "2")),
            ("GET", "/a?b=c%2f..", ("accept", "*/*")),
            ("GET", "https://gerbang.example:7443/a", ("accept", "*/*")),
            ("GET", "https://GERBANG.example:7443/a", ("accept", "*/*")),
            ("BREW", "/", ("expect", "100-continue")),
        ] {
            assert_eq!(found(method, target, &[host, more]), None, "{method} {target} {more:?}");
        }
    }

    #[test]
    fn what_could_be_understood_in_two_ways_is_found() {
        let host = ("host", HERE);
        let chunked = ("transfer-encoding", "chunked");
        for (target, fields, why) in [
            ("/", &[][..], HttpRefused::Host),
            ("/", &[host, host], HttpRefused::Host),
            ("/", &[("host", "")], HttpRefused::Host),
            ("/", &[("host", "a b")], HttpRefused::Host),
            ("/", &[("host", "me@gerbang.example:7443")], HttpRefused::Host),
            ("/", &[("host", "gerbang.example:7443/a")], HttpRefused::Host),
            ("http://gerbang.example:7443/", &[host], HttpRefused::Target),
            ("https://gerbang.example/", &[host], HttpRefused::Target),
            ("https://elsewhere.example/", &[host], HttpRefused::Target),
            ("gerbang.example:7443", &[host], HttpRefused::Target),
            ("*", &[host], HttpRefused::Target),
            ("/", &[host, ("transfer-encoding", "gzip, chunked")], HttpRefused::TransferEncoding),
            ("/", &[host, ("transfer-encoding", "identity")], HttpRefused::TransferEncoding),
            ("/", &[host, ("transfer-encoding", "Chunked")], HttpRefused::TransferEncoding),
            ("/", &[host, chunked, chunked], HttpRefused::TransferEncoding),
            ("/", &[host, chunked, ("content-length", "2")], HttpRefused::TransferEncoding),
            ("/", &[host, ("upgrade", "h2c")], HttpRefused::Upgrade),
            ("/", &[host, ("content-type", "application/grpc+proto")], HttpRefused::GrpcOverHttp1),
        ] {
            assert_eq!(found("POST", target, fields), Some(why), "{target} {fields:?}");
        }
        assert_eq!(found("CONNECT", HERE, &[host]), Some(HttpRefused::Connect));
    }

    #[test]
    fn http_1_0_is_found_with_a_host_and_without() {
        for fields in [&[][..], &[("host", HERE)]] {
            let mut request = Request::get("/").version(Version::HTTP_10);
            for (name, value) in fields {
                request = request.header(*name, *value);
            }
            let head = request.body(()).unwrap().into_parts().0;
            assert_eq!(loose(&head), Some(HttpRefused::Version), "{fields:?}");
        }
    }
}
