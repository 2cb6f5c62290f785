//! What the network says of pictures and of their changed copies.

use super::{AUDIT, AuditReport, alter, source, subject};
use crate::dataset::DataSet;
use crate::training::TrainingError;
use crate::training::fold::Folded;
use crate::training::landmarks::export::LandmarkFiles;
use crate::training::net::{inputs, mean_over_pixels, values};
use crate::training::random::Random;
use crate::training::run_folder::RunFolder;
use crate::training::samples::{Reader, Sample, in_parallel, stream};
use crate::training::{export, run};
use std::collections::BTreeMap;
use std::fs;
use synkiosk_models::align::{Crop, Placement};
use synkiosk_models::evidence::indices;
use synkiosk_models::landmarks::Measured;
use synkiosk_models::network::Network;
use synkiosk_models::photo::Photo;
use synkiosk_models::pose::{Pose, Side};

/// Pictures that are changed at most, spread evenly over all: a share of ten per cent is then known to four.
const MOST_PICTURES: usize = 240;
/// Series with synkinesis whose side is looked for in a mirror: one that is wrong is then about three in a hundred.
const MOST_SERIES: usize = 32;
/// Another exposure: two thirds of a stop up and down.
const GAINS: [(f32, &str); 2] = [(0.63, "darker by 0.63"), (1.4, "brighter by 1.4")];
/// Tone curves as cameras differ in.
const GAMMAS: [(f32, &str); 2] = [(0.75, "tone curve 0.75"), (1.35, "tone curve 1.35")];
/// From four fifths to a third of the light across the face.
const SLOPES: [(f32, &str); 2] = [(0.4, "light from one side"), (-0.4, "light from the other side")];
/// Skin about two of Fitzpatrick's types lighter or darker.
const ALBEDOS: [(f32, &str); 2] = [(0.6, "skin darker by 0.6"), (1.3, "skin lighter by 1.3")];

/// The logits of one picture: as it is, and of each change `(kind, change)`; none where no face was found again.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// As it is.
    pub plain: f32,
    /// In the same order for all pictures.
    pub changed: Vec<((&'static str, &'static str), Option<f32>)>,
}

/// Audits a run on test pictures and writes `audit.json`.
pub fn look(folder: &RunFolder, data: &DataSet, test: &[Sample]) -> Result<AuditReport, TrainingError> {
    let rule = export::rule(folder)?;
    // Built once here, so that the workers below cannot fail.
    export::network(folder)?;
    let chosen: Vec<usize> = spread(test.len(), MOST_PICTURES);
    let landmarks = LandmarkFiles::read(folder)?;
    let worker = || (export::network(folder), Reader::new(&landmarks));
    let looks = in_parallel(&chosen, worker, |(network, reader), index| {
        network.as_mut().ok().map(|network| of_picture(network, reader, test, *index))
    });
    let looks: Vec<Looks> = looks.into_iter().flatten().collect();
    let people = features(folder, data, test)?;
    let sides = sides(&landmarks, test);
    let temperature = f64::from(rule.temperature);
    let report = AuditReport::of(subject(folder, data)?, &looks, &people, &sides, temperature);
    folder.write_json(AUDIT, &report)?;
    Ok(report)
}

/// At most so many of a count, evenly over all.
fn spread(count: usize, most: usize) -> Vec<usize> {
    let most = count.min(most);
    (0..most).map(|index| index * count / most).collect()
}

fn of_picture(network: &mut Network, reader: &mut Reader, test: &[Sample], index: usize) -> Looks {
    let Sample { patch, placement, .. } = &test[index];
    let mut random = stream(&test[index], 0, 0, 0);
    let mut logit = |photo: &Photo, placement: &Placement| network.logit(&Crop::take(photo, placement)).value;
    let other = &test[someone_else(test, index, &mut random)];
    let (mirror, there) = alter::mirrored(patch, placement);
    let swapped = alter::with_surroundings(patch, placement, &other.patch, &other.placement);
    let noise = alter::with_noise(patch, placement, &mut random);
    let plain = logit(patch, placement);
    let mut changed = vec![
        (("background", "another picture's surroundings"), Some(logit(&swapped, placement))),
        (("background", "noise"), Some(logit(&noise, placement))),
        (("mirror", "same square"), Some(logit(&mirror, &there))),
    ];
    for (gain, name) in GAINS {
        changed.push((("light", name), Some(logit(&alter::with_gain(patch, gain), placement))));
    }
    for (gamma, name) in GAMMAS {
        changed.push((("light", name), Some(logit(&alter::with_gamma(patch, gamma), placement))));
    }
    for (slope, name) in SLOPES {
        changed
            .push((("light", name), Some(logit(&alter::lit_from_side(patch, placement, slope), placement))));
    }
    for (albedo, name) in ALBEDOS {
        changed.push((("skin", name), Some(logit(&alter::with_skin(patch, placement, albedo), placement))));
    }
    let found = found_again(reader, &test[index]).map(|(photo, _, placement)| logit(&photo, &placement));
    changed.push((("mirror-found", "whole picture"), found));
    Looks { plain, changed }
}

