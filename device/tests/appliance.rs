//! The appliance with a camera that vanishes, a disk that fills up, and a panel that breaks.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "../../tests/visitors/shot.rs"]
mod shot;

use age::x25519;
use shot::shot;
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    time::Duration,
};
use synkiosk_device::{
    appliance::Appliance,
    buttons::{Place, Press},
    camera::{Camera, CameraError},
    caretaker::Caretaker,
    frame::Frame,
    judge::Judge,
    panel::{Panel, PanelError},
    remember::SealedLog,
    session::{
        event::{Button, Plan, Shot},
        pin::Pin,
        screen::{Goodbye, Pressed, Screen, Task, Workshop},
        timing,
    },
};
use synkiosk_journal::{
    Journal, Options, Record,
    fake_store::FakeStore,
    record::{BundleId, ErrorCode, Outcome},
    segment::{Piece, read_segment},
    when::When,
    words::Percent,
};
use synkiosk_models::quality::Check;
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    photo::Photo,
    pose::Pose,
};

/// Stricter than a real camera: a picture before consent, or after the end, stops the test.
struct FakeCamera {
    plugged_in: Rc<Cell<bool>>,
    consented: Rc<Cell<bool>>,
    pictures: Rc<Cell<u32>>,
}

impl Camera for FakeCamera {
    fn next(&mut self) -> Result<Photo, CameraError> {
        assert!(self.consented.get(), "picture taken without consent");
        self.check()?;
        self.pictures.set(self.pictures.get() + 1);
        Ok(Photo::new(64, 64, vec![90; 64 * 64], Duration::ZERO).unwrap())
    }

    fn check(&mut self) -> Result<(), CameraError> {
        if self.plugged_in.get() { Ok(()) } else { Err(CameraError::Missing("fake".to_owned())) }
    }
}

/// Remembers the names of the screens, and fails when it is told to.
#[derive(Default)]
struct FakePanel {
    names: Rc<RefCell<Vec<String>>>,
    /// How often its display was shown something; none while it is away.
    shown: Rc<Cell<u32>>,
    away: Rc<Cell<bool>>,
    broken: Rc<Cell<bool>>,
}

impl Panel for FakePanel {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        if self.broken.get() {
            return Err(io::Error::other("no panel"));
        }
        self.shown.set(self.shown.get() + u32::from(!self.away.get()));
        let mut names = self.names.borrow_mut();
        if names.last().is_none_or(|last| last != frame.name()) {
            names.push(frame.name().to_owned());
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), PanelError> {
        if self.away.get() { Err(PanelError::NoDisplay("fake".to_owned())) } else { Ok(()) }
    }
}

/// Counts how often it was told to forget.
#[derive(Default)]
struct FakeJudge {
    forgot: Rc<Cell<u32>>,
}

impl Judge for FakeJudge {
    fn look(&mut self, _: &Photo) -> Result<(), Check> {
        Ok(())
    }

    fn capture(&mut self, pose: Pose, _: &Photo) -> Result<Shot, Check> {
        Ok(shot(pose, 0.7))
    }

    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer {
        assert_eq!(shots.len(), 2);
        SeriesAnswer { answer: Answer::Likely, score: 0.7 }
    }

    fn forget(&mut self) {
        self.forgot.set(self.forgot.get() + 1);
    }
}

struct Bench {
    appliance: Appliance<FakeCamera, FakePanel, SealedLog<Journal<FakeStore>>, FakeJudge>,
    store: FakeStore,
    collector: x25519::Identity,
    now: Duration,
    plugged_in: Rc<Cell<bool>>,
    consented: Rc<Cell<bool>>,
    pictures: Rc<Cell<u32>>,
    names: Rc<RefCell<Vec<String>>>,
    broken: Rc<Cell<bool>>,
    shown: Rc<Cell<u32>>,
    away: Rc<Cell<bool>>,
    forgot: Rc<Cell<u32>>,
}

/// What is drawn where no model works: the screen that says so, and not the one that stood there before.
#[test]
fn without_a_model_the_panel_says_so() {
    let names = Rc::default();
    let panel = FakePanel { names: Rc::clone(&names), ..FakePanel::default() };
    let camera = FakeCamera { plugged_in: Rc::default(), consented: Rc::default(), pictures: Rc::default() };
    let recipient = x25519::Identity::generate().to_public();
    let (journal, _) = Journal::with_store(FakeStore::new(), recipient, Options::default()).unwrap();
    let log = SealedLog::new(journal, "desk".parse().unwrap(), When::Boot { counter: 1 });
    Appliance::without_model((camera, panel, log, FakeJudge::default()), (320, 240)).unwrap();
    assert_eq!(*names.borrow(), ["no-model"]);
}

