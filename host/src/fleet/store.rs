//! The store: one SQLite file that anything can open.

use super::calendar;
use super::lost::Reason;
use super::outbox::Unit;
use crate::command::Refusal;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::Path;
use synkiosk_journal::chain::{Link, RecordDigest};
use synkiosk_journal::record::{ErrorCode, IndexRecord, Outcome};
use synkiosk_journal::when::When;
use synkiosk_journal::words::ShortName;
use synkiosk_journal::{Record, SlipPublicKey};

/// Run in order; the number of files is the newest `user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001-first.sql"),
    include_str!("migrations/0002-dropped.sql"),
    include_str!("migrations/0003-slip-keys.sql"),
    include_str!("migrations/0004-chain.sql"),
];
/// `SynK`: whose file this is (`PRAGMA application_id`).
const APPLICATION_ID: i32 = 0x5379_6e4b;
/// The site of a unit that has not said it.
pub const UNKNOWN: &str = "unknown";

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is new, and in the store.
    New,
    /// It was there.
    Known,
    /// It is new and in the store, and another session stood at its place: two units have one name.
    Contradicts,
    /// It was there, from another place of the unit's journal.
    Repeated,
}

/// Where a record hangs in its unit's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hangs {
    /// As it was sealed.
    pub link: Option<Link>,
    /// The record's own.
    pub digest: RecordDigest,
}

impl Store {
    /// Opens a store for collecting, and makes it if need be.
    ///
    /// # Errors
    /// When the file is none, or is of a later program.
    pub fn open(path: &Path) -> Result<Store, Refusal> {
        let connection = Connection::open(path).map_err(|error| cannot(path, &error))?;
        let store = Store::checked(path, connection, true)?;
        store.migrate(path)?;
        // Every batch is on the disk when it is committed: units let go of what is acknowledged. Batches are large.
        let fast = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;";
        store.connection.execute_batch(fast).map_err(|error| cannot(path, &error))?;
        Ok(store)
    }

    /// Opens a store that is there, to be read.
    ///
    /// # Errors
    /// When there is none, when the file is none, or when a later program made it.
    pub fn read(path: &Path) -> Result<Store, Refusal> {
        if !path.is_file() {
            return Err(Refusal::could_not(
                format!("could not read {}: there is no such file", path.display()),
                "fill a store first: synkiosk collect SOURCE --key KEY --store FILE.sqlite",
            ));
        }
        // Not read-only: the file beside it that a cut-off collector left must be taken in first.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| cannot(path, &error))?;
        let store = Store::checked(path, connection, false)?;
        store.migrate(path)?;
        let fast = "PRAGMA query_only = 1; PRAGMA cache_size = -65536; PRAGMA mmap_size = 4294967296;";
        store.connection.execute_batch(fast).map_err(|error| cannot(path, &error))?;
        Ok(store)
    }

