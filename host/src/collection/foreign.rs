//! Formats that cameras and telephones write and that are not read here, known by their first bytes or their ending.

/// A format that must be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// Of telephones.
    #[error("a HEIC picture, which is not read here")]
    Heic,
    /// HEIC's sister with another codec.
    #[error("an AVIF picture, which is not read here")]
    Avif,
    /// What the sensor saw, in a maker's own format.
    #[error("a camera's raw file, which is not read here")]
    Raw,
    /// Also the shell of many raw formats.
    #[error("a TIFF picture or a camera's raw file, which are not read here")]
    Tiff,
    /// Not for photographs.
    #[error("a GIF, WebP or BMP picture, which is not read here")]
    Other,
}

impl Foreign {
    /// By the file's first bytes; none for JPEG, PNG and what is not known.
    pub fn by_bytes(bytes: &[u8]) -> Option<Foreign> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        if bytes.get(4..8) == Some(b"ftyp") {
            return match bytes.get(8..12)? {
                b"avif" | b"avis" => Some(Foreign::Avif),
                b"crx " => Some(Foreign::Raw),
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                    Some(Foreign::Heic)
                }
                _ => None,
            };
        }
        let tiff = starts(b"II*\0") || starts(b"MM\0*");
        if (tiff && bytes.get(8..10) == Some(b"CR"))
            || [b"IIRO".as_slice(), b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"FOVb"]
                .into_iter()
                .any(starts)
        {
            return Some(Foreign::Raw);
        }
        if tiff {
            return Some(Foreign::Tiff);
        }
        let webp = starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        // BMP's two letters are too few; its reserved bytes are zero.
        let bmp = starts(b"BM") && bytes.get(6..10) == Some(&[0; 4]);
        (webp || bmp || starts(b"GIF8")).then_some(Foreign::Other)
    }

    /// By the file's ending, without its dot.
    pub fn by_ending(ending: &str) -> Option<Foreign> {
        match ending.to_ascii_lowercase().as_str() {
            "heic" | "heif" | "hif" => Some(Foreign::Heic),
            "avif" => Some(Foreign::Avif),
            "cr2" | "cr3" | "crw" | "nef" | "nrw" | "arw" | "srf" | "sr2" | "dng" | "raf" | "orf" | "rw2"
            | "pef" | "srw" | "raw" | "x3f" => Some(Foreign::Raw),
            "tif" | "tiff" => Some(Foreign::Tiff),
            "gif" | "webp" | "bmp" => Some(Foreign::Other),
            _ => None,
        }
    }

    /// What to do.
    pub fn help(self) -> &'static str {
        match self {
            Foreign::Heic => "convert it to JPEG or PNG, and set the telephone to its most compatible format",
            Foreign::Raw => "convert it to JPEG or PNG with the camera maker's program",
            Foreign::Avif | Foreign::Tiff | Foreign::Other => "convert it to JPEG or PNG",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        let cases: &[(&[u8], Option<Foreign>)] = &[
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some(Foreign::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", Some(Foreign::Heic)),
            (b"\0\0\0\x18ftypavif", Some(Foreign::Avif)),
            (b"\0\0\0\x18ftypcrx ", Some(Foreign::Raw)),
            (b"\0\0\0\x18ftypisom", None),
            (b"\0\0\0\x18ftyp", None),
            (b"II*\0\x10\0\0\0CR\x02\0", Some(Foreign::Raw)),
            (b"MM\0*\0\0\0\x08", Some(Foreign::Tiff)),
            (b"FUJIFILMCCD-RAW 0201", Some(Foreign::Raw)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Foreign::Other)),
            (b"\xff\xd8\xff\xe0", None),
            (b"\x89PNG\r\n\x1a\n", None),
            (b"", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Foreign::by_bytes(bytes), *expected, "{bytes:?}");
        }
        assert_eq!(Foreign::by_ending("NEF"), Some(Foreign::Raw));
        assert_eq!(Foreign::by_ending("Heic"), Some(Foreign::Heic));
        assert_eq!(Foreign::by_ending("jpg"), None);
    }
}
