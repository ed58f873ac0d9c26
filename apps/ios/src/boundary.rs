//! Where calls from Swift enter: threads of the library's own, an end to all waiting, and a stop
//! to panics.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, OnceLock},
};

use tokio::runtime::{Builder, Runtime};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::SnugError;

/// Ends a call that is under way.
///
/// It serves for as many calls as it is given to, and for good: a call that comes after
/// [`cancel`](Self::cancel) ends at once.
#[derive(Debug, Default, uniffi::Object)]
pub struct Cancellation {
    token: CancellationToken,
}

#[uniffi::export]
impl Cancellation {
    /// Makes one that nobody has used yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Ends the calls that it was given to, with `cancelled`.
    pub fn cancel(&self) {
        self.token.cancel();
    }
}

impl Cancellation {
    pub(crate) async fn cancelled(cancellation: Option<Arc<Self>>) {
        match cancellation {
            Some(cancellation) => cancellation.token.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

/// The threads that everything in here runs on. A transport has threads of its own.
///
/// # Errors
/// [`SnugError::Internal`] when the system gives none.
pub(crate) fn runtime() -> Result<&'static Runtime, SnugError> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let start = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(WORKERS).thread_name("snug");
        builder.enable_all().build().map_err(|e| e.to_string())
    };
    let runtime = RUNTIME.get_or_init(start).as_ref();
    runtime.map_err(|message| SnugError::Internal {
        message: message.clone(),
    })
}

/// Runs a call on the library's threads. A panic in it becomes an error.
///
/// Dropping the future gives up.
pub(crate) async fn run<T: Send + 'static>(
    call: impl Future<Output = Result<T, SnugError>> + Send + 'static,
) -> Result<T, SnugError> {
    match AbortOnDropHandle::new(runtime()?.spawn(call)).await {
        Ok(outcome) => outcome,
        Err(failure) => Err(match failure.try_into_panic() {
            Ok(panic) => broken(&*panic),
            // The runtime lives as long as the process.
            Err(_) => SnugError::Closed,
        }),
    }
}

/// Does something at once. A panic in it becomes an error.
pub(crate) fn guard<T>(act: impl FnOnce() -> Result<T, SnugError>) -> Result<T, SnugError> {
    // What the panic left behind is not looked at again: calls own what they change.
    panic::catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| Err(broken(&*panic)))
}

fn broken(panic: &(dyn Any + Send)) -> SnugError {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let message = text.unwrap_or("no more is known").to_owned();
    SnugError::Internal { message }
}

/// One for the driver and one for what calls wait for: sealing and hashing have threads of theirs.
const WORKERS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn is_broken<T>(outcome: Result<T, SnugError>, says: &str) -> bool {
        matches!(outcome, Err(SnugError::Internal { message }) if message == says)
    }

    #[tokio::test]
    async fn a_panic_stops_at_the_boundary() {
        assert!(is_broken(guard::<()>(|| panic!("a mistake")), "a mistake"));
        let call = async { panic!("number {}", 7) };
        assert!(is_broken(run::<()>(call).await, "number 7"));
        // And the next call is none the worse.
        assert_eq!(run(async { Ok(5) }).await, Ok(5));
        assert_eq!(guard(|| Ok(5)), Ok(5));
    }

    #[tokio::test]
    async fn a_cancellation_holds_for_good() {
        let cancellation = Cancellation::new();
        cancellation.cancel();
        Cancellation::cancelled(Some(cancellation)).await;
    }
}
