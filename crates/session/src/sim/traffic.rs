//! What happens to the bytes of files on their way, and how often they arrive.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Bytes, BytesMut};
use rand::RngExt as _;
use snug_protocol::{
    BulkFrame, TransferId,
    limits::{BULK_PAYLOAD_BYTES, PIECE_BYTES},
};

use super::Network;
use crate::{StoreOutput, Time};

/// The bulk frames of everyone.
#[derive(Debug)]
pub(super) struct Traffic {
    /// Bytes a second that each member can send, and some of them in particular.
    uplink: Option<u64>,
    uplinks: BTreeMap<usize, u64>,
    /// When each member's uplink is free.
    free: BTreeMap<usize, Time>,
    duplication: f64,
    loss: f64,
    corruption: f64,
    /// What changes more than others do: from one member to another.
    corrupting: BTreeMap<(usize, usize), f64>,
    /// The ways on which something was changed.
    corrupted: BTreeSet<(usize, usize)>,
    /// What was offered.
    originals: BTreeMap<TransferId, Vec<u8>>,
    /// How often each block of a piece has come to a member as it should be.
    arrivals: BTreeMap<(usize, TransferId, u32), Vec<usize>>,
    /// Whether a member is hearing a frame that has just been counted.
    counted: bool,
    pub(super) shares: bool,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            uplink: None,
            uplinks: BTreeMap::new(),
            free: BTreeMap::new(),
            duplication: 0.0,
            loss: 0.0,
            corruption: 0.0,
            corrupting: BTreeMap::new(),
            corrupted: BTreeSet::new(),
            originals: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            counted: false,
            shares: true,
        }
    }
}

impl Network {
    /// Bounds what each member can send on `bulk`, in bytes a second.
    pub fn set_uplink(&mut self, bytes_a_second: u64) {
        self.traffic.uplink = Some(bytes_a_second);
    }

    /// Bounds what one member can send on `bulk`, in bytes a second.
    pub fn set_uplink_of(&mut self, node: usize, bytes_a_second: u64) {
        self.traffic.uplinks.insert(node, bytes_a_second);
    }

    /// Delivers some bulk frames twice.
    pub fn set_duplication(&mut self, share: f64) {
        self.traffic.duplication = share;
    }

    /// Drops some bulk frames. A reliable channel does not: to the receiver it is as if the source
    /// had left them out.
    pub fn set_bulk_loss(&mut self, share: f64) {
        self.traffic.loss = share;
    }

    /// Changes a bit of some bulk frames, anywhere in them.
    pub fn set_corruption(&mut self, share: f64) {
        self.traffic.corruption = share;
    }

    /// Changes a bit of some of the bulk frames from one member to another.
    pub fn set_corruption_between(&mut self, from: usize, to: usize, share: f64) {
        self.traffic.corrupting.insert((from, to), share);
    }

    /// Nothing more happens to bulk frames.
    pub fn spare_bulk(&mut self) {
        let traffic = &mut self.traffic;
        (traffic.duplication, traffic.loss, traffic.corruption) = (0.0, 0.0, 0.0);
        traffic.corrupting.clear();
    }

    /// Whether anything was ever changed on its way from one member to another.
    pub fn was_corrupted(&self, from: usize, to: usize) -> bool {
        self.traffic.corrupted.contains(&(from, to))
    }

    /// How often a piece of something offered has come, byte for byte as it should be, to some
    /// members taken together: as often as that one of its blocks that came most rarely. What the
    /// network itself doubled counts once.
    pub fn arrivals(&self, nodes: &[usize], transfer: TransferId, piece: u32) -> usize {
        let at = |node: &usize| self.traffic.arrivals.get(&(*node, transfer, piece));
        let mut sum = Vec::new();
        for blocks in nodes.iter().filter_map(at) {
            sum.resize(blocks.len(), 0);
            for (sum, times) in sum.iter_mut().zip(blocks) {
                *sum += times;
            }
        }
        sum.into_iter().min().unwrap_or_default()
    }

    /// Notes what offered bytes should be.
    pub(super) fn note_original(&mut self, transfer: TransferId, bytes: &[u8]) {
        let originals = &mut self.traffic.originals;
        originals.entry(transfer).or_insert_with(|| bytes.to_vec());
    }

    /// When a bulk frame that is sent now has left its sender.
    pub(super) fn departure(&mut self, node: usize, frame: &Bytes) -> Time {
        let own = self.traffic.uplinks.get(&node).copied();
        let Some(rate) = own.or(self.traffic.uplink) else {
            return self.now;
        };
        let free = self.traffic.free.entry(node).or_default();
        let nanos = frame.len() as u64 * 1_000_000_000 / rate;
        *free = (*free).max(self.now) + std::time::Duration::from_nanos(nanos);
        *free
    }

    /// How often a frame arrives.
    pub(super) fn copies(&mut self) -> usize {
        let lost = self.traffic.loss > 0.0 && self.rng.random_bool(self.traffic.loss);
        if lost {
            return 0;
        }
        1 + usize::from(self.rng.random_bool(self.traffic.duplication))
    }

    /// A frame as it arrives.
    pub(super) fn weather(&mut self, from: usize, to: usize, frame: Bytes) -> Bytes {
        let between = self.traffic.corrupting.get(&(from, to)).copied();
        let share = between.unwrap_or(self.traffic.corruption);
        if frame.is_empty() || !self.rng.random_bool(share) {
            return frame;
        }
        self.traffic.corrupted.insert((from, to));
        let bit = self.rng.random_range(0..frame.len() * 8);
        let mut frame = BytesMut::from(frame);
        frame[bit / 8] ^= 1 << (bit % 8);
        frame.freeze()
    }

    /// A bulk frame reaches a member without the server.
    pub(super) fn on_bulk_arrived(&mut self, node: usize, frame: &Bytes) {
        if let Ok(frame) = BulkFrame::decode(frame) {
            let BulkFrame {
                transfer,
                piece,
                offset,
                payload,
            } = frame;
            self.traffic
                .count(node, transfer, piece, offset as usize, &payload);
        }
        self.traffic.counted = true;
    }

    /// The member has dealt with it.
    pub(super) fn on_bulk_heard(&mut self) {
        self.traffic.counted = false;
    }

    /// A member keeps something: what came through the server is sealed and not seen before.
    pub(super) fn on_written(&mut self, node: usize, output: &StoreOutput) {
        if let StoreOutput::WriteBlock {
            transfer,
            piece,
            offset,
            bytes,
        } = output
            && !self.traffic.counted
        {
            self.traffic
                .count(node, *transfer, *piece, *offset as usize, bytes);
        }
    }
}

impl Traffic {
    fn count(
        &mut self,
        node: usize,
        transfer: TransferId,
        piece: u32,
        offset: usize,
        payload: &[u8],
    ) {
        let Some(original) = self.originals.get(&transfer) else {
            return;
        };
        let start = piece as usize * PIECE_BYTES;
        let here = start + offset;
        if !offset.is_multiple_of(BULK_PAYLOAD_BYTES)
            || original.get(here..here + payload.len()) != Some(payload)
        {
            return;
        }
        let blocks = (original.len() - start)
            .min(PIECE_BYTES)
            .div_ceil(BULK_PAYLOAD_BYTES);
        let key = (node, transfer, piece);
        let arrivals = self.arrivals.entry(key).or_insert_with(|| vec![0; blocks]);
        if let Some(times) = arrivals.get_mut(offset / BULK_PAYLOAD_BYTES) {
            *times += 1;
        }
    }
}
