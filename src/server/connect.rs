//! Connect's unary protocol: a call as one POST of JSON, or of protobuf, that any HTTP client can make (connectrpc.com, "Protocol").
//!
//! A step of `server`'s list. It turns the request into gRPC and the answer back; everything inside stays gRPC, so that the same rules,
//! limits and ledger hold for both ways in. The message is read when it is asked for from inside, within the call's place and deadline,
//! and a fault of it is a refusal of the call like any other. Refuses what is no call at all, each with a counter and a line of the log;
//! a browser's page of another site has no way in by any protocol.

mod answer;
mod error;
mod gzip;
mod request;

use std::{collections::HashMap, sync::Arc};

use http::{HeaderMap, Method as HttpMethod, Request, Response, header};
use tonic::body::Body;

use super::{
    http_refused::HttpRefused,
    method,
    not_grpc::is_grpc,
    step::{Next, Step},
};
use crate::{
    domain::{Reason, access::Peer},
    format::json::{self, Shape},
    proto::{self, PACKAGE},
    rpc::{join, status},
};

/// The bytes of a request in JSON, as a multiple of what it may have as protobuf: a push has 1.9 times as many.
const JSON_FACTOR: usize = 3;

/// The form in which a caller writes its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Proto,
}

impl Form {
    const ALL: [Self; 2] = [Self::Json, Self::Proto];

    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Proto => "application/proto",
        }
    }

    /// The form of a content type, with UTF-8 as the only parameter.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let (kind, parameter) = content_type.split_once(';').unwrap_or((content_type, ""));
        let parameter = parameter.trim().to_ascii_lowercase();
        let fits = ["", "charset=utf-8", "charset=\"utf-8\""].contains(&parameter.as_str());
        let form =
            Self::ALL.into_iter().find(|form| kind.trim().eq_ignore_ascii_case(form.content_type()))?;
        fits.then_some(form)
    }
}

/// A method that can be called so.
#[derive(Debug, Clone, Copy)]
struct Method {
    request: Shape<'static>,
    answer: Shape<'static>,
    /// The bytes of a request in protobuf at most.
    bytes_max: usize,
}

/// Serves the methods of the exchange by Connect's protocol beside gRPC.
#[derive(Clone)]
pub(super) struct Connect {
    methods: Arc<HashMap<String, Method>>,
}

/// What a request is.
enum Sort {
    Grpc,
    Call(Method, Form),
}

impl Connect {
    /// All methods of the exchange that answer once. Errors: a sentence that names the field of the contract which has no JSON.
    pub fn new() -> Result<Self, &'static str> {
        let table = json::contract()?;
        let shape = |message: &str| {
            table.shape(&format!("{PACKAGE}.{message}")).ok_or("a method's message is not in the contract")
        };
        let services = proto::method::services().iter().filter(|service| service.name != join::SERVICE);
        let mut methods = HashMap::new();
        for service in services {
            for method in service.methods {
                let path = format!("/{PACKAGE}.{}", method.name);
                if !method::streams(&path) {
                    let (request, answer) = (shape(method.request)?, shape(method.answer)?);
                    methods.insert(path, Method { request, answer, bytes_max: service.request_bytes_max });
                }
            }
        }
        Ok(Self { methods: Arc::new(methods) })
    }

    /// What the request is, or why it is no call, and what is told of that.
    fn sort(&self, request: &Request<Body>) -> Result<Sort, (HttpRefused, Reason)> {
        let content_type = Err((HttpRefused::ContentType, Reason::ContentTypeRefused));
        if is_of_other_site(request) {
            return Err((HttpRefused::OtherSite, Reason::OtherSiteRefused));
        }
        if is_grpc(request.headers()) {
            return Ok(Sort::Grpc);
        }
        let path = request.uri().path();
        match self.methods.get(path) {
            Some(_) if request.method() != HttpMethod::POST => {
                Err((HttpRefused::Method, Reason::HttpMethodRefused))
            }
            Some(method) => {
                Form::of(request.headers()).map_or(content_type, |form| Ok(Sort::Call(*method, form)))
            }
            // It streams, or is none of our contract's.
            None if method::name(path).is_some_and(|name| !name.starts_with(join::SERVICE)) => {
                Err((HttpRefused::GrpcOnly, Reason::GrpcOnly))
            }
            None => Err((HttpRefused::Path, Reason::MethodUnknown)),
        }
    }
}

