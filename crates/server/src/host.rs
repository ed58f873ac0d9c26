//! Hosts, as they stand in the URIs that clients are told.

use std::str::FromStr;

/// A host without a port: a name, an IPv4 address, or an IPv6 address in brackets, as a STUN URI
/// takes it (RFC 7064 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

/// A text that is not a [`Host`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a host alone, as snug.example, 203.0.113.7 or [2001:db8::7]")]
pub struct InvalidHost;

impl Host {
    /// The host as it stands in a URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Host {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        let is_bare = bare(text) == Some(text);
        is_bare.then(|| Self(text.to_owned())).ok_or(InvalidHost)
    }
}

/// The host of a `Host` header without its port, if it is one that may stand in a URI.
pub(crate) fn bare(host: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let is_v6 = |c: char| c.is_ascii_hexdigit() || ":.".contains(c);
    if let Some(rest) = host.strip_prefix('[') {
        let (address, _) = rest.split_once(']')?;
        let whole = &host[..address.len() + 2];
        return address.chars().all(is_v6).then_some(whole);
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    (!name.is_empty() && name.len() <= 253 && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_their_port_and_nothing_else_gets_in() {
        assert_eq!(bare("snug.example:8080"), Some("snug.example"));
        assert_eq!(bare("snug.example"), Some("snug.example"));
        assert_eq!(bare("[2001:db8::1]:8080"), Some("[2001:db8::1]"));
        for bad in [
            "",
            ":80",
            "a b",
            "a/b",
            "[::1",
            "[::1%25eth0]",
            "a?transport=tcp",
            "\u{e9}",
        ] {
            assert_eq!(bare(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_host_is_nothing_more_than_that() {
        for good in ["snug.example", "203.0.113.7", "[2001:db8::7]"] {
            assert_eq!(good.parse::<Host>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "snug.example:8080",
            "https://snug.example",
            "snug.example/",
            "[2001:db8::7]:3478",
            "2001:db8::7",
            " snug.example",
        ] {
            assert_eq!(bad.parse::<Host>(), Err(InvalidHost), "{bad:?}");
        }
    }
}
