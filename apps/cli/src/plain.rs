//! Plain lines, for pipes and files: what people say goes to stdout, what else happens to stderr.

use std::{future, time::Duration};

use snug_protocol::Body;
use snug_session::Event;
use tokio::time::{Interval, MissedTickBehavior, interval};

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
    /// When to tell how far long work has got.
    beat: Interval,
}

/// Time between two reports on what takes long.
const BEAT: Duration = Duration::from_secs(10);

/// Columns of such a report.
const COLUMNS: usize = 80;

impl Plain {
    /// Shows a room, and says what is typed if `lines` are given.
    pub(crate) fn new(view: View, lines: Option<Lines>) -> Self {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            view,
            output: Output::default(),
            lines,
            beat,
        }
    }

    fn tell_progress(&self) {
        for line in self.view.progress(COLUMNS) {
            remark(&line.text());
        }
    }
}

async fn next_line(lines: &mut Option<Lines>) -> Option<(u64, Result<String, &'static str>)> {
    match lines {
        Some(lines) => lines.next().await,
        None => future::pending().await,
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
        if let Some(end) = self.output.take_end() {
            return end;
        }
        loop {
            let line = tokio::select! {
                line = next_line(&mut self.lines) => line,
                _ = self.beat.tick() => {
                    self.tell_progress();
                    continue;
                }
            };
            match line {
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
