//! Who is at the other end, and how much of everything one address may have.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use hyper::HeaderMap;
use ipnet::IpNet;

use crate::{
    config::AddressConfig,
    rate::{Bucket, Rate},
};

/// The limits per address, for all tasks to ask.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    config: Arc<AddressConfig>,
    table: Arc<Mutex<Table>>,
}

/// Something of which an address has only so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// A TCP connection.
    Connection,
    /// A WebSocket.
    Socket,
}

/// Something that an address does only so often.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rated {
    /// Asks for a seat.
    Join,
    /// Opens a room.
    Create,
}

/// One counted thing; dropping it frees its place.
#[derive(Debug)]
pub(crate) struct Place {
    held: Option<(Addresses, AddressKey, Counted)>,
}

impl Addresses {
    pub(crate) fn new(config: AddressConfig) -> Self {
        Self {
            config: Arc::new(config),
            table: Arc::default(),
        }
    }

    /// Takes a place for `address`, if one is left.
    pub(crate) fn occupy(&self, address: IpAddr, counted: Counted) -> Option<Place> {
        if self.spares(address) {
            return Some(Place::uncounted());
        }
        let max = match counted {
            Counted::Connection => self.config.connections,
            Counted::Socket => self.config.sockets,
        };
        let key = AddressKey::from(address);
        let occupied = self.lock().occupy(key, counted, max);
        occupied.then(|| Place {
            held: Some((self.clone(), key, counted)),
        })
    }

    /// Whether `address` may do this now; if not, the seconds after which to try again.
    pub(crate) fn allow(&self, address: IpAddr, rated: Rated, now: Instant) -> Result<(), u64> {
        if self.spares(address) {
            return Ok(());
        }
        let rate = match rated {
            Rated::Join => self.config.join_rate,
            Rated::Create => self.config.create_rate,
        };
        let remembered = self.config.remembered;
        let allowed = self
            .lock()
            .allow(address.into(), rated, rate, remembered, now);
        if allowed {
            Ok(())
        } else {
            Err(rate.retry_after())
        }
    }

    fn spares(&self, address: IpAddr) -> bool {
        self.config.spare_loopback && address.to_canonical().is_loopback()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A place of which there are as many as you like.
    pub(crate) const fn uncounted() -> Self {
        Self { held: None }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((addresses, key, counted)) = self.held.take() {
            addresses.lock().release(key, counted);
        }
    }
}

/// What one household or machine is known by: an IPv4 address, or the /64 of an IPv6 one, as
/// anyone has 2^64 addresses there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum AddressKey {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let octets = address.octets();
                Self::V6(*octets.first_chunk().expect("eight of sixteen bytes"))
            }
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    /// As many entries as there are connections, which are bounded.
    open: HashMap<(AddressKey, Counted), usize>,
    /// The addresses seen lately, and those seen before them. When the first map is full it
    /// becomes the second, which is forgotten: two moves bound the memory whoever calls.
    young: HashMap<AddressKey, Rates>,
    old: HashMap<AddressKey, Rates>,
}

#[derive(Debug, Clone, Copy)]
struct Rates {
    joins: Bucket,
    creates: Bucket,
}

impl Table {
    fn occupy(&mut self, key: AddressKey, counted: Counted, max: usize) -> bool {
        let open = self.open.entry((key, counted)).or_default();
        let free = *open < max;
        *open += usize::from(free);
        if *open == 0 {
            self.open.remove(&(key, counted));
        }
        free
    }

    fn release(&mut self, key: AddressKey, counted: Counted) {
        let Some(open) = self.open.get_mut(&(key, counted)) else {
            return;
        };
        *open -= 1;
        if *open == 0 {
            self.open.remove(&(key, counted));
        }
    }

    fn allow(
        &mut self,
        key: AddressKey,
        rated: Rated,
        rate: Rate,
        remembered: usize,
        now: Instant,
    ) -> bool {
        let rates = self.recall(key, remembered, now);
        match rated {
            Rated::Join => rates.joins.take(rate, now),
            Rated::Create => rates.creates.take(rate, now),
        }
    }

    fn recall(&mut self, key: AddressKey, remembered: usize, now: Instant) -> &mut Rates {
        if !self.young.contains_key(&key) && self.young.len() >= remembered {
            self.old = std::mem::take(&mut self.young);
        }
        let old = &mut self.old;
        self.young.entry(key).or_insert_with(|| {
            let fresh = Rates {
                joins: Bucket::new(now),
                creates: Bucket::new(now),
            };
            old.remove(&key).unwrap_or(fresh)
        })
    }
}

