//! The standard input, line by line.

use std::io::{self, BufRead as _, Read as _};

use tokio::sync::mpsc;

/// Lines of the standard input, read by a thread of their own: a blocked read cannot be taken
/// back, and ends with the process.
#[derive(Debug)]
pub(crate) struct Lines {
    lines: mpsc::Receiver<Line>,
    number: u64,
}

/// One line, or why there is none.
type Line = Result<String, &'static str>;

/// Bytes of one line. The longest message takes six times as many when all of it is escaped.
const LINE_BYTES: u64 = 256 * 1024;

/// Lines read ahead.
const LINES: usize = 64;

impl Lines {
    /// Starts to read.
    pub(crate) fn start() -> Self {
        let (sink, lines) = mpsc::channel(LINES);
        std::thread::spawn(move || {
            read(io::stdin().lock(), |line| sink.blocking_send(line).is_ok());
        });
        Self { lines, number: 0 }
    }

    /// The next line with its number; `None` at the end, again and again.
    pub(crate) async fn next(&mut self) -> Option<(u64, Line)> {
        let line = self.lines.recv().await?;
        self.number += 1;
        Some((self.number, line))
    }
}

/// Reads lines until the end, or until nobody wants them.
fn read(mut input: impl io::BufRead, mut sink: impl FnMut(Line) -> bool) {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line);
        let Ok(1..) = read else { return };
        let text = if line.len() as u64 == LINE_BYTES && !line.ends_with(b"\n") {
            if skip_line(&mut input).is_err() {
                return;
            }
            Err("the line is too long")
        } else {
            let line = String::from_utf8(std::mem::take(&mut line));
            line.map(|line| line.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|_| "the line is not UTF-8")
        };
        if !sink(text) {
            return;
        }
    }
}

/// Reads what is left of a line without keeping it.
fn skip_line(input: &mut impl io::BufRead) -> io::Result<()> {
    input.skip_until(b'\n').map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_text() {
        let mut input = b"one\r\n\n".to_vec();
        input.extend(vec![b'x'; 1_000_000]);
        input.extend(b"\n\xff\xfe\nlast");
        let mut lines = Vec::new();
        read(&*input, |line| {
            lines.push(line);
            true
        });
        let expected: [Line; 5] = [
            Ok("one".to_owned()),
            Ok(String::new()),
            Err("the line is too long"),
            Err("the line is not UTF-8"),
            Ok("last".to_owned()),
        ];
        assert_eq!(lines, expected);
    }
}
