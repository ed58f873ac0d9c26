//! A member's simulated files, in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use snug_protocol::{Manifest, TransferId, limits::PIECE_BYTES};

use crate::{StoreInput, StoreOutput};

/// Files offered and received.
#[derive(Debug, Default)]
pub struct Store {
    sources: BTreeMap<TransferId, Vec<u8>>,
    sinks: BTreeMap<TransferId, Sink>,
    received: BTreeMap<TransferId, Vec<u8>>,
    reads: BTreeMap<(TransferId, u32), usize>,
    lies: bool,
    full: bool,
}

#[derive(Debug)]
struct Sink {
    manifest: Manifest,
    bytes: Vec<u8>,
}

impl Store {
    /// Sends other bytes than were offered from now on.
    pub fn lie(&mut self) {
        self.lies = true;
    }

    /// Has no room from now on.
    pub fn fill_up(&mut self) {
        self.full = true;
    }

    /// An offered file vanishes.
    pub fn lose_source(&mut self, transfer: TransferId) {
        self.sources.remove(&transfer);
    }

    /// A file that arrived whole.
    pub fn received(&self, transfer: TransferId) -> Option<&[u8]> {
        self.received.get(&transfer).map(Vec::as_slice)
    }

    /// Files that are neither whole nor given up.
    pub fn unfinished(&self) -> usize {
        self.sinks.len()
    }

    /// How often a piece was read for somebody.
    pub fn reads(&self, transfer: TransferId, piece: u32) -> usize {
        self.reads
            .get(&(transfer, piece))
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn add_source(&mut self, transfer: TransferId, bytes: Vec<u8>) {
        self.sources.insert(transfer, bytes);
    }

    pub(super) fn handle(&mut self, output: StoreOutput) -> Option<StoreInput> {
        match output {
            StoreOutput::ReadPiece {
                transfer,
                piece,
                link,
            } => {
                *self.reads.entry((transfer, piece)).or_default() += 1;
                let Some(bytes) = self.read(transfer, piece) else {
                    let reason = "no such file".into();
                    return Some(StoreInput::SourceFailed { transfer, reason });
                };
                Some(StoreInput::PieceRead {
                    transfer,
                    piece,
                    link,
                    bytes,
                })
            }
            StoreOutput::CloseSource { transfer } => {
                self.sources.remove(&transfer);
                None
            }
            StoreOutput::OpenSink { transfer, .. } if self.full => {
                let reason = "no space left".into();
                Some(StoreInput::SinkFailed { transfer, reason })
            }
            StoreOutput::OpenSink {
                transfer, offer, ..
            } => {
                let manifest = offer.manifest;
                let size = usize::try_from(manifest.size()).expect("tests use small files");
                self.sinks.insert(
                    transfer,
                    Sink {
                        manifest,
                        bytes: vec![0; size],
                    },
                );
                Some(StoreInput::SinkOpened {
                    transfer,
                    have: Vec::new(),
                    hashes: None,
                })
            }
            StoreOutput::WriteBlock {
                transfer,
                piece,
                offset,
                bytes,
            } => {
                let sink = self.sinks.get_mut(&transfer).expect("a sink was opened");
                let start = piece as usize * PIECE_BYTES + offset as usize;
                sink.bytes[start..start + bytes.len()].copy_from_slice(&bytes);
                None
            }
            StoreOutput::FinishPiece {
                transfer, piece, ..
            } if self.full => {
                let reason = format!("no space left for piece {piece}");
                Some(StoreInput::SinkFailed { transfer, reason })
            }
            StoreOutput::FinishPiece {
                transfer,
                piece,
                expected,
            } => {
                let sink = self.sinks.get(&transfer).expect("a sink was opened");
                let start = piece as usize * PIECE_BYTES;
                let bytes = &sink.bytes[start..start + sink.manifest.piece_len(piece)];
                Some(if sink.manifest.verify_piece(piece, &expected, bytes) {
                    StoreInput::PieceStored { transfer, piece }
                } else {
                    StoreInput::PieceCorrupt { transfer, piece }
                })
            }
            StoreOutput::DiscardPiece { .. } | StoreOutput::KeepHashes { .. } => None,
            StoreOutput::FinishSink { transfer } => {
                let sink = self.sinks.remove(&transfer).expect("a sink was opened");
                self.received.insert(transfer, sink.bytes);
                Some(StoreInput::SinkFinished {
                    transfer,
                    place: None,
                })
            }
            StoreOutput::SuspendSink { transfer } | StoreOutput::DiscardSink { transfer } => {
                self.sinks.remove(&transfer);
                None
            }
        }
    }

    fn read(&self, transfer: TransferId, piece: u32) -> Option<Bytes> {
        let source = self.sources.get(&transfer)?;
        let start = piece as usize * PIECE_BYTES;
        let mut bytes = source
            .get(start..source.len().min(start + PIECE_BYTES))?
            .to_vec();
        if self.lies {
            bytes[0] ^= 1;
        }
        Some(bytes.into())
    }
}
