//! Where a server is.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use url::{Host, Url};

/// The address of a server.
///
/// `http://` or `https://`, a host, and if need be a port and the path that a proxy serves it
/// under. Without a scheme it is `http` on this machine and in private networks, where there are
/// no certificates, and `https` elsewhere.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServerUrl(Url);

impl ServerUrl {
    /// Whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.host() {
            Host::Domain(name) => is_localhost(name),
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        }
    }

    /// Whether the way there is encrypted.
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn host(&self) -> Host<&str> {
        self.0.host().expect("checked when parsed")
    }

    pub(crate) fn port(&self) -> u16 {
        let port = self.0.port_or_known_default();
        port.expect("http and https have a default")
    }

    /// Host and port as the `Host` header has them (RFC 9110 §7.2).
    pub(crate) fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The path of a route, such as `/health`.
    pub(crate) fn route(&self, route: &str) -> String {
        format!("{}{route}", self.prefix())
    }

    /// The path without the slash at its end.
    fn prefix(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }
}

impl FromStr for ServerUrl {
    type Err = InvalidServerUrl;

    fn from_str(typed: &str) -> Result<Self, InvalidServerUrl> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(InvalidServerUrl::Empty);
        }
        let mut url = if typed.contains("://") {
            parse(typed)?
        } else {
            parse_bare(typed)?
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidServerUrl::Scheme(url.scheme().to_owned()));
        }
        if url.host_str().is_none_or(str::is_empty) || url.port() == Some(0) {
            return Err(InvalidServerUrl::Malformed("no host".into()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidServerUrl::Password);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidServerUrl::Trailing);
        }
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&prefix);
        Ok(Self(url))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, authority) = (self.0.scheme(), self.authority());
        write!(f, "{scheme}://{authority}{}", self.prefix())
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a [`ServerUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidServerUrl {
    /// Nothing was typed.
    #[error("the server's address is empty")]
    Empty,
    /// Not an address.
    #[error("not a server's address: {0}")]
    Malformed(String),
    /// Neither `http` nor `https`.
    #[error("a server's address begins with http:// or https://, not {0}://")]
    Scheme(String),
    /// A name or password before the host: servers have no accounts.
    #[error("a server's address has no user name or password")]
    Password,
    /// Something after the path, such as the code of a room.
    #[error("a server's address ends before ? and #")]
    Trailing,
}

fn parse(typed: &str) -> Result<Url, InvalidServerUrl> {
    Url::parse(typed).map_err(|error| InvalidServerUrl::Malformed(error.to_string()))
}

fn parse_bare(typed: &str) -> Result<Url, InvalidServerUrl> {
    let bracketed = typed
        .parse::<Ipv6Addr>()
        .map_or_else(|_| typed.to_owned(), |ip| format!("[{ip}]"));
    let guess = parse(&format!("http://{bracketed}"))?;
    if guess.host().is_some_and(|host| is_private(&host)) {
        return Ok(guess);
    }
    parse(&format!("https://{bracketed}"))
}

fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name) || name.strip_suffix(".local").is_some(),
        Host::Ipv4(ip) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || is_shared(*ip)
        }
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Addresses behind carriers and overlay networks (RFC 6598).
fn is_shared(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    a == 100 && (64..128).contains(&b)
}

/// RFC 6761 §6.3.
fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.strip_suffix(".localhost").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_addresses_get_the_scheme_that_fits() {
        for (typed, shown) in [
            ("localhost:3000", "http://localhost:3000"),
            (" 127.0.0.1:3000\n", "http://127.0.0.1:3000"),
            ("::1", "http://[::1]"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("192.168.1.5", "http://192.168.1.5"),
            ("100.100.1.1", "http://100.100.1.1"),
            ("attic.local:3000", "http://attic.local:3000"),
            ("snug.example", "https://snug.example"),
            (
                "snug.example:8443/rooms/",
                "https://snug.example:8443/rooms",
            ),
            ("8.8.8.8", "https://8.8.8.8"),
            ("http://snug.example/", "http://snug.example"),
            ("HTTPS://Snug.Example:443", "https://snug.example"),
        ] {
            let url: ServerUrl = typed.parse().unwrap();
            assert_eq!(url.to_string(), shown, "{typed:?}");
            assert_eq!(url.to_string().parse(), Ok(url));
        }
    }

    #[test]
    fn everything_else_says_why_not() {
        use InvalidServerUrl::{Empty, Password, Scheme, Trailing};
        for (typed, why) in [
            ("", Empty),
            (" ", Empty),
            ("ftp://a", Scheme("ftp".into())),
            ("wss://a", Scheme("wss".into())),
            ("http://me:secret@a", Password),
            ("https://snug.example/#K7Q4X9", Trailing),
            ("https://snug.example/?x", Trailing),
        ] {
            assert_eq!(typed.parse::<ServerUrl>(), Err(why), "{typed:?}");
        }
        for typed in [
            "http://",
            "http://a:99999",
            "http://a:0",
            "a b",
            "http://[::1",
            "\0",
        ] {
            let why = typed.parse::<ServerUrl>();
            assert!(
                matches!(why, Err(InvalidServerUrl::Malformed(_))),
                "{typed:?}: {why:?}"
            );
        }
    }

    #[test]
    fn routes_follow_the_path_of_the_proxy() {
        let url: ServerUrl = "https://snug.example/rooms/".parse().unwrap();
        assert_eq!(url.route("/ws"), "/rooms/ws");
        let url: ServerUrl = "https://snug.example".parse().unwrap();
        assert_eq!(url.route("/ws"), "/ws");
        assert_eq!((url.port(), url.authority()), (443, "snug.example"));
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        for typed in ["localhost:1", "a.localhost", "127.9.9.9", "::1"] {
            assert!(typed.parse::<ServerUrl>().unwrap().is_loopback(), "{typed}");
        }
        for typed in ["localhost.example", "10.0.0.1", "::2"] {
            assert!(
                !typed.parse::<ServerUrl>().unwrap().is_loopback(),
                "{typed}"
            );
        }
    }
}
