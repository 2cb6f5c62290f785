//! Sessions that nobody had, for tests and benchmarks: a fleet of units over some weeks, written by the units' own
//! journal code, with damage; and what is true of it, counted here while it is made.

use super::outbox::Unit;
use age::x25519;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use synkiosk_boards::unit::outbox::FILE as UNIT_FILE;
use synkiosk_journal::record::{
    BundleId, ErrorCode, Format, IndexRecord, IndexRecords, Outcome, PoseRecord, Quality, StageMilliseconds,
};
use synkiosk_journal::store::{Store, segment_name};
use synkiosk_journal::when::{Week, When};
use synkiosk_journal::words::{Percent, SessionId, Version};
use synkiosk_journal::{Journal, Options, Record};
use synkiosk_models::pose::{Pose, Side};

/// How large a made-up fleet is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Units.
    pub units: u32,
    /// Working days of each, five a week.
    pub days: u32,
    /// Sessions a day.
    pub sessions: u32,
    /// Of 10,000 records, how many are damaged.
    pub damaged: u32,
}

/// What is true of a made-up fleet, without its damaged records.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Undamaged sessions by their number.
    pub sessions: BTreeSet<[u8; 16]>,
    /// Records that were damaged.
    pub damaged: usize,
    /// By unit, site, week (`unknown` where the clock was not trusted), model and outcome.
    pub outcomes: BTreeMap<[String; 5], u64>,
    /// By code.
    pub errors: BTreeMap<ErrorName, u64>,
    /// By pose: pictures, retakes, and all milliseconds.
    pub poses: BTreeMap<&'static str, [u64; 3]>,
}

/// As the store writes it.
pub type ErrorName = &'static str;

/// Numbers that look random and are the same everywhere (SplitMix64).
#[derive(Debug, Clone)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }
}

/// A unit of a made-up fleet: four sites, and every seventh unit says none.
pub fn unit(index: u32) -> Unit {
    let site = ["north", "east", "south", "west"][index as usize % 4].parse();
    Unit {
        name: format!("kiosk-{index:02}").parse().expect("digits make a short name"),
        site: if index % 7 == 6 { None } else { site.ok() },
        board: "rpi4-hdmi".parse().ok(),
        dropped: 0,
        slip_key: None,
        end: None,
    }
}

/// The session number `index` of a unit's day `day`.
pub fn record(numbers: &mut Numbers, unit: u32, day: u32) -> Record {
    let mut session = [0; 16];
    session[..8].copy_from_slice(&numbers.draw().to_le_bytes());
    session[8..].copy_from_slice(&numbers.draw().to_le_bytes());
    let drawn = numbers.below(100);
    let outcome = match drawn {
        0..=29 => Outcome::Likely,
        30..=79 => Outcome::Unlikely,
        80..=86 => Outcome::CannotTell,
        87..=91 => Outcome::Retake,
        92..=95 => Outcome::Stopped,
        96..=98 => Outcome::Declined,
        _ => Outcome::Failed,
    };
    let score = match outcome {
        Outcome::Likely => Some(40 + numbers.below(61)),
        Outcome::Unlikely => Some(numbers.below(26)),
        Outcome::CannotTell => Some(26 + numbers.below(14)),
        _ => None,
    };
    let poses = [Pose::Rest, Pose::TightClosure, Pose::OpenSmile, Pose::Pucker];
    let taken = match outcome {
        Outcome::Declined => 0,
        Outcome::Stopped | Outcome::Failed => 2,
        _ => 4,
    };
    let poses = poses.iter().take(taken).map(|pose| pose_record(numbers, *pose)).collect();
    Record {
        format: Format,
        session: SessionId(session),
        when: when(unit, day),
        software: Version { major: 0, minor: 1, patch: 0 },
        bundle: BundleId { name: "synkiosk".parse().expect("short"), version: 3 + day / 150 },
        board: "rpi4-hdmi".parse().expect("short"),
        outcome,
        score: score.map(percent),
        indices: indices(numbers, score.is_some()),
        poses,
        errors: errors(numbers, outcome),
    }
}

/// Five days a week from the first week of 2026; every tenth unit has a clock that stands at 1970.
fn when(unit: u32, day: u32) -> When {
    let week = day / 5;
    if unit % 10 == 9 {
        return When::Boot { counter: day + 1 };
    }
    // 2026 has 53 weeks.
    let (year, week) = (2026 + week / 53, week % 53 + 1);
    When::Week(Week::new(year as u16, week as u8).expect("a fleet of less than two years"))
}

fn percent(value: u64) -> Percent {
    Percent::try_from(value.min(100) as u8).expect("at most 100")
}

fn pose_record(numbers: &mut Numbers, pose: Pose) -> PoseRecord {
    let total = 20 + numbers.below(40) as u16;
    let quality = Quality {
        sharpness: percent(50 + numbers.below(51)),
        light: percent(40 + numbers.below(61)),
        steadiness: percent(60 + numbers.below(41)),
        face_width: percent(25 + numbers.below(20)),
    };
    PoseRecord {
        pose,
        score: Some(percent(numbers.below(101))),
        retakes: if numbers.below(8) == 0 { 1 } else { 0 },
        quality: Some(quality),
        milliseconds: Some(StageMilliseconds { face: total / 2, align: 2, network: 9, total }),
    }
}

fn indices(numbers: &mut Numbers, answered: bool) -> IndexRecords {
    let mut index = || {
        let (value, right) = (numbers.below(60), numbers.below(2) == 0);
        let side = Some(if right { Side::Right } else { Side::Left });
        answered.then_some(IndexRecord { value: percent(value), side })
    };
    IndexRecords { ocular_oral: index(), oral_ocular: index(), mentalis: index(), platysma: None }
}

