//! The web application over HTTP: right and wrong forms, who may ask, floods, and bodies that are no forms at all.
#![allow(clippy::unwrap_used)]

mod served;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use served::{Answer, Form, Served, ask, root, shipped};
use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

const SESSION: [&str; 4] = ["rest", "tight-closure", "open-smile", "pucker"];

fn rest() -> Vec<u8> {
    fs::read(shipped("synkinesis-one", "rest")).unwrap()
}

#[test]
fn a_series_is_answered_as_on_the_command_line() {
    let served = Served::start(&[]);
    for person in ["synkinesis-one", "healthy-one"] {
        let folder = root().join("device/demo/people").join(person);
        let output = Command::new(env!("CARGO_BIN_EXE_synkiosk"))
            .args(["predict", "--json", "--series"])
            .arg(folder)
            .output()
            .unwrap();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let poses: Vec<&str> = told["poses"].as_object().unwrap().keys().map(String::as_str).collect();
        let answer = served.post("/api/v1/series", &Form::of_person(person, &poses));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let found = &answer.json()["series"];
        assert_eq!((&found["answer"], &found["score"]), (&told["answer"], &told["score"]));
        assert_eq!(found["indices"], told["indices"]);
        assert_eq!(found["poses"]["rest"]["landmarks"], told["poses"]["rest"]["landmarks"]);
    }
}

#[test]
fn every_picture_of_a_form_gets_its_answer() {
    let served = Served::start(&[]);
    let form = Form::default()
        .with("picture", "C:\\people\\anna.jpg", &rest())
        .with("picture", "<b>no picture</b>.jpg", b"no picture")
        .with("picture", "cut.jpg", &rest()[..300]);
    let answer = served.post("/api/v1/predict", &form);
    let json = answer.json();
    let predictions = json["predictions"].as_array().unwrap();
    assert_eq!(json["research_use_only"], true);
    assert_eq!(predictions.len(), 3);
    assert_eq!(predictions[0]["file"], "anna.jpg");
    assert!(
        predictions[0]["score"].is_number() && predictions[0]["landmarks"].as_object().unwrap().len() == 22
    );
    assert_eq!(predictions[1]["error"], "the picture is neither JPEG nor PNG");
    assert!(predictions[2]["error"].as_str().unwrap().contains("damaged"));
    let page = served.post("/screen", &form).text();
    assert!(page.contains("&lt;b&gt;no picture&lt;") || page.contains("b&gt;.jpg"), "{page}");
    assert!(!page.contains("<b>no picture"));
    assert!(page.contains("Research use only"));
}

fn kit(file: &str) -> Vec<u8> {
    fs::read(root().join("tests/kit/slips").join(file)).unwrap()
}

/// A file of the kit without what must be said of it.
fn slip_text(file: &str) -> Vec<u8> {
    kit(file).split(|byte| *byte == b'\n').next().unwrap().to_vec()
}

