//! From a line as it is read to its characters from left to right, by the Unicode bidirectional algorithm.

use super::arabic;
use unicode_bidi::{Direction, Level, ParagraphBidiInfo};

/// Whether text runs from right to left: its first letter of a known direction says so, or else `otherwise`.
pub(super) fn right_to_left(text: &str, otherwise: bool) -> bool {
    match unicode_bidi::get_base_direction_full(text) {
        Direction::Ltr => false,
        Direction::Rtl => true,
        Direction::Mixed => otherwise,
    }
}

/// The characters of one line in the forms and in the order in which they are drawn from left to right.
pub(super) fn visual(line: &str, right_to_left: bool) -> Vec<char> {
    if !right_to_left && line.chars().all(is_latin) {
        return line.chars().collect();
    }
    let joined = arabic::join(line);
    let level = if right_to_left { Level::rtl() } else { Level::ltr() };
    let info = ParagraphBidiInfo::new(&joined, Some(level));
    let levels = info.reordered_levels_per_char(0..joined.len());
    let characters: Vec<char> = joined.chars().collect();
    ParagraphBidiInfo::reorder_visual(&levels)
        .into_iter()
        .filter(|at| !is_invisible(characters[*at]))
        .map(|at| if levels[at].is_rtl() { mirrored(characters[at]) } else { characters[at] })
        .collect()
}

/// The characters that are drawn, in no order that matters: what a width is the sum of.
pub(super) fn drawn(text: &str) -> Vec<char> {
    if text.chars().all(is_latin) {
        return text.chars().collect();
    }
    arabic::join(text).chars().filter(|character| !is_invisible(*character)).collect()
}

/// Before Hebrew, so that nothing joins, turns round or is left out.
fn is_latin(character: char) -> bool {
    character < '\u{590}' && character != '\u{AD}'
}

/// Says how to join, to order or to break, and is not drawn.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// The other one of a pair, which stands for it where text runs from right to left.
fn mirrored(character: char) -> char {
    const PAIRS: [(char, char); 7] =
        [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›'), ('≤', '≥')];
    for (one, other) in PAIRS {
        if character == one {
            return other;
        }
        if character == other {
            return one;
        }
    }
    character
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let seen: String = visual(line, right_to_left(line, false)).into_iter().collect();
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn arabic_runs_from_right_to_left() {
        // "The pose 3 of 9": read from the right, with the numbers in their own order.
        check(
            "الوضعية 3 من 9",
            "9 \u{FEE6}\u{FEE3} 3 \u{FE94}\u{FEF4}\u{FECC}\u{FEBF}\u{FEEE}\u{FEDF}\u{FE8D}",
        );
        check("سلام", "\u{FEE1}\u{FEFC}\u{FEB3}");
        check("12 من 34", "34 \u{FEE6}\u{FEE3} 12");
        check("٤٢", "٤٢");
    }

    #[test]
    fn brackets_turn_with_the_text() {
        check("دار (3)", "(3) \u{FEAD}\u{FE8D}\u{FEA9}");
        check("«دار»", "«\u{FEAD}\u{FE8D}\u{FEA9}»");
        check("3 ≤ 5 (a)", "3 ≤ 5 (a)");
    }

    #[test]
    fn latin_words_keep_their_order_in_arabic_and_the_other_way_round() {
        check("دار abc def دار", "\u{FEAD}\u{FE8D}\u{FEA9} abc def \u{FEAD}\u{FE8D}\u{FEA9}");
        check("abc دار در.", "abc \u{FEAD}\u{FEA9} \u{FEAD}\u{FE8D}\u{FEA9}.");
        // A mark says that Latin words stand in an Arabic line: the full stop ends it at the left.
        check("\u{200F}abc 5.", ".abc 5");
    }

    #[test]
    fn what_directs_is_not_drawn() {
        check("a\u{200B}b\u{2066}c\u{2069}\u{AD}d", "abcd");
        assert_eq!(drawn("a\u{200F}لا"), ['a', '\u{FEFB}']);
    }
}
