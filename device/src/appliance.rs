//! Carries out what the session asks for: the only place that has a camera, a panel, a journal and a clock.
//!
//! Invariant: the live picture is the only photo held, and it is dropped, which wipes it, when the camera stops.

use crate::{
    buttons::Press,
    camera::{Camera, CameraError},
    caretaker::Caretaker,
    cues::{self, Cues, NoCues},
    frame::Frame,
    judge::Judge,
    language::Language,
    panel::Panel,
    screens::{Live, Painter},
    session::{
        Session,
        event::{Button, Effect, Event, Plan, Ticket},
        pin::Pin,
        screen::{Notice, Pressed, Screen, StickSummary, Task},
        summary::Summary,
    },
};
use std::{
    collections::VecDeque,
    io,
    sync::mpsc::{Receiver, RecvError, RecvTimeoutError, TryRecvError},
    time::Duration,
};
use synkiosk_journal::JournalError;
use synkiosk_models::photo::Photo;
use synkiosk_models::quality::Check;

/// Takes the records of sessions.
pub trait SessionLog {
    /// Keeps a record for good before it returns.
    fn append(&mut self, summary: &Summary) -> Result<(), JournalError>;

    /// Sessions that were dropped since the last call, to make room for others.
    fn take_dropped(&mut self) -> u64 {
        0
    }

    /// The answer of a session as a text that this unit has signed; `None` where there is no answer, or no key.
    fn slip(&mut self, _: &Summary) -> Option<String> {
        None
    }
}

/// A record that could not be written is tried again so often, while nobody is being screened.
const WRITE_AGAIN: Duration = Duration::from_secs(10);
/// A camera or a display that is away is looked for so often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Without live pictures the panel has nothing to follow; a press is noticed at once all the same.
const IDLE_TURN: Duration = Duration::from_millis(100);

/// A kiosk at work.
pub struct Appliance<C, P, L, J> {
    session: Session,
    camera: C,
    panel: P,
    log: L,
    judge: J,
    frame: Frame,
    painter: Painter,
    screen: Screen,
    /// What a technician asked for, until the next turn, so that the screen says before that it is looked for.
    asked: Option<(Ticket, Task)>,
    caretaker: Option<Box<dyn Caretaker>>,
    cues: Box<dyn Cues>,
    panel_found: bool,
    looked_for_panel: Duration,
    /// Screens drawn so far.
    drawn: u64,
    camera_runs: bool,
    camera_found: bool,
    looked_for_camera: Duration,
    live: Option<Photo>,
    unwritten: VecDeque<Summary>,
    tried_to_write: Duration,
    /// The session has asked for the stick to be served.
    serves_stick: bool,
    camera_error: Option<CameraError>,
    journal_error: Option<JournalError>,
    complaints: Vec<Complaint>,
}

