//! Files on offer, and how far they have got.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use snug_protocol::{ClientId, Offer, TransferId};
use snug_session::Progress;

use crate::{
    happening::Own,
    harmless::harmless,
    style::Line,
    units::{bytes, clock, count, percent, rate},
};

/// Everything that was offered, numbered from 1.
#[derive(Debug, Default)]
pub(crate) struct Files {
    by_number: BTreeMap<u32, File>,
    hashing: BTreeMap<PathBuf, (u64, u64)>,
    last: u32,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// What people call it here.
    pub(crate) number: u32,
    /// What programs call it.
    pub(crate) transfer: TransferId,
    /// Its name, harmless.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Who offers it; empty when it is one's own.
    pub(crate) from: BTreeSet<ClientId>,
    /// What became of it.
    pub(crate) state: State,
    moving: BTreeMap<Option<ClientId>, Moving>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// On offer; nobody has asked for it here.
    Offered,
    /// On its way, or about to be.
    Accepted,
    /// Here in full, or not wanted, or withdrawn.
    Over,
}

#[derive(Debug, Clone)]
struct Moving {
    progress: Progress,
    stalled: bool,
}

/// Files that can be pointed at. An attacker may offer a million.
const FILES: usize = 4096;

impl Files {
    /// Takes note of a file on offer by someone else. `None` if it was known already.
    pub(crate) fn offered(
        &mut self,
        transfer: TransferId,
        from: &ClientId,
        offer: &Offer,
    ) -> Option<&File> {
        if let Some(known) = self.find_mut(transfer)
            && known.state != State::Over
        {
            known.from.insert(from.clone());
            return None;
        }
        let name = harmless(offer.name.as_str());
        let file = self.add(transfer, name, offer.manifest.size());
        file.from.insert(from.clone());
        Some(file)
    }

    /// Takes note of one's own file on offer.
    pub(crate) fn offering(&mut self, own: &Own) -> &File {
        self.hashing.remove(&own.path);
        let file = self.add(own.transfer, file_name(&own.path), own.size);
        file.state = State::Accepted;
        file
    }

    /// Takes note of how much of a file was hashed.
    pub(crate) fn hashing(&mut self, path: &Path, bytes: u64, total: u64) {
        self.hashing.insert(path.to_owned(), (bytes, total));
    }

    /// Takes note that a file will not be offered.
    pub(crate) fn not_hashing(&mut self, path: &Path) {
        self.hashing.remove(path);
    }

    /// Takes note that a file moved.
    pub(crate) fn progress(&mut self, progress: &Progress) {
        if let Some(file) = self.find_mut(progress.transfer) {
            let moving = Moving {
                progress: progress.clone(),
                stalled: false,
            };
            file.moving.insert(progress.to.clone(), moving);
        }
    }

    /// Takes note that a file waits for someone.
    pub(crate) fn stalled(&mut self, transfer: TransferId) {
        if let Some(file) = self.find_mut(transfer) {
            file.moving.values_mut().for_each(|it| it.stalled = true);
        }
    }

    /// Takes note that a file stopped moving, to one receiver or to oneself.
    pub(crate) fn stopped(&mut self, transfer: TransferId, to: Option<&ClientId>) {
        if let Some(file) = self.find_mut(transfer) {
            file.moving.remove(&to.cloned());
            if to.is_none() {
                file.moving.clear();
                file.state = State::Over;
            }
        }
    }

    /// Takes note that a file was asked for, or not wanted.
    pub(crate) fn set_state(&mut self, transfer: TransferId, state: State) {
        if let Some(file) = self.find_mut(transfer) {
            file.state = state;
        }
    }

    /// Takes note that someone is gone.
    pub(crate) fn person_left(&mut self, person: &ClientId) {
        for file in self.by_number.values_mut() {
            file.moving.remove(&Some(person.clone()));
        }
    }

    /// The latest file of that id.
    pub(crate) fn find(&self, transfer: TransferId) -> Option<&File> {
        let mut files = self.by_number.values().rev();
        files.find(|file| file.transfer == transfer)
    }

    /// The file of that number.
    pub(crate) fn number(&self, number: u32) -> Option<&File> {
        self.by_number.get(&number)
    }

    /// All files, by number.
    pub(crate) fn all(&self) -> impl Iterator<Item = &File> {
        self.by_number.values()
    }

    /// How many files there were, and how large.
    pub(crate) fn tally(&self) -> String {
        let files = count(self.by_number.len(), "file", "files");
        let sizes = self.by_number.values().map(|file| file.size);
        format!("{files}, {}", bytes(sizes.fold(0, u64::saturating_add)))
    }

