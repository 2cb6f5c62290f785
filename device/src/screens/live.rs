//! The live picture, mirrored, with the oval that the face belongs into and the ring that closes around it.

use super::{
    pictogram::{self, Colors},
    sheet::Sheet,
    theme::{self, ACCENT, INK, PAPER},
};
use crate::{
    area::Area,
    paint::{self, Ellipse},
    session::screen::{Guidance, RING_STEPS},
};
use synkiosk_models::{photo::Photo, pose::Pose};

/// Half axes of the oval, in parts of the picture's shorter side: a face with chin and brow, not the shoulders.
const OVAL: (f32, f32) = (0.31, 0.42);

/// Draws the picture, or a face of lines while there is none.
pub(super) fn draw(sheet: &mut Sheet<'_>, photo: Option<&Photo>, guidance: Guidance, area: Area) {
    let radius = sheet.theme.radius();
    let center = area.center();
    let side = area.width.min(area.height);
    let radii = (side * OVAL.0, side * OVAL.1);
    let ellipse = Ellipse { center, radii };
    match photo {
        Some(photo) => paint::mirrored_photo(sheet.frame, photo, (area, radius), ellipse, PAPER),
        None => {
            paint::rounded(sheet.frame, area, radius, theme::tint(0.12));
            let colors = Colors { line: theme::tint(0.4), moving: theme::tint(0.4), ground: PAPER };
            let face = Area::new(center.0 - radii.0, center.1 - radii.1, 2.0 * radii.0, 2.0 * radii.1);
            pictogram::draw(sheet.frame, Pose::Rest, face.inset(side * 0.06), colors);
        }
    }
    oval(sheet, ellipse, guidance);
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
