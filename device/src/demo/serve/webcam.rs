//! The newest picture that a browser sent, until the kiosk looks at it.

use crate::camera::{CameraError, STALL};
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use synkiosk_models::photo::Photo;
use zeroize::Zeroizing;

/// Pixels a row of what a browser sends.
pub const WIDTH: u32 = 640;
/// Rows.
pub const HEIGHT: u32 = 480;
/// Bytes of one picture: one of luma a pixel.
pub(super) const BYTES: usize = (WIDTH * HEIGHT) as usize;

pub(super) struct Webcam {
    began: Instant,
    inbox: Mutex<Inbox>,
    arrived: Condvar,
}

#[derive(Default)]
struct Inbox {
    /// Between consent and the wipe; outside of it nothing is taken.
    is_on: bool,
    photo: Option<Photo>,
}

impl Webcam {
    pub(super) fn new() -> Webcam {
        Webcam { began: Instant::now(), inbox: Mutex::default(), arrived: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a picture in place of one that was not looked at yet; false while the camera is off. It is wiped in
    /// either case when it is done with.
    pub(super) fn offer(&self, mut luma: Zeroizing<Vec<u8>>) -> bool {
        let photo = Photo::new(WIDTH, HEIGHT, std::mem::take(&mut *luma), self.began.elapsed());
        let mut inbox = self.lock();
        match photo {
            Ok(photo) if inbox.is_on => {
                inbox.photo = Some(photo);
                self.arrived.notify_all();
                true
            }
            _ => false,
        }
    }

    /// Whether pictures are wanted.
    pub(super) fn is_on(&self) -> bool {
        self.lock().is_on
    }

    /// Waits for a picture that was not looked at yet.
    pub(super) fn next(&self) -> Result<Photo, CameraError> {
        let mut inbox = self.lock();
        inbox.is_on = true;
        let (mut inbox, _) = self
            .arrived
            .wait_timeout_while(inbox, STALL, |inbox| inbox.photo.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        inbox.photo.take().ok_or_else(|| CameraError::Stalled("of the browser".to_owned()))
    }

    pub(super) fn stop(&self) {
        *self.lock() = Inbox::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(value: u8, bytes: usize) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![value; bytes])
    }

    #[test]
    fn the_newest_picture_is_looked_at_once_and_none_while_off() {
        let webcam = Webcam::new();
        assert!(!webcam.offer(luma(1, BYTES)));
        webcam.lock().is_on = true;
        assert!(!webcam.offer(luma(1, BYTES - 1)));
        assert!(webcam.offer(luma(2, BYTES)) && webcam.offer(luma(3, BYTES)));
        assert_eq!(webcam.next().unwrap().luma()[0], 3);
        assert!(webcam.lock().photo.is_none());
        assert!(webcam.offer(luma(4, BYTES)));
        webcam.stop();
        assert!(webcam.lock().photo.is_none() && !webcam.offer(luma(5, BYTES)));
    }
}
