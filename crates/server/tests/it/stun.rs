//! STUN on the port of HTTP.

use std::net::SocketAddr;

use rtc_stun::{
    message::{BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, TransactionId},
    xoraddr::XorMappedAddress,
};
use tokio::net::UdpSocket;

use crate::server::{TestServer, within};

#[tokio::test]
async fn binding_requests_are_answered_with_the_askers_address() {
    let server = TestServer::start().await;
    assert_eq!(server.stun.port(), server.address.port());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(server.stun).await.unwrap();
    for rubbish in [&[][..], &[0; 20], &[0xff; 600]] {
        socket.send(rubbish).await.unwrap();
    }
    let mut request = Message::new();
    request.set_type(BINDING_REQUEST);
    request.transaction_id = TransactionId([9; 12]);
    request.write_header();
    socket.send(&request.raw).await.unwrap();
    let mut datagram = [0; 600];
    let len = within(socket.recv(&mut datagram)).await.unwrap();
    let mut answer = Message::new();
    answer.unmarshal_binary(&datagram[..len]).unwrap();
    assert_eq!(
        (answer.typ, answer.transaction_id),
        (BINDING_SUCCESS, request.transaction_id)
    );
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&answer).unwrap();
    assert_eq!(
        SocketAddr::new(mapped.ip, mapped.port),
        socket.local_addr().unwrap()
    );
    server.until_metric("snug_stun_answers_total 1").await;
}
