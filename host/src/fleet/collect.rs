//! From outboxes into the store: one thread reads, all cores open, one writes. Nothing stops at a bad record.

use super::chain::{self, At, Flaw};
use super::image;
use super::lost::{self, Reason};
use super::outbox::{self, Outbox, Unit};
use super::place::{Place, join};
use super::store::{self, Hangs, Store, Taken};
use crate::command::Refusal;
use age::x25519;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use synkiosk_boards::unit::acknowledgement::Segment;
use synkiosk_journal::Record;
use synkiosk_journal::chain::RecordDigest;
use synkiosk_journal::segment::{Frame, MOST_SEGMENT_BYTES, Piece, read_segment};
use synkiosk_journal::store::segment_name;
use synkiosk_journal::words::ShortName;

/// Records that go into the store at once: a second's work, and what a power cut may cost.
const BATCH: usize = 20_000;
/// Segments under way for each thread: with those being opened, no more than 20 MiB a thread.
const WAITING: usize = 2;

/// What was collected.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// By unit.
    pub units: BTreeMap<String, Counts>,
    /// Sources and outboxes that could not be used, in words.
    pub refused: Vec<String>,
    /// Units whose journals contradict each other, in words.
    pub contradictions: Vec<String>,
    /// By unit, what does not hang together.
    pub flaws: BTreeMap<String, Vec<Flaw>>,
    /// Records kept from earlier that could be read now.
    pub reopened: usize,
    /// Segments of sticks that are in the store with all they held.
    #[serde(skip)]
    pub segments: Vec<Collected>,
}

/// A segment that a unit put on a stick, exactly as it was read.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The stick's folder.
    pub stick: PathBuf,
    /// Whose.
    pub unit: ShortName,
    /// Which, and its bytes.
    pub segment: Segment,
}

/// Of one unit.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Records that are new.
    pub taken: usize,
    /// Records that were in the store.
    pub known: usize,
    /// What could not be read, by its reason.
    pub quarantined: BTreeMap<&'static str, usize>,
    /// Of these, kept for the first time.
    pub newly_quarantined: usize,
    /// Kept from earlier, and whole now.
    pub healed: usize,
}

impl Report {
    /// Segments of units whose records hang together: where they do not, the unit keeps what it has as the other witness.
    pub fn trusted_segments(&self) -> Vec<Collected> {
        let alarms =
            |unit: &str| self.flaws.get(unit).is_some_and(|flaws| flaws.iter().any(Flaw::is_alarming));
        self.segments.iter().filter(|segment| !alarms(segment.unit.as_str())).cloned().collect()
    }

    /// A sum over the units.
    pub fn total(&self, of: impl Fn(&Counts) -> usize) -> usize {
        self.units.values().map(of).sum()
    }
}

impl Counts {
    /// All that could not be read.
    pub fn all_quarantined(&self) -> usize {
        self.quarantined.values().sum()
    }
}

/// A segment on its way.
struct Sealed {
    unit: Arc<Unit>,
    segment: u32,
    bytes: Vec<u8>,
}

/// The same, opened.
struct Opened {
    unit: Arc<Unit>,
    segment: u32,
    /// Place in the segment, and what is there.
    records: Vec<(usize, Result<Whole, Kept>)>,
}

/// A record that was opened.
struct Whole {
    record: Box<Record>,
    hangs: Hangs,
}

/// What could not be read.
struct Kept {
    reason: Reason,
    bytes: Vec<u8>,
}

/// Collects from all sources.
///
/// # Errors
/// When the store cannot be written. What was taken until then stays.
pub fn collect(
    sources: &[PathBuf],
    identity: &x25519::Identity,
    threads: usize,
    store: &Store,
    path: &Path,
) -> Result<Report, Refusal> {
    let failed = |error: rusqlite::Error| store::cannot(path, &error);
    let since = store.last_row().map_err(failed)?;
    let mut writer = Writer { store, report: Report::default(), in_batch: 0, units: Vec::new() };
    store.begin().map_err(failed)?;
    writer.reopen(identity).map_err(failed)?;
    thread::scope(|scope| -> Result<(), Refusal> {
        let (to_open, sealed) = sync_channel::<Sealed>(WAITING * threads);
        let (to_write, opened) = sync_channel::<Opened>(WAITING * threads);
        let reader = scope.spawn(move || read_all(sources, &to_open));
        let sealed = Arc::new(Mutex::new(sealed));
        for _ in 0..threads {
            let (sealed, to_write) = (Arc::clone(&sealed), to_write.clone());
            scope.spawn(move || open_all(&sealed, identity, &to_write));
        }
        // Whoever still holds an end of a channel keeps the other side waiting.
        drop((sealed, to_write));
        for segment in opened {
            writer.write(&segment).map_err(failed)?;
        }
        let (refused, segments) =
            reader.join().unwrap_or_else(|_| (vec!["the reader failed".to_owned()], Vec::new()));
        (writer.report.refused, writer.report.segments) = (refused, segments);
        Ok(())
    })?;
    writer.check_chains(since).map_err(failed)?;
    store.commit().map_err(failed)?;
    Ok(writer.report)
}

