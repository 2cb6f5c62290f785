//! A made-up fleet goes the whole way, and every count comes back as it was made.

use super::collect::{self, Counts, Report};
use super::figures::{Asked, Figures};
use super::made_up::{self, Size, Truth};
use super::store::Store;
use super::{export, publish};
use age::x25519;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ASKED: Asked = Asked { baseline: None, baseline_weeks: 4, silent_weeks: 4 };

fn taken(folder: &Path, identity: &x25519::Identity) -> (Store, Report) {
    let path = folder.join("store.sqlite");
    let store = Store::open(&path).unwrap();
    let report = collect::collect(&[folder.join("outboxes")], identity, 2, &store, &path).unwrap();
    (store, report)
}

/// Everything in the store, in a fixed order.
fn contents(store: &Store) -> Vec<String> {
    let mut rows = Vec::new();
    for table in ["units", "sessions", "poses", "errors", "quarantine"] {
        let mut statement = store.connection().prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let of = |row: &rusqlite::Row| {
            Ok((0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect::<Vec<_>>().join("|"))
        };
        rows.extend(statement.query_map([], of).unwrap().map(|row| format!("{table} {}", row.unwrap())));
    }
    rows
}

fn whole_way(size: Size) {
    let folder = tempfile::tempdir().unwrap();
    let identity = x25519::Identity::generate();
    let truth = made_up::write(&folder.path().join("outboxes"), size, &identity.to_public()).unwrap();
    let (store, report) = taken(folder.path(), &identity);
    assert_eq!(report.total(|it| it.taken), truth.sessions.len());
    assert_eq!(report.total(Counts::all_quarantined), truth.damaged);
    assert!(report.refused.is_empty() && report.contradictions.is_empty(), "{report:?}");
    every_record_once(&store, &truth);
    the_report_agrees(&store, &truth);

    let before = contents(&store);
    drop(store);
    let (store, again) = taken(folder.path(), &identity);
    assert_eq!(contents(&store), before, "collecting twice changed the store");
    assert_eq!(again.total(|it| it.taken + it.newly_quarantined), 0);
    assert_eq!(again.total(|it| it.known), truth.sessions.len());
    published_cells_are_not_small(&Figures::of(&store, &ASKED).unwrap());
}

fn every_record_once(store: &Store, truth: &Truth) {
    let mut statement = store.connection().prepare("SELECT session FROM sessions").unwrap();
    let sessions: Vec<[u8; 16]> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(sessions.len(), truth.sessions.len());
    assert_eq!(sessions.into_iter().collect::<BTreeSet<_>>(), truth.sessions);
}

fn the_report_agrees(store: &Store, truth: &Truth) {
    let figures = Figures::of(store, &ASKED).unwrap();
    for (part, groups) in
        [&figures.units, &figures.sites, &figures.weeks, &figures.models].into_iter().enumerate()
    {
        let mut expected: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (key, count) in &truth.outcomes {
            *expected.entry((&key[part], &key[4])).or_default() += count;
        }
        let counted: BTreeMap<(&str, &str), u64> = groups
            .iter()
            .flat_map(|group| {
                group
                    .outcomes
                    .iter()
                    .map(|(outcome, count)| ((group.name.as_str(), outcome.as_str()), *count))
            })
            .collect();
        assert_eq!(counted, expected, "part {part}");
    }
    let all = &figures.all;
    assert_eq!(all.sessions as usize, truth.sessions.len());
    let sums = |index: usize| truth.poses.values().map(|it| it[index]).sum::<u64>();
    assert_eq!([all.pictures, all.retakes], [sums(0), sums(1)]);
    let mean = sums(2) as f64 / sums(0) as f64;
    assert!((all.milliseconds.unwrap().mean - mean).abs() < 1e-9);
    let mut errors = all.errors.clone();
    errors.extend(all.quality_failures.clone());
    let expected =
        truth.errors.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect::<BTreeMap<_, _>>();
    assert_eq!(errors, expected);
    assert_eq!(figures.quarantined.iter().map(|it| it.count as usize).sum::<usize>(), truth.damaged);
}

fn published_cells_are_not_small(figures: &Figures) {
    for noise in [publish::Noise::Without, publish::Noise::Random { epsilon: 1.0 }] {
        let published = publish::publish(figures, noise).unwrap();
        let rows = published.tables.iter().flat_map(|table| table.rows.values()).chain([&published.totals]);
        let cells: Vec<u64> = rows.flatten().flatten().copied().collect();
        assert!(cells.iter().all(|count| *count >= publish::LEAST));
        let json = serde_json::to_string(&published).unwrap();
        // With its quotation mark: a model is called synkiosk-3.
        assert!(!json.contains("\"kiosk-"), "units are told apart");
    }
}

#[test]
fn a_simulated_month_comes_back_to_the_last_count() {
    whole_way(Size { units: 12, days: 20, sessions: 10, damaged: 300 });
}

/// `cargo test --release -p synkiosk-host --lib simulated_year -- --ignored`: 250,000 sessions.
#[test]
#[ignore = "takes a minute: 250,000 sessions"]
fn a_simulated_year_comes_back_to_the_last_count() {
    whole_way(Size { units: 50, days: 250, sessions: 20, damaged: 100 });
}

fn small(identity: &x25519::Identity, folder: &Path) -> Truth {
    let size = Size { units: 2, days: 2, sessions: 5, damaged: 0 };
    made_up::write(&folder.join("outboxes"), size, &identity.to_public()).unwrap()
}

#[test]
fn two_units_with_one_name_are_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let identity = x25519::Identity::generate();
    small(&identity, folder.path());
    let (store, _) = taken(folder.path(), &identity);
    drop(store);
    // The second unit's journal comes in the first one's name.
    let outboxes = folder.path().join("outboxes");
    fs::remove_dir_all(outboxes.join("kiosk-00")).unwrap();
    fs::rename(outboxes.join("kiosk-01"), outboxes.join("kiosk-00")).unwrap();
    fs::remove_file(outboxes.join("kiosk-00/unit.toml")).unwrap();
    let (store, report) = taken(folder.path(), &identity);
    assert_eq!(report.contradictions.len(), 1, "{report:?}");
    assert!(report.contradictions[0].starts_with("kiosk-00: segment 1"));
    assert_eq!(report.units["kiosk-00"].taken, 10);
    let count = "SELECT COUNT(*) FROM sessions WHERE unit = 'kiosk-00'";
    assert_eq!(store.connection().query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 20);
}

