//! One simulated member.

use snug_protocol::{Body, ClientId};

use super::store::Store;
use crate::{Config, EndReason, Event, Session};

/// A member of the simulated room: a session, its storage, and what it told the person.
#[derive(Debug)]
pub struct Node {
    client: ClientId,
    pub(super) session: Session,
    pub(super) store: Store,
    pub(super) events: Vec<Event>,
    alive: bool,
}

impl Node {
    pub(super) fn new(client: ClientId, config: Config, seed: [u8; 32]) -> Self {
        let session = Session::new(config, seed);
        Self {
            client,
            session,
            store: Store::default(),
            events: Vec::new(),
            alive: true,
        }
    }

    pub(super) fn kill(&mut self) {
        self.alive = false;
    }

    /// Who it is.
    pub fn client(&self) -> &ClientId {
        &self.client
    }

    /// Its machine.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Its storage.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Its storage, to make it fail.
    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Whether its process runs.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Why it is over, if it is.
    pub fn ending(&self) -> Option<&EndReason> {
        match self.events.last() {
            Some(Event::Ended(reason)) => Some(reason),
            _ => None,
        }
    }

    /// Everything that it told the person so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Whether it ever told something like that.
    pub fn saw(&self, like: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(like)
    }

    /// The texts of its log, in order, as they stand.
    pub fn texts(&self) -> Vec<String> {
        let texts = self
            .session
            .messages()
            .filter_map(|message| match message.body? {
                Body::Text { text } | Body::Reply { text, .. } => Some(text),
                Body::Reaction { .. } | Body::Edit { .. } | Body::Delete { .. } => None,
            });
        texts.collect()
    }
}
