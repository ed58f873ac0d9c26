//! What befalls members and the ways between them.

use std::{collections::BTreeSet, time::Duration};

use super::{Happening, Network};
use crate::Command;

impl Network {
    /// Cuts the path between two members.
    pub fn cut(&mut self, a: usize, b: usize) {
        if self.cuts.insert((a.min(b), a.max(b))) {
            self.watch_cut(a, b);
        }
    }

    /// Mends the path between two members.
    pub fn heal(&mut self, a: usize, b: usize) {
        if self.cuts.remove(&(a.min(b), a.max(b))) {
            self.on_path_back(a, b);
        }
    }

    /// Cuts a member from the server.
    pub fn cut_server(&mut self, node: usize) {
        if self.server_cuts.insert(node) {
            self.break_socket(node);
        }
    }

    /// Mends the path between a member and the server.
    pub fn heal_server(&mut self, node: usize) {
        self.server_cuts.remove(&node);
    }

    /// Mends everything.
    pub fn heal_all(&mut self) {
        self.server_cuts.clear();
        let lives = |node: &usize| self.nodes[*node].is_alive();
        let (mended, dead) = std::mem::take(&mut self.cuts)
            .into_iter()
            .partition::<BTreeSet<_>, _>(|(a, b)| lives(a) && lives(b));
        self.cuts = dead;
        for (a, b) in mended {
            self.on_path_back(a, b);
        }
    }

    /// A member's addresses change: its links are dead until ICE restarts.
    pub fn change_address(&mut self, node: usize) {
        let stale = self.links.make_stale(node);
        for (other, _) in stale {
            self.watch_cut(node, other);
        }
        self.command(node, Command::NetworkChanged);
    }

    /// A member's process dies without a word.
    pub fn kill(&mut self, node: usize) {
        self.nodes[node].kill();
        self.break_socket(node);
        for other in 0..self.nodes.len() {
            self.cut(node, other);
        }
    }

    /// The server goes down, forgets everything but its key, and comes back.
    pub fn restart_server(&mut self, down: Duration) {
        for node in 0..self.nodes.len() {
            self.break_socket(node);
        }
        self.server.stop();
        self.schedule(down, Happening::ServerUp);
    }

    pub(super) fn is_cut(&self, a: usize, b: usize) -> bool {
        self.cuts.contains(&(a.min(b), a.max(b)))
    }
}
