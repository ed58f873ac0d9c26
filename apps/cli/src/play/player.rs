//! The program that plays.

use std::{io, process::Stdio};

use tokio::process::Command;

/// A program and its arguments, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Player {
    program: String,
    arguments: Vec<String>,
}

impl Player {
    /// Reads a command, with quotes as in a shell. No shell will ever see it.
    pub(crate) fn read(typed: &str) -> Result<Self, String> {
        let mut words = shlex::split(typed).ok_or("a quote is not closed")?;
        if words.first().is_none_or(String::is_empty) {
            return Err("which program?".to_owned());
        }
        let program = words.remove(0);
        Ok(Self {
            program,
            arguments: words,
        })
    }

    /// Plays what is at an address, until it ends. Dropping the future ends it.
    pub(crate) async fn play(&self, address: &str) -> io::Result<()> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(address);
        // The terminal is ours.
        let silent = command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = silent.stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        child.wait().await.map(drop)
    }

    /// What it is called.
    pub(crate) fn program(&self) -> &str {
        &self.program
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_arguments() {
        let player = Player::read("mpv --title 'a film'").unwrap();
        assert_eq!(player.program(), "mpv");
        assert_eq!(player.arguments, ["--title", "a film"]);
        for typed in ["", "  ", "''", "mpv 'a"] {
            assert!(Player::read(typed).is_err(), "{typed:?}");
        }
    }
}
