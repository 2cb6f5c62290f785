//! One kiosk and its surroundings, step by step from one seed.

use crate::{
    chaos::Regime,
    dice::{Dice, MoreDice},
    disk::{BOOT, DATA, Disks, Faults, Planted, STICK},
    goods::{Goods, Kind, Offered},
    hardware::{PHOTO, Scene},
    kiosk::{Ground, Kiosk, Phase},
    ledger::{Ledger, seal_of},
    person::Person,
    sticks::{Maker, Offer, Stick, put},
};
use std::{cell::Cell, path::Path, rc::Rc, time::Duration};
use synkiosk_boards::Profile;
use synkiosk_device::{
    buttons::Press,
    session::{
        event::Button,
        screen::{Screen, Workshop},
    },
};
use synkiosk_models::quality::Check;

/// Longer than anything stands: a stick at work, and a visit.
const LONGEST: Duration = Duration::from_secs(900 + 1_200);

/// What is planted, to see whether it is noticed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plants {
    pub(crate) disk: Planted,
    pub(crate) trusts_anyone: bool,
    pub(crate) forgets_counters: bool,
    pub(crate) keeps_pictures: bool,
}

/// How often things have happened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) steps: u64,
    pub(crate) starts: u64,
    pub(crate) cuts: u64,
    pub(crate) visits: u64,
    pub(crate) sticks: u64,
    pub(crate) models: u64,
    pub(crate) records: u64,
    pub(crate) dropped: u64,
    pub(crate) mended: u64,
}

pub(crate) struct World {
    pub(crate) ground: Ground,
    pub(crate) kiosk: Option<Kiosk>,
    pub(crate) regime: Regime,
    pub(crate) dice: Dice,
    pub(crate) now: Duration,
    pub(crate) off_until: Duration,
    pub(crate) ledger: Ledger,
    pub(crate) maker: Maker,
    pub(crate) person: Option<Person>,
    pub(crate) has_pressed: bool,
    pub(crate) drawer: Vec<Stick>,
    pub(crate) plugged: Option<Stick>,
    pub(crate) tally: Tally,
    /// The card's disk has lied since it was switched on.
    pub(crate) disk_lied: bool,
    pub(crate) plants: Plants,
    /// What lay on the stick that was served last, and what its report said.
    pub(crate) served: Vec<(String, Offer)>,
    pub(crate) said: Vec<String>,
    consented: bool,
    /// Since when the first screen was not seen, in time that went by step by step.
    away: Duration,
    pub(crate) slots: [Option<Rc<Vec<u8>>>; 2],
}

impl World {
    pub(crate) fn new(seed: u64, regime: Regime, plants: Plants, goods: Rc<Goods>) -> World {
        let mut dice = Dice::of(seed);
        let disks = Disks::new(seed ^ 0x5eed, PHOTO, plants.disk);
        let scene = Scene::new();
        scene.display_is_there.set(seed.is_multiple_of(50));
        let ground = Ground {
            scene,
            disks,
            promises: Rc::default(),
            wall_clock: Rc::new(Cell::new(1_800_000_000)),
            goods,
            profile: Rc::new(Profile::named("rpi4-hdmi").expect("a board")),
            trusts_anyone: plants.trusts_anyone,
        };
        let mut world = World {
            ground,
            kiosk: None,
            regime,
            now: Duration::ZERO,
            off_until: Duration::ZERO,
            ledger: Ledger::default(),
            maker: Maker { version: 1, ..Maker::default() },
            person: None,
            has_pressed: false,
            drawer: (1..=3).map(Stick::new).collect(),
            plugged: None,
            tally: Tally::default(),
            disk_lied: false,
            plants,
            served: Vec::new(),
            said: Vec::new(),
            consented: false,
            away: Duration::ZERO,
            slots: [None, None],
            dice: Dice::of(0),
        };
        world.prepare_card(&mut dice);
        world.dice = dice;
        world
    }

    /// The card as it comes from the laptop.
    fn prepare_card(&mut self, dice: &mut Dice) {
        let goods = self.ground.goods.clone();
        let mut boot = self.ground.disks.volume(BOOT);
        put(&mut boot, Path::new("clinic.pub"), goods.keys[0].public.as_bytes());
        if dice.happens(0.7) {
            put(&mut boot, Path::new("recipient.txt"), goods.collector.to_public().to_string().as_bytes());
        }
        if dice.happens(0.7) {
            let first = Offered { version: 1, key: 0, kind: Kind::Sound };
            put(&mut boot, Path::new("synkiosk/inbox/first.bundle"), &goods.bundle(first));
        }
        boot.flush_all();
        boot.is_read_only = true;
    }

    pub(crate) fn disks(&self) -> &Rc<Disks> {
        &self.ground.disks
    }

    pub(crate) fn screen(&self) -> Option<Screen> {
        self.kiosk.as_ref().map(|kiosk| kiosk.screen().clone())
    }

    /// Time goes by, and one turn is made if the kiosk is on.
    pub(crate) fn turn(
        &mut self,
        step: Duration,
        press: Option<Button>,
        may_report: bool,
    ) -> Result<(), String> {
        self.now += step;
        self.tally.steps += 1;
        if self.kiosk.is_none() {
            return if self.now >= self.off_until { self.start() } else { Ok(()) };
        }
        let before = self.screen();
        self.watch_consent(before.as_ref(), press);
        let waited = self.ground.scene.report_waits.get();
        self.note_segments();
        let now = self.now;
        let Some(kiosk) = &mut self.kiosk else { return Ok(()) };
        let turned = kiosk.turn(now, press.map(Press::from), may_report);
        self.keep_promises();
        let was_served = turned.report.is_some() || (!waited && self.ground.scene.report_waits.get());
        if was_served {
            if !waited {
                // Its report may come when another stick is in.
                self.served = self.plugged.as_ref().map(|stick| stick.offers.clone()).unwrap_or_default();
            }
            self.after_stick(turned.report.as_ref())?;
        }
        if self.disks().is_dead() {
            self.power_goes();
            return Ok(());
        }
        self.check_step(step)?;
        if turned.starts_again {
            self.disks().end_cleanly();
            self.kiosk = None;
            self.start()?;
        }
        Ok(())
    }