/// The address of whoever sent a request: the peer, unless that is one of the `trusted` proxies.
///
/// `X-Forwarded-For` is read from the right, as long as each address that was written there
/// stands for a trusted proxy: what is further left anyone can have made up.
pub(crate) fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.ip().to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    while trusted.iter().any(|proxy| proxy.contains(&address)) {
        let Some(hop) = hops.next().and_then(parse_hop) else {
            break;
        };
        address = hop;
    }
    address
}

/// Reads `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:1234`.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse()
        .ok()
        .or_else(with_port)
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the start"
)]
mod tests {
    use std::{net::Ipv6Addr, time::Duration};

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        headers
    }

    fn seen(peer: &str, lines: &[&str]) -> String {
        let trusted = [
            "10.0.0.0/8".parse().unwrap(),
            "127.0.0.1/32".parse().unwrap(),
        ];
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        client_address(peer, &headers(lines), &trusted).to_string()
    }

    #[test]
    fn strangers_cannot_say_who_they_are() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn proxies_are_believed_from_the_right() {
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            seen("10.0.0.1", &["6.6.6.6, 198.51.100.7, 10.1.2.3"]),
            "198.51.100.7"
        );
        assert_eq!(
            seen("10.0.0.1", &["6.6.6.6", "198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(
            seen("::ffff:127.0.0.1", &["[2001:db8::1]:443"]),
            "2001:db8::1"
        );
    }

    #[test]
    fn rubbish_in_the_list_stops_the_reading() {
        for rubbish in [
            "",
            ",,,",
            "unknown",
            "1.2.3",
            "6.6.6.6,",
            "6.6.6.6, ,",
            "\t",
        ] {
            assert_eq!(seen("10.0.0.1", &[rubbish]), "10.0.0.1", "{rubbish:?}");
        }
    }

    #[test]
    fn a_v6_network_counts_as_one_and_v4_is_v4_in_either_form() {
        let key = |address: &str| AddressKey::from(address.parse::<IpAddr>().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }

    #[test]
    fn places_are_given_back() {
        let addresses = Addresses::new(AddressConfig {
            sockets: 2,
            ..AddressConfig::default()
        });
        let address = "192.0.2.1".parse().unwrap();
        let places: Vec<_> = (0..2)
            .map(|_| addresses.occupy(address, Counted::Socket).unwrap())
            .collect();
        assert!(addresses.occupy(address, Counted::Socket).is_none());
        assert!(addresses.occupy(address, Counted::Connection).is_some());
        drop(places);
        assert!(addresses.occupy(address, Counted::Socket).is_some());
        assert!(addresses.lock().open.is_empty());
    }

    #[test]
    fn loopback_is_spared_unless_told_otherwise() {
        let config = AddressConfig {
            sockets: 0,
            ..AddressConfig::default()
        };
        for loopback in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            let loopback = loopback.parse().unwrap();
            let spared = Addresses::new(config.clone());
            assert!(spared.occupy(loopback, Counted::Socket).is_some());
            let strict = AddressConfig {
                spare_loopback: false,
                ..config.clone()
            };
            assert!(
                Addresses::new(strict)
                    .occupy(loopback, Counted::Socket)
                    .is_none()
            );
        }
    }

    #[test]
    fn thirty_joins_a_minute_for_each_address() {
        let addresses = Addresses::new(AddressConfig::default());
        let now = Instant::now();
        let join = |address: &str, now| addresses.allow(address.parse().unwrap(), Rated::Join, now);
        assert!((0..30).all(|_| join("192.0.2.1", now).is_ok()));
        assert_eq!(join("192.0.2.1", now), Err(2));
        assert_eq!(join("192.0.2.2", now), Ok(()));
        assert_eq!(join("192.0.2.1", now + Duration::from_secs(2)), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_the_busy_are_remembered() {
        let config = AddressConfig {
            remembered: 100,
            ..AddressConfig::default()
        };
        let addresses = Addresses::new(config);
        let now = Instant::now();
        let abuser: IpAddr = "192.0.2.1".parse().unwrap();
        while addresses.allow(abuser, Rated::Join, now).is_ok() {}
        for network in 0..1000 {
            let passer_by = Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, 1).into();
            assert!(addresses.allow(passer_by, Rated::Join, now).is_ok());
            assert!(addresses.allow(abuser, Rated::Join, now).is_err());
        }
        let table = addresses.lock();
        assert!(table.young.len() + table.old.len() <= 200);
    }
}
