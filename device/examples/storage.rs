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
use synkiosk_boards::Profile;
use synkiosk_device::{
    inbox::{self, Desk, Taken},
    slots::Slots,
    start,
    unit::{Card, Unit},
};
use synkiosk_journal::{
    Journal, Options, Record,
    record::{BundleId, Format, IndexRecords, Outcome},
    store::Folder,
    when::When,
    words::{Percent, SessionId, Version},
};
use synkiosk_models::bundle::DEMO_PUBLIC_KEY;

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
    ensure!(start::start(data, &[], &mut unit(data)?).bundle.is_some(), "the card came without a model");
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
    let started = start::start(data, &[], &mut unit(data)?);
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
    let (mut slots, mut unit) = (Slots::open(&data.join(start::MODELS))?, unit(data)?);
    let mut segments = Folder::beside_the_writer(&data.join(start::JOURNAL));
    let mut desk = Desk { unit: &mut unit, slots: &mut slots, segments: &mut segments };
    for item in inbox::take_in(medium, &mut desk)? {
        ensure!(matches!(item.result.context(item.name)?, Taken::Bundle(_)), "something else lies there");
    }
    let model = slots.load(&unit.keys().known()).model.context("no model works")?;
    ensure!(model.fallback.is_none(), "the new model does not work");
    Ok(())
}

/// One whose card came with the demo key.
fn unit(data: &Path) -> anyhow::Result<Unit> {
    let profile = Profile::named("vm").map_err(|error| anyhow::anyhow!("{error}"))?;
    let more_keys = vec![DEMO_PUBLIC_KEY.to_owned()];
    Ok(Card { data: data.to_owned(), came_with: Vec::new(), more_keys, profile }.unit())
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
