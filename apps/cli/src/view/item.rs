//! What is shown for one happening, and how it becomes lines.

use crate::style::{Line, wrap};

/// Something to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// What someone said.
    Said {
        /// What people call the message, where they can.
        number: Option<u32>,
        /// Who, and what kind of message.
        head: Line,
        /// Each line of it, harmless.
        text: Vec<String>,
    },
    /// What a command was for: a code, a file that arrived.
    Result(Line),
    /// What goes on around that.
    Notice(Line),
    /// What does not work.
    Problem(Line),
    /// A link, as a picture where there is room.
    Picture(String),
}

/// Lines of one message shown. More would push everything else off the screen.
const MESSAGE_LINES: usize = 100;

/// In front of every line of a message but the first, so that nothing in it can pass for a line
/// of its own.
const GUTTER: &str = "    │ ";

/// Makes lines of an item, at most `columns` wide if that matters. Pictures are not text.
pub(crate) fn lay_out(item: &Item, columns: Option<usize>) -> Vec<Line> {
    match item {
        Item::Said { number, head, text } => {
            // Where nobody types commands, a number is in the way.
            let number = number.filter(|_| columns.is_some());
            let head = number_line(number).join(head.clone());
            lay_out_said(&head, text, columns.unwrap_or(usize::MAX))
        }
        Item::Result(line) | Item::Notice(line) => line.wrap(columns.unwrap_or(usize::MAX), GUTTER),
        Item::Problem(line) => line.wrap(columns.unwrap_or(usize::MAX), "  "),
        Item::Picture(_) => Vec::new(),
    }
}

fn number_line(number: Option<u32>) -> Line {
    match number {
        Some(number) => Line::new().dim(format!("{number:>3} ")),
        None => Line::new(),
    }
}

fn lay_out_said(head: &Line, text: &[String], columns: usize) -> Vec<Line> {
    let room = columns.saturating_sub(GUTTER.chars().count());
    // A head that leaves too little room gets a line of its own.
    let beside = columns.saturating_sub(head.width());
    let beside = if beside > room / 2 { beside } else { 0 };
    let mut rows = Vec::new();
    for line in text {
        let mut rest = line.as_str();
        if rows.is_empty() && beside > 0 {
            let row = wrap(rest, beside)[0];
            rows.push(row);
            rest = rest[row.len()..].trim_start();
            if rest.is_empty() {
                continue;
            }
        }
        rows.extend(wrap(rest, room));
    }
    let hidden = rows.len().saturating_sub(MESSAGE_LINES);
    rows.truncate(MESSAGE_LINES);
    let mut rows = rows.into_iter();
    let first = if beside > 0 { rows.next() } else { None };
    let first = head.clone().plain(first.unwrap_or_default());
    let rest = rows.map(|row| Line::new().dim(GUTTER).plain(row));
    let more = (hidden > 0).then(|| Line::new().dim(format!("{GUTTER}({hidden} more lines)")));
    std::iter::once(first).chain(rest).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &[&str], columns: Option<usize>) -> Vec<String> {
        let item = Item::Said {
            number: Some(1),
            head: Line::new().plain("Ann: "),
            text: text.iter().map(ToString::to_string).collect(),
        };
        lay_out(&item, columns).iter().map(Line::text).collect()
    }

    #[test]
    fn no_line_of_a_message_passes_for_another() {
        assert_eq!(
            laid_out(&["hello", "  2 Bob: I agree", ""], None),
            ["Ann: hello", "    │   2 Bob: I agree", "    │ "]
        );
    }

    #[test]
    fn long_lines_break_behind_the_gutter() {
        assert_eq!(
            laid_out(&["one two three four five six seven", "x"], Some(30)),
            [
                "  1 Ann: one two three four",
                "    │ five six seven",
                "    │ x"
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_gives_the_name_a_line() {
        let rows = laid_out(&["hello there"], Some(12));
        assert_eq!(rows, ["  1 Ann: ", "    │ hello", "    │ there"]);
    }

    #[test]
    fn a_message_does_not_fill_the_screen() {
        let text = vec!["x"; 1000];
        let rows = laid_out(&text, None);
        assert_eq!(rows.len(), MESSAGE_LINES + 1);
        assert_eq!(rows.last().unwrap(), "    │ (900 more lines)");
    }
}
