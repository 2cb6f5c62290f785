//! `run`: the appliance.

use super::{Refusal, public_keys, read_working_bundle, trusted_keys};
use crate::{
    appliance::{Appliance, Complaint},
    buttons::{self, Press},
    camera::{self, Camera, CameraError, wish::Wish},
    caretaker::CardCaretaker,
    judge::{Judge, NoJudge, ScreenerJudge, plan_of_unit},
    panel::{self, Panel},
    remember::{SealedLog, this_week},
    selftest,
    session::event::Plan,
    start::{self, Start},
    stick::{MountedFolder, Service},
    unit::{Card, Unit, pin, spoken_languages},
};
use age::x25519;
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};
use synkiosk_boards::{
    Profile,
    profile::{CameraSource, PanelOutput},
};
use synkiosk_journal::{BoundedJournal, Journal, Options, quota::CountInName};
use synkiosk_models::bundle::Bundle;

/// Example: synkiosk-device run --board desk --camera /dev/video0 --out kiosk
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device run --board desk --camera /dev/video0 --out kiosk\n\
                        Keys on a desk: Enter goes on, b goes back, s stops, n declines, h is a long press; the end of input ends.")]
pub struct Args {
    /// The board's profile
    #[arg(long, value_name = "NAME")]
    pub board: String,
    /// The camera's device, instead of the profile's
    #[arg(long, value_name = "DEVICE")]
    pub camera: Option<PathBuf>,
    /// Where the journal goes, and the present screen of a board without a panel
    #[arg(long, value_name = "DIR", default_value = "target/run")]
    pub out: PathBuf,
    /// The card's data: models and journal; the newest model there is at work, instead of the shipped one
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    pub data: Option<PathBuf>,
    /// A mounted card or stick whose synkiosk/inbox is looked into at the start
    #[arg(long, value_name = "DIR", requires = "data")]
    pub inbox: Vec<PathBuf>,
    /// A mounted stick: served as a kiosk serves one that is plugged in, while nobody is screened
    #[arg(long, value_name = "DIR", requires = "data")]
    pub stick: Option<PathBuf>,
    /// A bundle, instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// A public key that may sign the bundle
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The collector's age recipient, for whom records are sealed
    #[arg(long, value_name = "AGE1...")]
    pub recipient: Option<String>,
}

const PANEL_HELP: &str = "check the room and the permissions in the panel's folder";

/// Runs the kiosk until its input ends.
///
/// # Errors
/// A `Refusal`, when the board, camera, bundle or a folder is refused.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let profile = Profile::named(&args.board).map_err(|error| Refusal::checked(&error, error.help()))?;
    // First, so that a bundle that is refused leaves nothing behind.
    let named = if args.data.is_none() { Some(named_bundle(args, &profile)?) } else { None };
    let mut panel = open_panel(&profile, &args.out)?;
    let mut camera = open_camera(&profile, args.camera.as_deref())?;
    let card = card_of(args, &profile)?;
    let mut unit = card.as_ref().map(Card::unit);
    let mut start = start_of(args, named, unit.as_mut(), out)?;
    writeln!(out, "{}", selftest::camera(&mut *camera))?;
    writeln!(out, "{}", selftest::panel(&mut *panel))?;
    let log = open_log(args, &profile, unit.as_ref(), out)?;
    let panel_failed = |error| Refusal::could_not(format!("could not show a screen: {error}"), PANEL_HELP);
    let mut appliance = match &start.bundle {
        Some(bundle) => {
            let (judge, plan) = judge_of(bundle, unit.as_ref(), &mut start.complaints)?;
            Appliance::new((camera, panel, log, judge), plan, profile.panel())
        }
        None => Appliance::without_model(
            (camera, panel, log, Box::new(NoJudge) as Box<dyn Judge>),
            profile.panel(),
        ),
    }
    .map_err(panel_failed)?;
    appliance.set_notice(Duration::ZERO, start.notice).map_err(panel_failed)?;
    settle(&mut appliance, (unit.as_ref(), card.as_ref()), &mut start.complaints).map_err(panel_failed)?;
    let presses = open_buttons(&profile, out)?;
    let mut complain = |complaint: &Complaint| {
        eprintln!("error: {}\nhelp: {}", complaint.message, complaint.help);
    };
    start.complaints.iter().for_each(&mut complain);
    let stick = args.stick.as_deref().map(MountedFolder::new);
    let mut service = stick.zip(card).map(|(stick, card)| Service::new(stick, card));
    work(&mut appliance, service.as_mut(), &presses, (&mut complain, out))?;
    match appliance.take_journal_error() {
        Some(error) => Err(Refusal::could_not(&error, error.help()).into()),
        None => Ok(()),
    }
}

