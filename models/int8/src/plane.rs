//! Where the activations of one layer lie: a map with a border.
//!
//! The border holds the activation that stands for zero and is written once. Kernels read it like any other pixel,
//! so that none of them knows an edge.

use crate::Convolution;

/// Bytes after a plane that kernels may read, but whose values never count: a row of a window is read in steps of
/// at most this many bytes, and weights beyond the row are zero.
pub const SLACK: usize = 64;

/// `[row][column][channel]` with as many pixels of border on every side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plane {
    /// Rows inside the border.
    pub height: usize,
    /// Columns inside the border.
    pub width: usize,
    /// Bytes of a pixel.
    pub channels: usize,
    /// Pixels on each side.
    pub border: usize,
}

impl Plane {
    /// What a convolution reads.
    pub fn input_of(convolution: &Convolution) -> Plane {
        let raw = convolution.raw();
        Plane { height: raw.height, width: raw.width, channels: raw.channels_in, border: raw.padding }
    }

    /// What a convolution writes, without a border.
    pub fn output_of(convolution: &Convolution) -> Plane {
        Plane {
            height: convolution.height_out(),
            width: convolution.width_out(),
            channels: convolution.raw().channels_out,
            border: 0,
        }
    }

    /// Bytes from a row to the next.
    pub fn row(&self) -> usize {
        (self.width + 2 * self.border) * self.channels
    }

    /// Bytes in all, with the border and without the slack.
    pub fn length(&self) -> usize {
        (self.height + 2 * self.border) * self.row()
    }

    /// Where the first pixel inside the border lies.
    pub fn start(&self) -> usize {
        self.border * (self.row() + self.channels)
    }

    /// The rows inside the border, of a buffer of this plane.
    pub fn rows<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let inside = self.width * self.channels;
        bytes[self.start()..].chunks(self.row()).take(self.height).map(move |row| &row[..inside])
    }

    /// The same, to be written.
    pub fn rows_mut<'a>(&self, bytes: &'a mut [u8]) -> impl Iterator<Item = &'a mut [u8]> {
        let inside = self.width * self.channels;
        let (start, row, height) = (self.start(), self.row(), self.height);
        bytes[start..].chunks_mut(row).take(height).map(move |row| &mut row[..inside])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_inside_the_border() {
        let plane = Plane { height: 2, width: 3, channels: 2, border: 1 };
        assert_eq!((plane.row(), plane.length(), plane.start()), (10, 40, 12));
        let bytes: Vec<u8> = (0..40).collect();
        let rows: Vec<&[u8]> = plane.rows(&bytes).collect();
        assert_eq!(rows, [&[12, 13, 14, 15, 16, 17], &[22, 23, 24, 25, 26, 27]]);
    }
}
