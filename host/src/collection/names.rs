//! Names that could be taken for those that cannot.

use std::path::Path;
use synkiosk_models::pose::Pose;

/// A person's name in plain letters: umlauts as they are written without, spaces and all else as `-`.
pub(super) fn plain_person(name: &str) -> Option<String> {
    let mut plain = String::new();
    for letter in name.trim().chars() {
        match letter {
            'ä' | 'æ' => plain.push_str("ae"),
            'ö' | 'ø' | 'œ' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'Ä' | 'Æ' => plain.push_str("Ae"),
            'Ö' | 'Ø' => plain.push_str("Oe"),
            'Ü' => plain.push_str("Ue"),
            'ß' => plain.push_str("ss"),
            'à'..='å' => plain.push('a'),
            'è'..='ë' => plain.push('e'),
            'ì'..='ï' => plain.push('i'),
            'ò'..='õ' => plain.push('o'),
            'ù'..='û' => plain.push('u'),
            'ç' => plain.push('c'),
            'ñ' => plain.push('n'),
            // Some systems write an umlaut as a letter and two dots; other marks are left out.
            '\u{308}' => plain.push('e'),
            '\u{300}'..='\u{36f}' => {}
            kept if kept.is_ascii_alphanumeric() || matches!(kept, '.' | '_' | '-') => plain.push(kept),
            _ if plain.ends_with('-') => {}
            _ => plain.push('-'),
        }
    }
    let plain: String = plain.trim_start_matches('.').trim_matches('-').chars().take(64).collect();
    (!plain.is_empty() && plain != name).then_some(plain)
}

/// `rest.jpg` for `Rest.JPG`, `rest .jpeg` and the like.
pub(super) fn plain_picture(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let (stem, ending) = lower.rsplit_once('.')?;
    let ending = match ending {
        "jpg" | "jpeg" | "jpe" | "jfif" => "jpg",
        "png" => "png",
        _ => return None,
    };
    let pose: Pose = stem.trim().replace([' ', '_'], "-").parse().ok()?;
    let plain = format!("{pose}.{ending}");
    (plain != name).then_some(plain)
}

/// A path as it stands within the collection.
pub(super) fn within(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_proposed() {
        let person = |name| plain_person(name).unwrap_or_default();
        assert_eq!(person("Jörg Müller"), "Joerg-Mueller");
        assert_eq!(person("Jo\u{308}rg"), "Joerg");
        assert_eq!(person("../a b  c/"), "a-b-c");
        assert_eq!(person("José (2)"), "Jose-2");
        assert_eq!((person("a-1"), person("###"), person("")), Default::default());
        let picture = |name| plain_picture(name).unwrap_or_default();
        assert_eq!(picture("Rest.JPG"), "rest.jpg");
        assert_eq!(picture("brow_raise .jpeg"), "brow-raise.jpg");
        assert_eq!(picture("Open Smile.PNG"), "open-smile.png");
        assert_eq!((picture("rest.jpg"), picture("grin.jpg"), picture("rest.tif")), Default::default());
    }
}
