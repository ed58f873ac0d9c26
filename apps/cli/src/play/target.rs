//! Where a film is served, and who may ask for it.
//!
//! Any page in a browser on this machine can send requests to a loopback port, and through DNS
//! rebinding even read the answers. So the address holds 128 random bits, and requests must be
//! addressed to loopback by name.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use hyper::{Uri, header::HeaderValue};

/// The one path that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    token: String,
    name: String,
}

impl Target {
    /// A path that nobody can guess.
    pub(super) fn new(bits: [u8; 16], name: &str) -> Self {
        Self {
            token: format!("{:032x}", u128::from_be_bytes(bits)),
            name: name.to_owned(),
        }
    }

    /// The address to give to a player.
    pub(super) fn url(&self, server: SocketAddr) -> String {
        format!("http://{server}/{}/{}", self.token, encoded(&self.name))
    }

    /// Whether a request is for it, however its name was encoded on the way.
    pub(super) fn is_at(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').and_then(|it| it.split_once('/'));
        path.is_some_and(|(token, name)| {
            token == self.token && decoded(name) == self.name.as_bytes()
        })
    }
}

/// Whether a request is addressed to this machine as such.
pub(super) fn is_addressed_to_loopback(uri: &Uri, host: Option<&HeaderValue>) -> bool {
    let host = host.and_then(|host| host.to_str().ok());
    let by_uri = uri.authority().is_none_or(|it| is_loopback(it.as_str()));
    by_uri && host.is_some_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse().map(|address: IpAddr| address.is_loopback());
    name.eq_ignore_ascii_case("localhost") || address.unwrap_or(false)
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(byte.into());
            }
            byte => write!(encoded, "%{byte:02X}").expect("strings take all"),
        }
    }
    encoded
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    while let [first, rest @ ..] = bytes {
        let digits = rest.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|it| std::str::from_utf8(it).ok());
        let byte = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        bytes = if byte.is_some() { &rest[2..] } else { rest };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_path_is_served() {
        let target = Target::new([0xab; 16], "a b/ü%.mp4");
        let server = "127.0.0.1:5".parse().unwrap();
        let url = target.url(server);
        let token = "ab".repeat(16);
        let path = format!("/{token}/a%20b%2F%C3%BC%25.mp4");
        assert_eq!(url, format!("http://127.0.0.1:5{path}"));
        assert!(target.is_at(&path));
        assert!(target.is_at(&format!("/{token}/a%20b%2f%c3%bc%25%2Emp4")));
        for path in ["/", "", &format!("/{token}"), &format!("/{token}/")] {
            assert!(!target.is_at(path), "{path}");
        }
        assert!(!target.is_at(&path.replacen('a', "b", 1)));
        assert!(!target.is_at(&format!("{path}/x")));
        assert!(!target.is_at("/%"));
    }

    #[test]
    fn strangers_do_not_reach_it() {
        let reaches = |uri: &str, host: Option<&str>| {
            let host = host.map(|host| HeaderValue::from_str(host).unwrap());
            is_addressed_to_loopback(&uri.parse().unwrap(), host.as_ref())
        };
        for host in [
            "127.0.0.1",
            "127.0.0.1:80",
            "LOCALHOST:1",
            "[::1]:80",
            "[::1]",
        ] {
            assert!(reaches("/x", Some(host)), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:80",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "",
        ] {
            assert!(!reaches("/x", Some(host)), "{host}");
        }
        assert!(!reaches("/x", None));
        assert!(!reaches("http://evil.example/x", Some("127.0.0.1")));
    }
}
