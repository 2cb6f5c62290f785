//! `truth.csv` of a rendered data set, read back.

use crate::synth::truth::TABLE;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use synkiosk_models::landmarks::{Activity, Landmarks, Measured, Point};

/// What is true of every picture, by person and pose.
#[derive(Debug, Default)]
pub struct Truth {
    rows: HashMap<(String, String), Measured>,
}

/// Why there is no truth to learn from.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The file is not there, or cannot be read.
    #[error("could not read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: csv::Error,
    },
    /// A column is missing.
    #[error("{} has no column {column}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A value is no number, or the points are no face.
    #[error("line {line} of {} gives no landmarks", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: usize,
    },
}

impl TruthError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        "pass a data set that synkiosk synth has written; photographs have no true landmarks"
    }
}

impl Truth {
    /// Reads the table of a data set.
    pub fn read(data: &Path) -> Result<Truth, TruthError> {
        let path = data.join(TABLE);
        let unreadable = |source| TruthError::Read { path: path.clone(), source };
        let mut reader = csv::Reader::from_path(&path).map_err(unreadable)?;
        let header = reader.headers().map_err(unreadable)?.clone();
        let columns =
            Columns::of(&header).map_err(|column| TruthError::Column { path: path.clone(), column })?;
        let mut truth = Truth::default();
        for (index, record) in reader.records().enumerate() {
            let record = record.map_err(unreadable)?;
            let measured = columns
                .measured(&record)
                .ok_or_else(|| TruthError::Row { path: path.clone(), line: index + 2 })?;
            let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
            truth.rows.insert((cell(columns.person), cell(columns.pose)), measured);
        }
        Ok(truth)
    }

    /// What is true of one picture.
    pub fn of(&self, person: &str, pose: &str) -> Option<&Measured> {
        self.rows.get(&(person.to_owned(), pose.to_owned()))
    }
}

/// Where in a row things stand.
struct Columns {
    person: usize,
    pose: usize,
    points: Vec<[usize; 2]>,
    activity: [usize; 4],
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Columns, String> {
        let find = |name: &str| header.iter().position(|known| known == name).ok_or_else(|| name.to_owned());
        let point = |point: &Point| {
            Ok([find(&format!("{}_x", point.name()))?, find(&format!("{}_y", point.name()))?])
        };
        Ok(Columns {
            person: find("person")?,
            pose: find("pose")?,
            points: Point::ALL.iter().map(point).collect::<Result<_, String>>()?,
            activity: [
                find("chin_raise_right")?,
                find("chin_raise_left")?,
                find("platysma_right")?,
                find("platysma_left")?,
            ],
        })
    }

    fn measured(&self, record: &csv::StringRecord) -> Option<Measured> {
        let value = |column: usize| record.get(column)?.parse::<f32>().ok();
        let mut points = [[0.0; 2]; synkiosk_models::landmarks::COUNT];
        for (point, [x, y]) in points.iter_mut().zip(&self.points) {
            *point = [value(*x)?, value(*y)?];
        }
        let [chin_right, chin_left, neck_right, neck_left] = self.activity;
        let activity = Activity {
            chin_right: value(chin_right)?,
            chin_left: value(chin_left)?,
            neck_right: value(neck_right)?,
            neck_left: value(neck_left)?,
        };
        Some(Measured { landmarks: Landmarks::new(points)?, activity })
    }
}
