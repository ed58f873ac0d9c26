//! Links through a TURN server. There is none in the tests, so these are run by hand:
//!
//! ```text
//! turnserver -n --listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --no-tls --no-dtls --no-cli \
//!     --allow-loopback-peers --lt-cred-mech --user=ann:secret --realm=snug --log-file=stdout
//! cargo test -p snug-peer --test transport turn -- --ignored
//! ```

use bytes::Bytes;
use snug_peer::transport::{Interfaces, LinkCommand, LinkEvent, LinkState, Path, TransportConfig};
use snug_protocol::api::IceServer;

use crate::{
    Outgoing,
    pair::{End, Pair, Who},
};

#[tokio::test]
#[ignore = "needs a TURN server"]
async fn both_ends_may_be_behind_the_server() {
    full_life(relay_only(), relay_only()).await;
}

#[tokio::test]
#[ignore = "needs a TURN server"]
async fn the_end_that_offers_may_be_behind_the_server() {
    full_life(relay_only(), End::new()).await;
}

#[tokio::test]
#[ignore = "needs a TURN server"]
async fn the_end_that_answers_may_be_behind_the_server() {
    full_life(End::new(), relay_only()).await;
}

#[tokio::test]
#[ignore = "needs a TURN server"]
async fn a_relayed_link_does_not_tell_its_address() {
    let mut end = relay_only();
    end.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    loop {
        match end.next().await {
            LinkEvent::LocalDescription { sdp, .. } => assert!(!sdp.contains("candidate")),
            LinkEvent::LocalCandidate(found) => {
                assert!(found.candidate.ends_with("typ relay raddr 0.0.0.0 rport 0"));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Opens a link, sends four megabytes, restarts ICE meanwhile, talks and closes.
async fn full_life(a: End, b: End) {
    let mut pair = Pair::of(a, b);
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    let mut bulk = Outgoing::new(FRAMES);
    let (mut arrived, mut connected, mut paths) = (0, 0, Vec::new());
    while arrived < FRAMES || connected < 4 {
        match pair.next().await {
            (Who::A, LinkEvent::BulkCredit(bytes)) => bulk.pay(&pair, bytes),
            (Who::B, LinkEvent::Bulk(_)) => {
                arrived += 1;
                if arrived == 1 {
                    pair.a.command(LinkCommand::CreateOffer {
                        ice_restart: true,
                        plain: false,
                    });
                }
            }
            (_, LinkEvent::State(LinkState::Connected)) => connected += 1,
            (_, LinkEvent::Path(path)) => paths.push(path),
            (who, LinkEvent::Error(error)) => panic!("{who:?} {error}"),
            _ => {}
        }
    }
    assert_eq!(paths, [Path::Turn; 2]);
    talk(&mut pair).await;
    pair.a.command(LinkCommand::Close);
    let closed = LinkEvent::State(LinkState::Closed);
    pair.until(Who::B, closed).await;
}

/// Sends a word each way, a hundred times. With a pause at each step this takes a minute.
async fn talk(pair: &mut Pair) {
    for _ in 0..100 {
        for who in [Who::A, Who::B] {
            pair.end(who).send_control(b"word".to_vec());
            let word = LinkEvent::Control(Bytes::from_static(b"word"));
            pair.until(who.other(), word).await;
        }
    }
}

fn relay_only() -> End {
    let server = IceServer {
        urls: vec!["turn:127.0.0.1:3478?transport=udp".to_owned()],
        username: Some("ann".to_owned()),
        credential: Some("secret".to_owned()),
    };
    End::with(TransportConfig {
        ice_servers: vec![server],
        interfaces: Interfaces::LoopbackOnly,
        relay_only: true,
    })
}

const FRAMES: u16 = 128;
