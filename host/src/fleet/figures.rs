//! What the store says: counted by unit, site, week and model, by the questions in `queries/`.

use super::calendar;
use super::drift::{self, Bins, Drift};
use super::store::Store;
use crate::training::evaluate::answers::Share;
use rusqlite::Row;
use serde::Serialize;
use std::collections::BTreeMap;

/// The questions by name: portable SQL, for SQLite and for anything that reads the exported Parquet.
pub const QUERIES: [(&str, &str); 6] = [
    ("outcomes", include_str!("queries/outcomes.sql")),
    ("poses", include_str!("queries/poses.sql")),
    ("timings", include_str!("queries/timings.sql")),
    ("errors", include_str!("queries/errors.sql")),
    ("scores", include_str!("queries/scores.sql")),
    ("units", include_str!("queries/units.sql")),
];

/// Errors that say that a picture did not do.
const OF_QUALITY: [&str; 8] = [
    "no-face",
    "several-faces",
    "half-face",
    "eyes-hidden",
    "head-posture",
    "pose-not-performed",
    "poor-light",
    "blurred",
];

/// What is asked of the store beside the questions.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Scores to compare with; without, each model's first weeks.
    pub baseline: Option<Bins>,
    /// How many weeks those are.
    pub baseline_weeks: usize,
    /// A unit is silent when it was last heard of so many weeks before the newest week.
    pub silent_weeks: i64,
}

/// Everything that a report says.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// The newest week of the store.
    pub newest_week: Option<String>,
    /// Over everything.
    pub all: Group,
    /// By unit.
    pub units: Vec<Group>,
    /// By site; `unknown` where no outbox said it.
    pub sites: Vec<Group>,
    /// By week; `unknown` where the unit's clock was not trusted.
    pub weeks: Vec<Group>,
    /// By bundle and its version.
    pub models: Vec<Group>,
    /// Which unit ran which model last.
    pub in_the_field: Vec<InTheField>,
    /// Units that went silent, with the last week they were heard of.
    pub silent: Vec<Silent>,
    /// What scores are compared with, in words.
    pub baseline: String,
    /// By model, and by site and unit within each model.
    pub drift: Vec<Drifting>,
    /// What could not be read, by unit and reason.
    pub quarantined: Vec<Quarantined>,
    /// Units that had to drop sessions because their card was full.
    pub dropped: Vec<Dropped>,
}

/// Sessions that nobody will ever count.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Which unit.
    pub unit: String,
    /// How many, since the unit was made.
    pub sessions: u64,
}

/// A model and the units that ran it last.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct InTheField {
    /// Bundle and version.
    pub model: String,
    /// Names of the units.
    pub units: Vec<String>,
}

/// A unit that went silent.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Silent {
    /// Which.
    pub unit: String,
    /// Where it stands.
    pub site: String,
    /// When it was heard of last; none where its clock was never trusted, or nothing ever came.
    pub last_week: Option<String>,
    /// How many weeks that is before the newest week.
    pub weeks: Option<i64>,
}

/// Scores of a group under one model against the baseline.
#[derive(Debug, PartialEq, Serialize)]
pub struct Drifting {
    /// The model.
    pub model: String,
    /// `model`, `site` or `unit`.
    pub of: &'static str,
    /// Its name.
    pub name: String,
    /// The comparison.
    #[serde(flatten)]
    pub drift: Drift,
}

/// Bytes that could not be read.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// Of which unit.
    pub unit: String,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Figures of some sessions.
