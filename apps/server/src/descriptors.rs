//! Enough file descriptors for the connections, or fewer connections.

/// Raises this process's limit as far as it may, and returns how many of the `wanted` connections
/// fit under it.
#[cfg(unix)]
pub(crate) fn provide(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let limit = match setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    ) {
        Ok(()) => maximum,
        Err(_) => current,
    };
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else {
        return wanted;
    };
    let fitting = limit.saturating_sub(RESERVED).max(1);
    if fitting < wanted {
        tracing::warn!(
            limit,
            connections = fitting,
            "few descriptors, so fewer connections"
        );
    }
    fitting.min(wanted)
}

#[cfg(not(unix))]
pub(crate) fn provide(wanted: usize) -> usize {
    wanted
}

/// Descriptors for everything else: listeners, epoll, the log, the metrics.
#[cfg(unix)]
const RESERVED: usize = 40;
