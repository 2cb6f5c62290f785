//! The kiosk on a board: session after session, until something fails that only another start mends.

use super::{
    clock,
    command_line::CommandLine,
    console::{say, since_start},
    faults,
    keeper::Heart,
    mounts,
    notices::Notices,
    stick::{self, Sockets},
    storage, test_image,
};
use crate::{
    appliance::Appliance,
    buttons::Press,
    camera::{self, Camera, wish::Wish},
    caretaker::CardCaretaker,
    code::Reader,
    cues,
    inbox::{self, Taken},
    judge::{Judge, NoJudge, ScreenerJudge, plan_of_unit},
    language::Language,
    panel::Panel,
    remember::{SealedLog, week_or_start},
    selftest,
    session::{event::Plan, screen::Screen},
    start::{self, Start},
    stick::{Port, Service},
    unit::{Card, Unit, pin, spoken_languages},
};
use age::x25519;
use std::{
    path::{Path, PathBuf},
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};
use synkiosk_boards::{
    Profile,
    profile::{Action, CameraSource},
};
use synkiosk_journal::{BoundedJournal, JournalError, quota::CountInName};

type Kiosk = Appliance<Box<dyn Camera>, Box<dyn Panel>, SealedLog<BoundedJournal>, Box<dyn Judge>>;

/// Faults in a row are followed by such a pause.
const PAUSE: Duration = Duration::from_secs(600);
/// A kiosk that has worked for so long works: its next fault is the first again.
const WORKS: Duration = Duration::from_secs(600);
/// What is missing is looked for so often.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// So long stands that the log was set aside.
const TOLD: Duration = Duration::from_secs(10);
/// A code is looked for so often: looking takes a tenth of a second on the slowest board.
const CODE_AGAIN: Duration = Duration::from_millis(200);

/// Works. Every step that fails is shown and tried again.
pub(super) fn work(
    (profile, command_line): (&Profile, &CommandLine),
    (mut sockets, number): (Sockets, u32),
    presses: &Receiver<Press>,
    mut notices: Notices,
) -> ! {
    if faults::in_a_row() >= faults::MANY {
        notices.hold(&Screen::KeepsFailing, PAUSE);
        faults::works();
    }
    let (data, boot) = (PathBuf::from(mounts::DATA), PathBuf::from(mounts::BOOT));
    let card = Card { data, came_with: vec![boot.clone()], more_keys: Vec::new(), profile: profile.clone() };
    let mut unit = card.unit();
    let begun = start::start(&card.data, &[boot], &mut unit);
    report_start(&begun);
    notices.speak(languages(&unit).first().copied().unwrap_or_default());
    let recipient = unit.recipient().unwrap_or_else(|| {
        let recipient = set_up(&card, &mut sockets, &mut notices);
        // Whatever it was told until now counts from here on.
        unit = card.unit();
        recipient
    });
    let languages = languages(&unit);
    let journal = journal(&card.data, &recipient, &mut notices);
    let mut camera = notices.until(TRY_AGAIN, || camera(profile).ok_or(Screen::CameraMissing));
    let board = profile.name().parse().expect("a profile's name is a short name");
    let log = SealedLog::with_clock(journal, board, move || week_or_start(number));
    let log = signing(log, &unit);
    let panel_of = profile.panel();
    let (mut panel, heart) = notices.into_parts();
    say(selftest::camera(&mut *camera).to_string());
    say(selftest::panel(&mut *panel).to_string());
    let kiosk = match model(&begun, &unit) {
        Some((judge, plan)) => Appliance::new((camera, panel, log, judge), plan, panel_of),
        None => Appliance::without_model((camera, panel, log, Box::new(NoJudge) as Box<dyn Judge>), panel_of),
    };
    let noticed = |mut kiosk: Kiosk| {
        kiosk.set_languages(&languages)?;
        kiosk.set_caretaker(pin(&unit), Box::new(CardCaretaker::new(card.clone(), Box::new(clock::set))));
        kiosk.set_stop_button(profile.buttons().iter().any(|button| button.action == Action::Stop));
        kiosk.set_cues(cues::open(profile, |error| say(format!("{error}; {}", error.help()))));
        kiosk.set_notice(since_start(), begun.notice).map(|()| kiosk)
    };
    let ended = match kiosk.and_then(noticed) {
        Ok(mut kiosk) => {
            let mut service = Service::new(sockets, card);
            turn(&mut kiosk, &mut service, presses, (&heart, command_line))
        }
        Err(error) => format!("the panel failed: {error}"),
    };
    faults::ended_with(&ended);
    faults::start_again()
}

/// With the unit's key, if its card keeps one.
fn signing(log: SealedLog<BoundedJournal>, unit: &Unit) -> SealedLog<BoundedJournal> {
    match (unit.name().parse(), unit.slip_key()) {
        (Ok(name), Some(key)) => log.signing(name, key.clone()),
        _ => log,
    }
}

/// Those of the settings that this program speaks; its own where there are none.
fn languages(unit: &Unit) -> Vec<Language> {
    let (spoken, unknown) = unit.settings().map_or_else(Default::default, spoken_languages);
    for code in unknown {
        faults::note(&format!("the settings' language {code} is none that this program speaks"));
    }
    spoken
}

