//! A slip as bytes, in one way only. Numbers are little-endian, as in the journal.

use super::{Interval, KeyId, PoseCount, Slip, SlipError, SlipScore, key::ID_BYTES};
use crate::{
    record::{BundleId, IndexRecord, IndexRecords},
    when::{Week, When},
    words::{Percent, ShortName, Version},
};
use synkiosk_models::{answer::Answer, pose::Side};

/// Of the longest payload: id, two names of 32 letters, answer, score, indices, poses, versions, boot counter.
pub(super) const MOST: usize = ID_BYTES + 2 * (1 + 32) + 1 + 3 + 5 + 2 + 4 + 6 + 5;

/// Stands for a percentage that there is none of.
const NONE: u8 = 0xff;
const ANSWERS: [Answer; 4] = [Answer::Likely, Answer::Unlikely, Answer::CannotTell, Answer::Retake];
const SIDES: [Option<Side>; 3] = [None, Some(Side::Right), Some(Side::Left)];
const WEEK: u8 = 0;
const BOOT: u8 = 1;

pub(super) fn payload(slip: &Slip, signer: KeyId) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MOST);
    bytes.extend(signer.0);
    put_name(&mut bytes, &slip.unit);
    bytes.push(number_of(&ANSWERS, slip.answer));
    let percent = |value: Option<Percent>| value.map_or(NONE, Percent::get);
    let interval = slip.score.and_then(|score| score.interval);
    bytes.push(percent(slip.score.map(|score| score.value)));
    bytes.push(percent(interval.map(Interval::low)));
    bytes.push(percent(interval.map(Interval::high)));
    let IndexRecords { ocular_oral, oral_ocular, mentalis, platysma } = slip.indices;
    let mut sides = 0;
    for (place, index) in [ocular_oral, oral_ocular, mentalis, platysma].into_iter().enumerate() {
        bytes.push(percent(index.map(|index| index.value)));
        sides |= number_of(&SIDES, index.and_then(|index| index.side)) << (2 * place);
    }
    bytes.push(sides);
    bytes.extend([slip.poses.used(), slip.poses.asked()]);
    put_name(&mut bytes, &slip.bundle.name);
    bytes.extend(slip.bundle.version.to_le_bytes());
    let Version { major, minor, patch } = slip.software;
    bytes.extend([major, minor, patch].into_iter().flat_map(u16::to_le_bytes));
    match slip.when {
        When::Week(week) => {
            bytes.push(WEEK);
            bytes.extend(week.year().to_le_bytes());
            bytes.push(week.week());
        }
        When::Boot { counter } => {
            bytes.push(BOOT);
            bytes.extend(counter.to_le_bytes());
        }
    }
    bytes
}

fn put_name(bytes: &mut Vec<u8>, name: &ShortName) {
    // A short name has at most 32 letters.
    bytes.push(name.as_str().len() as u8);
    bytes.extend(name.as_str().bytes());
}

/// Every value stands in its table.
fn number_of<T: PartialEq>(table: &[T], value: T) -> u8 {
    table.iter().position(|known| *known == value).unwrap_or_default() as u8
}

/// The key that a payload says it is signed with.
pub(super) fn signer(payload: &[u8]) -> Option<KeyId> {
    payload.first_chunk().map(|id| KeyId(*id))
}

pub(super) fn parse(payload: &[u8]) -> Result<Slip, SlipError> {
    let mut rest = Rest(payload);
    rest.take::<ID_BYTES>("it is too short")?;
    let slip = Slip {
        unit: rest.name("the unit's name")?,
        answer: rest.one_of(&ANSWERS, "the answer")?,
        score: rest.score()?,
        indices: rest.indices()?,
        poses: {
            let [used, asked] = rest.take("the poses")?;
            PoseCount::new(used, asked).ok_or(SlipError::Malformed("the poses"))?
        },
        bundle: BundleId {
            name: rest.name("the bundle's name")?,
            version: u32::from_le_bytes(rest.take("the bundle's version")?),
        },
        software: Version { major: rest.number()?, minor: rest.number()?, patch: rest.number()? },
        when: rest.when()?,
    };
    if rest.0.is_empty() { Ok(slip) } else { Err(SlipError::Malformed("something stands behind its end")) }
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], SlipError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SlipError::Malformed(what))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn name(&mut self, what: &'static str) -> Result<ShortName, SlipError> {
        let [length] = self.take(what)?;
        let (name, rest) = self.0.split_at_checked(length.into()).ok_or(SlipError::Malformed(what))?;
        self.0 = rest;
        let name = std::str::from_utf8(name).ok().and_then(|name| name.parse().ok());
        name.ok_or(SlipError::Malformed(what))
    }

    fn one_of<T: Copy>(&mut self, table: &[T], what: &'static str) -> Result<T, SlipError> {
        let [number] = self.take(what)?;
        table.get(usize::from(number)).copied().ok_or(SlipError::Malformed(what))
    }

    fn percent(&mut self, what: &'static str) -> Result<Option<Percent>, SlipError> {
        match self.take(what)? {
            [NONE] => Ok(None),
            [value] => value.try_into().map(Some).map_err(|_| SlipError::Malformed(what)),
        }
    }

    fn score(&mut self) -> Result<Option<SlipScore>, SlipError> {
        let wrong = SlipError::Malformed("the score");
        let [value, low, high] =
            [self.percent("the score")?, self.percent("the score")?, self.percent("the score")?];
        let interval = match (low, high) {
            (None, None) => None,
            (Some(low), Some(high)) => Some(Interval::new(low, high).ok_or(wrong.clone())?),
            _ => return Err(wrong),
        };
        match value {
            Some(value) => Ok(Some(SlipScore { value, interval })),
            None if interval.is_none() => Ok(None),
            None => Err(wrong),
        }
    }

    fn indices(&mut self) -> Result<IndexRecords, SlipError> {
        const WHAT: &str = "the indices";
        let values = [self.percent(WHAT)?, self.percent(WHAT)?, self.percent(WHAT)?, self.percent(WHAT)?];
        let [sides] = self.take(WHAT)?;
        let index = |place: usize| {
            let side = SIDES.get(usize::from(sides >> (2 * place) & 0b11)).copied();
            match (values[place], side.ok_or(SlipError::Malformed(WHAT))?) {
                (Some(value), side) => Ok(Some(IndexRecord { value, side })),
                (None, None) => Ok(None),
                (None, Some(_)) => Err(SlipError::Malformed(WHAT)),
            }
        };
        Ok(IndexRecords {
            ocular_oral: index(0)?,
            oral_ocular: index(1)?,
            mentalis: index(2)?,
            platysma: index(3)?,
        })
    }

    fn number(&mut self) -> Result<u16, SlipError> {
        self.take("the program's version").map(u16::from_le_bytes)
    }

    fn when(&mut self) -> Result<When, SlipError> {
        const WHAT: &str = "the week";
        match self.take(WHAT)? {
            [WEEK] => {
                let year = u16::from_le_bytes(self.take(WHAT)?);
                let [week] = self.take(WHAT)?;
                Week::new(year, week).map(When::Week).map_err(|_| SlipError::Malformed(WHAT))
            }
            [BOOT] => Ok(When::Boot { counter: u32::from_le_bytes(self.take(WHAT)?) }),
            _ => Err(SlipError::Malformed(WHAT)),
        }
    }
}
