//! How far the landmarks are off, in interocular distances, by the device's own code.

use super::samples::LandmarkSample;
use crate::training::indices::correlation;
use serde::Serialize;
use std::collections::BTreeMap;
use synkiosk_models::landmarker::Landmarker;
use synkiosk_models::landmarks::{Activity, Point, distance};

/// What `synkiosk landmarks` reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LandmarkErrors {
    /// Pictures that were judged.
    pub pictures: usize,
    /// Pictures in which no landmarks came out.
    pub missed: usize,
    /// Over all points.
    pub all: Spread,
    /// By point.
    pub points: BTreeMap<&'static str, Spread>,
    /// Correlation of the eyes' opening with the truth, both sides together.
    pub opening: f64,
    /// Correlation of the openings' difference, left minus right.
    pub opening_difference: f64,
    /// Correlation of each activity with the truth.
    pub activity: BTreeMap<&'static str, f64>,
}

/// Distances in interocular distances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Half of them are below.
    pub median: f64,
    /// Nine tenths are below.
    pub p90: f64,
}

impl LandmarkErrors {
    /// Finds the landmarks of every picture as the device does.
    pub fn of(samples: &[LandmarkSample], landmarker: &mut Landmarker) -> LandmarkErrors {
        let mut missed = 0;
        let mut apart: Vec<Vec<f64>> = vec![Vec::new(); Point::ALL.len()];
        let mut pairs = Pairs::default();
        for sample in samples {
            let Some(found) = landmarker.find(&sample.patch, &sample.face) else {
                missed += 1;
                continue;
            };
            let unit = sample.truth.landmarks.interocular();
            for (point, apart) in Point::ALL.into_iter().zip(&mut apart) {
                let far = distance(found.landmarks.at(point), sample.truth.landmarks.at(point));
                apart.push(f64::from(far / unit));
            }
            pairs.push(sample, &found);
        }
        let points = Point::ALL.iter().zip(&apart).map(|(point, apart)| (point.name(), Spread::of(apart)));
        LandmarkErrors {
            pictures: samples.len(),
            missed,
            all: Spread::of(&apart.concat()),
            points: points.collect(),
            opening: correlation(&pairs.opening).unwrap_or_default(),
            opening_difference: correlation(&pairs.difference).unwrap_or_default(),
            activity: pairs
                .activity
                .iter()
                .map(|(name, pairs)| (*name, correlation(pairs).unwrap_or_default()))
                .collect(),
        }
    }
}

/// Found and true values side by side.
#[derive(Default)]
struct Pairs {
    opening: Vec<(f64, f64)>,
    difference: Vec<(f64, f64)>,
    activity: BTreeMap<&'static str, Vec<(f64, f64)>>,
}

impl Pairs {
    fn push(&mut self, sample: &LandmarkSample, found: &synkiosk_models::landmarks::Measured) {
        let openings = |measured: &synkiosk_models::landmarks::Measured| {
            let unit = measured.landmarks.interocular();
            [Point::RightLidUpper, Point::LeftLidUpper].map(|upper| {
                let lower =
                    if upper == Point::RightLidUpper { Point::RightLidLower } else { Point::LeftLidLower };
                f64::from(distance(measured.landmarks.at(upper), measured.landmarks.at(lower)) / unit)
            })
        };
        let (here, there) = (openings(found), openings(&sample.truth));
        self.opening.extend(here.into_iter().zip(there));
        self.difference.push((here[1] - here[0], there[1] - there[0]));
        let named = |activity: &Activity| {
            [
                ("chin_right", activity.chin_right),
                ("chin_left", activity.chin_left),
                ("neck_right", activity.neck_right),
                ("neck_left", activity.neck_left),
            ]
        };
        for ((name, here), (_, there)) in
            named(&found.activity).into_iter().zip(named(&sample.truth.activity))
        {
            self.activity.entry(name).or_default().push((f64::from(here), f64::from(there)));
        }
    }
}

impl Spread {
    fn of(values: &[f64]) -> Spread {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied().unwrap_or_default();
        Spread { median: at(0.5), p90: at(0.9) }
    }
}
