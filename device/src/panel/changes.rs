//! What differs between two frames, as rectangles: a slow bus carries only these.

/// Sending one more rectangle costs as much as so many pixels: 11 bytes of addresses in six transfers, each of which
/// takes the kernel about 25 microseconds, in which a bus of 32 MHz carries 50 pixels.
const COST: usize = 300;

/// Pixels from `left` to before `right`, in rows from `top` to before `bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Column after the last.
    pub right: usize,
    /// Row after the last.
    pub bottom: usize,
}

impl Rectangle {
    /// How many pixels.
    pub fn pixels(&self) -> usize {
        (self.right - self.left) * (self.bottom - self.top)
    }

    fn around(&self, other: &Rectangle) -> Rectangle {
        Rectangle {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// Rectangles without overlap, from top to bottom, that cover every pixel in which two frames of this width differ.
///
/// # Panics
/// When the frames differ in size.
pub fn changes<P: PartialEq>(old: &[P], new: &[P], width: usize) -> Vec<Rectangle> {
    assert_eq!(old.len(), new.len(), "frames of one panel");
    let mut found: Vec<Rectangle> = Vec::new();
    let rows = old.chunks_exact(width).zip(new.chunks_exact(width));
    for (row, (old, new)) in rows.enumerate() {
        let differs = |(old, new): (&P, &P)| old != new;
        let Some(left) = old.iter().zip(new).position(differs) else { continue };
        let Some(last) = old.iter().zip(new).rposition(differs) else { continue };
        let span = Rectangle { left, top: row, right: last + 1, bottom: row + 1 };
        match found.last_mut() {
            Some(above) if above.around(&span).pixels() <= above.pixels() + span.pixels() + COST => {
                *above = above.around(&span);
            }
            _ => found.push(span),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_frames_need_nothing_and_new_ones_all() {
        let (black, white) = (vec![0u16; 240 * 320], vec![1u16; 240 * 320]);
        assert_eq!(changes(&black, &black, 240), []);
        let all = Rectangle { left: 0, top: 0, right: 240, bottom: 320 };
        assert_eq!(changes(&black, &white, 240), [all]);
    }

    #[test]
    fn what_is_far_apart_is_not_joined() {
        let old = vec![0u16; 240 * 320];
        let mut new = old.clone();
        new[10 * 240 + 7] = 1;
        new[12 * 240 + 9] = 1;
        new[300 * 240 + 100] = 1;
        let expected = [
            Rectangle { left: 7, top: 10, right: 10, bottom: 13 },
            Rectangle { left: 100, top: 300, right: 101, bottom: 301 },
        ];
        assert_eq!(changes(&old, &new, 240), expected);
    }

    proptest! {
        /// Copying the rectangles makes the old frame the new one, and none is copied twice.
        #[test]
        fn the_rectangles_are_enough(
            old in prop::collection::vec(0u8..3, 16 * 20),
            spots in prop::collection::vec((0usize..16, 0usize..20), 0..30),
        ) {
            let mut new = old.clone();
            for (x, y) in spots { new[y * 16 + x] ^= 1; }
            let mut copy = old.clone();
            let mut bottom = 0;
            for rectangle in changes(&old, &new, 16) {
                prop_assert!(rectangle.top >= bottom && rectangle.pixels() > 0);
                bottom = rectangle.bottom;
                for row in rectangle.top..rectangle.bottom {
                    let span = row * 16 + rectangle.left..row * 16 + rectangle.right;
                    copy[span.clone()].copy_from_slice(&new[span]);
                }
            }
            prop_assert_eq!(copy, new);
        }
    }
}
