//! The lines that stay above the one being typed.

use snug_protocol::ClientId;
use snug_session::{LinkStatus, Path};

use super::{
    View,
    links::{path_of, trust, way},
};
use crate::{invitation::Purpose, style::Line};

/// Transfers shown at once; the rest are counted.
const BARS: usize = 5;

impl View {
    /// What goes on right now, in lines at most `columns` wide.
    pub(crate) fn status(&self, columns: usize) -> Vec<Line> {
        let mut lines = self.progress(columns);
        let idle = lines.is_empty() && self.offline.is_none();
        lines.extend(self.offline_line());
        lines.extend(self.presence_line());
        if idle {
            lines.extend(self.waiting_line());
        }
        lines
    }

    /// How far what is moving has got, in lines at most `columns` wide.
    pub(crate) fn progress(&self, columns: usize) -> Vec<Line> {
        let mut lines = self.files.bars(columns, |person| self.people.name(person));
        if lines.len() > BARS {
            let hidden = lines.len() - BARS;
            lines.truncate(BARS);
            lines.push(Line::new().dim(format!("and {hidden} more")));
        }
        lines
    }

    /// What is waited for while nothing goes on.
    fn waiting_line(&self) -> Option<Line> {
        let what = match self.purpose {
            _ if self.invitation.is_none() => "reaching the server…",
            Purpose::Send | Purpose::SendTo if self.met.is_empty() => "waiting for the receiver…",
            Purpose::Verify if self.met.is_empty() => "waiting for somebody to compare with…",
            Purpose::Receive | Purpose::List | Purpose::Play
                if self.files.all().next().is_none() =>
            {
                "waiting for files…"
            }
            _ => return None,
        };
        Some(Line::new().dim(what))
    }

    fn offline_line(&self) -> Option<Line> {
        let why = self.offline.as_ref()?;
        Some(Line::new().warn(format!("no server: {why}")))
    }

    /// Who is here and how, who is on the way, who is typing, how far the latest message has got.
    fn presence_line(&self) -> Option<Line> {
        let those = |wanted: LinkStatus| {
            let links = self.links.iter();
            links.filter_map(move |(person, link)| (*link == wanted).then_some(person))
        };
        let refused = self.links.iter().filter_map(|(person, link)| {
            let outside = matches!(link, LinkStatus::Refused(_)) && !self.inside;
            outside.then_some(person)
        });
        let parts = [
            self.links_line(),
            self.names_line(refused, "not let in by ", ""),
            self.names_line(those(LinkStatus::Connecting), "connecting to ", "…"),
            self.names_line(those(LinkStatus::Verifying), "verifying ", "…"),
            self.names_line(self.typing.iter(), "", " typing…"),
            self.receipt_line(),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| Line::new().dim(parts.join(" · ")))
    }

    /// `2 verified, direct`, or `3 verified: 2 direct, 1 through the server`.
    fn links_line(&self) -> Option<String> {
        let count = |path| {
            let links = self.links.values();
            links.filter(|link| path_of(**link) == Some(path)).count()
        };
        let (_, verified) = self.connected().next()?;
        let all = self.connected().count();
        let paths = [Path::Direct, Path::Turn, Path::Relay].map(|path| (count(path), way(path)));
        let paths: Vec<(usize, &str)> = paths.into_iter().filter(|(count, _)| *count > 0).collect();
        if let [(_, way)] = paths[..] {
            return Some(format!("{all} {}, {way}", trust(verified)));
        }
        let paths = paths.iter().map(|(count, way)| format!("{count} {way}"));
        let paths: Vec<String> = paths.collect();
        Some(format!("{all} {}: {}", trust(verified), paths.join(", ")))
    }

    fn names_line<'a>(
        &self,
        people: impl Iterator<Item = &'a ClientId>,
        before: &str,
        after: &str,
    ) -> Option<String> {
        let names: Vec<String> = people.map(|person| self.people.name(person)).collect();
        (!names.is_empty()).then(|| format!("{before}{}{after}", names.join(", ")))
    }

    fn receipt_line(&self) -> Option<String> {
        let (number, seq) = self.said?;
        let connected: Vec<_> = self.connected().map(|(person, _)| person).collect();
        if connected.is_empty() {
            return Some(format!("#{number}: nobody is here to read it"));
        }
        let receipts = || {
            connected
                .iter()
                .filter_map(|person| self.receipts.get(*person))
        };
        let delivered = receipts().filter(|it| it.delivered >= seq).count();
        let read = receipts().filter(|it| it.read >= seq).count();
        let all = connected.len();
        Some(match (delivered, read) {
            (_, read) if read == all => format!("#{number} ✓✓ read"),
            (delivered, 0) if delivered == all => format!("#{number} ✓ delivered"),
            (delivered, 0) => format!("#{number} delivered to {delivered} of {all}"),
            (_, read) => format!("#{number} ✓ read by {read} of {all}"),
        })
    }
}
