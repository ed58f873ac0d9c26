//! What we change in our session descriptions on their way out, and what peers of our kind read
//! from them.

use std::fmt::Write;

use snug_protocol::{
    SessionDescription,
    negotiation::Candidate,
    session_description::{FRAGMENTS, RECEIVE_BUFFER, REPAIR},
};

use super::repair::Token;

/// Writes our description for the peer.
///
/// Browsers skip the attributes that tell a peer of our kind something.
pub(super) fn local(text: &str, told: Told, candidates: Candidates) -> String {
    let mut sdp = String::with_capacity(text.len() + 128);
    for line in text.lines() {
        match line.strip_prefix("a=candidate:") {
            Some(_) if candidates == Candidates::Stale => continue,
            Some(_) if candidates == Candidates::Anonymous => sdp.push_str(&anonymous(line)),
            _ => sdp.push_str(line),
        }
        sdp.push_str("\r\n");
    }
    // The application section is the last, and attributes end a section (RFC 8866 §5).
    let Told {
        receive_buffer,
        repair,
        fragments,
    } = told;
    write!(
        sdp,
        "a={RECEIVE_BUFFER}:{receive_buffer}\r\na={REPAIR}:{repair}\r\n"
    )
    .expect("a string takes everything");
    if fragments {
        write!(sdp, "a={FRAGMENTS}\r\n").expect("a string takes everything");
    }
    sdp
}

/// What a peer of our kind is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// How much it may have in flight, in bytes.
    pub(super) receive_buffer: usize,
    /// What it has to show when it asks for what it misses.
    pub(super) repair: Token,
    /// Whether records go in fragments.
    pub(super) fragments: bool,
}

/// The bytes that the author's sockets hold, if it tells.
pub(super) fn receive_buffer(told: &SessionDescription) -> Option<usize> {
    told.attribute(RECEIVE_BUFFER)?.parse().ok()
}

/// The author's token for repair, if it does that.
pub(super) fn repair(told: &SessionDescription) -> Option<Token> {
    told.attribute(REPAIR)?.parse().ok()
}

/// Whether records go in fragments, both ways. Only a peer that repairs does that.
pub(super) fn fragments(told: &SessionDescription) -> bool {
    told.attribute(FRAGMENTS).is_some() && repair(told).is_some()
}

/// An end's part in DTLS: who begins the handshake (RFC 8842 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Active,
    Passive,
}

impl Role {
    /// The one that the author of a description takes. Whoever offers leaves it open.
    pub(super) fn of(sdp: &str) -> Option<Self> {
        sdp.lines().find_map(|line| match line {
            "a=setup:active" => Some(Self::Active),
            "a=setup:passive" => Some(Self::Passive),
            _ => None,
        })
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::Active => Self::Passive,
            Self::Passive => Self::Active,
        }
    }

    /// An answer whose author takes this part.
    pub(super) fn take_in(self, answer: &str) -> String {
        match self {
            Self::Active => answer.replace("a=setup:passive", "a=setup:active"),
            Self::Passive => answer.replace("a=setup:active", "a=setup:passive"),
        }
    }
}

/// What to do with the candidates of our own description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Candidates {
    /// Tell them.
    Open,
    /// Tell them without the address that a relay has for us.
    Anonymous,
    /// They name sockets that are about to be closed.
    Stale,
}

/// Our candidate for the peer, from the stack's line.
pub(super) fn trickled(candidate: String) -> Candidate {
    // There is one section. Its tag is the offerer's to choose, its index is not.
    Candidate {
        candidate,
        sdp_mid: None,
        sdp_mline_index: Some(0),
    }
}

/// Takes the related address (RFC 8839 §5.1) out of a candidate: behind a relay it is the one
/// that the relay hides.
pub(super) fn anonymous(line: &str) -> String {
    let mut fields: Vec<&str> = line.split(' ').collect();
    for (name, hidden) in [("raddr", "0.0.0.0"), ("rport", "0")] {
        if let Some(at) = fields.iter().position(|field| *field == name)
            && let Some(value) = fields.get_mut(at + 1)
        {
            *value = hidden;
        }
    }
    fields.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
        a=candidate:1 1 udp 9 203.0.113.9 7 typ relay raddr 192.0.2.1 rport 5\r\n";

    fn read(attributes: &[&str]) -> SessionDescription {
        let fingerprint = format!("a=fingerprint:sha-256 {}\r\n", ["AA"; 32].join(":"));
        let lines = attributes.iter().map(|it| format!("a={it}\r\n"));
        SessionDescription::read(&format!("{SDP}{fingerprint}{}", lines.collect::<String>()))
            .unwrap()
    }

    fn told() -> Told {
        Told {
            receive_buffer: 1,
            repair: "1f".parse().unwrap(),
            fragments: true,
        }
    }

    #[test]
    fn a_relay_only_description_hides_our_address() {
        let sdp = local(SDP, told(), Candidates::Anonymous);
        assert!(sdp.contains("203.0.113.9 7 typ relay raddr 0.0.0.0 rport 0"));
    }

    #[test]
    fn peers_tell_each_other_their_receive_buffer_and_their_token() {
        let fingerprint = format!("a=fingerprint:sha-256 {}\r\n", ["AA"; 32].join(":"));
        let sdp = local(&format!("{SDP}{fingerprint}"), told(), Candidates::Open);
        let read = SessionDescription::read(&sdp).unwrap();
        assert_eq!(receive_buffer(&read), Some(1));
        assert_eq!(repair(&read), Some(told().repair));
        assert!(fragments(&read));
    }

    #[test]
    fn a_hostile_number_is_none() {
        for hostile in ["-1", "1g9", "", "99999999999999999999999"] {
            let [buffer, token] = [RECEIVE_BUFFER, REPAIR].map(|name| format!("{name}:{hostile}"));
            let read = read(&[&buffer, &token, FRAGMENTS]);
            assert_eq!(receive_buffer(&read), None, "{hostile}");
            assert_eq!(repair(&read), None, "{hostile}");
            assert!(!fragments(&read), "{hostile}");
        }
    }

    #[test]
    fn a_part_in_dtls_is_kept() {
        let [offer, answer] = ["actpass", "active"].map(|it| format!("v=0\r\na=setup:{it}\r\n"));
        assert_eq!(Role::of(&offer), None);
        let ours = Role::of(&answer).unwrap().other();
        assert_eq!(ours.take_in(&answer), "v=0\r\na=setup:passive\r\n");
        assert_eq!(ours.other().take_in(&answer), answer);
    }

    #[test]
    fn a_restart_names_no_old_candidates() {
        assert!(!local(SDP, told(), Candidates::Stale).contains("candidate"));
    }
}
