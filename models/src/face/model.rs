//! The detector's model file: numbers of four bytes, one after the other.

use super::{lab::Lab, surf::Surf};

/// A cascade as the file describes it.
pub(super) struct Model {
    /// What every window passes first, one list of candidates each.
    pub(super) first: Vec<Lab>,
    /// What the candidates pass then.
    pub(super) levels: Vec<Vec<Branch>>,
}

/// Stages that candidates of some lists pass one after the other.
pub(super) struct Branch {
    /// The lists; what passes goes into the first.
    pub(super) sources: Vec<usize>,
    /// The stages.
    pub(super) stages: Vec<Surf>,
}

impl Model {
    /// `None` where it ends too early or holds what it cannot.
    pub(super) fn read(bytes: &[u8]) -> Option<Model> {
        let mut numbers = Numbers(bytes);
        let count = numbers.count()?;
        let mut model = Model { first: Vec::new(), levels: Vec::new() };
        for level in 0..count {
            let mut branches = Vec::new();
            for _ in 0..numbers.count()? {
                let mut branch = Branch { sources: Vec::new(), stages: Vec::new() };
                for _ in 0..numbers.count()? {
                    match (numbers.count()?, level) {
                        (0, 0) => model.first.push(Lab::read(&mut numbers)?),
                        (1, 1..) => branch.stages.push(Surf::read(&mut numbers)?),
                        _ => return None,
                    }
                }
                branch.sources = numbers.counts()?;
                branches.push(branch);
            }
            if level > 0 {
                model.levels.push(branches);
            }
        }
        model.is_whole().then_some(model)
    }

    fn is_whole(&self) -> bool {
        let branches = self.levels.iter().flatten();
        let known = |branch: &Branch| {
            !branch.sources.is_empty() && branch.sources.iter().all(|list| *list < self.first.len())
        };
        let fits = |level: &Vec<Branch>| level.len() <= self.first.len();
        branches.clone().all(known) && self.levels.iter().all(fits) && !self.first.is_empty()
    }
}

/// The rest of the file.
pub(super) struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn four(&mut self) -> Option<[u8; 4]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    /// A whole number that is not below zero.
    pub(super) fn count(&mut self) -> Option<usize> {
        usize::try_from(i32::from_le_bytes(self.four()?)).ok()
    }

    /// So many of them as the first says; none where that is below zero.
    fn counts(&mut self) -> Option<Vec<usize>> {
        let count = i32::from_le_bytes(self.four()?);
        (0..count).map(|_| self.count()).collect()
    }

    /// One real number.
    pub(super) fn real(&mut self) -> Option<f32> {
        self.four().map(f32::from_le_bytes)
    }

    /// So many of them.
    pub(super) fn reals(&mut self, count: usize) -> Option<Vec<f32>> {
        (0..count).map(|_| self.real()).collect()
    }
}
