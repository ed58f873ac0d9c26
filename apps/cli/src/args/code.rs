//! Codes and links on the command line.

use anyhow::anyhow;
use clap::Args;
use snug_peer::ServerUrl;
use snug_protocol::{InvalidInvite, Invite};

/// A code as it was typed, perhaps with spaces.
#[derive(Debug, Clone, Args)]
pub(crate) struct Code {
    /// Code or link of the room; case, spaces and dashes do not matter, and words may be cut short
    #[arg(required = true, num_args = 1.., value_name = "CODE")]
    code: Vec<String>,
}

/// The code of a room, or a link to it, which also names the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeOrLink {
    /// The code.
    pub(crate) invite: Invite,
    /// The server of the link.
    pub(crate) server: Option<ServerUrl>,
}

impl Code {
    /// Reads the code.
    pub(crate) fn parse(&self) -> anyhow::Result<CodeOrLink> {
        CodeOrLink::read(&self.code.join(" "))
    }
}

impl CodeOrLink {
    /// Reads a code or a link. The error is for whoever typed it.
    pub(crate) fn read(typed: &str) -> anyhow::Result<Self> {
        let invite: Invite = typed.parse().map_err(explain)?;
        let server = match typed.trim().rsplit_once('#') {
            Some((link, _)) if link.contains("://") => Some(link.parse()?),
            _ => None,
        };
        Ok(Self { invite, server })
    }
}

fn explain(error: InvalidInvite) -> anyhow::Error {
    match error {
        // What was meant is known: an example would only distract.
        InvalidInvite::UnknownWord { .. } | InvalidInvite::AmbiguousWord { .. } => error.into(),
        error => anyhow!("{error}{HINT}"),
    }
}

const HINT: &str = "\n\nA code looks like K7Q4X9-otter-lemon-cloud-ferry, a link like \
    http://…/#K7Q4X9-otter-lemon-cloud-ferry";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &[&str]) -> anyhow::Result<CodeOrLink> {
        let code = typed.iter().map(ToString::to_string).collect();
        Code { code }.parse()
    }

    #[test]
    fn codes_are_typed_in_many_ways() {
        for typed in [
            &["K7Q4X9-otter-lemon-cloud-ferry"][..],
            &["k7q", "4x9", "Otter", "lemon", "cloud", "ferr"],
            &["k7q4x9 OTTER lemon-cloud, ferry"],
            &["http://a:1/#K7Q4X9-otter-lemon-cloud-ferry"],
        ] {
            let room = read(typed).unwrap();
            let code = "K7Q4X9-otter-lemon-cloud-ferry";
            assert_eq!(room.invite.to_string(), code, "{typed:?}");
            let linked = typed[0].contains("http");
            let server = linked.then(|| "http://a:1".parse().unwrap());
            assert_eq!(room.server, server, "{typed:?}");
        }
        assert_eq!(read(&["k7q", "4x9"]).unwrap().invite.to_string(), "K7Q4X9");
    }

    #[test]
    fn a_link_names_its_server() {
        let link = read(&["http://b:2/rooms/#K7Q4X9"]).unwrap();
        assert_eq!(link.server.unwrap().to_string(), "http://b:2/rooms");
    }

    #[test]
    fn a_mistyped_word_is_answered_with_the_one_that_was_meant() {
        let error = read(&["K7Q4X9-oter-lemon-cloud-ferry"]).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("did you mean") && error.contains("\"otter\""),
            "{error}"
        );
        assert!(
            !error.contains("ferry"),
            "the rest is not repeated: {error}"
        );
        let error = read(&["nonsense"]).unwrap_err().to_string();
        assert!(error.contains("A code looks like"), "{error}");
    }
}
