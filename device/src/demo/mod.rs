//! A whole screening session on recorded pictures: the appliance's own code from the camera to the journal, with
//! a visitor who reads the screens and presses the button, in a time that runs as fast as the machine.

pub mod contact_sheet;
mod error;
mod judge;
mod output;
pub mod people;
mod report;
#[cfg(feature = "serve")]
pub mod serve;
mod visitor;

pub use error::DemoError;
pub use report::{PersonResult, PoseResult, StageMs};

use crate::{
    appliance::Appliance,
    buttons::Press,
    camera::recorded::{RecordedCamera, Series},
    judge::plan_of,
    panel::picture::PicturePanel,
    remember::{SealedLog, signing_for_show, this_week},
    session::event::Plan,
};
use age::x25519;
use judge::DemoJudge;
use output::Output;
use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};
use synkiosk_boards::profile;
use synkiosk_journal::{Journal, Options};
use synkiosk_models::bundle::Bundle;
use visitor::Visitor;

/// Whom the demo screens.
#[derive(Debug, Clone)]
pub enum People {
    /// The two rendered people that come with the program.
    Shipped,
    /// A person's folder.
    Series(PathBuf),
    /// A single picture.
    Photo(PathBuf),
}

impl People {
    fn read(&self) -> Result<Vec<Series>, DemoError> {
        Ok(match self {
            People::Shipped => people::shipped()?,
            People::Series(folder) => vec![Series::read(folder)?],
            People::Photo(file) => vec![Series::of_picture(file)?],
        })
    }
}

/// The profile whose panel is drawn.
const BOARD: &str = "desk";

/// Screens everybody, writes all output under `out`, and prints what was found.
///
/// # Errors
/// On the first thing that is refused or fails; `result.json` is written only when all is done.
pub fn run(people: &People, bundle: &Bundle, out: &Path, print: &mut dyn Write) -> Result<(), DemoError> {
    let everybody = people.read()?;
    let profile = synkiosk_boards::Profile::named(BOARD)?;
    let plan = plan_of(bundle.manifest()).map_err(DemoError::Name)?;
    let single = matches!(people, People::Photo(_));
    // Before anything is written, or of an earlier demo removed.
    everybody.iter().try_for_each(|series| DemoJudge::new(bundle, single)?.check(series))?;
    let output = Output::prepare(out, everybody.iter().map(|series| series.person.as_str()))?;
    // Made for this run and forgotten after it: the demo proves that records open, and keeps no key.
    let collector = x25519::Identity::generate();
    let (journal, _) = Journal::open(&output.journal(), collector.to_public(), Options::default())?;
    let board = profile.name().parse().map_err(DemoError::Name)?;
    let log = SealedLog::new(journal, board, this_week());
    let mut log = signing_for_show(log).map_err(|cause| DemoError::write(out, cause))?;
    let mut results = Vec::new();
    for series in everybody {
        let judge = DemoJudge::new(bundle, single)?;
        let folder = output.person(&series.person);
        let (result, used_log) = screen(series, (judge, log), plan.clone(), &folder, profile.panel())?;
        log = used_log;
        result.print(&folder, print).map_err(DemoError::Print)?;
        results.push(result);
    }
    drop(log);
    let records = output.read_back(&collector, &results)?;
    output.write_result(&results)?;
    let mut last = || {
        writeln!(print, "journal: {records} records sealed and read back")?;
        writeln!(print, "result:  {}", output.result().display())
    };
    last().map_err(DemoError::Print)
}

/// One person's session, from the first screen to the last.
fn screen(
    series: Series,
    (judge, log): (DemoJudge, SealedLog),
    plan: Plan,
    folder: &Path,
    panel_of: &profile::Panel,
) -> Result<(PersonResult, SealedLog), DemoError> {
    let Series { person, label, pictures } = series;
    let poses: Vec<_> = pictures.iter().map(|(pose, _)| *pose).collect();
    let plan = Plan { poses: poses.clone(), ..plan };
    let panel = PicturePanel::of_all_screens(folder).map_err(|cause| DemoError::write(folder, cause))?;
    let parts = (RecordedCamera::new(pictures), panel, log, judge);
    let show_error = |cause| DemoError::write(folder, cause);
    let mut appliance = Appliance::new(parts, plan, panel_of).map_err(show_error)?;
    let mut visitor = Visitor::new(poses);
    let mut now = Duration::ZERO;
    while !visitor.has_left() {
        let press = visitor.look(appliance.screen());
        if let Some(pose) = visitor.pose() {
            appliance.camera_mut().turn_to(pose);
        }
        now += visitor.pace(appliance.screen());
        appliance.turn(now, press.map(Press::from)).map_err(show_error)?;
        if let Some(error) = appliance.take_journal_error() {
            return Err(error.into());
        }
    }
    let (mut panel, log, judge) = appliance.into_parts();
    let result = judge.into_result(person, label)?;
    let index = folder.join("index.png");
    let files = panel.finish().map_err(show_error)?;
    contact_sheet::write(&files, &index).map_err(|cause| DemoError::write(&index, cause))?;
    Ok((result, log))
}
