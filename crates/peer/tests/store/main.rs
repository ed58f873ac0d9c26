//! Files in and out of a store, as a session drives it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;
mod folders;
mod hostile;
mod memory;
mod offered;
mod resume;
mod serving;
mod single;
mod sources;
