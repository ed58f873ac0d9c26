//! Candidates of a peer, and where they may lead.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
};

use snug_peer::transport::{Interfaces, LinkCommand, LinkEvent, SdpKind, TransportConfig};
use snug_protocol::negotiation::Candidate;
use tokio::net::UdpSocket;

use crate::pair::{End, Pair};

#[tokio::test]
async fn candidates_may_come_before_the_description() {
    let mut pair = Pair::offering();
    let (mut offer, mut early) = (None, None);
    while offer.is_none() || early.is_none() {
        match pair.a.next().await {
            LinkEvent::LocalDescription { sdp, .. } => offer = Some(sdp),
            LinkEvent::LocalCandidate(candidate) => early = Some(candidate),
            _ => {}
        }
    }
    pair.b.command(LinkCommand::AddCandidate(early.unwrap()));
    pair.b.accept_offer(offer.unwrap());
    pair.both_open().await;
}

#[tokio::test]
async fn floods_of_candidates_are_cut_off() {
    let floods: [fn(u16) -> String; 4] = [
        |number| format!("127.0.0.1 {number}"),
        |number| format!("{number}.local 9"),
        |number| format!("224.0.{}.{} 9", number >> 8, number & 0xff),
        |number| format!("2001:db8::{number:x} 9"),
    ];
    for flood in floods {
        let mut pair = Pair::offering();
        for number in 0..10_000 {
            pair.b.add(&flood(number));
        }
        pair.both_open().await;
    }
}

#[tokio::test]
async fn a_description_full_of_candidates_is_taken() {
    let mut pair = Pair::new();
    pair.alter = |kind, sdp| match kind {
        SdpKind::Offer => {
            let line = "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n";
            let count = (32 * 1024 - sdp.len()) / line.len();
            sdp + &line.repeat(count)
        }
        SdpKind::Answer => sdp,
    };
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    pair.both_open().await;
}

#[tokio::test]
async fn addresses_that_no_peer_has_get_no_packets() {
    let bystander = UdpSocket::bind("0.0.0.0:0").await.unwrap();
    bystander
        .join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)
        .unwrap();
    let port = bystander.local_addr().unwrap().port();
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let link = offered(Interfaces::LoopbackOnly, "").await;
    for addr in ["0.0.0.0", "::", "::ffff:127.0.0.1", "localhost"] {
        link.add(&format!("{addr} {port}"));
    }
    link.add(&format!("{GROUP} {port}"));
    link.add("127.0.0.1 0");
    is_checked_alone(&peer, &link, &bystander).await;
}

#[tokio::test]
async fn loopback_gets_no_packets_unless_the_peer_may_be_on_this_machine() {
    let Some(own) = address_of_this_machine().await else {
        eprintln!("this machine has no address but loopback");
        return;
    };
    let bystander = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = bystander.local_addr().unwrap().port();
    let peer = UdpSocket::bind(SocketAddr::new(own.ip(), 0)).await.unwrap();
    // The stack reads all of these as candidates.
    let loopback = format!("candidate:1 1 udp 1 127.0.0.1 {port} typ host");
    let hidden = ["a=", "a= ", "\ra=", "a=\u{a0}"].map(|start| format!("{start}{loopback}\r\n"));
    let link = offered(Interfaces::Addrs(vec![own.ip()]), &hidden.concat()).await;
    let spaced = loopback.replace(' ', "\u{a0}");
    link.add_line(format!("{spaced} 1 udp 1 192.0.2.1 9 typ host"));
    link.add_line(loopback);
    link.add(&format!("0.0.0.0 {port}"));
    is_checked_alone(&peer, &link, &bystander).await;
}

/// A link that was offered a connection by a peer without candidates.
async fn offered(interfaces: Interfaces, lines: &str) -> End {
    let mut pair = Pair::offering();
    let offer = pair.a.description().await;
    let link = End::with(TransportConfig {
        interfaces,
        ..Default::default()
    });
    link.accept_offer(offer + lines);
    link
}

/// Waits until `peer` has got connectivity checks, and makes sure that `bystander` has not.
async fn is_checked_alone(peer: &UdpSocket, link: &End, bystander: &UdpSocket) {
    link.add(&candidate_of(peer));
    let mut check = [0; 1500];
    // Each round of checks has one for every candidate, and `peer` is the last of them.
    for _ in 0..3 {
        peer.recv(&mut check).await.expect("a check");
    }
    let nothing = bystander.try_recv(&mut check).map_err(|error| error.kind());
    assert_eq!(nothing, Err(ErrorKind::WouldBlock));
}

fn candidate_of(socket: &UdpSocket) -> String {
    let addr = socket.local_addr().expect("a bound socket");
    format!("{} {}", addr.ip(), addr.port())
}

/// Where packets to the rest of the world would leave from. None is sent.
async fn address_of_this_machine() -> Option<SocketAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").await.ok()?;
    socket.connect("192.0.2.1:9").await.ok()?;
    socket
        .local_addr()
        .ok()
        .filter(|own| !own.ip().is_loopback())
}

impl End {
    /// Adds a candidate of the peer.
    fn add(&self, addr_and_port: &str) {
        self.add_line(format!("candidate:1 1 udp 1 {addr_and_port} typ host"));
    }

    fn add_line(&self, candidate: String) {
        self.command(LinkCommand::AddCandidate(Candidate {
            candidate,
            sdp_mid: None,
            sdp_mline_index: Some(0),
        }));
    }
}

/// A group for use within one machine or site (RFC 2365).
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 0, 7);