/// What the settings say of languages and of the technician's PIN.
fn settle(
    appliance: &mut Desk,
    (unit, card): (Option<&Unit>, Option<&Card>),
    complaints: &mut Vec<Complaint>,
) -> std::io::Result<()> {
    let (Some(unit), Some(card)) = (unit, card) else { return Ok(()) };
    let (languages, unknown) = unit.settings().map_or_else(Default::default, spoken_languages);
    complaints.extend(unknown.into_iter().map(|code| Complaint {
        message: format!("the settings' language {code} is none that this program speaks"),
        help: "make the settings with languages of en, de, fr, es, tr, ar",
    }));
    let no_clock = Box::new(|_| Err("the clock of a desk is its own system's".to_owned()));
    appliance.set_caretaker(pin(unit), Box::new(CardCaretaker::new(card.clone(), no_clock)));
    appliance.set_languages(&languages)
}

/// Who hears of faults.
type Complain<'a> = &'a mut dyn FnMut(&Complaint);

type Desk = Appliance<Box<dyn Camera>, Box<dyn Panel>, SealedLog<BoundedJournal>, Box<dyn Judge>>;

/// Works in real time until the source of presses ends.
fn work(
    appliance: &mut Desk,
    mut service: Option<&mut Service<MountedFolder>>,
    presses: &Receiver<Press>,
    (complain, out): (Complain<'_>, &mut dyn Write),
) -> anyhow::Result<()> {
    let panel_failed = |error| Refusal::could_not(format!("could not show a screen: {error}"), PANEL_HELP);
    let began = Instant::now();
    while let Ok(press) = appliance.wait(presses) {
        appliance.turn(began.elapsed(), press).map_err(panel_failed)?;
        appliance.take_complaints().iter().for_each(&mut *complain);
        let dropped = appliance.take_dropped();
        if dropped > 0 {
            let message = format!("the disk is full: {dropped} sessions were dropped unread");
            complain(&Complaint { message, help: "collect the journal with a stick, which makes room" });
        }
        let Some(service) = &mut service else { continue };
        if let Some(report) = service.turn(began.elapsed(), appliance).map_err(panel_failed)? {
            report.lines.iter().try_for_each(|line| writeln!(out, "stick:   {line}"))?;
            if report.needs_start {
                writeln!(
                    out,
                    "stick:   what it brought counts from the next start on: end with the input's end"
                )?;
            }
        }
    }
    Ok(())
}

/// The card's data, if there are any.
fn card_of(args: &Args, profile: &Profile) -> Result<Option<Card>, Refusal> {
    let Some(data) = args.data.clone() else { return Ok(None) };
    let more_keys = public_keys(profile.accepts_demo_key(), args.key.as_deref())?;
    Ok(Some(Card { data, came_with: Vec::new(), more_keys, profile: profile.clone() }))
}

/// The bundle that was named, or the shipped one.
fn named_bundle(args: &Args, profile: &Profile) -> Result<Bundle, Refusal> {
    let keys = trusted_keys(profile.accepts_demo_key(), args.key.as_deref())?;
    read_working_bundle(args.bundle.as_deref(), &keys)
}

/// The model to work with: the newest on the card, or a single bundle where there is no card.
fn start_of(
    args: &Args,
    named: Option<Bundle>,
    unit: Option<&mut Unit>,
    out: &mut dyn Write,
) -> anyhow::Result<Start> {
    let (Some(data), Some(unit)) = (&args.data, unit) else {
        return Ok(Start {
            bundle: named,
            findings: Vec::new(),
            notice: None,
            complaints: Vec::new(),
            clock: None,
        });
    };
    let start = start::start(data, &args.inbox, unit);
    for finding in &start.findings {
        writeln!(out, "{finding}")?;
    }
    Ok(start)
}

fn judge_of(
    bundle: &Bundle,
    unit: Option<&Unit>,
    complaints: &mut Vec<Complaint>,
) -> Result<(Box<dyn Judge>, Plan), Refusal> {
    let judge = ScreenerJudge::new(bundle).map_err(|error| Refusal::checked(&error, error.help()))?;
    let told = unit.and_then(Unit::settings).map_or(&[][..], |settings| &settings.poses);
    let (plan, complaint) =
        plan_of_unit(bundle.manifest(), told).map_err(|error| Refusal::checked(&error, error.help()))?;
    complaints.extend(complaint);
    Ok((Box::new(judge), plan))
}

/// The board's own panel, or the picture of the present screen.
fn open_panel(profile: &Profile, folder: &Path) -> Result<Box<dyn Panel>, Refusal> {
    if profile.panel().output != PanelOutput::Picture {
        return panel::open(profile).map_err(|error| Refusal::could_not(&error, error.help()));
    }
    open_picture(folder)
}

#[cfg(feature = "demo")]
fn open_picture(folder: &Path) -> Result<Box<dyn Panel>, Refusal> {
    let panel = panel::picture::PicturePanel::of_present_screen(folder).map_err(|error| {
        let message = format!("could not make {}: {error}", folder.display());
        Refusal::could_not(message, "check the permissions there, or pass another --out")
    })?;
    Ok(Box::new(panel))
}

#[cfg(not(feature = "demo"))]
fn open_picture(_: &Path) -> Result<Box<dyn Panel>, Refusal> {
    Err(Refusal::could_not("this program was built for boards with a panel", "pass the --board that this is"))
}

/// The board's own buttons; a board without a panel stands on a desk, and takes lines from the terminal.
fn open_buttons(profile: &Profile, out: &mut dyn Write) -> anyhow::Result<Receiver<Press>> {
    if profile.panel().output == PanelOutput::Picture {
        writeln!(
            out,
            "kiosk {}: Enter goes on, b goes back, s stops, n declines, h is a long press",
            profile.name()
        )?;
        return Ok(buttons::lines::of_lines(std::io::stdin()));
    }
    writeln!(out, "kiosk {}", profile.name())?;
    let complain = |error: buttons::ButtonError| eprintln!("error: {error}\nhelp: {}", error.help());
    let presses = buttons::open(profile, complain);
    Ok(presses.map_err(|error| Refusal::could_not(&error, error.help()))?)
}

fn open_camera(profile: &Profile, named: Option<&Path>) -> Result<Box<dyn Camera>, Refusal> {
    let device = match (named, &profile.camera().source) {
        (Some(device), _) => device,
        (None, CameraSource::V4l2 { device, .. }) => Path::new(device),
        (None, CameraSource::Recorded) => {
            return Err(Refusal::could_not(
                format!("board {} has no camera of its own", profile.name()),
                "pass --camera /dev/video0, or run synkiosk-device demo",
            ));
        }
    };
    let could_not = |error: CameraError| Refusal::could_not(&error, error.help());
    let mut camera = camera::open(device, Wish::of(profile.camera())).map_err(could_not)?;
    // One that was named has to be there; the board's own is waited for.
    if named.is_some() {
        camera.check().map_err(could_not)?;
    }
    Ok(camera)
}

fn open_log(
    args: &Args,
    profile: &Profile,
    unit: Option<&Unit>,
    out: &mut dyn Write,
) -> anyhow::Result<SealedLog<BoundedJournal>> {
    let told = unit.and_then(Unit::recipient);
    let recipient = match (&args.recipient, told) {
        (Some(text), _) => text.parse::<x25519::Recipient>().map_err(|cause| {
            Refusal::checked(
                format!("{text:?} is no age recipient: {cause}"),
                "pass the collector's age1... line",
            )
        })?,
        (None, Some(told)) => told,
        (None, None) => {
            writeln!(out, "no --recipient: records are sealed for a key that nobody has")?;
            x25519::Identity::generate().to_public()
        }
    };
    let data = args.data.as_ref().unwrap_or(&args.out);
    let (journal, _) = Journal::open(&data.join(start::JOURNAL), recipient, Options::default())
        .map_err(|error| Refusal::could_not(&error, error.help()))?;
    let board = profile
        .name()
        .parse()
        .map_err(|error: synkiosk_journal::words::WordError| Refusal::checked(&error, error.help()))?;
    let journal = BoundedJournal::new(journal, CountInName::new(data));
    let log = SealedLog::new(journal, board, this_week());
    Ok(match unit.and_then(|unit| Some((unit.name().parse().ok()?, unit.slip_key()?.clone()))) {
        Some((name, key)) => log.signing(name, key),
        None => log,
    })
}
