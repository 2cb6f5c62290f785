//! The kiosk's thread: it alone has the appliance, and decides whose session it is.

use super::{camera::BrowserCamera, journal::MemoryStore, refusal::Refusal, view::View, visitor::Visitor};
use crate::{
    appliance::Appliance, buttons::Press, judge::ScreenerJudge, panel::browser::BrowserPanel,
    remember::SealedLog, screens::caption, session::event::Plan,
};
use std::{
    io,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};
use synkiosk_journal::Journal;
use tokio::sync::{oneshot, watch};

/// What a visitor wants, and where to say whether it was done.
pub(super) struct Wish {
    pub(super) visitor: Visitor,
    pub(super) what: What,
    pub(super) reply: oneshot::Sender<Result<(), Refusal>>,
}

pub(super) enum What {
    Press(Press),
    Camera(String),
}

/// The appliance as on a board, but for its ends.
pub(super) type Browsed =
    Appliance<BrowserCamera, BrowserPanel, SealedLog<Journal<MemoryStore>>, ScreenerJudge>;

pub(super) struct Kiosk {
    appliance: Browsed,
    panel: BrowserPanel,
    views: watch::Sender<View>,
    /// The bundle's plan, of which a camera may show a part.
    plan: Plan,
    seat: Option<Visitor>,
    began: Instant,
}

impl Kiosk {
    pub(super) fn new(
        appliance: Browsed,
        panel: BrowserPanel,
        views: watch::Sender<View>,
        plan: Plan,
    ) -> Kiosk {
        Kiosk { appliance, panel, views, plan, seat: None, began: Instant::now() }
    }

    /// Works in real time until nobody can wish for anything any more.
    pub(super) fn work(mut self, wishes: &Receiver<Wish>) -> io::Result<()> {
        self.take_camera(Duration::ZERO)?;
        self.publish();
        while let Ok(wish) = self.appliance.wait(wishes) {
            self.turn(wish)?;
        }
        Ok(())
    }

    fn turn(&mut self, wish: Option<Wish>) -> io::Result<()> {
        let now = self.began.elapsed();
        let Some(Wish { visitor, what, reply }) = wish else { return self.go_on(now, None) };
        let admitted = match self.admit(visitor) {
            Ok(()) => self.grant(now, what)?,
            Err(refusal) => Err(refusal),
        };
        self.go_on(now, admitted.as_ref().ok().copied().flatten())?;
        // Nobody waits for the reply where the browser is gone.
        let _ = reply.send(admitted.map(|_| ()));
        Ok(())
    }

    /// One visitor drives: from the first press until the kiosk is at rest again.
    fn admit(&mut self, visitor: Visitor) -> Result<(), Refusal> {
        if self.seat.is_some_and(|seat| seat != visitor) {
            return Err(Refusal::SeatTaken);
        }
        if self.seat.replace(visitor).is_none() {
            self.views.send_modify(|view| view.at_rest = view.picture.clone());
            self.publish();
        }
        Ok(())
    }

    fn grant(&mut self, now: Duration, what: What) -> io::Result<Result<Option<Press>, Refusal>> {
        match what {
            What::Press(press) => Ok(Ok(Some(press))),
            What::Camera(_) if !self.appliance.is_resting() => Ok(Err(Refusal::NotAtRest)),
            What::Camera(name) if self.appliance.camera_mut().choose(&name) => {
                self.take_camera(now)?;
                Ok(Ok(None))
            }
            What::Camera(_) => Ok(Err(Refusal::NoSuchCamera)),
        }
    }

    fn take_camera(&mut self, now: Duration) -> io::Result<()> {
        let poses = self.appliance.camera_mut().poses(&self.plan.poses);
        self.appliance.set_plan(now, Plan { poses, ..self.plan.clone() })
    }

    fn go_on(&mut self, now: Duration, press: Option<Press>) -> io::Result<()> {
        self.appliance.turn(now, press)?;
        let screen = self.appliance.screen().clone();
        self.appliance.camera_mut().follow(&screen);
        // Not before the pictures of the session are replaced where browsers get theirs.
        if self.appliance.is_resting() && self.panel.is_drained() {
            self.seat = None;
        }
        self.publish();
        Ok(())
    }

    fn publish(&mut self) {
        let (screen, seat) = (self.appliance.screen(), self.seat);
        let (name, caption) = (screen.name(), caption(screen, self.appliance.language()));
        let camera = self.appliance.camera_mut().chosen();
        self.views.send_if_modified(|view| {
            let is_new =
                view.screen != name || view.caption != caption || view.seat != seat || view.camera != camera;
            if is_new {
                (view.screen, view.caption, view.seat) = (name, caption, seat);
                view.camera = camera.to_owned();
            }
            is_new
        });
    }
}
