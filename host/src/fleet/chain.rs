//! Whether a unit's records hang together: none taken out, moved, put in twice or put in the place of another, and the end as
//! the unit signed it.
//!
//! A chain shows what was done to a stick or a copy of a card. Who has the card itself has the unit's key, and can write a
//! whole chain anew.

use super::{
    outbox::Unit,
    store::{Hangs, Store},
};
use rusqlite::{Row, params};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use synkiosk_journal::chain::{End, Link, RecordDigest};

/// Where something was found in a unit's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct At {
    /// Number of the segment.
    pub segment: u32,
    /// Byte in it.
    pub place: u64,
}

/// What does not hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "flaw")]
pub enum Flaw {
    /// Records were there once, between others, and are not.
    Missing {
        /// How many.
        records: u64,
        /// Of the next record that is there.
        before: At,
    },
    /// A record whose number is not higher than that of one before it.
    OutOfOrder {
        /// Of the record.
        at: At,
    },
    /// A record that is not the one its neighbor was written behind.
    Replaced {
        /// Of the neighbor.
        before: At,
    },
    /// A session that is in the store from another place.
    Repeated {
        /// Of the second.
        at: At,
    },
    /// A record with a number that the unit had not yet given when it signed where its journal ends.
    NotSigned {
        /// Of the record.
        at: At,
    },
    /// The last record is not the one that the unit signed.
    OtherEnd,
    /// The signature of the journal's end is none of the unit's key.
    Signature,
    /// The end is signed with another key than the unit had when it was collected before.
    OtherKey,
    /// The unit said before where its journal ends, and now nothing says it.
    EndNotSaid,
    /// The unit had written more than is here.
    EndMissing {
        /// How many.
        records: u64,
    },
}

impl Flaw {
    /// Whether somebody's hand is the likely cause, and not a stick that was pulled out too early.
    pub fn is_alarming(&self) -> bool {
        !matches!(self, Flaw::EndMissing { .. })
    }

    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            Flaw::EndMissing { .. } => {
                "bring the stick to the unit once more and leave it in until it says so"
            }
            Flaw::OtherKey | Flaw::EndNotSaid | Flaw::Signature => {
                "if the unit's card was made anew, give the unit another name; if not, ask who had the stick"
            }
            _ => "keep the stick as it is, collect the unit's card itself, and ask who had them",
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {}, byte {}", self.segment, self.place)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Missing { records, before } => write!(f, "{records} records are missing before {before}"),
            Flaw::OutOfOrder { at } => write!(f, "the record at {at} is out of order"),
            Flaw::Replaced { before } => {
                write!(f, "the record before {before} is not the one that was there")
            }
            Flaw::Repeated { at } => {
                write!(f, "the record at {at} was collected from another place before")
            }
            Flaw::NotSigned { at } => {
                write!(f, "the record at {at} was not there when the unit signed its journal")
            }
            Flaw::OtherEnd => f.write_str("the last record is not the one that the unit signed"),
            Flaw::Signature => f.write_str("where the journal ends is not signed with the unit's key"),
            Flaw::OtherKey => f.write_str("the unit has another key than before"),
            Flaw::EndNotSaid => f.write_str("nothing says any more where the unit's journal ends"),
            Flaw::EndMissing { records } => {
                write!(f, "{records} records that the unit has written last are not there")
            }
        }
    }
}

/// Holds what an outbox says of its journal's end against what was known of the unit before.
///
/// # Errors
/// What SQLite says.
pub fn check_end(store: &Store, unit: &Unit) -> rusqlite::Result<Option<Flaw>> {
    let Some((end, signature)) = &unit.end else {
        return Ok(store.end_of(&unit.name)?.map(|_| Flaw::EndNotSaid));
    };
    let Some(key) = &unit.slip_key else { return Ok(Some(Flaw::Signature)) };
    if !end.is_signed_by(unit.name.as_str(), key, signature) {
        return Ok(Some(Flaw::Signature));
    }
    // A first visit's key is taken at its word: there is none to hold it against.
    let known = store.keys_of(&unit.name)?;
    Ok((!known.is_empty() && !known.contains(key)).then_some(Flaw::OtherKey))
}

/// Walks over all records of a unit. Told is what is beside a record that was put into the store after row `since`.
///
/// # Errors
/// What SQLite says.
pub fn check(store: &Store, unit: &Unit, since: i64) -> rusqlite::Result<Vec<Flaw>> {
    let lost = Lost::of(store, unit)?;
    let mut walk = Walk { lost, is_empty: true, ..Walk::default() };
    let sql = "SELECT segment, place, sequence, previous, digest, record FROM sessions WHERE unit = ?1 \
               ORDER BY segment, place";
    let mut statement = store.connection().prepare_cached(sql)?;
    let mut rows = statement.query(params![unit.name.as_str()])?;
    while let Some(row) = rows.next()? {
        walk.step(&Chained::of(row)?, since);
    }
    let end = store.end_of(&unit.name)?;
    // A unit counts what it drops before it drops it.
    let dropped = store.dropped_of(&unit.name)?;
    if walk.missing > dropped {
        walk.flaws.extend(walk.gaps.first());
    }
    walk.flaws.extend(end.and_then(|end| walk.at_end(&end, dropped)));
    Ok(walk.flaws)
}

