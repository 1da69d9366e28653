//! Requests byte by byte, as no library would send them: each with the statuses that come back, and whether the connection
//! stays open for another. What is refused closes it, so that nothing behind it is taken for a request.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::connect;
use crate::{metrics::scrape, tls, world::World};

/// A request for the same method with these further fields, each with its end of line, and this body.
fn post(fields: &str, body: &str) -> String {
    format!(
        "POST /gerbang.v1.AgencyService/WhoAmI HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/json\r\n{fields}\r\n{body}"
    )
}

/// An ordinary request.
fn plain() -> String {
    post("content-length: 2\r\n", "{}")
}

/// One with this body in chunks, or what is meant to look so.
fn chunks(body: &str) -> String {
    post("transfer-encoding: chunked\r\n", body)
}

/// One without a body, by its request line.
fn line(line: &str) -> String {
    format!("{line}\r\nhost: localhost\r\n\r\n")
}

/// So many fields beside Host.
fn fields(count: usize) -> String {
    let fields: String = (0..count).map(|number| format!("x-{number}: y\r\n")).collect();
    format!("POST / HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n")
}

/// A request behind another one, which must not be run where the first is not understood.
const SMUGGLED: &str = "POST /smuggled HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";

const STAYS: &str = "200 stays";
/// There is no such method.
const UNKNOWN: &str = "404 stays";
/// The message is no JSON: it is not there.
const UNREADABLE: &str = "400 stays";
/// The header is in order, and the message does not come to its end; or the client wanted no other.
const BROKEN: &str = "400 closes";
const REFUSED: &str = "400 closes";
const LARGE: &str = "431 closes";

/// What is HTTP/1.1 goes on to the steps, however odd.
fn understood() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("ordinary", plain(), STAYS),
        ("without a body", post("", ""), UNREADABLE),
        ("keep-alive", post("connection: keep-alive\r\n", ""), UNREADABLE),
        ("close", post("connection: close\r\n", ""), BROKEN),
        ("close, then keep-alive", post("connection: close\r\nconnection: keep-alive\r\n", ""), BROKEN),
        ("five in a row", plain().repeat(5), "200 200 200 200 200 stays"),
        ("close in a row", post("connection: close\r\n", "") + SMUGGLED, BROKEN),
        ("expect", post("content-length: 2\r\nexpect: 100-continue\r\n", "{}"), "100 200 stays"),
        ("expect something else", post("expect: coffee\r\n", ""), UNREADABLE),
        ("chunks", chunks("2\r\n{}\r\n0\r\n\r\n"), STAYS),
        ("chunks of nothing", chunks("0\r\n\r\n"), UNREADABLE),
        ("chunks with trailers", chunks("2\r\n{}\r\n0\r\nx: y\r\n\r\n"), STAYS),
        ("a short chunk extension", chunks("2;a=b\r\n{}\r\n0\r\n\r\n"), STAYS),
        ("the same length twice", post("content-length: 2\r\ncontent-length: 2\r\n", "{}"), STAYS),
        ("empty lines before", format!("\r\n\r\n{}", plain()), STAYS),
        ("bare LF", plain().replace("\r\n", "\n"), STAYS),
        ("a byte beyond ASCII in a value", post("x: \u{e9}\r\n", ""), UNREADABLE),
        ("the authority that Host names", line("GET https://localhost/ HTTP/1.1"), UNKNOWN),
        ("any Host", "GET / HTTP/1.1\r\nhost: elsewhere.example:99\r\n\r\n".to_owned(), UNKNOWN),
        ("GET", line("GET / HTTP/1.1"), UNKNOWN),
        ("TRACE", line("TRACE / HTTP/1.1"), UNKNOWN),
        ("OPTIONS", line("OPTIONS / HTTP/1.1"), UNKNOWN),
        ("a method in small letters", line("post / HTTP/1.1"), UNKNOWN),
        ("dots, encoded", line("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1"), UNKNOWN),
        ("dots", line("GET /../../etc/passwd HTTP/1.1"), UNKNOWN),
        ("a slash, encoded", line("POST /gerbang.v1.AgencyService%2FWhoAmI HTTP/1.1"), UNKNOWN),
        ("NUL, encoded", line("GET /%00 HTTP/1.1"), UNKNOWN),
        ("two slashes", line("GET //gerbang.v1.AgencyService/WhoAmI HTTP/1.1"), UNKNOWN),
        ("a fragment", line("GET /a#b HTTP/1.1"), UNKNOWN),
        ("64 fields", fields(63), UNKNOWN),
        ("15 KiB of header", post(&format!("x: {}\r\n", "y".repeat(15 * 1024)), ""), UNREADABLE),
    ]
}

