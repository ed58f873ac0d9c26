//! A terminal with a person at it: messages scroll by, what is being typed stays.

mod complete;
mod editor;
mod screen;
mod slash;

use std::{
    collections::VecDeque,
    future,
    io::{IsTerminal as _, stdin, stdout},
    pin::Pin,
    time::Duration,
};

use crossterm::{
    event::{DisableBracketedPaste, EnableBracketedPaste, Event, EventStream},
    execute,
    terminal::{disable_raw_mode, enable_raw_mode, is_raw_mode_enabled, size},
};
use futures_util::StreamExt as _;
use tokio::time::{Sleep, sleep};

use self::{
    complete::{Completion, complete},
    editor::{Action, Editor},
    screen::{Block, Input, Screen},
    slash::Asked,
};
use crate::{
    front::Front,
    happening::Happening,
    harmless::harmless,
    invitation::picture,
    logs::Logs,
    output::Output,
    request::Request,
    style::Line,
    view::{Item, State, View, lay_out},
};

/// A terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    view: View,
    screen: Screen,
    output: Output,
    draws_codes: bool,
    /// Where lines can be typed.
    typist: Option<Typist>,
    logs: Logs,
    /// Lines not drawn yet.
    above: Vec<Line>,
    /// Runs while something waits to be drawn.
    frame: Option<Pin<Box<Sleep>>>,
    asked: VecDeque<Request>,
}

/// The one who types.
struct Typist {
    editor: Editor,
    keys: EventStream,
    /// Something was shown since the last key.
    unread: bool,
    typing: bool,
    _raw: RawMode,
}

/// Time between two frames: a flood of messages is drawn in few.
const FRAME: Duration = Duration::from_millis(16);

/// Rows that a picture leaves to what stands around it: the code, the link, two of what to type,
/// and the prompt. A link with words then fits into the usual 24.
const AROUND_PICTURE: usize = 5;

/// Suggestions shown at once.
const SUGGESTIONS: usize = 40;

impl Terminal {
    /// Shows a room; lets a person type if `typing`.
    pub(crate) fn new(
        view: View,
        typing: bool,
        draws_codes: bool,
        logs: Logs,
    ) -> std::io::Result<Self> {
        let (columns, rows) = measure().unwrap_or((80, 24));
        let typist = if typing { Some(Typist::start()?) } else { None };
        let mut terminal = Self {
            view,
            screen: Screen::new(columns, rows, colour()),
            output: Output::default(),
            draws_codes,
            typist,
            logs,
            above: Vec::new(),
            frame: None,
            asked: VecDeque::new(),
        };
        terminal.wake();
        Ok(terminal)
    }

    /// Sees to it that a frame is drawn soon.
    fn wake(&mut self) {
        if self.frame.is_none() {
            self.frame = Some(Box::pin(sleep(FRAME)));
        }
    }

    fn draw(&mut self) {
        self.frame = None;
        if let Some((columns, rows)) = measure() {
            self.screen.resize(columns, rows);
        }
        let width = self.screen.width();
        let input = self.typist.as_ref().map(|typist| Input {
            prompt: Line::new().bold("> "),
            text: typist.editor.text(),
            cursor: typist.editor.cursor(),
        });
        let block = Block {
            status: self.view.status(width),
            input,
        };
        let frame = self.screen.frame(&self.above, &block);
        self.above.clear();
        self.output.write(&frame);
    }

    fn show(&mut self, items: &[Item]) {
        let columns = self.screen.width();
        for item in items {
            match item {
                Item::Picture(link) if self.draws_codes => {
                    let rows = self.screen.rows().saturating_sub(AROUND_PICTURE);
                    self.above
                        .extend(picture(link, columns, rows).into_iter().flatten());
                }
                item => self.above.extend(lay_out(item, Some(columns))),
            }
        }
        let said = items.iter().any(|item| matches!(item, Item::Said { .. }));
        if let Some(typist) = &mut self.typist {
            typist.unread |= said;
        }
        self.wake();
    }

    fn on_key(&mut self, event: Option<std::io::Result<Event>>) {
        let Some(typist) = &mut self.typist else {
            return;
        };
        if std::mem::take(&mut typist.unread) {
            self.asked.push_back(Request::MarkRead);
        }
        let action = match event {
            Some(Ok(Event::Key(key))) => typist.editor.handle(key),
            Some(Ok(Event::Paste(text))) => {
                typist.editor.insert(&text);
                Some(Action::Changed)
            }
            Some(Ok(Event::Resize(..))) => Some(Action::Changed),
            Some(Ok(_)) => None,
            // The terminal is gone.
            Some(Err(_)) | None => Some(Action::Close),
        };
        if let Some(action) = action {
            self.on_action(action);
            self.draw();
        }
    }

