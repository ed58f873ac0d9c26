//! The square that a QR code is drawn on.

/// A square of modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Symbol {
    size: usize,
    modules: Vec<Module>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Module {
    /// Where data goes.
    Free(bool),
    /// What readers find their way by.
    Fixed(bool),
}

impl Symbol {
    /// Draws what all codes of a version have in common.
    pub(super) fn new(version: usize) -> Self {
        let size = 17 + 4 * version;
        let mut symbol = Self {
            size,
            modules: vec![Module::Free(false); size * size],
        };
        for at in 0..size {
            symbol.fix(6, at, at % 2 == 0);
            symbol.fix(at, 6, at % 2 == 0);
        }
        symbol.draw_alignment(version);
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            symbol.draw_rings(x, y, &[true, true, false, true, false]);
        }
        // Where the format goes, once there is a mask.
        symbol.draw_format(0);
        if version >= 7 {
            symbol.draw_version(version);
        }
        symbol
    }

    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Modules that data goes into.
    pub(super) fn free(&self) -> usize {
        let free = self.modules.iter();
        free.filter(|module| matches!(module, Module::Free(_)))
            .count()
    }

    pub(super) fn is_dark(&self, x: usize, y: usize) -> bool {
        let (Module::Free(dark) | Module::Fixed(dark)) = self.modules[y * self.size + x];
        dark
    }

    /// Writes codewords: up and down in columns of two, from the right to the left (§7.7.3).
    pub(super) fn fill(&mut self, codewords: &[u8]) {
        let mut bits = codewords
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        let size = self.size;
        // The column of the timing pattern is none of them.
        let right = (1..size)
            .rev()
            .step_by(2)
            .map(|x| if x <= 6 { x - 1 } else { x });
        for (x, is_up) in right.zip([true, false].into_iter().cycle()) {
            for step in 0..size {
                let y = if is_up { size - 1 - step } else { step };
                for x in [x, x - 1] {
                    if let Module::Free(dark) = &mut self.modules[y * size + x] {
                        *dark = bits.next().unwrap_or_default();
                    }
                }
            }
        }
    }

    /// Inverts the data by a pattern, so that nothing in it looks like what readers go by (§7.8).
    pub(super) fn masked(&self, mask: u8) -> Self {
        let mut masked = self.clone();
        for y in 0..self.size {
            for x in 0..self.size {
                if let Module::Free(dark) = &mut masked.modules[y * self.size + x] {
                    *dark ^= is_inverted(mask, x, y);
                }
            }
        }
        masked.draw_format(mask);
        masked
    }

    /// How much there is in it that makes it hard to read (§7.8.3).
    pub(super) fn penalty(&self) -> usize {
        let lines = (0..self.size).map(|at| {
            let row = (0..self.size).map(|x| self.is_dark(x, at));
            let column = (0..self.size).map(|y| self.is_dark(at, y));
            line_penalty(row) + line_penalty(column)
        });
        let dark =
            (0..self.modules.len()).filter(|at| self.is_dark(at % self.size, at / self.size));
        let percent = dark.count() * 100 / self.modules.len();
        lines.sum::<usize>() + 3 * self.plain_blocks() + percent.abs_diff(50) / 5 * 10
    }

    /// Blocks of two by two that are all dark or all light.
    fn plain_blocks(&self) -> usize {
        let corners = (1..self.size).flat_map(|y| (1..self.size).map(move |x| (x, y)));
        let plain = corners.filter(|&(x, y)| {
            let dark = self.is_dark(x, y);
            let others = [(x - 1, y), (x, y - 1), (x - 1, y - 1)];
            others.iter().all(|(x, y)| self.is_dark(*x, *y) == dark)
        });
        plain.count()
    }

    fn fix(&mut self, x: usize, y: usize, dark: bool) {
        self.modules[y * self.size + x] = Module::Fixed(dark);
    }

    /// Squares within each other, as far as they are inside (§6.3.3, §6.3.6).
    fn draw_rings(&mut self, x: usize, y: usize, rings: &[bool]) {
        let last = self.size - 1;
        let around =
            |at: usize| at.saturating_sub(rings.len() - 1)..=(at + rings.len() - 1).min(last);
        for y_at in around(y) {
            for x_at in around(x) {
                let ring = x.abs_diff(x_at).max(y.abs_diff(y_at));
                self.fix(x_at, y_at, rings[ring]);
            }
        }
    }

    fn draw_alignment(&mut self, version: usize) {
        if version == 1 {
            return;
        }
        let count = version / 7 + 2;
        let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2;
        let last = count - 1;
        let place = |at: usize| {
            if at == 0 {
                6
            } else {
                self.size - 7 - (last - at) * step
            }
        };
        let places: Vec<usize> = (0..count).map(place).collect();
        for (row, y) in places.iter().enumerate() {
            for (column, x) in places.iter().enumerate() {
                // Where the three corners are, there is none.
                if ![(0, 0), (0, last), (last, 0)].contains(&(row, column)) {
                    self.draw_rings(*x, *y, &[true, false, true]);
                }
            }
        }
    }

    /// Level M and the mask, twice (§7.9).
    fn draw_format(&mut self, mask: u8) {
        let format = usize::from(mask);
        let bits = (format << 10 | check(format, 10, 0x537)) ^ 0x5412;
        let size = self.size;
        for at in 0..15 {
            let dark = bits >> at & 1 == 1;
            let beside = match at {
                0..=5 => (8, at),
                6 | 7 => (8, at + 1),
                8 => (7, 8),
                _ => (14 - at, 8),
            };
            let apart = match at {
                0..=7 => (size - 1 - at, 8),
                _ => (8, size - 15 + at),
            };
            for (x, y) in [beside, apart] {
                self.fix(x, y, dark);
            }
        }
        self.fix(8, size - 8, true);
    }

    /// The version, twice (§7.10).
    fn draw_version(&mut self, version: usize) {
        let bits = version << 12 | check(version, 12, 0x1f25);
        for at in 0..18 {
            let dark = bits >> at & 1 == 1;
            let (far, near) = (self.size - 11 + at % 3, at / 3);
            self.fix(far, near, dark);
            self.fix(near, far, dark);
        }
    }
}

/// The bits that correct others: what a division by a polynomial leaves.
fn check(value: usize, bits: usize, polynomial: usize) -> usize {
    (0..bits).fold(value, |rest, _| {
        (rest << 1) ^ ((rest >> (bits - 1)) * polynomial)
    })
}

fn is_inverted(mask: u8, x: usize, y: usize) -> bool {
    let product = x * y % 2 + x * y % 3;
    0 == match mask {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (x / 3 + y / 2) % 2,
        5 => product,
        6 => product % 2,
        _ => ((x + y) % 2 + x * y % 3) % 2,
    }
}

/// Runs of one colour, and what looks like a corner.
pub(super) fn line_penalty(line: impl Iterator<Item = bool>) -> usize {
    let (mut penalty, mut run, mut window) = (0, 0, 0_usize);
    for (at, dark) in line.enumerate() {
        run = if at > 0 && (window & 1 == 1) == dark {
            run + 1
        } else {
            1
        };
        penalty += match run {
            5 => 3,
            6.. => 1,
            _ => 0,
        };
        window = (window << 1 | usize::from(dark)) & 0x7ff;
        if at >= 10 && [0b101_1101_0000, 0b000_0101_1101].contains(&window) {
            penalty += 40;
        }
    }
    penalty
}
