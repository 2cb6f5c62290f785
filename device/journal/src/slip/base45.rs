//! Base 45 (RFC 9285): two bytes are three letters of QR's alphanumeric alphabet, a last single byte is two.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The letters; the last one is never a space.
pub(super) fn encode(bytes: &[u8]) -> String {
    let letter = |value: u16| char::from(ALPHABET[usize::from(value % 45)]);
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in bytes.chunks(2) {
        match *pair {
            [high, low] => {
                let value = u16::from_be_bytes([high, low]);
                text.extend([letter(value), letter(value / 45), letter(value / 2025)]);
            }
            [last] => text.extend([letter(last.into()), letter(u16::from(last) / 45)]),
            _ => {}
        }
    }
    text
}

/// The bytes; `None` for a text that `encode` gives for none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for letters in text.as_bytes().chunks(3) {
        let mut value = 0_u32;
        for letter in letters.iter().rev() {
            let digit = ALPHABET.iter().position(|known| known == letter)?;
            value = value * 45 + u32::try_from(digit).ok()?;
        }
        match letters.len() {
            3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_examples() {
        for (plain, letters) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            assert_eq!(encode(plain.as_bytes()), letters);
            assert_eq!(decode(letters).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!((encode(&[]), decode("")), (String::new(), Some(Vec::new())));
    }

    #[test]
    fn what_no_bytes_give_is_refused() {
        // `GGW` is 65536, `5C` is more than 255; then a letter alone, and letters that are none.
        for text in ["GGW", ":::", "::", "A", "BB8A", "bb8", "BB\u{e4}", "BB\n"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
