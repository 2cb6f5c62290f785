//! Two colors, an accent, and one scale of sizes that everything is set in.

use crate::frame::Frame;
use crate::text::Style;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

/// The ground.
pub(super) const PAPER: Rgb888 = Rgb888::new(250, 248, 243);
/// Letters and lines.
pub(super) const INK: Rgb888 = Rgb888::new(16, 34, 44);
/// What matters now: 8 to 1 on paper.
pub(super) const ACCENT: Rgb888 = Rgb888::new(0, 82, 94);

/// Paper with so much ink, 0 to 1: grounds of bars and cards, never letters.
pub(super) fn tint(ink: f32) -> Rgb888 {
    let mix = |paper: u8, dark: u8| (f32::from(paper) * (1.0 - ink) + f32::from(dark) * ink).round() as u8;
    Rgb888::new(mix(PAPER.r(), INK.r()), mix(PAPER.g(), INK.g()), mix(PAPER.b(), INK.b()))
}

/// Sizes in pixels for one panel, all in proportion to the body text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    /// Size of the body text.
    pub(super) body: f32,
    /// The size whose capital letters are `CAP` high on this panel; 0 where its size is not known.
    pub(super) legible: f32,
    /// The panel is clearly wider than high: two columns.
    pub(super) wide: bool,
    /// The panel is so small that it says only what it must.
    pub(super) compact: bool,
}

/// Millimeters: capital letters of this height are read from a meter away by who sees a fifth as sharp as others do
/// (20 minutes of arc, and some).
pub(super) const CAP: f32 = 7.0;
/// Capital letters of Noto Sans, in ems.
pub(super) const CAP_PER_EM: f32 = 0.714;
/// From one size of the scale to the next.
const STEP: f32 = 0.87;

impl Theme {
    /// Body text grows with the panel's area, and is never under 15 pixels.
    pub(super) fn of(frame: &Frame) -> Theme {
        let (width, height) = (frame.width() as f32, frame.height() as f32);
        Theme {
            body: ((width * height).sqrt() / 25.0).max(15.0).round(),
            legible: frame.pixels_per_mm().map_or(0.0, |density| CAP / CAP_PER_EM * density).round(),
            wide: width > height * 1.1,
            compact: width * height < 120_000.0,
        }
    }

    /// From the larger of `most` and what is legible down to `least`.
    fn scale(&self, most: f32, least: f32) -> Vec<f32> {
        let first = (self.body * most).max(self.legible);
        let least = self.body * least;
        let mut sizes: Vec<f32> = std::iter::successors(Some(first), |size| Some(size * STEP))
            .take_while(|size| *size > least)
            .collect();
        sizes.push(least);
        sizes
    }

    /// Headlines, from the largest down.
    pub(super) fn display(&self) -> Vec<f32> {
        self.scale(2.2, 0.87)
    }

    /// Sentences that tell what to do.
    pub(super) fn title(&self) -> Vec<f32> {
        self.scale(1.5, 0.8)
    }

    /// Explanations.
    pub(super) fn text(&self) -> Vec<f32> {
        self.scale(1.0, 0.72)
    }

    /// What helps just now.
    pub(super) fn hint(&self) -> Vec<f32> {
        self.scale(1.1, 0.7)
    }

    /// Labels and the footer.
    pub(super) fn small(&self) -> f32 {
        (self.body * 0.72).max(11.0)
    }

    /// From the panel's edge, and between columns.
    pub(super) fn margin(&self) -> f32 {
        self.body
            * match (self.wide, self.compact) {
                (true, true) => 0.6,
                (true, false) => 1.1,
                (false, _) => 0.8,
            }
    }

    /// Between things that belong together.
    pub(super) fn gap(&self) -> f32 {
        self.body * 0.5
    }

    /// Of corners.
    pub(super) fn radius(&self) -> f32 {
        self.body * 0.6
    }

    /// Of strong lines.
    pub(super) fn line(&self) -> f32 {
        (self.body * 0.16).max(2.0)
    }
}

/// Letters of a size that is set later.
pub(super) fn regular(color: Rgb888) -> Style {
    Style { size: 0.0, bold: false, color }
}

/// Bold letters of a size that is set later.
pub(super) fn bold(color: Rgb888) -> Style {
    Style { size: 0.0, bold: true, color }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast as WCAG 2 defines them.
    fn contrast(one: Rgb888, other: Rgb888) -> f64 {
        let luminance = |color: Rgb888| {
            let linear = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_pair_of_letters_and_ground_has_contrast() {
        for (letters, ground) in
            [(INK, PAPER), (ACCENT, PAPER), (PAPER, ACCENT), (PAPER, INK), (INK, tint(0.08))]
        {
            let contrast = contrast(letters, ground);
            assert!(contrast >= 7.0, "{letters:?} on {ground:?}: {contrast:.2}");
        }
    }
}
