//! What members say: each frame goes to the part that it concerns.

use snug_protocol::{ClientId, ControlFrame, Roster};

use super::Session;
use crate::{Event, Time};

impl Session {
    /// A frame came that is not about the link itself.
    pub(super) fn on_frame(&mut self, peer: &ClientId, frame: ControlFrame, now: Time) {
        let out = &mut self.out;
        match frame {
            ControlFrame::Hello(_) | ControlFrame::Welcome | ControlFrame::Binding { .. } => {}
            ControlFrame::Roster(roster) => self.on_roster(peer, &roster, now),
            ControlFrame::Guesses { wrong } => {
                if self.guard.on_told(peer, wrong) {
                    self.tell_guesses();
                }
            }
            ControlFrame::Profile(profile) => {
                out.event(Event::Profile {
                    peer: peer.clone(),
                    profile,
                });
            }
            ControlFrame::Entry(entry) => {
                let signed = self.roster.verify(self.signaling.room(), &entry);
                let taken = signed.and_then(|()| self.chat.on_entry(peer, entry, now, out));
                if let Err(reason) = taken {
                    // The sender may only pass on what somebody else made up: the link stays.
                    out.event(Event::Misbehaved {
                        peer: peer.clone(),
                        reason,
                    });
                }
            }
            ControlFrame::Heads(mut heads) => {
                self.roster.retain_known(&mut heads);
                self.chat.on_heads(peer, &heads, now, out);
            }
            ControlFrame::Fetch { author, from, to } => {
                self.chat.on_fetch(peer, &author, from, to, out);
            }
            ControlFrame::Receipt { delivered, read } => {
                self.chat.on_receipt(peer, delivered, read, out);
            }
            ControlFrame::Typing { on } => self.chat.on_typing(peer, on, now, out),
            ControlFrame::Bye => self.in_mesh(now, |mesh, cx| mesh.on_bye(peer, cx)),
            ControlFrame::Offer(_)
            | ControlFrame::Accept { .. }
            | ControlFrame::Decline { .. }
            | ControlFrame::FetchHashes { .. }
            | ControlFrame::Hashes { .. }
            | ControlFrame::Request { .. }
            | ControlFrame::Unavailable { .. }
            | ControlFrame::Stop { .. }
            | ControlFrame::Complete { .. }
            | ControlFrame::Have { .. }
            | ControlFrame::Asked { .. }
            | ControlFrame::Unrequest { .. }
            | ControlFrame::FetchListing { .. }
            | ControlFrame::Listing { .. } => {
                if let Err(reason) = self.transfers.on_frame(peer, frame, now, out) {
                    out.event(Event::Misbehaved {
                        peer: peer.clone(),
                        reason,
                    });
                }
            }
        }
    }

    fn on_roster(&mut self, peer: &ClientId, roster: &Roster, now: Time) {
        self.roster.on_told(peer, roster, &mut self.out);
        self.roster.review(now, &mut self.out);
    }
}
