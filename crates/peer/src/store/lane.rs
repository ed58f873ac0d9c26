//! A queue of work for one blocking thread.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task;

/// Does jobs one after another on a thread of Tokio's, which it holds only while there are any.
///
/// Dropping the lane drops the jobs that have not begun.
#[derive(Debug, Default)]
pub(super) struct Lane(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    jobs: VecDeque<Box<dyn FnOnce() + Send>>,
    running: bool,
}

impl Lane {
    pub(super) fn push(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.0.state();
        state.jobs.push_back(Box::new(job));
        if !state.running {
            state.running = true;
            let queue = self.0.clone();
            task::spawn_blocking(move || queue.work_off());
        }
    }

    /// Jobs that have not begun.
    pub(super) fn waiting(&self) -> usize {
        self.0.state().jobs.len()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let jobs = std::mem::take(&mut self.0.state().jobs);
        // Without the lock: jobs may own files.
        drop(jobs);
    }
}

impl Queue {
    fn work_off(&self) {
        while let Some(job) = self.next() {
            job();
        }
    }

    fn next(&self) -> Option<Box<dyn FnOnce() + Send>> {
        let mut state = self.state();
        let job = state.jobs.pop_front();
        state.running = job.is_some();
        job
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} jobs", self.jobs.len())
    }
}
