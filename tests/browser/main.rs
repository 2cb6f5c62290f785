//! The web application in a real browser: uploads, camera, keyboard, without a script, narrow, dark, and on paper.
#![allow(clippy::unwrap_used)]

mod driver;
mod kiosk;
#[path = "../web/served.rs"]
mod served;

use driver::{Browser, PATIENCE, Wanted, kept, ready};
use fantoccini::{Locator, key::Key};
use serde_json::Value;
use served::{Served, shipped};
use std::{fs, path::Path};

const SESSION: [&str; 4] = ["rest", "tight-closure", "open-smile", "pucker"];

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

async fn choose(browser: &Browser, person: &str) {
    for pose in SESSION {
        let input = browser.wait_for(&format!("input[name={pose}]")).await;
        input.send_keys(&shipped(person, pose).canonicalize().unwrap().display().to_string()).await.unwrap();
    }
}

async fn answer(browser: &Browser) -> String {
    browser.wait_for("article.answer").await.attr("data-answer").await.unwrap().unwrap()
}

#[test]
fn a_series_is_uploaded_and_answered() {
    let Some(_alone) = ready("the web application in a browser") else { return };
    let served = Served::start(&[]);
    block_on(async {
        let browser = Browser::open(&Wanted::default()).await;
        for (person, expected) in [("synkinesis-one", "likely"), ("healthy-one", "unlikely")] {
            browser.client.goto(&served.url("/")).await.unwrap();
            choose(&browser, person).await;
            browser.wait_for("#series button[type=submit]").await.click().await.unwrap();
            assert_eq!(answer(&browser).await, expected);
            browser.wait_for_count(".face", 8).await;
            browser.keep_picture(&format!("series-{person}")).await;
        }
        let pdf = browser.keep_print("series").await;
        assert!(pdf.starts_with(b"%PDF"));
        look_for_barriers(&browser, "the answer").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.close().await;
    });
}

#[test]
fn several_pictures_each_get_an_answer_and_broken_ones_a_reason() {
    let Some(_alone) = ready("uploads of several pictures") else { return };
    let served = Served::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.jpg");
    fs::write(&broken, &fs::read(shipped("healthy-one", "rest")).unwrap()[..300]).unwrap();
    let pictures = [shipped("healthy-one", "rest").canonicalize().unwrap(), broken];
    block_on(async {
        let browser = Browser::open(&Wanted::default()).await;
        browser.client.goto(&served.url("/")).await.unwrap();
        let paths: Vec<String> = pictures.iter().map(|path| path.display().to_string()).collect();
        browser.wait_for("#picture").await.send_keys(&paths.join("\n")).await.unwrap();
        browser.wait_for("#pictures button[type=submit]").await.click().await.unwrap();
        browser.wait_for_count("article.answer", 2).await;
        let text = browser.wait_for("#results").await.text().await.unwrap();
        assert!(text.contains("The picture is damaged") && text.contains("rest.jpg"), "{text}");
        browser.keep_picture("pictures").await;
        println!("figure: upload to painted answer in the browser: median {:.0} ms", painted(&browser).await);
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.close().await;
    });
}

/// Milliseconds from sending the first chosen picture to the frame after its answer stands in the page, of 21 rounds.
async fn painted(browser: &Browser) -> f64 {
    let script = "
        const done = arguments[arguments.length - 1];
        const file = document.getElementById('picture').files[0];
        const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
        (async () => {
            const times = [];
            for (let round = 0; round < 21; round++) {
                await frame();
                const start = performance.now();
                const form = new FormData();
                form.append('picture', file);
                const answer = await fetch('/screen?part=1', { method: 'POST', body: form });
                document.getElementById('results').innerHTML = await answer.text();
                await Promise.all([...document.querySelectorAll('#results img')].map((image) => image.decode()));
                await frame();
                times.push(performance.now() - start);
            }
            done(times.sort((a, b) => a - b)[10]);
        })();";
    browser.client.execute_async(script, Vec::new()).await.unwrap().as_f64().unwrap()
}

