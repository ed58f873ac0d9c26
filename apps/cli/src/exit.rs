//! How the program ends. The codes are a promise to scripts: `docs/headless.md` lists them.

use std::process::ExitCode;

use snug_protocol::ErrorCode;
use snug_session::{EndReason, Refusal};

/// How the program ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything that was asked for was done.
    Done,
    /// Something on this machine is in the way.
    Failed(String),
    /// The room never was, has expired, or is full.
    NoRoom,
    /// The server was not reached, or refused.
    Server(String),
    /// Not every byte is where it should be.
    Incomplete(String),
    /// Nobody was reached in time.
    Nobody(String),
    /// The words are not those of the room, are missing, or the room has none.
    WrongWords(String),
    /// The room was found, and nobody in it lets this member in, or can be trusted.
    KeptOut(String),
    /// A signal ended it; here is its number.
    Signal(u8),
    /// A signal ended it, and there is something to say about that.
    Stopped(u8, String),
}

impl Exit {
    /// The server was not reached.
    pub(crate) fn unreachable(why: &str) -> Self {
        Self::Server(format!(
            "{why}. Is the address right? Set it with --server or SNUG_SERVER."
        ))
    }

    /// What the shell is told.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed(_) => 1,
            // 2 is a wrong command line, which clap answers.
            Self::NoRoom => 3,
            Self::Server(_) => 4,
            Self::Incomplete(_) => 5,
            Self::Nobody(_) => 6,
            Self::WrongWords(_) => 7,
            Self::KeptOut(_) => 8,
            Self::Signal(signal) | Self::Stopped(signal, _) => 128 + signal,
        }
    }

    /// The code as a word.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::NoRoom => "no-room",
            Self::Server(_) => "server",
            Self::Incomplete(_) => "incomplete",
            Self::Nobody(_) => "nobody",
            Self::WrongWords(_) => "wrong-words",
            Self::KeptOut(_) => "kept-out",
            Self::Signal(_) | Self::Stopped(..) => "interrupted",
        }
    }

    /// What a person is told, with what to do next; nothing when all is well.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Self::Done | Self::Signal(_) => None,
            Self::NoRoom => Some(
                "there is no such room, or it is full. Check the code, or ask for a new one: \
                 a room is gone five minutes after the last person left."
                    .to_owned(),
            ),
            Self::Server(why)
            | Self::Failed(why)
            | Self::Incomplete(why)
            | Self::Nobody(why)
            | Self::WrongWords(why)
            | Self::KeptOut(why)
            | Self::Stopped(_, why) => Some(why.clone()),
        }
    }
}

/// What the end of a session means when nobody here asked for it.
impl From<&EndReason> for Exit {
    fn from(reason: &EndReason) -> Self {
        match reason {
            EndReason::Left => Self::Done,
            EndReason::RoomNotFound
            | EndReason::ServerRefused {
                code: ErrorCode::RoomNotFound | ErrorCode::InvalidRoomId,
                ..
            } => Self::NoRoom,
            EndReason::KeptOut(refusal) => (*refusal).into(),
            EndReason::ServerUnreachable(_) => Self::unreachable(&reason.to_string()),
            reason => Self::Server(reason.to_string()),
        }
    }
}

/// What it means when the members of a room let nobody in, to the one who stays outside.
impl From<Refusal> for Exit {
    fn from(refusal: Refusal) -> Self {
        let why = refusal.to_string();
        match refusal {
            Refusal::WrongWords | Refusal::WordsNeeded | Refusal::OpenRoom => Self::WrongWords(why),
            _ => Self::KeptOut(why),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_a_promise() {
        let why = String::new;
        for (exit, code) in [
            (Exit::Done, 0),
            (Exit::Failed(why()), 1),
            (Exit::NoRoom, 3),
            (Exit::Server(why()), 4),
            (Exit::Incomplete(why()), 5),
            (Exit::Nobody(why()), 6),
            (Exit::WrongWords(why()), 7),
            (Exit::KeptOut(why()), 8),
            (Exit::Signal(2), 130),
            (Exit::Signal(15), 143),
            (Exit::Stopped(2, why()), 130),
        ] {
            assert_eq!(exit.code(), code, "{exit:?}");
        }
    }

    #[test]
    fn the_end_of_a_session_says_whose_fault_it_was() {
        let refused = |code| EndReason::ServerRefused {
            code,
            message: "no".to_owned(),
        };
        assert_eq!(Exit::from(&EndReason::Left), Exit::Done);
        assert_eq!(Exit::from(&EndReason::RoomNotFound), Exit::NoRoom);
        assert_eq!(Exit::from(&refused(ErrorCode::InvalidRoomId)), Exit::NoRoom);
        assert_eq!(Exit::from(&refused(ErrorCode::ServerFull)).code(), 4);
        for (refusal, code) in [
            (Refusal::WrongWords, 7),
            (Refusal::WordsNeeded, 7),
            (Refusal::OpenRoom, 7),
            (Refusal::Closed, 8),
            (Refusal::Intercepted, 8),
            (Refusal::Silent, 8),
        ] {
            let exit = Exit::from(&EndReason::KeptOut(refusal));
            assert_eq!(exit.code(), code, "{refusal:?}");
        }
        let unreachable = Exit::from(&EndReason::ServerUnreachable("refused".to_owned()));
        assert_eq!(unreachable.code(), 4);
        let hint = |exit: &Exit| exit.message().unwrap().contains("--server");
        assert!(hint(&unreachable), "there may be another server");
        assert!(!hint(&Exit::from(&refused(ErrorCode::ServerFull))));
    }
}
