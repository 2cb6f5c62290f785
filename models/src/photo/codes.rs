//! What the QR codes in a photo say. Whether it is to be believed is not asked here.

use super::Photo;
use std::{
    io,
    panic::catch_unwind,
    thread::{self, JoinHandle},
};

/// The name of a thread that searches.
const SEARCH: &str = "code search";

impl Photo {
    /// The texts of the QR codes that can be read; none where the reader gives up, as it does at some patterns that are
    /// nearly a code.
    ///
    /// Its work grows with the third power of what looks like a code's corner, and has no bound of its own: a sheet full of
    /// them takes minutes. Who cannot wait so long calls it in a [`search`].
    pub fn codes(&self) -> Vec<String> {
        let (width, height) = (self.width as usize, self.height as usize);
        let read = || {
            let at = |x: usize, y: usize| self.luma[y * width + x];
            let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, at);
            picture
                .detect_grids()
                .iter()
                .filter_map(|grid| grid.decode().ok())
                .map(|(_, text)| text)
                .collect()
        };
        catch_unwind(read).unwrap_or_default()
    }
}

/// Begins to look for codes in a thread of its own.
///
/// # Errors
/// When there is no room for one more thread.
pub fn search<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    thread::Builder::new().name(SEARCH.to_owned()).spawn(look)
}

/// Whether this thread is such a search: its panics are no fault of the program, and end nothing but a look at a picture.
pub fn is_search() -> bool {
    thread::current().name() == Some(SEARCH)
}
