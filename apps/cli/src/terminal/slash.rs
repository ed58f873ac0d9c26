//! What is typed into a room: text, or a command after a slash.

use std::path::PathBuf;

use snug_protocol::{Body, MessageId, TransferId, limits::NICKNAME_BYTES};
use snug_session::Selection;

use super::complete::expand_home;
use crate::{
    choice::Choice,
    play::Film,
    request::{Request, Save},
    style::Line,
    view::{File, State, View},
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
pub(super) const COMMANDS: [Command; 21] = [
    (
        "/send",
        "PATH…",
        "offer files and folders to everyone, in one offer",
    ),
    (
        "/accept",
        "[N|all]",
        "receive what was offered; /accept 1 3 5-9 *.jpg takes some of it",
    ),
    ("/get", "[N|all]", "the same"),
    ("/decline", "[N|all]", "do not"),
    ("/pause", "[N|all]", "stop receiving for now"),
    ("/resume", "[N|all]", "go on"),
    ("/cancel", "[N|all]", "stop sending or receiving for good"),
    (
        "/play",
        "[N FILE]",
        "give a player the address of a film or a song while it arrives",
    ),
    (
        "/files",
        "[N]",
        "list what was offered, or the files of one offer",
    ),
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

const NOT_OFFERED: &str = "that is not on offer any more, or your own";

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
        "accept" | "get" => accept(rest, view),
        "decline" => each(rest, &waiting(view), view, Request::Decline),
        "cancel" => each(rest, &moving(view), view, Request::Cancel),
        "pause" => each(rest, &coming(view, false), view, Request::Pause),
        "resume" => each(rest, &coming(view, true), view, Request::Resume),
        "play" => play(rest, view),
        "files" => files(rest, view).map(Asked::ToSee),
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
            let to = message_or_last(rest, view)?;
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
        return Err("which file or folder? /send PATH…".to_owned());
    }
    let paths: Vec<PathBuf> = words.iter().map(|word| expand_home(word)).collect();
    Ok(ask(Request::Offer(paths)))
}

/// Takes all of one offer or of all, or some of one.
fn accept(rest: &str, view: &View) -> Result<Asked, String> {
    let (offer, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if words.trim().is_empty() {
        return each(offer, &waiting(view), view, |transfer| Request::Accept {
            transfer,
            selection: Selection::All,
            save: Save::Default,
        });
    }
    let file = numbered(offer, view)?;
    let choice = choice(words)?;
    let listing = file.listing.as_ref().ok_or(NOT_OFFERED)?;
    Ok(ask(Request::Accept {
        transfer: file.transfer,
        selection: choice.select(listing)?,
        save: Save::Default,
    }))
}

/// Plays a film, and takes it first if that was not done yet.
fn play(rest: &str, view: &View) -> Result<Asked, String> {
    let (offer, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let choice = match words.trim() {
        "" => None,
        words => Some(choice(words)?),
    };
    let find = |file: &File| {
        let listing = file.listing.as_ref()?;
        let film = Film::pick(file.transfer, &file.media_type, listing, choice.as_ref())?;
        let accept = Request::Accept {
            transfer: file.transfer,
            selection: film.selection(listing),
            save: Save::Default,
        };
        let new = file.state == State::Offered;
        let requests = new.then_some(accept).into_iter();
        Some(requests.chain([Request::Play(film)]).collect())
    };
    let found = match offer {
        // The latest that can be played.
        "" => view.files.all().filter_map(find).last(),
        offer => find(numbered(offer, view)?),
    };
    let found = found.ok_or("there is no film or song to play; /files lists the files");
    Ok(Asked::For(found?))
}

fn choice(words: &str) -> Result<Choice, String> {
    let words = shlex::split(words).ok_or("a quote is not closed")?;
    Choice::of_words(&words)
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

/// Files on their way here that are paused, or are not.
fn coming(view: &View, paused: bool) -> Vec<TransferId> {
    let coming = view.files.all().filter(|file| file.is_coming());
    let coming = coming.filter(|file| (file.state == State::Paused) == paused);
    coming.map(|file| file.transfer).collect()
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
            vec![numbered(number, view)?.transfer]
        }
    };
    Ok(Asked::For(transfers.into_iter().map(request).collect()))
}

/// What was offered under a number.
fn numbered<'a>(number: &str, view: &'a View) -> Result<&'a File, String> {
    let number = number.trim_start_matches('[').trim_end_matches(']').parse();
    let file = number.ok().and_then(|number| view.files.number(number));
    file.ok_or_else(|| "there is no such file; /files lists them".to_owned())
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
    Ok((last(view)?, rest.to_owned()))
}

