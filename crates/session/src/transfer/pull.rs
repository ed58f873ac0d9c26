//! The pieces that are asked for, and of whom.

mod choice;

use snug_protocol::{BulkFrame, ClientId, ControlFrame, Manifest, Range, TransferId};

use self::choice::Choice;
use super::{
    Cx, Members,
    member::{Member, Standing},
    meter::Meter,
    pace::Flow,
    pieces::{Blocks, HaveMap},
    wanted::Wanted,
};
use crate::{
    StoreOutput, Time,
    limits::{FELLOW_PATIENCE, PIECE_PATIENCE, SOURCE_TIMEOUT},
    maps::BTreeMap,
};

/// A file on its way in.
#[derive(Debug)]
pub(super) struct Pull {
    transfer: TransferId,
    manifest: Manifest,
    pub(super) wanted: Wanted,
    pub(super) have: HaveMap,
    pub(super) meter: Meter,
    arriving: BTreeMap<u32, Arriving>,
    /// Pieces to ask for before all others.
    priority: std::ops::Range<u32>,
    /// What those give who get the file themselves.
    fellows: Flow,
    /// When they last gave something, or the sender was last asked for something only it has.
    fed: Time,
    /// When something was first asked for.
    begun: Option<Time>,
    /// When patience ends while nothing is under way.
    look_again: Option<Time>,
    /// This member's key where pieces are divided among all.
    key: u64,
    /// Those before it that are this member's to fetch first have been asked for, or are with
    /// others.
    cursor: u32,
    /// Pieces asked for so far.
    asked: u32,
}

/// A piece that was asked for.
#[derive(Debug)]
struct Arriving {
    from: ClientId,
    asked: Time,
    /// Whether nothing else was under way from there.
    alone: bool,
    blocks: Blocks,
    bytes: u64,
    /// When something of it last came.
    moved: Time,
    /// Whether another source was asked before.
    again: bool,
}

impl Pull {
    pub(super) fn new(
        transfer: TransferId,
        manifest: Manifest,
        wanted: Wanted,
        have: HaveMap,
        key: u64,
    ) -> Self {
        let here = have.iter().filter(|piece| wanted.pieces.has(*piece));
        let bytes = here.map(|piece| manifest.piece_len(piece) as u64).sum();
        Self {
            transfer,
            manifest,
            wanted,
            have,
            meter: Meter::starting_at(bytes),
            arriving: BTreeMap::new(),
            priority: 0..0,
            fellows: Flow::default(),
            fed: Time::ZERO,
            begun: None,
            look_again: None,
            key,
            cursor: 0,
            asked: 0,
        }
    }

    /// Whether all that is wanted is here.
    pub(super) fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// The wanted pieces that are not here.
    pub(super) fn missing(&self) -> impl Iterator<Item = u32> {
        self.wanted.pieces.without(&self.have, 0)
    }

    /// Pieces under way.
    pub(super) fn under_way(&self) -> usize {
        self.arriving.len()
    }

    pub(super) fn prioritize(&mut self, pieces: std::ops::Range<u32>) {
        self.priority = pieces;
    }

    /// The members are others than before: what is whose is divided anew.
    pub(super) fn on_members_changed(&mut self) {
        self.cursor = 0;
    }

    /// Asks for at most `budget` pieces. Returns how many were asked for.
    pub(super) fn ask(&mut self, members: &mut Members, budget: usize, cx: &mut Cx<'_>) -> usize {
        let mut asked = 0;
        let mut sources = self.sources(members, cx);
        while asked < budget {
            let Some((at, piece)) = self.choose(&sources, members, cx.now) else {
                break;
            };
            let source = &mut sources[at];
            source.load += 1;
            let alone = source.load == 1;
            let peer = source.peer.clone();
            self.ask_one(piece, &peer, alone, false, members, cx);
            sources.retain(|source| source.load < source.window);
            asked += 1;
        }
        if asked == 0 && budget > 0 {
            self.ask_others_for_what_stands_still(&sources, members, cx);
        }
        let patient = self.arriving.is_empty() && cx.now < self.fed + FELLOW_PATIENCE;
        self.look_again = patient.then(|| self.fed + FELLOW_PATIENCE);
        asked
    }

