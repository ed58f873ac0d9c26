//! The peer's events, on their way to the app.

use snug_peer::Events;

use crate::{EndReason, Event, SnugError, event::Context};

/// The events of one session, to the end and no further.
#[derive(Debug)]
pub(super) struct Feed {
    events: Events,
    context: Context,
    ended: bool,
}

impl Feed {
    pub(super) const fn new(events: Events, context: Context) -> Self {
        Self {
            events,
            context,
            ended: false,
        }
    }

    /// Waits for the next event. There is always a last one, and nothing after it.
    pub(super) async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        let Some(event) = self.events.next().await else {
            self.ended = true;
            // A peer always says that it has ended, unless it broke.
            return Some(Event::failed(&SnugError::Internal {
                message: "the connection to the room broke".into(),
            }));
        };
        let event = Event::new(event, &self.context);
        self.ended = matches!(event, Event::Ended { .. });
        Some(event)
    }
}

impl Event {
    /// The end, by a mistake in here.
    pub(super) fn failed(error: &SnugError) -> Self {
        Self::Ended {
            reason: EndReason::Failed,
            refusal: None,
            message: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use snug_peer::{Peer, PeerConfig, nearby::Radio};
    use snug_protocol::Secret;
    use snug_session::Intent;
    use tokio::runtime::Runtime;

    use super::*;

    #[test]
    fn a_peer_that_breaks_ends_its_session() {
        let intent = Intent::Create { capacity: None };
        let config = PeerConfig::nearby(Radio::new(), intent, Secret::Open);
        let doomed = Runtime::new().unwrap();
        let (_peer, events) = {
            let _inside = doomed.enter();
            Peer::start(config)
        };
        // Its driver is gone in the middle of something.
        drop(doomed);
        let context = Context {
            me: "me".parse().unwrap(),
            secret: Secret::Open,
            nearby: true,
        };
        let mut feed = Feed::new(events, context);
        let told = Runtime::new().unwrap().block_on(async {
            let mut told = Vec::new();
            while let Some(event) = feed.next().await {
                told.push(event);
            }
            told
        });
        let Some(Event::Ended { reason, .. }) = told.last() else {
            panic!("it is over without a word")
        };
        assert_eq!(*reason, EndReason::Failed);
    }
}
