//! More chance from the one seed than visitors need.

pub(crate) use crate::visitor_dice::Dice;

/// What disks and hands need beside what persons do.
pub(crate) trait MoreDice {
    /// 0 up to but not `bound`, which is at least 1.
    fn below(&mut self, bound: usize) -> usize;
}

impl MoreDice for Dice {
    fn below(&mut self, bound: usize) -> usize {
        (self.share() * bound as f64) as usize
    }
}