/// Something that the staff should know, and what to do about it. The kiosk goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl<C: Camera, P: Panel, L: SessionLog, J: Judge> Appliance<C, P, L, J> {
    /// Shows the first screen; `frame` is of the panel's size. The camera is believed to be there until it fails.
    pub fn new(
        parts: (C, P, L, J),
        plan: Plan,
        frame: impl Into<Frame>,
    ) -> io::Result<Appliance<C, P, L, J>> {
        let mut appliance = Appliance::at_rest(parts, frame.into());
        appliance.handle(Duration::ZERO, Event::BundleReady(plan))?;
        Ok(appliance)
    }

    fn at_rest((camera, panel, log, judge): (C, P, L, J), frame: Frame) -> Appliance<C, P, L, J> {
        let mut appliance = Appliance {
            session: Session::new(),
            camera,
            panel,
            log,
            judge,
            frame,
            painter: Painter::new(),
            screen: Screen::NoModel,
            asked: None,
            caretaker: None,
            cues: Box::new(NoCues),
            panel_found: true,
            looked_for_panel: Duration::ZERO,
            drawn: 0,
            camera_runs: false,
            camera_found: true,
            looked_for_camera: Duration::ZERO,
            live: None,
            unwritten: VecDeque::new(),
            tried_to_write: Duration::ZERO,
            serves_stick: false,
            camera_error: None,
            journal_error: None,
            complaints: Vec::new(),
        };
        // Found first, so that the first screen is not about a missing camera.
        appliance.session = appliance.session.clone().step(Duration::ZERO, Event::CameraFound).0;
        appliance
    }

    /// The same where no bundle works: it says so and screens nobody.
    pub fn without_model(parts: (C, P, L, J), frame: impl Into<Frame>) -> io::Result<Appliance<C, P, L, J>> {
        let mut appliance = Appliance::at_rest(parts, frame.into());
        appliance.handle(Duration::ZERO, Event::BundleMissing)?;
        // To the session, nothing has changed since it began: it asks for no other screen.
        appliance.draw()?;
        Ok(appliance)
    }

    /// The languages that a visitor may choose, the first one before the choice; all there are where it is empty.
    ///
    /// # Errors
    /// When the panel fails.
    pub fn set_languages(&mut self, languages: &[Language]) -> io::Result<()> {
        let before = self.session.language();
        self.session.set_languages(languages);
        if self.session.language() == before { Ok(()) } else { self.draw() }
    }

    /// The PIN behind which the technician's screens are, and who does what is asked there.
    pub fn set_caretaker(&mut self, pin: Option<Pin>, caretaker: Box<dyn Caretaker>) {
        self.session.set_pin(pin);
        self.caretaker = Some(caretaker);
    }

    /// Whether a button stops a visit; without one, any that is held does.
    pub fn set_stop_button(&mut self, has_one: bool) {
        self.session.set_stop_button(has_one);
    }

    /// Sound and light.
    pub fn set_cues(&mut self, cues: Box<dyn Cues>) {
        self.cues = cues;
    }

    /// The language of what is on the panel.
    pub fn language(&self) -> Language {
        self.session.language()
    }

    /// What the staff should know while the kiosk works.
    pub fn set_notice(&mut self, now: Duration, notice: Option<Notice>) -> io::Result<()> {
        self.handle(now, Event::Notice(notice))
    }

    /// What a session takes, from the next one on.
    pub fn set_plan(&mut self, now: Duration, plan: Plan) -> io::Result<()> {
        self.handle(now, Event::BundleReady(plan))
    }

    /// Whether the camera is on: between consent and the wipe.
    pub fn camera_runs(&self) -> bool {
        self.camera_runs
    }

    /// Whether a person or a stick may come now.
    pub fn is_resting(&self) -> bool {
        self.session.is_resting()
    }

    /// A stick is there. Whether it is to be served now: until it was, nobody is screened and nothing recorded.
    pub fn offer_stick(&mut self, now: Duration) -> io::Result<bool> {
        self.handle(now, Event::StickFound)?;
        Ok(std::mem::take(&mut self.serves_stick))
    }

    /// The stick was served and may be taken out.
    pub fn stick_served(&mut self, now: Duration, summary: StickSummary) -> io::Result<()> {
        self.handle(now, Event::StickServed(summary))
    }

    /// The stick is out.
    pub fn stick_gone(&mut self, now: Duration) -> io::Result<()> {
        self.handle(now, Event::StickGone)
    }

    /// Sessions that were dropped since the last call, because the card was full.
    pub fn take_dropped(&mut self) -> u64 {
        self.log.take_dropped()
    }

    /// What is on the panel.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The camera, to turn a recorded one to another picture.
    pub fn camera_mut(&mut self) -> &mut C {
        &mut self.camera
    }

    /// Why the camera failed last.
    pub fn camera_error(&self) -> Option<&CameraError> {
        self.camera_error.as_ref()
    }

    /// Why a record could not be written, once; none when all are.
    pub fn take_journal_error(&mut self) -> Option<JournalError> {
        self.journal_error.take()
    }

    /// What the staff should know since the last call.
    pub fn take_complaints(&mut self) -> Vec<Complaint> {
        std::mem::take(&mut self.complaints)
    }

    /// Takes the kiosk apart: panel, log and judge.
    pub fn into_parts(self) -> (P, L, J) {
        (self.panel, self.log, self.judge)
    }

    /// One turn at the monotonic time `now`: a press if there was one, then a live picture or the clock.
    ///
    /// # Errors
    /// When the panel fails: a kiosk that shows nothing is of no use.
    pub fn turn(&mut self, now: Duration, press: Option<Press>) -> io::Result<()> {
        if let Some(press) = press {
            self.press(now, press)?;
        }
        self.answer_the_technician(now)?;
        self.look_for_display(now)?;
        if self.camera_runs {
            self.watch(now)?;
        } else {
            self.look_for_camera(now)?;
        }
        self.write_again(now)?;
        self.handle(now, Event::Tick)
    }

    fn press(&mut self, now: Duration, press: Press) -> io::Result<()> {
        let size = (self.frame.width(), self.frame.height());
        let button = press.button(self.painter.targets(), size);
        if self.session.tries_input() && button != Some(Button::Held) {
            let pressed = match (press, button) {
                (Press::Tap(place), _) => {
                    let part = |share: f32| (share * 1000.0).clamp(0.0, 1000.0) as u16;
                    Some(Pressed::Touch { x: part(place.x), y: part(place.y) })
                }
                (_, button) => button.map(Pressed::Button),
            };
            return pressed.map_or(Ok(()), |pressed| self.handle(now, Event::Input(pressed)));
        }
        button.map_or(Ok(()), |button| self.handle(now, Event::Button(button)))
    }

    fn answer_the_technician(&mut self, now: Duration) -> io::Result<()> {
        let Some((ticket, task)) = self.asked.take() else { return Ok(()) };
        let event = match &mut self.caretaker {
            Some(caretaker) if task == Task::Clock => Event::Time(ticket, caretaker.time()),
            Some(caretaker) => Event::Told(ticket, caretaker.tell(task)),
            None => Event::Told(ticket, Vec::new()),
        };
        self.handle(now, event)
    }

    fn watch(&mut self, now: Duration) -> io::Result<()> {
        match self.camera.next() {
            Ok(photo) => {
                self.found(now)?;
                let event = match self.session.wants_checks() {
                    true => Event::Checked(self.judge.checks(&photo)),
                    false => Event::Judged(self.judge.look(&photo)),
                };
                self.live = Some(photo);
                let drawn = self.drawn;
                self.handle(now, event)?;
                // The live picture moves on, even where the screen stays the same.
                if self.screen.is_live() && self.drawn == drawn { self.draw() } else { Ok(()) }
            }
            Err(error) if error.is_passing() => {
                self.camera_error = Some(error);
                Ok(())
            }
            Err(error) => self.lost(now, error),
        }
    }

    fn found(&mut self, now: Duration) -> io::Result<()> {
        if std::mem::replace(&mut self.camera_found, true) {
            return Ok(());
        }
        self.handle(now, Event::CameraFound)
    }

    fn lost(&mut self, now: Duration, error: CameraError) -> io::Result<()> {
        self.live = None;
        let was_found = std::mem::replace(&mut self.camera_found, false);
        if was_found {
            self.complaints.push(Complaint { message: error.to_string(), help: error.help() });
        }
        self.camera_error = Some(error);
        if was_found { self.handle(now, Event::CameraLost) } else { Ok(()) }
    }

    /// Between sessions the camera is not opened: it is only asked whether it is there.
    fn look_for_camera(&mut self, now: Duration) -> io::Result<()> {
        if now.saturating_sub(self.looked_for_camera) < LOOK_AGAIN {
            return Ok(());
        }
        self.looked_for_camera = now;
        match self.camera.check() {
            Ok(()) => self.found(now),
            Err(error) => self.lost(now, error),
        }
    }

    /// A display that is plugged in later shows the present screen.
    fn look_for_display(&mut self, now: Duration) -> io::Result<()> {
        if now.saturating_sub(self.looked_for_panel) < LOOK_AGAIN {
            return Ok(());
        }
        self.looked_for_panel = now;
        let checked = self.panel.check();
        let was_found = std::mem::replace(&mut self.panel_found, checked.is_ok());
        match checked {
            Ok(()) if !was_found => self.draw(),
            Err(error) if was_found => {
                self.complaints.push(Complaint { message: error.to_string(), help: error.help() });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn write_again(&mut self, now: Duration) -> io::Result<()> {
        // While a stick is written, the journal stands still.
        let is_busy = !self.session.is_idle() || self.screen == Screen::StickAtWork;
        if is_busy || now.saturating_sub(self.tried_to_write) < WRITE_AGAIN {
            return Ok(());
        }
        let waiting = self.unwritten.len();
        while let Some(summary) = self.unwritten.pop_front() {
            self.tried_to_write = now;
            if let Err(error) = self.log.append(&summary) {
                self.journal_error = Some(error);
                self.unwritten.push_front(summary);
                return Ok(());
            }
        }
        if waiting > 0 {
            self.journal_error = None;
            self.handle(now, Event::StorageReady)?;
        }
        Ok(())
    }

    fn handle(&mut self, now: Duration, event: Event) -> io::Result<()> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let (session, effects) = std::mem::take(&mut self.session).step(now, event);
            self.session = session;
            for effect in effects {
                events.extend(self.carry_out(now, effect)?);
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, now: Duration, effect: Effect) -> io::Result<Option<Event>> {
        match effect {
            Effect::Show(screen) => {
                if let Some(cue) = cues::between(&self.screen, &screen) {
                    self.cues.play(cue);
                }
                self.screen = screen;
                self.draw()?;
            }
            Effect::StartCamera => self.camera_runs = true,
            Effect::StopCamera => {
                self.camera_runs = false;
                self.live = None;
                self.camera.stop();
                self.looked_for_camera = now;
            }
            Effect::Capture(ticket, pose) => {
                let result = match &self.live {
                    Some(photo) => self.judge.capture(pose, photo),
                    None => Err(Check::FaceMissing),
                };
                return Ok(Some(Event::Captured(ticket, result)));
            }
            Effect::Answer(ticket, shots) => {
                let range = self.judge.range(&shots);
                return Ok(Some(Event::Answered(ticket, self.judge.answer(&shots), range)));
            }
            Effect::Tell(ticket, task) => self.asked = Some((ticket, task)),
            Effect::SetClock(seconds) => {
                let set = self.caretaker.as_mut().map(|caretaker| caretaker.set_clock(seconds));
                if let Some(Err(message)) = set {
                    self.complaints.push(Complaint { message, help: "set it by the settings of a stick" });
                }
            }
            Effect::ServeStick => self.serves_stick = true,
            Effect::Record(summary) => return Ok(self.record(now, summary)),
            Effect::Wipe => {
                self.live = None;
                self.judge.forget();
                self.frame = self.frame.blank();
                self.painter.forget();
            }
        }
        Ok(None)
    }

    fn record(&mut self, now: Duration, summary: Summary) -> Option<Event> {
        let Err(error) = self.log.append(&summary) else {
            return self.log.slip(&summary).map(Event::Slip);
        };
        self.complaints.push(Complaint { message: error.to_string(), help: error.help() });
        // Kept until it can be written: no other session begins before that.
        self.unwritten.push_back(summary);
        self.tried_to_write = now;
        self.journal_error = Some(error);
        Some(Event::StorageFailed)
    }

    fn draw(&mut self) -> io::Result<()> {
        self.drawn += 1;
        // For a display that is away nothing is drawn: whoever finds it again draws the present screen.
        if !self.panel_found {
            return Ok(());
        }
        let toward = self.judge.toward();
        let live = self.live.as_ref().map(|photo| Live { photo, toward });
        self.painter.draw(&mut self.frame, &self.screen, self.session.language(), live.as_ref());
        self.panel.show(&self.frame)
    }

    /// Waits for a press, or what else the channel carries, as long as there is nothing else to do.
    ///
    /// # Errors
    /// When the source of presses has ended.
    pub fn wait<T>(&self, presses: &Receiver<T>) -> Result<Option<T>, RecvError> {
        if self.camera_runs {
            match presses.try_recv() {
                Ok(press) => Ok(Some(press)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(RecvError),
            }
        } else {
            match presses.recv_timeout(IDLE_TURN) {
                Ok(press) => Ok(Some(press)),
                Err(RecvTimeoutError::Timeout) => Ok(None),
                Err(RecvTimeoutError::Disconnected) => Err(RecvError),
            }
        }
    }
}