    /// Bytes of a piece came.
    pub(super) fn on_block(
        &mut self,
        peer: &ClientId,
        frame: BulkFrame,
        members: &mut Members,
        cx: &mut Cx<'_>,
    ) -> Option<u32> {
        let BulkFrame {
            transfer,
            piece,
            offset,
            payload,
        } = frame;
        // What nobody asked for, or no longer wants, falls to the floor.
        let arriving = self.arriving.get_mut(&piece)?;
        let len = payload.len() as u64;
        if arriving.from != *peer || !arriving.blocks.take(offset as usize, payload.len()) {
            return None;
        }
        let first = arriving.bytes == 0;
        arriving.moved = cx.now;
        arriving.bytes += len;
        self.meter.add(len);
        let complete = arriving.blocks.is_complete();
        if let Some(member) = members.get_mut(peer) {
            if first && arriving.alone {
                member.pace.on_first(arriving.asked, cx.now);
            }
            if complete {
                member
                    .pace
                    .on_complete(arriving.bytes, arriving.asked, cx.now);
                member.standing = Standing::Good;
            }
            if !member.offers() {
                self.fellows.add(len, cx.now);
                self.fed = cx.now;
            }
        }
        cx.out.store(StoreOutput::WriteBlock {
            transfer,
            piece,
            offset,
            bytes: payload,
        });
        complete.then_some(piece)
    }

    /// A piece is verified and stored. Says whether it was awaited.
    pub(super) fn on_stored(&mut self, piece: u32) -> bool {
        self.arriving.remove(&piece).is_some() && self.have.set(piece)
    }

    /// A piece is not what it should be. Says who gave it.
    pub(super) fn on_corrupt(&mut self, piece: u32) -> Option<ClientId> {
        let arriving = self.arriving.remove(&piece)?;
        self.meter.take_back(arriving.bytes);
        Some(arriving.from)
    }

    /// What was asked of a member will not come, or is not wanted from there any more.
    pub(super) fn take_back(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        // If it can be reached it may not know, and others are asked for the same.
        self.unrequest_all(|arriving| arriving.from == *peer, cx);
        self.take_back_if(|_, arriving| arriving.from == *peer, cx);
    }

    /// These pieces will not come from a member.
    pub(super) fn take_back_pieces(&mut self, peer: &ClientId, pieces: Range, cx: &mut Cx<'_>) {
        let range = pieces.first..pieces.first.saturating_add(pieces.count);
        self.take_back_if(
            |piece, arriving| arriving.from == *peer && range.contains(&piece),
            cx,
        );
    }

    /// Nothing more is wanted for now: says so to those who were asked.
    pub(super) fn take_back_all(&mut self, cx: &mut Cx<'_>) {
        self.unrequest_all(|_| true, cx);
        self.take_back_if(|_, _| true, cx);
        self.look_again = None;
    }

    /// What was asked long ago and has not moved since is asked again, of others first.
    pub(super) fn on_silence(&mut self, members: &mut Members, cx: &mut Cx<'_>) {
        let now = cx.now;
        let late = |arriving: &Arriving| now >= arriving.moved + SOURCE_TIMEOUT;
        for (piece, arriving) in self.arriving.iter().filter(|(_, arriving)| late(arriving)) {
            // Or it would come one day, on top of what is asked for then.
            cx.tell(&arriving.from, &self.unrequest(*piece));
            if let Some(member) = members.get_mut(&arriving.from)
                && member.standing == Standing::Good
            {
                member.standing = Standing::Slow;
            }
        }
        self.take_back_if(|_, arriving| late(arriving), cx);
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        // The storage takes its time with what is complete.
        let coming = self.arriving.values().filter(|it| !it.blocks.is_complete());
        let oldest = coming.map(|arriving| arriving.moved).min();
        // Nothing moves without anything under way.
        let moving = oldest.map(|oldest| (oldest + SOURCE_TIMEOUT).min(self.meter.due()));
        moving.into_iter().chain(self.look_again).min()
    }

    fn ask_one(
        &mut self,
        piece: u32,
        source: &ClientId,
        alone: bool,
        again: bool,
        members: &Members,
        cx: &mut Cx<'_>,
    ) {
        let arriving = Arriving {
            from: source.clone(),
            asked: cx.now,
            alone,
            blocks: Blocks::new(self.manifest.piece_len(piece)),
            bytes: 0,
            moved: cx.now,
            again,
        };
        self.arriving.insert(piece, arriving);
        self.begun.get_or_insert(cx.now);
        self.asked = self.asked.wrapping_add(1);
        let (transfer, pieces) = (self.transfer, Range::one(piece));
        cx.tell(source, &ControlFrame::Request { transfer, pieces });
        let fellows = members.iter().filter(|(_, member)| member.pulls());
        for (peer, _) in fellows.filter(|(peer, _)| *peer != source) {
            cx.tell(peer, &ControlFrame::Asked { transfer, pieces });
        }
    }