/// Whether a record came after what the unit said of its own end.
pub fn is_beyond(unit: &Unit, hangs: &Hangs) -> bool {
    let end = unit.end.as_ref().map(|(End { next, .. }, _)| next.sequence);
    hangs.link.zip(end).is_some_and(|(link, end)| link.sequence >= end)
}

/// One record's row.
struct Chained {
    at: At,
    link: Option<Link>,
    digest: RecordDigest,
    row: i64,
}

impl Chained {
    fn of(row: &Row) -> rusqlite::Result<Chained> {
        let at = At { segment: row.get(0)?, place: row.get(1)? };
        let sequence: Option<u64> = row.get(2)?;
        let previous: Option<[u8; 16]> = row.get(3)?;
        let digest: Option<[u8; 16]> = row.get(4)?;
        let link = sequence
            .zip(previous)
            .map(|(sequence, previous)| Link { sequence, previous: RecordDigest(previous) });
        Ok(Chained { at, link, digest: RecordDigest(digest.unwrap_or_default()), row: row.get(5)? })
    }
}

/// What is in quarantine of a unit, by place: these records are missing, and accounted for.
#[derive(Default)]
struct Lost {
    places: BTreeSet<(u32, u64)>,
    /// Nobody knows how many records these held.
    whole_segments: BTreeSet<u32>,
}

impl Lost {
    fn of(store: &Store, unit: &Unit) -> rusqlite::Result<Lost> {
        let mut lost = Lost::default();
        let sql = "SELECT segment, place, reason FROM quarantine WHERE unit = ?1 AND reason <> 'header'";
        let mut statement = store.connection().prepare_cached(sql)?;
        let mut rows = statement.query(params![unit.name.as_str()])?;
        while let Some(row) = rows.next()? {
            let (segment, place): (u32, u64) = (row.get(0)?, row.get(1)?);
            lost.places.insert((segment, place));
            if row.get::<_, String>(2)? == "segment" {
                lost.whole_segments.insert(segment);
            }
        }
        Ok(lost)
    }

    fn between(&self, from: At, to: At) -> u64 {
        if self.whole_segments.range(from.segment..=to.segment).next().is_some() {
            return u64::MAX;
        }
        self.places.range((from.segment, from.place)..(to.segment, to.place)).count() as u64
    }
}

#[derive(Default)]
struct Walk {
    lost: Lost,
    /// Where the last record is, and where the next one must hang.
    last: Option<(At, Link)>,
    /// Records that nothing accounts for, of all times.
    missing: u64,
    gaps: Vec<Flaw>,
    flaws: Vec<Flaw>,
    is_empty: bool,
}

impl Walk {
    fn step(&mut self, record: &Chained, since: i64) {
        self.is_empty = false;
        let Some(link) = record.link else {
            self.last = None;
            return;
        };
        let is_new = record.row > since;
        if let Some((at, expected)) = self.last {
            let before = record.at;
            if link.sequence < expected.sequence {
                self.tell(is_new, Flaw::OutOfOrder { at: before });
            } else if link.sequence > expected.sequence {
                let gone = link.sequence - expected.sequence;
                self.gap(is_new, gone.saturating_sub(self.lost.between(at, before)), before);
            } else if link.previous != expected.previous {
                self.tell(is_new, Flaw::Replaced { before });
            }
        }
        let next = Link { sequence: link.sequence.saturating_add(1), previous: record.digest };
        self.last = Some((record.at, next));
    }

    fn gap(&mut self, is_new: bool, records: u64, before: At) {
        self.missing = self.missing.saturating_add(records);
        if is_new && records > 0 {
            self.gaps.push(Flaw::Missing { records, before });
        }
    }

    /// One of a kind is enough: what follows is often its consequence.
    fn tell(&mut self, is_new: bool, flaw: Flaw) {
        let kind = std::mem::discriminant(&flaw);
        if is_new && !self.flaws.iter().any(|told| std::mem::discriminant(told) == kind) {
            self.flaws.push(flaw);
        }
    }

    fn at_end(&self, end: &Link, dropped: u64) -> Option<Flaw> {
        let (at, next) = match self.last {
            Some(last) => last,
            // Nothing was ever collected, or it is of a program before the chain.
            None if self.is_empty => {
                (At { segment: 0, place: 0 }, Link { sequence: dropped, ..Link::default() })
            }
            None => return None,
        };
        let beyond = At { segment: u32::MAX, place: u64::MAX };
        let gone = end.sequence.saturating_sub(next.sequence);
        match gone.saturating_sub(self.lost.between(at, beyond)) {
            0 if gone == 0 && next.sequence == end.sequence && next.previous != end.previous => {
                Some(Flaw::OtherEnd)
            }
            0 => None,
            records => Some(Flaw::EndMissing { records }),
        }
    }
}

#[cfg(test)]
mod tests;
