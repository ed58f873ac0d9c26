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

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// Whoever opened the TCP connection.
    Direct(IpAddr),
    /// Whoever a trusted proxy says that it speaks for; the proxy itself if that cannot be read.
    Forwarded(IpAddr),
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
    /// Takes a seat that is no longer there, with a token.
    Return,
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

    /// Takes a place for `client`, if one is left.
    pub(crate) fn occupy(&self, client: Client, counted: Counted) -> Option<Place> {
        if self.spares(client) {
            return Some(Place::uncounted());
        }
        let max = match counted {
            Counted::Connection => self.config.connections,
            Counted::Socket => self.config.sockets,
        };
        let key = AddressKey::from(client.address());
        let occupied = self.lock().occupy(key, counted, max);
        occupied.then(|| Place {
            held: Some((self.clone(), key, counted)),
        })
    }

    /// Whether `client` may do this now; if not, the seconds after which to try again.
    pub(crate) fn allow(&self, client: Client, rated: Rated, now: Instant) -> Result<(), u64> {
        if self.spares(client) {
            return Ok(());
        }
        let rate = match rated {
            Rated::Join => self.config.join_rate,
            Rated::Create => self.config.create_rate,
            Rated::Return => self.config.return_rate,
        };
        let remembered = self.config.remembered;
        let key = client.address().into();
        let allowed = self.lock().allow(key, rated, rate, remembered, now);
        if allowed {
            Ok(())
        } else {
            Err(rate.retry_after())
        }
    }

    /// Whoever comes through a proxy on this machine is not this machine, whatever its address
    /// is made out to be.
    fn spares(&self, client: Client) -> bool {
        match client {
            Client::Direct(address) => {
                self.config.spare_loopback && address.to_canonical().is_loopback()
            }
            Client::Forwarded(_) => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Reads who sent a request: the peer, unless that is one of the `trusted` proxies.
    ///
    /// `X-Forwarded-For` is read from the right, as long as each address that was written there
    /// stands for a trusted proxy: what is further left anyone can have made up.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let mut address = peer.to_canonical();
        if !is_trusted(address, trusted) || !headers.contains_key(FORWARDED_FOR) {
            return Self::Direct(address);
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while is_trusted(address, trusted) {
            let Some(hop) = hops.next().and_then(parse_hop) else {
                break;
            };
            address = hop;
        }
        Self::Forwarded(address)
    }

    const fn address(self) -> IpAddr {
        match self {
            Self::Direct(address) | Self::Forwarded(address) => address,
        }
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
    returns: Bucket,
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
            Rated::Return => rates.returns.take(rate, now),
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
                returns: Bucket::new(now),
            };
            old.remove(&key).unwrap_or(fresh)
        })
    }
}

/// Whether `address` is that of a proxy that is believed.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|proxy| proxy.contains(&address))
}

/// Reads `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:1234`.
/// What a client wrote itself further left need not be text at all.
fn parse_hop(hop: &[u8]) -> Option<IpAddr> {
    let hop = str::from_utf8(hop).ok()?.trim();
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

/// Where proxies write for whom they speak.
pub(crate) const FORWARDED_FOR: &str = "x-forwarded-for";

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the start"
)]
mod tests {
    use std::{net::Ipv6Addr, time::Duration};

    use hyper::header::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&[u8]]) -> Client {
        let trusted = [
            "10.0.0.0/8".parse().unwrap(),
            "127.0.0.1/32".parse().unwrap(),
        ];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        }
        Client::of(peer.parse().unwrap(), &headers, &trusted)
    }

    fn seen(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        client(peer, &lines).address().to_string()
    }

    fn direct(address: &str) -> Client {
        Client::Direct(address.parse().unwrap())
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
    fn bytes_that_are_no_text_hide_nothing_to_their_right() {
        let real = "198.51.100.7".parse().unwrap();
        for lines in [
            vec![&b"\xff, 198.51.100.7"[..]],
            vec![b"6.6.6.6,\xff,198.51.100.7"],
            vec![b"\xff", b"198.51.100.7, 10.1.2.3"],
        ] {
            assert_eq!(client("127.0.0.1", &lines), Client::Forwarded(real));
        }
    }

    #[test]
    fn nobody_behind_a_proxy_is_spared() {
        let config = AddressConfig {
            sockets: 0,
            ..AddressConfig::default()
        };
        let addresses = Addresses::new(config);
        for line in ["127.0.0.1", "::1", "127.0.0.1, 127.0.0.1", "unknown", ""] {
            let client = client("127.0.0.1", &[line.as_bytes()]);
            let place = addresses.occupy(client, Counted::Socket);
            assert!(place.is_none(), "{line:?}");
        }
        let tester = client("127.0.0.1", &[]);
        assert!(addresses.occupy(tester, Counted::Socket).is_some());
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
        let address = direct("192.0.2.1");
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
            let loopback = direct(loopback);
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
        let join = |address: &str, now| addresses.allow(direct(address), Rated::Join, now);
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
        let abuser = direct("192.0.2.1");
        while addresses.allow(abuser, Rated::Join, now).is_ok() {}
        for network in 0..1000 {
            let passer_by = Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, 1);
            let passer_by = Client::Direct(passer_by.into());
            assert!(addresses.allow(passer_by, Rated::Join, now).is_ok());
            assert!(addresses.allow(abuser, Rated::Join, now).is_err());
        }
        let table = addresses.lock();
        assert!(table.young.len() + table.old.len() <= 200);
    }
}
