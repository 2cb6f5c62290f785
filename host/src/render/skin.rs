//! Color and finish of the skin at a point of the average head.

use super::action::{Actions, side_at};
use super::beard;
use super::brows::brow_color;
use super::features::{MOUTH_HALF_WIDTH, MOUTH_Y, lower_lip_height, over_mouth_line, upper_lip_height};
use super::identity::{Identity, Skin};
use super::lids::{EyeLids, Lids, along, is_between_ends};
use super::smooth::{bump, bump2, layered_noise, lerp, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use super::wrinkles;
use synkiosk_models::pose::Side;

/// What light meets.
#[derive(Debug, Clone, Copy)]
pub struct Surface {
    /// Linear color.
    pub albedo: Vec3,
    /// Factor of the light: wrinkles and contact shade.
    pub shade: f32,
    /// Strength of the shine.
    pub gloss: f32,
    /// Fine relief, as a change of light.
    pub grain: f32,
}

/// Where on the face a surface is asked for.
pub(super) struct Spot<'a> {
    /// On the average head.
    pub(super) at: Vec3,
    /// Distance from the middle.
    pub(super) ax: f32,
    /// 0 at the side to 1 on the front.
    pub(super) front: f32,
    /// The person's side.
    pub(super) side: Side,
    /// Height over the line between the lips.
    pub(super) over_mouth: f32,
    /// Row coordinate, which tells the lips apart.
    pub(super) row_height: f32,
    /// Whose face.
    pub(super) who: &'a Identity,
    /// What it does.
    pub(super) actions: &'a Actions,
    /// This side's lids.
    pub(super) lids: &'a Lids,
    /// 0 on skin to 1 on a lip's red.
    pub(super) on_lip: f32,
}

/// Color of skin by its melanin and blood.
pub fn tone(melanin: f32, blood: f32) -> Vec3 {
    // The darker, the less color: what is absorbed evens out.
    let dark = melanin * melanin;
    let absorbed = vec3(
        melanin + 0.10 * blood,
        1.32 * melanin - 0.06 * dark + 0.55 * blood,
        1.62 * melanin - 0.10 * dark + 0.52 * blood,
    );
    vec3(0.74, 0.575, 0.48) * (-absorbed).exp()
}

/// The surface at a point of the average head; `toward_light` is half a millimeter toward the key light, or nothing
/// where pores cannot be seen.
pub fn surface(
    at: Vec3,
    row_height: f32,
    who: &Identity,
    actions: &Actions,
    lids: &EyeLids,
    toward_light: Option<Vec3>,
) -> Surface {
    let mut spot = Spot {
        at,
        ax: at.x.abs(),
        front: smooth_step(-10.0, 30.0, at.z),
        side: side_at(at.x),
        over_mouth: over_mouth_line(at.x.abs(), at.y),
        row_height,
        who,
        actions,
        lids: lids.at(at.x),
        on_lip: 0.0,
    };
    spot.on_lip = lip_share(&spot);
    let mut surface = Surface {
        albedo: complexion(&spot, toward_light.is_some()),
        shade: 1.0,
        gloss: shine(&spot),
        grain: toward_light.map_or(0.0, |toward| pores(at) - pores(at + toward)),
    };
    wear_beard(&mut surface, &spot);
    color_brow(&mut surface, &spot);
    color_lips(&mut surface, &spot);
    line_lids(&mut surface, &spot);
    surface.shade *= contact_shade(&spot) * wrinkles::shade(&spot);
    surface
}

fn pores(at: Vec3) -> f32 {
    noise(at * 0.9) * 0.6 + noise(at * 2.1) * 0.4
}

fn shine(spot: &Spot) -> f32 {
    let (x, y) = (spot.at.x, spot.at.y);
    let oily = bump2(x, 26.0, y - 45.0, 26.0)
        + bump2(x, 10.0, y + 30.0, 24.0)
        + 0.5 * bump2(spot.ax - 40.0, 16.0, y + 18.0, 14.0)
        + 0.4 * bump2(x, 14.0, y + 102.0, 10.0);
    0.5 + 0.35 * spot.who.skin.oil * oily
}

/// Melanin and blood vary over the face.
fn complexion(spot: &Spot, shows_pores: bool) -> Vec3 {
    let skin = &spot.who.skin;
    let own = vec3((spot.who.seed % 613) as f32, 0.0, 0.0);
    let coarse = layered_noise(spot.at * 0.045 + own, 2);
    let medium = layered_noise(spot.at * 0.35 + own, 2);
    let fine = if shows_pores { noise(spot.at * 1.7 + own) } else { 0.0 };
    let mut melanin = skin.melanin + 0.07 * coarse + 0.03 * medium + 0.025 * fine;
    let mut blood = skin.blood + 0.12 * coarse + 0.08 * medium + 0.06 * fine + flush(spot);
    if spot.front > 0.0 && spot.at.y.abs() < 40.0 {
        let (ax, y) = (spot.ax, spot.at.y);
        let orbit = spot.front * bump2(ax - 29.0, 17.0, y - 2.0, 13.0);
        let bag = spot.front * spot.who.eyes.bags * bump2(ax - 24.0, 12.0, y + 12.0, 5.0);
        melanin += 0.13 * orbit + 0.14 * bag;
        blood += 0.16 * orbit + 0.15 * bag;
    }
    melanin += spots(spot, skin, own);
    tone(melanin.max(0.05), blood.max(0.0))
}

