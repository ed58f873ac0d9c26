//! Who brings the members of a room together.

use snug_session::{RelayBudget, SignalingOutput};

use crate::{
    ServerUrl,
    nearby::{Hall, Radio},
    signaling::{Report, Signaling},
};

/// How the members of a room come to know of each other.
#[derive(Debug, Clone)]
pub enum Introduction {
    /// By a server.
    Server(ServerUrl),
    /// By a radio, without a server.
    Nearby(Radio),
}

/// Does what a session asks of the way to the server, whether there is one or not.
#[derive(Debug)]
pub(crate) enum Introducer {
    Server(Box<Signaling>),
    Nearby(Box<Hall>),
}

impl Introduction {
    /// What frames may take on their way through whoever introduces.
    pub(crate) const fn relay_budget(&self) -> RelayBudget {
        match self {
            Self::Server(_) => RelayBudget::SERVER,
            Self::Nearby(_) => RelayBudget::NEARBY,
        }
    }
}

impl From<ServerUrl> for Introduction {
    fn from(server: ServerUrl) -> Self {
        Self::Server(server)
    }
}

impl From<Radio> for Introduction {
    fn from(radio: Radio) -> Self {
        Self::Nearby(radio)
    }
}

impl Introducer {
    /// Nothing is sent yet. `begins` says whether this member speaks first where nobody knows
    /// who came later.
    pub(crate) fn new(introduction: Introduction, begins: bool) -> Self {
        match introduction {
            Introduction::Server(server) => Self::Server(Box::new(Signaling::new(server))),
            Introduction::Nearby(radio) => Self::Nearby(Box::new(Hall::new(&radio, begins))),
        }
    }

    /// Does what the session wants. Returns at once.
    pub(crate) fn execute(&mut self, output: SignalingOutput) {
        match self {
            Self::Server(signaling) => signaling.execute(output),
            Self::Nearby(hall) => hall.execute(output),
        }
    }

    /// Waits for the next report. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Report {
        match self {
            Self::Server(signaling) => signaling.next().await,
            Self::Nearby(hall) => Report::Input(hall.next().await),
        }
    }

    /// Closes the way and waits until everything is sent.
    pub(crate) async fn close(self) {
        match self {
            Self::Server(signaling) => signaling.close().await,
            Self::Nearby(hall) => hall.close().await,
        }
    }
}
