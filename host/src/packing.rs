//! From a quantized run to a signed bundle.

use crate::{
    audit::{self, AuditReport},
    card,
    command::Refusal,
    dataset::DataSet,
    signing,
    training::{
        TrainingError,
        evaluate::{Report, Series, score, series, worn::worn},
        export,
        landmarks::export::LandmarkFiles,
        run_folder::{ANSWER, GOLDEN, NETWORK, RunFolder, WEIGHTS},
        samples::Samples,
        settings::Config,
        split::Part,
    },
};
use minisign::SecretKey;
use std::{collections::BTreeSet, fmt};
use synkiosk_models::{
    answer::AnswerRule,
    bundle::{
        Bundle, BundleError, FORMAT, Manifest, Member, TrustedKeys,
        archive::{self, Members, NAMES},
    },
    pose::{Label, Pose},
    quality::QualityRule,
};

/// What the packer is told beside the run.
#[derive(Debug, Clone)]
pub struct BundleLabel {
    /// The bundle's name.
    pub name: String,
    /// The version counter.
    pub version: u32,
    /// The poses that a session takes.
    pub poses: Vec<Pose>,
    /// Why it is to be signed although the shortcut audit failed.
    pub despite_audit: Option<String>,
}

/// Packs a run, signs it, and reads the result back as a device would.
pub fn pack(folder: &RunFolder, given: &BundleLabel, key: &SecretKey) -> Result<Vec<u8>, Refusal> {
    audit::reason_holds(given.despite_audit.as_deref())?;
    folder.needs(GOLDEN, "quantize").map_err(refused)?;
    poses_are_calibrated(&export::calibrated_poses(folder).map_err(refused)?, &given.poses)?;
    let config = folder.config().map_err(refused)?;
    let data = DataSet::read(&config.data).map_err(TrainingError::from).map_err(refused)?;
    let network = folder.read(WEIGHTS).map_err(refused)?;
    let golden = folder.read(GOLDEN).map_err(refused)?;
    let landmarks = LandmarkFiles::read(folder).map_err(refused)?;
    let (report, audit) = measured(folder, &data, given, &landmarks)?;
    let carried = audit::gate(&audit, given.despite_audit.as_deref())?;
    let made_from = made_from(&data, Some(&config));
    let rule: AnswerRule = read_toml(folder, ANSWER)?;
    let facts = card::Facts {
        label: given,
        made_from: &made_from,
        config: &config,
        data: &data,
        report: &report,
        audit: &audit,
        despite: carried.despite.as_deref(),
        rule: &rule,
    };
    let card = card::write(&facts).into_bytes();
    let manifest = Manifest {
        format: FORMAT,
        name: given.name.clone(),
        version: given.version,
        made_from,
        labels: labels(&data),
        poses: given.poses.clone(),
        quality: QualityRule::default(),
        answer: rule,
        network: read_toml(folder, NETWORK)?,
        landmarks: landmarks.raw,
        audit: Some(carried),
        members: vec![
            Member::of(NAMES[2], &network),
            Member::of(NAMES[3], &landmarks.tensors),
            Member::of(NAMES[4], &card),
            Member::of(NAMES[5], &golden),
        ],
    };
    manifest.check().map_err(|error| Refusal::checked(&error, error.help()))?;
    let manifest = toml::to_string(&manifest).map_err(unexpected)?.into_bytes();
    let signature = sign(&manifest, given, key)?;
    let bytes = archive::write(&Members {
        signature: signature.as_bytes(),
        manifest: &manifest,
        network: &network,
        landmarks: &landmarks.tensors,
        card: &card,
        golden: &golden,
    });
    holds(&bytes, key)?;
    Ok(bytes)
}

/// Thresholds hold for series of just those poses that they were set on, in whatever order they are taken.
fn poses_are_calibrated(calibrated: &[Pose], given: &[Pose]) -> Result<(), Refusal> {
    let known = |poses: &[Pose]| poses.iter().copied().collect::<BTreeSet<Pose>>();
    if known(calibrated) == known(given) {
        return Ok(());
    }
    let [calibrated, given] = [calibrated, given].map(|poses| {
        let names: Vec<&str> = poses.iter().map(|pose| pose.name()).collect();
        names.join(",")
    });
    Err(Refusal::checked(
        format!("the answer is calibrated for sessions of {calibrated}, and the bundle is to take {given}"),
        format!("pass --poses {calibrated}, or run synkiosk quantize again with --poses {given}"),
    ))
}

