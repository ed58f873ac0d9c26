//! A peer on a machine of its own: [`snug_session`], driven with sockets, files and a clock.
//!
//! [`Peer::start`] enters a room and gives a handle, to ask for things, and the [`Events`] that
//! come back. Behind them one task, the driver, owns the session; the way to the server
//! ([`signaling`]), the links to the other peers ([`transport`]) and the files ([`store`]) do what
//! it wants.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use snug_peer::{Peer, PeerConfig};
//! use snug_protocol::Invite;
//! use snug_session::{Event, Intent};
//!
//! let invite: Invite = "K7Q4X9-otter-lemon-cloud-ferry".parse()?;
//! let (server, room) = ("snug.example".parse()?, Intent::Join(invite.room));
//! let (peer, mut events) = Peer::start(PeerConfig::new(server, room, invite.secret));
//! while let Some(event) = events.next().await {
//!     if let Event::PeerJoined { .. } = event {
//!         peer.say("hello").await;
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod config;
mod driver;
mod events;
mod introducer;
mod journal;
mod limits;
mod links;
pub mod nearby;
mod network;
mod peer;
mod preview;
mod server_url;
pub mod signaling;
pub mod store;
pub mod transport;

pub use self::{
    config::PeerConfig,
    events::Events,
    introducer::Introduction,
    limits::{MEMORY_CAP, READ_BYTES},
    peer::{OfferError, Offered, Peer},
    server_url::{InvalidServerUrl, ServerUrl},
    store::{Destination, Hashing, ReadError, SourceError},
    transport::Interfaces,
};
