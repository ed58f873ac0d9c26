//! Which of a peer's candidates are worth a connectivity check.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use snug_protocol::{
    limits::{CANDIDATE_BYTES, CANDIDATES_PER_ATTEMPT},
    negotiation::Candidate,
};

/// The candidates of one peer: checked, counted, and kept until there is a description.
#[derive(Debug)]
pub(super) struct RemoteCandidates {
    loopback: bool,
    taken: usize,
    /// Those of them that are a TURN server's.
    relays: Vec<SocketAddr>,
    /// `None` once the peer's description is applied.
    waiting: Option<Vec<String>>,
}

impl RemoteCandidates {
    /// `loopback`: whether the peer may be on this machine.
    pub(super) fn new(loopback: bool) -> Self {
        Self {
            loopback,
            taken: 0,
            relays: Vec::new(),
            waiting: Some(Vec::new()),
        }
    }

    /// The peer has restarted ICE: it may name as many candidates again.
    pub(super) fn restart(&mut self) {
        self.taken = 0;
        self.relays.clear();
    }

    /// Takes a candidate, and returns it if it can be added now.
    pub(super) fn take(&mut self, candidate: &Candidate) -> Option<String> {
        let line = &candidate.candidate;
        if self.taken >= CANDIDATES_PER_ATTEMPT {
            return None;
        }
        let target = Target::read(line).filter(|target| target.is_usable(self.loopback))?;
        self.taken += 1;
        if target.relay {
            self.relays.push(target.addr);
        }
        match &mut self.waiting {
            Some(waiting) => {
                waiting.push(line.clone());
                None
            }
            None => Some(line.clone()),
        }
    }

    /// Whether the peer said that a TURN server takes packets for it at `addr`.
    pub(super) fn is_relay(&self, addr: SocketAddr) -> bool {
        self.relays.contains(&addr)
    }

    /// The peer's description is applied: returns the candidates that waited for it.
    pub(super) fn described(&mut self) -> Vec<String> {
        self.waiting.take().unwrap_or_default()
    }
}

/// Where a candidate would have us send packets.
#[derive(Debug)]
struct Target {
    addr: SocketAddr,
    /// It is a TURN server's, which passes on what it gets.
    relay: bool,
}

impl Target {
    /// Reads a candidate line (RFC 8839 §5.1) that names an address for UDP.
    ///
    /// Host names (`.local`) are not resolved: a multicast query would tell the network of us.
    fn read(line: &str) -> Option<Self> {
        if line.len() > CANDIDATE_BYTES {
            return None;
        }
        let line = line.strip_prefix("candidate:").unwrap_or(line);
        // Any white space, as the stack has it: or it would read another address than we did.
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [
            _foundation,
            "1",
            transport,
            _priority,
            addr,
            port,
            "typ",
            kind,
            ..,
        ] = fields[..]
        else {
            return None;
        };
        let addr = SocketAddr::new(addr.parse().ok()?, port.parse().ok()?);
        let relay = kind == "relay";
        transport
            .eq_ignore_ascii_case("udp")
            .then_some(Self { addr, relay })
    }

    /// Whether a peer can be there. Anything else would have us send packets to whole networks,
    /// or to services on this machine.
    fn is_usable(&self, loopback: bool) -> bool {
        self.addr.port() != 0 && is_unicast(self.addr.ip(), loopback)
    }
}

fn is_unicast(addr: IpAddr, loopback: bool) -> bool {
    let special = match addr {
        IpAddr::V4(addr) => addr.is_link_local() || addr == Ipv4Addr::BROADCAST,
        IpAddr::V6(addr) => addr.is_unicast_link_local() || addr.to_ipv4().is_some(),
    };
    let local = addr.is_loopback();
    let nowhere = addr.is_unspecified() || addr.is_multicast();
    (loopback || !local) && (local || !special) && !nowhere
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
            "::127.0.0.1",
            "[2001:db8::7]",
            "2001:db8::7%eth0",
            "0x7f.1",
            "2130706433",
            "127.1",
            "4c2f.local",
            "example.com",
        ];
        for addr in hostile {
            assert_eq!(candidates.take(&candidate(addr, 9)), None, "{addr}");
        }
        assert_eq!(candidates.take(&candidate("192.0.2.1", 0)), None);
    }

    #[test]
    fn loopback_is_taken_where_the_peer_may_be_on_this_machine() {
        let mut candidates = RemoteCandidates::new(true);
        candidates.described();
        for addr in ["127.0.0.1", "127.1.2.3", "::1"] {
            assert!(candidates.take(&candidate(addr, 9)).is_some(), "{addr}");
        }
        for addr in ["::ffff:127.0.0.1", "0.0.0.0", "::", "localhost"] {
            assert_eq!(candidates.take(&candidate(addr, 9)), None, "{addr}");
        }
    }

    #[test]
    fn the_addresses_of_relays_are_known_until_the_restart() {
        let mut candidates = RemoteCandidates::new(false);
        let relayed = "candidate:1 1 udp 1 203.0.113.9 7 typ relay raddr 192.0.2.1 rport 5";
        candidates.take(&line(relayed.to_owned()));
        candidates.take(&candidate("192.0.2.1", 5));
        let is_relay = |candidates: &RemoteCandidates, addr: &str| {
            candidates.is_relay(addr.parse().expect("an address"))
        };
        assert!(is_relay(&candidates, "203.0.113.9:7"));
        assert!(!is_relay(&candidates, "192.0.2.1:5"));
        candidates.restart();
        assert!(!is_relay(&candidates, "203.0.113.9:7"));
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
            "candidate:1 2 udp 1 192.0.2.1 9 typ host",
            "candidate:1 1 udp 1 192.0.2.1 9",
            "candidate:1 1 udp 1 192.0.2.1 -9 typ host",
            "candidate:1 1 udp 1 192.0.2.1 65545 typ host",
            tcp,
            long.as_str(),
        ] {
            assert_eq!(candidates.take(&line(text.to_owned())), None, "{text}");
        }
    }

    #[test]
    fn no_space_hides_an_address() {
        let mut candidates = described();
        for space in ['\u{a0}', '\u{b}', '\u{2003}', '\u{85}'] {
            let hidden = "1 1 udp 1 127.0.0.1 22 typ host".replace(' ', &space.to_string());
            let text = format!("candidate:{hidden} 1 udp 1 192.0.2.1 9 typ host");
            assert_eq!(candidates.take(&line(text)), None, "{space:?}");
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
