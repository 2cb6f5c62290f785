//! A person's head at rest, made once and used in all of the person's pictures.

use super::grid::Grid;
use super::hair;
use super::identity::{Covering, Identity};
use super::strands::{self, Strand};
use super::vector::Vec3;

/// All that no movement, light or camera changes.
#[derive(Debug, Clone)]
pub struct Head {
    /// Whose head.
    pub who: Identity,
    /// The surface.
    pub grid: Grid,
    /// How closely the grid's vertices lie, 1 the closest.
    pub detail: f32,
    /// Share of hair on each vertex.
    pub hair_cover: Vec<f32>,
    /// Millimeters of hair on each vertex.
    pub hair_height: Vec<f32>,
    /// Hair of the head.
    pub strands: Vec<Strand>,
}

impl Head {
    /// Makes the head for pictures with about `scale` pixels a millimeter.
    pub fn new(who: Identity, scale: f32) -> Head {
        // Vertices about one pixel apart: more cannot be seen.
        let detail = (0.15 + 0.5 * scale).clamp(0.5, 1.0);
        let grid = Grid::new(&who, detail);
        let is_covered = |at: Vec3| who.covering.as_ref().is_some_and(|covering| covering.depth(at) > 0.0);
        let hair_cover: Vec<f32> = grid
            .average
            .iter()
            .map(|at| if is_covered(*at) { 0.0 } else { hair::cover(*at, &who).max(hair::fall(*at, &who).0) })
            .collect();
        let height = |(at, cover): (Vec3, &f32)| {
            if *cover > 0.0 { hair::shell(at, &who).max(hair::fall(at, &who).1) } else { 0.0 }
        };
        let hair_height = grid.average.iter().copied().zip(&hair_cover).map(height).collect();
        let strands = strands::grow(&who);
        Head { who, grid, detail, hair_cover, hair_height, strands }
    }

    /// Whether the hair leaves the ears free.
    pub fn shows_ears(&self) -> bool {
        if self.who.covering.as_ref().is_some_and(Covering::hides_ears) {
            return false;
        }
        !self.who.hair.falls() || self.who.hair.behind_ears
    }
}