#[derive(Debug, Serialize)]
pub struct Group {
    /// Whose.
    pub name: String,
    /// All sessions.
    pub sessions: u64,
    /// How they ended.
    pub outcomes: BTreeMap<String, u64>,
    /// Answered likely, of those answered likely or unlikely.
    pub likely: Share,
    /// Answered "cannot tell", of all answers.
    pub cannot_tell: Share,
    /// Answered "retake", of all answers.
    pub retake: Share,
    /// Poses asked for.
    pub poses: u64,
    /// Pictures taken.
    pub pictures: u64,
    /// Pictures taken again.
    pub retakes: u64,
    /// Means in per cent: sharpness, light, steadiness, width of the face.
    pub quality: Option<[f64; 4]>,
    /// Why pictures did not do, by code.
    pub quality_failures: BTreeMap<String, u64>,
    /// What else went wrong, by code.
    pub errors: BTreeMap<String, u64>,
    /// From luma to score.
    pub milliseconds: Option<Milliseconds>,
    /// Scores in tenths.
    pub scores: Bins,
}

/// How long a picture took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Milliseconds {
    /// Mean.
    pub mean: f64,
    /// Half of the pictures took at most so long.
    pub median: u64,
    /// Nine in ten.
    pub nine_in_ten: u64,
}

/// Whose a row is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    site: String,
    unit: String,
    week: String,
    model: String,
}

impl Key {
    fn of(row: &Row) -> rusqlite::Result<Key> {
        let model = format!("{}-{}", row.get::<_, String>(3)?, row.get::<_, i64>(4)?);
        Ok(Key { site: row.get(0)?, unit: row.get(1)?, week: row.get(2)?, model })
    }
}

#[derive(Debug, Default)]
struct Sums {
    outcomes: BTreeMap<String, u64>,
    errors: BTreeMap<String, u64>,
    /// Asked, pictures, retakes, the four qualities, timed, milliseconds.
    poses: [u64; 9],
    took: BTreeMap<u64, u64>,
    scores: Bins,
}

/// The same rows summed in every way that is reported.
#[derive(Debug, Default)]
struct Cube {
    all: Sums,
    units: BTreeMap<String, Sums>,
    sites: BTreeMap<String, Sums>,
    weeks: BTreeMap<String, Sums>,
    models: BTreeMap<String, Sums>,
    scores: Vec<(Key, usize, u64)>,
    /// Of each unit, the newest week and the model in it.
    latest: BTreeMap<String, (String, String)>,
}

impl Cube {
    fn add(&mut self, key: &Key, put: impl Fn(&mut Sums)) {
        put(&mut self.all);
        put(self.units.entry(key.unit.clone()).or_default());
        put(self.sites.entry(key.site.clone()).or_default());
        put(self.weeks.entry(key.week.clone()).or_default());
        put(self.models.entry(key.model.clone()).or_default());
    }
}

/// Puts one of the questions and reads every row.
pub fn ask(
    store: &Store,
    name: &str,
    mut each: impl FnMut(&Row) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let sql = QUERIES.iter().find(|(known, _)| *known == name).map_or("", |(_, sql)| sql);
    let mut statement = store.connection().prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}

impl Figures {
    /// Asks the store.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn of(store: &Store, asked: &Asked) -> rusqlite::Result<Figures> {
        let cube = read(store)?;
        let newest = cube.weeks.keys().rfind(|week| calendar::parse(week).is_some()).cloned();
        let (baseline, drift) = drifting(&cube, asked);
        Ok(Figures {
            silent: silent(store, newest.as_deref(), asked.silent_weeks)?,
            quarantined: quarantined(store)?,
            dropped: dropped(store)?,
            in_the_field: in_the_field(&cube),
            newest_week: newest,
            baseline,
            drift,
            all: group("all".to_owned(), cube.all),
            units: groups(cube.units),
            sites: groups(cube.sites),
            weeks: groups(cube.weeks),
            models: groups(cube.models),
        })
    }
}

