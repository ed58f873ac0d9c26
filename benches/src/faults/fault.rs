//! What goes wrong.

use std::time::Duration;

use crate::netns::Line;

/// Something that goes wrong during a transfer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// Size of the file: what takes seconds rather than minutes.
    pub(super) mib: u64,
    /// What the receiver's line is like all the time, each way.
    pub(super) line: Option<Line>,
    /// What happens once half of it is there.
    pub(super) midway: Midway,
}

/// What happens once half of it is there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Midway {
    Nothing,
    /// The receiver's cable is pulled, for so long.
    Partition(Duration),
    /// The receiver's machine has another address instead of the one it had.
    OtherAddress,
    /// The disk is full. There is room again for a second try.
    DiskFull,
    /// The receiver is killed, and started again.
    ReceiverKilled,
    /// The sender is killed, and started again.
    SenderKilled,
}

impl Fault {
    /// Nothing at all, to compare with.
    pub(super) const fn none(mib: u64) -> Self {
        Self {
            name: "nothing",
            mib,
            line: None,
            midway: Midway::Nothing,
        }
    }

    const fn line(name: &'static str, mib: u64, line: Line) -> Self {
        Self {
            name,
            line: Some(line),
            ..Self::none(mib)
        }
    }

    const fn midway(name: &'static str, midway: Midway) -> Self {
        Self {
            name,
            midway,
            ..Self::none(20)
        }
    }
}

pub(super) const ALL: [Fault; 13] = [
    Fault::line("1 % loss", 20, loss(0.01)),
    Fault::line("5 % loss", 20, loss(0.05)),
    Fault::line("20 % loss", 2, loss(0.2)),
    Fault::line("300 ± 100 ms, in order", 20, DELAY),
    Fault::line(
        "300 ± 100 ms, each packet by itself",
        20,
        Line {
            overtaking: true,
            ..DELAY
        },
    ),
    Fault::line(
        "25 % reordered by 10 ms",
        20,
        Line {
            reordering: 0.25,
            delay: Duration::from_millis(10),
            ..Line::GOOD
        },
    ),
    Fault::line(
        "10 % duplicated",
        20,
        Line {
            duplication: 0.1,
            ..Line::GOOD
        },
    ),
    Fault::midway(
        "60 s without the cable",
        Midway::Partition(Duration::from_mins(1)),
    ),
    Fault::midway("another address", Midway::OtherAddress),
    Fault::midway("the disk is full", Midway::DiskFull),
    Fault::midway("receiver killed", Midway::ReceiverKilled),
    Fault::midway("sender killed", Midway::SenderKilled),
    Fault::line("a good line, carried the same way", 20, Line::GOOD),
];

const DELAY: Line = Line {
    delay: Duration::from_millis(300),
    jitter: Duration::from_millis(100),
    ..Line::GOOD
};

const fn loss(share: f64) -> Line {
    Line {
        loss: share,
        ..Line::GOOD
    }
}