#[test]
fn a_torn_copy_heals_and_another_key_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (identity, other) = (x25519::Identity::generate(), x25519::Identity::generate());
    let truth = small(&identity, folder.path());
    let segment = folder.path().join("outboxes/kiosk-00/00000001.segment");
    let whole = fs::read(&segment).unwrap();
    fs::write(&segment, &whole[..whole.len() - 100]).unwrap();
    let (_, report) = taken(folder.path(), &other);
    assert_eq!(report.total(|it| it.taken), 0);
    assert_eq!(report.units["kiosk-00"].quarantined, BTreeMap::from([("other-key", 9), ("torn", 1)]));
    fs::write(&segment, &whole).unwrap();
    let (store, report) = taken(folder.path(), &identity);
    assert_eq!(report.reopened, 19);
    assert_eq!((report.total(|it| it.taken), report.total(|it| it.healed)), (1, 1));
    every_record_once(&store, &truth);
    let left = "SELECT COUNT(*) FROM quarantine";
    assert_eq!(store.connection().query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn csv_and_parquet_and_fhir_hold_every_session() {
    let folder = tempfile::tempdir().unwrap();
    let identity = x25519::Identity::generate();
    small(&identity, folder.path());
    let (store, _) = taken(folder.path(), &identity);
    let path = folder.path().join("store.sqlite");
    let csv = folder.path().join("csv");
    assert_eq!(export::whole(&csv, |part| export::csv::write(&store, part)).unwrap(), 20);
    let lines = |name: &str| fs::read_to_string(csv.join(name)).unwrap().lines().count();
    assert_eq!(lines("sessions.csv"), 21);
    let again = export::whole(&csv, |part| export::csv::write(&store, part)).unwrap_err();
    assert_eq!(again.exit_code(), 1);
    let parquet = folder.path().join("parquet");
    assert_eq!(export::whole(&parquet, |part| export::parquet::write(&path, part)).unwrap(), 20);
    assert_eq!(rows_of(&parquet.join("sessions")), 20);
    assert_eq!(rows_of(&parquet.join("poses")), lines("poses.csv") as i64 - 1);
    assert!(parquet.join("sessions/site=north/month=2026-01").is_dir());
    let file = folder.path().join("fhir.json");
    assert_eq!(export::whole(&file, |part| export::fhir::write_file(&store, part)).unwrap(), 20);
    let again = export::whole(&file, |part| export::fhir::write_file(&store, part)).unwrap_err();
    assert_eq!(again.exit_code(), 1);
    let fhir = fs::read(&file).unwrap();
    let bundle: serde_json::Value = serde_json::from_slice(&fhir).unwrap();
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 22);
    assert!(!String::from_utf8(fhir).unwrap().contains("\"subject\""));
}

fn rows_of(folder: &Path) -> i64 {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rows = |path: std::path::PathBuf| match path.is_dir() {
        true => rows_of(&path),
        false => {
            let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
            reader.metadata().file_metadata().num_rows()
        }
    };
    entries.map(rows).sum()
}
