//! What rendered people wear on the head, by the `truth.csv` of their data set. Nobody notes it of photographs.

use crate::synth::truth::TABLE;
use std::collections::HashMap;
use std::path::Path;

/// What one person wears, in words for a group's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worn {
    /// `with` or `without`; `None` where the table does not say.
    pub glasses: Option<&'static str>,
    /// The kind of covering, or `none`; `None` where the table does not say.
    pub covering: Option<String>,
}

/// Everybody in the table by name; nobody where there is no table, or one of before these columns.
pub fn worn(data: &Path) -> HashMap<String, Worn> {
    let Ok(mut reader) = csv::Reader::from_path(data.join(TABLE)) else { return HashMap::new() };
    let Ok(header) = reader.headers().cloned() else { return HashMap::new() };
    let find = |name: &str| header.iter().position(|known| known == name);
    let Some(person) = find("person") else { return HashMap::new() };
    let (glasses, covering) = (find("glasses"), find("covering"));
    let of_record = |record: csv::StringRecord| {
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column));
        let glasses = match cell(glasses) {
            Some("0") => Some("without"),
            Some("1") => Some("with"),
            _ => None,
        };
        let covering = cell(covering).map(|kind| if kind.is_empty() { "none" } else { kind }.to_owned());
        Some((record.get(person)?.to_owned(), Worn { glasses, covering }))
    };
    reader.records().filter_map(|record| of_record(record.ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> HashMap<String, Worn> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(TABLE), table).expect("written");
        worn(folder.path())
    }

    #[test]
    fn what_is_worn_is_read_by_person() {
        let found = read("person,pose,glasses,covering\nanna,rest,1,\nbert,rest,0,turban\n");
        let of = |name: &str| (found[name].glasses, found[name].covering.as_deref());
        assert_eq!(
            (of("anna"), of("bert")),
            ((Some("with"), Some("none")), (Some("without"), Some("turban")))
        );
    }

    #[test]
    fn where_nothing_is_written_nothing_is_known() {
        assert_eq!(read("person,pose\nanna,rest\n")["anna"], Worn::default());
        assert_eq!(read("person,pose,glasses,covering\nanna,rest,perhaps,\n")["anna"].glasses, None);
        assert!(worn(Path::new("/nowhere/at/all")).is_empty());
    }
}
