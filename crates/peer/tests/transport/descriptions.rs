//! What descriptions of a peer may not say, and certificates that they do not name.

use bytes::Bytes;
use snug_peer::transport::{LinkCommand, LinkEvent, LinkState, SdpKind, TransportError};

use crate::pair::{Pair, Who};

#[tokio::test]
async fn nonsense_is_an_error_and_no_more() {
    let mut pair = Pair::new();
    let endless = "a".repeat(1 << 20);
    for sdp in [
        "",
        "nonsense",
        "v=0\r\n",
        "v=0\r\nm=\r\n",
        "\0\u{ffff}",
        endless.as_str(),
    ] {
        let sdp = sdp.to_owned();
        pair.b.accept_offer(sdp.clone());
        assert!(
            matches!(pair.b.next().await, LinkEvent::Error(_)),
            "offer {sdp:.20}"
        );
        pair.b
            .command(LinkCommand::AcceptAnswer { sdp: sdp.clone() });
        assert!(
            matches!(pair.b.next().await, LinkEvent::Error(_)),
            "answer {sdp:.20}"
        );
    }
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    pair.both_open().await;
}

#[tokio::test]
async fn a_megabyte_is_not_even_read() {
    let mut pair = Pair::offering();
    let sdp = pair.a.description().await.repeat(3000);
    let len = sdp.len();
    assert!(len > 1 << 20);
    pair.b.accept_offer(sdp);
    let why = format!("the description has {len} bytes");
    assert_eq!(pair.b.next().await, refusal(&why));
}

#[tokio::test]
async fn offers_and_answers_of_no_peer_are_refused_and_say_why() {
    let mut pair = Pair::offering();
    let offer = pair.a.description().await;
    for (hostile, why) in hostile(&offer) {
        pair.b.accept_offer(hostile);
        assert_eq!(pair.b.next().await, refusal(why));
    }
    pair.b.accept_offer(offer);
    let answer = pair.b.description().await;
    for (hostile, why) in hostile(&answer) {
        pair.a.command(LinkCommand::AcceptAnswer { sdp: hostile });
        assert_eq!(pair.a.trouble().await, refusal(why));
    }
    pair.a.command(LinkCommand::AcceptAnswer { sdp: answer });
    pair.both_open().await;
}

#[tokio::test]
async fn a_fingerprint_may_be_repeated_and_written_small() {
    let mut pair = Pair::new();
    pair.alter = |_, sdp| {
        let fingerprint = fingerprint_of(&sdp);
        let again = fingerprint.to_lowercase().replace("sha-256", "SHA-256");
        format!("{sdp}{again}\r\n{fingerprint}\r\n")
    };
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    pair.both_open().await;
}

#[tokio::test]
async fn a_certificate_that_the_offer_does_not_name_ends_the_link() {
    certificate_is_refused(Who::B, |kind, sdp| match kind {
        SdpKind::Offer => with_other_certificate(&sdp),
        SdpKind::Answer => sdp,
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_the_answer_does_not_name_ends_the_link() {
    certificate_is_refused(Who::A, |kind, sdp| match kind {
        SdpKind::Offer => sdp,
        SdpKind::Answer => with_other_certificate(&sdp),
    })
    .await;
}

#[tokio::test]
async fn a_later_description_may_not_name_another_certificate() {
    let mut pair = Pair::connected().await;
    pair.alter = |_, sdp| with_other_certificate(&sdp);
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    let why = "the description names another certificate than the one before";
    pair.until(Who::B, refusal(why)).await;
    pair.a.send_control(b"all is well".to_vec());
    let frame = LinkEvent::Control(Bytes::from_static(b"all is well"));
    pair.until(Who::B, frame).await;
}

/// Descriptions that differ from a good one in one thing, and what is wrong with them.
fn hostile(good: &str) -> Vec<(String, &'static str)> {
    let fingerprint = fingerprint_of(good);
    let sha_1 = format!("a=fingerprint:sha-1 {}", ["AB"; 20].join(":"));
    let other = fingerprint_of(&with_other_certificate(good));
    let data = good.find("m=").expect("a section");
    let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n";
    let not_sha_256 = "the description names a certificate by something else than its SHA-256";
    let several = "the description names several certificates";
    vec![
        (
            good.replace(&fingerprint, "a=setup:actpass"),
            "the description names no certificate",
        ),
        (good.replace(&fingerprint, &sha_1), not_sha_256),
        (format!("{good}{sha_1}\r\n"), not_sha_256),
        (format!("{good}{other}\r\n"), several),
        (
            good.replace(&fingerprint, &format!("{other}\r\n{fingerprint}")),
            several,
        ),
        (
            format!("{good}a= {}\r\n", other.trim_start_matches("a=")),
            several,
        ),
        (
            good[..data].to_owned(),
            "the description has 0 sections where one for data is expected",
        ),
        (
            format!("{good}{}", good[data..].replace("mid:0", "mid:1")),
            "the description has 2 sections where one for data is expected",
        ),
        (
            format!("{good}{audio}"),
            "the description has a section for something else than data",
        ),
    ]
}

/// Opens links of which `victim` is told of another certificate than it is going to see: it has
/// to say so and close before a frame passes either way.
async fn certificate_is_refused(victim: Who, alter: fn(SdpKind, String) -> String) {
    let mut pair = Pair::new();
    pair.alter = alter;
    pair.a.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    for end in [&pair.a, &pair.b] {
        end.send_control(b"for your eyes only".to_vec());
    }
    let (mut reason, mut closed) = (None, 0);
    while closed < 2 {
        match pair.next().await {
            (_, LinkEvent::Control(_)) => panic!("a frame has passed"),
            (who, LinkEvent::Open { .. }) => assert_ne!(who, victim),
            (who, LinkEvent::Error(error)) => {
                assert_eq!(who, victim);
                reason = Some(error);
            }
            (_, LinkEvent::State(LinkState::Closed)) => closed += 1,
            _ => {}
        }
    }
    assert_eq!(reason, Some(TransportError::WrongCertificate));
}

fn refusal(why: &str) -> LinkEvent {
    LinkEvent::Error(TransportError::Negotiation(why.to_owned()))
}

fn fingerprint_of(sdp: &str) -> String {
    let mut lines = sdp.lines();
    let line = lines.find(|line| line.starts_with("a=fingerprint:"));
    line.expect("a fingerprint").to_owned()
}

/// Flips the last bit of the fingerprint.
fn with_other_certificate(sdp: &str) -> String {
    let fingerprint = fingerprint_of(sdp);
    let (rest, last) = fingerprint.split_at(fingerprint.len() - 1);
    let last = u8::from_str_radix(last, 16).expect("a digit") ^ 1;
    sdp.replace(&fingerprint, &format!("{rest}{last:X}"))
}