/// Reads every source; what was refused, and the segments of sticks.
fn read_all(sources: &[PathBuf], to_open: &SyncSender<Sealed>) -> (Vec<String>, Vec<Collected>) {
    let mut reader = Reader { to_open, refused: Vec::new(), segments: Vec::new() };
    for source in sources {
        let before = reader.refused.len();
        match image::places(source) {
            Ok(places) => {
                let outboxes: usize = places.iter().map(|place| reader.place(source, &**place)).sum();
                if outboxes == 0 && reader.refused.len() == before {
                    reader.refused.push(format!("{}: holds no outbox", source.display()));
                }
            }
            Err(reason) => reader.refused.push(format!("{}: {reason}", source.display())),
        }
    }
    (reader.refused, reader.segments)
}

/// The thread that reads.
struct Reader<'a> {
    to_open: &'a SyncSender<Sealed>,
    refused: Vec<String>,
    segments: Vec<Collected>,
}

impl Reader<'_> {
    /// How many outboxes were found.
    fn place(&mut self, source: &Path, place: &dyn Place) -> usize {
        let shown = source.display();
        let absolute = source.canonicalize().unwrap_or_else(|_| source.to_owned());
        let name = absolute.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let found = match outbox::find(place, name) {
            Ok(found) => found,
            Err(error) => {
                self.refused.push(format!("{shown}: {error}"));
                return 0;
            }
        };
        self.refused.extend(found.refused.iter().map(|reason| format!("{shown}: {reason}")));
        for outbox in &found.outboxes {
            let stick = outbox.stick().filter(|_| source.is_dir()).map(|folder| source.join(folder));
            if !self.outbox(place, outbox, stick.as_deref()) {
                break;
            }
        }
        found.outboxes.len()
    }

    /// False when nobody takes segments any more.
    fn outbox(&mut self, place: &dyn Place, outbox: &Outbox, stick: Option<&Path>) -> bool {
        let unit = Arc::new(outbox.unit.clone());
        // Without bytes: an outbox that was emptied says who was in it.
        if self.to_open.send(Sealed { unit: Arc::clone(&unit), segment: 0, bytes: Vec::new() }).is_err() {
            return false;
        }
        for segment in &outbox.segments {
            let path = join(&outbox.folder, &segment_name(*segment));
            match place.read(&path, MOST_SEGMENT_BYTES as u64 + 1) {
                Ok(bytes) => {
                    if let Some(stick) = stick {
                        self.segments.push(Collected::of(stick, &unit.name, *segment, &bytes));
                    }
                    let sealed = Sealed { unit: Arc::clone(&unit), segment: *segment, bytes };
                    if self.to_open.send(sealed).is_err() {
                        return false;
                    }
                }
                Err(error) => self.refused.push(format!("{}: segment {segment}: {error}", unit.name)),
            }
        }
        true
    }
}

impl Collected {
    fn of(stick: &Path, unit: &ShortName, number: u32, bytes: &[u8]) -> Collected {
        let sha256 = store::hex(&Sha256::digest(bytes));
        let segment = Segment { number, bytes: bytes.len() as u64, sha256 };
        Collected { stick: stick.to_owned(), unit: unit.clone(), segment }
    }
}

fn open_all(sealed: &Mutex<Receiver<Sealed>>, identity: &x25519::Identity, to_write: &SyncSender<Opened>) {
    loop {
        let next = sealed.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(next) = next else { return };
        if to_write.send(open(next, identity)).is_err() {
            return;
        }
    }
}

fn open(sealed: Sealed, identity: &x25519::Identity) -> Opened {
    let Sealed { unit, segment, bytes } = sealed;
    let mut records = Vec::new();
    match read_segment(&bytes) {
        Err(_) => records.push((0, Err(Kept { reason: Reason::Segment, bytes: bytes.clone() }))),
        Ok(pieces) => {
            for piece in pieces {
                match piece {
                    Piece::Frame(frame) => records.push((frame.offset, open_frame(frame, identity))),
                    Piece::Damage(damage) => {
                        for ([from, to], reason) in lost::records_in(&bytes, damage) {
                            records.push((from, Err(Kept { reason, bytes: bytes[from..to].to_vec() })));
                        }
                    }
                }
            }
        }
    }
    Opened { unit, segment, records }
}

fn open_frame(frame: Frame, identity: &x25519::Identity) -> Result<Whole, Kept> {
    match frame.open_linked(identity) {
        Ok((record, link)) => {
            let hangs = Hangs { link, digest: RecordDigest::of(frame.sealed) };
            Ok(Whole { record: Box::new(record), hangs })
        }
        Err(error) => Err(Kept { reason: Reason::of(&error), bytes: frame.sealed.to_vec() }),
    }
}