/// Waits for a recipient, which only a stick or a code before the camera can bring now.
fn set_up(card: &Card, sockets: &mut Sockets, notices: &mut Notices) -> x25519::Recipient {
    let mut camera = camera(&card.profile);
    let mut reader = Reader::default();
    let mut served = None;
    loop {
        match sockets.look() {
            Some(there) if served.as_ref() != Some(&there) => {
                stick::serve_before_work(sockets, &there, card, notices);
                served = Some(there);
            }
            there => {
                served = there;
                notices.show(&Screen::NotSetUp);
                look_for_code(camera.as_mut(), &mut reader, card, notices);
            }
        }
        if let Some(recipient) = card.unit().recipient() {
            return recipient;
        }
    }
}

/// Looks at what is held before the camera for a while. Each picture is wiped when it has been searched; nobody is
/// screened, and the screen says what the camera is on for.
fn look_for_code(
    camera: Option<&mut Box<dyn Camera>>,
    reader: &mut Reader,
    card: &Card,
    notices: &mut Notices,
) {
    let Some(camera) = camera else { return notices.wait(TRY_AGAIN) };
    let until = Instant::now() + TRY_AGAIN;
    while Instant::now() < until {
        notices.wait(CODE_AGAIN);
        let Ok(text) = camera.next().map(|photo| reader.look(photo)) else { return notices.wait(TRY_AGAIN) };
        match text.map(|text| inbox::take_code(&text, &mut card.unit())) {
            Some(Ok(Taken::Settings { unit, clock })) => {
                say(format!("settings of {unit} were taken from a code"));
                if let Some(clock) = clock {
                    clock::set_where_wrong(clock);
                }
                stick::start_again(&card.data);
            }
            Some(Err(error)) => say(format!("code: {error}; {}", error.help())),
            _ => {}
        }
    }
}

fn journal(data: &Path, recipient: &x25519::Recipient, notices: &mut Notices) -> BoundedJournal {
    let (journal, aside) = notices.until(TRY_AGAIN, || {
        storage::open_journal(data, recipient).map_err(|error| {
            say(error.to_string());
            match error {
                JournalError::Full => Screen::StorageFull,
                _ => Screen::StorageDamaged,
            }
        })
    });
    if let Some(path) = aside {
        faults::note(&format!("the journal could not be read and is now {}", path.display()));
        notices.hold(&Screen::LogSetAside, TOLD);
    }
    BoundedJournal::new(journal, CountInName::new(data))
}

fn report_start(start: &Start) {
    for finding in &start.findings {
        say(finding.to_string());
    }
    for complaint in &start.complaints {
        faults::note(&format!("{}; {}", complaint.message, complaint.help));
    }
    if let Some(clock) = start.clock {
        clock::set_where_wrong(clock);
    }
}

fn model(start: &Start, unit: &Unit) -> Option<(Box<dyn Judge>, Plan)> {
    let bundle = start.bundle.as_ref()?;
    let judge = ScreenerJudge::new(bundle).map_err(|error| say(error.to_string())).ok()?;
    let told = unit.settings().map_or(&[][..], |settings| &settings.poses);
    let (plan, complaint) =
        plan_of_unit(bundle.manifest(), told).map_err(|error| say(error.to_string())).ok()?;
    if let Some(complaint) = complaint {
        faults::note(&format!("{}; {}", complaint.message, complaint.help));
    }
    Some((Box::new(judge), plan))
}

/// The board's camera, which need not be there yet.
fn camera(profile: &Profile) -> Option<Box<dyn Camera>> {
    let CameraSource::V4l2 { device, .. } = &profile.camera().source else { return None };
    camera::open(Path::new(device), Wish::of(profile.camera())).map_err(|error| say(error.to_string())).ok()
}

/// Turns until something fails, and says what.
fn turn(
    kiosk: &mut Kiosk,
    service: &mut Service<Sockets>,
    presses: &Receiver<Press>,
    (heart, command_line): (&Heart, &CommandLine),
) -> String {
    let began = Instant::now();
    let mut said = String::new();
    heart.turns();
    loop {
        heart.beat();
        report(kiosk, &mut said);
        test_image::fail_if_asked(command_line);
        let Ok(press) = kiosk.wait(presses) else { return "the buttons have ended".to_owned() };
        let turned = kiosk.turn(since_start(), press).and_then(|()| service.turn(since_start(), kiosk));
        match turned {
            Ok(report) => report.iter().for_each(stick::tell),
            Err(error) => return format!("the panel failed: {error}"),
        }
        if service.starts_again(kiosk) {
            stick::start_again(Path::new(mounts::DATA));
        }
        if began.elapsed() >= WORKS {
            faults::works();
        }
    }
}

/// Says on the console which screen stands there, and what the staff should know.
fn report(kiosk: &mut Kiosk, said: &mut String) {
    let screen = kiosk.screen();
    let name = screen.name();
    if *said != name {
        test_image::look_at(screen);
        if test_image::is_told(screen) {
            say(&name);
        }
        *said = name;
    }
    let dropped = kiosk.take_dropped();
    if dropped > 0 {
        faults::note(&format!(
            "the card was full: {dropped} sessions were dropped unread; collect the journal"
        ));
    }
    for complaint in kiosk.take_complaints() {
        say(format!("{}; {}", complaint.message, complaint.help));
    }
}
