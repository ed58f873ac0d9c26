//! The object that apps hold.

mod feed;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use snug_peer::{Destination, Peer, nearby::Radio};
use snug_protocol::{Body, ClientId, MediaState, Profile, TransferId};
use snug_session::{Command, Selection};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use self::feed::Feed;
use crate::{
    Cancellation, Event, NearbyFrame, Offering, SessionConfig, SnugError,
    boundary::{guard, run, runtime},
    event::Context,
    names::parse,
};

/// A member of a room.
///
/// What happens is pulled with [`next_event`](Self::next_event); whoever does not pull holds the
/// session up after a few hundred events. When the last reference is gone the member leaves.
#[derive(Debug, uniffi::Object)]
pub struct Session {
    me: ClientId,
    peer: Peer,
    /// In a room without a server.
    radio: Option<Radio>,
    feed: Arc<Mutex<Feed>>,
    closed: CancellationToken,
    in_background: AtomicBool,
}

/// A file that was received into memory.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReceivedFile {
    /// Where it would go in a folder, with slashes.
    pub path: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

#[uniffi::export]
impl Session {
    /// Starts to take part. What comes of it is told by events.
    ///
    /// # Errors
    /// [`SnugError::Invalid`] when the code, the address or the name is none.
    #[uniffi::constructor]
    pub fn new(config: SessionConfig) -> Result<Arc<Self>, SnugError> {
        guard(|| Self::start(config))
    }

    /// What this member is called by the others' engines.
    pub fn me(&self) -> String {
        self.me.to_string()
    }

    /// Waits for the next event; nothing after `ended`, or once the session is closed.
    pub async fn next_event(&self) -> Option<Event> {
        let feed = self.feed.clone();
        let next = self.run(async move { Ok(feed.lock().await.next().await) });
        match next.await {
            Ok(event) => event,
            Err(SnugError::Closed) => None,
            Err(broken) => {
                self.close();
                Some(Event::failed(&broken))
            }
        }
    }

    /// Says something to everyone, perhaps as an answer.
    ///
    /// # Errors
    /// [`SnugError`]; if the room refuses the text, an event says so.
    pub async fn say(&self, text: String, reply_to: Option<String>) -> Result<(), SnugError> {
        self.send(match reply_to {
            Some(to) => Body::Reply {
                to: parse(&to)?,
                text,
            },
            None => Body::Text { text },
        })
        .await
    }

    /// Gives one of this member's own messages another text.
    pub async fn edit(&self, message: String, text: String) -> Result<(), SnugError> {
        let to = parse(&message)?;
        self.send(Body::Edit { to, text }).await
    }

    /// Takes one of this member's own messages back.
    pub async fn delete(&self, message: String) -> Result<(), SnugError> {
        let to = parse(&message)?;
        self.send(Body::Delete { to }).await
    }

    /// Sets a reaction, usually one emoji, or takes it back.
    pub async fn react(&self, message: String, emoji: String, on: bool) -> Result<(), SnugError> {
        let to = parse(&message)?;
        self.send(Body::Reaction { to, emoji, on }).await
    }

    /// Tells the others that this member is typing, or stopped.
    pub async fn typing(&self, on: bool) -> Result<(), SnugError> {
        self.command(Command::Typing { on }).await
    }

    /// Tells the others that a person has seen every message so far.
    pub async fn mark_read(&self) -> Result<(), SnugError> {
        self.command(Command::MarkRead).await
    }

    /// Changes how this member appears; an empty name is none.
    pub async fn set_profile(
        &self,
        nickname: String,
        camera: bool,
        microphone: bool,
    ) -> Result<(), SnugError> {
        let media = MediaState { camera, microphone };
        self.command(Command::SetProfile(Profile { nickname, media }))
            .await
    }