impl Step for Connect {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        match self.sort(&request) {
            Ok(Sort::Grpc) => next.run(request).await,
            Ok(Sort::Call(method, form)) => {
                let (language, takes_gzip) =
                    (status::language(request.headers()), gzip::is_taken(request.headers()));
                let answered = next.run(request::to_grpc(request, method, form, language)).await;
                answer::from_grpc(answered, method, form, takes_gzip).await
            }
            Err((refused, reason)) => {
                refused.tell(request.extensions().get::<Peer>());
                let status = status::status(&reason.into(), status::language(request.headers()));
                let mut answer = error::answer(&status);
                *answer.status_mut() = refused.status();
                answer.headers_mut().extend(refused.header());
                answer
            }
        }
    }
}

/// Whether a browser sends it for a page that is not the gateway's own. The browser presents the officer's certificate whoever's the
/// page is; it says so in `Sec-Fetch-Site`, and in `Origin`. Programs send neither.
fn is_of_other_site(request: &Request<Body>) -> bool {
    let headers = request.headers();
    let of_site = headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin");
    let own = authority(request).map(|authority| format!("https://{authority}"));
    let of_origin = headers
        .get_all(header::ORIGIN)
        .iter()
        .all(|origin| own.as_ref().is_some_and(|own| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes())));
    !(of_site && of_origin)
}

/// The name and port by which the gateway was called.
fn authority(request: &Request<Body>) -> Option<&str> {
    let host = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    request.uri().authority().map(http::uri::Authority::as_str).or_else(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<Body> {
        let mut request = Request::post("https://gerbang.example:7443/gerbang.v1.AgencyService/WhoAmI");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    #[test]
    fn a_page_of_another_site_is_told_from_a_program_and_from_the_gateways_own() {
        let own = ("origin", "https://gerbang.example:7443");
        for headers in [
            &[][..],
            &[own],
            &[("origin", "https://GERBANG.example:7443")],
            &[("sec-fetch-site", "same-origin"), own],
        ] {
            assert!(!is_of_other_site(&request(headers)), "{headers:?}");
        }
        for headers in [
            &[("origin", "https://gerbang.example")][..],
            &[("origin", "http://gerbang.example:7443")],
            &[("origin", "null")],
            &[("origin", "https://gerbang.example:7443.jahat.example")],
            &[own, ("origin", "https://jahat.example")],
            &[("sec-fetch-site", "same-site"), own],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(is_of_other_site(&request(headers)), "{headers:?}");
        }
        // By HTTP/1.1 the host says by which name it was called.
        let mut by_host = request(&[own, ("host", "gerbang.example:7443")]);
        *by_host.uri_mut() = "/gerbang.v1.AgencyService/WhoAmI".parse().unwrap();
        assert!(!is_of_other_site(&by_host));
        by_host.headers_mut().remove("host");
        assert!(is_of_other_site(&by_host));
    }

    #[test]
    fn a_content_type_is_taken_with_no_other_charset() {
        let form = |value: &'static str| Form::of(request(&[("content-type", value)]).headers());
        for value in
            ["application/json", "application/json;charset=utf-8", "Application/JSON; Charset=\"UTF-8\""]
        {
            assert_eq!(form(value), Some(Form::Json), "{value}");
        }
        assert_eq!(form("application/proto"), Some(Form::Proto));
        for value in [
            "",
            "text/json",
            "application/json; charset=latin1",
            "application/jsonp",
            "application/connect+json",
        ] {
            assert_eq!(form(value), None, "{value}");
        }
    }

    /// Every method that answers once, but for what is served elsewhere.
    #[test]
    fn the_methods_are_those_of_the_contract() {
        let connect = Connect::new().unwrap();
        assert!(connect.methods.contains_key("/gerbang.v1.ScheduleService/PushSchedule"));
        let others = ["JoinService/Join", "ScheduleService/PushSessions", "ChangeService/WatchChanges"];
        for other in others {
            assert!(!connect.methods.contains_key(&format!("/{PACKAGE}.{other}")), "{other}");
        }
        assert_eq!(connect.methods.len() + others.len(), proto::methods().count());
    }
}
