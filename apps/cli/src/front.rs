//! The face of the program: a terminal, plain lines, or JSON.

use crate::{happening::Happening, request::Request};

/// Shows what happens and hears what is asked for.
pub(crate) trait Front {
    /// Shows what happened.
    fn tell(&mut self, happening: &Happening);

    /// Waits until something is asked for. Dropping the future loses nothing.
    async fn next(&mut self) -> Request;

    /// Shows what is still to be shown, and leaves the terminal as it was.
    fn finish(&mut self);
}
