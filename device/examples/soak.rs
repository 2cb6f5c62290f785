//! Whether a kiosk stays as it is: `soak [MINUTES]`, 60 by default, in real time; `soak day`, 24 hours of a clock that goes as
//! fast as the machine, with 5 pictures a second and a row of the table an hour. The appliance's own loop with a camera that
//! gives recorded JPEGs, 30 a second in real time, a visitor who presses through one session after the other, and a stick
//! every second visit.
//!
//! Once a minute, when the first screen is back: memory, open files, threads, and how long frames took. Ends with 1 where
//! memory has grown by more than a hundredth since the fifth minute, or a file or thread was left open.
#![forbid(unsafe_code)]

use age::x25519;
use anyhow::{Context, bail, ensure};
use std::{
    cell::Cell,
    fs, io,
    path::Path,
    rc::Rc,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use synkiosk_boards::{Profile, profile::Rotation};
use synkiosk_device::{
    appliance::Appliance,
    buttons::Press,
    camera::{
        Camera, CameraError,
        luma::{self, Layout, Pixels},
    },
    demo::people,
    frame::Frame,
    judge::{ScreenerJudge, plan_of},
    panel::{
        Panel,
        fit::{Fit, xrgb8888},
    },
    remember::{SealedLog, week_or_start},
    session::{event::Button, screen::Screen},
    start::{JOURNAL, MODELS, journal, start},
    stick::{MountedFolder, Service},
    unit::Card,
};
use synkiosk_journal::{
    BoundedJournal, Options, Record,
    quota::CountInName,
    record::{BundleId, Format, IndexRecords, Outcome},
    when::When,
    words::{SessionId, Version},
};
use synkiosk_models::{
    bundle::{self, DEMO_PUBLIC_KEY},
    photo::Photo,
    pose::Pose,
};

/// From one picture to the next, in real time and in a simulated day.
const STEP: Duration = Duration::from_nanos(1_000_000_000 / 30);
const STEP_OF_A_DAY: Duration = Duration::from_millis(200);
/// The panel's pixels.
const PANEL: (u32, u32) = (800, 480);
/// A visitor reads so long before a press.
const READS: Duration = Duration::from_millis(1_500);
/// Whole segments in the journal from the start.
const FULL_SEGMENTS: u32 = 2;
/// Rows of the table before memory is taken for what it will stay at.
const WARM: usize = 5;

/// What goes by.
enum Clock {
    Real(Instant),
    Simulated(Cell<Duration>),
}

impl Clock {
    fn now(&self) -> Duration {
        match self {
            Clock::Real(began) => began.elapsed(),
            Clock::Simulated(now) => now.get(),
        }
    }

    /// Waits in real time; in a simulated day it is later at once.
    fn wait_until(&self, due: Duration) {
        match self {
            Clock::Real(_) => thread::sleep(due.saturating_sub(self.now())),
            Clock::Simulated(now) => now.set(now.get().max(due)),
        }
    }
}

/// Shows the pose that is asked for at the clock's pace, each time decoded anew.
struct PacedCamera {
    pictures: Vec<(Pose, Layout, &'static [u8])>,
    pose: Rc<Cell<Pose>>,
    clock: Rc<Clock>,
    step: Duration,
    due: Duration,
    /// What was waited in the last turn, which is no work.
    slept: Rc<Cell<Duration>>,
}

impl PacedCamera {
    fn new(
        (clock, step): (Rc<Clock>, Duration),
        pose: Rc<Cell<Pose>>,
        slept: Rc<Cell<Duration>>,
    ) -> anyhow::Result<PacedCamera> {
        let picture = |(pose, jpeg): (Pose, &'static [u8])| {
            let photo = Photo::decode(jpeg)?;
            let layout =
                Layout { pixels: Pixels::Mjpeg, width: photo.width(), height: photo.height(), stride: 0 };
            anyhow::Ok((pose, layout, jpeg))
        };
        let pictures = people::frames().take(Pose::ALL.len()).map(picture).collect::<anyhow::Result<_>>()?;
        Ok(PacedCamera { pictures, pose, clock, step, due: Duration::ZERO, slept })
    }
}

impl Camera for PacedCamera {
    fn next(&mut self) -> Result<Photo, CameraError> {
        let waits = Instant::now();
        self.clock.wait_until(self.due);
        self.slept.set(waits.elapsed());
        self.due = (self.due + self.step).max(self.clock.now());
        let shown = self.pictures.iter().find(|(pose, ..)| *pose == self.pose.get());
        let (_, layout, jpeg) = shown.unwrap_or(&self.pictures[0]);
        luma::read(jpeg, layout, self.clock.now())
            .map_err(|cause| CameraError::Picture { camera: "recording".to_owned(), cause })
    }
}

/// Does with a frame what a framebuffer's panel does with it.
struct Pixelled {
    fit: Fit,
    pixels: Vec<u8>,
}

impl Panel for Pixelled {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        self.pixels.clear();
        self.fit.rows(frame, |_, row| {
            self.pixels.extend(row.chunks_exact(3).flat_map(xrgb8888));
        });
        Ok(())
    }
}

/// Reads each screen for a while, and goes on.
#[derive(Default)]
struct Visitor {
    screen: String,
    since: Duration,
    visits: usize,
    was_away: bool,
}

impl Visitor {
    fn press(&mut self, now: Duration, screen: &Screen, pose: &Cell<Pose>) -> Option<Button> {
        let name = match screen {
            Screen::Pose { pose: asked, .. } => {
                pose.set(*asked);
                screen.name()
            }
            Screen::Answer(view) => format!("answer {}", view.page),
            _ => screen.name(),
        };
        if name != self.screen {
            let is_first = matches!(screen, Screen::Attract { .. });
            self.visits += usize::from(is_first && std::mem::replace(&mut self.was_away, false));
            self.was_away |= matches!(screen, Screen::Consent);
            (self.screen, self.since) = (name, now);
        }
        if now - self.since < READS {
            return None;
        }
        let waits = matches!(
            screen,
            Screen::Attract { .. }
                | Screen::Language { .. }
                | Screen::Consent
                | Screen::StillThere { .. }
                | Screen::Answer(_)
                | Screen::StickDone(_)
        );
        waits.then(|| {
            self.since = now;
            Button::Next
        })
    }
}

/// What one minute was like.
struct Minute {
    /// Of the process, kB.
    resident: u64,
    files: usize,
    threads: usize,
    frames: usize,
    /// Median, 95 of 100, slowest; milliseconds.
    took: [f64; 3],
}

impl Minute {
    fn of(frames: &mut Vec<Duration>) -> anyhow::Result<Minute> {
        frames.sort_unstable();
        let at = |share: f64| {
            let place = ((frames.len() as f64 * share) as usize).min(frames.len().saturating_sub(1));
            frames.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        let took = [at(0.5), at(0.95), at(1.0)];
        let count = frames.len();
        frames.clear();
        let status = fs::read_to_string("/proc/self/status")?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Ok(Minute {
            resident: number("VmRSS:").context("the system tells no memory")?,
            threads: number("Threads:").context("the system tells no threads")? as usize,
            files: fs::read_dir("/proc/self/fd")?.count(),
            frames: count,
            took,
        })
    }
}

fn main() -> anyhow::Result<()> {
    let asked = std::env::args().nth(1).unwrap_or("60".to_owned());
    let (clock, step, row, rows) = match asked.as_str() {
        "day" => (Clock::Simulated(Cell::default()), STEP_OF_A_DAY, Duration::from_secs(3_600), 24),
        minutes => (Clock::Real(Instant::now()), STEP, Duration::from_secs(60), minutes.parse()?),
    };
    ensure!(rows > WARM, "more than {WARM} minutes are needed");
    let work = std::env::temp_dir().join(format!("synkiosk-soak-{}", std::process::id()));
    let soaked = soak((Rc::new(clock), step), (row, rows), &work);
    fs::remove_dir_all(&work)?;
    judge(&soaked?)
}

fn soak(
    (clock, step): (Rc<Clock>, Duration),
    (row, rows): (Duration, usize),
    work: &Path,
) -> anyhow::Result<Vec<Minute>> {
    let (data, stick, drawer) = (work.join("data"), work.join("stick"), work.join("drawer"));
    fs::create_dir_all(data.join(MODELS))?;
    fs::create_dir_all(&drawer)?;
    fs::write(data.join(MODELS).join("a.bundle"), bundle::shipped())?;
    let profile = Profile::named("vm").map_err(anyhow::Error::msg)?;
    let more_keys = vec![DEMO_PUBLIC_KEY.to_owned()];
    let card = Card { data: data.clone(), came_with: Vec::new(), more_keys, profile: profile.clone() };
    let begun = start(&data, &[], &mut card.unit());
    let model = begun.bundle.context("the shipped model works")?;
    let opened = journal::open(&data, &x25519::Identity::generate().to_public(), Options::default())?;
    let mut bounded = BoundedJournal::new(opened.journal, CountInName::new(&data));
    // A kiosk that has been in use: whoever serves a stick holds a whole segment, and more than that it never holds.
    while bounded.append(&record()?)?.segment <= FULL_SEGMENTS {}
    let log = SealedLog::with_clock(bounded, profile.name().parse()?, || week_or_start(1));
    let (pose, slept) = (Rc::new(Cell::new(Pose::Rest)), Rc::new(Cell::new(Duration::ZERO)));
    let camera = PacedCamera::new((clock.clone(), step), pose.clone(), slept.clone())?;
    let panel = Pixelled { fit: Fit::new(PANEL, Rotation::None), pixels: Vec::new() };
    let parts = (camera, panel, log, ScreenerJudge::new(&model)?);
    let mut kiosk = Appliance::new(parts, plan_of(model.manifest())?, PANEL)?;
    let mut service = Service::new(MountedFolder::new(&stick), card);
    // Presses come from here and not from a channel, which is waited at all the same.
    let (_kept, presses) = mpsc::channel::<Press>();
    let (mut visitor, mut frames, mut table) = (Visitor::default(), Vec::new(), Vec::new());
    println!(
        "   row  visits  resident kB  files  threads  frames  median ms  95 % ms  slowest ms  journal kB"
    );
    while table.len() < rows {
        match &*clock {
            Clock::Real(_) => drop(kiosk.wait(&presses)?),
            Clock::Simulated(_) => clock.wait_until(clock.now() + step),
        }
        if *kiosk.screen() == Screen::StickAtWork {
            // The stick is served in real time whatever the clock says.
            thread::sleep(Duration::from_millis(1));
        }
        let now = clock.now();
        let press = visitor.press(now, kiosk.screen(), &pose).map(Press::from);
        let (turn, looks) = (Instant::now(), kiosk.camera_runs());
        slept.set(Duration::ZERO);
        kiosk.turn(now, press)?;
        if looks {
            frames.push(turn.elapsed().saturating_sub(slept.get()));
        }
        if let Some(error) = kiosk.take_journal_error() {
            bail!("a record was not written: {error}");
        }
        service.turn(clock.now(), &mut kiosk)?;
        let is_first = matches!(kiosk.screen(), Screen::Attract { .. });
        let is_in = visitor.visits % 2 == 1;
        if is_first && is_in != stick.exists() {
            let (from, to) = if is_in { (&drawer, &stick) } else { (&stick, &drawer) };
            fs::rename(from, to)?;
        }
        if is_first && !is_in && (now.as_secs() / row.as_secs()) as usize > table.len() {
            let minute = Minute::of(&mut frames)?;
            tell(table.len() + 1, visitor.visits, &minute, &data.join(JOURNAL));
            table.push(minute);
        }
    }
    Ok(table)
}

/// A session that was stopped.
fn record() -> anyhow::Result<Record> {
    Ok(Record {
        format: Format,
        session: SessionId::random().map_err(|error| anyhow::anyhow!("{error}"))?,
        when: When::Boot { counter: 1 },
        software: Version { major: 0, minor: 1, patch: 0 },
        bundle: BundleId { name: "synkiosk".parse()?, version: 4 },
        board: "vm".parse()?,
        outcome: Outcome::Stopped,
        score: None,
        indices: IndexRecords::default(),
        poses: Vec::new(),
        errors: Vec::new(),
    })
}

fn tell(number: usize, visits: usize, minute: &Minute, journal: &Path) {
    let entries = fs::read_dir(journal).into_iter().flatten().flatten();
    let bytes: u64 = entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum();
    let Minute { resident, files, threads, frames, took: [median, most, slowest] } = minute;
    println!(
        "{number:6}  {visits:6}  {resident:11}  {files:5}  {threads:7}  {frames:6}  {median:9.2}  {most:7.2}  {slowest:10.2}  {:10}",
        bytes / 1024
    );
}

fn judge(table: &[Minute]) -> anyhow::Result<()> {
    let (warm, last) = (&table[WARM - 1], table.last().context("there are minutes")?);
    let growth = last.resident as f64 / warm.resident as f64 - 1.0;
    let most = |of: fn(&Minute) -> usize| table[WARM..].iter().map(of).max().unwrap_or(0);
    let (files, threads) = (most(|minute| minute.files), most(|minute| minute.threads));
    println!(
        "figure: soak: {} rows, memory {} kB after {WARM} and {} at the end ({:+.2} %), files {} and at most {files}, \
         threads {} and at most {threads}",
        table.len(),
        warm.resident,
        last.resident,
        growth * 100.0,
        warm.files,
        warm.threads,
    );
    let medians: Vec<f64> = table.iter().map(|minute| minute.took[0]).collect();
    println!(
        "figure: soak: a frame's median by row: {:.2} to {:.2} ms; the slowest frame {:.1} ms",
        medians.iter().copied().fold(f64::INFINITY, f64::min),
        medians.iter().copied().fold(0.0, f64::max),
        table.iter().map(|minute| minute.took[2]).fold(0.0, f64::max),
    );
    ensure!(growth <= 0.01, "memory has grown");
    ensure!(files <= warm.files && threads <= warm.threads, "files or threads were left open");
    Ok(())
}
