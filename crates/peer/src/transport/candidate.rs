//! Which of a peer's candidates are worth a connectivity check.

use std::net::{IpAddr, Ipv4Addr};

use snug_protocol::{
    limits::{CANDIDATE_BYTES, CANDIDATES_PER_ATTEMPT},
    negotiation::Candidate,
};

/// The candidates of one peer: checked, counted, and kept until there is a description.
#[derive(Debug)]
pub(super) struct RemoteCandidates {
    loopback: bool,
    taken: usize,
    /// `None` once the peer's description is applied.
    waiting: Option<Vec<String>>,
}

impl RemoteCandidates {
    /// `loopback`: whether the peer may be on this machine.
    pub(super) fn new(loopback: bool) -> Self {
        Self {
            loopback,
            taken: 0,
            waiting: Some(Vec::new()),
        }
    }

    /// A new negotiation begins: the peer may name as many candidates again.
    pub(super) fn restart(&mut self) {
        self.taken = self.waiting.as_ref().map_or(0, Vec::len);
    }

    /// Takes a candidate, and returns it if it can be added now.
    pub(super) fn take(&mut self, candidate: &Candidate) -> Option<String> {
        let line = &candidate.candidate;
        if self.taken >= CANDIDATES_PER_ATTEMPT || !is_usable(line, self.loopback) {
            return None;
        }
        self.taken += 1;
        match &mut self.waiting {
            Some(waiting) => {
                waiting.push(line.clone());
                None
            }
            None => Some(line.clone()),
        }
    }

    /// The peer's description is applied: returns the candidates that waited for it.
    pub(super) fn described(&mut self) -> Vec<String> {
        self.waiting.take().unwrap_or_default()
    }
}

/// Whether a candidate line (RFC 8839 §5.1) names a UDP address that a peer can have.
///
/// Anything else would have us send packets to whole networks, or to services on this machine.
/// Host names (`.local`) are not resolved: a multicast query would tell the network of us.
fn is_usable(line: &str, loopback: bool) -> bool {
    let line = line.strip_prefix("candidate:").unwrap_or(line);
    let mut fields = line.split_ascii_whitespace();
    let (Some(_foundation), Some("1"), Some(transport), Some(_priority), Some(addr), Some(port)) = (
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
    ) else {
        return false;
    };
    let port = port.parse::<u16>().unwrap_or(0);
    line.len() <= CANDIDATE_BYTES
        && transport.eq_ignore_ascii_case("udp")
        && port != 0
        && addr.parse().is_ok_and(|addr| is_unicast(addr, loopback))
}

fn is_unicast(addr: IpAddr, loopback: bool) -> bool {
    let link_local = match addr {
        IpAddr::V4(addr) => addr.is_link_local() || addr == Ipv4Addr::BROADCAST,
        IpAddr::V6(addr) => addr.is_unicast_link_local() || addr.to_ipv4_mapped().is_some(),
    };
    !link_local
        && !addr.is_unspecified()
        && !addr.is_multicast()
        && (loopback || !addr.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(addr: &str, port: u16) -> Candidate {
        line(format!(
            "candidate:1 1 udp 2130706431 {addr} {port} typ host"
        ))
    }

    fn line(candidate: String) -> Candidate {
        Candidate {
            candidate,
            sdp_mid: None,
            sdp_mline_index: Some(0),
        }
    }

    fn described() -> RemoteCandidates {
        let mut candidates = RemoteCandidates::new(false);
        candidates.described();
        candidates
    }

    #[test]
    fn addresses_of_peers_are_taken() {
        let mut candidates = described();
        for addr in ["192.168.1.7", "203.0.113.9", "2001:db8::7", "fd00::1"] {
            assert!(candidates.take(&candidate(addr, 9)).is_some(), "{addr}");
        }
    }

    #[test]
    fn addresses_that_no_peer_has_are_dropped() {
        let mut candidates = described();
        let hostile = [
            "0.0.0.0",
            "127.0.0.1",
            "::1",
            "::",
            "224.0.0.251",
            "255.255.255.255",
            "169.254.1.1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "4c2f.local",
            "example.com",
        ];
        for addr in hostile {
            assert_eq!(candidates.take(&candidate(addr, 9)), None, "{addr}");
        }
        assert_eq!(candidates.take(&candidate("192.0.2.1", 0)), None);
    }

    #[test]
    fn nonsense_and_tcp_are_dropped() {
        let mut candidates = described();
        let tcp = "candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype passive";
        let long = format!(
            "candidate:1 1 udp 1 192.0.2.1 9 typ host {}",
            "x".repeat(1024)
        );
        for text in [
            "",
            "candidate:",
            "candidate:1 1 udp",
            "\0\0\0",
            tcp,
            long.as_str(),
        ] {
            assert_eq!(candidates.take(&line(text.to_owned())), None, "{text}");
        }
    }

    #[test]
    fn candidates_wait_for_the_description_and_are_counted() {
        let mut candidates = RemoteCandidates::new(false);
        for _ in 0..10_000 {
            assert_eq!(candidates.take(&candidate("192.0.2.1", 9)), None);
        }
        assert_eq!(candidates.described().len(), CANDIDATES_PER_ATTEMPT);
        assert_eq!(candidates.take(&candidate("192.0.2.1", 9)), None);
        candidates.restart();
        assert!(candidates.take(&candidate("192.0.2.1", 9)).is_some());
    }
}