    /// Begins to offer files, or folders, all in one, to everyone and to those who come later.
    /// They must stay where they are as long as they are on offer.
    ///
    /// # Errors
    /// [`SnugError::Internal`]; the rest is told by the [`Offering`].
    pub fn offer(&self, paths: Vec<String>) -> Result<Arc<Offering>, SnugError> {
        let paths = paths.into_iter().map(PathBuf::from).collect();
        guard(|| Offering::start(self.peer.clone(), paths, self.closed.clone()))
    }

    /// Starts to receive what is on offer: all of it, or some of its items, counted from 0. It
    /// goes into a folder that exists, where an earlier try is continued, or into memory.
    pub async fn accept(
        &self,
        transfer: String,
        items: Option<Vec<u32>>,
        folder: Option<String>,
    ) -> Result<(), SnugError> {
        let transfer: TransferId = parse(&transfer)?;
        let selection = items.map_or(Selection::All, |items| {
            Selection::Items(items.into_iter().map(|item| item as usize).collect())
        });
        let destination = folder.map_or(Destination::Memory, |folder| {
            Destination::Folder(folder.into())
        });
        let peer = self.peer.clone();
        self.run(async move {
            peer.accept(transfer, selection, destination).await;
            Ok(())
        })
        .await
    }

    /// Does not want what is on offer.
    pub async fn decline(&self, transfer: String) -> Result<(), SnugError> {
        let transfer = parse(&transfer)?;
        self.command(Command::Decline { transfer }).await
    }

    /// Stops offering or receiving.
    pub async fn cancel(&self, transfer: String) -> Result<(), SnugError> {
        let transfer = parse(&transfer)?;
        self.command(Command::Cancel { transfer }).await
    }

    /// Asks for nothing more of what is being received, until it is resumed.
    pub async fn pause(&self, transfer: String) -> Result<(), SnugError> {
        let transfer = parse(&transfer)?;
        self.command(Command::Pause { transfer }).await
    }

    /// Goes on receiving.
    pub async fn resume(&self, transfer: String) -> Result<(), SnugError> {
        let transfer = parse(&transfer)?;
        self.command(Command::Resume { transfer }).await
    }