    fn checked(path: &Path, connection: Connection, may_be_new: bool) -> Result<Store, Refusal> {
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let id = number("application_id").map_err(|error| cannot(path, &error))?;
        let version = number("user_version").map_err(|error| cannot(path, &error))?;
        let tables: i64 = connection
            .query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| cannot(path, &error))?;
        let is_new = may_be_new && tables == 0 && id == 0;
        if id != APPLICATION_ID && !is_new {
            return Err(Refusal::checked(
                format!("{} is a database of another program", path.display()),
                "name a file that synkiosk collect made, or one that is not there yet",
            ));
        }
        if usize::try_from(version).is_ok_and(|version| version > MIGRATIONS.len()) {
            return Err(Refusal::checked(
                format!("{} has format {version}, newer than {}", path.display(), MIGRATIONS.len()),
                "use a version of this program no older than the one that collected last",
            ));
        }
        Ok(Store { connection })
    }

    fn migrate(&self, path: &Path) -> Result<(), Refusal> {
        let migrate = || -> rusqlite::Result<()> {
            let version: i32 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let done = usize::try_from(version).unwrap_or(0);
            for (index, sql) in MIGRATIONS.iter().enumerate().skip(done) {
                let version = index + 1;
                self.connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {sql}; PRAGMA application_id = {APPLICATION_ID}; \
                     PRAGMA user_version = {version}; COMMIT;"
                ))?;
            }
            Ok(())
        };
        migrate().map_err(|error| cannot(path, &error))
    }

    /// The database itself, for questions.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Starts a batch: all of it is in the store, or nothing.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    /// Ends a batch.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("COMMIT")
    }

    /// Remembers a unit. A site that is told later reaches the sessions taken before.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn put_unit(&self, unit: &Unit) -> rusqlite::Result<()> {
        let name = unit.name.as_str();
        let (site, board) = (site_of(unit), unit.board.as_ref().map(|board| board.as_str()));
        self.connection.execute(
            "INSERT INTO units (unit, site, board, dropped) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (unit) DO UPDATE SET \
             site = CASE ?2 WHEN 'unknown' THEN site ELSE ?2 END, board = COALESCE(?3, board), \
             dropped = MAX(dropped, ?4)",
            params![name, site, board, i64::try_from(unit.dropped).unwrap_or(i64::MAX)],
        )?;
        if let Some(key) = unit.slip_key {
            let sql = "INSERT OR IGNORE INTO slip_keys VALUES (?1, ?2)";
            self.connection.execute(sql, params![name, key.to_string()])?;
        }
        if unit.site.is_some() {
            self.connection.execute(
                "UPDATE sessions SET site = ?2 WHERE unit = ?1 AND site = 'unknown'",
                params![name, site],
            )?;
        }
        Ok(())
    }

    /// Every unit's key for slips, and those that it had before.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn slip_keys(&self) -> rusqlite::Result<Vec<(ShortName, SlipPublicKey)>> {
        let mut keys = self.connection.prepare("SELECT unit, key FROM slip_keys")?;
        let rows = keys.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let rows: Vec<(String, String)> = rows.collect::<rusqlite::Result<_>>()?;
        // What somebody else wrote into the file, and is none, is passed over.
        Ok(rows.iter().filter_map(|(unit, key)| Some((unit.parse().ok()?, key.parse().ok()?))).collect())
    }

    /// The keys that one unit has had.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keys_of(&self, unit: &ShortName) -> rusqlite::Result<Vec<SlipPublicKey>> {
        let keys = self.slip_keys()?;
        Ok(keys.into_iter().filter(|(name, _)| name == unit).map(|(_, key)| key).collect())
    }

    /// Where a unit's journal ended when it said so last.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn end_of(&self, unit: &ShortName) -> rusqlite::Result<Option<Link>> {
        let sql = "SELECT records, last FROM units WHERE unit = ?1 AND records IS NOT NULL";
        let row = self.connection.prepare_cached(sql)?.query_row([unit.as_str()], |row| {
            Ok(Link { sequence: row.get(0)?, previous: RecordDigest(row.get(1)?) })
        });
        row.optional()
    }

    /// Remembers where a unit's journal ends, unless it had ended further on.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn raise_end(&self, unit: &ShortName, end: &Link) -> rusqlite::Result<()> {
        let sql = "UPDATE units SET records = ?2, last = ?3 WHERE unit = ?1 AND COALESCE(records, -1) < ?2";
        let records = i64::try_from(end.sequence).unwrap_or(i64::MAX);
        self.connection.execute(sql, params![unit.as_str(), records, end.previous.0]).map(drop)
    }

    /// The most that a unit ever said to have dropped.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn dropped_of(&self, unit: &ShortName) -> rusqlite::Result<u64> {
        let sql = "SELECT dropped FROM units WHERE unit = ?1";
        let dropped = self.connection.prepare_cached(sql)?.query_row([unit.as_str()], |row| row.get(0));
        Ok(dropped.optional()?.unwrap_or(0))
    }

    /// The row that was put in last.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn last_row(&self) -> rusqlite::Result<i64> {
        self.connection.query_row("SELECT COALESCE(MAX(record), 0) FROM sessions", [], |row| row.get(0))
    }

    /// Puts a session into the store unless it is there.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn put(
        &self,
        unit: &Unit,
        (segment, place): (u32, u64),
        record: &Record,
        hangs: &Hangs,
    ) -> rusqlite::Result<Taken> {
        let name = unit.name.as_str();
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let at_place = "SELECT COUNT(*) FROM sessions WHERE unit = ?1 AND segment = ?2 AND place = ?3";
        let others: i64 = self
            .connection
            .prepare_cached(at_place)?
            .query_row(params![name, segment, place], |row| row.get(0))?;
        if self.insert_session(unit, segment, place, record, hangs)? == 0 {
            return self.known(name, segment, place, record);
        }
        let id = self.connection.last_insert_rowid();
        let mut poses = self.connection.prepare_cached(
            "INSERT INTO poses VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        for (ordinal, pose) in record.poses.iter().enumerate() {
            let (quality, took) = (pose.quality, pose.milliseconds);
            poses.execute(params![
                id,
                ordinal as i64,
                pose.pose.name(),
                pose.score.map(|it| it.get()),
                pose.retakes,
                quality.map(|it| it.sharpness.get()),
                quality.map(|it| it.light.get()),
                quality.map(|it| it.steadiness.get()),
                quality.map(|it| it.face_width.get()),
                took.map(|it| it.face),
                took.map(|it| it.align),
                took.map(|it| it.network),
                took.map(|it| it.total),
            ])?;
        }
        let mut errors = self.connection.prepare_cached("INSERT INTO errors VALUES (?1, ?2, ?3)")?;
        for (ordinal, code) in record.errors.iter().enumerate() {
            errors.execute(params![id, ordinal as i64, error_name(*code)])?;
        }
        Ok(if others > 0 { Taken::Contradicts } else { Taken::New })
    }

    fn known(&self, unit: &str, segment: u32, place: i64, record: &Record) -> rusqlite::Result<Taken> {
        let sql = "SELECT segment = ?3 AND place = ?4 FROM sessions WHERE unit = ?1 AND session = ?2";
        let values = params![unit, record.session.0.as_slice(), segment, place];
        let same: bool = self.connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
        Ok(if same { Taken::Known } else { Taken::Repeated })
    }

    fn insert_session(
        &self,
        unit: &Unit,
        segment: u32,
        place: i64,
        record: &Record,
        hangs: &Hangs,
    ) -> rusqlite::Result<usize> {
        let (week, month, boot) = match record.when {
            When::Week(week) => (Some(calendar::name(week)), calendar::month(week), None),
            When::Boot { counter } => (None, UNKNOWN.to_owned(), Some(counter)),
        };
        // A unit whose site was told on an earlier visit keeps it.
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO sessions VALUES (NULL, ?1, \
             CASE ?2 WHEN 'unknown' THEN COALESCE((SELECT site FROM units WHERE unit = ?1), 'unknown') ELSE ?2 END, \
             ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
        )?;
        let value = |index: Option<IndexRecord>| index.map(|it| it.value.get());
        let side = |index: Option<IndexRecord>| index.and_then(|it| it.side).map(|side| side.name());
        let indices = &record.indices;
        insert.execute(params![
            unit.name.as_str(),
            site_of(unit),
            record.session.0.as_slice(),
            week,
            month,
            boot,
            record.software.to_string(),
            record.bundle.name.as_str(),
            record.bundle.version,
            record.board.as_str(),
            outcome_name(record.outcome),
            record.score.map(|it| it.get()),
            value(indices.ocular_oral),
            side(indices.ocular_oral),
            value(indices.oral_ocular),
            side(indices.oral_ocular),
            value(indices.mentalis),
            side(indices.mentalis),
            value(indices.platysma),
            side(indices.platysma),
            segment,
            place,
            hangs.link.map(|link| i64::try_from(link.sequence).unwrap_or(i64::MAX)),
            hangs.link.map(|link| link.previous.0),
            hangs.digest.0,
        ])
    }

    /// Keeps what cannot be read; false when it was kept before.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn quarantine(
        &self,
        unit: &Unit,
        segment: u32,
        place: u64,
        reason: Reason,
        bytes: &[u8],
    ) -> rusqlite::Result<bool> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO quarantine VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        let values =
            params![unit.name.as_str(), segment, place, reason.name(), hex(&Sha256::digest(bytes)), bytes];
        Ok(insert.execute(values)? == 1)
    }

    /// Lets go of what was kept at a place where a whole record has now been read.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn release(&self, unit: &Unit, segment: u32, place: u64) -> rusqlite::Result<usize> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let sql = "DELETE FROM quarantine WHERE unit = ?1 AND segment = ?2 AND place = ?3";
        self.connection.prepare_cached(sql)?.execute(params![unit.name.as_str(), segment, place])
    }
}

