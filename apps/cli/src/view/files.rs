//! Files on offer, and how far they have got.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use snug_protocol::{ClientId, Listing, Offer, Preview, TransferId};
use snug_session::Progress;

use super::bar::Bar;
use crate::{
    happening::Own,
    harmless::harmless,
    style::Line,
    units::{and_more, bytes, clock, count, rate},
};

/// Everything that was offered, numbered from 1.
#[derive(Debug, Default)]
pub(crate) struct Files {
    by_number: BTreeMap<u32, File>,
    hashing: BTreeMap<Vec<PathBuf>, (u64, u64)>,
    last: u32,
}

/// What was offered at once: a file, or several.
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
    /// Bytes of it that are wanted here.
    wanted: u64,
    /// Files in it.
    pub(crate) files: usize,
    /// What they are, unless they are one's own, or not to be had any more.
    pub(crate) listing: Option<Arc<Listing>>,
    /// Its media type, if it is one file of a known one.
    pub(crate) media_type: String,
    /// How it looks, in words; nothing if that is unknown.
    look: String,
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
    /// On its way, and nothing is asked for now.
    Paused,
    /// Here, as far as it was wanted.
    Here,
    /// Not wanted, withdrawn, or failed.
    Over,
}

#[derive(Debug, Clone)]
struct Moving {
    progress: Progress,
    pace: Pace,
}

