//! Which STUN and TURN servers a client is told, and with what credentials.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use snug_protocol::{
    ClientId, RoomId,
    api::{IceServer, IceServers},
};

use crate::{
    config::TurnConfig,
    context::Context,
    host::{self, Host},
};

/// The list for a seated client that sent its request to the host `asked`.
pub(crate) fn servers(
    context: &Context,
    asked: Option<&str>,
    room: RoomId,
    client: &ClientId,
    unix: Duration,
) -> IceServers {
    let host = context
        .config
        .public_host
        .as_ref()
        .map(Host::as_str)
        .or_else(|| asked.and_then(host::bare));
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
}