/// Red of cheeks, nose, chin and ears.
fn flush(spot: &Spot) -> f32 {
    let (x, ax, y) = (spot.at.x, spot.ax, spot.at.y);
    let red = 0.30 * bump2(ax - 38.0, 18.0, y + 32.0, 17.0)
        + 0.32 * bump2(x, 13.0, y + 41.0, 11.0)
        + 0.22 * bump2(ax - 14.0, 7.0, y + 43.0, 8.0)
        + 0.12 * bump2(x, 20.0, y + 100.0, 12.0);
    let side = smooth_step(55.0, 70.0, ax) * smooth_step(-45.0, -20.0, y) * smooth_step(40.0, 15.0, y);
    spot.front * (spot.who.skin.ruddiness * red - 0.08 * bump2(x, 45.0, y - 50.0, 25.0)) + 0.09 * side
}

/// Freckles and moles.
fn spots(spot: &Spot, skin: &Skin, own: Vec3) -> f32 {
    let mut melanin = 0.8 * smooth_step(0.95, 0.985, noise(spot.at * 0.19 + own * 1.7));
    if skin.freckles > 0.0 {
        let speck = noise(spot.at * 0.55 + own) * 0.6 + noise(spot.at * 0.9 + own) * 0.5;
        let where_frequent = bump2(spot.at.x, 55.0, spot.at.y + 18.0, 22.0) + 0.3;
        melanin += 0.26 * skin.freckles * smooth_step(0.42, 0.62, speck) * spot.front * where_frequent;
    }
    melanin
}

fn lip_share(spot: &Spot) -> f32 {
    if spot.ax >= MOUTH_HALF_WIDTH || spot.front <= 0.0 {
        return 0.0;
    }
    let distance = spot.over_mouth.abs() - lip_height(spot);
    smooth_step(0.9, -0.5, distance) * smooth_step(25.0, 22.5, spot.ax)
}

fn lip_height(spot: &Spot) -> f32 {
    if spot.over_mouth > 0.0 {
        upper_lip_height(spot.ax, spot.who)
    } else {
        lower_lip_height(spot.ax, spot.who)
    }
}

/// The shadow of a shaved beard, or a short beard.
fn wear_beard(surface: &mut Surface, spot: &Spot) {
    let skin = &spot.who.skin;
    let (ax, y) = (spot.ax, spot.at.y);
    if (skin.stubble <= 0.0 && skin.beard <= 0.0) || y > -30.0 {
        return;
    }
    let bearded = beard::share(ax, y, spot.at.z) * (1.0 - spot.on_lip);
    let dots = 0.6 + 0.5 * noise(spot.at * 1.6) + 0.4 * noise(spot.at * 2.9);
    let cover = bearded * (0.3 * skin.stubble * (0.5 + 0.5 * dots) + skin.beard * 0.5 * saturate(dots));
    let color = spot.who.hair.color * 0.7 + vec3(0.01, 0.012, 0.014);
    surface.albedo = surface.albedo.lerp(color, saturate(cover));
}

/// Height of the brow's middle line at 0 (inner end) to 1 (outer end).
pub fn brow_line(along: f32, who: &Identity) -> f32 {
    let arch = 1.0 - ((along - 0.68) / 0.68).powi(2);
    16.6 + who.brows.height + 4.6 * who.brows.arch * arch - 2.0 * smooth_step(0.75, 1.0, along)
}

/// Distance from the middle of the face to the brow's inner end, and the brow's length.
pub const BROW_START: f32 = 10.5;
/// Length of a brow, millimeters.
pub const BROW_LENGTH: f32 = 42.0;

/// Skin seen through the brow.
fn color_brow(surface: &mut Surface, spot: &Spot) {
    if spot.front <= 0.0 || !(8.0..34.0).contains(&spot.at.y) {
        return;
    }
    let along = (spot.ax - BROW_START) / BROW_LENGTH;
    let half = 3.4 * spot.who.brows.thickness * (1.0 - 0.6 * smooth_step(0.4, 1.0, along));
    let cover = bump(spot.at.y - brow_line(along, spot.who), half)
        * smooth_step(-0.05, 0.15, along)
        * smooth_step(1.05, 0.8, along);
    let color = brow_color(spot.who) * 1.2 + vec3(0.01, 0.007, 0.005);
    surface.albedo = surface.albedo.lerp(color, saturate(0.56 * spot.who.brows.density * cover));
}

