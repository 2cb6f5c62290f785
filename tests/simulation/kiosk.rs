//! The kiosk from its start to its end: what `init` does with the same parts, step by step instead of for ever.

use crate::{
    disk::{BOOT, DATA, Disks},
    goods::Goods,
    hardware::{Scene, SceneCamera, SceneJudge, ScenePanel, Socket, Witness},
};
use age::x25519;
use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};
use synkiosk_boards::Profile;
use synkiosk_device::{
    appliance::Appliance,
    buttons::Press,
    caretaker::CardCaretaker,
    inbox,
    judge::plan_of_unit,
    remember::SealedLog,
    session::screen::{Notice, Screen},
    start::{self, Start, journal},
    stick::{self, Port, Report, Service},
    unit::{Card, Unit, pin, spoken_languages},
};
use synkiosk_journal::{
    BoundedJournal, JournalError, Options,
    quota::CountInName,
    when::{Week, When},
};
use synkiosk_models::bundle::Bundle;

/// What is missing is looked for so often.
const TRY_AGAIN: Duration = Duration::from_secs(5);

pub(crate) type Appliances = Appliance<SceneCamera, ScenePanel, SealedLog<Witness>, SceneJudge>;

/// How far the kiosk has come.
pub(crate) enum Phase {
    /// Nobody has said for whom records are sealed.
    NotSetUp,
    /// The journal cannot be opened.
    NoJournal(Screen, x25519::Recipient),
    Works(Box<Works>),
}

pub(crate) struct Works {
    pub(crate) appliance: Appliances,
    service: Service<Socket>,
}

/// A kiosk that is switched on.
pub(crate) struct Kiosk {
    pub(crate) phase: Phase,
    unit: Unit,
    model: Option<Bundle>,
    notice: Option<Notice>,
    card: Card,
    scene: Rc<Scene>,
    disks: Rc<Disks>,
    promises: Rc<RefCell<Vec<Vec<u8>>>>,
    wall_clock: Rc<Cell<u64>>,
    /// The stick that was served before there was a kiosk to do it.
    served: Option<String>,
    tried: Duration,
}

/// What the kiosk stands on, and outlives it.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) scene: Rc<Scene>,
    pub(crate) disks: Rc<Disks>,
    pub(crate) promises: Rc<RefCell<Vec<Vec<u8>>>>,
    pub(crate) wall_clock: Rc<Cell<u64>>,
    pub(crate) goods: Rc<Goods>,
    pub(crate) profile: Rc<Profile>,
    /// A key that counts although it is nobody's: a planted fault.
    pub(crate) trusts_anyone: bool,
}

/// What came of one turn.
#[derive(Default)]
pub(crate) struct Turned {
    pub(crate) report: Option<Report>,
    /// The kiosk has chosen to start again.
    pub(crate) starts_again: bool,
}

impl Kiosk {
    /// Switched on: everything up to the first screen.
    pub(crate) fn start(ground: &Ground, now: Duration) -> Kiosk {
        let Ground { scene, disks, promises, wall_clock, goods, profile, trusts_anyone } = ground.clone();
        let more_keys: Vec<String> =
            goods.keys.last().filter(|_| trusts_anyone).map(|key| key.public.clone()).into_iter().collect();
        let (data, boot) = (PathBuf::from(DATA), PathBuf::from(BOOT));
        let card = Card { data, came_with: vec![boot.clone()], more_keys, profile: (*profile).clone() };
        let mut unit = card.unit();
        let Start { bundle, notice, .. } = start::start(&card.data, &[boot], &mut unit);
        let mut kiosk = Kiosk {
            phase: Phase::NotSetUp,
            unit,
            model: bundle,
            notice,
            card,
            scene,
            disks,
            promises,
            wall_clock,
            served: None,
            tried: now,
        };
        if let Some(recipient) = kiosk.unit.recipient() {
            kiosk.open_journal(&recipient, now);
        }
        kiosk
    }

    pub(crate) fn model(&self) -> Option<&Bundle> {
        self.model.as_ref()
    }

    pub(crate) fn unit(&self) -> &Unit {
        &self.unit
    }

    /// What the panel shows.
    pub(crate) fn screen(&self) -> &Screen {
        match &self.phase {
            Phase::NotSetUp => &Screen::NotSetUp,
            Phase::NoJournal(screen, _) => screen,
            Phase::Works(works) => works.appliance.screen(),
        }
    }

