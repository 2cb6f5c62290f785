//! What the face does: action units with a gain for each of the person's sides.

use synkiosk_models::pose::Side;

/// A value for the person's right and one for the person's left.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sides {
    /// The person's right, image left.
    pub right: f32,
    /// The person's left, image right.
    pub left: f32,
}

impl Sides {
    /// The same on both sides.
    pub const fn both(value: f32) -> Sides {
        Sides { right: value, left: value }
    }

    /// The value of one side.
    pub fn of(&self, side: Side) -> f32 {
        match side {
            Side::Right => self.right,
            Side::Left => self.left,
        }
    }

    /// The value of one side, to change it.
    pub fn of_mut(&mut self, side: Side) -> &mut f32 {
        match side {
            Side::Right => &mut self.right,
            Side::Left => &mut self.left,
        }
    }

    /// Right and left exchanged.
    pub fn mirrored(self) -> Sides {
        Sides { right: self.left, left: self.right }
    }

    /// Left minus right.
    pub fn difference(&self) -> f32 {
        self.left - self.right
    }
}

macro_rules! action_units {
    ($($(#[$doc:meta])* $field:ident),+ $(,)?) => {
        /// Activations, 0 none to 1 as far as most people can; the common ones may go somewhat beyond.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Actions {
            $($(#[$doc])* pub $field: Sides,)+
            /// Lips apart without the jaw.
            pub part: f32,
            /// Jaw opening.
            pub jaw: f32,
            /// Gaze to image right and up, tangents.
            pub gaze: [f32; 2],
        }

        impl Actions {
            /// Names of the two-sided units, in the order of `units`.
            pub const UNIT_NAMES: &[&str] = &[$(stringify!($field)),+];

            /// The two-sided units, in the order of `UNIT_NAMES`.
            pub fn units(&self) -> Vec<Sides> {
                vec![$(self.$field),+]
            }

            /// Right and left exchanged, gaze included.
            pub fn mirrored(&self) -> Actions {
                Actions {
                    $($field: self.$field.mirrored(),)+
                    part: self.part,
                    jaw: self.jaw,
                    gaze: [-self.gaze[0], self.gaze[1]],
                }
            }
        }
    };
}

action_units!(
    /// Frontalis; below 0 the brow hangs.
    brow_raise,
    /// Corrugator.
    brow_lower,
    /// Orbicularis oculi, the lid's part; 1 is shut.
    lid_close,
    /// Levator, and a lower lid that hangs: a wider opening.
    lid_wide,
    /// Orbicularis oculi, the outer part.
    cheek_raise,
    /// Levator labii superioris alaeque nasi.
    nose_wrinkle,
    /// Levator labii superioris.
    upper_lip,
    /// Zygomaticus major.
    corner_pull,
    /// Depressor anguli oris, or a corner that hangs.
    corner_down,
    /// Depressor labii inferioris.
    lower_lip,
    /// Mentalis.
    chin_raise,
    /// Platysma.
    platysma,
    /// Orbicularis oris.
    pucker,
    /// Nasolabial fold at rest: above 0 deeper than the person's own, below 0 flatter.
    fold,
);

/// The sign of image x on a side.
pub fn image_sign(side: Side) -> f32 {
    match side {
        Side::Right => -1.0,
        Side::Left => 1.0,
    }
}

/// The side on which image x lies.
pub fn side_at(x: f32) -> Side {
    if x > 0.0 { Side::Left } else { Side::Right }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_left_is_the_persons_right() {
        assert_eq!(side_at(-30.0), Side::Right);
        for side in [Side::Right, Side::Left] {
            assert_eq!(side_at(image_sign(side)), side);
        }
    }

    #[test]
    fn mirroring_twice_changes_nothing() {
        let actions = Actions {
            corner_pull: Sides { right: 0.2, left: 0.9 },
            gaze: [0.1, 0.2],
            jaw: 0.3,
            ..Actions::default()
        };
        assert_eq!(actions.mirrored().corner_pull, Sides { right: 0.9, left: 0.2 });
        assert_eq!(actions.mirrored().mirrored(), actions);
        assert_eq!(actions.units().len(), Actions::UNIT_NAMES.len());
    }
}