    /// Reads bytes of what is offered here, was accepted or was received, once they have arrived
    /// and are verified; those that are missing are asked for before all others. Of several files
    /// they are counted through them all. At most 1 MiB comes at once.
    ///
    /// # Errors
    /// [`SnugError::Refused`] when they will not arrive, [`SnugError::Invalid`] past the end,
    /// [`SnugError::File`], [`SnugError::Cancelled`], [`SnugError::Closed`].
    pub async fn read(
        &self,
        transfer: String,
        offset: u64,
        length: u64,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Vec<u8>, SnugError> {
        let transfer = parse(&transfer)?;
        let (peer, bytes) = (self.peer.clone(), offset..offset.saturating_add(length));
        self.run(async move {
            tokio::select! {
                biased;
                () = Cancellation::cancelled(cancellation) => Err(SnugError::Cancelled),
                read = peer.read(transfer, bytes) => Ok(read?.to_vec()),
            }
        })
        .await
    }

    /// Takes the files that were received into memory, once; nothing if they are not there. It
    /// can be done after the end, too.
    pub async fn take(&self, transfer: String) -> Result<Option<Vec<ReceivedFile>>, SnugError> {
        let (transfer, peer) = (parse(&transfer)?, self.peer.clone());
        run(async move {
            let files = peer.take_all_from_memory(transfer).await;
            Ok(files.map(|files| {
                let files = files.into_iter().map(|(path, bytes)| ReceivedFile {
                    path: path.to_string(),
                    bytes: bytes.into(),
                });
                files.collect()
            }))
        })
        .await
    }

    /// The phone has other addresses: looks at every path again. Returns at once.
    pub fn network_changed(&self) {
        self.soon(Command::NetworkChanged);
    }

    /// The app has gone into the background: nobody is typing any more. Transfers go on as long
    /// as the system lets the app run. Returns at once.
    pub fn entered_background(&self) {
        self.in_background.store(true, Ordering::Relaxed);
        self.soon(Command::Typing { on: false });
    }

    /// The app is back: what looks open may be dead, so every path is looked at again. Returns at
    /// once.
    pub fn entered_foreground(&self) {
        if self.in_background.swap(false, Ordering::Relaxed) {
            self.soon(Command::NetworkChanged);
        }
    }

    /// A phone is in reach from now on: there is a connection to it over the app's radio. Its
    /// name is the app's, and new for every connection. In rooms without a server.
    pub fn nearby_found(&self, phone: String) {
        if let Some(radio) = &self.radio {
            radio.found(&phone);
        }
    }

    /// A phone is out of reach: its connection is gone.
    pub fn nearby_lost(&self, phone: String) {
        if let Some(radio) = &self.radio {
            radio.lost(&phone);
        }
    }

    /// A phone has sent something. It can be anything: nothing is trusted before it proves itself.
    pub fn nearby_received(&self, phone: String, bytes: Vec<u8>) {
        if let Some(radio) = &self.radio {
            radio.received(&phone, bytes.into());
        }
    }

    /// Waits for what the app is to send to a phone next; nothing in a room with a server, or once
    /// the session is over. After [`close`](Self::close) the goodbyes still come, for two seconds
    /// at most.
    pub async fn next_nearby(&self) -> Option<NearbyFrame> {
        let radio = self.radio.clone()?;
        let next = run(async move { Ok(radio.next().await) });
        let (phone, bytes) = next.await.ok()??;
        Some(NearbyFrame {
            phone,
            bytes: bytes.into(),
        })
    }

    /// Leaves the room. Returns once everything is closed, or after a few seconds. `ended` is
    /// then the last event.
    pub async fn leave(&self) {
        let peer = self.peer.clone();
        let left = self.run(async move {
            peer.leave().await;
            Ok(())
        });
        // If it was closed meanwhile it has left all the same.
        drop(left.await);
    }

    /// Leaves without waiting, and ends whatever is waited for here: events with nothing,
    /// everything else with `closed`.
    pub fn close(&self) {
        self.soon(Command::Leave);
        self.closed.cancel();
    }
}

impl Session {
    fn start(config: SessionConfig) -> Result<Arc<Self>, SnugError> {
        let (mut config, radio) = config.into_peer()?;
        let id = uuid::Uuid::new_v4().to_string();
        let me: ClientId = id.parse().expect("a UUID is a client id");
        config.client = Some(me.clone());
        let context = Context {
            me: me.clone(),
            secret: config.secret.clone(),
            nearby: radio.is_some(),
        };
        let _on_runtime = runtime()?.enter();
        let (peer, events) = Peer::start(config);
        let feed = Feed::new(events, context);
        Ok(Arc::new(Self {
            me,
            peer,
            radio,
            feed: Arc::new(Mutex::new(feed)),
            closed: CancellationToken::new(),
            in_background: AtomicBool::new(false),
        }))
    }

    async fn send(&self, body: Body) -> Result<(), SnugError> {
        let peer = self.peer.clone();
        self.run(async move {
            peer.send_body(body).await;
            Ok(())
        })
        .await
    }

    async fn command(&self, command: Command) -> Result<(), SnugError> {
        let peer = self.peer.clone();
        self.run(async move {
            peer.command(command).await;
            Ok(())
        })
        .await
    }

    /// Runs a call until it is done or the session is closed.
    async fn run<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, SnugError>> + Send + 'static,
    ) -> Result<T, SnugError> {
        let closed = self.closed.clone();
        run(async move {
            tokio::select! {
                biased;
                () = closed.cancelled() => Err(SnugError::Closed),
                outcome = call => outcome,
            }
        })
        .await
    }

    /// Has the peer do something, without waiting for it.
    fn soon(&self, command: Command) {
        let (peer, closed) = (self.peer.clone(), self.closed.clone());
        let Ok(runtime) = runtime() else { return };
        runtime.spawn(async move {
            let leaves = command == Command::Leave;
            tokio::select! {
                () = peer.command(command) => {}
                () = closed.cancelled(), if !leaves => {}
            }
        });
    }
}
