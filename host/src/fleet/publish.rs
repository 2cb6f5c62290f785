//! Tables that may leave the study center: no count under five, none that others give away, and noise on the rest.

use super::figures::{Figures, Group};
use super::made_up::Numbers;
use serde::Serialize;
use std::collections::BTreeMap;

/// The smallest count that is published.
pub const LEAST: u64 = 5;
/// Counts that one session is in: its cell and its row's total in each of three tables, its outcome's total, and all.
pub const COUNTS_OF_A_SESSION: f64 = 8.0;

/// In the order of columns.
pub const OUTCOMES: [&str; 7] =
    ["likely", "unlikely", "cannot-tell", "retake", "stopped", "declined", "failed"];

/// What may be published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// The smallest count that is shown.
    pub least: u64,
    /// Of all counts together; null without noise.
    pub epsilon: Option<f64>,
    /// Each outcome and all sessions, `OUTCOMES` and then the total; null where suppressed.
    pub totals: Vec<Option<u64>>,
    /// By site, by week, by model.
    pub tables: Vec<Table>,
}

/// Sessions by one property and how they ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// `site`, `week` or `model`.
    pub by: &'static str,
    /// A row each: `OUTCOMES` and then the total; null where suppressed.
    pub rows: BTreeMap<String, Vec<Option<u64>>>,
}

/// Where noise comes from.
#[derive(Debug)]
pub enum Noise {
    /// None.
    Without,
    /// From the system's generator.
    Random {
        /// Of all counts together.
        epsilon: f64,
    },
    /// The same every time. Whoever knows the seed can take the noise off again.
    Seeded {
        /// Of all counts together.
        epsilon: f64,
        /// What is drawn from.
        numbers: Numbers,
    },
}

impl Noise {
    fn epsilon(&self) -> Option<f64> {
        match self {
            Noise::Without => None,
            Noise::Random { epsilon } | Noise::Seeded { epsilon, .. } => Some(*epsilon),
        }
    }

    /// A count with two-sided geometric noise (Ghosh, Roughgarden and Sundararajan 2009).
    fn on(&mut self, count: u64) -> Result<u64, getrandom::Error> {
        let Some(epsilon) = self.epsilon() else { return Ok(count) };
        // A geometric number by inversion: ln of a uniform one over ln of alpha = exp(-epsilon of this count).
        let rate = epsilon / COUNTS_OF_A_SESSION;
        let mut one = || -> Result<f64, getrandom::Error> {
            let bits = match self {
                Noise::Seeded { numbers, .. } => numbers.draw(),
                _ => getrandom::u64()?,
            };
            let uniform = ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
            Ok((-uniform.ln() / rate).floor())
        };
        let noisy = count as f64 + one()? - one()?;
        Ok(noisy.max(0.0) as u64)
    }
}

/// All counts as one: rows of three tables and a row of totals, with what is suppressed.
struct Counts {
    /// Rows of each table.
    parts: [std::ops::Range<usize>; 3],
    /// `OUTCOMES` and the total; the last row holds the totals of all.
    rows: Vec<[u64; 8]>,
    hidden: Vec<[bool; 8]>,
}

/// Suppresses, then adds noise, then suppresses what noise made small.
///
/// # Errors
/// When the system has no random numbers.
pub fn publish(figures: &Figures, mut noise: Noise) -> Result<Published, getrandom::Error> {
    let tables = [("site", &figures.sites), ("week", &figures.weeks), ("model", &figures.models)];
    let mut counts = Counts::of(&tables.map(|(_, groups)| groups.as_slice()), &figures.all);
    counts.hide();
    let mut shown: Vec<Vec<Option<u64>>> = Vec::new();
    for (row, hidden) in counts.rows.iter().zip(&counts.hidden) {
        let mut cells = Vec::new();
        for (count, hidden) in row.iter().zip(hidden) {
            let noisy = if *hidden { 0 } else { noise.on(*count)? };
            cells.push((noisy >= LEAST).then_some(noisy));
        }
        shown.push(cells);
    }
    let totals = shown.pop().unwrap_or_default();
    let tables = tables.into_iter().zip(counts.parts).map(|((by, groups), part)| {
        let names = groups.iter().map(|group| group.name.clone());
        Table { by, rows: names.zip(shown[part].iter().cloned()).collect() }
    });
    Ok(Published { least: LEAST, epsilon: noise.epsilon(), totals, tables: tables.collect() })
}

impl Counts {
    fn of(tables: &[&[Group]; 3], all: &Group) -> Counts {
        let row = |group: &Group| -> [u64; 8] {
            std::array::from_fn(|column| match OUTCOMES.get(column) {
                Some(outcome) => group.outcomes.get(*outcome).copied().unwrap_or(0),
                None => group.sessions,
            })
        };
        let mut rows: Vec<[u64; 8]> = Vec::new();
        let parts = tables.map(|groups| {
            let start = rows.len();
            rows.extend(groups.iter().map(row));
            start..rows.len()
        });
        rows.push(row(all));
        let hidden = vec![[false; 8]; rows.len()];
        Counts { parts, rows, hidden }
    }

    /// Every sum that is published: cells whose last is the sum of the others.
    fn lines(&self) -> Vec<Vec<(usize, usize)>> {
        let totals = self.rows.len() - 1;
        let across = (0..self.rows.len()).map(|row| (0..8).map(|column| (row, column)).collect());
        let down = self.parts.iter().flat_map(|part| {
            (0..8).map(move |column| part.clone().chain([totals]).map(|row| (row, column)).collect())
        });
        across.chain(down).collect()
    }

