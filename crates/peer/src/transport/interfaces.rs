//! Which addresses a link binds.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    vec,
};

/// The addresses that links bind, and so offer to peers as host candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interfaces {
    /// Every address of every interface, except link-local ones, whose scope a candidate cannot
    /// carry. Looked up at every bind, so that an ICE restart follows a change of network.
    All {
        /// Loopback too: the peer may be on this machine.
        loopback: bool,
    },
    /// 127.0.0.1 only.
    LoopbackOnly,
    /// Exactly these.
    Addrs(Vec<IpAddr>),
}

impl Default for Interfaces {
    fn default() -> Self {
        Self::All { loopback: false }
    }
}

impl Interfaces {
    /// Whether we are on loopback ourselves: only then can a peer be.
    pub(super) fn include_loopback(&self) -> bool {
        let addrs = self.addrs().unwrap_or_default();
        addrs.iter().any(IpAddr::is_loopback)
    }

    /// What links would bind now.
    pub(crate) fn addrs(&self) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::All { loopback } => usable(*loopback),
            Self::LoopbackOnly => Ok(vec![Ipv4Addr::LOCALHOST.into()]),
            Self::Addrs(addrs) => Ok(addrs.clone()),
        }
    }
}

/// The stack resolves its bind addresses at every bind; this is where it finds them.
impl ToSocketAddrs for Interfaces {
    type Iter = vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        let (loopback, mut addrs): (Vec<_>, _) =
            self.addrs()?.into_iter().partition(IpAddr::is_loopback);
        addrs.truncate(MAX_SOCKETS);
        addrs.extend(loopback);
        let sockets = addrs.into_iter().map(|ip| SocketAddr::new(ip, 0));
        Ok(sockets.collect::<Vec<_>>().into_iter())
    }
}

/// The addresses of this machine. One that is offline still has loopback, so that two peers on
/// it can meet.
fn usable(loopback: bool) -> io::Result<Vec<IpAddr>> {
    let interfaces = if_addrs::get_if_addrs()?;
    let addrs = |wanted: fn(&if_addrs::Interface) -> bool| -> Vec<IpAddr> {
        let candidates = interfaces
            .iter()
            .filter(|interface| !interface.is_link_local());
        candidates
            .filter(|interface| wanted(interface))
            .map(if_addrs::Interface::ip)
            .collect()
    };
    let mut found = addrs(|interface| !interface.is_loopback());
    if loopback || found.is_empty() {
        found.extend(addrs(|interface| {
            interface.is_loopback() && interface.ip().is_ipv4()
        }));
    }
    Ok(found)
}

/// Each address is a socket with a receive buffer of 96 KiB. Machines with containers have
/// dozens of addresses that lead nowhere.
const MAX_SOCKETS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_offered_only_on_request() {
        let all = Interfaces::All { loopback: true }.addrs().unwrap();
        assert!(all.iter().any(IpAddr::is_loopback));
        let real = Interfaces::default().addrs().unwrap();
        assert!(real.iter().all(IpAddr::is_loopback) || !real.iter().any(IpAddr::is_loopback));
        let peers_here = Interfaces::default().include_loopback();
        assert_eq!(peers_here, real.iter().any(IpAddr::is_loopback));
    }

    #[test]
    fn addresses_are_bound_on_a_free_port() {
        let bound = Interfaces::LoopbackOnly.to_socket_addrs().unwrap();
        assert_eq!(
            bound.collect::<Vec<_>>(),
            [SocketAddr::from(([127, 0, 0, 1], 0))]
        );
    }
}