    /// A kiosk that is not set up serves a stick, and may open its journal in the same turn, which cuts a torn end.
    fn note_segments(&mut self) {
        let is_set_up = !matches!(self.kiosk.as_ref().map(|kiosk| &kiosk.phase), Some(Phase::NotSetUp));
        if let Some(stick) = self.plugged.as_mut().filter(|_| !is_set_up) {
            stick.allow(&self.ground.disks);
        }
    }

    fn watch_consent(&mut self, screen: Option<&Screen>, press: Option<Button>) {
        match screen {
            Some(Screen::Consent) => self.consented = press == Some(Button::Next),
            Some(Screen::Attract { .. } | Screen::Wiped(_) | Screen::Language { .. }) => {
                self.consented = false
            }
            _ => {}
        }
        let technician = matches!(
            screen,
            Some(Screen::Technician(Workshop::Camera { .. } | Workshop::Menu { .. }) | Screen::CameraMissing)
        );
        self.ground.scene.may_look.set(self.consented || technician);
    }

    /// What the journal has promised in this turn.
    fn keep_promises(&mut self) {
        for sealed in self.ground.promises.take() {
            let seal = seal_of(&sealed);
            self.ledger.promised.insert(seal);
            self.ledger.written += 1;
            self.tally.records += 1;
            if self.disk_lied {
                self.ledger.promised_by_a_liar.insert(seal);
            }
        }
    }

    /// What must hold after every step.
    fn check_step(&mut self, step: Duration) -> Result<(), String> {
        if let Some(path) = self.disks().leak() {
            return Err(format!("a photo was written to {}", path.display()));
        }
        if self.ground.scene.looked_without_consent.get() {
            return Err("the camera looked without consent".to_owned());
        }
        let is_told = |screen: &Screen| matches!(screen, Screen::Attract { .. }) || screen.code().is_some();
        match self.kiosk.as_ref().map(Kiosk::screen) {
            Some(screen) if !is_told(screen) => self.away += step.min(Duration::from_secs(5)),
            _ => self.away = Duration::ZERO,
        }
        if self.away > LONGEST {
            let screen = self.screen().map(|screen| screen.name()).unwrap_or_default();
            return Err(format!("a dead end at {screen}"));
        }
        Ok(())
    }

    /// The lights go out: whatever was not flushed is there or not.
    pub(crate) fn power_goes(&mut self) {
        self.keep_promises();
        self.disks().cut();
        self.kiosk = None;
        self.tally.cuts += 1;
        self.person = None;
        self.off_until = self.now + Duration::from_secs(self.dice.below(20) as u64);
        self.ground.scene.report_waits.set(false);
    }

    /// The lights are on: from the disk as it is now, everything that was promised must be there.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        self.disks().power_on();
        self.ground.scene.report_waits.set(false);
        self.tally.starts += 1;
        (self.away, self.consented) = (Duration::ZERO, false);
        if self.plants.forgets_counters {
            self.disks().volume(DATA).take(Path::new("models/highest.json"));
            self.disks().volume(DATA).take(Path::new("models/b.bundle"));
        }
        self.check_disk()?;
        let had_lied = self.disk_lied;
        self.disk_lied = self.disk_lies();
        let kiosk = Kiosk::start(&self.ground, self.now);
        self.kiosk = Some(kiosk);
        if had_lied {
            self.excuse_lie();
        }
        if self.disks().is_dead() {
            self.power_goes();
            return Ok(());
        }
        self.check_start()
    }

    fn disk_lies(&self) -> bool {
        let Faults { loses_writes, flushes_nothing, .. } = self.disks().faults(DATA);
        loses_writes > 0.0 || flushes_nothing > 0.0
    }

    /// The stick comes out, whatever it is doing.
    pub(crate) fn pull_stick(&mut self) -> Result<(), String> {
        self.ground.scene.stick.set(None);
        let Some(mut stick) = self.plugged.take() else { return Ok(()) };
        if self.disks().has(STICK) {
            stick.allow(&self.ground.disks);
        }
        if let Some(volume) = self.disks().pull_out() {
            stick.volume = volume;
        }
        stick.volume.room = usize::MAX;
        stick.volume.is_read_only = false;
        let checked = stick.check();
        self.drawer.push(stick);
        checked
    }

    pub(crate) fn plug(&mut self, stick: Stick, faults: Faults) {
        self.disks().plug_in(stick.volume.clone());
        self.disks().set_faults(STICK, faults);
        self.ground.scene.stick.set(Some(stick.number));
        self.ground.scene.stick_is_readable.set(true);
        self.plugged = Some(stick);
    }

    /// What a live picture shows now.
    pub(crate) fn look_at(&mut self, face: Result<(), Check>, performs: Result<(), Check>) {
        self.ground.scene.face.set(face);
        self.ground.scene.performs.set(performs);
        if self.plants.keeps_pictures && face.is_ok() {
            let path = Path::new("/data/last.gray");
            let _ = synkiosk_journal::disk::write(path, PHOTO.repeat(64));
        }
    }
}