fn read(store: &Store) -> rusqlite::Result<Cube> {
    let mut cube = Cube::default();
    ask(store, "outcomes", |row| {
        let (key, outcome, sessions) = (Key::of(row)?, row.get::<_, String>(5)?, row.get::<_, u64>(6)?);
        cube.add(&key, |sums| *sums.outcomes.entry(outcome.clone()).or_default() += sessions);
        let latest = cube.latest.entry(key.unit).or_default();
        // A week that is not known sorts behind all others, and says nothing of what came last.
        let week = if key.week == super::store::UNKNOWN { String::new() } else { key.week };
        *latest = latest.clone().max((week, key.model));
        Ok(())
    })?;
    ask(store, "poses", |row| {
        let key = Key::of(row)?;
        let mut values = [0; 9];
        for (index, value) in values.iter_mut().enumerate() {
            *value = row.get(6 + index)?;
        }
        cube.add(&key, |sums| sums.poses.iter_mut().zip(values).for_each(|(sum, value)| *sum += value));
        Ok(())
    })?;
    ask(store, "timings", |row| {
        let (key, took, pictures) = (Key::of(row)?, row.get::<_, u64>(5)?, row.get::<_, u64>(6)?);
        cube.add(&key, |sums| *sums.took.entry(took).or_default() += pictures);
        Ok(())
    })?;
    ask(store, "errors", |row| {
        let (key, code, times) = (Key::of(row)?, row.get::<_, String>(5)?, row.get::<_, u64>(6)?);
        cube.add(&key, |sums| *sums.errors.entry(code.clone()).or_default() += times);
        Ok(())
    })?;
    ask(store, "scores", |row| {
        let (key, step, sessions) = (Key::of(row)?, row.get::<_, usize>(5)?, row.get::<_, u64>(6)?);
        let bin = (step / 10).min(9);
        cube.add(&key, |sums| sums.scores[bin] += sessions);
        cube.scores.push((key, bin, sessions));
        Ok(())
    })?;
    Ok(cube)
}

fn groups(sums: BTreeMap<String, Sums>) -> Vec<Group> {
    sums.into_iter().map(|(name, sums)| group(name, sums)).collect()
}

fn group(name: String, sums: Sums) -> Group {
    let ended = |word: &str| sums.outcomes.get(word).copied().unwrap_or(0) as usize;
    let (likely, unlikely) = (ended("likely"), ended("unlikely"));
    let (cannot_tell, retake) = (ended("cannot-tell"), ended("retake"));
    let answers = likely + unlikely + cannot_tell + retake;
    let (quality_failures, errors) =
        sums.errors.into_iter().partition(|(code, _)| OF_QUALITY.contains(&code.as_str()));
    let [poses, pictures, retakes, sharpness, light, steadiness, face_width, timed, milliseconds] =
        sums.poses;
    let mean = |sum: u64| sum as f64 / pictures as f64;
    let took = |share: f64| {
        let mut left = (share * timed as f64).ceil() as u64;
        let at = sums.took.iter().find(|(_, count)| {
            let found = left <= **count;
            left = left.saturating_sub(**count);
            found
        });
        at.map_or(0, |(took, _)| *took)
    };
    Group {
        name,
        sessions: sums.outcomes.values().sum(),
        likely: Share::of(likely, likely + unlikely),
        cannot_tell: Share::of(cannot_tell, answers),
        retake: Share::of(retake, answers),
        poses,
        pictures,
        retakes,
        quality: (pictures > 0).then(|| [sharpness, light, steadiness, face_width].map(mean)),
        milliseconds: (timed > 0).then(|| Milliseconds {
            mean: milliseconds as f64 / timed as f64,
            median: took(0.5),
            nine_in_ten: took(0.9),
        }),
        outcomes: sums.outcomes,
        quality_failures,
        errors,
        scores: sums.scores,
    }
}

