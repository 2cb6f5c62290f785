//! From the data partition to a model that works: what every start does before anybody is screened.

pub mod journal;

use crate::{
    appliance::Complaint,
    inbox::{self, Desk, Taken},
    selftest::{self, Finding},
    session::screen::Notice,
    slots::{Fallback, Load, Slots, shelf::Shelf},
    unit::Unit,
};
use std::path::{Path, PathBuf};
use synkiosk_journal::store::Folder;
use synkiosk_models::bundle::Bundle;

/// Models are in this folder of the data partition.
pub const MODELS: &str = "models";
/// And sealed records in this.
pub const JOURNAL: &str = "journal";

/// What was found at the start.
#[derive(Debug)]
pub struct Start {
    /// The bundle to work with; `None` where none works.
    pub bundle: Option<Bundle>,
    /// What was looked at.
    pub findings: Vec<Finding>,
    /// What the first screen has to say.
    pub notice: Option<Notice>,
    /// What the staff should know.
    pub complaints: Vec<Complaint>,
    /// The time by the settings that were taken at this start, seconds since 1970.
    pub clock: Option<u64>,
}

/// Takes in what lies in the inboxes of `media`, and loads and tests the newest model.
pub fn start<U: Shelf>(data: &Path, media: &[PathBuf], unit: &mut Unit<U>) -> Start {
    let hottest = selftest::hottest(Path::new(selftest::THERMAL));
    let findings = vec![selftest::storage(data), selftest::temperature(hottest)];
    let complaints = unit.take_complaints();
    let mut start = Start { bundle: None, findings, notice: None, complaints, clock: None };
    match Slots::open(&data.join(MODELS)) {
        Ok(mut slots) => {
            let mut segments = Folder::beside_the_writer(&data.join(JOURNAL));
            for medium in media {
                let mut desk = Desk { unit, slots: &mut slots, segments: &mut segments };
                start.take_in(medium, &mut desk);
            }
            start.take_model(slots.load(&unit.keys().known()));
        }
        Err(error) => start.complain(
            format!("could not open {}: {error}", data.join(MODELS).display()),
            "check that the card is sound",
        ),
    }
    let faults = start.findings.iter().filter_map(|finding| finding.result.as_ref().err());
    start
        .complaints
        .extend(faults.map(|fault| Complaint { message: fault.message.clone(), help: fault.help }));
    if start.notice.is_none() && hottest.is_some_and(|milli| milli > selftest::HOT_MILLIDEGREES) {
        start.notice = Some(Notice::Hot);
    }
    start
}

impl Start {
    fn complain(&mut self, message: String, help: &'static str) {
        self.complaints.push(Complaint { message, help });
    }

    fn take_in<U: Shelf>(
        &mut self,
        medium: &Path,
        desk: &mut Desk<'_, U, crate::slots::shelf::Folder, Folder>,
    ) {
        match inbox::take_in(medium, desk) {
            Ok(items) => {
                for item in items {
                    match item.result {
                        Ok(Taken::Settings { clock, .. }) => self.clock = clock.or(self.clock),
                        Err(error) if !error.is_old_news() => {
                            self.complain(format!("{}: {error}", item.name), error.help());
                        }
                        _ => {}
                    }
                }
            }
            Err(error) => self.complain(format!("inbox of {}: {error}", medium.display()), error.help()),
        }
    }

    fn take_model(&mut self, load: Load) {
        for refused in &load.refused {
            let aside = if refused.set_aside { "; it is set aside" } else { "" };
            self.complain(format!("slot {}: {}{aside}", refused.slot, refused.why), refused.why.help());
        }
        let Some(model) = load.model else {
            return self.complain(
                "this unit has no model that works".to_owned(),
                "bring one in synkiosk/inbox on a stick",
            );
        };
        if let Some(Fallback { why }) = model.fallback {
            self.complain(why, "bring the newest model again, or a newer one");
            self.notice = Some(Notice::OlderModel);
        }
        self.findings.push(selftest::bundle(&model.bundle));
        self.findings.push(selftest::golden_held(model.golden));
        self.bundle = Some(model.bundle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        slots::{fake_shelf::FakeShelf, kit},
        unit::keys::Origin,
    };
    use std::fs;

    fn unit() -> Unit<FakeShelf> {
        let keys = vec![synkiosk_models::bundle::DEMO_PUBLIC_KEY.to_owned()];
        Unit::on(FakeShelf::default(), Origin { keys, accepts_demo: true }, "vm")
    }

    struct Bench {
        data: tempfile::TempDir,
        boot: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Bench {
            let bench = Bench { data: tempfile::tempdir().unwrap(), boot: tempfile::tempdir().unwrap() };
            fs::create_dir_all(bench.boot.path().join("synkiosk/inbox")).unwrap();
            bench
        }

        fn put(&self, version: u32) {
            let path = self.boot.path().join(format!("synkiosk/inbox/synkiosk-{version}.bundle"));
            fs::write(path, kit::version(version)).unwrap();
        }

        /// The version at work, and the notice.
        fn start(&self) -> (Option<u32>, Option<Notice>, Vec<String>) {
            let media = [self.boot.path().to_owned()];
            let start = start(self.data.path(), &media, &mut unit());
            // How warm the machine is that runs this test is not its subject.
            let warm = |complaint: &Complaint| complaint.help.contains("let air reach");
            let complaints = start.complaints.iter().filter(|complaint| !warm(complaint));
            (
                start.bundle.map(|bundle| bundle.manifest().version),
                start.notice.filter(|notice| *notice != Notice::Hot),
                complaints.map(|complaint| complaint.message.clone()).collect(),
            )
        }
    }

    #[test]
    fn a_new_card_has_no_model_and_says_so() {
        let (version, notice, complaints) = Bench::new().start();
        assert_eq!((version, notice), (None, None));
        assert_eq!(complaints, ["this unit has no model that works"]);
    }

    #[test]
    fn what_lies_in_the_inbox_works_from_this_start_on() {
        let bench = Bench::new();
        for version in [3, 4] {
            bench.put(version);
            let (found, notice, _) = bench.start();
            assert_eq!((found, notice), (Some(version), None));
        }
        // The inbox stays full: that is no news at the next start, but for the older one.
        let (found, notice, complaints) = bench.start();
        assert_eq!((found, notice), (Some(4), None));
        assert_eq!(complaints, ["synkiosk-3.bundle: version 4 lies beside it, and this is version 3"]);
    }

    #[test]
    fn a_model_that_fails_falls_back_and_the_screen_says_so() {
        let bench = Bench::new();
        bench.put(3);
        bench.start();
        fs::remove_file(bench.boot.path().join("synkiosk/inbox/synkiosk-3.bundle")).unwrap();
        fs::write(bench.data.path().join("models/b.bundle"), kit::with_wrong_golden(4)).unwrap();
        let (found, notice, complaints) = bench.start();
        assert_eq!((found, notice), (Some(3), Some(Notice::OlderModel)));
        assert!(complaints[0].starts_with("slot b: golden input"), "{complaints:?}");
        assert!(complaints[1].starts_with("version 3 is at work instead of 4: slot b"), "{complaints:?}");
    }

    #[test]
    fn storage_that_cannot_be_used_is_reported() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, b"").unwrap();
        let start = start(&file, &[], &mut unit());
        assert!(start.bundle.is_none());
        assert!(start.complaints[0].message.starts_with("could not open"), "{:?}", start.complaints);
        assert!(start.complaints[1].message.starts_with("could not write"), "{:?}", start.complaints);
    }
}
