//! What can go wrong.

use snug_peer::{OfferError, ReadError};

/// Why something did not come about. The message says it to a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum SnugError {
    /// What was given is not what it should be: a code, an address, a name.
    #[error("{message}")]
    Invalid {
        /// What is wrong with it.
        message: String,
    },
    /// The room does not let it happen.
    #[error("{message}")]
    Refused {
        /// Why.
        message: String,
    },
    /// A file cannot be read.
    #[error("{message}")]
    File {
        /// Which, and why.
        message: String,
    },
    /// The app cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The session is over.
    #[error("the room was left")]
    Closed,
    /// A mistake in the library. What is under way elsewhere goes on.
    #[error("an error inside Snug: {message}")]
    Internal {
        /// What it says of itself.
        message: String,
    },
}

impl SnugError {
    pub(crate) fn invalid(problem: impl ToString) -> Self {
        let message = problem.to_string();
        Self::Invalid { message }
    }

    pub(crate) fn refused(reason: impl ToString) -> Self {
        let message = reason.to_string();
        Self::Refused { message }
    }
}

impl From<OfferError> for SnugError {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::Source(error) => Self::File {
                message: error.to_string(),
            },
            OfferError::Ended => Self::Closed,
            refused => Self::refused(refused),
        }
    }
}

impl From<ReadError> for SnugError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Left => Self::Closed,
            ReadError::Failed(message) => Self::File { message },
            ReadError::PastTheEnd { .. } => Self::invalid(error),
            refused => Self::refused(refused),
        }
    }
}
