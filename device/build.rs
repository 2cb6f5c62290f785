//! Cuts the fonts to the characters that the screens can need; what is left is four small fonts for `text/fonts.rs`.
#![forbid(unsafe_code)]

use std::{env, fs, ops::RangeInclusive, path::PathBuf};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, RawFace, Tag};

/// English, German, French, Spanish, Turkish and their neighbors.
const LATIN: &[RangeInclusive<char>] = &['\u{20}'..='\u{7E}', '\u{A0}'..='\u{17F}', 'Ș'..='ț'];
/// Punctuation, arrows and signs of either script; each comes from the first font that has it.
const SIGNS: &str = "‐‑–—‘’‚“”„†•…‰‹›€™−≈≠≤≥←↑→↓✓✗";
/// Punctuation, tatweel and digits; letters are there in the forms in which they join, and only so.
const ARABIC: &[RangeInclusive<char>] =
    &['،'..='،', '؛'..='؛', '؟'..='؟', 'ـ'..='ـ', '٠'..='٭', '\u{FE80}'..='\u{FEFC}'];

/// What draws, who made it, and nothing of hints and features, which the program has no use for.
const TABLES: [&[u8; 4]; 7] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"name"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for (name, font, ranges) in [
        ("latin.ttf", notosans::REGULAR_TTF, LATIN),
        ("latin-bold.ttf", notosans::BOLD_TTF, LATIN),
        ("arabic.ttf", dejavu::sans::regular(), ARABIC),
        ("arabic-bold.ttf", dejavu::sans::bold(), ARABIC),
    ] {
        let wanted = ranges.iter().cloned().flatten().chain(SIGNS.chars());
        fs::write(out.join(name), cut(font, wanted)).expect("cargo's output folder is writable");
    }
}

fn cut(font: &[u8], wanted: impl Iterator<Item = char>) -> Vec<u8> {
    let face = Face::parse(font, 0).expect("the packages' fonts can be read");
    let mut wanted: Vec<char> = wanted.collect();
    wanted.sort_unstable();
    let mut glyphs = GlyphRemapper::new();
    let characters: Vec<(char, u16)> = wanted
        .into_iter()
        .filter_map(|character| Some((character, glyphs.remap(face.glyph_index(character)?.0))))
        .collect();
    let cut = subsetter::subset(font, 0, &glyphs).expect("the packages' fonts can be cut");
    let cut = RawFace::parse(&cut, 0).expect("a font that was cut is a font");
    let map = character_map(&characters);
    let mut tables: Vec<(&[u8; 4], &[u8])> = vec![(b"cmap", &map)];
    tables.extend(TABLES.iter().filter_map(|tag| Some((*tag, cut.table(Tag::from_bytes(tag))?))));
    assemble(&tables)
}

/// A `cmap` table of format 12, which the cut has removed: runs of characters whose glyphs follow each other.
fn character_map(characters: &[(char, u16)]) -> Vec<u8> {
    let mut runs: Vec<[u32; 3]> = Vec::new();
    for (character, glyph) in characters {
        let (character, glyph) = (u32::from(*character), u32::from(*glyph));
        match runs.last_mut() {
            Some([start, end, first]) if *end + 1 == character && *first + character - *start == glyph => {
                *end = character;
            }
            _ => runs.push([character, character, glyph]),
        }
    }
    let count = runs.len() as u32;
    // Version 0 with one subtable: platform 3 (Windows), encoding 10 (all of Unicode), 12 bytes from here.
    let mut table = [0u16, 1, 3, 10, 0, 12].map(u16::to_be_bytes).concat();
    table.extend([12u16, 0].map(u16::to_be_bytes).concat());
    table.extend([16 + 12 * count, 0, count].map(u32::to_be_bytes).concat());
    table.extend(runs.into_iter().flatten().flat_map(u32::to_be_bytes));
    table
}

/// A font of these tables, which are in the order of their names. Its only reader asks for no checksums.
fn assemble(tables: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let count = tables.len() as u16;
    let power = count.ilog2() as u16;
    let mut font = 0x0001_0000_u32.to_be_bytes().to_vec();
    font.extend([count, 16 << power, power, 16 * count - (16 << power)].map(u16::to_be_bytes).concat());
    let mut offset = font.len() + 16 * tables.len();
    for (tag, table) in tables {
        font.extend(*tag);
        font.extend([0, offset as u32, table.len() as u32].map(u32::to_be_bytes).concat());
        offset += table.len().next_multiple_of(4);
    }
    for (_, table) in tables {
        font.extend(*table);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    font
}
