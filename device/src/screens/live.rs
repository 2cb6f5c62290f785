//! The live picture, mirrored, with the oval that the face belongs into, the ring that closes around it, and arrows that
//! say which way to go.

use super::{
    Live,
    pictogram::{self, Colors},
    sheet::Sheet,
    theme::{self, ACCENT, INK, PAPER},
};
use crate::{
    area::Area,
    paint::{self, Ellipse},
    session::screen::{Guidance, RING_STEPS},
};
use synkiosk_models::{pose::Pose, quality::Check};

/// Half axes of the oval, in parts of the picture's shorter side: a face with chin and brow, not the shoulders.
const OVAL: (f32, f32) = (0.31, 0.42);

/// Draws the picture, or a face of lines while there is none.
pub(super) fn draw(sheet: &mut Sheet<'_>, live: Option<&Live<'_>>, guidance: Guidance, area: Area) {
    let radius = sheet.theme.radius();
    // Whole pixels: an edge between two would be laid over that of the picture before.
    let (left, top) = (area.x.round(), area.y.round());
    let area = Area::new(left, top, area.right().floor() - left, area.bottom().floor() - top);
    let center = area.center();
    let side = area.width.min(area.height);
    let radii = (side * OVAL.0, side * OVAL.1);
    let ellipse = Ellipse { center, radii };
    for (x, y) in [
        (area.x, area.y),
        (area.right() - radius, area.y),
        (area.x, area.bottom() - radius),
        (area.right() - radius, area.bottom() - radius),
    ] {
        // Round corners are laid over the ground, not over those of the picture before.
        sheet.wipe(Area::new(x - 1.0, y - 1.0, radius + 2.0, radius + 2.0));
    }
    match live {
        Some(live) => paint::mirrored_photo(sheet.frame, live.photo, (area, radius), ellipse, PAPER),
        None => {
            paint::rounded(sheet.frame, area, radius, theme::tint(0.12));
            let colors = Colors { line: theme::tint(0.4), moving: theme::tint(0.4), ground: PAPER };
            let face = Area::new(center.0 - radii.0, center.1 - radii.1, 2.0 * radii.0, 2.0 * radii.1);
            pictogram::draw(sheet.frame, Pose::Rest, face.inset(side * 0.06), colors);
        }
    }
    oval(sheet, ellipse, guidance);
    if let Guidance::Mend(check) = guidance {
        arrows(sheet, ellipse, check, live);
    }
}

fn oval(sheet: &mut Sheet<'_>, ellipse: Ellipse, guidance: Guidance) {
    let line = sheet.theme.line();
    let frame = &mut *sheet.frame;
    match guidance {
        Guidance::Hold { .. } | Guidance::Taken => {
            let part = match guidance {
                Guidance::Hold { closed } => f32::from(closed) / f32::from(RING_STEPS),
                _ => 1.0,
            };
            paint::ellipse_outline(frame, ellipse, line * 3.4, PAPER, |_| true);
            paint::ellipse_outline(frame, ellipse, line * 2.4, ACCENT, |turn| turn <= part);
        }
        Guidance::Mend(_) => {
            // Dashes: the oval is not filled as it should be.
            paint::ellipse_outline(frame, ellipse, line * 2.0, PAPER, |_| true);
            paint::ellipse_outline(frame, ellipse, line, INK, |turn| (turn * 36.0).fract() < 0.55);
        }
        Guidance::Read => {
            paint::ellipse_outline(frame, ellipse, line * 2.0, PAPER, |_| true);
            paint::ellipse_outline(frame, ellipse, line, INK, |_| true);
        }
    }
}

/// Nearer: out of the oval to both sides; farther: into it; to the middle: the way the face has to go, as in a mirror.
fn arrows(sheet: &mut Sheet<'_>, ellipse: Ellipse, check: Check, live: Option<&Live<'_>>) {
    let (x, y) = ellipse.center;
    let (across, upright) = ellipse.radii;
    let length = across * 0.42;
    let sides = [(-1.0, 0.0), (1.0, 0.0)];
    match check {
        Check::TooSmall => {
            for (dx, _) in sides {
                let from = (x + dx * across * 0.5, y);
                arrow(sheet, from, (dx, 0.0), length);
            }
        }
        Check::TooLarge => {
            for (dx, _) in sides {
                let from = (x + dx * (across * 0.82), y);
                arrow(sheet, from, (-dx, 0.0), length);
            }
        }
        Check::OffCenter => {
            let Some([dx, dy]) = live.and_then(|live| live.toward) else { return };
            // The larger way first; the picture is mirrored.
            let way = if dx.abs() >= dy.abs() { (-dx.signum(), 0.0) } else { (0.0, dy.signum()) };
            let from = (x - way.0 * length / 2.0, y - way.1 * upright * 0.2);
            arrow(sheet, from, way, length);
        }
        _ => {}
    }
}

fn arrow(sheet: &mut Sheet<'_>, from: (f32, f32), (dx, dy): (f32, f32), length: f32) {
    let to = (from.0 + dx * length, from.1 + dy * length);
    let wing = length * 0.42;
    let wings = [
        (to.0 - dx * wing + dy * wing, to.1 - dy * wing + dx * wing),
        to,
        (to.0 - dx * wing - dy * wing, to.1 - dy * wing - dx * wing),
    ];
    let line = sheet.theme.line() * 1.6;
    for (line, color) in [(line * 2.0, PAPER), (line, ACCENT)] {
        paint::stroke(sheet.frame, &[from, to], line, color);
        paint::stroke(sheet.frame, &wings, line, color);
    }
}
