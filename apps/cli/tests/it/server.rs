//! A real server on a port of its own.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use snug_server::{Config, Server, config::StunListener};

use crate::member::Member;

/// Serves until the test ends.
pub(crate) struct TestServer {
    pub(crate) url: String,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into()).await
    }

    /// Serves on another address of this machine.
    pub(crate) async fn start_at(address: IpAddr) -> Self {
        let mut config = Config::for_tests();
        config.listen = (address, 0).into();
        // The port of HTTP may be in use over UDP.
        config.stun = StunListener::At((address, 0).into());
        // Whoever is killed is soon known to be gone.
        config.rooms.grace = Duration::from_secs(2);
        let server = Server::bind(config).await.unwrap();
        let url = format!("http://{}", server.local_addr());
        tokio::spawn(server.serve(std::future::pending()));
        Self { url }
    }

    /// Starts someone who opens a room, and waits for its code.
    pub(crate) async fn create(&self) -> (Member, String) {
        let mut member = Member::start(&self.url, &["create"]);
        let code = member.until("room").await["code"]
            .as_str()
            .unwrap()
            .to_owned();
        (member, code)
    }

    /// Starts someone who joins a room.
    pub(crate) fn join(&self, code: &str) -> Member {
        Member::start(&self.url, &["join", code])
    }

    /// Opens a room for so many, and waits until all are connected to all.
    pub(crate) async fn room_of(&self, members: usize) -> Vec<Member> {
        let (first, code) = self.create().await;
        let mut room = vec![first];
        room.extend((1..members).map(|_| self.join(&code)));
        for member in &mut room {
            member.until_connected(members - 1).await;
        }
        room
    }
}
