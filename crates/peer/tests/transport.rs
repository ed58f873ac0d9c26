//! Links between two transports on this machine.

#[path = "transport/candidates.rs"]
mod candidates;
#[path = "transport/descriptions.rs"]
mod descriptions;
#[path = "transport/pair.rs"]
mod pair;
#[path = "transport/paths.rs"]
mod paths;
#[path = "transport/stranger.rs"]
mod stranger;
#[path = "transport/strangers.rs"]
mod strangers;
#[path = "transport/turn.rs"]
mod turn;

use bytes::{BufMut, Bytes, BytesMut};
use snug_peer::transport::{
    Fingerprint, Interfaces, LinkCommand, LinkEvent, LinkState, SdpKind, TransportConfig,
};
use snug_protocol::api::IceServer;

use self::pair::{End, Pair, Who};

#[tokio::test]
async fn frames_pass_both_ways_and_in_order() {
    let mut pair = Pair::connected().await;
    let numbers = || 0..100;
    for number in numbers() {
        pair.a.send_control(vec![number; 3]);
        pair.b.send_control(vec![number, 0xb]);
    }
    let (mut at_a, mut at_b) = (Vec::new(), Vec::new());
    while at_a.len() < 100 || at_b.len() < 100 {
        match pair.next().await {
            (Who::A, LinkEvent::Control(frame)) => at_a.push(frame),
            (Who::B, LinkEvent::Control(frame)) => at_b.push(frame),
            _ => {}
        }
    }
    assert!(numbers().map(|n| vec![n; 3]).eq(at_b));
    assert!(numbers().map(|n| vec![n, 0xb]).eq(at_a));
}

#[tokio::test]
async fn each_end_sees_the_certificate_of_the_other() {
    let mut pair = Pair::offering();
    let (mut at_a, mut at_b) = (None, None);
    while at_a.is_none() || at_b.is_none() {
        let (who, event) = pair.next().await;
        if let LinkEvent::Open {
            local_fingerprint,
            remote_fingerprint,
        } = event
        {
            let seen: (Fingerprint, Fingerprint) = (local_fingerprint, remote_fingerprint);
            *match who {
                Who::A => &mut at_a,
                Who::B => &mut at_b,
            } = Some(seen);
        }
    }
    let ((local_a, remote_a), (local_b, remote_b)) = (at_a.unwrap(), at_b.unwrap());
    assert_eq!((local_a, local_b), (remote_b, remote_a));
    assert_ne!(local_a, local_b);
}

