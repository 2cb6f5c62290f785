//! The tar around a bundle: one way to write it, and nothing else is read.
//!
//! Headers are POSIX ustar, regular files, mode 644, owner and time 0; two blocks of zeros end it. A reader that
//! takes only these very bytes has no room for links, paths, second members of a name, or hidden bytes.

/// Members in their order.
pub const NAMES: [&str; 6] = [
    "manifest.toml.minisig",
    "manifest.toml",
    "network.safetensors",
    "landmarks.safetensors",
    "card.md",
    "golden.safetensors",
];
/// The most bytes of each.
pub const MOST_BYTES: [usize; 6] =
    [4 << 10, 256 << 10, crate::network::MOST_BYTES, crate::network::MOST_BYTES, 256 << 10, 16 << 20];

const BLOCK: usize = 512;

/// The bytes of each member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Members<'a> {
    /// `manifest.toml.minisig`
    pub signature: &'a [u8],
    /// `manifest.toml`
    pub manifest: &'a [u8],
    /// `network.safetensors`
    pub network: &'a [u8],
    /// `landmarks.safetensors`
    pub landmarks: &'a [u8],
    /// `card.md`
    pub card: &'a [u8],
    /// `golden.safetensors`
    pub golden: &'a [u8],
}

/// What is wrong with a tar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It ends too early.
    #[error("it ends within {0}")]
    Truncated(&'static str),
    /// A member is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Another member than the one that must come.
    #[error("it holds \"{given}\" where {needed} must come")]
    Unexpected {
        /// The name of the member that came.
        given: String,
        /// The name that must come.
        needed: &'static str,
    },
    /// A link, folder, device or anything but a file.
    #[error("\"{0}\" is no plain file")]
    NotAFile(String),
    /// A member too large.
    #[error("{name} has {given} bytes, more than {most}")]
    MemberTooLarge {
        /// The member.
        name: &'static str,
        /// Its bytes, as its header says.
        given: u64,
        /// The bytes it may have.
        most: usize,
    },
    /// A header that is not written as it must be.
    #[error("the header of {0} is damaged")]
    Header(&'static str),
    /// Bytes other than zero after a member.
    #[error("there are stray bytes after {0}")]
    Padding(&'static str),
    /// Bytes after the end, or no proper end.
    #[error("it does not end after its last member")]
    End,
}

impl<'a> Members<'a> {
    /// The members that the manifest describes.
    pub fn described(&self) -> [(&'static str, &'a [u8]); 4] {
        [(NAMES[2], self.network), (NAMES[3], self.landmarks), (NAMES[4], self.card), (NAMES[5], self.golden)]
    }
}

/// The archive of these members.
pub fn write(members: &Members) -> Vec<u8> {
    let Members { signature, manifest, network, landmarks, card, golden } = members;
    let mut archive = Vec::new();
    for (name, bytes) in NAMES.iter().zip([signature, manifest, network, landmarks, card, golden]) {
        archive.extend_from_slice(&header(name, bytes.len() as u64));
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

/// The members of an archive.
pub fn read(bytes: &[u8]) -> Result<Members<'_>, ArchiveError> {
    let mut rest = bytes;
    let mut contents: [&[u8]; 6] = [&[]; 6];
    for (at, content) in contents.iter_mut().enumerate() {
        *content = read_member(&mut rest, at)?;
    }
    let end_is_proper = rest.len() == 2 * BLOCK && rest.iter().all(|byte| *byte == 0);
    if !end_is_proper {
        return Err(ArchiveError::End);
    }
    let [signature, manifest, network, landmarks, card, golden] = contents;
    Ok(Members { signature, manifest, network, landmarks, card, golden })
}

fn read_member<'a>(rest: &mut &'a [u8], at: usize) -> Result<&'a [u8], ArchiveError> {
    let (needed, most) = (NAMES[at], MOST_BYTES[at]);
    let block = take(rest, BLOCK).ok_or(ArchiveError::Truncated(needed))?;
    if block.iter().all(|byte| *byte == 0) {
        return Err(ArchiveError::Missing(needed));
    }
    let given = tar::Header::from_byte_slice(block);
    let name: String = String::from_utf8_lossy(&given.path_bytes()).chars().take(40).map(printable).collect();
    if given.entry_type() != tar::EntryType::Regular {
        return Err(ArchiveError::NotAFile(name));
    }
    if name != needed {
        return Err(ArchiveError::Unexpected { given: name, needed });
    }
    let length = given.entry_size().map_err(|_| ArchiveError::Header(needed))?;
    if length > most as u64 {
        return Err(ArchiveError::MemberTooLarge { name: needed, given: length, most });
    }
    if *block != header(needed, length) {
        return Err(ArchiveError::Header(needed));
    }
    let length = length as usize;
    let content = take(rest, length).ok_or(ArchiveError::Truncated(needed))?;
    let padding =
        take(rest, length.next_multiple_of(BLOCK) - length).ok_or(ArchiveError::Truncated(needed))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(ArchiveError::Padding(needed));
    }
    Ok(content)
}

/// A name out of a broken archive is shown to a person.
fn printable(letter: char) -> char {
    if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn header(name: &str, length: u64) -> [u8; BLOCK] {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).expect("the names of members are short and plain");
    header.set_size(length);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    *header.as_bytes()
}
