//! Clients that are refused while their message is still on its way.

use bytes::Bytes;
use h2::Ping;
use tokio::net::TcpStream;

use super::pki::Pki;
use crate::server::trust::tests::Registry;

/// Where systems join, for each call in turn, also where there are too many of them: the answer comes, and no reset.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_reads_the_answer() {
    let pki = Pki::new("early");
    let gateway = pki.gateway(true, &Registry::default()).await;
    let tcp = TcpStream::connect(gateway.join.unwrap()).await.unwrap();
    let stream = pki.tls_over(tcp, None).await.unwrap();
    let (mut requests, mut connection) =
        h2::client::Builder::new().handshake::<_, Bytes>(stream).await.unwrap();
    let mut ping = connection.ping_pong().unwrap();
    let connection = tokio::spawn(connection);
    for call in 0..30 {
        requests = requests.ready().await.unwrap();
        let request = http::Request::post("https://localhost/gerbang.v1.ScheduleService/PushSchedule");
        let request = request.header("content-type", "application/grpc").body(()).unwrap();
        let (answer, mut message) = requests.send_request(request, false).unwrap();
        // From here on the gateway has seen the call, and knows that it refuses it.
        ping.ping(Ping::opaque()).await.unwrap();
        message
            .send_data(Bytes::from_static(&[0; 5]), true)
            .unwrap_or_else(|reset| panic!("{call}: {reset}"));
        let answer = answer.await.unwrap_or_else(|reset| panic!("{call}: {reset}"));
        assert!(answer.headers().contains_key("grpc-status-details-bin"), "{call}: {answer:?}");
    }
    connection.abort();
}
