//! The fonts: Noto Sans, and DejaVu Sans for Arabic and a few signs, both cut by `build.rs`.

use ab_glyph::{Font, FontRef, GlyphId, PxScale, PxScaleFont, ScaleFont};
use std::sync::LazyLock;

/// One weight, in the order in which a character is looked for.
type Family = [FontRef<'static>; 2];

static REGULAR: LazyLock<Family> = LazyLock::new(|| {
    load([
        include_bytes!(concat!(env!("OUT_DIR"), "/latin.ttf")),
        include_bytes!(concat!(env!("OUT_DIR"), "/arabic.ttf")),
    ])
});
static BOLD: LazyLock<Family> = LazyLock::new(|| {
    load([
        include_bytes!(concat!(env!("OUT_DIR"), "/latin-bold.ttf")),
        include_bytes!(concat!(env!("OUT_DIR"), "/arabic-bold.ttf")),
    ])
});

fn load(files: [&'static [u8]; 2]) -> Family {
    files.map(|file| {
        FontRef::try_from_slice(file).expect("the font is part of the program and was read by its tests")
    })
}

/// Both fonts of one weight at one size.
pub(super) struct Fonts([PxScaleFont<&'static FontRef<'static>>; 2]);

/// One character in its font.
pub(super) struct FontGlyph<'a> {
    pub(super) font: &'a PxScaleFont<&'static FontRef<'static>>,
    pub(super) id: GlyphId,
}

impl Fonts {
    /// Letters of `size` pixels an em in either font.
    pub(super) fn new(size: f32, bold: bool) -> Fonts {
        let family: &'static Family = if bold { &BOLD } else { &REGULAR };
        Fonts(family.each_ref().map(|font| {
            let em = font.units_per_em().unwrap_or(1000.0);
            font.into_scaled(PxScale::from(size * font.height_unscaled() / em))
        }))
    }

    /// The character in the first font that has it; the first one's empty box if none has.
    pub(super) fn glyph(&self, character: char) -> FontGlyph<'_> {
        let mut found = self.0.iter().map(|font| FontGlyph { font, id: font.glyph_id(character) });
        found.find(|glyph| glyph.id.0 != 0).unwrap_or(FontGlyph { font: &self.0[0], id: GlyphId(0) })
    }
}

/// Whether a character is in one of the fonts, in both weights.
pub(super) fn have(character: char) -> bool {
    [&REGULAR, &BOLD].iter().all(|family| family.iter().any(|font| font.glyph_id(character).0 != 0))
}

impl FontGlyph<'_> {
    /// Pixels to the next character.
    pub(super) fn advance(&self) -> f32 {
        self.font.h_advance(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabets_are_in_the_fonts() {
        let latin = "AZaz09ÄÖÜäöüßÀÇÉÈÊÎŒœÿÑñ¿¡ÁÍÓÚĞğİıŞşÇçÖÜ–—‘’“”„…«»‹›•·×−±≤≥→←✓°";
        let arabic = ('\u{FE80}'..='\u{FEFC}').chain("،؛؟٠١٢٣٤٥٦٧٨٩٪ـ".chars());
        for character in latin.chars().chain(arabic) {
            assert!(have(character), "{character} U+{:04X}", u32::from(character));
        }
        assert!(!have('漢') && !have('\u{FFFF}'));
    }

    #[test]
    fn the_same_signs_are_in_both_weights() {
        for character in '\u{20}'..='\u{FFFF}' {
            let found =
                [&REGULAR, &BOLD].map(|family| family.each_ref().map(|font| font.glyph_id(character).0 != 0));
            assert_eq!(found[0], found[1], "{character} U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn dotted_and_dotless_i_are_letters_of_their_own() {
        let fonts = Fonts::new(40.0, false);
        let ids = ['i', 'ı', 'I', 'İ'].map(|letter| fonts.glyph(letter).id.0);
        assert!(ids.iter().enumerate().all(|(at, id)| *id != 0 && !ids[..at].contains(id)), "{ids:?}");
    }
}
