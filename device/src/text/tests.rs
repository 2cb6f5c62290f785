use super::*;
use embedded_graphics::pixelcolor::RgbColor;
use proptest::prelude::*;

const STYLE: Style = Style { size: 20.0, bold: false, color: Rgb888::WHITE };
/// A sentence for each language of the kiosk.
const SENTENCES: [&str; 6] = [
    "Please look straight into the camera, and hold still.",
    "Bitte schließen Sie die Augen – so fest, wie es geht: „Größe“ übt.",
    "Gardez la tête droite, s’il vous plaît ; « œil » fermé, ça va très bien.",
    "¿Está listo? Mire a la cámara y sonría con la boca señalada.",
    "Lütfen ağzınızı açın, İYİ IŞIK altında şimdi gülümseyin.",
    "من فضلك انظر إلى الكاميرا وأغلق عينيك بلطف، الوضعية 3 من 9 (الآن).",
];

fn drawn(text: &str, align: Align) -> Frame {
    let mut frame = Frame::new(700, 240);
    STYLE.line(&mut frame, text, Area::new(0.0, 0.0, 700.0, 240.0), align);
    frame
}

fn words(lines: &Lines) -> Vec<&str> {
    lines.lines.iter().flat_map(|line| line.text.split_whitespace()).collect()
}

#[test]
fn both_weights_draw() {
    for (bold, text) in [(false, "Smile"), (true, "Smile"), (false, "ابتسم"), (true, "ابتسم")] {
        let style = Style { bold, ..STYLE };
        let mut frame = Frame::new(240, 240);
        style.line(&mut frame, text, Area::new(0.0, 0.0, 240.0, 240.0), Align::Center);
        assert!(frame.rgb().iter().any(|value| *value > 200));
        assert!((1.5..4.0).contains(&(style.width(text) / 20.0)), "{text} {}", style.width(text));
    }
    assert!(Style { bold: true, ..STYLE }.width("Smile") > STYLE.width("Smile"));
}

#[test]
fn every_language_has_its_letters() {
    for sentence in SENTENCES {
        assert_eq!(missing_glyphs(sentence), [], "{sentence}");
        assert_eq!(is_right_to_left(sentence), sentence.starts_with('م'));
    }
    assert!(has_glyphs("شُكْرًا\nZeile"));
    assert_eq!(missing_glyphs("a漢\tb"), ['漢', '\t']);
}

#[test]
fn what_no_font_has_is_a_box() {
    assert_eq!(drawn("漢", Align::Left).rgb(), drawn("字", Align::Left).rgb());
    assert!(drawn("漢", Align::Left).rgb().iter().any(|value| *value > 200));
}

#[test]
fn joined_letters_touch() {
    // Four letters that join, seen from below: one piece of ink along their base, without a gap.
    let frame = drawn("سنبت", Align::Left);
    let baseline = (120.0 + 0.357 * STYLE.size).round() as u32;
    let inked = |x: &u32| (1..4).any(|up| frame.pixel(*x, baseline - up).is_some_and(|ink| ink.r() > 60));
    let columns: Vec<u32> = (0..700).filter(inked).collect();
    assert!(columns.len() > 15);
    assert_eq!((columns[columns.len() - 1] - columns[0]) as usize + 1, columns.len(), "{columns:?}");
}

#[test]
fn lines_break_at_spaces_and_stay_within() {
    let text = "Please look straight into the camera\nand hold still";
    let lines = STYLE.wrap(text, 120.0);
    assert!(lines.fits);
    assert!(lines.lines.len() > 2 && lines.width() <= 120.0);
    assert!(words(&lines).into_iter().eq(text.split_whitespace()));
    assert!(!STYLE.wrap("unbreakablyunbreakablyunbreakably", 120.0).fits);
}

#[test]
fn arabic_lines_keep_every_word_and_their_direction() {
    let text = format!("{}\n3 / 9", SENTENCES[5]);
    let lines = STYLE.wrap(&text, 150.0);
    assert!(lines.fits && lines.lines.len() > 4 && lines.width() <= 150.0);
    assert!(words(&lines).into_iter().eq(text.split_whitespace()));
    // A line that starts with a number, and a paragraph of numbers alone, run as the rest does.
    assert!(lines.lines.iter().all(|line| line.right_to_left));
    let mixed = STYLE.wrap("Deutsch\nالعربية\nE01", 400.0);
    assert_eq!(mixed.lines.iter().map(|line| line.right_to_left).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn the_largest_size_that_fits_is_taken() {
    let area = Area::new(0.0, 0.0, 200.0, 60.0);
    let lines = Lines::fitted("Hold", STYLE, &[80.0, 40.0, 20.0], area);
    assert_eq!(lines.style.size, 40.0);
    assert!(lines.fits_into(area));
}

#[test]
fn a_text_is_drawn_at_the_edge_that_is_asked_for() {
    for text in ["abc", "دار"] {
        let inked = |frame: Frame, from: u32| {
            (0..100).any(|x| (0..240).any(|y| frame.pixel(from + x, y).is_some_and(|ink| ink.r() > 100)))
        };
        assert!(inked(drawn(text, Align::Left), 0) && !inked(drawn(text, Align::Left), 600));
        assert!(inked(drawn(text, Align::Left.mirrored()), 600));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_text_is_measured_cut_and_drawn(
        text in prop_oneof![".{0,60}", "[ \na-z(«لاشبةء\u{64E}\u{200C}-\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}٣3]{0,60}"],
        width in 0f32..300.0,
    ) {
        prop_assert!(STYLE.width(&text).is_finite());
        let lines = STYLE.wrap(&text, width);
        let expected: Vec<&str> = text.split([' ', '\n']).filter(|word| !word.is_empty()).collect();
        let seen: Vec<&str> =
            lines.lines.iter().flat_map(|line| line.text.split(' ')).filter(|word| !word.is_empty()).collect();
        prop_assert_eq!(seen, expected);
        let mut frame = Frame::new(240, 240);
        lines.draw(&mut frame, Area::new(0.0, 0.0, width, 240.0), Align::Center);
        STYLE.line(&mut frame, &text, Area::new(0.0, 0.0, width, 240.0), Align::Right);
        has_glyphs(&text);
    }

    #[test]
    fn a_line_is_as_wide_as_its_parts(text in "[a-z ابلء(3]{0,30}") {
        let lines = STYLE.wrap(&text, 1e6);
        prop_assert!((lines.width() - STYLE.width(text.trim_start_matches(' '))).abs() < 0.01);
    }
}