fn color_lips(surface: &mut Surface, spot: &Spot) {
    if spot.on_lip <= 0.0 {
        return;
    }
    let who = spot.who;
    let (x, y) = (spot.at.x, spot.at.y);
    let to_border = (spot.over_mouth.abs() / lip_height(spot).max(1.0)).min(1.0);
    let upper_is_darker = if spot.over_mouth > 0.0 { 0.22 } else { 0.12 };
    let red =
        tone(who.skin.melanin * 0.85 + upper_is_darker, who.skin.blood + 0.55 + 0.6 * who.mouth.redness);
    let cracks = noise(vec3(x * 1.1, y * 0.25, 0.0)) * 0.5 + noise(vec3(x * 2.1, y * 0.35, 4.0)) * 0.4;
    let color = red * (1.0 + 0.10 * cracks - 0.12 * bump(to_border, 0.2));
    surface.albedo = surface.albedo.lerp(color, spot.on_lip * 0.95);
    let pleats = noise(vec3(x * 0.9, y * 0.12, 7.0)).max(0.0);
    surface.shade *= 1.0 - spot.actions.pucker.of(spot.side).max(0.0) * 0.4 * pleats * spot.on_lip;
    surface.shade *= 1.0 - 0.07 * spot.on_lip * cracks.max(0.0);
    surface.gloss = lerp(surface.gloss, 0.75 + 0.35 * cracks, spot.on_lip);
}

/// Where surfaces touch: the mouth's line and corners, the nostrils.
fn contact_shade(spot: &Spot) -> f32 {
    let (ax, y) = (spot.ax, spot.at.y);
    if spot.front <= 0.0 || y > -35.0 {
        return 1.0;
    }
    let mut shade = 1.0;
    if ax < MOUTH_HALF_WIDTH + 2.5 {
        let from_slit = (spot.row_height - MOUTH_Y).abs().max(0.6) - 0.6;
        shade *= 1.0 - 0.62 * bump(from_slit, 0.75) * smooth_step(25.8, 23.0, ax);
    }
    shade *= 1.0 - 0.12 * spot.front * bump2(ax - 26.0, 3.0, spot.over_mouth, 3.5);
    // Rounder outside, pointed toward the tip.
    let open = 0.65 + 0.45 * spot.who.nose.nostrils;
    let slant = ax - 6.7 - 0.7 * (y + 47.2);
    let nostril = spot.front * bump2(slant, 3.3 * open, y + 47.2 + 0.06 * slant, 1.9 * open);
    shade *= 1.0 - 0.86 * saturate(1.4 * nostril);
    shade * (1.0 - 0.2 * spot.front * bump2(ax - 17.6, 1.8, y + 43.5, 6.0))
}

/// Crease, lash line, and the pink margin of the lower lid.
fn line_lids(surface: &mut Surface, spot: &Spot) {
    let lids = spot.lids;
    let (out, up) = lids.local(spot.at.x, spot.at.y);
    if out.abs() > 21.0 || up.abs() > 22.0 || spot.front <= 0.0 {
        return;
    }
    let near = smooth_step(19.0, 13.0, out.abs());
    let crease = bump(up - lids.crease_height(out), 0.85) * (1.0 - 0.6 * lids.closure);
    surface.shade *= 1.0 - near * (0.25 + 0.33 * spot.who.eyes.crease) * crease;
    let furrow = smooth_step(-7.0, -9.5, up) * bump(up + 9.8 - 0.12 * out + 0.02 * out * out, 1.1);
    surface.shade *= 1.0 - near * 0.13 * (spot.who.eyes.bags + 0.8 * lids.squint) * furrow;
    if is_between_ends(out) {
        line_margins(surface, spot, out, up);
    }
}

fn line_margins(surface: &mut Surface, spot: &Spot, out: f32, up: f32) {
    let (lower, upper) = spot.lids.contour(out);
    let (above, below) = (up - upper, lower - up);
    if below > -0.5 && below < 1.1 && upper - lower > 0.8 {
        let pink = vec3(0.52, 0.30, 0.25) * (0.2 + 0.8 * surface.albedo.x / 0.6);
        surface.albedo = surface.albedo.lerp(pink, 0.55 * smooth_step(1.1, 0.2, below));
        surface.gloss = lerp(surface.gloss, 0.9, smooth_step(0.8, 0.1, below));
    }
    if (-0.5..2.4).contains(&above) {
        let lashes = if spot.who.is_female() { 0.78 } else { 0.72 };
        let from_inner = smooth_step(-1.05, -0.7, along(out));
        surface.shade *= 1.0 - lashes * smooth_step(2.2, 0.0, above) * from_inner;
    }
    if (-0.5..2.0).contains(&below) {
        surface.shade *= 1.0 - 0.28 * smooth_step(2.0, 0.8, below) * smooth_step(0.3, 0.9, below);
    }
    if spot.lids.closure > 0.9 {
        // The lashes of a shut eye lie over each other.
        surface.shade *= 1.0 - 0.6 * bump(above + 0.4, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_melanin_is_darker_in_every_color() {
        let (light, dark) = (tone(0.1, 0.35), tone(2.1, 0.35));
        assert!(light.x > dark.x && light.y > dark.y && light.z > dark.z);
        assert!(light.luminance() / dark.luminance() > 8.0);
    }
}
