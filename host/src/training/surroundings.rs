//! What is around a face: where it begins, and how training replaces it, so that no call hangs on the room.

use super::random::Random;
use synkiosk_models::align::Placement;

/// The face and the neck below it in the placed square, in sides from its center: an ellipse from the hairline to
/// the chin, and a strip in which bands of the platysma show.
const CENTER_DOWN: f32 = -0.03;
const HALF_WIDTH: f32 = 0.36;
const HALF_HEIGHT: f32 = 0.42;
const NECK_HALF_WIDTH: f32 = 0.2;
/// Width of the soft edge, so that the change itself makes no line.
const EDGE: f32 = 0.05;

/// How much of a pixel is face: 1 inside, 0 in the surroundings.
pub fn face_share(placement: &Placement, x: f32, y: f32) -> f32 {
    let [u, v] = placement.within([x, y]);
    let from_center = (u / HALF_WIDTH).hypot((v - CENTER_DOWN) / HALF_HEIGHT);
    let ellipse = (1.0 - from_center) * HALF_WIDTH / EDGE + 0.5;
    let neck = if v > 0.0 { (NECK_HALF_WIDTH - u.abs()) / EDGE + 0.5 } else { 0.0 };
    ellipse.max(neck).clamp(0.0, 1.0)
}

/// Replaces everything around the face in a look of `side` x `side` pixels at the square `looked`; the face's own
/// square is `face`. What comes instead is patches of any size, from noise to blotches and stripes, hard or soft.
pub fn replace(luma: &mut [u8], side: usize, looked: &Placement, face: &Placement, random: &mut Random) {
    let pattern = Pattern::random(side, random);
    let at = |index: usize| (index as f32 + 0.5) / side as f32 - 0.5;
    for (row, line) in luma.chunks_exact_mut(side).enumerate() {
        for (column, value) in line.iter_mut().enumerate() {
            let (x, y) = looked.point(at(column), at(row));
            let share = face_share(face, x, y);
            if share < 1.0 {
                let new = pattern.luma(column, row);
                *value = (new + (f32::from(*value) - new) * share + 0.5) as u8;
            }
        }
    }
}

/// A grid of random luma values, stretched over a square.
struct Pattern {
    columns: usize,
    values: Vec<f32>,
    /// Pixels of one cell.
    cell: [f32; 2],
    /// Values run into each other.
    is_soft: bool,
}

impl Pattern {
    fn random(side: usize, random: &mut Random) -> Pattern {
        // As many noises as blotches: the logarithm of a cell's size is even, up to half the square.
        let most = (side as f32 / 2.0).ln();
        let is_square = random.chance(0.6);
        let width = (random.unit() * most).exp();
        let height = if is_square { width } else { (random.unit() * most).exp() };
        let count = |cell: f32| (side as f32 / cell) as usize + 2;
        let (columns, rows) = (count(width), count(height));
        let (middle, spread) = (255.0 * random.unit(), 110.0 * random.unit());
        let values = (0..columns * rows).map(|_| (middle + random.within(spread)).clamp(0.0, 255.0));
        Pattern { columns, values: values.collect(), cell: [width, height], is_soft: random.chance(0.5) }
    }

    fn luma(&self, column: usize, row: usize) -> f32 {
        let (x, y) = (column as f32 / self.cell[0], row as f32 / self.cell[1]);
        let first = y as usize * self.columns + x as usize;
        if !self.is_soft {
            return self.values[first];
        }
        let (along, down) = (x.fract(), y.fract());
        let row = |first: usize| self.values[first] + (self.values[first + 1] - self.values[first]) * along;
        let (upper, lower) = (row(first), row(first + self.columns));
        upper + (lower - upper) * down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 64;
    const SQUARE: Placement = Placement { center_x: 50.0, center_y: 60.0, side: 80.0, roll: 0.1 };

    #[test]
    fn the_face_stays_and_the_rest_goes() {
        let shifted = Placement { center_x: 54.0, ..SQUARE };
        for seed in 0..50 {
            let mut luma = vec![99; SIDE * SIDE];
            replace(&mut luma, SIDE, &shifted, &SQUARE, &mut Random::new(&[seed]));
            let at = |index: usize| (index as f32 + 0.5) / SIDE as f32 - 0.5;
            let mut changed = 0;
            for (index, value) in luma.iter().enumerate() {
                let (x, y) = shifted.point(at(index % SIDE), at(index / SIDE));
                match face_share(&SQUARE, x, y) {
                    1.0 => assert_eq!(*value, 99, "seed {seed}, pixel {index}"),
                    _ => changed += usize::from(*value != 99),
                }
            }
            assert!(changed > SIDE * SIDE / 4, "seed {seed}: {changed}");
        }
    }

    #[test]
    fn patterns_are_of_many_sizes() {
        let steps = |seed| {
            let mut luma = vec![0; SIDE * SIDE];
            replace(&mut luma, SIDE, &SQUARE, &SQUARE, &mut Random::new(&[seed]));
            luma[..SIDE].windows(2).filter(|pair| pair[0] != pair[1]).count()
        };
        let counts: Vec<usize> = (0..100).map(steps).collect();
        assert!(
            counts.iter().any(|count| *count > 50) && counts.iter().any(|count| *count < 5),
            "{counts:?}"
        );
    }
}
