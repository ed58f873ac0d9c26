//! What processes cost: processor time and memory.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// Processor seconds of all children that have ended.
pub(crate) fn children_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("children can be asked for");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.try_into().unwrap_or_default()).as_secs_f64()
}

/// Watches the largest resident size of a process for as long as it runs.
#[derive(Debug)]
pub(crate) struct PeakMemory {
    peak: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
    watcher: JoinHandle<()>,
}

impl PeakMemory {
    pub(crate) fn watch(process: u32) -> Self {
        let (peak, done) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let watcher = thread::spawn({
            let (peak, done) = (peak.clone(), done.clone());
            move || {
                while !done.load(Ordering::Relaxed) {
                    peak.fetch_max(high_water_mark(process), Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(20));
                }
            }
        });
        Self {
            peak,
            done,
            watcher,
        }
    }

    /// The peak in MB.
    pub(crate) fn megabytes(self) -> f64 {
        self.done.store(true, Ordering::Relaxed);
        self.watcher.join().expect("the watcher does not panic");
        #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
        let bytes = self.peak.load(Ordering::Relaxed) as f64 * 1024.0;
        bytes / 1e6
    }
}

/// `VmHWM` in KiB; 0 once the process is gone.
fn high_water_mark(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok())
        .unwrap_or_default()
}
