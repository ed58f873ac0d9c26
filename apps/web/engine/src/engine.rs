//! The machine that the page drives.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use snug_protocol::{ClientId, Invite, Secret, TransferId};
use snug_session::{
    self as session, LinkId, LinkInput, LinkOutput, Session, SignalingInput, StoreInput, Time,
};
use tsify::{Ts, Tsify};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

use crate::{
    Command, Config, Event, IceServer, Input, Output, Said, View,
    calls::{self, Calls},
    command::prioritize,
    config::entropy,
    input::Fields,
    links::{self, Links, Remote},
    names::parse,
    offering::Packed,
    storage::{Step, Storage},
};

/// One participant of a room. Every call is followed by `poll` until there is nothing left;
/// `deadline` says when to come back with `timeout`.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    session: Session,
    me: ClientId,
    secret: Secret,
    relay_only: bool,
    calls: Calls,
    links: Links,
    storage: Storage,
    now: Time,
    /// What the session wanted while something else was under way.
    wanted: VecDeque<session::Output>,
    ready: VecDeque<Output>,
    /// The bytes that the last output shows.
    shown: Bytes,
}

#[wasm_bindgen]
impl Engine {
    /// Starts to take part. The first outputs are there at once.
    ///
    /// # Errors
    /// When the code is none, or the name is too long; the message is for people.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &Ts<Config>) -> Result<Self, JsError> {
        crate::panics::tell_the_page();
        let config = Fields(config.js_value()).config()?.into_session()?;
        Ok(Self::with_seed(config, entropy()?))
    }

    /// Takes one input. `now` is in milliseconds, of a clock that never goes back.
    ///
    /// # Errors
    /// When it is none, or a name in it.
    pub fn handle(&mut self, input: &Ts<Input>, now: f64) -> Result<(), JsError> {
        self.now = time(now);
        let input = Fields(input.js_value()).input()?;
        self.take(input).map_err(|error| JsError::new(&error))
    }

    /// Takes a frame of a link's `control` channel.
    pub fn control(&mut self, link: f64, frame: Vec<u8>, now: f64) {
        self.on_frame(link, LinkInput::Control(frame.into()), now);
    }

    /// Takes a frame of a link's `bulk` channel.
    pub fn bulk(&mut self, link: f64, frame: Vec<u8>, now: f64) {
        self.on_frame(link, LinkInput::Bulk(frame.into()), now);
    }

    /// Takes a piece that `read-piece` asked for.
    ///
    /// # Errors
    /// When the transfer's name is none.
    #[wasm_bindgen(js_name = pieceRead)]
    pub fn piece_read(
        &mut self,
        transfer: &str,
        piece: u32,
        link: f64,
        bytes: Vec<u8>,
        now: f64,
    ) -> Result<(), JsError> {
        self.now = time(now);
        let transfer = parse(transfer).map_err(|error| JsError::new(&error))?;
        let (link, bytes) = (link_id(link), bytes.into());
        let read = self.storage.on_piece_read(transfer, piece, link, bytes);
        self.tell_store(read);
        Ok(())
    }

    /// Offers what an `Offering` has hashed, and gives its name. The files have to be there to be
    /// read before this is called.
    ///
    /// # Errors
    /// When the session refuses; the message is for people.
    pub fn offer(&mut self, packed: &[u8], now: f64) -> Result<String, JsError> {
        self.now = time(now);
        let source = Packed::read(packed)?;
        Ok(self.make_offer(source)?.to_string())
    }

    /// Gives the next thing to do.
    ///
    /// # Errors
    /// Never: every output can be said.
    pub fn poll(&mut self) -> Result<Option<Ts<Output>>, JsError> {
        Ok(self.next().map(|output| output.into_ts()).transpose()?)
    }

    /// When to come back at the latest, by the clock of `now`.
    pub fn deadline(&self) -> Option<f64> {
        let due = self.session.poll_timeout()?;
        Some(due.since_origin().as_secs_f64() * 1000.0)
    }

    /// Reads the answer of the server about its ICE servers.
    ///
    /// # Errors
    /// Never: what is no answer names none.
    #[wasm_bindgen(js_name = iceServers)]
    pub fn ice_servers(&self, body: &str) -> Result<Vec<Ts<IceServer>>, JsError> {
        let servers = calls::read_ice_servers(body).into_iter();
        let servers = servers.map(|server| IceServer::from(server).into_ts());
        Ok(servers.collect::<Result<_, _>>()?)
    }

    /// The messages as they stand, in the order that all members share.
    ///
    /// # Errors
    /// Never.
    pub fn messages(&self) -> Result<Vec<Ts<Said>>, JsError> {
        let messages = self.session.messages();
        let messages = messages.map(|it| Said::new(it, &self.me).into_ts());
        Ok(messages.collect::<Result<_, _>>()?)
    }
}

