//! Prints `score<tab>file` for each file named on standard input: how sure the face detector is of the largest
//! face it sees at 160 x 120, with the settings of `FaceFinder`; 0 where it sees none.
#![forbid(unsafe_code)]

use std::io::{self, BufRead};
use synkiosk_models::photo::Photo;

/// The detector's model, as the library has it.
const MODEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/face-model.bin"));
/// Below every score that counts, so that near misses show.
const LEAST_SCORE: f64 = 1.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut detector = rustface::create_detector_with_model(rustface::read_model(MODEL)?);
    detector.set_score_thresh(LEAST_SCORE);
    detector.set_pyramid_scale_factor(0.8);
    detector.set_slide_window_step(4, 4);
    for file in io::stdin().lock().lines() {
        let file = file?;
        let small = Photo::decode(&std::fs::read(&file)?)?.scaled(160, 120)?;
        let faces = detector.detect(&rustface::ImageData::new(small.luma(), 160, 120));
        let largest = faces.iter().max_by_key(|face| face.bbox().width());
        println!("{:.2}\t{file}", largest.map_or(0.0, |face| face.score()));
    }
    Ok(())
}
