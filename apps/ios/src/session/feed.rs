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