fn lengths_and_codings() -> Vec<(&'static str, String, &'static str)> {
    let length = |value: &str| post(&format!("content-length: {value}\r\n"), "{}") + SMUGGLED;
    let coding =
        |value: &str| post(&format!("transfer-encoding: {value}\r\n"), "2\r\n{}\r\n0\r\n\r\n") + SMUGGLED;
    let both = "content-length: 5\r\ntransfer-encoding: chunked\r\n";
    let both_reversed = "transfer-encoding: chunked\r\ncontent-length: 5\r\n";
    vec![
        ("two lengths", post("content-length: 2\r\ncontent-length: 3\r\n", "{}"), REFUSED),
        ("2, 2", length("2, 2"), REFUSED),
        ("+2", length("+2"), REFUSED),
        ("-2", length("-2"), REFUSED),
        ("0x2", length("0x2"), REFUSED),
        ("2 2", length("2 2"), REFUSED),
        ("no digits", length(""), REFUSED),
        ("twenty digits", length("99999999999999999999"), REFUSED),
        ("2^64 - 1", length("18446744073709551615"), LARGE),
        ("xchunked", coding("xchunked"), REFUSED),
        ("chunked, identity", coding("chunked, identity"), REFUSED),
        ("gzip, chunked", coding("gzip, chunked"), REFUSED),
        ("chunked, chunked", coding("chunked, chunked"), REFUSED),
        ("identity", coding("identity"), REFUSED),
        ("Chunked", coding("Chunked"), REFUSED),
        ("chunked;q=1", coding("chunked;q=1"), REFUSED),
        ("chunked twice", coding("chunked\r\ntransfer-encoding: chunked"), REFUSED),
        ("chunked by HTTP/1.0", coding("chunked").replace("HTTP/1.1", "HTTP/1.0"), REFUSED),
        // hyper goes by the chunks, of which there are none, and closes: the second is not run.
        ("length and chunked", post(both, "0\r\n\r\n") + SMUGGLED, BROKEN),
        ("chunked and length", post(both_reversed, "0\r\n\r\n") + SMUGGLED, BROKEN),
        // The header is in order, so the body is the step's to refuse that reads it.
        ("a chunk with bare LF", chunks("2\n{}\n0\n\n") + SMUGGLED, BROKEN),
        ("a chunk that is too long", chunks("2\r\n{}}\r\n0\r\n\r\n") + SMUGGLED, BROKEN),
        ("a chunk of no size", chunks("\r\n{}\r\n0\r\n\r\n") + SMUGGLED, BROKEN),
        ("a chunk of -2", chunks("-2\r\n{}\r\n0\r\n\r\n") + SMUGGLED, BROKEN),
        ("a chunk of 0x2", chunks("0x2\r\n{}\r\n0\r\n\r\n") + SMUGGLED, BROKEN),
        ("a chunk of 2^68", chunks("fffffffffffffffff\r\n{}\r\n0\r\n\r\n") + SMUGGLED, BROKEN),
        (
            "20 kB of chunk extension",
            chunks(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "a".repeat(20_000))) + SMUGGLED,
            BROKEN,
        ),
    ]
}