impl Bench {
    fn with_store(store: FakeStore) -> Bench {
        let collector = x25519::Identity::generate();
        let (journal, _) =
            Journal::with_store(store.clone(), collector.to_public(), Options::default()).unwrap();
        let log = SealedLog::new(journal, "desk".parse().unwrap(), When::Boot { counter: 1 });
        let plugged_in = Rc::new(Cell::new(true));
        let (consented, pictures) = (Rc::default(), Rc::default());
        let (names, broken) = (Rc::default(), Rc::default());
        let (shown, away, forgot) = (Rc::default(), Rc::default(), Rc::default());
        let camera = FakeCamera {
            plugged_in: Rc::clone(&plugged_in),
            consented: Rc::clone(&consented),
            pictures: Rc::clone(&pictures),
        };
        let panel = FakePanel {
            names: Rc::clone(&names),
            broken: Rc::clone(&broken),
            shown: Rc::clone(&shown),
            away: Rc::clone(&away),
        };
        let plan = Plan {
            poses: vec![Pose::Rest, Pose::Pucker],
            bundle: BundleId { name: "test".parse().unwrap(), version: 1 },
            unlikely: Percent::of_share(0.3),
            likely: Percent::of_share(0.6),
            rendered: false,
        };
        let appliance =
            Appliance::new((camera, panel, log, FakeJudge { forgot: Rc::clone(&forgot) }), plan, (320, 240))
                .unwrap();
        let now = Duration::ZERO;
        Bench {
            appliance,
            store,
            collector,
            now,
            plugged_in,
            consented,
            pictures,
            names,
            broken,
            shown,
            away,
            forgot,
        }
    }

    fn turn(&mut self, press: Option<Button>) {
        self.now += Duration::from_millis(200);
        if matches!(self.appliance.screen(), Screen::Consent) && press == Some(Button::Next) {
            self.consented.set(true);
        }
        self.appliance.turn(self.now, press.map(Press::from)).unwrap();
        if matches!(self.appliance.screen(), Screen::Wiped(_)) {
            self.consented.set(false);
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.turn(None);
        }
    }

    /// Through language and consent to the first pose.
    fn begin(&mut self) {
        self.turn(Some(Button::Next));
        self.turn(Some(Button::Next));
        self.turn(Some(Button::Next));
        self.wait(timing::HOLD * 2);
        assert!(matches!(self.appliance.screen(), Screen::Pose { .. }), "{:?}", self.appliance.screen());
    }

    fn finish(&mut self) {
        self.wait((timing::READ + timing::HOLD) * 3);
        assert!(matches!(self.appliance.screen(), Screen::Answer(_)), "{:?}", self.appliance.screen());
        self.turn(Some(Button::Next));
        assert!(matches!(self.appliance.screen(), Screen::Answer(view) if view.page == 1));
        self.turn(Some(Button::Stop));
        self.wait(timing::WIPED * 2);
    }

    /// What a collector finds.
    fn records(&self) -> Vec<Record> {
        let bytes = self.store.bytes(1);
        if bytes.is_empty() {
            return Vec::new();
        }
        let open = |piece: Piece<'_>| match piece {
            Piece::Frame(frame) => frame.open(&self.collector).unwrap(),
            Piece::Damage(damage) => panic!("{damage:?}"),
        };
        read_segment(&bytes).unwrap().map(open).collect()
    }
}

#[test]
fn a_whole_session_is_shown_and_recorded_once() {
    let mut bench = Bench::with_store(FakeStore::new());
    bench.begin();
    bench.finish();
    let names = bench.names.borrow().join(" ");
    assert_eq!(
        names,
        "attract language consent position position-hold pose-rest pose-rest-hold pause pose-pucker \
         pose-pucker-hold thinking answer-likely answer-found wiped attract"
    );
    let records = bench.records();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].outcome, records[0].score.map(Percent::get)), (Outcome::Likely, Some(70)));
    assert_eq!(records[0].poses.len(), 2);
}

