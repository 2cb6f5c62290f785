//! FHIR R4: a Bundle of a Device for each unit and an Observation, without a subject, for each session.

use super::ExportError;
use crate::fleet::calendar;
use crate::fleet::store::{Store, hex};
use rusqlite::Row;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Codes of this program; nobody else's codes say "synkinesis likely".
const SYSTEM: &str = "urn:synkiosk";
/// Indices in the order of columns.
const INDICES: [&str; 4] = ["ocular-oral", "oral-ocular", "mentalis", "platysma"];
const NAMESPACE: &str = "synkiosk unit ";

/// Writes the Bundle into a new file; returns how many sessions there are.
///
/// # Errors
/// When the store or the file does not answer.
pub fn write_file(store: &Store, path: &Path) -> Result<u64, ExportError> {
    let mut out = BufWriter::new(File::create_new(path)?);
    let sessions = write(store, &mut out)?;
    out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(sessions)
}

/// Writes the Bundle; returns how many sessions there are.
///
/// # Errors
/// When the store or the file does not answer.
pub fn write(store: &Store, out: &mut dyn Write) -> Result<u64, ExportError> {
    write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[")?;
    let mut separator = "";
    let mut devices: BTreeMap<String, String> = BTreeMap::new();
    let sql = "SELECT unit, MAX(board), MAX(software) FROM sessions GROUP BY unit ORDER BY unit";
    let mut statement = store.connection().prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (unit, board, software): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let url = url_of(&unit);
        write!(out, "{separator}\n{}", entry(&url, &device(&unit, &board, &software)))?;
        devices.insert(unit, url);
        separator = ",";
    }
    let sql = "SELECT unit, session, week, boot, bundle, bundle_version, outcome, score, ocular_oral, oral_ocular, \
               mentalis, platysma FROM sessions ORDER BY record";
    let mut statement = store.connection().prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut sessions = 0;
    while let Some(row) = rows.next()? {
        let id = hex(row.get_ref(1)?.as_bytes().unwrap_or_default());
        let unit: String = row.get(0)?;
        let device = devices.get(&unit).map_or("", String::as_str);
        write!(out, "{separator}\n{}", entry(&urn(&id), &observation(row, device)?))?;
        separator = ",";
        sessions += 1;
    }
    writeln!(out, "\n]}}")?;
    Ok(sessions)
}

fn entry(url: &str, resource: &Value) -> Value {
    json!({"fullUrl": url, "resource": resource})
}

/// A name for a unit that is the same in every export.
fn url_of(unit: &str) -> String {
    use sha2::Digest;
    urn(&hex(&sha2::Sha256::digest(format!("{NAMESPACE}{unit}"))))
}

/// 32 digits as a UUID of version 8, which is for such uses.
fn urn(digits: &str) -> String {
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or("0");
    format!("urn:uuid:{}-{}-8{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

fn device(unit: &str, board: &str, software: &str) -> Value {
    json!({
        "resourceType": "Device",
        "identifier": [{"system": format!("{SYSTEM}:unit"), "value": unit}],
        "status": "active",
        "deviceName": [{"name": unit, "type": "user-friendly-name"}],
        "modelNumber": board,
        "version": [{"value": software}],
        "note": [{"text": "Research use only. No medical device, no diagnosis."}],
    })
}

fn observation(row: &Row, device: &str) -> rusqlite::Result<Value> {
    let (session, outcome) = (hex(row.get_ref(1)?.as_bytes().unwrap_or_default()), row.get::<_, String>(6)?);
    let (week, boot) = (row.get::<_, Option<String>>(2)?, row.get::<_, Option<i64>>(3)?);
    let model = format!("{}-{}", row.get::<_, String>(4)?, row.get::<_, i64>(5)?);
    let mut components = Vec::new();
    for (index, code) in ["score"].iter().chain(&INDICES).enumerate() {
        if let Some(percent) = row.get::<_, Option<i64>>(7 + index)? {
            components.push(json!({"code": coded("measure", code), "valueQuantity": quantity(percent)}));
        }
    }
    components.push(json!({"code": coded("measure", "model"), "valueString": model}));
    if let Some(boot) = boot {
        components.push(json!({"code": coded("measure", "boot-counter"), "valueInteger": boot}));
    }
    let is_answer = ["likely", "unlikely", "cannot-tell", "retake"].contains(&outcome.as_str());
    let mut observation = json!({
        "resourceType": "Observation",
        "identifier": [{"system": format!("{SYSTEM}:session"), "value": session}],
        "status": if is_answer { "final" } else { "cancelled" },
        "code": coded("screening", "synkinesis-screening"),
        "device": {"reference": device},
        "valueCodeableConcept": coded("outcome", &outcome),
        "component": components,
    });
    if let Some([monday, sunday]) = week.as_deref().and_then(calendar::parse).map(calendar::days) {
        observation["effectivePeriod"] = json!({"start": monday, "end": sunday});
    }
    Ok(observation)
}

fn coded(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("{SYSTEM}:{system}"), "code": code}], "text": code.replace('-', " ")})
}

fn quantity(percent: i64) -> Value {
    json!({"value": percent, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"})
}
