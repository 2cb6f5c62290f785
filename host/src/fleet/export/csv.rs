//! A CSV file for each table.

use super::{ExportError, Kind, TABLES, Table};
use crate::fleet::store::{Store, hex};
use rusqlite::types::ValueRef;
use std::{fs, path::Path};

/// Makes the folder and writes the files; returns how many sessions there are.
///
/// # Errors
/// When the store or the folder does not answer.
pub fn write(store: &Store, folder: &Path) -> Result<u64, ExportError> {
    fs::create_dir_all(folder)?;
    let mut sessions = 0;
    for table in &TABLES {
        let rows = write_table(store, table, &folder.join(format!("{}.csv", table.name)))?;
        if table.name == "sessions" {
            sessions = rows;
        }
    }
    Ok(sessions)
}

fn write_table(store: &Store, table: &Table, path: &Path) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(table.columns.iter().map(|(name, _)| *name))?;
    let mut statement = store.connection().prepare(&table.sql())?;
    let mut rows = statement.query([0, i64::MAX])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        for (index, (_, kind)) in table.columns.iter().enumerate() {
            match row.get_ref(index)? {
                ValueRef::Integer(number) => writer.write_field(number.to_string())?,
                ValueRef::Text(text) => writer.write_field(text)?,
                ValueRef::Blob(bytes) if *kind == Kind::SessionId => writer.write_field(hex(bytes))?,
                _ => writer.write_field("")?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}