#[test]
fn a_slip_is_checked_as_on_the_command_line() {
    let unit = root().join("tests/kit/slips/unit.toml").display().to_string();
    let served = Served::start(&["--unit", &unit]);
    let output = Command::new(env!("CARGO_BIN_EXE_synkiosk"))
        .args(["slip", "--json", "--unit", &unit])
        .arg(root().join("tests/kit/slips/valid.png"))
        .output()
        .unwrap();
    let mut told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    told.as_object_mut().unwrap().retain(|name, _| name != "holds" && name != "research_use_only");
    let asked = |field: &str, bytes: &[u8]| {
        let answer = served.post("/api/v1/slip", &Form::default().with(field, "slip", bytes));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    for json in [asked("picture", &kit("valid.png")), asked("text", &slip_text("valid.txt"))] {
        assert_eq!((&json["holds"], &json["error"]), (&true.into(), &serde_json::Value::Null));
        assert_eq!(json["slip"], told);
        assert_eq!(json["research_use_only"], true);
    }
    for (field, bytes, holds, said) in [
        ("text", slip_text("answer-changed.txt"), Some(false), "the slip was changed"),
        ("text", slip_text("unknown-key.txt"), Some(false), "could not be checked: key 5c29b78f10a35a49"),
        ("text", b"\xff\0".to_vec(), Some(false), "it is no slip"),
        ("text", vec![b'A'; 1 << 20], Some(false), "it is no slip"),
        ("picture", kit("other-code.png"), Some(false), "it is no slip"),
        ("picture", kit("no-code.png"), None, "there is no code in the picture"),
        ("picture", rest(), None, "there is no code in the picture"),
        ("picture", b"no picture".to_vec(), None, "neither JPEG nor PNG"),
    ] {
        let json = asked(field, &bytes);
        assert_eq!((&json["holds"], &json["slip"]), (&holds.into(), &serde_json::Value::Null), "{json}");
        assert!(json["error"].as_str().unwrap().contains(said), "{json}");
        assert!(!json["help"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_page_of_slips_tells_what_holds_and_nothing_else() {
    let bare = Served::start(&[]);
    assert!(
        bare.get("/slip").text().contains("No unit&#39;s key is known")
            || bare.get("/slip").text().contains("No unit's key is known")
    );
    let valid = Form::default().with("picture", "photo.png", &kit("valid.png"));
    let unknown = bare.post("/slip", &valid);
    assert!(unknown.status == 422 && unknown.text().contains("is not known"), "{}", unknown.text());
    assert!(!unknown.text().contains("ward-3"), "an unchecked slip is told");
    let unit = root().join("tests/kit/slips/unit.toml").display().to_string();
    let served = Served::start(&["--unit", &unit]);
    let page = served.post("/slip", &valid);
    assert_eq!(page.status, 200);
    for words in [
        "data-answer=\"likely\"",
        "96 % (88 to 99 if any one pose is left out)",
        "signed by unit ward-3",
        "Research use only",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let changed = served.post("/slip", &Form::default().with("text", "", &slip_text("week-changed.txt")));
    assert!(
        changed.status == 422 && changed.text().contains("The slip was changed")
            || changed.text().contains("the slip was changed")
    );
    assert!(!changed.text().contains("data-answer"));
    for (form, said) in [
        (Form::default(), "neither a picture nor a text"),
        (valid.clone().with("text", "", b"SYNKIOSK1:"), "more than one"),
        (Form::default().with("file", "photo.png", b"x"), "is no field of this form"),
    ] {
        let answer = served.post("/slip", &form);
        assert!(answer.status == 422 && answer.text().contains(said), "{}", answer.text());
        let answer = served.post("/api/v1/slip", &form);
        assert!(answer.status == 422 && answer.json()["error"].is_string());
    }
}

/// A picture with nothing but corners of codes would keep the reader busy for hours.
#[test]
fn a_picture_full_of_corners_of_codes_is_given_up() {
    let unit = root().join("tests/kit/slips/unit.toml").display().to_string();
    let served = Served::start(&["--unit", &unit]);
    let corners = image::GrayImage::from_fn(2048, 2048, |x, y| {
        // Squares from the middle of a corner: 0 and 1 are its stone, 3 its ring, and two are left between corners.
        let from_middle = (x / 3 % 9).abs_diff(3).max((y / 3 % 9).abs_diff(3));
        image::Luma([if [0, 1, 3].contains(&from_middle) { 0 } else { 255 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    corners.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let hostile = Form::default().with("picture", "corners.png", png.get_ref());
    let (answer, took) = timed(|| served.post("/api/v1/slip", &hostile));
    println!("figure: a picture full of corners of codes: given up after {:.1} s", took.as_secs_f64());
    assert!(answer.json()["holds"].is_null() && took < Duration::from_secs(60), "{}", answer.text());
    let text = served.post("/api/v1/slip", &Form::default().with("text", "", &slip_text("valid.txt")));
    assert_eq!(text.json()["holds"], true);
    let again = served.post("/api/v1/slip", &Form::default().with("picture", "slip.png", &kit("valid.png")));
    assert!(again.json()["error"].as_str().unwrap().contains("still being searched"), "{}", again.text());
    assert_eq!(served.post("/screen", &Form::default().with("picture", "p.jpg", &rest())).status, 200);
}

#[test]
fn wrong_forms_are_refused_with_a_reason() {
    let served = Served::start(&[]);
    let host = served.host();
    let json = |answer: Answer| (answer.status, answer.json()["error"].as_str().unwrap().to_owned());
    let (status, error) = json(served.post("/api/v1/predict", &Form::default()));
    assert_eq!((status, error.as_str()), (422, "there is no picture in the form"));
    let (status, error) =
        json(served.post("/api/v1/series", &Form::default().with("wink", "w.jpg", &rest())));
    assert!(status == 422 && error.contains("\"wink\" is no pose"), "{error}");
    let twice = Form::default().with("rest", "a.jpg", &rest()).with("rest", "b.jpg", &rest());
    assert_eq!(json(served.post("/api/v1/series", &twice)).0, 422);
    let many = (0..33).fold(Form::default(), |form, _| form.with("picture", "p.jpg", b"x"));
    assert_eq!(json(served.post("/api/v1/predict", &many)).0, 422);
    let large = Form::default().with("picture", "p.jpg", &vec![0; (20 << 20) + 1]);
    let (status, error) = json(served.post("/api/v1/predict", &large));
    assert_eq!((status, error.as_str()), (413, "the picture has more than 20 MiB"));
    let third = vec![0; 14 << 20];
    let heavy = SESSION[..3].iter().fold(Form::default(), |form, pose| form.with(pose, "p.jpg", &third));
    assert_eq!(json(served.post("/api/v1/series", &heavy)).0, 413);
    let plain =
        ask(served.port, "POST", "/api/v1/predict", &[("Host", &host), ("Content-Type", "text/plain")], b"x");
    assert_eq!(json(plain.unwrap()).0, 400);
    assert_eq!(served.get("/nothing").status, 404);
    assert_eq!(served.get("/api/v1/predict").status, 405);
}

#[test]
fn only_this_machine_and_its_own_pages_may_ask() {
    let served = Served::start(&[]);
    let host = served.host();
    let kind = Form::default().kind();
    let body = Form::default().with("picture", "p.jpg", &rest()).body();
    let post = |more: &[(&str, &str)]| {
        let headers = [&[("Content-Type", kind.as_str())], more].concat();
        ask(served.port, "POST", "/screen", &headers, &body).unwrap().status
    };
    assert_eq!(post(&[("Host", &host)]), 200);
    assert_eq!(post(&[("Host", "evil.example")]), 421);
    assert_eq!(post(&[("Host", &host), ("Origin", "http://evil.example")]), 403);
    assert_eq!(post(&[("Host", &host), ("Sec-Fetch-Site", "cross-site")]), 403);
    let page = served.get("/");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("inline"), "{policy}");
    for (name, value) in
        [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY")]
    {
        assert_eq!(page.header(name), Some(value));
    }
    for path in ["/", "/slip", "/models", "/kiosks", "/data", "/style.css", "/script.js"] {
        let text = served.get(path).text();
        let outside = text
            .match_indices("//")
            .filter(|(at, _)| text[..*at].ends_with("http:") || text[..*at].ends_with("https:"));
        assert_eq!(outside.count(), 0, "{path} names an address elsewhere");
    }
}

#[test]
fn another_address_needs_token_and_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_synkiosk")).arg("serve").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, error) = run(&["--listen", "0.0.0.0"]);
    assert!(code == Some(2) && error.contains("--token-file"), "{error}");
    let token = folder.path().join("token");
    fs::write(&token, "short\n").unwrap();
    let pem = folder.path().join("none.pem");
    let with = [
        "--listen",
        "127.0.0.1",
        "--token-file",
        token.to_str().unwrap(),
        "--certificate",
        pem.to_str().unwrap(),
        "--private-key",
        pem.to_str().unwrap(),
    ];
    let (code, error) = run(&with);
    assert!(code == Some(1) && error.contains("could not read the certificate"), "{error}");
    fs::write(&pem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let (code, error) = run(&with);
    assert!(code == Some(1) && error.contains("could not read the private key"), "{error}");
}

#[test]
fn over_a_network_it_is_encrypted_and_asks_for_the_token() {
    let has = |program: &str| Command::new(program).arg("--help").output().is_ok();
    if !has("openssl") || !has("curl") {
        println!("SKIPPED: an encrypted server was NOT tested; it needs: apt-get install openssl curl");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key, token) = (path("laptop.pem"), path("laptop.key"), path("token"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=laptop"])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::write(&token, "a-secret-of-the-laptop-0123\n").unwrap();
    let served = Served::start(&[
        "--listen",
        "127.0.0.1",
        "--token-file",
        &token,
        "--certificate",
        &certificate,
        "--private-key",
        &key,
    ]);
    let status = |more: &[&str]| {
        let url = format!("https://127.0.0.1:{}/", served.port);
        let curl = Command::new("curl")
            .args(["-sk", "-o", "-", "-w", "\n%{http_code}"])
            .args(more)
            .arg(url)
            .output();
        String::from_utf8_lossy(&curl.unwrap().stdout).lines().last().unwrap().to_owned()
    };
    assert_eq!(status(&[]), "401");
    assert_eq!(status(&["-u", "anybody:wrong-secret-wrong-secret"]), "401");
    assert_eq!(status(&["-u", "anybody:a-secret-of-the-laptop-0123"]), "200");
    assert_eq!(status(&["-H", "Authorization: Bearer a-secret-of-the-laptop-0123"]), "200");
    assert!(served.try_post("/screen", &Form::default()).is_none_or(|answer| answer.status >= 400));
}

#[test]
fn fifty_uploads_at_once_are_all_answered() {
    let served = Served::start(&[]);
    let form = Form::default().with("picture", "p.jpg", &rest());
    served.post("/screen", &form);
    let mut alone: Vec<Duration> = (0..40).map(|_| timed(|| served.post("/screen", &form)).1).collect();
    alone.sort();
    let timing = served.post("/screen", &form);
    println!("figure: upload of one 640x480 JPEG to the answer's last byte: median {:.1} ms", ms(alone[20]));
    println!("figure: of which {}", timing.header("server-timing").unwrap());
    let mut each: Vec<Duration> = thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|_| scope.spawn(|| timed(|| served.post("/screen", &form)))).collect();
        all.into_iter()
            .map(|one| {
                let (answer, took) = one.join().unwrap();
                assert!(answer.status == 200 && answer.text().contains("data-usable=\"true\""));
                took
            })
            .collect()
    });
    each.sort();
    println!("figure: 50 uploads at once: none lost, p95 {:.0} ms", ms(each[47]));
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[test]
fn a_flood_is_turned_away_and_forgotten() {
    let served = Served::start(&[]);
    // Ten megabytes that no decoder takes: what costs is to hold them.
    let form = Form::default().with("picture", "p.jpg", &vec![0xff; 10 << 20]);
    let statuses: Vec<Option<u16>> = thread::scope(|scope| {
        let all: Vec<_> = (0..120)
            .map(|_| scope.spawn(|| served.try_post("/api/v1/predict", &form).map(|it| it.status)))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let count = |wanted: u16| statuses.iter().filter(|status| **status == Some(wanted)).count();
    assert_eq!(count(200) + count(429), 120, "{statuses:?}");
    assert!(count(200) >= 60 && count(429) > 0, "{statuses:?}");
    #[cfg(target_os = "linux")]
    {
        println!("figure: most memory in a flood: {:.0} MiB", served.most_memory());
        assert!(served.most_memory() <= 300.0, "{:.0} MiB", served.most_memory());
    }
}

#[test]
fn large_pictures_stay_within_the_memory() {
    let served = Served::start(&[]);
    let color = image::RgbImage::from_fn(5600, 4200, |x, y| {
        image::Rgb([(x / 9) as u8, (y / 7) as u8, (x ^ y) as u8])
    });
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&color).unwrap();
    drop(color);
    let form = Form::default().with("picture", "p.jpg", &jpeg);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(served.post("/api/v1/predict", &form).status, 200));
        }
    });
    let bomb = image::RgbImage::new(7900, 7900);
    let mut png = std::io::Cursor::new(Vec::new());
    bomb.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let answer = served.post("/api/v1/predict", &Form::default().with("picture", "bomb.png", png.get_ref()));
    assert!(answer.text().contains("MB decoded, more than 80"), "{}", answer.text());
    #[cfg(target_os = "linux")]
    {
        println!("figure: most memory with pictures of 23 million pixels: {:.0} MiB", served.most_memory());
        assert!(served.most_memory() <= 300.0, "{:.0} MiB", served.most_memory());
    }
}

/// Pieces of forms and pictures, put together wrongly.
fn body(picture: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let boundary = b"------synkiosk-test-boundary".to_vec();
    let head = b"\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p.jpg\"\r\n\r\n".to_vec();
    let whole = Form::default().with("picture", "p.jpg", &picture).body();
    let piece = prop_oneof![
        Just(boundary),
        Just(head),
        Just(picture),
        Just(whole),
        Just(b"\r\n".to_vec()),
        Just(b"--".to_vec()),
        prop::collection::vec(any::<u8>(), 0..400),
    ];
    (
        prop::collection::vec(piece, 0..8),
        any::<prop::sample::Index>(),
        any::<u8>(),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(pieces, at, value, end)| {
            let mut body = pieces.concat();
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = value;
                body.truncate(1 + end.index(2 * body.len()));
            }
            body
        })
}

/// Where random bodies are sent.
const RANDOM: [&str; 6] =
    ["/api/v1/predict", "/api/v1/series", "/api/v1/slip", "/screen", "/series", "/slip"];

fn random_bodies(wanted: Duration) {
    let mut served = Served::start(&[]);
    let host = served.host();
    let kind = Form::default().kind();
    let strategy = body(rest());
    let mut runner = TestRunner::deterministic();
    let start = Instant::now();
    let mut count = 0u64;
    while start.elapsed() < wanted {
        let body = strategy.new_tree(&mut runner).unwrap().current();
        let path = RANDOM[count as usize % RANDOM.len()];
        let answer =
            ask(served.port, "POST", path, &[("Host", &host), ("Content-Type", &kind)], &body).unwrap();
        assert!([200, 400, 413, 422].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        count += 1;
    }
    assert!(served.is_running());
    let answer = served.post("/api/v1/predict", &Form::default().with("picture", "p.jpg", &rest()));
    assert!(answer.json()["predictions"][0]["score"].is_number());
    #[cfg(target_os = "linux")]
    {
        println!("figure: {count} random bodies: no panic, most memory {:.0} MiB", served.most_memory());
        assert!(served.most_memory() <= 300.0);
    }
}

#[test]
fn random_bodies_break_nothing() {
    random_bodies(Duration::from_secs(10));
}

/// `cargo test --release -p synkiosk-host --test web -- --ignored --nocapture`
#[test]
#[ignore = "takes ten minutes"]
fn ten_minutes_of_random_bodies_break_nothing() {
    random_bodies(Duration::from_secs(600));
}