fn lines_and_fields() -> Vec<(&'static str, String, &'static str)> {
    let field = |field: &str| post(&format!("{field}\r\n"), "") + SMUGGLED;
    let host = |fields: &str| format!("GET / HTTP/1.1\r\n{fields}\r\n{SMUGGLED}");
    vec![
        ("a space before the colon", field("content-length : 0"), REFUSED),
        ("a space in a name", field("content length: 0"), REFUSED),
        ("no name", field(": x"), REFUSED),
        ("no colon", field("nonsense"), REFUSED),
        ("a name beyond ASCII", field("\u{e9}: x"), REFUSED),
        ("a bare CR", field("x: a\rb"), REFUSED),
        ("NUL", field("x: a\0b"), REFUSED),
        ("a folded line", field("x: a\r\n b"), REFUSED),
        ("a folded first line", format!("GET / HTTP/1.1\r\n host: localhost\r\n\r\n{SMUGGLED}"), REFUSED),
        ("65 fields", fields(64), LARGE),
        ("17 KiB of header", post(&format!("x: {}\r\n", "y".repeat(17 * 1024)), ""), LARGE),
        ("17 KiB of target", line(&format!("GET /{} HTTP/1.1", "y".repeat(17 * 1024))), LARGE),
        ("200 KiB of header", post(&format!("x: {}\r\n", "y".repeat(200 * 1024)), ""), LARGE),
        ("no Host", host(""), REFUSED),
        ("two Hosts", host("host: localhost\r\nhost: localhost\r\n"), REFUSED),
        ("an empty Host", host("host: \r\n"), REFUSED),
        ("a Host with a path", host("host: localhost/a\r\n"), REFUSED),
        ("a Host with a name before it", host("host: me@localhost\r\n"), REFUSED),
        ("another authority", line("GET https://elsewhere.example/ HTTP/1.1"), REFUSED),
        ("another scheme", line("GET http://localhost/ HTTP/1.1"), REFUSED),
        ("an authority alone", line("GET localhost:443 HTTP/1.1"), REFUSED),
        ("a star", line("OPTIONS * HTTP/1.1"), REFUSED),
        ("a relative path", line("GET a HTTP/1.1"), REFUSED),
        ("CONNECT", line("CONNECT localhost:443 HTTP/1.1") + SMUGGLED, REFUSED),
        (
            "h2c",
            field("connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk"),
            REFUSED,
        ),
        (
            "a websocket",
            field("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13"),
            REFUSED,
        ),
        ("HTTP/1.0", line("GET / HTTP/1.0") + SMUGGLED, REFUSED),
        ("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n".to_owned() + SMUGGLED, REFUSED),
        ("HTTP/1.0 that would stay", line("GET / HTTP/1.0\r\nconnection: keep-alive") + SMUGGLED, REFUSED),
        ("HTTP/0.9", "GET /\r\n\r\n".to_owned(), REFUSED),
        ("HTTP/1.2", line("GET / HTTP/1.2"), REFUSED),
        ("HTTP/2.0", line("GET / HTTP/2.0"), REFUSED),
        ("HTTP/3.0", line("GET / HTTP/3.0"), REFUSED),
        ("http/1.1", line("GET / http/1.1"), REFUSED),
        ("a space behind the version", line("GET / HTTP/1.1 "), REFUSED),
        ("two spaces", line("GET  / HTTP/1.1"), REFUSED),
        ("a tab", line("GET\t/ HTTP/1.1"), REFUSED),
        ("a space in the target", line("GET /a b HTTP/1.1"), REFUSED),
        ("NUL in the target", line("GET /\0 HTTP/1.1"), REFUSED),
        ("no method", line(" / HTTP/1.1"), REFUSED),
        ("no target", line("GET HTTP/1.1"), REFUSED),
        ("a method with a colon", line("G:T / HTTP/1.1"), REFUSED),
        ("CR for ends of lines", plain().replace("\r\n", "\r"), REFUSED),
        ("no HTTP", "\u{16}\u{3}\u{1}\0\r\n\r\n".to_owned(), REFUSED),
        ("gRPC", line("POST /a HTTP/1.1\r\ncontent-type: application/grpc") + SMUGGLED, "415 closes"),
    ]
}

/// The statuses that come back, and the connection's end. Where it is not announced, the request that is sent behind is told
/// from what was asked by its version, which is refused.
async fn outcome(world: &World, request: &str) -> String {
    let mut stream = connect(world, world.address, &["http/1.1"]).await.unwrap();
    // The gateway may have had enough before it has all.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answers = Vec::new();
    while !answers.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut answers).await {
            Ok(0) => return "closes".to_owned(),
            Ok(_) => {}
            Err(error) => return error.to_string(),
        }
    }
    let closes = String::from_utf8_lossy(&answers).contains("\r\nconnection: close\r\n");
    if !closes {
        let _ = stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await;
    }
    let end = stream.read_to_end(&mut answers).await.err().map(|error| error.to_string());
    let mut statuses = statuses(&answers);
    let stays = !closes && statuses.len() > 1 && statuses.pop_if(|last| last == "400").is_some();
    let end = end.unwrap_or_else(|| if stays { "stays" } else { "closes" }.to_owned());
    format!("{} {end}", statuses.join(" "))
}

/// The statuses of these answers.
fn statuses(answers: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(answers);
    let (mut rest, mut statuses) = (&*text, Vec::new());
    while let Some((head, behind)) = rest.split_once("\r\n\r\n") {
        statuses
            .push(head.strip_prefix("HTTP/1.1 ").or(head.strip_prefix("HTTP/1.0 ")).unwrap()[..3].to_owned());
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        rest = &behind[length.map_or(0, |length| length.parse().unwrap())..];
    }
    assert!(rest.is_empty(), "{rest}");
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_answered_as_listed() {
    let world = tls::world().await;
    let cases = [understood(), lengths_and_codings(), lines_and_fields()].concat();
    assert!(cases.len() >= 50, "{}", cases.len());
    let mut faults = Vec::new();
    for (name, request, expected) in cases {
        let found = outcome(&world, &request).await;
        if found != expected {
            faults.push(format!("{name}: expected {expected}, got {found}"));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));

    // Each why has counted: what is no call shows nowhere else.
    let shown = scrape(&world).await;
    for why in [
        "malformed",
        "header_too_large",
        "version",
        "host",
        "target",
        "transfer_encoding",
        "upgrade",
        "connect",
        "grpc_over_http1",
    ] {
        let line = format!("gerbang_http_refused_total{{why=\"{why}\"}} ");
        let count = shown.split(&line).nth(1).and_then(|rest| rest.lines().next());
        assert!(count.is_some_and(|count| count != "0"), "{why}: {count:?}");
    }
    assert!(shown.contains("gerbang_http_refused_total{why=\"header_slow\"} 0"), "from zero at start");
}
