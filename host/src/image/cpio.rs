//! The kernel's initial archive, `newc`: names sorted by whoever writes them, no times, owned by root.

/// An archive that grows.
#[derive(Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

/// Types of a file in its mode, as in `stat`.
const FOLDER: u32 = 0o040_000;
const DEVICE: u32 = 0o020_000;
const FILE: u32 = 0o100_000;

impl Archive {
    /// A folder; the folders above it come first.
    pub fn folder(&mut self, name: &str) {
        self.entry(name, FOLDER | 0o755, &[], (0, 0));
    }

    /// A character device.
    pub fn device(&mut self, name: &str, (major, minor): (u32, u32)) {
        self.entry(name, DEVICE | 0o600, &[], (major, minor));
    }

    /// A file.
    pub fn file(&mut self, name: &str, mode: u32, bytes: &[u8]) {
        self.entry(name, FILE | mode, bytes, (0, 0));
    }

    /// The whole archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[], (0, 0));
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, bytes: &[u8], (major, minor): (u32, u32)) {
        self.entries += 1;
        let size = u32::try_from(bytes.len()).expect("a file of an appliance has less than 4 GiB");
        let name_size = u32::try_from(name.len() + 1).expect("names are short");
        let header = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, major, minor, name_size, 0]
            .map(|field| format!("{field:08X}"));
        self.bytes.extend(b"070701");
        self.bytes.extend(header.concat().into_bytes());
        self.bytes.extend(name.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend(bytes);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_newc() {
        let mut archive = Archive::default();
        archive.file("init", 0o755, b"abc");
        let bytes = archive.finish();
        let header = "07070100000001000081ED00000000000000000000000100000000000000030000000000000000\
                      000000000000000000000005000000\
                      00init\0\0abc\0";
        assert_eq!(String::from_utf8_lossy(&bytes[..header.len()]), header);
        assert_eq!(bytes.len() % 4, 0);
        assert!(bytes.windows(11).any(|part| part == b"TRAILER!!!\0"));
    }
}
