//! What happens to a kiosk, and how it is brought back when nothing happens any more.

use crate::{
    dice::MoreDice,
    disk::{BOOT, DATA, Faults},
    goods::PIN,
    kiosk::Phase,
    person::{Kind, Person},
    sticks::{Stick, code_of},
    world::World,
};
use std::time::Duration;
use synkiosk_device::session::{
    event::Button,
    screen::{Screen, Workshop},
};
use synkiosk_models::quality::Check;

/// What the card's disk may do. Sticks may do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Regime {
    /// It keeps what it says that it keeps: it fails, fills up, tears and reorders.
    Honest,
    /// And says that it has kept what it has not.
    Lying,
    /// And bits turn over, at rest and on the way.
    Rotting,
}

impl Regime {
    /// Six of ten disks are honest.
    pub(crate) fn of(seed: u64) -> Regime {
        match seed % 10 {
            0..6 => Regime::Honest,
            6 | 7 => Regime::Lying,
            _ => Regime::Rotting,
        }
    }
}

/// After so long without faults the kiosk must be where it can be used, or say why it is not.
const BY_ITSELF: Duration = Duration::from_secs(1_300);
const SECOND: Duration = Duration::from_secs(1);
const PICTURE: Duration = Duration::from_millis(200);

impl World {
    /// One step of everyday life, bad days included.
    pub(crate) fn live(&mut self) -> Result<(), String> {
        self.weather();
        self.hands()?;
        let (press, step) = self.people();
        let may_report = self.dice.happens(0.2);
        self.turn(step, press, may_report)
    }

    /// What the disks do.
    fn weather(&mut self) {
        if self.regime == Regime::Rotting && self.dice.happens(0.002) {
            self.disks().rot(DATA);
        }
        if !self.dice.happens(0.004) {
            return;
        }
        let mut faults = Faults::default();
        let mut room = usize::MAX;
        match self.dice.below(10) {
            0 => faults.fails = 0.001,
            1 => faults.fails = 0.02,
            2 => faults.fails = 0.3,
            3 => {
                let used = self.disks().volume(DATA).used();
                room = used + self.dice.below(12_000);
            }
            4 | 5 if self.regime == Regime::Lying => {
                faults.loses_writes = self.dice.pick(&[0.0, 0.02, 0.5]);
                faults.flushes_nothing = self.dice.pick(&[0.0, 0.1, 1.0]);
            }
            4 | 5 if self.regime == Regime::Rotting => {
                faults.flips_reads = self.dice.pick(&[0.0005, 0.01]);
            }
            _ => {}
        }
        self.disks().volume(DATA).room = room;
        self.disks().set_faults(DATA, faults);
        self.disk_lied |= faults.loses_writes > 0.0 || faults.flushes_nothing > 0.0;
        let boot = Faults { fails: if self.dice.happens(0.1) { 0.2 } else { 0.0 }, ..Faults::default() };
        self.disks().set_faults(BOOT, boot);
    }

    /// What hands do: plugs, sticks, clocks.
    fn hands(&mut self) -> Result<(), String> {
        if self.kiosk.is_some() {
            if self.dice.happens(1.0 / 3_000.0) {
                self.power_goes();
            } else if self.dice.happens(1.0 / 1_500.0) {
                let calls = 1 + self.dice.below(200);
                self.disks().cut_after(calls);
            }
        }
        let scene = self.ground.scene.clone();
        let is_there = scene.camera_is_there.get();
        if self.dice.happens(if is_there { 1.0 / 2_000.0 } else { 1.0 / 40.0 }) {
            scene.camera_is_there.set(!is_there);
        }
        if self.dice.happens(1.0 / 500.0) {
            scene.camera_garbles.set(self.dice.happens(0.2));
        }
        if self.dice.happens(1.0 / 1_000.0) {
            let times = [0, 1_000_000, 1_700_000_000, 1_800_000_000, 1_830_000_000, 7_258_118_399, u64::MAX];
            self.ground.wall_clock.set(self.dice.pick(&times));
        }
        if self.dice.happens(1.0 / 5_000.0) {
            self.now += Duration::from_secs(self.dice.below(90_000) as u64);
        }
        self.handle_stick()?;
        self.show_code()
    }

