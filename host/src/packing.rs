//! From a quantized run to a signed bundle.

use crate::{
    card,
    command::Refusal,
    dataset::DataSet,
    training::{
        TrainingError,
        evaluate::{Report, score},
        export,
        run_folder::{ANSWER, GOLDEN, NETWORK, RunFolder, WEIGHTS},
        samples::Samples,
        settings::Config,
        split::Part,
    },
};
use minisign::{PublicKey, SecretKey};
use std::{collections::BTreeSet, fmt};
use synkiosk_models::{
    bundle::{
        Bundle, BundleError, FORMAT, Manifest, Member, SIGNATURE_COMMENT, TrustedKeys,
        archive::{self, Members, NAMES},
    },
    pose::{Label, Pose},
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
}

/// Packs a run, signs it, and reads the result back as a device would.
pub fn pack(folder: &RunFolder, given: &BundleLabel, key: &SecretKey) -> Result<Vec<u8>, Refusal> {
    folder.needs(GOLDEN, "quantize").map_err(refused)?;
    let config = folder.config().map_err(refused)?;
    let data = DataSet::read(&config.data).map_err(TrainingError::from).map_err(refused)?;
    let network = folder.read(WEIGHTS).map_err(refused)?;
    let golden = folder.read(GOLDEN).map_err(refused)?;
    let report = measured(folder, &data)?;
    let made_from = made_from(&data, &config);
    let card = card::write(given, &made_from, &config, &data, &report).into_bytes();
    let manifest = Manifest {
        format: FORMAT,
        name: given.name.clone(),
        version: given.version,
        made_from,
        labels: labels(&data),
        poses: given.poses.clone(),
        answer: read_toml(folder, ANSWER)?,
        network: read_toml(folder, NETWORK)?,
        members: vec![
            Member::of(NAMES[2], &network),
            Member::of(NAMES[3], &card),
            Member::of(NAMES[4], &golden),
        ],
    };
    manifest.check().map_err(|error| Refusal::checked(&error, error.help()))?;
    let manifest = toml::to_string(&manifest).map_err(unexpected)?.into_bytes();
    let signature = sign(&manifest, given, key)?;
    let bytes = archive::write(&Members {
        signature: signature.as_bytes(),
        manifest: &manifest,
        network: &network,
        card: &card,
        golden: &golden,
    });
    holds(&bytes, key)?;
    Ok(bytes)
}

/// The device's own code on the run's test people.
fn measured(folder: &RunFolder, data: &DataSet) -> Result<Report, Refusal> {
    let mut network = export::network(folder).map_err(refused)?;
    let split = folder.split(data).map_err(refused)?;
    let wanted = |person: &crate::dataset::Person| split.part_of(&person.name) == Some(Part::Test);
    let samples = Samples::load(data, wanted, || ()).map_err(refused)?;
    Ok(Report::of(&score(&samples.usable, &mut network, None), &samples.left_out))
}

/// The signature names the bundle and no time: equal inputs are to give comparable bundles.
fn sign(manifest: &[u8], given: &BundleLabel, key: &SecretKey) -> Result<String, Refusal> {
    let comment = format!("{} version {}", given.name, given.version);
    minisign::sign(None, key, manifest, Some(&comment), Some(SIGNATURE_COMMENT))
        .map(minisign::SignatureBox::into_string)
        .map_err(unexpected)
}

/// What was packed is read as a device reads it, golden vectors included.
fn holds(bytes: &[u8], key: &SecretKey) -> Result<(), Refusal> {
    let public = PublicKey::from_secret_key(key).and_then(|key| key.to_box()).map_err(unexpected)?;
    let check = || -> Result<usize, BundleError> {
        let keys = TrustedKeys::from_public_texts(&[&public.into_string()])?;
        let bundle = Bundle::read(bytes, &keys)?;
        let mut network = bundle.network()?;
        bundle.check_golden(&mut network)
    };
    check().map(|_| ()).map_err(|error| Refusal::checked(&error, error.help()))
}

/// The people's sources in words: rendered people are always named as such, also those of training alone.
fn made_from(data: &DataSet, config: &Config) -> String {
    let mixed = config.mixed.iter().flat_map(|mixed| &mixed.sources).map(String::as_str);
    let sources: BTreeSet<&str> =
        data.people.iter().map(|person| person.source.as_str()).chain(mixed).collect();
    let words = sources.into_iter().map(|source| match source {
        "rendered" => "rendered faces",
        "" => "faces of unknown source",
        other => other,
    });
    let begun = config.started.iter().map(|started| format!("begun from {}", started.from));
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
