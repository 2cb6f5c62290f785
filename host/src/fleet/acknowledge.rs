//! Tells units what the store has of them, on the stick that brought it: they may let go of exactly that.

use super::collect::Collected;
use crate::{command::Refusal, files, signing};
use minisign::SecretKey;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::{
    SIGNATURE_ENDING,
    acknowledgement::{Acknowledgement, ENDING, MOST_SEGMENTS, Segment},
};

/// Where a unit looks for it.
const INBOX: &str = "synkiosk/inbox";

/// What one unit was told.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// Whose stick.
    pub stick: PathBuf,
    /// Which unit.
    pub unit: String,
    /// How many segments.
    pub segments: usize,
}

/// Writes one file a unit and stick. The segments must be in the store, for good.
///
/// # Errors
/// `Refusal::could_not` when a stick does not take it; its unit then keeps what it has.
pub fn write(collected: &[Collected], key: &SecretKey) -> Result<Vec<Acknowledged>, Refusal> {
    let mut by_unit: BTreeMap<(&Path, &str), Vec<Segment>> = BTreeMap::new();
    for it in collected {
        by_unit.entry((&it.stick, it.unit.as_str())).or_default().push(it.segment.clone());
    }
    let mut done = Vec::new();
    for ((stick, unit), mut segments) in by_unit {
        // More than a card can hold; the rest comes with the next visit.
        segments.truncate(MOST_SEGMENTS);
        let count = segments.len();
        let acknowledgement =
            Acknowledgement::new(unit, segments).map_err(|error| Refusal::checked(&error, error.help()))?;
        let text = acknowledgement.to_text();
        let signature = signing::sign(text.as_bytes(), &format!("collected from {unit}"), key)?;
        put(stick, unit, &text, &signature).map_err(|error| {
            Refusal::could_not(
                format!("could not write the acknowledgement to {}: {error}", stick.display()),
                "let the stick be written to and collect it again; all is in the store",
            )
        })?;
        done.push(Acknowledged { stick: stick.to_owned(), unit: unit.to_owned(), segments: count });
    }
    Ok(done)
}

fn put(stick: &Path, unit: &str, text: &str, signature: &str) -> io::Result<()> {
    let folder = files::below(stick, INBOX)?;
    fs::create_dir_all(&folder)?;
    let name = format!("{unit}{ENDING}");
    files::replace(&folder.join(format!("{name}{SIGNATURE_ENDING}")), signature.as_bytes())?;
    files::replace(&folder.join(name), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::bundle::TrustedKeys;

    #[test]
    fn each_unit_is_told_on_its_own_stick() {
        let sticks = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let key = minisign::KeyPair::generate_unencrypted_keypair().unwrap().sk;
        let collected = |stick: usize, unit: &str, number: u32| Collected {
            stick: sticks[stick].path().to_owned(),
            unit: unit.parse().unwrap(),
            segment: Segment { number, bytes: 5, sha256: "ab".repeat(32) },
        };
        let all = [
            collected(0, "ward-1", 1),
            collected(0, "ward-1", 2),
            collected(1, "ward-1", 2),
            collected(1, "ward-2", 1),
        ];
        let done = write(&all, &key).unwrap();
        let mut counts: Vec<_> = done.iter().map(|it| (it.unit.as_str(), it.segments)).collect();
        counts.sort_unstable();
        assert_eq!(counts, [("ward-1", 1), ("ward-1", 2), ("ward-2", 1)]);
        let trusted = TrustedKeys::from_public_texts(&[&signing::public_text(&key).unwrap()]).unwrap();
        for (stick, unit, numbers) in
            [(0, "ward-1", vec![1, 2]), (1, "ward-1", vec![2]), (1, "ward-2", vec![1])]
        {
            let path = sticks[stick].path().join(INBOX).join(format!("{unit}{ENDING}"));
            let text = fs::read_to_string(&path).unwrap();
            let signature =
                fs::read(path.with_file_name(format!("{unit}{ENDING}{SIGNATURE_ENDING}"))).unwrap();
            assert!(trusted.verify(text.as_bytes(), &signature).is_ok());
            let read = Acknowledgement::parse(&text).unwrap();
            assert_eq!(read.unit, unit);
            assert_eq!(read.segments.iter().map(|it| it.number).collect::<Vec<_>>(), numbers);
        }
    }
}
