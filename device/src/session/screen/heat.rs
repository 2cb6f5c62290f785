//! Where the network looked, without a pixel of the person's.

use synkiosk_models::network::ActivationMap;

/// Where the network found what speaks for synkinesis, in 8 rows of 8 places of the square that it saw: 0 nothing, 255 as
/// much as `Heat::FULL`. It is drawn over a drawn face, and no pixel of the person's is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heat(pub [u8; Heat::SIDE * Heat::SIDE]);

impl Heat {
    /// Places a side.
    pub const SIDE: usize = 8;
    /// What one place adds to the logit, from which on it is drawn as strong as can be.
    const FULL: f32 = 40.0;
    /// Nothing anywhere.
    pub const NONE: Heat = Heat([0; Heat::SIDE * Heat::SIDE]);

    /// Of a class activation map; only what speaks for synkinesis.
    pub fn of(map: &ActivationMap) -> Heat {
        let part = |at: usize| (at * map.side / Heat::SIDE)..((at + 1) * map.side).div_ceil(Heat::SIDE);
        Heat(std::array::from_fn(|at| {
            let (rows, columns) = (part(at / Heat::SIDE), part(at % Heat::SIDE));
            let places = rows.flat_map(|row| columns.clone().map(move |column| row * map.side + column));
            let (sum, count) = places
                .filter_map(|place| map.values.get(place))
                .fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0_f32));
            (sum / count.max(1.0) / Heat::FULL * 255.0).clamp(0.0, 255.0) as u8
        }))
    }
}