    fn handle_stick(&mut self) -> Result<(), String> {
        if self.plugged.is_some() {
            let often = if self.disks().stick_is_gone() { 0.4 } else { 0.02 };
            return if self.dice.happens(often) { self.pull_stick() } else { Ok(()) };
        }
        if self.drawer.is_empty() || !self.dice.happens(1.0 / 150.0) {
            return Ok(());
        }
        let mut stick = self.drawer.remove(0);
        if self.dice.happens(0.8) {
            stick.collect(&mut self.maker, &mut self.ledger);
        }
        let goods = self.ground.goods.clone();
        stick.fill(&goods, &mut self.maker, &mut self.dice);
        let mut faults = Faults::default();
        match self.dice.below(12) {
            0 => faults.fails = 0.05,
            1 => stick.volume.room = stick.volume.used() + self.dice.below(60_000),
            2 => stick.volume.is_read_only = true,
            3 => {
                (stick.lies, faults.loses_writes, faults.flushes_nothing) = (true, 0.3, 0.5);
            }
            4 => faults.flips_reads = 0.02,
            _ => {}
        }
        // What was read wrong once may be written so.
        stick.lies |= faults.flips_reads > 0.0 || self.regime == Regime::Rotting;
        self.plug(stick, faults);
        if self.dice.happens(0.2) {
            let calls = 1 + self.dice.below(80);
            self.disks().pull_after(calls);
        }
        self.ground.scene.stick_is_readable.set(!self.dice.happens(0.03));
        Ok(())
    }

    fn show_code(&mut self) -> Result<(), String> {
        let waits = matches!(self.kiosk.as_ref().map(|kiosk| &kiosk.phase), Some(Phase::NotSetUp));
        if !waits || !self.dice.happens(0.01) {
            return Ok(());
        }
        let goods = self.ground.goods.clone();
        let key = self.dice.pick(&[0, self.maker.rotations, crate::goods::KEYS]);
        let Some(code) = code_of(&goods, &mut self.maker, key) else { return Ok(()) };
        let counter = self.maker.settings;
        let Some(kiosk) = &mut self.kiosk else { return Ok(()) };
        if !kiosk.show_code(&code) {
            return Ok(());
        }
        if !self.disk_lied && self.regime != Regime::Rotting {
            self.ledger.floors.settings = self.ledger.floors.settings.max(counter);
        }
        if self.disks().is_dead() {
            self.power_goes();
            return Ok(());
        }
        self.disks().end_cleanly();
        self.kiosk = None;
        self.start()
    }

    /// Whoever stands before the kiosk, and how long until the next step.
    fn people(&mut self) -> (Option<Button>, Duration) {
        let Some(screen) = self.screen() else { return (None, SECOND) };
        let is_first = matches!(screen, Screen::Attract { .. });
        if is_first && (self.has_pressed || self.person.is_none()) {
            self.has_pressed = false;
            self.person = self.dice.happens(0.3).then(|| Person::any(&mut self.dice));
            self.tally.visits += u64::from(self.person.is_some());
        }
        if let Screen::Technician(workshop) = &screen {
            return (self.technician(workshop), PICTURE);
        }
        if is_first && self.dice.happens(0.003) {
            return (Some(Button::Held), SECOND);
        }
        let step = if screen.is_live() { PICTURE } else { Duration::from_millis(400) };
        (self.visitor(&screen), step)
    }

    fn visitor(&mut self, screen: &Screen) -> Option<Button> {
        let mut person = self.person.take()?;
        let now = self.now;
        let face = person.face(now, screen, &mut self.dice);
        let performs = person.performs(now, &mut self.dice);
        self.look_at(face, performs);
        let press = person.press(now, screen, &mut self.dice);
        self.has_pressed |= press.is_some() && !matches!(screen, Screen::Attract { .. });
        if person.leaves.is_none() || !self.dice.happens(0.002) {
            self.person = Some(person);
        } else {
            self.look_at(Err(Check::FaceMissing), Err(Check::FaceMissing));
            self.has_pressed = false;
        }
        press
    }