/// The thread that writes.
struct Writer<'a> {
    store: &'a Store,
    report: Report,
    in_batch: usize,
    /// Outboxes of which something was written.
    units: Vec<Arc<Unit>>,
}

impl Writer<'_> {
    fn write(&mut self, opened: &Opened) -> rusqlite::Result<()> {
        let unit = &opened.unit;
        if !self.units.iter().any(|known| Arc::ptr_eq(known, unit)) {
            // Held against what was known before the unit is put in.
            let flaw = chain::check_end(self.store, unit)?;
            // A count that nobody has signed for would excuse what is missing, now and later.
            let dropped = if flaw.is_none() { unit.dropped } else { 0 };
            self.store.put_unit(&Unit { dropped, ..Unit::clone(unit) })?;
            match (flaw, &unit.end) {
                (Some(flaw), _) => self.flaw(unit, flaw),
                (None, Some((end, _))) => self.store.raise_end(&unit.name, &end.next)?,
                (None, None) => {}
            }
            self.units.push(Arc::clone(unit));
        }
        for (place, record) in &opened.records {
            self.write_one(unit, opened.segment, *place as u64, record)?;
        }
        self.in_batch += opened.records.len();
        if self.in_batch >= BATCH {
            self.in_batch = 0;
            self.store.commit()?;
            self.store.begin()?;
        }
        Ok(())
    }

    fn write_one(
        &mut self,
        unit: &Unit,
        segment: u32,
        place: u64,
        record: &Result<Whole, Kept>,
    ) -> rusqlite::Result<()> {
        let counts = self.report.units.entry(unit.name.to_string()).or_default();
        let Whole { record, hangs } = match record {
            Ok(whole) => whole,
            Err(Kept { reason, bytes }) => {
                *counts.quarantined.entry(reason.name()).or_default() += 1;
                counts.newly_quarantined +=
                    usize::from(self.store.quarantine(unit, segment, place, *reason, bytes)?);
                return Ok(());
            }
        };
        let at = At { segment, place };
        let taken = self.store.put(unit, (segment, place), record, hangs)?;
        match taken {
            Taken::Known | Taken::Repeated => counts.known += 1,
            Taken::New => {
                counts.taken += 1;
                counts.healed += self.store.release(unit, segment, place)?;
            }
            Taken::Contradicts => {
                counts.taken += 1;
                self.contradiction(unit, segment, place);
            }
        }
        if taken == Taken::Repeated {
            self.flaw(unit, Flaw::Repeated { at });
        }
        if chain::is_beyond(unit, hangs) {
            self.flaw(unit, Flaw::NotSigned { at });
        }
        Ok(())
    }

    /// One of a kind and unit is enough.
    fn flaw(&mut self, unit: &Unit, flaw: Flaw) {
        let flaws = self.report.flaws.entry(unit.name.to_string()).or_default();
        if !flaws.iter().any(|told| std::mem::discriminant(told) == std::mem::discriminant(&flaw)) {
            flaws.push(flaw);
        }
    }

    /// Once all of a unit's outboxes are in: one may hold what another lacks.
    fn check_chains(&mut self, since: i64) -> rusqlite::Result<()> {
        let units = std::mem::take(&mut self.units);
        let by_name: BTreeMap<_, _> = units.into_iter().map(|unit| (unit.name.clone(), unit)).collect();
        for unit in by_name.into_values() {
            for flaw in chain::check(self.store, &unit, since)? {
                self.flaw(&unit, flaw);
            }
        }
        Ok(())
    }

    /// One line a unit is enough.
    fn contradiction(&mut self, unit: &Unit, segment: u32, place: u64) {
        let start = format!("{}: ", unit.name);
        if !self.report.contradictions.iter().any(|line| line.starts_with(&start)) {
            self.report.contradictions.push(format!(
                "{start}segment {segment} holds another session at byte {place} than was collected before"
            ));
        }
    }

    /// Tries again what an older program, or another key, could not read.
    fn reopen(&mut self, identity: &x25519::Identity) -> rusqlite::Result<()> {
        let connection = self.store.connection();
        let mut kept = connection.prepare(
            "SELECT rowid, unit, segment, place FROM quarantine WHERE reason IN ('other-key', 'newer-format', 'malformed')",
        )?;
        let rows = kept.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let rows: Vec<(i64, String, u32, u64)> = rows.collect::<rusqlite::Result<_>>()?;
        for (id, name, segment, place) in rows {
            let Ok(name) = name.parse() else { continue };
            let sql = "SELECT bytes FROM quarantine WHERE rowid = ?1";
            let sealed: Vec<u8> = connection.query_row(sql, [id], |row| row.get(0))?;
            let offset = usize::try_from(place).unwrap_or(usize::MAX);
            if let Ok(Whole { record, hangs }) = open_frame(Frame { offset, sealed: &sealed }, identity) {
                let unit = Unit::named(name);
                self.store.put(&unit, (segment, place), &record, &hangs)?;
                self.store.release(&unit, segment, place)?;
                self.report.reopened += 1;
            }
        }
        Ok(())
    }
}
