//! Movement of the skin: each action unit is a field on the average head, with a gain for each side.

use super::action::{Actions, image_sign};
use super::features::{MOUTH_HALF_WIDTH, MOUTH_Y, fold_coordinate};
use super::grid::Grid;
use super::lids::EyeLids;
use super::mouth_movement::{move_both_lips, move_mouth};
use super::smooth::{bump, bump2, noise, smooth_step};
use super::vector::{Vec3, vec3};
use synkiosk_models::pose::Side;

/// One vertex and one side's share in it.
pub(super) struct Place {
    /// On the average head.
    pub(super) at: Vec3,
    /// Distance from the middle.
    pub(super) ax: f32,
    /// Height over the middle of the mouth.
    pub(super) over_mouth: f32,
    /// Below the slit between the lips.
    pub(super) is_lower_lip: bool,
    /// The side's sign of x.
    pub(super) sign: f32,
    /// The side's weight here.
    pub(super) weight: f32,
}

/// Deformed skin: movement first, then the lids are wrapped around the eyeballs.
pub fn deform(grid: &Grid, actions: &Actions, lids: &EyeLids) -> Vec<Vec3> {
    let mut skin = Vec::with_capacity(grid.rest.len());
    for row in 0..grid.rows {
        for k in row * grid.columns..(row + 1) * grid.columns {
            let at = grid.average[k];
            let mut place = grid.rest[k];
            if at.z > -20.0 && (-200.0..105.0).contains(&at.y) {
                place += displacement(at, grid.row_height[row], actions);
            }
            if at.z > 30.0 && at.y.abs() < 22.0 {
                place = lids.at(at.x).wrap(place, at);
            }
            skin.push(place);
        }
    }
    skin
}

fn displacement(at: Vec3, row_height: f32, actions: &Actions) -> Vec3 {
    let front = smooth_step(-20.0, 30.0, at.z);
    let left = smooth_step(-7.0, 7.0, at.x);
    let mut moved = Vec3::ZERO;
    for side in [Side::Right, Side::Left] {
        let weight = front * if side == Side::Left { left } else { 1.0 - left };
        if weight <= 0.0 {
            continue;
        }
        let place = Place {
            at,
            ax: at.x.abs(),
            over_mouth: at.y - MOUTH_Y,
            is_lower_lip: row_height < MOUTH_Y,
            sign: image_sign(side),
            weight,
        };
        if at.y > -70.0 {
            moved += move_brow(&place, actions.brow_raise.of(side), actions.brow_lower.of(side));
            moved += move_cheek(&place, actions.cheek_raise.of(side));
            moved += move_nose(&place, actions.nose_wrinkle.of(side));
        }
        if at.y < 0.0 {
            moved += move_mouth(&place, actions, side);
            moved += move_chin(&place, actions.chin_raise.of(side));
            moved += move_neck(&place, actions.platysma.of(side));
        }
    }
    if at.y < -20.0 {
        moved += move_both_lips(at, row_height < MOUTH_Y, front, actions);
    }
    moved
}

/// The skin of the lids themselves is steered by `EyeLids`.
fn move_brow(place: &Place, raise: f32, lower: f32) -> Vec3 {
    let (ax, y, w) = (place.ax, place.at.y, place.weight);
    let mut moved = Vec3::ZERO;
    if raise != 0.0 && y > 5.0 {
        let brow = bump2(ax - 32.0, 34.0, y - 24.0, 17.0) * smooth_step(7.0, 15.0, y);
        let forehead = bump2(ax - 28.0, 36.0, y - 48.0, 16.0);
        let fold = bump2(ax - 31.0, 16.0, y - 10.0, 5.0);
        moved.y += w * raise * (8.5 * brow + 2.5 * forehead + 1.6 * fold);
    }
    if lower > 0.0 && y > 0.0 {
        // Wide and slow, or the brow would break where the field ends.
        let brow = bump2(ax - 17.0, 26.0, y - 22.0, 17.0) * smooth_step(4.0, 17.0, y);
        moved.y -= w * lower * 4.6 * brow;
        moved.x -= w * lower * place.sign * 2.6 * brow * smooth_step(1.0, 20.0, ax);
        moved.z += w * lower * 1.2 * brow;
    }
    moved
}

