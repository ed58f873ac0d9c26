//! How far something has got, as a bar.

use crate::{
    style::Line,
    units::{bytes, percent},
};

/// What a progress bar shows.
#[derive(Debug)]
pub(super) struct Bar {
    /// What moves.
    pub(super) label: String,
    /// Bytes so far.
    pub(super) bytes: u64,
    /// Bytes in all.
    pub(super) total: u64,
    /// How fast it goes.
    pub(super) speed: String,
}

/// Columns of the bar itself, if there is room.
const BAR_COLUMNS: usize = 20;

impl Bar {
    /// The bar, at most so wide.
    pub(super) fn line(&self, columns: usize) -> Line {
        let percent = percent(self.bytes, self.total);
        let numbers = format!(
            " {percent:>3} %  {} of {}  {}",
            bytes(self.bytes.min(self.total)),
            bytes(self.total),
            self.speed
        );
        let label = Line::new().plain(self.label.clone());
        let room = columns.saturating_sub(numbers.chars().count() + 1);
        let bar = if room >= BAR_COLUMNS + 16 {
            BAR_COLUMNS
        } else {
            0
        };
        let label = label.cut(room - bar);
        let line = label.plain(" ");
        let done = usize::from(percent) * bar / 100;
        line.good("━".repeat(done))
            .dim("─".repeat(bar - done))
            .plain(numbers.trim_end())
            .cut(columns)
    }
}
