//! `run`: the appliance.

use super::{Refusal, read_bundle, trusted_keys};
use crate::{
    appliance::{Appliance, Complaint},
    buttons::{self, Press},
    camera::{self, Camera, CameraError, wish::Wish},
    judge::{Judge, NoJudge, ScreenerJudge, plan_of},
    panel::{self, Panel},
    remember::{SealedLog, this_week},
    selftest,
    session::event::Plan,
    start::{self, Start},
};
use age::x25519;
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::mpsc::Receiver,
    time::Duration,
};
use synkiosk_boards::{
    Profile,
    profile::{CameraSource, PanelOutput},
};
use synkiosk_journal::{Journal, Options};
use synkiosk_models::bundle::Bundle;

/// Example: synkiosk-device run --board desk --camera /dev/video0 --out kiosk
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device run --board desk --camera /dev/video0 --out kiosk\n\
                        Keys on a desk: Enter goes on, b goes back, s stops, n declines; the end of input ends.")]
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

/// Runs the kiosk until its input ends.
///
/// # Errors
/// A `Refusal`, when the board, camera, bundle or a folder is refused.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let profile = Profile::named(&args.board).map_err(|error| Refusal::checked(&error, error.help()))?;
    let mut panel = open_panel(&profile, &args.out)?;
    let mut camera = open_camera(&profile, args.camera.as_deref())?;
    let start = start_of(args, &profile, out)?;
    writeln!(out, "{}", selftest::camera(&mut *camera))?;
    writeln!(out, "{}", selftest::panel(&mut *panel))?;
    let log = open_log(args, &profile, out)?;
    let panel_failed = |error| {
        let help = "check the room and the permissions in the panel's folder";
        Refusal::could_not(format!("could not show a screen: {error}"), help)
    };
    let size = profile.panel().screen_size();
    let mut appliance = match &start.bundle {
        Some(bundle) => {
            let (judge, plan) = judge_of(bundle)?;
            Appliance::new((camera, panel, log, judge), plan, size)
        }
        None => Appliance::without_model((camera, panel, log, Box::new(NoJudge) as Box<dyn Judge>), size),
    }
    .map_err(panel_failed)?;
    appliance.set_notice(Duration::ZERO, start.notice).map_err(panel_failed)?;
    let presses = open_buttons(&profile, out)?;
    let mut complain = |complaint: &Complaint| {
        eprintln!("error: {}\nhelp: {}", complaint.message, complaint.help);
    };
    start.complaints.iter().for_each(&mut complain);
    appliance.run(&presses, &mut complain).map_err(panel_failed)?;
    match appliance.take_journal_error() {
        Some(error) => Err(Refusal::could_not(&error, error.help()).into()),
        None => Ok(()),
    }
}

/// The model to work with: the newest on the card, or a single bundle where there is no card.
fn start_of(args: &Args, profile: &Profile, out: &mut dyn Write) -> anyhow::Result<Start> {
    let keys = trusted_keys(profile.accepts_demo_key(), args.key.as_deref())?;
    let Some(data) = &args.data else {
        let bundle = read_bundle(args.bundle.as_deref(), &keys)?;
        return Ok(Start {
            bundle: Some(bundle),
            findings: Vec::new(),
            notice: None,
            complaints: Vec::new(),
        });
    };
    let start = start::start(data, &args.inbox, &keys);
    for finding in &start.findings {
        writeln!(out, "{finding}")?;
    }
    Ok(start)
}

fn judge_of(bundle: &Bundle) -> Result<(Box<dyn Judge>, Plan), Refusal> {
    let judge = ScreenerJudge::new(bundle).map_err(|error| Refusal::checked(&error, error.help()))?;
    let plan = plan_of(bundle.manifest()).map_err(|error| Refusal::checked(&error, error.help()))?;
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
        writeln!(out, "kiosk {}: Enter goes on, b goes back, s stops, n declines", profile.name())?;
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

fn open_log(args: &Args, profile: &Profile, out: &mut dyn Write) -> anyhow::Result<SealedLog> {
    let recipient = match &args.recipient {
        Some(text) => text.parse::<x25519::Recipient>().map_err(|cause| {
            Refusal::checked(
                format!("{text:?} is no age recipient: {cause}"),
                "pass the collector's age1... line",
            )
        })?,
        None => {
            writeln!(out, "no --recipient: records are sealed for a key that nobody has")?;
            x25519::Identity::generate().to_public()
        }
    };
    let folder = args.data.as_ref().unwrap_or(&args.out).join(start::JOURNAL);
    let (journal, _) = Journal::open(&folder, recipient, Options::default())
        .map_err(|error| Refusal::could_not(&error, error.help()))?;
    let board = profile
        .name()
        .parse()
        .map_err(|error: synkiosk_journal::words::WordError| Refusal::checked(&error, error.help()))?;
    Ok(SealedLog::new(journal, board, this_week()))
}