/// A message by its number alone, or one's own last one.
fn message_or_last(number: &str, view: &View) -> Result<MessageId, String> {
    if number.is_empty() {
        return last(view);
    }
    find(number, view).ok_or_else(|| "there is no such message".to_owned())
}

fn last(view: &View) -> Result<MessageId, String> {
    let last = view.last_said().ok_or("you have not said anything yet")?;
    Ok(last.clone())
}

fn find(number: &str, view: &View) -> Option<MessageId> {
    let number = number.trim_start_matches('#').parse().ok()?;
    view.numbers.message(number).cloned()
}

fn files(rest: &str, view: &View) -> Result<Vec<Line>, String> {
    if !rest.is_empty() {
        let file = numbered(rest, view)?;
        let lines = file.item_lines(usize::MAX);
        return Ok([view.file_line(file)].into_iter().chain(lines).collect());
    }
    let lines: Vec<Line> = view.files.all().map(|file| view.file_line(file)).collect();
    if lines.is_empty() {
        return Ok(vec![
            Line::new().dim("no files so far; /send PATH offers one"),
        ]);
    }
    Ok(lines)
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
    use snug_protocol::{
        Attributes, FileName, FilePath, Hash, Item, ItemKind, Listing, Manifest, Offer, Secret,
    };
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
            paths: vec!["a.txt".into()],
            files: 1,
            size: 1,
            left_out: 0,
        }));
        let items = ["films/a.mp4", "films/b.mp4", "films/c.txt"].map(|path| Item {
            path: FilePath::sanitize(path),
            kind: ItemKind::File {
                size: 1,
                attributes: Attributes::default(),
            },
        });
        let manifest = Manifest::new(3, Hash::ZERO).unwrap();
        view.show(&Happening::Event(Event::Offered {
            transfer: films(),
            from: "ann".parse().unwrap(),
            offer: Offer::of_file(FileName::sanitize("films"), manifest),
            listing: Listing::new(items.to_vec()).unwrap().into(),
        }));
        view
    }

    fn films() -> TransferId {
        TransferId::from_bytes([2; 16])
    }

    fn take(items: Option<&[usize]>) -> Request {
        let items = items.map(|items| items.iter().copied().collect());
        Request::Accept {
            transfer: films(),
            selection: items.map_or(Selection::All, Selection::Items),
            save: Save::Default,
        }
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
            ("/accept", take(None)),
            ("/get 2", take(None)),
            ("/accept [2] 1 *.txt", take(Some(&[0, 2]))),
            ("/get 2 2-9", take(Some(&[1, 2]))),
            ("/get 2 films", take(None)),
            ("/pause 2", Request::Pause(films())),
            ("/resume 2", Request::Resume(films())),
            ("/cancel", Request::Cancel(transfer())),
            ("/cancel 1", Request::Cancel(transfer())),
            ("/reconnect", Request::NetworkChanged),
            ("/leave", Request::Leave),
        ] {
            assert_eq!(read(line, &view), Ok(ask(request)), "{line}");
        }
    }

    #[test]
    fn films_are_taken_and_played() {
        let film = |item, name: &str| {
            Request::Play(Film {
                transfer: films(),
                item,
                name: name.to_owned(),
                media_type: "video/mp4".to_owned(),
                bytes: item as u64..item as u64 + 1,
            })
        };
        let mut view = view();
        for line in ["/play", "/play 2"] {
            let both = vec![take(Some(&[0])), film(0, "a.mp4")];
            assert_eq!(read(line, &view), Ok(Asked::For(both)), "{line}");
        }
        view.files.set_state(films(), State::Here);
        let again = ask(film(1, "b.mp4"));
        assert_eq!(read("/play 2 b*", &view), Ok(again));
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
            "/accept 7",
            "/accept 1 1",
            "/accept 2 4",
            "/accept 2 *.png",
            "/accept 2 \"a",
            "/pause",
            "/resume all",
            "/play 1",
            "/play 2 *.png",
            "/files 7",
            "/decline x",
            "/",
        ] {
            assert!(read(line, &view()).is_err(), "{line}");
        }
    }

    #[test]
    fn lists_are_shown() {
        for line in ["/help", "/files", "/files 2", "/peers", "/verify"] {
            let Ok(Asked::ToSee(lines)) = read(line, &view()) else {
                panic!("{line}");
            };
            assert!(!lines.is_empty(), "{line}");
        }
    }
}
