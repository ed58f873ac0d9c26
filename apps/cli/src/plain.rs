//! Plain lines, for pipes and files: what people say goes to stdout, what else happens to stderr.

use std::future;

use snug_protocol::Body;
use snug_session::Event;

use crate::{
    front::Front,
    happening::Happening,
    input::Lines,
    output::{Output, remark},
    request::Request,
    style::Line,
    view::{Item, View, lay_out},
};

/// Plain lines, in and out.
#[derive(Debug)]
pub(crate) struct Plain {
    view: View,
    output: Output,
    /// What is typed, where it is said to everyone.
    lines: Option<Lines>,
}

impl Plain {
    /// Shows a room, and says what is typed if `lines` are given.
    pub(crate) fn new(view: View, lines: Option<Lines>) -> Self {
        Self {
            view,
            output: Output::default(),
            lines,
        }
    }
}

impl Front for Plain {
    fn tell(&mut self, happening: &Happening) {
        let own = matches!(
            happening,
            Happening::Event(Event::Message(message)) if self.view.is_me(&message.id.author)
        );
        for item in self.view.show(happening) {
            let lines = lay_out(&item, None);
            let texts = lines.iter().map(Line::text);
            match item {
                // Whoever piped it in knows it.
                Item::Said { .. } if own => {}
                Item::Said { .. } | Item::Result(_) => texts.for_each(|it| self.output.line(&it)),
                Item::Notice(_) | Item::Problem(_) | Item::Picture(_) => {
                    texts.for_each(|it| remark(&it));
                }
            }
        }
    }

    async fn next(&mut self) -> Request {
        if self.output.take_closed() {
            return Request::OutputClosed;
        }
        let Some(lines) = &mut self.lines else {
            return future::pending().await;
        };
        loop {
            match lines.next().await {
                Some((_, Ok(text))) if text.is_empty() => {}
                Some((_, Ok(text))) => return Request::Say(Body::Text { text }),
                Some((line, Err(reason))) => {
                    return Request::Nonsense {
                        reason: reason.to_owned(),
                        line: Some(line),
                    };
                }
                None => {
                    self.lines = None;
                    return Request::EndOfInput;
                }
            }
        }
    }

    fn finish(&mut self) {}
}