/// The device's own code on the run's test people, and the shortcut audit of them.
fn measured(
    folder: &RunFolder,
    data: &DataSet,
    given: &BundleLabel,
    landmarks: &LandmarkFiles,
) -> Result<(Report, AuditReport), Refusal> {
    let mut network = export::network(folder).map_err(refused)?;
    let split = folder.split(data).map_err(refused)?;
    let wanted = |person: &crate::dataset::Person| split.part_of(&person.name) == Some(Part::Test);
    let samples = Samples::load(data, wanted, landmarks, || ()).map_err(refused)?;
    let scored = score(&samples.usable, &mut network, None);
    let rule = export::rule(folder).map_err(refused)?;
    let people = data.people.iter().enumerate().filter(|(_, person)| wanted(person));
    let rows = series::rows(people, &scored, &worn(&data.root), &given.poses, &rule);
    let series = Series { temperature: f64::from(rule.temperature), rows: &rows };
    let report = Report::with(&scored, &samples.left_out, Some(series));
    let audit = match audit::saved(folder, data).map_err(refused)? {
        Some(audit) => audit,
        None => audit::look(folder, data, &samples.usable).map_err(refused)?,
    };
    Ok((report, audit))
}

/// The signature names the bundle.
fn sign(manifest: &[u8], given: &BundleLabel, key: &SecretKey) -> Result<String, Refusal> {
    signing::sign(manifest, &format!("{} version {}", given.name, given.version), key)
}

/// What was packed is read as a device reads it, golden vectors included.
fn holds(bytes: &[u8], key: &SecretKey) -> Result<(), Refusal> {
    let public = signing::public_text(key)?;
    let check = || -> Result<usize, BundleError> {
        let keys = TrustedKeys::from_public_texts(&[&public])?;
        Bundle::read(bytes, &keys)?.prove()
    };
    check().map(|_| ()).map_err(|error| Refusal::checked(&error, error.help()))
}

/// The people's sources in words: rendered people are always named as such, also those of training alone.
pub fn made_from(data: &DataSet, config: Option<&Config>) -> String {
    let mixed = config.iter().flat_map(|config| &config.mixed).flat_map(|mixed| &mixed.sources);
    let own = data.people.iter().map(|person| person.source.as_str());
    let sources: BTreeSet<&str> = own.chain(mixed.map(String::as_str)).collect();
    let words = sources.into_iter().map(|source| match source {
        "rendered" => "rendered faces",
        "" => "faces of unknown source",
        other => other,
    });
    let started = config.iter().flat_map(|config| &config.started);
    let begun = started.map(|started| format!("begun from {}", started.from));
    words.map(str::to_owned).chain(begun).collect::<Vec<_>>().join(", ")
}

fn labels(data: &DataSet) -> Vec<Label> {
    let known: BTreeSet<Label> = data.people.iter().map(|person| person.label).collect();
    known.into_iter().collect()
}

fn read_toml<T: serde::de::DeserializeOwned>(folder: &RunFolder, name: &str) -> Result<T, Refusal> {
    let bytes = folder.read(name).map_err(refused)?;
    toml::from_str(&String::from_utf8_lossy(&bytes)).map_err(|error| refused(folder.damaged(name, error)))
}

fn refused(error: TrainingError) -> Refusal {
    crate::command::train::refusal(error)
}

fn unexpected(error: impl fmt::Display) -> Refusal {
    Refusal::could_not(
        format!("could not sign the bundle: {error}"),
        "check the key, and run the command again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_poses_than_the_calibrated_ones_are_refused() {
        let calibrated = [Pose::Rest, Pose::TightClosure, Pose::Pucker];
        assert!(poses_are_calibrated(&calibrated, &[Pose::Rest, Pose::Pucker, Pose::TightClosure]).is_ok());
        for given in [&calibrated[..2], &[Pose::Rest, Pose::TightClosure, Pose::Pucker, Pose::Snarl]] {
            let refusal = poses_are_calibrated(&calibrated, given).unwrap_err();
            assert_eq!(refusal.exit_code(), 1);
            let said = refusal.to_string();
            assert!(
                said.starts_with("the answer is calibrated for sessions of rest,tight-closure,pucker"),
                "{said}"
            );
        }
    }
}
