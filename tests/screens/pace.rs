//! How long it takes to draw: printed, and held only against what no machine should need.

use std::time::{Duration, Instant};
use synkiosk_boards::profile::Rotation;
use synkiosk_device::{
    frame::Frame,
    language::Language,
    panel::fit::{Fit, xrgb8888},
    screens::{
        self, Live, Painter,
        gallery::{PANELS, gallery, nobody, pose_screen},
    },
    session::screen::{Guidance, PHASES, Screen},
};
use synkiosk_models::pose::Pose;

/// So often each is drawn.
const RUNS: usize = 15;

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

#[test]
fn whole_screens_and_what_moves() {
    let photo = nobody();
    let live = Live { photo: &photo, toward: Some([0.2, 0.0]) };
    for ((width, height), size_mm) in PANELS {
        let mut frame = Frame::new(width, height).on_panel_of(size_mm);
        let mut whole: Vec<(f64, String)> = Vec::new();
        for language in [Language::English, Language::Arabic] {
            for screen in gallery() {
                let times = (0..RUNS).map(|_| {
                    let start = Instant::now();
                    screens::draw(&mut frame, &screen, language, Some(&live));
                    start.elapsed()
                });
                whole.push((median(times.collect()), format!("{} {}", screen.name(), language.code())));
            }
        }
        whole.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (slowest, name) = whole.last().expect("there are screens");
        println!(
            "figure: {width}x{height}: a whole screen is drawn in {:.2} ms (median of {} screens), the slowest, \
             {name}, in {slowest:.2} ms",
            whole[whole.len() / 2].0,
            whole.len()
        );
        let (moving, words) = (moving(&mut frame, &live), words(&mut frame, &live));
        let sent = sent(&frame);
        println!(
            "figure: {width}x{height}: a live picture with its ring is drawn in {moving:.2} ms ({:.0} a second), with \
             its drawing and its words in {words:.2} ms; a frame becomes a panel's pixels in {sent:.2} ms ({:.0} a second \
             with that)",
            1e3 / moving,
            1e3 / (words + sent)
        );
        // Thirty times what this needs where it was written: a loaded machine, or a wrong loop.
        assert!(*slowest < 500.0 && words < 300.0, "{slowest} and {words} ms");
    }
}

/// A live picture after another, the ring a step further.
fn moving(frame: &mut Frame, live: &Live<'_>) -> f64 {
    let mut painter = Painter::new();
    let mut times = Vec::new();
    for run in 0..RUNS * 4 {
        let screen = pose_screen(Pose::OpenSmile, 3, Guidance::Hold { closed: (run % 8) as u8 });
        let start = Instant::now();
        painter.draw(frame, &screen, Language::English, Some(live));
        times.push(start.elapsed());
    }
    median(times)
}

/// What a DRM panel of the screen's size does with each frame: whole, into 32 bits a pixel.
fn sent(frame: &Frame) -> f64 {
    let mut fit = Fit::new((frame.width(), frame.height()), Rotation::None);
    let mut buffer = vec![0_u8; (frame.width() * frame.height() * 4) as usize];
    let stride = frame.width() as usize * 4;
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        fit.rows(frame, |y, row| {
            let to = buffer[y * stride..(y + 1) * stride].chunks_exact_mut(4);
            row.chunks_exact(3).zip(to).for_each(|(pixel, to)| to.copy_from_slice(&xrgb8888(pixel)));
        });
        start.elapsed()
    });
    let times = times.collect();
    std::hint::black_box(&buffer);
    median(times)
}

/// The same where the drawing moves and the words change each time.
fn words(frame: &mut Frame, live: &Live<'_>) -> f64 {
    let mut painter = Painter::new();
    let mut times = Vec::new();
    for run in 0..RUNS * 4 {
        let guidance = if run % 2 == 0 {
            Guidance::Read
        } else {
            Guidance::Mend(synkiosk_models::quality::Check::TooDark)
        };
        let phase = (run % usize::from(PHASES)) as u8;
        let screen = Screen::Pose { pose: Pose::OpenSmile, number: 3, of: 9, guidance, phase };
        let start = Instant::now();
        painter.draw(frame, &screen, Language::English, Some(live));
        times.push(start.elapsed());
    }
    median(times)
}

/// Capital letters of the sentence that a visitor has to read, in millimeters.
#[test]
fn sentences_are_as_large_as_the_panel_allows() {
    for ((width, height), size_mm) in PANELS {
        let mut frame = Frame::new(width, height).on_panel_of(size_mm);
        let density = frame.pixels_per_mm().expect("its size is known");
        let (mut least, mut legible, mut count) = ((f32::INFINITY, String::new()), 0, 0);
        for language in Language::ALL {
            for screen in gallery() {
                if matches!(screen, Screen::Technician(_) | Screen::Answer(_)) || screen.code().is_some() {
                    continue;
                }
                let cap = screens::draw(&mut frame, &screen, language, None).cap / density;
                if cap > 0.0 {
                    count += 1;
                    legible += usize::from(cap >= 6.99);
                    if cap < least.0 {
                        least = (cap, format!("{} {}", screen.name(), language.code()));
                    }
                }
            }
        }
        println!(
            "figure: {width}x{height} on {} by {} mm: capital letters of {legible} of {count} sentences are 7 mm high or \
             more; the smallest, of {}, {:.1} mm",
            size_mm.0, size_mm.1, least.1, least.0
        );
        // What a panel of a hand's width can show.
        assert!(least.0 >= 1.8, "{least:?}");
        assert!(legible * 2 >= count || width < 400, "{legible} of {count}");
    }
}