fn site_of(unit: &Unit) -> &str {
    unit.site.as_ref().map_or(UNKNOWN, |site| site.as_str())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of an outcome in records and in the store.
pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Likely => "likely",
        Outcome::Unlikely => "unlikely",
        Outcome::CannotTell => "cannot-tell",
        Outcome::Retake => "retake",
        Outcome::Stopped => "stopped",
        Outcome::Declined => "declined",
        Outcome::Failed => "failed",
    }
}

/// The name of an error in records and in the store.
pub fn error_name(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::CameraLost => "camera-lost",
        ErrorCode::CameraUnusable => "camera-unusable",
        ErrorCode::NoFace => "no-face",
        ErrorCode::SeveralFaces => "several-faces",
        ErrorCode::HalfFace => "half-face",
        ErrorCode::EyesHidden => "eyes-hidden",
        ErrorCode::HeadPosture => "head-posture",
        ErrorCode::PoseNotPerformed => "pose-not-performed",
        ErrorCode::PoorLight => "poor-light",
        ErrorCode::Blurred => "blurred",
        ErrorCode::TimedOut => "timed-out",
        ErrorCode::NetworkFailed => "network-failed",
        ErrorCode::BundleRefused => "bundle-refused",
        ErrorCode::PanelFailed => "panel-failed",
        ErrorCode::ButtonFailed => "button-failed",
        ErrorCode::StickFailed => "stick-failed",
        ErrorCode::JournalFull => "journal-full",
        ErrorCode::JournalFailed => "journal-failed",
        ErrorCode::Restarted => "restarted",
    }
}

/// SQLite's refusals, for the user.
pub fn cannot(path: &Path, error: &rusqlite::Error) -> Refusal {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => Refusal::checked(
            format!("{} is no SQLite file", path.display()),
            "name a file that synkiosk collect made, or one that is not there yet",
        ),
        Some(rusqlite::ErrorCode::DatabaseBusy) => Refusal::could_not(
            format!("{} is in use by another program", path.display()),
            "end the other program and run the command again",
        ),
        _ => Refusal::could_not(
            format!("could not use {}: {error}", path.display()),
            "name a file in a folder that you may write to, on a disk with space left",
        ),
    }
}
