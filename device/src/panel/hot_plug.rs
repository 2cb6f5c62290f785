//! A panel that may be away: nothing is shown until it is there, and it is looked for again and again.

use super::{Panel, PanelError};
use crate::frame::Frame;
use std::io;

/// A display that is there.
pub trait Display {
    /// Shows the frame.
    ///
    /// # Errors
    /// When it is not seen. The display is then opened anew.
    fn show(&mut self, frame: &Frame) -> Result<(), PanelError>;

    /// Whether it is still there.
    ///
    /// # Errors
    /// When it is not. The display is then opened anew.
    fn check(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

/// A panel that opens its display when it is there, and lets go of it when it fails.
pub struct HotPlug<D, O> {
    open: O,
    display: Option<D>,
    is_away: bool,
    /// Why a frame was not seen, until `check` has said so.
    error: Option<PanelError>,
}

impl<D: Display, O: FnMut() -> Result<D, PanelError>> HotPlug<D, O> {
    /// Nothing is opened before the first frame.
    pub fn new(open: O) -> HotPlug<D, O> {
        HotPlug { open, display: None, is_away: false, error: None }
    }

    fn opened(&mut self) -> Result<&mut D, PanelError> {
        let display = match self.display.take() {
            Some(display) => display,
            None => (self.open)()?,
        };
        Ok(self.display.insert(display))
    }

    fn noted<T>(&mut self, result: Result<T, PanelError>) -> Result<T, PanelError> {
        self.is_away = result.is_err();
        if self.is_away {
            self.display = None;
        }
        result
    }
}

impl<D: Display, O: FnMut() -> Result<D, PanelError>> Panel for HotPlug<D, O> {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        // While it is away only `check` looks for it: opening may take long, and frames come fast.
        if !self.is_away {
            let shown = self.opened().and_then(|display| display.show(frame));
            self.error = self.noted(shown).err();
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), PanelError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let checked = self.opened().and_then(Display::check);
        self.noted(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, rc::Rc};

    /// Stricter than a real one: nothing may be shown once it has failed.
    struct FakeDisplay {
        plugged_in: Rc<Cell<bool>>,
        shown: Rc<Cell<u32>>,
        has_failed: bool,
    }

    impl Display for FakeDisplay {
        fn show(&mut self, _: &Frame) -> Result<(), PanelError> {
            assert!(!self.has_failed, "used after it failed");
            self.check()?;
            self.shown.set(self.shown.get() + 1);
            Ok(())
        }

        fn check(&mut self) -> Result<(), PanelError> {
            self.has_failed = !self.plugged_in.get();
            if self.has_failed { Err(PanelError::NoDisplay("fake".to_owned())) } else { Ok(()) }
        }
    }

    #[test]
    fn a_display_comes_and_goes() {
        let (plugged_in, shown, opened) = (Rc::new(Cell::new(false)), Rc::default(), Rc::new(Cell::new(0)));
        let open = {
            let (plugged_in, shown, opened) = (Rc::clone(&plugged_in), Rc::clone(&shown), Rc::clone(&opened));
            move || {
                opened.set(opened.get() + 1);
                let mut display = FakeDisplay {
                    plugged_in: Rc::clone(&plugged_in),
                    shown: Rc::clone(&shown),
                    has_failed: false,
                };
                display.check().map(|()| display)
            }
        };
        let mut panel = HotPlug::new(open);
        let frame = Frame::new(240, 320);
        for _ in 0..3 {
            panel.show(&frame).unwrap();
        }
        assert_eq!((shown.get(), opened.get()), (0, 1), "frames look for a display that is away");
        assert!(panel.check().is_err() && panel.check().is_err());
        plugged_in.set(true);
        panel.check().unwrap();
        panel.show(&frame).unwrap();
        assert_eq!(shown.get(), 1);
        // Pulled out and put back between two checks: said all the same, so that the frame is shown again.
        plugged_in.set(false);
        panel.show(&frame).unwrap();
        plugged_in.set(true);
        panel.show(&frame).unwrap();
        assert_eq!(shown.get(), 1);
        panel.check().unwrap_err();
        panel.check().unwrap();
        panel.show(&frame).unwrap();
        assert_eq!(shown.get(), 2);
    }
}
