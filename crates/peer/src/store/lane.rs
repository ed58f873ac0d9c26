//! A queue of work for one blocking thread.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task;

/// Does jobs one after another on a thread of Tokio's, which it holds only while there are any.
#[derive(Debug, Default)]
pub(super) struct Lane(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    running: bool,
}

type Job = Box<dyn FnOnce() + Send>;

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

    /// Does a last job after those before it, if there are any. Needs no runtime.
    pub(super) fn end_with(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.0.state();
        if state.running {
            state.jobs.push_back(Box::new(job));
        }
    }

    /// Whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        !self.0.state().running
    }
}

impl Queue {
    fn work_off(&self) {
        while let Some(job) = self.next() {
            job();
        }
    }

    fn next(&self) -> Option<Job> {
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