/// A picture of another person.
fn someone_else(test: &[Sample], index: usize, random: &mut Random) -> usize {
    let start = random.below(test.len());
    let others = (0..test.len()).map(|step| (start + step) % test.len());
    let mut others = others.filter(|other| test[*other].person != test[index].person);
    others.next().unwrap_or(index)
}

/// The whole picture in a mirror, its face found as the device finds it.
fn found_again(reader: &mut Reader, sample: &Sample) -> Option<(Photo, Measured, Placement)> {
    let photo = Photo::decode(&fs::read(&sample.path).ok()?).ok()?;
    let (mirror, _) = alter::mirrored(&photo, &sample.placement);
    reader.place(mirror).ok()
}

/// The side of the strongest unwanted movement in the series of people with synkinesis, and in its mirror image. Without
/// synkinesis there is no side to be right about.
fn sides(landmarks: &LandmarkFiles, test: &[Sample]) -> Vec<[Option<Side>; 2]> {
    let mut series: BTreeMap<usize, Vec<&Sample>> = BTreeMap::new();
    for sample in test.iter().filter(|sample| sample.is_positive()) {
        series.entry(sample.person).or_default().push(sample);
    }
    let series: Vec<Vec<&Sample>> = series.into_values().collect();
    let chosen: Vec<&Vec<&Sample>> =
        spread(series.len(), MOST_SERIES).into_iter().map(|index| &series[index]).collect();
    in_parallel(
        &chosen,
        || Reader::new(landmarks),
        |reader, series| {
            let plain = series.iter().map(|sample| (sample.pose, sample.measured));
            let plain = side(&plain.collect::<Vec<_>>());
            let mirrored = series.iter().filter_map(|sample| {
                found_again(reader, sample).map(|(_, measured, _)| (sample.pose, measured))
            });
            [plain, side(&mirrored.collect::<Vec<_>>())]
        },
    )
}

/// Of the strongest index of a series.
fn side(series: &[(Pose, Measured)]) -> Option<Side> {
    let found = indices(series);
    let strongest = found.known().max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
    strongest.and_then(|(_, index)| index.side)
}

/// The trained network's pooled features, in the mean over each person's pictures.
fn features(
    folder: &RunFolder,
    data: &DataSet,
    test: &[Sample],
) -> Result<Vec<source::Features>, TrainingError> {
    let config = folder.config()?;
    let folded = Folded::of(&run::trained(folder, &config.settings)?);
    let mut people: BTreeMap<usize, (Vec<f32>, f32)> = BTreeMap::new();
    for batch in test.chunks(32) {
        let crops: Vec<&Crop> = batch.iter().map(|sample| &sample.crop).collect();
        let (mut maps, _) = folded.forward(inputs(&crops));
        let Some(last) = maps.pop() else { continue };
        let pooled = values(mean_over_pixels(last));
        for (sample, row) in batch.iter().zip(pooled.chunks(pooled.len() / batch.len())) {
            let (sums, count) = people.entry(sample.person).or_insert_with(|| (vec![0.0; row.len()], 0.0));
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            *count += 1.0;
        }
    }
    let of_person = people.into_iter().map(|(person, (sums, count))| source::Features {
        source: data.people[person].source.clone(),
        label: data.people[person].label as usize,
        values: sums.into_iter().map(|sum| sum / count).collect(),
    });
    Ok(of_person.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::landmarks::{Activity, Landmarks};

    #[test]
    fn pictures_are_spread_over_all() {
        assert_eq!(spread(3, MOST_PICTURES), [0, 1, 2]);
        let many = spread(1000, MOST_PICTURES);
        assert_eq!((many.len(), many[0]), (MOST_PICTURES, 0));
        assert!(many.windows(2).all(|pair| (4..=5).contains(&(pair[1] - pair[0]))) && many[239] > 990);
    }

    #[test]
    fn the_side_is_that_of_the_strongest_movement() {
        let points = std::array::from_fn(|index| [60.0 + 40.0 * (index % 2) as f32, 60.0]);
        let landmarks = Landmarks::new(points).expect("eyes apart");
        let measured = |chin_left, neck_right| Measured {
            landmarks,
            activity: Activity { chin_left, neck_right, ..Activity::default() },
        };
        let of = |chin_left, neck_right| {
            side(&[(Pose::Rest, measured(0.0, 0.0)), (Pose::OpenSmile, measured(chin_left, neck_right))])
        };
        assert_eq!((of(0.9, 0.4), of(0.4, 0.9)), (Some(Side::Left), Some(Side::Right)));
        assert_eq!(of(0.0, 0.0), None);
        assert_eq!(side(&[(Pose::OpenSmile, measured(0.9, 0.0))]), None, "nothing to hold it against");
    }
}
