//! What a command does by itself and when it is over: one machine for each, without I/O.

mod play;
mod receive;
mod send;
mod stay;
mod verify;

use std::path::PathBuf;

use snug_protocol::TransferId;
use snug_session::{Selection, Time};

pub(crate) use self::{
    play::Play,
    receive::{Receive, Taking},
    send::Send,
    stay::{Rules, Stay},
    verify::Verify,
};
use crate::{exit::Exit, happening::Happening, play::Film, request::Request};

/// What a command does by itself.
///
/// Every `handle` is followed by [`poll_step`](Self::poll_step) until `None`;
/// [`poll_timeout`](Self::poll_timeout) says when to come back with `handle_timeout`.
#[derive(Debug)]
pub(crate) enum Plan {
    /// `create` and `join`.
    Stay(Stay),
    /// `send`.
    Send(Send),
    /// `receive`.
    Receive(Receive),
    /// `play`.
    Play(Play),
    /// `verify`.
    Verify(Verify),
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Offer files and folders, all in one offer.
    Offer(Vec<PathBuf>),
    /// Receive what is on offer, or some of it.
    Accept(TransferId, Selection),
    /// Do not.
    Decline(TransferId),
    /// Forget what was received into memory.
    Discard(TransferId),
    /// Let a player have this.
    Play(Film),
    /// Tell that the code may be passed on.
    Ready,
    /// Leave, and end so.
    End(Exit),
}

impl Plan {
    /// Takes what happened.
    pub(crate) fn handle(&mut self, happening: &Happening, now: Time) {
        match self {
            Self::Stay(stay) => stay.handle(happening, now),
            Self::Send(send) => send.handle(happening),
            Self::Receive(receive) => receive.handle(happening, now),
            Self::Play(play) => play.handle(happening, now),
            Self::Verify(verify) => verify.handle(happening),
        }
    }

    /// Takes what was asked for.
    pub(crate) fn handle_request(&mut self, request: &Request, now: Time) {
        match self {
            Self::Stay(stay) => stay.handle_request(request, now),
            Self::Send(send) => send.handle_request(request),
            Self::Receive(receive) => receive.handle_request(request),
            Self::Play(play) => play.handle_request(request),
            Self::Verify(verify) => verify.handle_request(request),
        }
    }

    /// Takes note that the time of `poll_timeout` has come.
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        match self {
            Self::Stay(stay) => stay.handle_timeout(now),
            Self::Send(send) => send.handle_timeout(now),
            Self::Receive(receive) => receive.handle_timeout(now),
            Self::Play(play) => play.handle_timeout(now),
            Self::Verify(verify) => verify.handle_timeout(now),
        }
    }

    /// Gives the next thing to do.
    #[must_use]
    pub(crate) fn poll_step(&mut self) -> Option<Step> {
        match self {
            Self::Stay(stay) => stay.poll_step(),
            Self::Send(send) => send.poll_step(),
            Self::Receive(receive) => receive.poll_step(),
            Self::Play(play) => play.poll_step(),
            Self::Verify(verify) => verify.poll_step(),
        }
    }

    /// When to come back at the latest.
    #[must_use]
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        match self {
            Self::Stay(stay) => stay.poll_timeout(),
            Self::Send(send) => send.poll_timeout(),
            Self::Receive(receive) => receive.poll_timeout(),
            Self::Play(play) => play.poll_timeout(),
            Self::Verify(verify) => verify.poll_timeout(),
        }
    }

    /// How it ends when it is told to stop now.
    pub(crate) fn verdict(&self) -> Exit {
        match self {
            Self::Stay(stay) => stay.verdict(),
            Self::Send(send) => send.verdict(),
            Self::Receive(receive) => receive.verdict(),
            Self::Play(play) => play.verdict(),
            Self::Verify(verify) => verify.verdict(),
        }
    }

    /// How it ends when a signal stops it.
    pub(crate) fn interrupted(&self, signal: u8) -> Exit {
        match self {
            Self::Stay(_) | Self::Send(_) => Exit::Signal(signal),
            Self::Receive(receive) => receive.interrupted(signal),
            Self::Play(play) => play.interrupted(signal),
            Self::Verify(verify) => verify.interrupted(signal),
        }
    }
}

#[cfg(test)]
mod testing {
    //! Happenings for the tests of the plans.

    use std::time::Duration;

    use snug_protocol::{
        Attributes, ClientId, FileName, FilePath, Hash, Item, ItemKind, Listing, Manifest, Offer,
        TransferId,
    };
    use snug_session::{Event, LinkStatus, Time};

    use super::Step;
    use crate::happening::Happening;

    pub(super) fn id(text: &str) -> ClientId {
        text.parse().unwrap()
    }

    pub(super) fn transfer(number: u8) -> TransferId {
        TransferId::from_bytes([number; 16])
    }

    pub(super) fn at(seconds: u64) -> Time {
        Time::new(Duration::from_secs(seconds))
    }

    pub(super) fn joined() -> Happening {
        Happening::Event(Event::Joined {
            room: "K7Q4X9".parse().unwrap(),
            peers: Vec::new(),
        })
    }

    pub(super) fn connected(peer: &str) -> Happening {
        let status = LinkStatus::Connected {
            verified: true,
            path: snug_session::Path::Direct,
        };
        Happening::Event(Event::Link {
            peer: id(peer),
            status,
        })
    }

    pub(super) fn left(peer: &str) -> Happening {
        Happening::Event(Event::PeerLeft {
            peer: id(peer),
            goodbye: true,
        })
    }

    /// Two files, of a byte each.
    pub(super) fn offered(number: u8, from: &str) -> Happening {
        let manifest = Manifest::new(2, Hash::ZERO).unwrap();
        let items = ["a.txt", "b.jpg"].map(|path| Item {
            path: FilePath::sanitize(path),
            kind: ItemKind::File {
                size: 1,
                attributes: Attributes::default(),
            },
        });
        Happening::Event(Event::Offered {
            transfer: transfer(number),
            from: id(from),
            listing: Listing::new(items.to_vec()).unwrap().into(),
            offer: Offer::of_file(FileName::sanitize("x"), manifest),
        })
    }

    pub(super) fn delivered(number: u8, to: &str) -> Happening {
        Happening::Event(Event::Delivered {
            transfer: transfer(number),
            to: id(to),
        })
    }

    pub(super) fn steps(poll: impl FnMut() -> Option<Step>) -> Vec<Step> {
        std::iter::from_fn(poll).collect()
    }
}