impl Engine {
    fn with_seed(config: session::Config, seed: [u8; 32]) -> Self {
        Self {
            me: config.client.clone(),
            secret: config.secret.clone(),
            relay_only: config.relay_only,
            session: Session::new(config, seed),
            calls: Calls::default(),
            links: Links::default(),
            storage: Storage::default(),
            now: Time::ZERO,
            wanted: VecDeque::new(),
            ready: VecDeque::new(),
            shown: Bytes::new(),
        }
    }

    fn next(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.ready.pop_front() {
                return Some(output);
            }
            let wanted = self.wanted.pop_front();
            let output = wanted.or_else(|| self.session.poll_output())?;
            if let Some(output) = self.execute(output) {
                return Some(output);
            }
        }
    }

    fn take(&mut self, input: Input) -> Result<(), String> {
        match input {
            Input::Command { command } => self.command(command)?,
            Input::Timeout => self.tell(session::Input::Timeout),
            Input::Answer { status, body } => {
                let answer = self.calls.on_answer(status, &body);
                self.tell_signaling(answer);
            }
            Input::Unreachable { reason } => {
                let failed = self.calls.on_unreachable(&reason);
                self.tell_signaling(failed);
            }
            Input::SocketOpened => self.tell_signaling(Some(SignalingInput::SocketOpened)),
            Input::SocketText { text } => self.tell_signaling(calls::read_text(&text)),
            Input::SocketClosed { opened, reason } => {
                self.tell_signaling(Some(calls::closed(opened, &reason)));
            }
            input => return self.take_of_link(input),
        }
        Ok(())
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        let command = command.into_session()?;
        if let session::Command::Accept { transfer, .. } = command {
            self.storage.expect(transfer);
        }
        self.tell(session::Input::Command(command));
        Ok(())
    }

    fn take_of_link(&mut self, input: Input) -> Result<(), String> {
        match input {
            Input::LocalOffer {
                link,
                sdp,
                receive_buffer,
            } => {
                let sdp = self.links.describe(LinkId(link), sdp, receive_buffer);
                self.tell_link(LinkId(link), Some(LinkInput::LocalOffer { sdp }));
            }
            Input::LocalAnswer {
                link,
                sdp,
                receive_buffer,
            } => {
                let sdp = self.links.describe(LinkId(link), sdp, receive_buffer);
                self.tell_link(LinkId(link), Some(LinkInput::LocalAnswer { sdp }));
            }
            Input::LocalCandidate { link, candidate } => {
                let candidate = LinkInput::LocalCandidate(candidate.into());
                self.tell_link(LinkId(link), Some(candidate));
            }
            Input::LinkOpened {
                link,
                local_certificate: local,
                remote_certificate: remote,
            } => {
                let id = LinkId(link);
                let (local, remote) = (local.as_deref(), remote.as_deref());
                let opened = self.links.on_opened(id, local, remote);
                self.tell_link(id, opened);
            }
            Input::LinkState { link, state } => {
                let state = self.links.on_state(LinkId(link), state);
                self.tell_link(LinkId(link), state);
            }
            Input::LinkPath { link, turn } => {
                self.tell_link(LinkId(link), Some(links::path(turn)));
            }
            Input::BulkCredit { link, bytes } => {
                let credit = LinkInput::BulkCredit(bytes as usize);
                self.tell_link(LinkId(link), Some(credit));
            }
            Input::LinkRejected { link, reason } => {
                self.tell_link(LinkId(link), Some(LinkInput::Rejected(reason)));
            }
            input => return self.take_of_storage(input),
        }
        Ok(())
    }

    fn take_of_storage(&mut self, input: Input) -> Result<(), String> {
        let report = match input {
            Input::SinkOpened { transfer, run } => self.storage.on_opened(parse(&transfer)?, run),
            Input::SinkFailed {
                transfer,
                run,
                reason,
            } => {
                let failed = self.storage.on_failed(parse(&transfer)?, run, &reason);
                self.and_do(failed)
            }
            Input::PieceStored {
                transfer,
                run,
                piece,
            } => {
                let stored = self.storage.on_stored(parse(&transfer)?, run, piece);
                self.and_do(stored)
            }
            Input::SinkFinished { transfer, run } => {
                self.storage.on_finished(parse(&transfer)?, run)
            }
            Input::ReadFailed { transfer, reason } => {
                let transfer = parse(&transfer)?;
                self.storage.remove_source(transfer);
                Some(StoreInput::SourceFailed { transfer, reason })
            }
            Input::Read {
                read,
                transfer,
                start,
                end,
            } => {
                self.read(read, parse(&transfer)?, start..end);
                None
            }
            Input::ForgetRead { read } => {
                self.storage.forget_read(read);
                None
            }
            _ => None,
        };
        if let Some(report) = report {
            self.tell_store(report);
        }
        Ok(())
    }

    fn and_do(&mut self, report: Option<(StoreInput, Vec<Output>)>) -> Option<StoreInput> {
        let (input, outputs) = report?;
        self.ready.extend(outputs);
        Some(input)
    }

    fn read(&mut self, id: u32, transfer: TransferId, bytes: std::ops::Range<u64>) {
        let (output, missing) = self.storage.read(id, transfer, bytes);
        self.ready.extend(output);
        if let Some(missing) = missing {
            // If it is not arriving yet, everything is in order all the same.
            _ = self.ask(prioritize(transfer, missing));
        }
    }

    fn make_offer(&mut self, source: session::Source) -> Result<TransferId, session::CommandError> {
        let transfer = source.offer.transfer();
        let is_new = !self.storage.has_source(transfer);
        // Before it is on offer, so that it is there when somebody asks.
        let (manifest, hashes) = (*source.manifest(), source.hashes.clone());
        self.storage.add_source(transfer, manifest, hashes);
        let offered = self.ask(session::Command::Offer(source));
        if offered.is_err() && is_new {
            self.storage.remove_source(transfer);
        }
        offered.map(|()| transfer)
    }

    /// Carries out a command, and says whether the session refused.
    fn ask(&mut self, command: session::Command) -> Result<(), session::CommandError> {
        self.tell(session::Input::Command(command));
        let mut refused = Ok(());
        while let Some(output) = self.session.poll_output() {
            match output {
                session::Output::Event(session::Event::Refused { reason }) => refused = Err(reason),
                output => self.wanted.push_back(output),
            }
        }
        refused
    }

    fn execute(&mut self, output: session::Output) -> Option<Output> {
        match output {
            session::Output::Signaling(output) => Some(self.calls.execute(output)),
            session::Output::Link(link, output) => self.execute_link(link, output),
            session::Output::Store(output) => match self.storage.execute(output) {
                Step::Do(output) => Some(output),
                Step::Write(output, bytes) => {
                    self.shown = bytes;
                    Some(output)
                }
                Step::Tell(input) => {
                    self.tell_store(input);
                    None
                }
                Step::Nothing => None,
            },
            session::Output::Event(event) => Some(self.on_event(event)),
        }
    }

    fn execute_link(&mut self, id: LinkId, output: LinkOutput) -> Option<Output> {
        let link = id.0;
        Some(match output {
            LinkOutput::Open => {
                self.links.open(id);
                let relay_only = self.relay_only;
                Output::OpenLink { link, relay_only }
            }
            LinkOutput::CreateOffer { ice_restart, .. } => {
                Output::CreateOffer { link, ice_restart }
            }
            LinkOutput::AcceptOffer { sdp, rollback } => {
                return self.accept(id, Remote::Offer { rollback }, &sdp);
            }
            LinkOutput::AcceptAnswer { sdp } => return self.accept(id, Remote::Answer, &sdp),
            LinkOutput::AddCandidate(candidate) => return self.links.add_candidate(id, candidate),
            LinkOutput::SendControl(frame) => {
                let frame = self.show(frame);
                Output::SendControl { link, frame }
            }
            LinkOutput::SendBulk(frame) => {
                let frame = self.show(frame);
                Output::SendBulk { link, frame }
            }
            LinkOutput::Close => {
                self.links.close(id);
                Output::CloseLink { link }
            }
        })
    }

    fn accept(&mut self, id: LinkId, kind: Remote, sdp: &str) -> Option<Output> {
        match self.links.accept(id, kind, sdp) {
            Ok(outputs) => self.ready.extend(outputs),
            Err(rejected) => self.tell_link(id, Some(rejected)),
        }
        self.ready.pop_front()
    }

    fn on_event(&mut self, event: session::Event) -> Output {
        if let session::Event::TransferFailed {
            transfer, to: None, ..
        } = event
        {
            self.ready.extend(self.storage.forget(transfer));
        }
        let invite = self.calls.room().map(|room| Invite {
            room,
            secret: self.secret.clone(),
        });
        let event = Event::new(event, invite.as_ref(), &self.me);
        Output::Event { event }
    }

    /// Keeps bytes where the page can read them.
    fn show(&mut self, bytes: Bytes) -> View {
        self.shown = bytes;
        View::of(&self.shown)
    }

    fn on_frame(&mut self, link: f64, frame: LinkInput, now: f64) {
        self.now = time(now);
        let link = link_id(link);
        if self.links.is_open(link) {
            self.tell_link(link, Some(frame));
        }
    }

    fn tell_signaling(&mut self, input: Option<SignalingInput>) {
        if let Some(input) = input {
            self.tell(session::Input::Signaling(input));
        }
    }

    fn tell_link(&mut self, link: LinkId, input: Option<LinkInput>) {
        if let Some(input) = input {
            self.tell(session::Input::Link(link, input));
        }
    }

    fn tell_store(&mut self, input: StoreInput) {
        self.tell(session::Input::Store(input));
    }

    fn tell(&mut self, input: session::Input) {
        self.session.handle(input, self.now);
    }
}

fn time(millis: f64) -> Time {
    let since = Duration::try_from_secs_f64(millis / 1000.0);
    Time::new(since.unwrap_or_default())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the page hands back the numbers that it got"
)]
fn link_id(link: f64) -> LinkId {
    LinkId(link as u64)
}