    /// When there is nothing else to ask for, what one source is slow to give is asked of another.
    fn ask_others_for_what_stands_still(
        &mut self,
        sources: &[Source],
        members: &Members,
        cx: &mut Cx<'_>,
    ) {
        let now = cx.now;
        let still = |(_, arriving): &(&u32, &Arriving)| {
            !arriving.again
                && !arriving.blocks.is_complete()
                && now >= arriving.moved + PIECE_PATIENCE
        };
        let found = self
            .arriving
            .iter()
            .filter(still)
            .find_map(|(piece, from)| {
                let other = sources.iter().find(|source| {
                    let has = |member: &Member| member.have.has(*piece);
                    source.peer != from.from && members.get(&source.peer).is_some_and(has)
                });
                other.map(|other| (*piece, from.from.clone(), other.peer.clone()))
            });
        if let Some((piece, before, source)) = found {
            cx.tell(&before, &self.unrequest(piece));
            self.take_back_if(|at, _| at == piece, cx);
            self.ask_one(piece, &source, false, true, members, cx);
        }
    }

    fn unrequest_all(&self, which: impl Fn(&Arriving) -> bool, cx: &mut Cx<'_>) {
        for (piece, arriving) in &self.arriving {
            if which(arriving) && !arriving.blocks.is_complete() {
                cx.tell(&arriving.from, &self.unrequest(*piece));
            }
        }
    }

    fn unrequest(&self, piece: u32) -> ControlFrame {
        ControlFrame::Unrequest {
            transfer: self.transfer,
            pieces: Range::one(piece),
        }
    }

    /// Forgets what will not come, so that it is asked for again.
    fn take_back_if(&mut self, lost: impl Fn(u32, &Arriving) -> bool, cx: &mut Cx<'_>) {
        // A piece that is complete is with the storage already.
        let lost = |(piece, arriving): &(&u32, &Arriving)| {
            !arriving.blocks.is_complete() && lost(**piece, arriving)
        };
        let gone: Vec<u32> = self.arriving.iter().filter(lost).map(|(p, _)| *p).collect();
        for piece in gone {
            if let Some(arriving) = self.arriving.remove(&piece) {
                self.meter.take_back(arriving.bytes);
                let transfer = self.transfer;
                cx.out.store(StoreOutput::DiscardPiece { transfer, piece });
                self.cursor = self.cursor.min(piece);
            }
        }
    }

    /// Those who may be asked for more, in the order in which they should be.
    fn sources(&self, members: &Members, cx: &Cx<'_>) -> Vec<Source> {
        let linked = members.iter().filter_map(|(peer, member)| {
            let gives = cx.links.contains_key(peer) && member.gives() && !member.have.is_empty();
            gives.then_some((peer, member))
        });
        let mut sources: Vec<Source> = linked
            .map(|(peer, member)| {
                let from_there = self.arriving.values().filter(|it| it.from == *peer);
                let window = match member.standing {
                    Standing::Good => member.pace.window(),
                    Standing::Slow | Standing::Banned => 1,
                };
                Source {
                    peer: peer.clone(),
                    // The sender's upload is what everyone waits for: what others have is asked of
                    // them first.
                    rank: (member.standing == Standing::Slow, member.offers()),
                    load: from_there.count(),
                    window,
                }
            })
            .filter(|source| source.load < source.window)
            .collect();
        sources.sort_by_key(|source| (source.rank, source.load));
        sources
    }

    /// What to ask for next, and of which source.
    fn choose(&mut self, sources: &[Source], members: &Members, now: Time) -> Option<(usize, u32)> {
        let choice = Choice::new(self, members, now);
        let urgent = sources.iter().zip(0..).find_map(|(source, at)| {
            let piece = choice.urgent(members.get(&source.peer)?)?;
            Some((at, piece))
        });
        urgent.or_else(|| {
            let mut sources = sources.iter().zip(0..);
            sources.find_map(|(source, at)| {
                let piece = self.choose_from(members.get(&source.peer)?, members, now)?;
                Some((at, piece))
            })
        })
    }

    fn choose_from(&mut self, source: &Member, members: &Members, now: Time) -> Option<u32> {
        let choice = Choice::new(self, members, now);
        if !source.offers() {
            return choice.rarest(source);
        }
        let (own, cursor) = choice.own(source);
        let piece = match own.or_else(|| choice.left_over(source)) {
            Some(piece) => piece,
            None if self.needs_help(source, now) => {
                let choice = Choice::new(self, members, now);
                let free = choice.unclaimed(source);
                free.or_else(|| choice.rarest(source))?
            }
            None => {
                self.cursor = cursor;
                return None;
            }
        };
        self.cursor = cursor;
        self.fed = now;
        Some(piece)
    }

    /// Whether those who get the file themselves give too little to wait for.
    fn needs_help(&mut self, sender: &Member, now: Time) -> bool {
        let rate = sender.pace.rate().unwrap_or_default();
        now >= self.fed + FELLOW_PATIENCE || self.fellows.rate(now) < rate / 2.0
    }
}

/// A member that may be asked.
#[derive(Debug)]
struct Source {
    peer: ClientId,
    rank: (bool, bool),
    /// Pieces under way from there.
    load: usize,
    /// Pieces that may be.
    window: usize,
}
