//! What we change in our session descriptions on their way out.

use std::fmt::Write;

use snug_protocol::negotiation::Candidate;

/// Writes our description for the peer.
///
/// It tells our receive buffer, so that a peer of our kind knows how much it may have in
/// flight. Browsers skip the attribute, and themselves have small buffers.
pub(super) fn local(text: &str, receive_buffer: usize, candidates: Candidates) -> String {
    let mut sdp = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        match line.strip_prefix("a=candidate:") {
            Some(_) if candidates == Candidates::Stale => continue,
            Some(_) if candidates == Candidates::Anonymous => sdp.push_str(&anonymous(line)),
            _ => sdp.push_str(line),
        }
        sdp.push_str("\r\n");
    }
    // The application section is the last, and attributes end a section (RFC 8866 §5).
    write!(sdp, "a={RECEIVE_BUFFER}:{receive_buffer}\r\n").expect("a string takes everything");
    sdp
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

/// The attribute that tells a peer of our kind how much our sockets hold, in bytes.
pub(super) const RECEIVE_BUFFER: &str = "x-snug-receive-buffer";

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
        a=candidate:1 1 udp 9 203.0.113.9 7 typ relay raddr 192.0.2.1 rport 5\r\n";

    #[test]
    fn a_relay_only_description_hides_our_address() {
        let sdp = local(SDP, 1, Candidates::Anonymous);
        assert!(sdp.contains("203.0.113.9 7 typ relay raddr 0.0.0.0 rport 0"));
    }

    #[test]
    fn a_restart_names_no_old_candidates() {
        assert!(!local(SDP, 1, Candidates::Stale).contains("candidate"));
    }
}
