//! Furrows and folds that deepen with age and movement.

use super::features::fold_coordinate;
use super::movement::neck_cords;
use super::skin::Spot;
use super::smooth::{bump, bump2, noise, smooth_step};
use super::vector::vec3;

/// Factor of the light by all furrows at a spot.
pub(super) fn shade(spot: &Spot) -> f32 {
    let y = spot.at.y;
    let mut shade = 1.0;
    if y > 0.0 {
        shade *= forehead_lines(spot) * frown_line(spot);
    }
    if y.abs() < 30.0 {
        shade *= crows_feet(spot) * nose_lines(spot);
    }
    if y < -30.0 {
        shade *= nasolabial_fold(spot) * chin_dimples(spot) * cords(spot) * neck_lines(spot);
    }
    shade
}

/// Young skin wrinkles less.
fn by_age(spot: &Spot) -> f32 {
    0.25 + 0.75 * spot.who.age
}

fn nasolabial_fold(spot: &Spot) -> f32 {
    let (fold, weight) = fold_coordinate(spot.ax, spot.at.y);
    let actions = spot.actions;
    let pull = actions
        .corner_pull
        .of(spot.side)
        .max(0.7 * actions.nose_wrinkle.of(spot.side))
        .max(0.6 * actions.upper_lip.of(spot.side));
    let own = (spot.who.mouth.fold + 0.5 * actions.fold.of(spot.side)).max(0.0);
    let depth = 0.10 * own + 0.13 * pull * (0.4 + 0.6 * own);
    1.0 - spot.front * weight * depth * bump(fold + 0.5, 2.0 + 1.4 * pull)
}

fn forehead_lines(spot: &Spot) -> f32 {
    let (ax, y) = (spot.ax, spot.at.y);
    let strength = spot.actions.brow_raise.of(spot.side).max(0.0) * 0.5 + 0.12 * spot.who.age;
    if !(28.0..70.0).contains(&y) || strength < 0.02 {
        return 1.0;
    }
    let spacing = 8.5;
    let wave = 2.5 * noise(vec3(spot.at.x * 0.05, y * 0.02, 3.0));
    let q = (y - 30.0 + wave - 0.0012 * ax * ax) / spacing;
    let within = smooth_step(60.0, 35.0, ax) * smooth_step(28.0, 34.0, y) * smooth_step(66.0, 55.0, y);
    1.0 - by_age(spot) * 0.34 * strength * bump((q - q.round()) * spacing, 0.9) * within
}

fn frown_line(spot: &Spot) -> f32 {
    let y = spot.at.y;
    let strength = spot.actions.brow_lower.of(spot.side).max(0.0) * 0.8 + 0.08 * spot.who.age;
    1.0 - by_age(spot) * 0.5 * strength * bump(spot.ax - 5.0 - 0.06 * (y - 20.0), 1.0) * bump(y - 20.0, 9.0)
}

fn crows_feet(spot: &Spot) -> f32 {
    let (ax, y) = (spot.ax, spot.at.y);
    if !(46.0..64.0).contains(&ax) || y.abs() > 20.0 {
        return 1.0;
    }
    let strength = spot.actions.cheek_raise.of(spot.side).max(0.0) * 0.8 + 0.1 * spot.who.age;
    let ray = (y - 1.0).atan2(ax - 36.0) * 5.2;
    let within = smooth_step(47.0, 50.0, ax) * smooth_step(63.0, 55.0, ax) * smooth_step(1.9, 1.4, ray.abs());
    1.0 - by_age(spot) * 0.38 * strength * bump(ray - ray.round(), 0.14) * within
}

/// Two soft slanting folds beside the bridge.
fn nose_lines(spot: &Spot) -> f32 {
    let wrinkle = spot.actions.nose_wrinkle.of(spot.side);
    if wrinkle < 0.02 {
        return 1.0;
    }
    let (ax, y) = (spot.ax, spot.at.y);
    let spacing = 6.0;
    let q = (y + 0.5 * ax + 4.0 + 1.2 * noise(spot.at * 0.2)) / spacing;
    let line = bump((q - q.round()) * spacing, 1.9);
    1.0 - by_age(spot) * 0.2 * wrinkle * line * bump2(ax - 9.0, 5.0, y + 9.0, 6.0)
}

/// An uneven chin, and the furrow above it.
fn chin_dimples(spot: &Spot) -> f32 {
    let raise = spot.actions.chin_raise.of(spot.side);
    let (ax, y) = (spot.ax, spot.at.y);
    if raise < 0.02 || !(-125.0..-80.0).contains(&y) {
        return 1.0;
    }
    let pits =
        smooth_step(0.05, 0.6, -noise(spot.at * 0.24)) + 0.4 * smooth_step(0.1, 0.6, noise(spot.at * 0.5));
    let chin = bump2(ax, 20.0, y + 99.0, 11.0);
    let furrow = bump2(ax, 17.0, y + 87.5, 2.6);
    (1.0 - raise.min(1.2) * 0.42 * pits.min(1.0) * chin) * (1.0 - 0.25 * raise * furrow)
}

/// Cords of the neck catch light, the skin between them falls back.
fn cords(spot: &Spot) -> f32 {
    let tension = spot.actions.platysma.of(spot.side);
    let (ax, y) = (spot.ax, spot.at.y);
    if tension < 0.02 || y > -108.0 {
        return 1.0;
    }
    let along = smooth_step(-110.0, -130.0, y) * smooth_step(-185.0, -150.0, y);
    let beside = (neck_cords(ax - 5.0, y, 1.0) + neck_cords(ax + 5.5, y, 1.0)) * 0.13;
    1.0 + tension * along * (0.10 * neck_cords(ax, y, 0.8) - beside)
}

fn neck_lines(spot: &Spot) -> f32 {
    let y = spot.at.y;
    if y > -118.0 {
        return 1.0;
    }
    let wave = 2.0 * noise(vec3(spot.at.x * 0.04, 0.0, 9.0));
    1.0 - 0.12 * by_age(spot) * bump((y + 140.0 + 0.004 * spot.ax * spot.ax + wave) / 1.6, 1.0)
}
