//! One `snug` process with a terminal of its own, and somebody who looks at it.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    os::fd::OwnedFd,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};
use tokio::process::Child;

use crate::member::snug;

/// A terminal, looked at from outside.
pub(crate) struct Glass {
    pub(crate) child: Child,
    keyboard: File,
    /// Kept open, so that what was drawn last can still be read.
    terminal: OwnedFd,
    drawn: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// How long anything may take. Far more than it does on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

impl Glass {
    /// Starts `snug` with these arguments.
    pub(crate) fn start(args: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let size = Winsize {
            ws_row: ROWS,
            ws_col: COLUMNS,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let terminal = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let end = || terminal.try_clone().unwrap();
        let child = snug()
            .args(args)
            .env("TERM", "xterm-256color")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let keyboard = File::from(master);
        Self {
            child,
            drawn: read_all(keyboard.try_clone().unwrap()),
            keyboard,
            terminal,
            screen: vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 1000),
        }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Looks until the rows that are not empty are as wanted.
    pub(crate) fn until(&mut self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        loop {
            let rows = self.rows();
            if wanted(&rows) {
                return rows;
            }
            let Ok(bytes) = self.drawn.recv_timeout(PATIENCE) else {
                panic!("nothing more was drawn: {rows:#?}");
            };
            self.screen.process(&bytes);
        }
    }

    /// Looks until some row is that one.
    pub(crate) fn until_row(&mut self, row: &str) -> Vec<String> {
        self.until(|rows| rows.iter().any(|it| it == row))
    }

    /// Whether the terminal gives lines, and echoes what is typed.
    pub(crate) fn is_usual(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }

    fn rows(&self) -> Vec<String> {
        let rows = self.screen.screen().rows(0, COLUMNS);
        let rows = rows.map(|row| row.trim_end().to_owned());
        rows.filter(|row| !row.is_empty()).collect()
    }
}

/// Reads in a thread: a terminal cannot be waited for otherwise.
fn read_all(mut master: File) -> Receiver<Vec<u8>> {
    let (sink, drawn) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(len @ 1..) = master.read(&mut buffer) {
            if sink.send(buffer[..len].to_vec()).is_err() {
                return;
            }
        }
    });
    drawn
}
