//! Which STUN and TURN servers a client is told, and with what credentials.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use snug_protocol::{
    ClientId, RoomId,
    api::{IceServer, IceServers},
};

use crate::{config::TurnConfig, context::Context};

/// The list for a seated client that asked `host`.
pub(crate) fn servers(
    context: &Context,
    host: Option<&str>,
    room: RoomId,
    client: &ClientId,
    unix: Duration,
) -> IceServers {
    let host = context
        .config
        .public_host
        .as_deref()
        .or_else(|| host.and_then(bare_host));
    let stun = context
        .stun_port
        .zip(host)
        .map(|(port, host)| stun_server(host, port));
    let name = context.config.key.pseudonym(room, client);
    let turn = context
        .config
        .turn
        .as_ref()
        .map(|turn| turn_server(turn, &name, unix));
    IceServers {
        ice_servers: stun.into_iter().chain(turn).collect(),
    }
}

fn stun_server(host: &str, port: u16) -> IceServer {
    IceServer {
        urls: vec![format!("stun:{host}:{port}")],
        username: None,
        credential: None,
    }
}

/// Credentials as coturn's `use-auth-secret` wants them: the name is an expiry and something that
/// tells users apart, the password its HMAC-SHA1.
fn turn_server(turn: &TurnConfig, name: &str, unix: Duration) -> IceServer {
    let username = format!("{}:{name}", (unix + turn.credential_life).as_secs());
    let mut mac = Hmac::<Sha1>::new_from_slice(turn.secret.as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(username.as_bytes());
    IceServer {
        urls: turn.urls.clone(),
        credential: Some(STANDARD.encode(mac.finalize().into_bytes())),
        username: Some(username),
    }
}

/// The host of a `Host` header without its port, if it is one that may stand in a URI.
fn bare_host(host: &str) -> Option<&str> {
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
    fn turn_credentials_are_those_of_coturn() {
        let turn = TurnConfig {
            urls: vec!["turn:turn.example:3478".to_owned()],
            secret: "north".to_owned(),
            credential_life: Duration::from_mins(10),
        };
        let server = turn_server(&turn, "user", Duration::from_secs(1_433_894_800));
        assert_eq!(server.username.as_deref(), Some("1433895400:user"));
        // printf 1433895400:user | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(
            server.credential.as_deref(),
            Some("5Yc/67+kInUtfH7LS+ARtgOW4ls=")
        );
    }

    #[test]
    fn hosts_lose_their_port_and_nothing_else_gets_in() {
        assert_eq!(bare_host("snug.example:8080"), Some("snug.example"));
        assert_eq!(bare_host("snug.example"), Some("snug.example"));
        assert_eq!(bare_host("[2001:db8::1]:8080"), Some("[2001:db8::1]"));
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
            assert_eq!(bare_host(bad), None, "{bad:?}");
        }
    }
}
