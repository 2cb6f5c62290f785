//! Rectangles that screens are laid out with. Lengths are pixels.

/// A rectangle with room for halves of pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// From left to right.
    pub width: f32,
    /// From top to bottom.
    pub height: f32,
}

impl Area {
    /// A rectangle by its upper left corner and its size; a negative size becomes nothing.
    pub fn new(x: f32, y: f32, width: f32, height: f32) -> Area {
        Area { x, y, width: width.max(0.0), height: height.max(0.0) }
    }

    /// The middle.
    pub fn center(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Right edge.
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// Whether a point is within.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    /// Smaller by `by` on every side, or larger where that is negative.
    pub fn inset(&self, by: f32) -> Area {
        Area::new(self.x + by, self.y + by, self.width - 2.0 * by, self.height - 2.0 * by)
    }

    /// Cuts `height` off the top: that, and what is left below it after a `gap`.
    pub fn cut_top(&self, height: f32, gap: f32) -> (Area, Area) {
        let height = height.min(self.height);
        let below = self.y + height + gap;
        let top = Area::new(self.x, self.y, self.width, height);
        (top, Area::new(self.x, below, self.width, self.bottom() - below))
    }

    /// Cuts `height` off the bottom: what is left above, and that.
    pub fn cut_bottom(&self, height: f32, gap: f32) -> (Area, Area) {
        let (above, bottom) = self.cut_top(self.height - height.min(self.height) - gap, gap);
        (above, bottom)
    }

    /// Cuts `width` off the left: that, and what is left beside it after a `gap`.
    pub fn cut_left(&self, width: f32, gap: f32) -> (Area, Area) {
        let width = width.min(self.width);
        let beside = self.x + width + gap;
        let left = Area::new(self.x, self.y, width, self.height);
        (left, Area::new(beside, self.y, self.right() - beside, self.height))
    }

    /// The largest square within, in the middle.
    pub fn square(&self) -> Area {
        let side = self.width.min(self.height);
        let (x, y) = self.center();
        Area::new(x - side / 2.0, y - side / 2.0, side, side)
    }
}