#[test]
fn a_camera_that_vanishes_in_mid_session_is_waited_for() {
    let mut bench = Bench::with_store(FakeStore::new());
    bench.begin();
    bench.plugged_in.set(false);
    bench.turn(None);
    assert_eq!(bench.appliance.screen(), &Screen::CameraMissing);
    assert_eq!(bench.appliance.camera_error().unwrap().to_string(), "camera fake is not there");
    bench.wait(timing::CAMERA / 2);
    let complaints = bench.appliance.take_complaints();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].help.contains("plug the camera in"));
    bench.plugged_in.set(true);
    bench.turn(None);
    assert!(matches!(bench.appliance.screen(), Screen::Pose { number: 1, .. }));
    bench.finish();
    let records = bench.records();
    assert_eq!((records[0].outcome, &records[0].errors[..]), (Outcome::Likely, &[ErrorCode::CameraLost][..]));
}

#[test]
fn a_camera_that_stays_away_ends_the_session_and_is_looked_for() {
    let mut bench = Bench::with_store(FakeStore::new());
    bench.begin();
    bench.plugged_in.set(false);
    bench.wait(timing::CAMERA * 2);
    assert_eq!(bench.appliance.screen(), &Screen::CameraMissing);
    assert!(bench.names.borrow().contains(&"failed".to_owned()));
    assert_eq!(bench.records()[0].outcome, Outcome::Failed);
    let pictures = bench.pictures.get();
    bench.plugged_in.set(true);
    bench.wait(Duration::from_secs(2));
    assert_eq!(bench.appliance.screen(), &Screen::Attract { poses: 2, notice: None });
    assert_eq!(bench.pictures.get(), pictures, "looking for the camera took a picture");
}

#[test]
fn a_full_disk_loses_no_record_and_begins_no_session() {
    let mut bench = Bench::with_store(FakeStore::full_after(100));
    bench.begin();
    bench.finish();
    assert_eq!(bench.appliance.screen(), &Screen::StorageFull);
    let error = bench.appliance.take_journal_error().unwrap();
    assert_eq!(error.to_string(), "the disk is full, the record is not written");
    assert!(bench.records().is_empty());
    bench.turn(Some(Button::Next));
    assert_eq!(bench.appliance.screen(), &Screen::StorageFull);
    bench.store.set_room(1 << 20);
    bench.wait(Duration::from_secs(15));
    assert_eq!(bench.appliance.screen(), &Screen::Attract { poses: 2, notice: None });
    assert_eq!(bench.records().len(), 1);
    assert_eq!(bench.records()[0].outcome, Outcome::Likely);
}

#[test]
fn a_person_who_leaves_is_forgotten() {
    let mut bench = Bench::with_store(FakeStore::new());
    bench.begin();
    bench.turn(Some(Button::Stop));
    assert_eq!(bench.appliance.screen(), &Screen::Wiped(Goodbye::Stopped));
    let pictures = bench.pictures.get();
    bench.wait(timing::WIPED * 2);
    assert_eq!(bench.appliance.screen(), &Screen::Attract { poses: 2, notice: None });
    assert_eq!(bench.pictures.get(), pictures, "the camera looked on after the end");
    assert_eq!(bench.records()[0].outcome, Outcome::Stopped);
    assert_eq!(bench.forgot.get(), 1, "the judge holds one person against the next");
}

#[test]
fn a_display_that_is_plugged_in_later_shows_the_present_screen() {
    let mut bench = Bench::with_store(FakeStore::new());
    bench.away.set(true);
    bench.wait(Duration::from_secs(5));
    let complaints = bench.appliance.take_complaints();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert_eq!(complaints[0].message, "no display is connected to fake");
    let shown = bench.shown.get();
    bench.away.set(false);
    bench.wait(Duration::from_secs(2));
    assert_eq!(bench.shown.get(), shown + 1, "shown once, without a new screen");
    assert_eq!(bench.appliance.screen(), &Screen::Attract { poses: 2, notice: None });
    // The kiosk went on all the while.
    bench.away.set(true);
    bench.begin();
    bench.finish();
    assert_eq!(bench.records().len(), 1);
}