    /// Hides what is small, and then, in every sum, the next smallest until what is hidden cannot be told: a single
    /// hidden cell is the rest of its sum, and hidden cells that together are under `LEAST` are a small group themselves.
    fn hide(&mut self) {
        for (row, hidden) in self.rows.iter().zip(&mut self.hidden) {
            for (count, hidden) in row.iter().zip(hidden) {
                *hidden = *count < LEAST;
            }
        }
        let lines = self.lines();
        loop {
            let mut changed = false;
            for line in &lines {
                while self.gives_away(line) && self.hide_smallest(line) {
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn gives_away(&self, line: &[(usize, usize)]) -> bool {
        let is_hidden = |(row, column): &(usize, usize)| self.hidden[*row][*column];
        let hidden: Vec<&(usize, usize)> = line.iter().filter(|cell| is_hidden(cell)).collect();
        let total_is_shown = line.last().is_some_and(|cell| !is_hidden(cell));
        let sum: u64 = hidden.iter().map(|(row, column)| self.rows[*row][*column]).sum();
        match hidden.len() {
            0 => false,
            1 => true,
            _ => total_is_shown && sum < LEAST,
        }
    }

    fn hide_smallest(&mut self, line: &[(usize, usize)]) -> bool {
        let shown = line.iter().filter(|(row, column)| !self.hidden[*row][*column]);
        let Some((row, column)) = shown.min_by_key(|(row, column)| self.rows[*row][*column]) else {
            return false;
        };
        self.hidden[*row][*column] = true;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::figures::empty_group;

    fn group(name: &str, counts: [u64; 7]) -> Group {
        let mut group = empty_group(name);
        group.outcomes =
            OUTCOMES.iter().map(|it| (*it).to_owned()).zip(counts).filter(|it| it.1 > 0).collect();
        group.sessions = counts.iter().sum();
        group
    }

    fn counts(sites: &[[u64; 7]]) -> Counts {
        let sites: Vec<Group> = sites.iter().map(|counts| group("x", *counts)).collect();
        let all: [u64; 7] = std::array::from_fn(|column| {
            sites.iter().map(|site| site.outcomes.get(OUTCOMES[column]).copied().unwrap_or(0)).sum()
        });
        let all = group("all", all);
        let once = [group("x", all_of(&all))];
        Counts::of(&[&sites, &once, &once], &all)
    }

    fn all_of(group: &Group) -> [u64; 7] {
        OUTCOMES.map(|outcome| group.outcomes.get(outcome).copied().unwrap_or(0))
    }

    /// An attacker: fills in every cell that a sum with one hidden cell gives away, and says which come out.
    fn told(counts: &Counts) -> Vec<(usize, usize)> {
        let mut known = counts.hidden.iter().map(|row| row.map(|hidden| !hidden)).collect::<Vec<_>>();
        let mut told = Vec::new();
        loop {
            let lines = counts.lines();
            let one = lines.iter().find_map(|line| {
                let mut unknown = line.iter().filter(|(row, column)| !known[*row][*column]);
                let first = unknown.next()?;
                unknown.next().is_none().then_some(*first)
            });
            let Some((row, column)) = one else { return told };
            known[row][column] = true;
            told.push((row, column));
        }
    }

    #[test]
    fn small_counts_are_neither_shown_nor_given_away() {
        let mut numbers = Numbers(7);
        for round in 0..300 {
            let sites: Vec<[u64; 7]> = (0..1 + round % 6)
                .map(|_| {
                    std::array::from_fn(|_| {
                        if numbers.below(3) == 0 { numbers.below(9) } else { numbers.below(400) }
                    })
                })
                .collect();
            let mut counts = counts(&sites);
            counts.hide();
            for (row, hidden) in counts.rows.iter().zip(&counts.hidden) {
                assert!(row.iter().zip(hidden).all(|(count, hidden)| *hidden || *count >= LEAST));
            }
            assert_eq!(told(&counts), [], "{sites:?}");
        }
    }

    #[test]
    fn a_single_small_cell_takes_another_with_it() {
        let mut it = counts(&[[100, 200, 3, 50, 60, 70, 80], [100, 200, 90, 50, 60, 70, 80]]);
        assert!(
            !told(&{
                let mut plain = counts(&[[100, 200, 3, 50, 60, 70, 80], [100, 200, 90, 50, 60, 70, 80]]);
                plain.hidden[0][2] = true;
                plain
            })
            .is_empty()
        );
        it.hide();
        assert!(it.hidden[0][2] && it.hidden[0].iter().filter(|hidden| **hidden).count() >= 2);
    }

    #[test]
    fn noise_is_what_epsilon_says() {
        let mut noise = Noise::Seeded { epsilon: 4.0, numbers: Numbers(1) };
        let draws: Vec<f64> = (0..20_000).map(|_| noise.on(1_000_000).unwrap() as f64 - 1e6).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|it| it * it).sum::<f64>() / draws.len() as f64;
        // 2 alpha / (1 - alpha)^2 with alpha = exp(-4 / 8).
        let alpha = (-0.5f64).exp();
        let expected = 2.0 * alpha / (1.0 - alpha).powi(2);
        assert!(mean.abs() < 0.1 && (variance / expected - 1.0).abs() < 0.06, "{mean} {variance} {expected}");
        assert_eq!(Noise::Without.on(7).unwrap(), 7);
    }
}
