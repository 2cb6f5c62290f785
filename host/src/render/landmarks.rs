//! The 22 true landmarks of a rendered face.

use super::action::image_sign;
use super::camera::Camera;
use super::features::{MOUTH_HALF_WIDTH, MOUTH_Y, lower_lip_height, mouth_line, upper_lip_height};
use super::grid::Grid;
use super::identity::Identity;
use super::lids::{EYE_RADIUS, EyeLids, INNER_END, Lids, OUTER_END};
use super::skin::{BROW_LENGTH, BROW_START, brow_line};
use super::vector::Vec3;
use synkiosk_models::landmarks::{COUNT, Point};
use synkiosk_models::pose::Side;

/// Their names, in the order of `Landmarks::points`.
pub fn names() -> [&'static str; COUNT] {
    Point::ALL.map(Point::name)
}

/// Where each landmark is in the picture.
///
/// Lids: the middle of the margin. Iris: the center of the pupil, also behind a shut lid. Lips: the border of
/// the red in the middle (labiale superius and inferius). Chin: the lowest point of its outline (gnathion).
#[derive(Debug, Clone, PartialEq)]
pub struct Landmarks {
    /// Pixel column and row, from the top left corner.
    pub points: [[f32; 2]; COUNT],
}

impl Landmarks {
    /// The landmark of a name.
    pub fn get(&self, name: &str) -> Option<[f32; 2]> {
        names().iter().position(|known| *known == name).map(|index| self.points[index])
    }

    /// Projects the landmarks of a moved skin.
    pub fn project(who: &Identity, grid: &Grid, skin: &[Vec3], lids: &EyeLids, camera: &Camera) -> Landmarks {
        let mut points = [[0.0; 2]; COUNT];
        for (offset, side) in [Side::Right, Side::Left].into_iter().enumerate() {
            let places = of_side(side, who, grid, skin, lids.of(side));
            for (pair, place) in places.into_iter().enumerate() {
                points[2 * pair + offset] = camera.pixel(place);
            }
        }
        for (index, place) in middle(who, grid, skin).into_iter().enumerate() {
            points[18 + index] = camera.pixel(place);
        }
        Landmarks { points }
    }
}

fn of_side(side: Side, who: &Identity, grid: &Grid, skin: &[Vec3], lids: &Lids) -> [Vec3; 9] {
    let brow = |along: f32| {
        grid.at(skin, image_sign(side) * (BROW_START + BROW_LENGTH * along), brow_line(along, who))
    };
    [
        lids.margin(grid, skin, INNER_END + 0.2, true),
        lids.margin(grid, skin, OUTER_END - 0.2, true),
        lids.margin(grid, skin, 0.0, true),
        lids.margin(grid, skin, 0.0, false),
        lids.center + lids.gaze * EYE_RADIUS,
        brow(0.05),
        brow(0.5),
        brow(0.95),
        grid.at_row(skin, image_sign(side) * (MOUTH_HALF_WIDTH - 0.5), MOUTH_Y),
    ]
}

fn middle(who: &Identity, grid: &Grid, skin: &[Vec3]) -> [Vec3; 4] {
    let line = MOUTH_Y + mouth_line(0.0);
    [
        grid.at(skin, 0.0, -40.5),
        grid.at(skin, 0.0, line + upper_lip_height(0.0, who)),
        grid.at(skin, 0.0, line - lower_lip_height(0.0, who)),
        grid.at(skin, 0.0, -110.5),
    ]
}
