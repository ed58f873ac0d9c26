//! What the server passes on: encoded messages, shared and never re-encoded.

use std::fmt;

use snug_protocol::{ClientId, DecodeError, Forward, ForwardKind, ServerMessage};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A message as it goes to a client: one text frame, cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Utf8Bytes);

impl Text {
    /// Copies `text` into an allocation of its own size.
    ///
    /// A frame that was just read is a slice of the socket's whole read buffer; keeping the slice
    /// would keep the buffer, and the byte budgets would not mean what they say.
    pub fn copied(text: &str) -> Self {
        Self(text.to_owned().into())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text, which no message is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the message, as its receiver will.
    pub fn decode(&self) -> Result<ServerMessage, DecodeError> {
        ServerMessage::decode(&self.0)
    }

    /// The body of a text frame.
    pub(crate) fn into_frame(self) -> Utf8Bytes {
        self.0
    }
}

impl From<&ServerMessage> for Text {
    fn from(message: &ServerMessage) -> Self {
        Self(message.encode().into())
    }
}

impl fmt::Debug for Text {
    /// The length only: messages carry names and addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.len())
    }
}

/// A message on its way from one member to another.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// What it is.
    pub kind: ForwardKind,
    /// Who claims to have sent it.
    pub from: ClientId,
    /// Whom it is for.
    pub to: ClientId,
    /// All of it, byte for byte as it was received.
    pub text: Text,
}

impl Envelope {
    /// Wraps a message with the text frame that it was decoded from.
    pub fn received(forward: Forward, text: &str) -> Self {
        Self {
            kind: forward.kind,
            from: forward.from,
            to: forward.to,
            text: Text::copied(text),
        }
    }
}

impl From<Forward> for Envelope {
    fn from(forward: Forward) -> Self {
        Self {
            kind: forward.kind,
            from: forward.from.clone(),
            to: forward.to.clone(),
            text: Text::from(&ServerMessage::Forward(forward)),
        }
    }
}
