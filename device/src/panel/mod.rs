//! Where frames go.

pub mod picture;

use crate::frame::Frame;
use std::io;

/// A panel shows one frame after the other.
pub trait Panel {
    /// Shows the frame until the next one; returns when it is, or will soon be, visible.
    fn show(&mut self, frame: &Frame) -> io::Result<()>;
}

impl<P: Panel + ?Sized> Panel for Box<P> {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        (**self).show(frame)
    }
}
