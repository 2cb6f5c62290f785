use super::*;
use std::time::Duration;

fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Blobs and noise, so that neither averages nor deviations are all alike.
fn photo(width: u32, height: u32) -> Photo {
    let mut state = u64::from(width * height);
    let luma = (0..width * height).map(|k| {
        let (x, y) = (k % width, k / width);
        ((x * 5 / 3) ^ (y * 7 / 4)) as u8 / 2 + (random(&mut state) % 100) as u8
    });
    Photo::new(width, height, luma.collect(), Duration::ZERO).unwrap()
}

fn placements() -> Vec<Placement> {
    let mut state = 7;
    let mut within = |from: f32, to: f32| from + (to - from) * (random(&mut state) % 1000) as f32 / 1000.0;
    let mut placements: Vec<_> = (0..60)
        .map(|_| Placement {
            center_x: within(-50.0, 450.0),
            center_y: within(-50.0, 350.0),
            side: within(20.0, 900.0),
            roll: within(-0.5, 0.5),
        })
        .collect();
    // Wholly beside the photo, and larger than can be.
    placements.push(Placement { center_x: -9e3, center_y: -9e3, side: 700.0, roll: 0.1 });
    placements.push(Placement { center_x: 9e3, center_y: 9e3, side: 700.0, roll: -0.1 });
    placements.push(Placement { center_x: 1e30, center_y: -1e30, side: 1e25, roll: 0.0 });
    placements
}

/// The definition: the whole photo scaled, then four pixels around each place.
fn sampled(photo: &Photo, placement: &Placement, side: usize) -> Vec<u8> {
    let by = (placement.side / side as f32).round().clamp(1.0, 64.0) as u32;
    let small = (by > 1).then(|| photo.scaled(photo.width() / by, photo.height() / by).ok()).flatten();
    let scaled = small.as_ref().unwrap_or(photo);
    let across = scaled.width() as f32 / photo.width() as f32;
    let down = scaled.height() as f32 / photo.height() as f32;
    let placement = match &small {
        None => *placement,
        Some(_) => Placement {
            center_x: placement.center_x * across,
            center_y: placement.center_y * down,
            side: placement.side * across,
            roll: placement.roll,
        },
    };
    let at = |index: usize| (index as f32 + 0.5) / side as f32 - 0.5;
    let (last_x, last_y) = (scaled.width() as usize - 1, scaled.height() as usize - 1);
    let pixel = |column: usize, row: usize| f32::from(scaled.luma()[row * scaled.width() as usize + column]);
    let of_place = |k: usize| {
        let (x, y) = placement.point(at(k % side), at(k / side));
        let (x, y) = ((x - 0.5).clamp(0.0, last_x as f32), (y - 0.5).clamp(0.0, last_y as f32));
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(last_x), (top + 1).min(last_y));
        let (along, down) = (x - left as f32, y - top as f32);
        let upper = pixel(left, top) + (pixel(right, top) - pixel(left, top)) * along;
        let lower = pixel(left, bottom) + (pixel(right, bottom) - pixel(left, bottom)) * along;
        (upper + (lower - upper) * down + 0.5) as u8
    };
    (0..side * side).map(of_place).collect()
}

#[test]
fn a_part_of_the_photo_gives_what_the_whole_gives() {
    for photo in [photo(400, 300), photo(131, 97)] {
        for placement in placements() {
            assert!(sample(&photo, &placement, 32) == sampled(&photo, &placement, 32), "{placement:?}");
        }
    }
}

/// The definition: sums over each pixel's own window.
fn normalized_by_definition(luma: &[u8], side: usize) -> Vec<u8> {
    let reach = side / SURROUNDINGS;
    let window = |at: usize| at.saturating_sub(reach)..(at + reach + 1).min(side);
    let of_pixel = |k: usize| {
        let places = window(k / side).flat_map(|row| window(k % side).map(move |column| row * side + column));
        let (mut count, mut sum, mut squares) = (0i64, 0i64, 0i64);
        for value in places.map(|place| i64::from(luma[place])) {
            (count, sum, squares) = (count + 1, sum + value, squares + value * value);
        }
        let deviation = ((count * squares - sum * sum) as f64).sqrt() + (6 * count) as f64;
        let steps = (48 * (i64::from(luma[k]) * count - sum)) as f64 / deviation;
        (128.0 + steps + 0.5) as u8
    };
    (0..side * side).map(of_pixel).collect()
}

#[test]
fn running_sums_give_what_the_definition_gives() {
    let mut state = 3;
    let noise: Vec<u8> = (0..SIZE * SIZE).map(|_| random(&mut state) as u8).collect();
    let edges: Vec<u8> = (0..SIZE * SIZE).map(|k| if k / 700 % 2 == 0 { 255 } else { 0 }).collect();
    for luma in [noise, edges, vec![255; SIZE * SIZE]] {
        let plane = normalized(&luma, SIZE);
        assert!(plane == normalized_by_definition(&luma, SIZE));
        let crop = normalize(&luma);
        for (row, pixels) in plane.chunks_exact(SIZE).zip(crop.pixels().chunks_exact(SIZE * CHANNELS)) {
            assert!(pixels.chunks_exact(CHANNELS).map(|pixel| pixel[0]).eq(row.iter().copied()));
            assert!(pixels.chunks_exact(CHANNELS).map(|pixel| pixel[1]).eq(row.iter().rev().copied()));
        }
    }
}
