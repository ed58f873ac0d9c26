//! What came of each attack, as a table.

use std::io::{self, Write};

use snug_hostile::{Attack, simulate::Outcome};

/// Breaches that are printed for each attack; the rest is counted.
const PRINTED: usize = 5;

/// Writes one line for each attack.
pub(crate) struct Table<W> {
    out: W,
}

/// What came of one attack.
pub(crate) struct Row {
    attack: Attack,
    runs: usize,
    verified: usize,
    guesses: u32,
    false_links: Vec<String>,
    accepted: Vec<String>,
    unexplained: Vec<String>,
    stranded: Vec<String>,
    separated: Vec<String>,
    overspent: Vec<String>,
}

impl Row {
    pub(crate) fn new(attack: Attack) -> Self {
        Self {
            attack,
            runs: 0,
            verified: 0,
            guesses: 0,
            false_links: Vec::new(),
            accepted: Vec::new(),
            unexplained: Vec::new(),
            stranded: Vec::new(),
            separated: Vec::new(),
            overspent: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, seed: u64, outcome: &Outcome) {
        let with_seed = |list: &[String]| -> Vec<String> {
            list.iter().map(|it| format!("seed {seed}: {it}")).collect()
        };
        self.runs += 1;
        self.verified += outcome.verified;
        self.guesses = self.guesses.max(outcome.guesses);
        self.false_links.extend(with_seed(&outcome.false_links));
        self.accepted.extend(with_seed(&outcome.accepted));
        self.unexplained.extend(with_seed(&outcome.unexplained));
        self.stranded.extend(with_seed(&outcome.stranded));
        self.separated.extend(with_seed(&outcome.met_anyway));
        self.overspent.extend(with_seed(&outcome.overspent));
    }

    pub(crate) fn is_breach(&self) -> bool {
        self.breaches().iter().any(|(_, list)| !list.is_empty())
    }

    fn breaches(&self) -> [(&str, &[String]); 6] {
        [
            ("a false link", &self.false_links),
            ("accepted", &self.accepted),
            ("met anyway", &self.separated),
            ("too many guesses", &self.overspent),
            ("no reason", &self.unexplained),
            ("not recovered", &self.stranded),
        ]
    }
}

impl<W: Write> Table<W> {
    pub(crate) fn begin(mut out: W) -> io::Result<Self> {
        writeln!(
            out,
            "{:<20} {:>6} {:>9} {:>7} {:>6} {:>9} {:>5} {:>10} {:>10} {:>9}",
            "attack",
            "runs",
            "verified",
            "guesses",
            "false",
            "accepted",
            "met",
            "overspent",
            "no reason",
            "stranded"
        )?;
        Ok(Self { out })
    }

    pub(crate) fn write(&mut self, row: &Row) -> io::Result<()> {
        writeln!(
            self.out,
            "{:<20} {:>6} {:>9} {:>7} {:>6} {:>9} {:>5} {:>10} {:>10} {:>9}",
            row.attack.name(),
            row.runs,
            row.verified,
            row.guesses,
            row.false_links.len(),
            row.accepted.len(),
            row.separated.len(),
            row.overspent.len(),
            row.unexplained.len(),
            row.stranded.len(),
        )?;
        for (what, list) in row.breaches() {
            for breach in list.iter().take(PRINTED) {
                writeln!(self.out, "    {what}: {breach}")?;
            }
        }
        self.out.flush()
    }
}
