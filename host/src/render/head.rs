//! A person's head at rest, made once and used in all of the person's pictures.

use super::grid::Grid;
use super::hair;
use super::identity::{Covering, HairStyle, Identity};
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
            .map(|at| if is_covered(*at) { 0.0 } else { hair::cover(*at, &who) })
            .collect();
        let height =
            |(at, cover): (_, &f32)| if *cover > 0.0 { hair::stand_off(at, &who) * cover } else { 0.0 };
        let hair_height = grid.average.iter().copied().zip(&hair_cover).map(height).collect();
        let strands = strands::grow(&who);
        Head { who, grid, detail, hair_cover, hair_height, strands }
    }

    /// Whether the hair leaves the ears free.
    pub fn shows_ears(&self) -> bool {
        if self.who.covering.as_ref().is_some_and(Covering::hides_ears) {
            return false;
        }
        let covers = matches!(self.who.hair.style, HairStyle::Long | HairStyle::Medium);
        !covers || self.who.seed.is_multiple_of(3)
    }
}
