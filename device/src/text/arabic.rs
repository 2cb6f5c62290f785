//! Arabic letters in the forms in which they join: Unicode's presentation forms B, of which the font has all.

/// How many forms the letters from U+0621 on have. 1: it joins none. 2: alone and final, it joins the one before.
/// 4: initial and medial too, it joins both. 0: no letter, or one that Arabic does not use.
const FORMS: [u8; 42] = [
    1, 2, 2, 2, 2, 4, 2, 4, 2, 4, 4, 4, 4, 4, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 0, 4, 4, 4,
    4, 4, 4, 4, 2, 2, 4,
];
/// The first form of the first letter; all others follow it without a gap.
const FIRST_FORM: u32 = 0xFE80;
/// Draws a letter out, and joins on both sides.
const TATWEEL: char = 'ـ';
const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// Text with each letter in its form, still in the order in which it is read. Vowel marks are left out, as in
/// most that is printed.
pub(super) fn join(text: &str) -> String {
    let letters: Vec<char> = text.chars().filter(|letter| !is_mark(*letter)).collect();
    let mut joined = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let before = at > 0 && joins_next(letters[at - 1]) && joins_previous(letter);
        let next = letters.get(at + 1).copied();
        if let Some(pair) = next.and_then(|next| lam_alef(letter, next)) {
            joined.extend(form(pair, before, false));
            at += 2;
            continue;
        }
        let after = joins_next(letter) && next.is_some_and(joins_previous);
        joined.push(first_form(letter).and_then(|first| form(first, before, after)).unwrap_or(letter));
        at += 1;
    }
    joined
}

/// The forms of a letter stand in the order alone, final, initial, medial.
fn form(first: u32, before: bool, after: bool) -> Option<char> {
    char::from_u32(first + u32::from(before) + 2 * u32::from(after))
}

fn forms(letter: char) -> u8 {
    match letter {
        TATWEEL | ZERO_WIDTH_JOINER => 4,
        _ => index(letter).map_or(0, |index| FORMS[index]),
    }
}

fn joins_previous(letter: char) -> bool {
    forms(letter) >= 2
}

fn joins_next(letter: char) -> bool {
    forms(letter) == 4
}

fn index(letter: char) -> Option<usize> {
    let index = u32::from(letter).checked_sub(0x621)? as usize;
    (index < FORMS.len()).then_some(index)
}

fn first_form(letter: char) -> Option<u32> {
    let index = index(letter).filter(|index| FORMS[*index] > 0)?;
    Some(FIRST_FORM + FORMS[..index].iter().map(|forms| u32::from(*forms)).sum::<u32>())
}

/// The first form of the one letter that lam and an alef are written as.
fn lam_alef(lam: char, alef: char) -> Option<u32> {
    match (lam, alef) {
        ('ل', 'آ') => Some(0xFEF5),
        ('ل', 'أ') => Some(0xFEF7),
        ('ل', 'إ') => Some(0xFEF9),
        ('ل', 'ا') => Some(0xFEFB),
        _ => None,
    }
}

/// Vowels and other marks above or below an Arabic letter.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}'
        | '\u{6DF}'..='\u{6E8}' | '\u{6EA}'..='\u{6ED}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_take_the_forms_of_their_place() {
        for (text, expected) in [
            ("بب", "\u{FE91}\u{FE90}"),
            ("ببب", "\u{FE91}\u{FE92}\u{FE90}"),
            ("ب", "\u{FE8F}"),
            ("دار", "\u{FEA9}\u{FE8D}\u{FEAD}"),
            // Lam and alef are one letter, alone and at the end of a word.
            ("لا", "\u{FEFB}"),
            ("سلام", "\u{FEB3}\u{FEFC}\u{FEE1}"),
            ("الآن", "\u{FE8D}\u{FEF5}\u{FEE5}"),
            // Hamza joins none; alef maksura ends a word; tatweel draws out.
            ("سماء", "\u{FEB3}\u{FEE4}\u{FE8E}\u{FE80}"),
            ("على", "\u{FECB}\u{FEE0}\u{FEF0}"),
            ("بـ", "\u{FE91}ـ"),
            // Marks are left out and part nothing; spaces and Latin letters do.
            ("شُكْرًا", "\u{FEB7}\u{FEDC}\u{FEAE}\u{FE8D}"),
            ("ب ب", "\u{FE8F} \u{FE8F}"),
            ("بaب", "\u{FE8F}a\u{FE8F}"),
            ("ه\u{200D}", "\u{FEEB}\u{200D}"),
            ("ب\u{200C}ب", "\u{FE8F}\u{200C}\u{FE8F}"),
        ] {
            assert_eq!(join(text), expected, "{text}");
        }
    }

    proptest! {
        // Without alef maksura before another letter, which no Arabic word has, and one word that it has a sign for.
        #[test]
        fn letters_join_as_in_another_library(text in "([ء-غف-وي 0-9a-z.]{0,40}ى? ){0,2}") {
            prop_assume!(!text.contains("الله"));
            prop_assert_eq!(join(&text), ar_reshaper::reshape_line(&text));
        }
    }
}