#[test]
fn the_camera_takes_a_picture() {
    let Some(_alone) = ready("the camera of the browser") else { return };
    let served = Served::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("face.mjpeg");
    fs::write(&film, fs::read(shipped("synkinesis-one", "rest")).unwrap().repeat(30)).unwrap();
    block_on(async {
        let browser = Browser::open(&Wanted { camera: Some(&film), ..Wanted::default() }).await;
        browser.client.goto(&served.url("/")).await.unwrap();
        browser.wait_for("#rest ~ button.camera").await.click().await.unwrap();
        browser.wait_for("dialog video").await;
        wait_until(&browser, "return document.querySelector('dialog video').videoWidth > 0").await;
        browser.keep_picture("camera").await;
        browser.wait_for("#take").await.click().await.unwrap();
        wait_until(&browser, "return document.getElementById('rest').files.length === 1").await;
        assert_eq!(browser.run("return document.querySelectorAll('dialog').length").await, 0);
        browser.wait_for("#series button[type=submit]").await.click().await.unwrap();
        // A face at rest alone answers nothing.
        assert_eq!(answer(&browser).await, "retake");
        browser.keep_picture("one-pose").await;
        browser.close().await;
    });
}

#[test]
fn a_slip_is_read_by_the_camera_and_from_a_file() {
    let Some(_alone) = ready("a slip in the browser") else { return };
    let kit = served::root().join("tests/kit/slips").canonicalize().unwrap();
    let served = Served::start(&["--unit", &kit.join("unit.toml").display().to_string()]);
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("slip.mjpeg");
    fs::write(&film, held_up(&kit.join("valid.png")).repeat(30)).unwrap();
    block_on(async {
        let browser = Browser::open(&Wanted { camera: Some(&film), ..Wanted::default() }).await;
        browser.client.goto(&served.url("/slip")).await.unwrap();
        browser.wait_for("#slip ~ button.camera").await.click().await.unwrap();
        wait_until(&browser, "return document.querySelector('dialog video')?.videoWidth > 0").await;
        // Letters that are mirrored could not be read by who holds the code up.
        let turned = "return getComputedStyle(document.querySelector('dialog video')).transform";
        assert_eq!(browser.run(turned).await, "none");
        browser.wait_for("#take").await.click().await.unwrap();
        wait_until(&browser, "return document.getElementById('slip').files.length === 1").await;
        browser.wait_for("form:has(#slip) button[type=submit]").await.click().await.unwrap();
        assert_eq!(answer(&browser).await, "likely");
        browser.keep_picture("slip").await;
        look_for_barriers(&browser, "a slip").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.close().await;
        let browser = Browser::open(&Wanted { without_script: true, ..Wanted::default() }).await;
        browser.client.goto(&served.url("/slip")).await.unwrap();
        let input = browser.wait_for("#slip").await;
        input.send_keys(&kit.join("valid.png").display().to_string()).await.unwrap();
        browser.wait_for("form:has(#slip) button[type=submit]").await.click().await.unwrap();
        assert_eq!(answer(&browser).await, "likely");
        browser.wait_for("#text").await.send_keys("SYNKIOSK1:ABC").await.unwrap();
        browser.wait_for("form:has(#text) button[type=submit]").await.click().await.unwrap();
        let said = browser.wait_for(".refused").await.text().await.unwrap();
        assert!(said.contains("cut off"), "{said}");
        browser.close().await;
    });
}

/// A picture of 640x480 with a code in its middle, as JPEG.
fn held_up(code: &Path) -> Vec<u8> {
    let code = image::open(code).unwrap().to_luma8();
    let mut picture = image::RgbImage::from_pixel(640, 480, image::Rgb([120, 120, 120]));
    for (x, y, pixel) in code.enumerate_pixels() {
        let (x, y) = (x + (640 - code.width()) / 2, y + (480 - code.height()) / 2);
        picture.put_pixel(x, y, image::Rgb([pixel.0[0]; 3]));
    }
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90).encode_image(&picture).unwrap();
    jpeg
}

