//! A panel that is looked at through a browser: it keeps the latest frame, and never waits for who looks at it.

use super::Panel;
use crate::frame::Frame;
use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

/// A frame's pixels, wiped when the last one lets go of them.
pub struct Picture {
    /// Three bytes a pixel, row by row from the top left.
    pub rgb: Zeroizing<Vec<u8>>,
    /// Pixels a row, and rows.
    pub size: (u32, u32),
}

/// The kiosk's end: shows frames. A clone shows on the same panel.
#[derive(Clone)]
pub struct BrowserPanel {
    place: Arc<Place>,
}

/// The other end: takes each frame that it has time for.
pub struct Viewer {
    place: Arc<Place>,
    seen: u64,
}

struct Place {
    latest: Mutex<Latest>,
    arrived: Condvar,
}

#[derive(Default)]
struct Latest {
    picture: Option<Arc<Picture>>,
    /// Frames so far that differed from the one before.
    number: u64,
    /// The last of them that the viewer was done with.
    done: u64,
    closed: bool,
}

/// Both ends of a panel.
pub fn panel() -> (BrowserPanel, Viewer) {
    let place = Arc::new(Place { latest: Mutex::default(), arrived: Condvar::new() });
    (BrowserPanel { place: Arc::clone(&place) }, Viewer { place, seen: 0 })
}

impl Place {
    /// What is kept is whole after any step, so also after a panic.
    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BrowserPanel {
    /// Whether the viewer is done with all that was shown.
    pub fn is_drained(&self) -> bool {
        let latest = self.place.lock();
        latest.done == latest.number
    }

    /// Nothing more will be shown; the last frame is let go of.
    pub fn close(&self) {
        let mut latest = self.place.lock();
        latest.closed = true;
        latest.picture = None;
        self.place.arrived.notify_all();
    }
}

impl Panel for BrowserPanel {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        let mut latest = self.place.lock();
        // A recorded person gives the same picture many times over: it is seen already.
        if latest.picture.as_ref().is_some_and(|picture| picture.rgb.as_slice() == frame.rgb()) {
            return Ok(());
        }
        let size = (frame.width(), frame.height());
        latest.picture = Some(Arc::new(Picture { rgb: Zeroizing::new(frame.rgb().to_vec()), size }));
        latest.number += 1;
        self.place.arrived.notify_all();
        Ok(())
    }
}

impl Viewer {
    /// Waits for a frame that was not seen yet, and passes over older ones; `None` when the panel is closed. To ask again
    /// is to be done with the one before.
    pub fn wait(&mut self) -> Option<Arc<Picture>> {
        let mut latest = self.place.lock();
        latest.done = self.seen;
        while latest.number == self.seen && !latest.closed {
            latest = self.place.arrived.wait(latest).unwrap_or_else(PoisonError::into_inner);
        }
        self.seen = latest.number;
        latest.picture.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

    fn frame(column: i32) -> Frame {
        let mut frame = Frame::new(240, 240);
        frame.blend(column, 0, Rgb888::WHITE, 1.0);
        frame
    }

    #[test]
    fn the_latest_frame_wins_and_nobody_waits() {
        let (mut panel, mut viewer) = panel();
        for column in 0..100 {
            panel.show(&frame(column)).unwrap();
        }
        assert!(!panel.is_drained());
        assert_eq!(viewer.wait().unwrap().rgb[99 * 3], 255);
        assert!(!panel.is_drained());
        panel.close();
        assert!(viewer.wait().is_none() && panel.is_drained());
    }

    #[test]
    fn the_same_frame_is_shown_once() {
        let (mut panel, mut viewer) = panel();
        panel.show(&frame(1)).unwrap();
        assert!(viewer.wait().is_some());
        panel.show(&frame(1)).unwrap();
        assert_eq!(panel.place.lock().number, 1);
        panel.show(&frame(2)).unwrap();
        assert_eq!(panel.place.lock().number, 2);
    }
}