/// What keeps a file from moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Moving,
    /// Somebody has to come back.
    Stalled,
    /// Somebody with the rest has to come.
    Stranded,
    /// What is here is looked through first.
    Checking,
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
        listing: &Arc<Listing>,
    ) -> Option<&File> {
        if let Some(known) = self.find_mut(transfer)
            && known.state != State::Over
        {
            known.from.insert(from.clone());
            return None;
        }
        let name = harmless(offer.name.as_str());
        let file = self.add(transfer, name, offer.manifest.size());
        file.files = listing.files();
        file.listing = Some(listing.clone());
        offer.media_type().clone_into(&mut file.media_type);
        file.look = offer.preview.as_ref().map(look).unwrap_or_default();
        file.from.insert(from.clone());
        Some(file)
    }

    /// Takes note of one's own file on offer.
    pub(crate) fn offering(&mut self, own: &Own) -> &File {
        self.hashing.remove(&own.paths);
        let file = self.add(own.transfer, names(&own.paths), own.size);
        file.files = own.files;
        file.state = State::Accepted;
        file
    }

    /// Takes note of how much of one's own files was hashed.
    pub(crate) fn hashing(&mut self, paths: &[PathBuf], bytes: u64, total: u64) {
        self.hashing.insert(paths.to_owned(), (bytes, total));
    }

    /// Takes note that they will not be offered.
    pub(crate) fn not_hashing(&mut self, paths: &[PathBuf]) {
        self.hashing.remove(paths);
    }

    /// Takes note that a file moved.
    pub(crate) fn progress(&mut self, progress: &Progress) {
        if let Some(file) = self.find_mut(progress.transfer) {
            file.on_progress(progress.clone(), Pace::Moving);
        }
    }

    /// Takes note of how much of what an earlier try left was checked.
    pub(crate) fn checking(&mut self, transfer: TransferId, bytes: u64, total: u64) {
        let progress = Progress {
            transfer,
            to: None,
            bytes,
            total,
            rate: 0.0,
            eta: None,
        };
        if let Some(file) = self.find_mut(transfer) {
            file.on_progress(progress, Pace::Checking);
        }
    }

    /// Takes note that a file waits for someone to come back.
    pub(crate) fn stalled(&mut self, transfer: TransferId) {
        self.set_pace(transfer, Pace::Stalled);
    }

    /// Takes note that a file waits for someone with the rest.
    pub(crate) fn stranded(&mut self, transfer: TransferId) {
        self.set_pace(transfer, Pace::Stranded);
    }

    fn set_pace(&mut self, transfer: TransferId, pace: Pace) {
        if let Some(file) = self.find_mut(transfer) {
            file.moving.values_mut().for_each(|it| it.pace = pace);
        }
    }

    /// Takes note that a file does not move to a receiver any more.
    pub(crate) fn stopped(&mut self, transfer: TransferId, to: &ClientId) {
        if let Some(file) = self.find_mut(transfer) {
            file.moving.remove(&Some(to.clone()));
        }
    }

    /// Takes note of what became of a file.
    pub(crate) fn set_state(&mut self, transfer: TransferId, state: State) {
        if let Some(file) = self.find_mut(transfer) {
            file.set_state(state);
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

    /// How many files there were, unless only some of an offer were wanted, and how large.
    pub(crate) fn tally(&self) -> String {
        let files = || self.by_number.values().filter(|file| file.has_moved());
        let sizes = files().map(|file| file.wanted);
        let size = bytes(sizes.fold(0, u64::saturating_add));
        if files().any(|file| file.wanted != file.size) {
            return size;
        }
        let number = files().map(|file| file.files).sum();
        format!("{}, {size}", count(number, "file", "files"))
    }

    /// Files of others that wait for an answer.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &File> {
        let files = self.by_number.values();
        files.filter(|file| file.state == State::Offered && !file.from.is_empty())
    }

    /// One line for every file that moves, at most `columns` wide.
    pub(crate) fn bars(&self, columns: usize, name: impl Fn(&ClientId) -> String) -> Vec<Line> {
        let hashing = self.hashing.iter().map(|(paths, (bytes, total))| Bar {
            label: format!("reading {}", names(paths)),
            bytes: *bytes,
            total: *total,
            speed: String::new(),
        });
        let moving = self.by_number.values().flat_map(|file| {
            let name = &name;
            file.moving.values().map(move |moving| Bar {
                label: match &moving.progress.to {
                    Some(to) => format!("↑ {} to {}", file.name, name(to)),
                    None if moving.pace == Pace::Checking => {
                        format!("checking what is here of {}", file.name)
                    }
                    None => format!("↓ {}", file.name),
                },
                bytes: moving.progress.bytes,
                total: moving.progress.total,
                speed: moving.speed(file.state),
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
            wanted: size,
            files: 1,
            listing: None,
            media_type: String::new(),
            look: String::new(),
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
        matches!(self.state, State::Accepted | State::Paused) || !self.moving.is_empty()
    }

    /// Whether it is on its way here.
    pub(crate) fn is_coming(&self) -> bool {
        self.is_moving() && !self.from.is_empty()
    }

    /// Whether it is here, or others have it from here.
    fn has_moved(&self) -> bool {
        self.state == State::Here || self.is_own_offer()
    }

    /// Whether it is one's own, and others may still fetch it.
    pub(crate) fn is_own_offer(&self) -> bool {
        self.state == State::Accepted && self.from.is_empty()
    }

    /// `[1] holiday.mp4 (12.3 MB, 1920 × 1080, 3:12)`, `[2] photos (4,988 files, 1.2 GB)`.
    pub(crate) fn line(&self) -> Line {
        let files = match self.files {
            1 => String::new(),
            files => format!("{}, ", count(files, "file", "files")),
        };
        let size = bytes(self.size);
        Line::new()
            .dim(format!("[{}] ", self.number))
            .bold(self.name.clone())
            .plain(format!(" ({files}{size}{})", self.look))
    }

    fn on_progress(&mut self, progress: Progress, pace: Pace) {
        if progress.to.is_none() {
            if self.state == State::Offered {
                self.state = State::Accepted;
            }
            if pace == Pace::Moving {
                self.wanted = progress.total;
            }
        }
        let to = progress.to.clone();
        self.moving.insert(to, Moving { progress, pace });
    }

    fn set_state(&mut self, state: State) {
        self.state = state;
        match state {
            State::Offered | State::Accepted | State::Paused => {}
            State::Here => self.moving.clear(),
            State::Over => {
                self.moving.clear();
                // It may be long, and there may be many.
                self.listing = None;
            }
        }
    }
}

impl Moving {
    fn speed(&self, state: State) -> String {
        if state == State::Paused {
            return "paused".to_owned();
        }
        match self.pace {
            Pace::Moving => {}
            Pace::Stalled => return "waiting".to_owned(),
            Pace::Stranded => return "nobody here has the rest".to_owned(),
            Pace::Checking => return String::new(),
        }
        let mut speed = rate(self.progress.rate);
        if let Some(eta) = self.progress.eta {
            speed = format!("{speed} {} left", clock(eta));
        }
        speed
    }
}

/// `, 1920 × 1080, 3:12`.
fn look(preview: &Preview) -> String {
    let (width, height) = (preview.width, preview.height);
    let mut look = match (width, height) {
        (0, _) | (_, 0) => String::new(),
        (width, height) => format!(", {width} × {height}"),
    };
    if let Some(duration) = preview.duration {
        look += ", ";
        look += &clock(Duration::from_millis(duration));
    }
    look
}

/// What one's own files are called.
fn names(paths: &[PathBuf]) -> String {
    let first = paths.first().map(|path| file_name(path));
    and_more(&first.unwrap_or_default(), paths.len().saturating_sub(1))
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

    fn offered<'a>(files: &'a mut Files, offer: &Offer, from: &str) -> Option<&'a File> {
        let listing = offer.own_listing().unwrap().into();
        let from = from.parse().unwrap();
        files.offered(offer.transfer(), &from, offer, &listing)
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
        let first = offered(&mut files, &offer, "ann").unwrap();
        assert_eq!(first.line().text(), "[1] a.txt (5 B)");
        assert!(offered(&mut files, &offer, "bob").is_none());
        assert_eq!(files.waiting().count(), 1);
        files.set_state(transfer, State::Over);
        assert_eq!(files.waiting().count(), 0);
        assert_eq!(offered(&mut files, &offer, "ann").unwrap().number, 2);
    }

    #[test]
    fn bars_fit_the_terminal() {
        let mut files = Files::default();
        let offer = offer(&"long-name-".repeat(10), 10_000_000);
        offered(&mut files, &offer, "ann");
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
    fn what_keeps_a_file_is_said() {
        let mut files = Files::default();
        let offer = Offer {
            preview: Some(Preview {
                width: 1920,
                height: 1080,
                duration: Some(192_000),
                thumbnail: None,
            }),
            ..offer("a.mp4", 10_000_000)
        };
        let transfer = offer.transfer();
        let line = offered(&mut files, &offer, "ann").unwrap().line();
        assert_eq!(line.text(), "[1] a.mp4 (10.0 MB, 1920 × 1080, 3:12)");
        let bar = |files: &Files| files.bars(100, |_| String::new())[0].text();
        files.checking(transfer, 1, 10);
        assert!(bar(&files).starts_with("checking what is here of a.mp4"));
        files.progress(&progress(transfer, 2_500_000, 5_000_000));
        files.stranded(transfer);
        assert!(bar(&files).ends_with("nobody here has the rest"));
        files.set_state(transfer, State::Paused);
        assert!(bar(&files).ends_with("paused"));
        files.set_state(transfer, State::Here);
        assert_eq!(files.tally(), "5.0 MB", "not all of it was wanted");
    }

    #[test]
    fn offers_without_end_are_forgotten() {
        let mut files = Files::default();
        for number in 0..5000_u32 {
            let offer = offer(&number.to_string(), 1);
            offered(&mut files, &offer, "ann");
        }
        assert_eq!(files.all().count(), FILES);
    }
}