#[tokio::test]
async fn bulk_arrives_complete() {
    let mut pair = Pair::connected().await;
    let mut bulk = Outgoing::new(2048);
    let mut arrived = vec![false; 2048];
    while arrived.contains(&false) {
        match pair.next().await {
            (Who::A, LinkEvent::BulkCredit(bytes)) => bulk.pay(&pair, bytes),
            (Who::B, LinkEvent::Bulk(frame)) => {
                let number = usize::from(u16::from_be_bytes([frame[0], frame[1]]));
                assert_eq!(frame.len(), FRAME);
                assert!(
                    !std::mem::replace(&mut arrived[number], true),
                    "{number} came twice"
                );
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn control_passes_a_saturated_bulk_channel() {
    let mut pair = Pair::connected().await;
    let mut bulk = Outgoing::new(u16::MAX);
    let (mut round_trips, mut overtaken) = (0, 0);
    while round_trips < 20 {
        match pair.next().await {
            (Who::A, LinkEvent::BulkCredit(bytes)) => {
                let first = bulk.next == 0;
                bulk.pay(&pair, bytes);
                if first {
                    pair.a.send_control(b"ping".to_vec());
                }
            }
            (Who::B, LinkEvent::Bulk(_)) => overtaken += 1,
            (Who::B, LinkEvent::Control(ping)) => pair.b.send_control(ping),
            (Who::A, LinkEvent::Control(_)) => {
                // Window, credit and queue together hold some 60 frames; a channel that starves
                // lets all 65535 pass.
                assert!(overtaken < 1000, "{overtaken} frames of bulk came first");
                (round_trips, overtaken) = (round_trips + 1, 0);
                pair.a.send_control(b"ping".to_vec());
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn credit_bounds_what_is_queued() {
    let mut pair = Pair::connected().await;
    pair.a
        .command(LinkCommand::SendBulk(Bytes::from_static(b"a frame")));
    let (mut granted, mut arrived) = (0, false);
    while granted == 0 || !arrived {
        match pair.next().await {
            (Who::A, LinkEvent::BulkCredit(bytes)) => granted += bytes,
            (Who::B, LinkEvent::Bulk(_)) => arrived = true,
            _ => {}
        }
    }
    assert!(
        (64 * 1024..=1024 * 1024).contains(&granted),
        "{granted} bytes granted"
    );
}

#[tokio::test]
async fn glare_is_settled_by_a_rollback() {
    let mut pair = Pair::new();
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    pair.b.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    // B is impolite: it goes on as if A had offered nothing.
    let offer = loop {
        if let LinkEvent::LocalDescription { sdp, .. } = pair.b.next().await {
            break sdp;
        }
    };
    while !matches!(pair.a.next().await, LinkEvent::LocalDescription { .. }) {}
    pair.a.command(LinkCommand::AcceptOffer {
        sdp: offer,
        rollback: true,
    });
    pair.both_open().await;
}

#[tokio::test]
async fn a_close_is_reported_at_both_ends_after_what_was_queued() {
    let mut pair = Pair::connected().await;
    pair.a.send_control(b"good bye".to_vec());
    pair.a.command(LinkCommand::Close);
    pair.until(Who::B, LinkEvent::Control(Bytes::from_static(b"good bye")))
        .await;
    let (mut a, mut b) = (false, false);
    while !a || !b {
        if let (who, LinkEvent::State(LinkState::Closed)) = pair.next().await {
            *match who {
                Who::A => &mut a,
                Who::B => &mut b,
            } = true;
        }
    }
}

#[tokio::test]
async fn a_close_does_not_overtake_what_nobody_has_taken_yet() {
    let mut pair = Pair::connected().await;
    // More than the queue of events holds.
    let numbers = || 0..100;
    for number in numbers() {
        pair.a.send_control(vec![number]);
    }
    pair.a.command(LinkCommand::Close);
    while pair.a.next().await != LinkEvent::State(LinkState::Closed) {}
    let mut taken = Vec::new();
    loop {
        match pair.next().await {
            (Who::B, LinkEvent::Control(frame)) => taken.push(frame),
            (Who::B, LinkEvent::State(LinkState::Closed)) => break,
            _ => {}
        }
    }
    assert!(numbers().map(|number| vec![number]).eq(taken));
}

#[tokio::test]
async fn links_meet_over_every_interface() {
    let end = || {
        End::with(TransportConfig {
            interfaces: Interfaces::All { loopback: true },
            ..Default::default()
        })
    };
    let mut pair = Pair::of(end(), end());
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    pair.both_open().await;
}

#[tokio::test]
async fn a_relay_only_link_tells_no_address() {
    let nobody = IceServer {
        urls: vec!["turn:127.0.0.1:9".to_owned()],
        username: Some("someone".to_owned()),
        credential: Some("secret".to_owned()),
    };
    let mut end = End::with(TransportConfig {
        ice_servers: vec![nobody],
        interfaces: Interfaces::All { loopback: true },
        relay_only: true,
    });
    end.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    end.command(LinkCommand::Close);
    loop {
        match end.next().await {
            LinkEvent::LocalDescription { sdp, .. } => assert!(!sdp.contains("candidate")),
            LinkEvent::State(LinkState::Closed) => break,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_is_marked_as_one() {
    let mut pair = Pair::offering();
    let offer = loop {
        if let LinkEvent::LocalDescription { kind, sdp } = pair.a.next().await {
            assert_eq!(kind, SdpKind::Offer);
            break sdp;
        }
    };
    pair.b.command(LinkCommand::AcceptOffer {
        sdp: offer,
        rollback: false,
    });
    let LinkEvent::LocalDescription { kind, .. } = pair.b.next().await else {
        panic!("candidates come after the description");
    };
    assert_eq!(kind, SdpKind::Answer);
}

/// Numbered frames, sent as the credit allows.
struct Outgoing {
    next: u16,
    end: u16,
    credit: usize,
}

impl Outgoing {
    fn new(end: u16) -> Self {
        Self {
            next: 0,
            end,
            credit: 0,
        }
    }

    fn pay(&mut self, pair: &Pair, credit: usize) {
        self.credit += credit;
        while self.next < self.end && self.credit >= FRAME {
            let mut frame = BytesMut::zeroed(FRAME);
            frame[..2].as_mut().put_u16(self.next);
            pair.a.command(LinkCommand::SendBulk(frame.freeze()));
            self.next += 1;
            self.credit -= FRAME;
        }
    }
}

const FRAME: usize = 32 * 1024 + 32;