#[test]
fn a_finger_presses_only_what_is_drawn() {
    let mut bench = Bench::with_store(FakeStore::new());
    let tap = |bench: &mut Bench, x, y| {
        bench.now += Duration::from_millis(200);
        bench.appliance.turn(bench.now, Some(Press::Tap(Place { x, y }))).unwrap();
    };
    tap(&mut bench, 0.1, 0.1);
    assert_eq!(bench.appliance.screen(), &Screen::Attract { poses: 2, notice: None });
    // Start is at the lower right, above the footer; so is the agreement, and the refusal left of it.
    tap(&mut bench, 0.85, 0.8);
    tap(&mut bench, 0.5, 0.02);
    assert!(matches!(bench.appliance.screen(), Screen::Language { .. }), "{:?}", bench.appliance.screen());
    tap(&mut bench, 0.25, 0.35);
    assert_eq!(bench.appliance.screen(), &Screen::Consent);
    tap(&mut bench, 0.5, 0.1);
    assert_eq!(bench.appliance.screen(), &Screen::Consent);
    tap(&mut bench, 0.5, 0.8);
    assert_eq!(bench.appliance.screen(), &Screen::Wiped(Goodbye::Declined));
}

#[test]
fn a_broken_panel_ends_the_kiosk() {
    let mut bench = Bench::with_store(FakeStore::new());
    bench.broken.set(true);
    bench.now += Duration::from_secs(1);
    let error = bench.appliance.turn(bench.now, Some(Button::Next.into())).unwrap_err();
    assert_eq!(error.to_string(), "no panel");
}

/// Answers the technician, and remembers the clock.
struct FakeCaretaker(Rc<Cell<u64>>);

impl Caretaker for FakeCaretaker {
    fn tell(&mut self, task: Task) -> Vec<String> {
        vec![format!("{task:?} is well")]
    }

    fn time(&self) -> u64 {
        1_800_000_000
    }

    fn set_clock(&mut self, seconds: u64) -> Result<(), String> {
        self.0.set(seconds);
        Err("no clock here".to_owned())
    }
}

#[test]
fn a_technician_comes_in_by_a_long_press_and_touches_alone() {
    let mut bench = Bench::with_store(FakeStore::new());
    let clock = Rc::default();
    bench.appliance.set_caretaker(Pin::of("0000"), Box::new(FakeCaretaker(Rc::clone(&clock))));
    let send = |bench: &mut Bench, press: Press| {
        bench.now += Duration::from_millis(200);
        bench.appliance.turn(bench.now, Some(press)).unwrap();
        bench.now += Duration::from_millis(200);
        bench.appliance.turn(bench.now, None).unwrap();
    };
    send(&mut bench, Press::Held);
    // The digit 0 is the first of the first row.
    for _ in 0..4 {
        assert!(matches!(bench.appliance.screen(), Screen::Technician(Workshop::Pin { .. })));
        send(&mut bench, Press::Tap(Place { x: 0.1, y: 0.42 }));
    }
    assert!(matches!(bench.appliance.screen(), Screen::Technician(Workshop::Menu { .. })));
    send(&mut bench, Button::Pick(0).into());
    let lines = Some(vec!["SelfTest is well".to_owned()]);
    let report = Screen::Technician(Workshop::Report { task: Task::SelfTest, lines });
    assert_eq!(bench.appliance.screen(), &report);
    send(&mut bench, Button::Next.into());
    // What is pressed is shown instead of done, until something is held.
    send(&mut bench, Button::Pick(2).into());
    for (press, last) in [
        (Button::Stop.into(), Pressed::Button(Button::Stop)),
        (Press::Tap(Place { x: 0.5, y: 0.25 }), Pressed::Touch { x: 500, y: 250 }),
    ] {
        send(&mut bench, press);
        let shown = bench.appliance.screen().clone();
        assert!(matches!(shown, Screen::Technician(Workshop::Input { last: Some(one), .. }) if one == last));
    }
    send(&mut bench, Press::Held);
    send(&mut bench, Button::Pick(6).into());
    send(&mut bench, Button::Pick(10).into());
    assert_eq!(clock.get(), 1_800_000_000);
    assert_eq!(bench.appliance.take_complaints()[0].message, "no clock here");
    // The camera is on while it is looked through, and nothing of it is recorded.
    bench.consented.set(true);
    send(&mut bench, Button::Pick(1).into());
    assert!(bench.appliance.camera_runs());
    send(&mut bench, Button::Next.into());
    assert!(!bench.appliance.camera_runs());
    send(&mut bench, Button::Stop.into());
    assert_eq!(bench.appliance.screen(), &Screen::Attract { poses: 2, notice: None });
    assert!(bench.records().is_empty());
}