    fn on_action(&mut self, action: Action) {
        match action {
            Action::Changed => {}
            Action::Submit(line) => self.on_line(line.trim()),
            Action::Complete => self.complete(),
            Action::Close => self.asked.push_back(Request::Leave),
            Action::Interrupt => self.asked.push_back(Request::Interrupt),
            Action::Redraw => {
                self.output.write("\x1b[2J\x1b[H");
                self.screen.forget();
            }
        }
        self.tell_typing();
    }

    fn on_line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        match slash::read(line, &self.view) {
            Ok(Asked::For(requests)) => {
                // Of all that is asked for, only this has no echo.
                if let [Request::Nick(name)] = &requests[..] {
                    let line = Line::new().dim("you are now called ");
                    self.above.push(line.plain(harmless(name)));
                }
                for request in &requests {
                    if let Request::Accept { transfer, .. } = request {
                        self.view.files.set_state(*transfer, State::Accepted);
                    }
                }
                self.asked.extend(requests);
            }
            Ok(Asked::ToSee(lines)) => {
                let width = self.screen.width();
                let rows = lines.iter().flat_map(|line| line.wrap(width, "    "));
                self.above.extend(rows);
            }
            Err(why) => {
                let line = Line::new().bad("! ").plain(why);
                self.above.extend(line.wrap(self.screen.width(), "  "));
            }
        }
    }

    fn complete(&mut self) {
        let Some(typist) = &mut self.typist else {
            return;
        };
        let completion = complete(typist.editor.text_before());
        let Completion { start, words } = &completion;
        let typed = typist.editor.text_before()[*start..].len();
        if completion.common().len() > typed {
            typist.editor.replace_word(*start, completion.common());
        } else if words.len() > 1 {
            let mut shown: Vec<&str> = words.iter().take(SUGGESTIONS).map(|it| it.trim()).collect();
            if words.len() > SUGGESTIONS {
                shown.push("…");
            }
            let words = Line::new().dim(shown.join("  "));
            self.above.extend(words.wrap(self.screen.width(), ""));
        }
    }

    fn tell_typing(&mut self) {
        let Some(typist) = &mut self.typist else {
            return;
        };
        let text = typist.editor.text();
        let typing = !text.is_empty() && !text.starts_with('/');
        // While it goes on it is told again, since it lapses.
        if typing || typist.typing {
            self.asked.push_back(Request::Typing(typing));
        }
        typist.typing = typing;
    }
}

impl Typist {
    fn start() -> std::io::Result<Self> {
        Ok(Self {
            _raw: RawMode::enter()?,
            editor: Editor::default(),
            keys: EventStream::new(),
            unread: false,
            typing: false,
        })
    }
}

impl Front for Terminal {
    fn tell(&mut self, happening: &Happening) {
        let items = self.view.show(happening);
        self.show(&items);
    }

    async fn next(&mut self) -> Request {
        loop {
            if let Some(end) = self.output.take_end() {
                return end;
            }
            if let Some(request) = self.asked.pop_front() {
                return request;
            }
            tokio::select! {
                key = next_key(&mut self.typist) => self.on_key(key),
                line = self.logs.next() => {
                    self.above.push(Line::new().dim(line));
                    self.wake();
                }
                () = elapsed(&mut self.frame) => self.draw(),
            }
        }
    }

    fn finish(&mut self) {
        let frame = self.screen.frame(&self.above, &Block::default());
        self.above.clear();
        self.output.write(&frame);
        self.typist = None;
    }
}

impl std::fmt::Debug for Typist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typist").finish_non_exhaustive()
    }
}

/// The terminal gives every key as it is pressed, until this is dropped.
struct RawMode;

impl RawMode {
    fn enter() -> std::io::Result<Self> {
        enable_raw_mode()?;
        execute!(stdout(), EnableBracketedPaste)?;
        Ok(Self)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Columns and rows, where the terminal knows them: some say that they have none.
fn measure() -> Option<(u16, u16)> {
    let (columns, rows) = size().ok()?;
    (columns > 0 && rows > 0).then_some((columns, rows))
}

/// Whether the output can be drawn on.
pub(crate) fn is_live() -> bool {
    let smart = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    smart && stdout().is_terminal()
}

/// Whether a person can type here.
pub(crate) fn can_type() -> bool {
    stdin().is_terminal()
}

/// Makes the terminal usual again. Harmless at any time.
pub(crate) fn restore() {
    if is_raw_mode_enabled().unwrap_or(false) {
        // If the terminal is gone there is nothing to restore.
        drop(execute!(stdout(), DisableBracketedPaste));
        drop(disable_raw_mode());
    }
}

/// Whether colours are wanted (<https://no-color.org>).
fn colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

async fn next_key(typist: &mut Option<Typist>) -> Option<std::io::Result<Event>> {
    match typist {
        Some(typist) => typist.keys.next().await,
        None => future::pending().await,
    }
}

async fn elapsed(frame: &mut Option<Pin<Box<Sleep>>>) {
    match frame {
        Some(frame) => frame.await,
        None => future::pending().await,
    }
}