    fn technician(&mut self, workshop: &Workshop) -> Option<Button> {
        let any = [Button::Next, Button::Back, Button::Stop, Button::Held];
        let dice = &mut self.dice;
        match workshop {
            Workshop::Pin { entered, .. } if dice.happens(0.9) => {
                Some(Button::Pick(PIN.as_bytes().get(*entered).map_or(0, |digit| digit - b'0')))
            }
            Workshop::Menu { .. } if dice.happens(0.1) => Some(Button::Pick(dice.below(9) as u8)),
            _ if dice.happens(0.1) => Some(dice.pick(&any)),
            _ if dice.happens(0.05) => Some(Button::Pick(dice.below(12) as u8)),
            _ => None,
        }
    }

    /// No fault any more: the kiosk must be back by itself, or say what is needed; and with that, screen somebody.
    pub(crate) fn mend(&mut self) -> Result<(), String> {
        self.disks().heal();
        let scene = self.ground.scene.clone();
        scene.camera_is_there.set(true);
        scene.camera_garbles.set(false);
        self.person = None;
        self.look_at(Err(Check::FaceMissing), Err(Check::FaceMissing));
        self.pull_stick()?;
        self.rest("by itself")?;
        self.bring_remedy()?;
        match self.rest("with all that a technician can bring")? {
            Screen::Attract { .. } => {}
            other => return Err(format!("after everything was brought, it says {}", other.name())),
        }
        self.screen_somebody()?;
        self.read_back()?;
        if self.dice.happens(0.5) {
            self.power_goes();
        }
        self.tally.mended += 1;
        Ok(())
    }

    /// Until the first screen stands there, or one with a code that says what is needed.
    fn rest(&mut self, how: &str) -> Result<Screen, String> {
        let until = self.now + BY_ITSELF;
        let mut steady = 0;
        while self.now < until {
            self.turn(SECOND, None, true)?;
            let Some(screen) = self.screen() else { continue };
            let is_rest = matches!(screen, Screen::Attract { .. }) || screen.code().is_some();
            steady = if is_rest { steady + 1 } else { 0 };
            // Longer than any look for what is missing.
            if steady > 15 {
                return Ok(screen);
            }
        }
        let name = self.screen().map(|screen| screen.name()).unwrap_or_default();
        Err(format!("a dead end {how}: {name} after {} s without a fault", BY_ITSELF.as_secs()))
    }

    fn bring_remedy(&mut self) -> Result<(), String> {
        let mut stick = self.drawer.pop().unwrap_or_else(|| Stick::new(9));
        stick.lies = false;
        stick.collect(&mut self.maker, &mut self.ledger);
        stick.remedy(&self.ground.goods.clone(), &mut self.maker);
        let (starts, served) = (self.tally.starts, self.tally.sticks);
        self.plug(stick, Faults::default());
        for _ in 0..60 {
            self.turn(SECOND, None, true)?;
        }
        self.pull_stick()?;
        if self.tally.sticks == served {
            let name = self.screen().map(|screen| screen.name()).unwrap_or_default();
            return Err(format!("a stick with everything was not looked at, at {name}"));
        }
        // What it brought counts from a start on, which the kiosk chooses itself.
        for _ in 0..120 {
            if self.tally.starts > starts {
                return Ok(());
            }
            self.turn(SECOND, None, true)?;
        }
        let said = self.said.join("; ");
        Err(format!("a new model and new settings were brought, and the kiosk did not start again: {said}"))
    }

    /// Somebody who does what the screens say gets an answer, and the record of it is kept.
    fn screen_somebody(&mut self) -> Result<(), String> {
        let mut person = Person::of(Kind::Obedient, &mut self.dice);
        let (until, written) = (self.now + BY_ITSELF, self.ledger.written);
        let mut seen = Vec::new();
        while self.now < until {
            let Some(screen) = self.screen() else { return Err("the kiosk went off by itself".to_owned()) };
            seen.push(screen.name());
            if self.ledger.written > written && matches!(screen, Screen::Attract { .. }) {
                break;
            }
            let now = self.now;
            let face = person.face(now, &screen, &mut self.dice);
            let performs = person.performs(now, &mut self.dice);
            self.look_at(face, performs);
            let press = person.press(now, &screen, &mut self.dice);
            self.turn(PICTURE, press, true)?;
        }
        match seen.iter().any(|name| name.starts_with("answer-")) && self.ledger.written == written + 1 {
            true => Ok(()),
            false => {
                seen.dedup();
                Err(format!("somebody obedient got no answer, or no record: {}", seen.join(" ")))
            }
        }
    }
}