async fn wait_until(browser: &Browser, script: &str) {
    let end = std::time::Instant::now() + PATIENCE;
    while browser.run(script).await != Value::Bool(true) {
        assert!(std::time::Instant::now() < end, "never: {script}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[test]
fn the_keyboard_is_enough() {
    let Some(_alone) = ready("the keyboard") else { return };
    let served = Served::start(&[]);
    block_on(async {
        let browser = Browser::open(&Wanted::default()).await;
        browser.client.goto(&served.url("/")).await.unwrap();
        // What a file dialog does, which no test can press keys in.
        choose(&browser, "synkinesis-one").await;
        browser.run("document.activeElement.blur()").await;
        let mut seen = Vec::new();
        for _ in 0..60 {
            browser.press(Key::Tab).await;
            let focused =
                browser.run("const it = document.activeElement; return it.id || it.textContent.trim()").await;
            let outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle").await;
            assert_ne!(outline, "none", "{focused} shows no focus");
            seen.push(focused.as_str().unwrap().to_owned());
            if seen.last().is_some_and(|name| name == "Answer the series") {
                break;
            }
        }
        assert_eq!(seen.first().map(String::as_str), Some("Skip to the content"));
        for name in ["Models", "rest", "pucker", "Answer the series"] {
            assert!(seen.iter().any(|it| it == name), "{name} is not reached: {seen:?}");
        }
        browser.press(Key::Enter).await;
        assert_eq!(answer(&browser).await, "likely");
        browser.close().await;
    });
}

#[test]
fn without_a_script_the_forms_work() {
    let Some(_alone) = ready("the forms without a script") else { return };
    let served = Served::start(&[]);
    block_on(async {
        let browser = Browser::open(&Wanted { without_script: true, ..Wanted::default() }).await;
        browser.client.goto(&served.url("/")).await.unwrap();
        assert!(browser.client.find_all(Locator::Css("button.camera")).await.unwrap().is_empty());
        choose(&browser, "synkinesis-one").await;
        browser.wait_for("#series button[type=submit]").await.click().await.unwrap();
        assert_eq!(answer(&browser).await, "likely");
        assert!(browser.client.current_url().await.unwrap().path() == "/series");
        browser.close().await;
    });
}

#[test]
fn every_page_is_readable_narrow_and_dark() {
    let Some(_alone) = ready("narrow and dark pages") else { return };
    let data = served::root().join("device/demo/people").canonicalize().unwrap();
    let served = Served::start(&["--data", data.to_str().unwrap()]);
    block_on(async {
        for (name, width, dark) in
            [("wide-light", 1200, false), ("narrow-dark", 360, true), ("narrow-light", 360, false)]
        {
            let browser = Browser::open(&Wanted { dark, width: Some(width), ..Wanted::default() }).await;
            for path in [
                "/",
                "/slip",
                "/models",
                "/models/card?name=shipped",
                "/models/compare?a=shipped&b=shipped",
                "/kiosks",
                "/data",
            ] {
                browser.client.goto(&served.url(path)).await.unwrap();
                if path == "/data" {
                    browser.wait_for("main button[type=submit]").await.click().await.unwrap();
                    browser.wait_for(".lead").await;
                }
                let page: String = path.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
                browser.keep_picture(&format!("{name}-{page}")).await;
                let wide = browser.run("return document.documentElement.scrollWidth").await.as_u64().unwrap();
                assert!(wide <= u64::from(width), "{path} is {wide} wide on {width}");
                look_for_barriers(&browser, path).await;
                let complaints = browser.complaints().await;
                let own = complaints.iter().filter(|line| !line.contains("status of 404"));
                assert_eq!(own.collect::<Vec<_>>(), Vec::<&String>::new(), "{path}");
            }
            browser.close().await;
        }
        let browser = Browser::open(&Wanted::default()).await;
        browser.client.goto(&served.url("/models/report?name=shipped")).await.unwrap();
        // The policy lets the report's own style in.
        assert_eq!(
            browser.run("return getComputedStyle(document.querySelector('h1')).fontSize").await,
            "26px"
        );
        browser.keep_picture("report").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.close().await;
    });
    println!("pictures of the pages: {}", kept().display());
}

/// Deque's axe-core, if it was fetched (`tests/browser/axe.sh`): nothing serious or critical.
async fn look_for_barriers(browser: &Browser, page: &str) {
    let Ok(axe) = fs::read_to_string(Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe.min.js")) else {
        println!("SKIPPED: {page} was NOT looked at by axe-core; it needs: tests/browser/axe.sh");
        return;
    };
    browser.run(&axe).await;
    let script = "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then((found) => done(
        found.violations.filter((it) => ['serious', 'critical'].includes(it.impact))
            .map((it) => it.id + ': ' + it.nodes.map((node) => node.html + ' ' + node.failureSummary).join(' | '))))";
    let found = browser.client.execute_async(script, Vec::new()).await.unwrap();
    assert_eq!(found.as_array().unwrap().len(), 0, "{page}: {found:#}");
}
