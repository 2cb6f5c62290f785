use super::*;
use crate::{
    camera::CameraError,
    frame::Frame,
    panel::PanelError,
    session::{
        event::{Plan, Shot},
        screen::Screen,
        summary::Summary,
    },
    unit::kit::{Signer, named, with},
};
use std::{fs, path::PathBuf, sync::LazyLock, time::Instant};
use synkiosk_boards::Profile;
use synkiosk_journal::{JournalError, record::BundleId, words::Percent};
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    photo::Photo,
    pose::Pose,
    quality::Check,
};

static A: LazyLock<Signer> = LazyLock::new(Signer::new);

/// A kiosk that nobody looks at: it has a session, and no person comes.
struct Nothing;

impl Camera for Nothing {
    fn next(&mut self) -> Result<Photo, CameraError> {
        unreachable!("nobody agrees to a picture")
    }

    fn check(&mut self) -> Result<(), CameraError> {
        Ok(())
    }
}

impl Panel for Nothing {
    fn show(&mut self, _: &Frame) -> io::Result<()> {
        Ok(())
    }

    fn check(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

impl SessionLog for Nothing {
    fn append(&mut self, _: &Summary) -> Result<(), JournalError> {
        unreachable!("nobody is screened")
    }
}

impl Judge for Nothing {
    fn look(&mut self, _: &Photo) -> Result<(), Check> {
        unreachable!()
    }

    fn capture(&mut self, _: Pose, _: &Photo) -> Result<Shot, Check> {
        unreachable!()
    }

    fn answer(&mut self, _: &[Shot]) -> SeriesAnswer {
        SeriesAnswer { answer: Answer::CannotTell, score: 0.5 }
    }
}

type Kiosk = Appliance<Nothing, Nothing, Nothing, Nothing>;

struct Bench {
    root: tempfile::TempDir,
    kiosk: Kiosk,
    service: Service<MountedFolder>,
    began: Instant,
}

impl Bench {
    /// A unit with one session in its journal, whose card came with key A.
    fn new() -> Bench {
        let root = tempfile::tempdir().unwrap();
        let card = card(root.path());
        fs::create_dir_all(card.data.join("journal")).unwrap();
        fs::write(card.data.join("journal/00000001.segment"), b"SYNK").unwrap();
        let percent = Percent::of_share(0.5);
        let bundle = BundleId { name: "test".parse().unwrap(), version: 1 };
        let plan =
            Plan { poses: vec![Pose::Rest], bundle, unlikely: percent, likely: percent, rendered: false };
        let kiosk = Appliance::new((Nothing, Nothing, Nothing, Nothing), plan, (320, 240)).unwrap();
        let service = Service::new(MountedFolder::new(&root.path().join("stick")), card);
        Bench { root, kiosk, service, began: Instant::now() }
    }

    fn stick(&self) -> PathBuf {
        let stick = self.root.path().join("stick");
        fs::create_dir_all(stick.join("synkiosk/inbox")).unwrap();
        stick
    }

    fn turn(&mut self) -> Option<Report> {
        let now = self.began.elapsed() + LOOK;
        self.kiosk.turn(now, None).unwrap();
        self.service.turn(now, &mut self.kiosk).unwrap()
    }

    /// Turns until this screen stands there; the report, if one came on the way.
    fn until(&mut self, is_there: impl Fn(&Screen) -> bool) -> Option<Report> {
        let mut report = None;
        while !is_there(self.kiosk.screen()) {
            assert!(self.began.elapsed() < Duration::from_secs(120), "{:?}", self.kiosk.screen());
            report = self.turn().or(report);
            thread::sleep(Duration::from_millis(5));
        }
        report
    }
}

fn card(root: &Path) -> Card {
    let profile = Profile::named("vm").unwrap();
    Card { data: root.join("data"), came_with: Vec::new(), more_keys: vec![A.public()], profile }
}

fn put(stick: &Path, name: &str, (text, signature): crate::unit::kit::Signed) {
    let inbox = stick.join("synkiosk/inbox");
    fs::create_dir_all(&inbox).unwrap();
    fs::write(inbox.join(name), text).unwrap();
    fs::write(inbox.join(format!("{name}.minisig")), signature).unwrap();
}

fn is_done(screen: &Screen) -> bool {
    matches!(screen, Screen::StickDone(_))
}

#[test]
fn a_stick_is_served_from_plugging_in_to_pulling_out() {
    let mut bench = Bench::new();
    assert!(bench.turn().is_none() && bench.kiosk.is_resting());
    let settings = with(named("ward-3", 1), |settings| settings.clock = Some(1_800_000_000));
    put(&bench.stick(), "w.settings.toml", A.settings(&settings));
    let report = bench.until(is_done).unwrap();
    assert_eq!(bench.kiosk.screen(), &Screen::StickDone(report.summary));
    assert_eq!(report.summary, StickSummary { taken: 1, sessions: 0, problem: None, is_technicians: true });
    assert!(report.needs_start && report.clock == Some(1_800_000_000), "{report:?}");
    assert!(bench.stick().join("synkiosk/outbox/ward-3/00000001.segment").is_file());
    // It stays in, and is served no second time; the start waits until it is out.
    for _ in 0..10 {
        assert!(bench.turn().is_none());
        assert!(!bench.service.starts_again(&bench.kiosk));
        thread::sleep(LOOK / 4);
    }
    fs::rename(bench.stick(), bench.root.path().join("pocket")).unwrap();
    bench.until(|screen| matches!(screen, Screen::Attract { .. }));
    assert!(bench.service.starts_again(&bench.kiosk));
}

#[test]
fn a_stick_that_brings_nothing_new_needs_no_start() {
    let mut bench = Bench::new();
    put(&bench.stick(), "w.settings.toml", A.settings(&named("ward-3", 1)));
    visit(&bench.stick(), &card(bench.root.path()));
    let report = bench.until(is_done).unwrap();
    assert_eq!((report.summary.taken, report.needs_start), (0, false));
    fs::remove_dir_all(bench.stick()).unwrap();
    bench.until(|screen| matches!(screen, Screen::Attract { .. }));
    assert!(!bench.service.starts_again(&bench.kiosk));
    // And the next one is served.
    bench.stick();
    assert!(bench.until(is_done).is_some());
}

/// What the screen tells of a visit, after `prepare` has seen to stick and data.
fn problem(prepare: impl FnOnce(&Path, &Path)) -> Option<StickProblem> {
    let root = tempfile::tempdir().unwrap();
    let (stick, data) = (root.path().join("stick"), root.path().join("data"));
    fs::create_dir_all(data.join("journal")).unwrap();
    fs::write(data.join("journal/00000001.segment"), b"SYNK").unwrap();
    fs::create_dir_all(&stick).unwrap();
    prepare(&stick, &data);
    let report = visit(&stick, &card(root.path()));
    assert!(!report.lines.is_empty());
    report.summary.problem
}

#[test]
fn what_went_wrong_is_told_by_its_code() {
    let changed = || (A.settings(&named("ward-3", 1)).0, A.settings(&named("ward-4", 1)).1);
    assert_eq!(problem(|_, _| {}), None);
    let refused = problem(|stick, _| put(stick, "w.settings.toml", changed()));
    assert_eq!(refused, Some(StickProblem::Refused));
    let crowded = problem(|stick, _| {
        fs::create_dir_all(stick.join("synkiosk/inbox")).unwrap();
        for number in 0..=crate::inbox::MOST_ENTRIES {
            fs::write(stick.join(format!("synkiosk/inbox/{number}.txt")), b"").unwrap();
        }
    });
    assert_eq!(crowded, Some(StickProblem::Refused));
    let in_the_way = problem(|stick, _| {
        fs::create_dir(stick.join("synkiosk")).unwrap();
        fs::write(stick.join("synkiosk/outbox"), b"no folder").unwrap();
    });
    assert_eq!(in_the_way, Some(StickProblem::NotWritten));
    let pulled_out = problem(|stick, _| fs::remove_dir_all(stick).unwrap());
    assert_eq!(pulled_out, Some(StickProblem::PulledOut));
    let card_failing = problem(|_, data| fs::write(data.join("models"), b"no folder").unwrap());
    assert_eq!(card_failing, Some(StickProblem::CardFailing));
    let unreadable = problem(|_, data| {
        fs::create_dir(data.join("journal/00000002.segment")).unwrap();
    });
    assert_eq!(unreadable, Some(StickProblem::CardFailing));
}

#[test]
fn the_worst_is_told() {
    let mut report = refused_medium(StickProblem::Full, "full".to_owned());
    report.failed(StickProblem::Refused, "refused".to_owned());
    assert_eq!(report.summary.problem, Some(StickProblem::Full));
    report.failed(StickProblem::PulledOut, "out".to_owned());
    assert_eq!(report.summary.problem, Some(StickProblem::PulledOut));
    assert_eq!(report.lines, ["full", "refused", "out"]);
}
