//! A peer connection with one data channel, and what happens to both.

use std::{
    fs::File,
    io::Write,
    net::TcpStream,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

use anyhow::{Result, bail};
use datachannel::{
    ConnectionState, DataChannelHandler, DataChannelInfo, IceCandidate, PeerConnectionHandler,
    RtcConfig, RtcDataChannel, RtcPeerConnection, SessionDescription,
};

use crate::signaling::{self, Signal};

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The channel is open.
    Open,
    /// What is buffered fell below the threshold.
    Low,
    /// So many more bytes are in the file.
    Written(usize),
    /// The other side said something.
    Told(Signal),
    /// It is over.
    Failed(String),
}

/// A connection and its events.
pub(crate) struct Connection {
    peer: Box<RtcPeerConnection<Peer>>,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

impl Connection {
    /// Prepares one. What comes on the channel that the other side opens is written to `file`.
    pub(crate) fn new(signaling: &TcpStream, file: Option<File>) -> Result<Self> {
        let (sender, events) = channel();
        let handler = Peer {
            signaling: signaling.try_clone()?,
            events: sender.clone(),
            file,
            channel: None,
        };
        let peer = RtcPeerConnection::new(&RtcConfig::new::<&str>(&[]), handler)?;
        thread::spawn({
            let (sender, signals) = (sender.clone(), signaling::read(signaling)?);
            move || {
                let gone = Event::Failed("the other side is gone".to_owned());
                for event in signals.map(Event::Told).chain([gone]) {
                    sender.send(event).ok();
                }
            }
        });
        Ok(Self {
            peer,
            sender,
            events,
        })
    }

    /// Opens the channel, and so begins the negotiation.
    pub(crate) fn open(&mut self) -> Result<Box<RtcDataChannel<Channel>>> {
        let channel = Channel {
            events: self.sender.clone(),
            file: None,
        };
        Ok(self.peer.create_data_channel("copy", channel)?)
    }

    /// Waits for the next event, and sees to the negotiation meanwhile.
    pub(crate) fn next(&mut self) -> Result<Event> {
        loop {
            match self.events.recv()? {
                Event::Told(Signal::Description(description)) => {
                    self.peer.set_remote_description(&description)?;
                }
                Event::Told(Signal::Candidate(candidate)) => {
                    self.peer.add_remote_candidate(&candidate)?;
                }
                Event::Failed(why) => bail!(why),
                event => return Ok(event),
            }
        }
    }
}

/// Passes on what the connection says.
struct Peer {
    signaling: TcpStream,
    events: Sender<Event>,
    /// For the channel that the other side opens.
    file: Option<File>,
    /// That channel, which would be closed if it was dropped.
    channel: Option<Box<RtcDataChannel<Channel>>>,
}

impl Peer {
    fn tell(&mut self, signal: &Signal) {
        if let Err(error) = signaling::tell(&mut self.signaling, signal) {
            self.events.send(Event::Failed(error.to_string())).ok();
        }
    }
}

impl PeerConnectionHandler for Peer {
    type DCH = Channel;

    fn data_channel_handler(&mut self, _: DataChannelInfo) -> Channel {
        self.events.send(Event::Open).ok();
        Channel {
            events: self.events.clone(),
            file: self.file.take(),
        }
    }

    fn on_description(&mut self, description: SessionDescription) {
        self.tell(&Signal::Description(Box::new(description)));
    }

    fn on_candidate(&mut self, candidate: IceCandidate) {
        self.tell(&Signal::Candidate(candidate));
    }

    fn on_connection_state_change(&mut self, state: ConnectionState) {
        if state == ConnectionState::Failed {
            let failed = Event::Failed("the connection failed".to_owned());
            self.events.send(failed).ok();
        }
    }

    fn on_data_channel(&mut self, channel: Box<RtcDataChannel<Channel>>) {
        self.channel = Some(channel);
    }
}

/// Passes on what the channel says, and writes what comes.
pub(crate) struct Channel {
    events: Sender<Event>,
    file: Option<File>,
}

impl DataChannelHandler for Channel {
    fn on_open(&mut self) {
        self.events.send(Event::Open).ok();
    }

    fn on_message(&mut self, message: &[u8]) {
        let Some(file) = &mut self.file else { return };
        let event = match file.write_all(message) {
            Ok(()) => Event::Written(message.len()),
            Err(error) => Event::Failed(error.to_string()),
        };
        self.events.send(event).ok();
    }

    fn on_buffered_amount_low(&mut self) {
        self.events.send(Event::Low).ok();
    }
}
