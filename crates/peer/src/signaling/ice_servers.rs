//! STUN and TURN servers, as the server names them.

use std::sync::Arc;

use snug_protocol::{ClientId, RoomId};
use tokio::{sync::oneshot, time};

use super::{Report, Reports, client::Client};
use crate::limits::ICE_SERVERS_REFRESH;

/// Asks for the ICE servers, reports them and drops `known`; then again and again, as long as
/// they come with credentials, which expire.
pub(super) async fn refresh(
    client: Arc<Client>,
    room: RoomId,
    member: ClientId,
    known: oneshot::Sender<()>,
    reports: Reports,
) {
    let mut known = Some(known);
    loop {
        let expires = match client.ice_servers(room, &member).await {
            Ok(servers) => {
                let expires = servers.iter().any(|server| server.credential.is_some());
                reports.send_report(Report::IceServers(servers)).await;
                expires
            }
            Err(error) => {
                // Host candidates may be enough.
                tracing::debug!(%error, "no ICE servers from the server");
                true
            }
        };
        drop(known.take());
        if !expires {
            return;
        }
        time::sleep(ICE_SERVERS_REFRESH).await;
    }
}
