//! STUN and TURN servers on the command line.

use std::str::FromStr;

use anyhow::{Context as _, bail, ensure};
use snug_protocol::api::IceServer;

/// `stun:HOST[:PORT]` (RFC 7064), or `turn:USER:PASSWORD@HOST[:PORT][?transport=tcp]`: a TURN URI
/// (RFC 7065) with the credentials in front of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IceServerArg(pub(crate) IceServer);

impl FromStr for IceServerArg {
    type Err = anyhow::Error;

    fn from_str(typed: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = typed.split_once(':').context(EXPECTED)?;
        let (credentials, host) = match rest.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, rest),
        };
        ensure!(!host.is_empty() && !host.starts_with('/'), EXPECTED);
        let urls = vec![format!("{scheme}:{host}")];
        let (username, credential) = match (scheme, credentials) {
            ("stun" | "stuns", None) => (None, None),
            ("turn" | "turns", Some(credentials)) => {
                let (user, password) = credentials.split_once(':').context(EXPECTED)?;
                (Some(user.to_owned()), Some(password.to_owned()))
            }
            ("turn" | "turns", None) => bail!("a TURN server needs turn:USER:PASSWORD@HOST"),
            _ => bail!(EXPECTED),
        };
        Ok(Self(IceServer {
            urls,
            username,
            credential,
        }))
    }
}

const EXPECTED: &str = "expected stun:HOST[:PORT] or turn:USER:PASSWORD@HOST[:PORT]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_their_credentials() {
        let read = |typed: &str| typed.parse::<IceServerArg>().unwrap().0;
        assert_eq!(
            read("stun:snug.example:3478").urls,
            ["stun:snug.example:3478"]
        );
        let turn = read("turn:ann:s3:c@ret@turn.example:443?transport=tcp");
        assert_eq!(turn.urls, ["turn:turn.example:443?transport=tcp"]);
        assert_eq!(turn.username.as_deref(), Some("ann"));
        assert_eq!(turn.credential.as_deref(), Some("s3:c@ret"));
    }

    #[test]
    fn everything_else_is_refused() {
        for typed in [
            "",
            "stun",
            "stun:",
            "turn:host",
            "turn:ann@host",
            "http://host",
            "turn:a:b@",
        ] {
            assert!(typed.parse::<IceServerArg>().is_err(), "{typed:?}");
        }
    }
}