fn move_cheek(place: &Place, raise: f32) -> Vec3 {
    if raise <= 0.0 {
        return Vec3::ZERO;
    }
    let (ax, y) = (place.ax, place.at.y);
    let up = 4.2 * bump2(ax - 40.0, 18.0, y + 20.0, 13.0) - bump2(ax - 48.0, 12.0, y - 16.0, 9.0);
    let forward = 2.6 * bump2(ax - 36.0, 16.0, y + 20.0, 11.0);
    vec3(0.0, up, forward) * (place.weight * raise)
}

fn move_nose(place: &Place, wrinkle: f32) -> Vec3 {
    if wrinkle <= 0.0 {
        return Vec3::ZERO;
    }
    let (ax, y) = (place.ax, place.at.y);
    let up = 3.4 * bump2(ax - 13.0, 10.0, y + 38.0, 14.0) + 2.2 * bump2(ax - 12.0, 14.0, y + 58.0, 8.0)
        - 2.0 * bump2(ax - 12.0, 14.0, y - 18.0, 12.0);
    vec3(0.0, up, bump2(ax - 12.0, 8.0, y + 15.0, 10.0)) * (place.weight * wrinkle)
}

fn move_chin(place: &Place, raise: f32) -> Vec3 {
    if raise <= 0.0 {
        return Vec3::ZERO;
    }
    let (ax, y, w) = (place.ax, place.at.y, place.weight * raise);
    let chin = bump2(ax - 8.0, 14.0, y + 98.0, 13.0);
    let pushed_lips = smooth_step(25.0, 10.0, ax);
    let mut moved = vec3(0.0, 4.5 * chin + 2.0 * bump2(ax, 16.0, y + 76.0, 10.0) * pushed_lips, 0.0);
    // The dimples, 5 mm apart.
    moved.z += chin * (1.2 + 1.3 * noise(place.at * 0.24));
    moved.z += 1.6 * bump2(ax, 14.0, y + 77.0, 6.0);
    moved * w
}

/// Cords from the jaw toward the collarbone, each with its own strength along the way.
fn move_neck(place: &Place, tension: f32) -> Vec3 {
    let (ax, y) = (place.ax, place.at.y);
    if tension <= 0.0 || y > -100.0 {
        return Vec3::ZERO;
    }
    let along = smooth_step(-106.0, -130.0, y) * smooth_step(-190.0, -150.0, y);
    let cords = neck_cords(ax, y, 1.0);
    let widening = 2.5 * along * bump(ax - 45.0, 12.0);
    vec3(place.sign * widening, 0.0, 5.2 * along * cords) * (place.weight * tension)
}

/// 0 beside and 1 on the strongest neck cord; `width` scales their width.
pub(super) fn neck_cords(ax: f32, y: f32, width: f32) -> f32 {
    let across = ax + (y + 120.0) * 0.16 + 1.5 * (y * 0.07).sin();
    let fading = 0.85 + 0.15 * (y * 0.11 + ax * 0.05).cos();
    fading
        * (bump(across - 16.0, 3.6 * width)
            + 0.75 * bump(across - 30.0, 3.2 * width) * smooth_step(-100.0, -135.0, y)
            + 0.4 * bump(across - 43.0, 4.0 * width))
}

/// The bulge and furrow of the nasolabial fold.
pub(super) fn fold_relief(place: &Place, ridge: [f32; 3], furrow: [f32; 2]) -> f32 {
    let (fold, weight) = fold_coordinate(place.ax, place.at.y);
    weight * (ridge[0] * bump(fold - ridge[1], ridge[2]) - furrow[0] * bump(fold, furrow[1]))
}

/// How much a point between the corners belongs to the corner: 0 in the middle, 1 at the corner, falling outside.
pub(super) fn toward_corner(ax: f32, power: f32, outside: f32) -> f32 {
    if ax < MOUTH_HALF_WIDTH {
        (ax / MOUTH_HALF_WIDTH).powf(power)
    } else {
        bump(ax - MOUTH_HALF_WIDTH, outside)
    }
}
