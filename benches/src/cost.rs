//! What a copy costs.

use crate::{
    histogram::median,
    usage::{PeakMemory, children_seconds},
};

/// The cost of one copy, or the medians of several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    /// Processor seconds of both sides.
    pub(crate) processor: f64,
    pub(crate) sender_mb: f64,
    pub(crate) receiver_mb: f64,
}

impl Cost {
    /// Each figure's median.
    pub(crate) fn median(costs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(&costs.iter().map(figure).collect::<Vec<_>>());
        Self {
            seconds: of(|cost| cost.seconds),
            processor: of(|cost| cost.processor),
            sender_mb: of(|cost| cost.sender_mb),
            receiver_mb: of(|cost| cost.receiver_mb),
        }
    }

    /// The larger peak of the two sides, in MB.
    pub(crate) fn peak_mb(&self) -> f64 {
        self.sender_mb.max(self.receiver_mb)
    }
}

/// Counts what two processes cost from here on.
#[derive(Debug)]
pub(crate) struct Meter {
    before: f64,
    sender: PeakMemory,
    receiver: PeakMemory,
}

impl Meter {
    /// `before` is what ended children had taken before both began.
    pub(crate) fn watch(before: f64, sender: u32, receiver: u32) -> Self {
        Self {
            before,
            sender: PeakMemory::watch(sender),
            receiver: PeakMemory::watch(receiver),
        }
    }

    /// What it came to, both having ended, in so many seconds.
    pub(crate) fn total(self, seconds: f64) -> Cost {
        Cost {
            seconds,
            processor: children_seconds() - self.before,
            sender_mb: self.sender.megabytes(),
            receiver_mb: self.receiver.megabytes(),
        }
    }
}