    /// Files of others that wait for an answer.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &File> {
        let files = self.by_number.values();
        files.filter(|file| file.state == State::Offered && !file.from.is_empty())
    }

    /// One line for every file that moves, at most `columns` wide.
    pub(crate) fn bars(&self, columns: usize, name: impl Fn(&ClientId) -> String) -> Vec<Line> {
        let hashing = self.hashing.iter().map(|(path, (bytes, total))| Bar {
            label: format!("reading {}", file_name(path)),
            bytes: *bytes,
            total: *total,
            speed: String::new(),
        });
        let moving = self.by_number.values().flat_map(|file| {
            let name = &name;
            file.moving.values().map(move |moving| Bar {
                label: match &moving.progress.to {
                    Some(to) => format!("↑ {} to {}", file.name, name(to)),
                    None => format!("↓ {}", file.name),
                },
                bytes: moving.progress.bytes,
                total: moving.progress.total,
                speed: moving.speed(),
            })
        });
        hashing.chain(moving).map(|bar| bar.line(columns)).collect()
    }

    fn add(&mut self, transfer: TransferId, name: String, size: u64) -> &mut File {
        if self.by_number.len() == FILES {
            self.by_number.pop_first();
        }
        self.last += 1;
        let file = File {
            number: self.last,
            transfer,
            name,
            size,
            from: BTreeSet::new(),
            state: State::Offered,
            moving: BTreeMap::new(),
        };
        self.by_number
            .entry(self.last)
            .insert_entry(file)
            .into_mut()
    }

    fn find_mut(&mut self, transfer: TransferId) -> Option<&mut File> {
        let mut files = self.by_number.values_mut().rev();
        files.find(|file| file.transfer == transfer)
    }
}

impl File {
    /// Whether it can be stopped: it is on its way, or one's own.
    pub(crate) fn is_moving(&self) -> bool {
        self.state == State::Accepted || !self.moving.is_empty()
    }

    /// Whether it is one's own, and others may still fetch it.
    pub(crate) fn is_own_offer(&self) -> bool {
        self.state == State::Accepted && self.from.is_empty()
    }

    /// `[1] holiday.mp4 (12.3 MB)`.
    pub(crate) fn line(&self) -> Line {
        Line::new()
            .dim(format!("[{}] ", self.number))
            .bold(self.name.clone())
            .plain(format!(" ({})", bytes(self.size)))
    }
}

impl Moving {
    fn speed(&self) -> String {
        if self.stalled {
            return "waiting".to_owned();
        }
        let mut speed = rate(self.progress.rate);
        if let Some(eta) = self.progress.eta {
            speed = format!("{speed} {} left", clock(eta));
        }
        speed
    }
}

/// What a progress bar shows.
struct Bar {
    label: String,
    bytes: u64,
    total: u64,
    speed: String,
}

/// Columns of the bar itself, if there is room.
const BAR_COLUMNS: usize = 20;

impl Bar {
    fn line(&self, columns: usize) -> Line {
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

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    harmless(&name.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use snug_protocol::{FileName, Hash, Manifest};

    use super::*;

    fn ann() -> ClientId {
        "ann".parse().unwrap()
    }

    fn offer(name: &str, size: u64) -> Offer {
        let manifest = Manifest::new(size, Hash::of(name.as_bytes())).unwrap();
        Offer::of_file(FileName::sanitize(name), manifest)
    }

    fn progress(transfer: TransferId, bytes: u64, total: u64) -> Progress {
        Progress {
            transfer,
            to: None,
            bytes,
            total,
            rate: 4_500_000.0,
            eta: Some(Duration::from_secs(65)),
        }
    }

    #[test]
    fn files_are_numbered_once() {
        let mut files = Files::default();
        let offer = offer("a.txt", 5);
        let transfer = offer.transfer();
        let first = files.offered(transfer, &ann(), &offer).unwrap();
        assert_eq!(first.line().text(), "[1] a.txt (5 B)");
        assert!(
            files
                .offered(transfer, &"bob".parse().unwrap(), &offer)
                .is_none()
        );
        assert_eq!(files.waiting().count(), 1);
        files.stopped(transfer, None);
        assert_eq!(files.waiting().count(), 0);
        assert_eq!(files.offered(transfer, &ann(), &offer).unwrap().number, 2);
    }

    #[test]
    fn bars_fit_the_terminal() {
        let mut files = Files::default();
        let offer = offer(&"long-name-".repeat(10), 10_000_000);
        files.offered(offer.transfer(), &ann(), &offer);
        files.progress(&progress(offer.transfer(), 2_500_000, 10_000_000));
        let name = |_: &ClientId| "Ann".to_owned();
        assert_eq!(
            files.bars(100, name)[0].text(),
            "↓ long-name-long-name-long-name-l… ━━━━━───────────────  25 %  2.5 MB of 10.0 MB  \
             4.5 MB/s 1:05 left"
        );
        for columns in 0..120 {
            assert!(files.bars(columns, name)[0].width() <= columns, "{columns}");
        }
        files.stalled(offer.transfer());
        assert!(files.bars(100, name)[0].text().ends_with("waiting"));
    }

    #[test]
    fn offers_without_end_are_forgotten() {
        let mut files = Files::default();
        for number in 0..5000_u32 {
            let offer = offer(&number.to_string(), 1);
            files.offered(offer.transfer(), &ann(), &offer);
        }
        assert_eq!(files.all().count(), FILES);
    }
}
