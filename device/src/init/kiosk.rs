//! The kiosk on a board: session after session, until something fails that only another start mends.

use super::{
    command_line::CommandLine,
    console::{say, since_start},
    faults,
    keeper::Heart,
    mounts,
    notices::Notices,
    storage, test_image, unit,
};
use crate::{
    appliance::Appliance,
    buttons::Press,
    camera::{self, Camera, wish::Wish},
    judge::{Judge, NoJudge, ScreenerJudge, plan_of},
    panel::Panel,
    remember::{SealedLog, week_or_start},
    selftest,
    session::{event::Plan, screen::Screen},
    start::{self, Start},
};
use age::x25519;
use std::{
    path::{Path, PathBuf},
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};
use synkiosk_boards::{Profile, profile::CameraSource};
use synkiosk_journal::{Journal, JournalError};

type Kiosk = Appliance<Box<dyn Camera>, Box<dyn Panel>, SealedLog, Box<dyn Judge>>;

/// Faults in a row are followed by such a pause.
const PAUSE: Duration = Duration::from_secs(600);
/// A kiosk that has worked for so long works: its next fault is the first again.
const WORKS: Duration = Duration::from_secs(600);
/// What is missing is looked for so often.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// So long stands that the log was set aside.
const TOLD: Duration = Duration::from_secs(10);

/// Works. Every step that fails is shown and tried again.
pub(super) fn work(
    (profile, command_line): (&Profile, &CommandLine),
    (data, number): (&Path, u32),
    presses: &Receiver<Press>,
    mut notices: Notices,
) -> ! {
    if faults::in_a_row() >= faults::MANY {
        notices.hold(&Screen::KeepsFailing, PAUSE);
        faults::works();
    }
    let folders = unit::folders(data);
    let recipient = notices.until(TRY_AGAIN, || unit::recipient(&folders).ok_or(Screen::NotSetUp));
    let journal = journal(data, &recipient, &mut notices);
    let begun = start::start(data, &[PathBuf::from(mounts::BOOT)], &unit::trusted_keys(&folders, profile));
    report_start(&begun);
    let mut camera = notices.until(TRY_AGAIN, || camera(profile).ok_or(Screen::CameraMissing));
    let board = profile.name().parse().expect("a profile's name is a short name");
    let log = SealedLog::with_clock(journal, board, move || week_or_start(number));
    let size = profile.panel().screen_size();
    let (mut panel, heart) = notices.into_parts();
    say(selftest::camera(&mut *camera).to_string());
    say(selftest::panel(&mut *panel).to_string());
    let kiosk = match model(&begun) {
        Some((judge, plan)) => Appliance::new((camera, panel, log, judge), plan, size),
        None => Appliance::without_model((camera, panel, log, Box::new(NoJudge) as Box<dyn Judge>), size),
    };
    let noticed = |mut kiosk: Kiosk| kiosk.set_notice(since_start(), begun.notice).map(|()| kiosk);
    let ended = match kiosk.and_then(noticed) {
        Ok(mut kiosk) => turn(&mut kiosk, presses, &heart, command_line),
        Err(error) => format!("the panel failed: {error}"),
    };
    faults::ended_with(&ended);
    faults::start_again()
}

fn journal(data: &Path, recipient: &x25519::Recipient, notices: &mut Notices) -> Journal {
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
    journal
}

fn report_start(start: &Start) {
    for finding in &start.findings {
        say(finding.to_string());
    }
    for complaint in &start.complaints {
        faults::note(&format!("{}; {}", complaint.message, complaint.help));
    }
}

fn model(start: &Start) -> Option<(Box<dyn Judge>, Plan)> {
    let bundle = start.bundle.as_ref()?;
    let judge = ScreenerJudge::new(bundle).map_err(|error| say(error.to_string())).ok()?;
    let plan = plan_of(bundle.manifest()).map_err(|error| say(error.to_string())).ok()?;
    Some((Box::new(judge), plan))
}

/// The board's camera, which need not be there yet.
fn camera(profile: &Profile) -> Option<Box<dyn Camera>> {
    let CameraSource::V4l2 { device, .. } = &profile.camera().source else { return None };
    camera::open(Path::new(device), Wish::of(profile.camera())).map_err(|error| say(error.to_string())).ok()
}

/// Turns until something fails, and says what.
fn turn(kiosk: &mut Kiosk, presses: &Receiver<Press>, heart: &Heart, command_line: &CommandLine) -> String {
    let began = Instant::now();
    let mut said = String::new();
    heart.turns();
    loop {
        heart.beat();
        report(kiosk, &mut said);
        test_image::fail_if_asked(command_line);
        let Ok(press) = kiosk.wait(presses) else { return "the buttons have ended".to_owned() };
        if let Err(error) = kiosk.turn(since_start(), press) {
            return format!("the panel failed: {error}");
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
    for complaint in kiosk.take_complaints() {
        say(format!("{}; {}", complaint.message, complaint.help));
    }
}