fn errors(numbers: &mut Numbers, outcome: Outcome) -> Vec<ErrorCode> {
    let quality = [ErrorCode::PoorLight, ErrorCode::HeadPosture, ErrorCode::Blurred, ErrorCode::NoFace];
    match outcome {
        Outcome::Retake => vec![quality[numbers.below(4) as usize], ErrorCode::PoorLight],
        Outcome::Failed => vec![ErrorCode::CameraLost],
        Outcome::Stopped => vec![ErrorCode::TimedOut],
        _ if numbers.below(20) == 0 => vec![quality[numbers.below(4) as usize]],
        _ => Vec::new(),
    }
}

/// Writes a fleet's outboxes below `folder`, on all cores, and tells what is true of them.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, size: Size, recipient: &x25519::Recipient) -> io::Result<Truth> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u32;
    let mut truth = Truth::default();
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|part| {
                scope.spawn(move || -> io::Result<Truth> {
                    let mut truth = Truth::default();
                    for index in (part..size.units).step_by(threads as usize) {
                        write_unit(folder, index, size, recipient, &mut truth)?;
                    }
                    Ok(truth)
                })
            })
            .collect();
        for part in parts {
            truth.add(part.join().map_err(|_| io::Error::other("a writer failed"))??);
        }
        Ok(truth)
    })
}

fn write_unit(
    folder: &Path,
    index: u32,
    size: Size,
    recipient: &x25519::Recipient,
    truth: &mut Truth,
) -> io::Result<()> {
    let unit = unit(index);
    let outbox = folder.join(unit.name.as_str());
    fs::create_dir_all(&outbox)?;
    if let Some(site) = &unit.site {
        fs::write(outbox.join(UNIT_FILE), format!("unit = \"{}\"\nsite = \"{site}\"\n", unit.name))?;
    }
    let mut numbers = Numbers(u64::from(index) + 1);
    let store = Unsynced(outbox.clone());
    let (mut journal, _) =
        Journal::with_store(store, recipient.clone(), Options::default()).map_err(io::Error::other)?;
    let mut damage = Vec::new();
    for day in 0..size.days {
        for _ in 0..size.sessions {
            let record = record(&mut numbers, index, day);
            let receipt = journal.append(&record).map_err(io::Error::other)?;
            if numbers.below(10_000) < u64::from(size.damaged) {
                damage.push((receipt.segment, receipt.offset + numbers.below(receipt.bytes as u64)));
                truth.damaged += 1;
            } else {
                truth.count(&unit, &record);
            }
        }
    }
    for (segment, at) in damage {
        let path = outbox.join(segment_name(segment));
        let mut bytes = fs::read(&path)?;
        bytes[at as usize] ^= 1 + numbers.below(255) as u8;
        fs::write(&path, bytes)?;
    }
    Ok(())
}

impl Truth {
    fn count(&mut self, unit: &Unit, record: &Record) {
        self.sessions.insert(record.session.0);
        let week = match record.when {
            When::Week(week) => format!("{}-W{:02}", week.year(), week.week()),
            When::Boot { .. } => "unknown".to_owned(),
        };
        let site = unit.site.as_ref().map_or("unknown".to_owned(), ToString::to_string);
        let model = format!("{}-{}", record.bundle.name, record.bundle.version);
        let outcome = word(&record.outcome);
        *self.outcomes.entry([unit.name.to_string(), site, week, model, outcome]).or_default() += 1;
        for code in &record.errors {
            let name = match code {
                ErrorCode::PoorLight => "poor-light",
                ErrorCode::HeadPosture => "head-posture",
                ErrorCode::Blurred => "blurred",
                ErrorCode::NoFace => "no-face",
                ErrorCode::CameraLost => "camera-lost",
                ErrorCode::TimedOut => "timed-out",
                _ => "not made up",
            };
            *self.errors.entry(name).or_default() += 1;
        }
        for pose in &record.poses {
            let sums = self.poses.entry(pose.pose.name()).or_default();
            let took = pose.milliseconds.map_or(0, |it| u64::from(it.total));
            *sums = [sums[0] + 1, sums[1] + u64::from(pose.retakes), sums[2] + took];
        }
    }

    fn add(&mut self, other: Truth) {
        self.damaged += other.damaged;
        self.sessions.extend(other.sessions);
        for (key, count) in other.outcomes {
            *self.outcomes.entry(key).or_default() += count;
        }
        for (key, count) in other.errors {
            *self.errors.entry(key).or_default() += count;
        }
        for (key, sums) in other.poses {
            let all = self.poses.entry(key).or_default();
            *all = std::array::from_fn(|index| all[index] + sums[index]);
        }
    }
}

/// The word that the record's own JSON has for an outcome.
fn word(outcome: &Outcome) -> String {
    serde_json::to_string(outcome).unwrap_or_default().trim_matches('"').to_owned()
}

/// A unit's store without its syncs: nothing here has to outlive a power cut.
struct Unsynced(PathBuf);

impl Store for Unsynced {
    fn segments(&self) -> io::Result<Vec<u32>> {
        Ok(Vec::new())
    }

    fn read(&self, segment: u32) -> io::Result<Vec<u8>> {
        fs::read(self.0.join(segment_name(segment)))
    }

    fn write(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        use std::io::{Seek, Write};
        let path = self.0.join(segment_name(segment));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.set_len(offset)?;
        file.seek(io::SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }
}
