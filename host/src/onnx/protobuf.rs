//! The wire format of Protocol Buffers, as far as ONNX files need it: fields are only ever appended.

/// A message while it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message(Vec<u8>);

/// How a field's value is laid out.
const VARINT: u64 = 0;
const LENGTH: u64 = 2;

impl Message {
    /// An `int32`, `int64` or enum field.
    pub(super) fn integer(mut self, field: u64, value: i64) -> Message {
        self.varint(field << 3 | VARINT);
        // Negative numbers are written as the 64-bit pattern.
        self.varint(value as u64);
        self
    }

    /// Each value of a repeated field, unpacked: readers take both forms.
    pub(super) fn integers(self, field: u64, values: &[i64]) -> Message {
        values.iter().fold(self, |message, value| message.integer(field, *value))
    }

    /// A `string` field.
    pub(super) fn text(self, field: u64, text: &str) -> Message {
        self.bytes(field, text.as_bytes())
    }

    /// A `bytes` field.
    pub(super) fn bytes(mut self, field: u64, bytes: &[u8]) -> Message {
        self.varint(field << 3 | LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A field that is itself a message.
    pub(super) fn message(self, field: u64, message: &Message) -> Message {
        self.bytes(field, &message.0)
    }

    /// Each of several messages of one repeated field.
    pub(super) fn messages(self, field: u64, messages: &[Message]) -> Message {
        messages.iter().fold(self, |whole, message| whole.message(field, message))
    }

    /// What stands in the file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the format's own description.
    #[test]
    fn bytes_as_documented() {
        assert_eq!(Message::default().integer(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let text = Message::default().text(2, "testing").into_bytes();
        assert_eq!(text, [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        let inner = Message::default().message(3, &Message::default().integer(1, 150)).into_bytes();
        assert_eq!(inner, [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let minus_two = Message::default().integer(1, -2).into_bytes();
        assert_eq!(minus_two, [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        assert_eq!(Message::default().integers(1, &[1, 2]).into_bytes(), [0x08, 1, 0x08, 2]);
    }
}
