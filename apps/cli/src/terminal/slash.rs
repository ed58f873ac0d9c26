//! What is typed into a room: text, or a command after a slash.

use std::path::PathBuf;

use snug_protocol::{Body, MessageId, TransferId, limits::NICKNAME_BYTES};

use super::complete::expand_home;
use crate::{
    request::{Request, Save},
    style::Line,
    view::{File, View},
};

/// What a typed line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Something of the room.
    For(Vec<Request>),
    /// Something to be told.
    ToSee(Vec<Line>),
}

/// A command, how it is used, and what it does.
type Command = (&'static str, &'static str, &'static str);

/// Every command.
pub(super) const COMMANDS: [Command; 17] = [
    ("/send", "FILE…", "offer files to everyone"),
    ("/accept", "[N|all]", "receive what was offered"),
    ("/decline", "[N|all]", "do not"),
    ("/cancel", "[N|all]", "stop sending or receiving"),
    ("/files", "", "list the files"),
    ("/peers", "", "list the people"),
    (
        "/verify",
        "[NAME]",
        "compare emoji, to be sure that nobody is in between",
    ),
    ("/nick", "NAME", "be called something else"),
    ("/reply", "N TEXT", "answer message N"),
    (
        "/react",
        "N EMOJI",
        "react to message N; again takes it back",
    ),
    (
        "/edit",
        "[N] TEXT",
        "change your message N, or your last one",
    ),
    (
        "/delete",
        "[N]",
        "take your message N back, or your last one",
    ),
    ("/code", "", "show the code of the room again"),
    ("/reconnect", "", "look for better ways to everyone now"),
    ("/leave", "", "leave; so do Ctrl-C and Ctrl-D"),
    ("/quit", "", "leave as well"),
    ("/help", "", "this list"),
];

/// Reads a typed line.
pub(super) fn read(line: &str, view: &View) -> Result<Asked, String> {
    let Some(command) = line.strip_prefix('/') else {
        return Ok(ask(say(line)));
    };
    if command.starts_with('/') {
        // To say something that begins with a slash.
        return Ok(ask(say(command)));
    }
    let (name, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    let rest = rest.trim();
    match name {
        "send" => send(rest),
        "accept" => each(rest, &waiting(view), view, |transfer| Request::Accept {
            transfer,
            save: Save::Default,
        }),
        "decline" => each(rest, &waiting(view), view, Request::Decline),
        "cancel" => each(rest, &moving(view), view, Request::Cancel),
        "files" => Ok(Asked::ToSee(files(view))),
        "peers" => Ok(Asked::ToSee(peers(view))),
        "verify" => view.check_lines(rest).map(Asked::ToSee),
        "nick" => nick(rest),
        "reply" => {
            let (to, text) = pointed(rest, view)?;
            Ok(ask(Request::Say(Body::Reply { to, text })))
        }
        "react" => react(rest, view),
        "edit" => {
            let (to, text) = pointed_or_last(rest, view)?;
            Ok(ask(Request::Say(Body::Edit { to, text })))
        }
        "delete" => {
            let (to, _) = pointed_or_last(rest, view)?;
            Ok(ask(Request::Say(Body::Delete { to })))
        }
        "code" => Ok(Asked::ToSee(view.code())),
        "reconnect" => Ok(ask(Request::NetworkChanged)),
        "leave" | "quit" => Ok(ask(Request::Leave)),
        "help" => Ok(Asked::ToSee(help())),
        unknown => Err(format!("there is no /{unknown}; /help lists the commands")),
    }
}

fn ask(request: Request) -> Asked {
    Asked::For(vec![request])
}

fn say(text: &str) -> Request {
    let text = text.to_owned();
    Request::Say(Body::Text { text })
}

fn send(rest: &str) -> Result<Asked, String> {
    let words = shlex::split(rest).ok_or("a quote is not closed")?;
    if words.is_empty() {
        return Err("which file? /send FILE…".to_owned());
    }
    let paths: Vec<PathBuf> = words.iter().map(|word| expand_home(word)).collect();
    Ok(ask(Request::Offer(paths)))
}

fn nick(name: &str) -> Result<Asked, String> {
    if name.is_empty() {
        return Err("which name? /nick NAME".to_owned());
    }
    if name.len() > NICKNAME_BYTES {
        return Err("that name is too long".to_owned());
    }
    Ok(ask(Request::Nick(name.to_owned())))
}

fn react(rest: &str, view: &View) -> Result<Asked, String> {
    let (to, emoji) = pointed(rest, view)?;
    let on = !view.numbers.has_reacted(&to, &emoji);
    Ok(ask(Request::Say(Body::Reaction { to, emoji, on })))
}

/// Files of others that wait for an answer.
fn waiting(view: &View) -> Vec<TransferId> {
    view.files.waiting().map(|file| file.transfer).collect()
}

/// Files that can be stopped.
fn moving(view: &View) -> Vec<TransferId> {
    let moving = view.files.all().filter(|file| file.is_moving());
    moving.map(|file| file.transfer).collect()
}

/// Asks for something with the file of a number, with the only one, or with all.
fn each(
    rest: &str,
    candidates: &[TransferId],
    view: &View,
    request: impl Fn(TransferId) -> Request,
) -> Result<Asked, String> {
    let transfers = match (rest, candidates) {
        ("" | "all", []) => return Err("there is nothing to do that with".to_owned()),
        ("", [only]) => vec![*only],
        ("", _) => return Err("which one? Give its number, or all".to_owned()),
        ("all", all) => all.to_vec(),
        (number, _) => {
            let number = number.trim_start_matches('[').trim_end_matches(']').parse();
            let file = number.ok().and_then(|number| view.files.number(number));
            let file: &File = file.ok_or("there is no such file; /files lists them")?;
            vec![file.transfer]
        }
    };
    Ok(Asked::For(transfers.into_iter().map(request).collect()))
}

/// A message and the text after its number.
fn pointed(rest: &str, view: &View) -> Result<(MessageId, String), String> {
    let (number, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let text = text.trim();
    let id = find(number, view).ok_or("which message? Give the number in front of it")?;
    if text.is_empty() {
        return Err("and what? Give the text after the number".to_owned());
    }
    Ok((id, text.to_owned()))
}

/// A message and the text after its number, or one's own last message and all of the text.
fn pointed_or_last(rest: &str, view: &View) -> Result<(MessageId, String), String> {
    let (number, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if let Some(id) = find(number, view) {
        return Ok((id, text.trim().to_owned()));
    }
    let last = view.last_said().ok_or("you have not said anything yet")?;
    Ok((last.clone(), rest.to_owned()))
}

fn find(number: &str, view: &View) -> Option<MessageId> {
    let number = number.trim_start_matches('#').parse().ok()?;
    view.numbers.message(number).cloned()
}

fn files(view: &View) -> Vec<Line> {
    let lines: Vec<Line> = view.files.all().map(|file| view.file_line(file)).collect();
    if lines.is_empty() {
        return vec![Line::new().dim("no files so far; /send FILE offers one")];
    }
    lines
}

fn peers(view: &View) -> Vec<Line> {
    let lines = view.peer_lines();
    if lines.is_empty() {
        return vec![Line::new().dim("nobody else is here")];
    }
    lines
}

fn help() -> Vec<Line> {
    let line = |(name, usage, what): &Command| {
        Line::new()
            .bold(format!("  {name:<10} "))
            .plain(format!("{usage:<9} "))
            .dim(*what)
    };
    let commands = COMMANDS.iter().map(line);
    let rest = [
        "  Everything else you type is said to everyone. Alt-Enter starts a new line.",
        "  Tab completes commands and file names; Up brings back what you typed.",
    ];
    commands.chain(rest.map(|it| Line::new().dim(it))).collect()
}

#[cfg(test)]
mod tests {
    use snug_protocol::Secret;
    use snug_session::{Event, Message};

    use super::*;
    use crate::{
        happening::{Happening, Own},
        invitation::Purpose,
    };

    /// A room in which Ann has said something and we have answered and offered a file.
    fn view() -> View {
        let me = "me".parse().unwrap();
        let mut view = View::new(
            me,
            Purpose::Join,
            "http://localhost".to_owned(),
            Secret::Open,
        );
        for id in ["ann/1", "me/1", "me/2"] {
            let text = "x".to_owned();
            view.show(&Happening::Event(Event::Message(Message {
                id: id.parse().unwrap(),
                lamport: 1,
                sent_at: 0,
                body: Some(Body::Text { text }),
                late: false,
            })));
        }
        view.show(&Happening::Offering(Own {
            transfer: transfer(),
            path: "a.txt".into(),
            size: 1,
        }));
        view
    }

    fn transfer() -> TransferId {
        TransferId::from_bytes([1; 16])
    }

    fn message(id: &str) -> MessageId {
        id.parse().unwrap()
    }

    fn text() -> String {
        "hi there".to_owned()
    }

    #[test]
    fn lines_become_requests() {
        let view = view();
        for (line, request) in [
            ("hi there", Request::Say(Body::Text { text: text() })),
            (
                "//hi there",
                Request::Say(Body::Text {
                    text: "/hi there".to_owned(),
                }),
            ),
            (
                r#"/send a.txt "b c.txt" d\ e"#,
                Request::Offer(vec!["a.txt".into(), "b c.txt".into(), "d e".into()]),
            ),
            ("/nick  Ann B ", Request::Nick("Ann B".to_owned())),
            (
                "/reply 1 hi there",
                Request::Say(Body::Reply {
                    to: message("ann/1"),
                    text: text(),
                }),
            ),
            (
                "/react #1 👍",
                Request::Say(Body::Reaction {
                    to: message("ann/1"),
                    emoji: "👍".to_owned(),
                    on: true,
                }),
            ),
            (
                "/edit 2 hi there",
                Request::Say(Body::Edit {
                    to: message("me/1"),
                    text: text(),
                }),
            ),
            (
                "/edit hi there",
                Request::Say(Body::Edit {
                    to: message("me/2"),
                    text: text(),
                }),
            ),
            (
                "/delete",
                Request::Say(Body::Delete {
                    to: message("me/2"),
                }),
            ),
            (
                "/delete 2",
                Request::Say(Body::Delete {
                    to: message("me/1"),
                }),
            ),
            ("/cancel", Request::Cancel(transfer())),
            ("/cancel 1", Request::Cancel(transfer())),
            ("/reconnect", Request::NetworkChanged),
            ("/leave", Request::Leave),
        ] {
            assert_eq!(read(line, &view), Ok(ask(request)), "{line}");
        }
    }

    #[test]
    fn mistakes_are_explained() {
        for line in [
            "/dance",
            "/send",
            "/send \"a",
            "/nick",
            "/reply",
            "/reply 9 x",
            "/reply 1",
            "/react 1",
            "/accept",
            "/accept all",
            "/accept 7",
            "/decline x",
            "/",
        ] {
            assert!(read(line, &view()).is_err(), "{line}");
        }
    }

    #[test]
    fn lists_are_shown() {
        for line in ["/help", "/files", "/peers", "/verify"] {
            let Ok(Asked::ToSee(lines)) = read(line, &view()) else {
                panic!("{line}");
            };
            assert!(!lines.is_empty(), "{line}");
        }
    }
}
