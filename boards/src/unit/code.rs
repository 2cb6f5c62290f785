//! Settings and their signature in one text, for a QR code: first the settings' file, then the signature's.

/// Starts the signature's file, and no line of a settings file.
const SIGNATURE: &str = "untrusted comment: ";
/// The longest text, bytes: more would need more squares than a camera of 640x480 pixels tells apart.
pub const LONGEST: usize = 1000;

/// The text of the code; none when it would be too long.
pub fn join(settings: &str, signature: &str) -> Option<String> {
    let whole = format!("{settings}{signature}");
    (whole.len() <= LONGEST).then_some(whole)
}

/// Settings and signature; none when it is no such text. Neither was checked.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.find(&format!("\n{SIGNATURE}"))? + 1;
    (text.len() <= LONGEST).then(|| text.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_is_split() {
        let (settings, signature) = ("format = \"settings-1\"\n", "untrusted comment: x\nRU\ntrusted\nRU\n");
        let code = join(settings, signature).unwrap();
        assert_eq!(split(&code), Some((settings, signature)));
        assert_eq!(join(&"x".repeat(990), signature), None);
        for text in ["", "https://example.org", settings, &format!("{}{code}", "x".repeat(1000))] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