/// What is compared with what.
fn drifting(cube: &Cube, asked: &Asked) -> (String, Vec<Drifting>) {
    let mut weeks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, ..) in cube.scores.iter().filter(|(key, ..)| calendar::parse(&key.week).is_some()) {
        weeks.entry(&key.model).or_default().push(&key.week);
    }
    for of_model in weeks.values_mut() {
        of_model.sort_unstable();
        of_model.dedup();
        of_model.truncate(asked.baseline_weeks);
    }
    let is_first =
        |key: &Key| weeks.get(key.model.as_str()).is_some_and(|first| first.contains(&key.week.as_str()));
    let mut baselines: BTreeMap<&str, Bins> = BTreeMap::new();
    let mut now: BTreeMap<(&str, &'static str, &str), Bins> = BTreeMap::new();
    for (key, bin, sessions) in &cube.scores {
        let model = key.model.as_str();
        if let Some(given) = asked.baseline {
            baselines.insert(model, given);
        } else if is_first(key) {
            baselines.entry(model).or_default()[*bin] += sessions;
            continue;
        }
        for (of, name) in [("model", model), ("site", key.site.as_str()), ("unit", key.unit.as_str())] {
            now.entry((model, of, name)).or_default()[*bin] += sessions;
        }
    }
    let drifting = now.into_iter().filter_map(|((model, of, name), bins)| {
        let drift = drift::compare(baselines.get(model)?, &bins)?;
        Some(Drifting { model: model.to_owned(), of, name: name.to_owned(), drift })
    });
    let words = match asked.baseline {
        Some(_) => "the scores of --baseline".to_owned(),
        None => format!("the first {} weeks of each model in this store", asked.baseline_weeks),
    };
    (words, drifting.collect())
}

fn in_the_field(cube: &Cube) -> Vec<InTheField> {
    let mut models: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (unit, (_, model)) in &cube.latest {
        models.entry(model).or_default().push(unit.clone());
    }
    models.into_iter().map(|(model, units)| InTheField { model: model.to_owned(), units }).collect()
}

fn silent(store: &Store, newest: Option<&str>, most: i64) -> rusqlite::Result<Vec<Silent>> {
    let mut silent = Vec::new();
    let newest = newest.and_then(calendar::parse);
    ask(store, "units", |row| {
        let (unit, site) = (row.get(0)?, row.get(1)?);
        let (last_week, boot) = (row.get::<_, Option<String>>(3)?, row.get::<_, Option<u32>>(4)?);
        let last = last_week.as_deref().and_then(calendar::parse);
        let weeks = last.zip(newest).map(|(last, newest)| calendar::weeks_between(last, newest));
        // A unit without a clock cannot be called silent: nobody knows when it was heard of.
        let without_clock = last_week.is_none() && boot.is_some();
        if weeks.is_some_and(|weeks| weeks >= most) && !without_clock {
            silent.push(Silent { unit, site, last_week, weeks });
        }
        Ok(())
    })?;
    let never = "SELECT unit, site FROM units WHERE unit NOT IN (SELECT unit FROM sessions) ORDER BY unit";
    let mut never = store.connection().prepare(never)?;
    let rows = never.query_map([], |row| {
        Ok(Silent { unit: row.get(0)?, site: row.get(1)?, last_week: None, weeks: None })
    })?;
    for row in rows {
        silent.push(row?);
    }
    Ok(silent)
}

fn quarantined(store: &Store) -> rusqlite::Result<Vec<Quarantined>> {
    let sql = "SELECT unit, reason, COUNT(*) FROM quarantine GROUP BY unit, reason ORDER BY unit, reason";
    let mut statement = store.connection().prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Quarantined { unit: row.get(0)?, reason: row.get(1)?, count: row.get(2)? })
    })?;
    rows.collect()
}

fn dropped(store: &Store) -> rusqlite::Result<Vec<Dropped>> {
    let sql = "SELECT unit, dropped FROM units WHERE dropped > 0 ORDER BY unit";
    let mut statement = store.connection().prepare(sql)?;
    let rows = statement.query_map([], |row| Ok(Dropped { unit: row.get(0)?, sessions: row.get(1)? }))?;
    rows.collect()
}

/// Figures of no sessions.
#[cfg(test)]
pub(crate) fn empty_group(name: &str) -> Group {
    group(name.to_owned(), Sums::default())
}
