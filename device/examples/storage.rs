//! What the power-cut test drives: the storage code as the appliance uses it, without camera and screens.
//!
//! `storage campaign DATA RECIPIENT MEDIUM` records twenty sessions and takes a model in after the tenth; after every line
//! it waits for one, so that whoever reads knows what was promised when. `storage check DATA RECIPIENT MEDIUM` starts on
//! what is there, prints it as JSON, and goes on as after any start.
#![forbid(unsafe_code)]

use age::x25519;
use anyhow::{Context, bail, ensure};
use serde_json::json;
use std::{
    io::{self, Write},
    path::Path,
};
use synkiosk_device::{
    inbox,
    slots::{Installed, Slots},
    start,
};
use synkiosk_journal::{
    Journal, Options, Record,
    record::{BundleId, Format, IndexRecords, Outcome},
    when::When,
    words::{Percent, SessionId, Version},
};
use synkiosk_models::bundle::TrustedKeys;

/// Sessions of a campaign, and after which of them the model comes.
const SESSIONS: u8 = 20;
const UPDATE_AFTER: u8 = 10;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, data, recipient, medium] = arguments.as_slice() else {
        bail!("usage: storage campaign|check DATA RECIPIENT MEDIUM");
    };
    let recipient = recipient.parse().map_err(anyhow::Error::msg)?;
    match what.as_str() {
        "campaign" => campaign(Path::new(data), recipient, Path::new(medium)),
        "check" => check(Path::new(data), recipient, Path::new(medium)),
        other => bail!("{other:?} is neither campaign nor check"),
    }
}

fn campaign(data: &Path, recipient: x25519::Recipient, medium: &Path) -> anyhow::Result<()> {
    ensure!(start::start(data, &[], &TrustedKeys::demo()).bundle.is_some(), "the card came without a model");
    let (mut journal, _) = Journal::open(&data.join(start::JOURNAL), recipient, Options::default())?;
    promise("started")?;
    for number in 1..=SESSIONS {
        journal.append(&record(number)?)?;
        promise(&format!("recorded {number}"))?;
        if number == UPDATE_AFTER {
            take_in(data, medium)?;
            promise("installed")?;
        }
    }
    Ok(())
}

/// Says it, and waits until it was heard.
fn promise(line: &str) -> anyhow::Result<()> {
    println!("{line}");
    io::stdout().flush()?;
    ensure!(io::stdin().read_line(&mut String::new())? > 0, "nobody listens");
    Ok(())
}

fn check(data: &Path, recipient: x25519::Recipient, medium: &Path) -> anyhow::Result<()> {
    let started = start::start(data, &[], &TrustedKeys::demo());
    let (mut journal, recovery) = Journal::open(&data.join(start::JOURNAL), recipient, Options::default())?;
    let faults = started.findings.iter().filter_map(|finding| finding.result.as_ref().err());
    let faults: Vec<_> =
        faults.map(|fault| &fault.message).filter(|said| !said.contains("degrees")).collect();
    let found = json!({
        "version": started.bundle.context("no model works")?.manifest().version,
        "notice": started.notice.map(|notice| format!("{notice:?}")),
        "faults": faults,
        "frames": recovery.frames,
        "torn_bytes": recovery.torn_bytes,
        "damaged": recovery.damaged + recovery.unreadable,
    });
    // And work goes on: another session, and the model once more.
    journal.append(&record(SESSIONS + 1)?)?;
    take_in(data, medium)?;
    println!("{found}");
    Ok(())
}

fn take_in(data: &Path, medium: &Path) -> anyhow::Result<()> {
    let mut slots = Slots::open(&data.join(start::MODELS))?;
    for item in inbox::take_in(medium, &mut slots, &TrustedKeys::demo())? {
        match item.result.context(item.name)? {
            Installed::New { .. } | Installed::AlreadyThere { .. } => {}
        }
    }
    let model = slots.load(&TrustedKeys::demo()).model.context("no model works")?;
    ensure!(model.fallback.is_none(), "the new model does not work");
    Ok(())
}

/// A session whose identifier is its number.
fn record(number: u8) -> anyhow::Result<Record> {
    Ok(Record {
        format: Format,
        session: SessionId([number; 16]),
        when: When::Boot { counter: 1 },
        software: Version { major: 0, minor: 1, patch: 0 },
        bundle: BundleId { name: "synkiosk".parse()?, version: 3 },
        board: "vm".parse()?,
        outcome: Outcome::Unlikely,
        score: Some(Percent::try_from(12)?),
        indices: IndexRecords::default(),
        poses: Vec::new(),
        errors: Vec::new(),
    })
}
