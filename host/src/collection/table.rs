//! The table of people, read to its end whatever is wrong in it.

use super::finding::{Defect, Finding};
use super::names::plain_person;
use crate::dataset::{self, DataSetError, HEADER, Person, RowDefect, TABLE};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rows that hold, and the names of those that do not.
#[derive(Debug, Default)]
pub(super) struct Table {
    people: BTreeMap<String, Person>,
    lines: BTreeMap<String, u64>,
    refused: BTreeSet<String>,
}

impl Table {
    /// The person of a folder, if the row holds.
    pub(super) fn person(&self, name: &str) -> Option<&Person> {
        self.people.get(name)
    }

    /// Whether some row names the folder, sound or not.
    pub(super) fn names(&self, name: &str) -> bool {
        self.people.contains_key(name) || self.refused.contains(name)
    }

    /// Everybody whose row holds, with the row's line.
    pub(super) fn people(&self) -> impl Iterator<Item = (&Person, u64)> {
        self.people.values().map(|person| (person, self.lines[&person.name]))
    }
}

/// Reads the table; defects become findings.
pub(super) fn read(root: &Path, findings: &mut Vec<Finding>) -> Result<Table, DataSetError> {
    let path = root.join(TABLE);
    let mut table = Table::default();
    if !path.is_file() {
        findings.push(Finding::new("", Defect::NoTable));
        return Ok(table);
    }
    let text = fs::read(&path).map_err(|source| DataSetError::Access { doing: "read", path, source })?;
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let semicolons = first.contains(&b';') && !first.contains(&b',');
    if semicolons {
        findings.push(Finding::new(TABLE, Defect::Semicolons));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if semicolons { b';' } else { b',' })
        .from_reader(text.as_slice());
    for (index, record) in reader.byte_records().enumerate() {
        // Bytes in memory: nothing but their form could go wrong, and that is taken as it is.
        let Ok(record) = record else { continue };
        let line = record.position().map_or(index as u64 + 1, csv::Position::line);
        match index {
            0 if !is_header(&record) => {
                let found = String::from_utf8_lossy(first).trim().chars().take(80).collect();
                findings.push(Finding::new(TABLE, Defect::Header(found)));
                return Ok(table);
            }
            0 => {}
            _ => table.take(line, record, findings),
        }
    }
    if table.people.is_empty() && table.refused.is_empty() {
        findings.push(Finding::new(TABLE, Defect::Nobody));
    }
    Ok(table)
}

fn is_header(record: &csv::ByteRecord) -> bool {
    record.iter().eq(HEADER.map(str::as_bytes))
}

impl Table {
    fn take(&mut self, line: u64, record: csv::ByteRecord, findings: &mut Vec<Finding>) {
        let name = String::from_utf8_lossy(record.get(0).unwrap_or_default()).trim().to_owned();
        let person = parsed(record).and_then(|person| match self.people.contains_key(&person.name) {
            true => Err(RowDefect::Twice(person.name)),
            false => Ok(person),
        });
        match person {
            Ok(person) => {
                self.lines.insert(person.name.clone(), line);
                self.people.insert(person.name.clone(), person);
            }
            Err(defect) => {
                let better = matches!(defect, RowDefect::Name(_)).then(|| plain_person(&name)).flatten();
                findings.push(Finding::new(TABLE, Defect::Row { line, defect, better }));
                self.refused.insert(name);
            }
        }
    }
}

fn parsed(record: csv::ByteRecord) -> Result<Person, RowDefect> {
    if record.len() != HEADER.len() {
        return Err(RowDefect::Malformed(format!("{} fields", record.len())));
    }
    let record = csv::StringRecord::from_byte_record(record)
        .map_err(|_| RowDefect::Malformed("letters that are not UTF-8".to_owned()))?;
    dataset::parse_row(&record)
}
