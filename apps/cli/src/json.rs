//! JSON, for programs: one event a line on stdout, one command a line on stdin.

mod command;
mod event;
mod offers;
mod reason;

use std::future;

use snug_protocol::{ClientId, Invite, Secret};
use snug_session::Event;

pub(crate) use self::event::write_exit;
use self::offers::Offers;
use crate::{
    front::Front,
    happening::Happening,
    input::Lines,
    invitation::{Invitation, Purpose},
    output::Output,
    request::Request,
};

/// JSON, in and out.
#[derive(Debug)]
pub(crate) struct Json {
    me: ClientId,
    server: String,
    secret: Secret,
    invitation: Option<Invitation>,
    offers: Offers,
    output: Output,
    lines: Option<Lines>,
}

impl Json {
    /// Speaks for `me`, who meets the others on `server` by a `secret`.
    pub(crate) fn new(me: ClientId, server: String, secret: Secret, lines: Lines) -> Self {
        Self {
            me,
            server,
            secret,
            invitation: None,
            offers: Offers::default(),
            output: Output::default(),
            lines: Some(lines),
        }
    }
}

impl Front for Json {
    fn tell(&mut self, happening: &Happening) {
        if let Happening::Event(event) = happening {
            self.offers.note(event);
        }
        if let Happening::Event(Event::Joined { room, .. }) = happening {
            let invite = Invite {
                room: *room,
                secret: self.secret.clone(),
            };
            self.invitation = Some(Invitation::new(&invite, &self.server, Purpose::Create));
        }
        if let Some(line) = event::write(happening, &self.me, self.invitation.as_ref()) {
            self.output.line(&line);
        }
    }

    async fn next(&mut self) -> Request {
        if let Some(end) = self.output.take_end() {
            return end;
        }
        let Some(lines) = &mut self.lines else {
            return future::pending().await;
        };
        loop {
            let Some((line, text)) = lines.next().await else {
                self.lines = None;
                return Request::EndOfInput;
            };
            let request = text
                .map_err(str::to_owned)
                .and_then(|text| command::read(&text, &self.offers));
            match request {
                Ok(Some(request)) => return request,
                Ok(None) => {}
                Err(reason) => {
                    return Request::Nonsense {
                        reason,
                        line: Some(line),
                    };
                }
            }
        }
    }

    fn finish(&mut self) {}
}