    fn open_journal(&mut self, recipient: &x25519::Recipient, now: Duration) {
        let options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };
        self.tried = now;
        match journal::open(&self.card.data, recipient, options) {
            Ok(opened) => {
                let journal = BoundedJournal::new(opened.journal, CountInName::new(Path::new(DATA)));
                let (disks, promises) = (self.disks.clone(), self.promises.clone());
                self.work(Witness { journal, disks, promises }, now);
            }
            Err(JournalError::Full) => {
                self.phase = Phase::NoJournal(Screen::StorageFull, recipient.clone());
            }
            Err(_) => self.phase = Phase::NoJournal(Screen::StorageDamaged, recipient.clone()),
        }
    }

    fn work(&mut self, witness: Witness, now: Duration) {
        let board = self.card.profile.name().parse().expect("a profile's name is a short name");
        let clock = self.wall_clock.clone();
        let when = move || Week::of_unix_seconds(clock.get()).map_or(When::Boot { counter: 1 }, When::Week);
        let mut log = SealedLog::with_clock(witness, board, when);
        if let (Ok(name), Some(key)) = (self.unit.name().parse(), self.unit.slip_key()) {
            log = log.signing(name, key.clone());
        }
        let scene = &self.scene;
        let parts =
            (SceneCamera(scene.clone(), now), ScenePanel(scene.clone()), log, SceneJudge(scene.clone()));
        let told = self.unit.settings().map_or(&[][..], |settings| &settings.poses);
        let plan = self.model.as_ref().and_then(|model| plan_of_unit(model.manifest(), told).ok());
        let shown = "the panel never fails";
        let mut appliance = match plan {
            Some((plan, _)) => Appliance::new(parts, plan, (240, 240)),
            None => Appliance::without_model(parts, (240, 240)),
        }
        .expect(shown);
        appliance.set_notice(now, self.notice).expect(shown);
        let (languages, _) = self.unit.settings().map_or_else(Default::default, spoken_languages);
        appliance.set_languages(&languages).expect(shown);
        let set_clock = {
            let clock = self.wall_clock.clone();
            Box::new(move |seconds| {
                clock.set(seconds);
                Ok(())
            })
        };
        appliance.set_caretaker(pin(&self.unit), Box::new(CardCaretaker::new(self.card.clone(), set_clock)));
        let socket = Socket { scene: self.scene.clone(), disks: self.disks.clone() };
        let service = Service::new(socket, self.card.clone());
        self.phase = Phase::Works(Box::new(Works { appliance, service }));
    }

    /// One turn of the main loop. The report of a stick that was served is handed over only if it `may_report`.
    pub(crate) fn turn(&mut self, now: Duration, press: Option<Press>, may_report: bool) -> Turned {
        match &mut self.phase {
            Phase::NotSetUp => self.set_up(now),
            Phase::NoJournal(_, recipient) => {
                if now.saturating_sub(self.tried) >= TRY_AGAIN {
                    let recipient = recipient.clone();
                    self.open_journal(&recipient, now);
                }
                Turned::default()
            }
            Phase::Works(works) => works.turn(&self.scene, (now, press), may_report),
        }
    }

    /// Waits for settings, which a stick brings.
    fn set_up(&mut self, now: Duration) -> Turned {
        let mut socket = Socket { scene: self.scene.clone(), disks: self.disks.clone() };
        let there = socket.look();
        let mut turned = Turned::default();
        if let Some(stick) = there.as_ref().filter(|_| self.served != there) {
            let card = self.card.clone();
            let report = socket.job(stick, Box::new(move |folder| stick::visit(folder, &card)))();
            self.scene.report_waits.set(false);
            turned.starts_again = report.needs_start;
            turned.report = Some(report);
        }
        self.served = there;
        if !turned.starts_again
            && let Some(recipient) = self.card.unit().recipient()
        {
            self.unit = self.card.unit();
            self.open_journal(&recipient, now);
        }
        turned
    }

    /// A code is held before the camera of a kiosk that is not set up. Whether it starts again for it.
    pub(crate) fn show_code(&mut self, text: &str) -> bool {
        matches!(self.phase, Phase::NotSetUp)
            && matches!(inbox::take_code(text, &mut self.card.unit()), Ok(inbox::Taken::Settings { .. }))
    }
}

impl Works {
    fn turn(&mut self, scene: &Scene, (now, press): (Duration, Option<Press>), may_report: bool) -> Turned {
        let shown = "the panel never fails";
        self.appliance.turn(now, press).expect(shown);
        let _ = (self.appliance.take_dropped(), self.appliance.take_complaints());
        let mut turned = Turned::default();
        if !scene.report_waits.get() {
            turned.report = self.service.turn(now, &mut self.appliance).expect(shown);
        } else if may_report {
            // It is there already, and comes by a thread that has nothing else to do.
            while turned.report.is_none() {
                turned.report = self.service.turn(now, &mut self.appliance).expect(shown);
                std::thread::yield_now();
            }
        }
        if turned.report.is_some() {
            scene.report_waits.set(false);
        }
        turned.starts_again = self.service.starts_again(&self.appliance);
        turned
    }
}
