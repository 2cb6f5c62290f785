//! The very kiosk in a browser, `synkiosk-device demo --serve`: whole sessions by clicks and by keys, and a webcam.

use crate::{
    block_on,
    driver::{Browser, PATIENCE, Wanted, ready},
    look_for_barriers,
    served::{Served, shipped},
};
use fantoccini::key::Key;
use std::{
    fs,
    time::{Duration, Instant},
};

fn kiosk(what: &str) -> Option<Served> {
    let kiosk = Served::kiosk();
    if kiosk.is_none() {
        println!("SKIPPED: {what} was NOT tested; it needs: cargo build --release -p synkiosk-device");
    }
    kiosk
}

/// Waits until the kiosk shows a screen whose name begins so; its whole name.
async fn screen(browser: &Browser, wanted: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let name = browser.run("return document.getElementById('kiosk').dataset.screen").await;
        let name = name.as_str().unwrap().to_owned();
        if name.starts_with(wanted) {
            return name;
        }
        assert!(Instant::now() < end, "no {wanted}, but {name}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn click(browser: &Browser, id: &str) {
    browser.wait_for(&format!("#{id}")).await.click().await.unwrap();
}

#[test]
fn a_whole_session_by_clicks() {
    let Some(_alone) = ready("the kiosk in a browser") else { return };
    let Some(served) = kiosk("the kiosk in a browser") else { return };
    block_on(async {
        let browser = Browser::open(&Wanted::default()).await;
        for (person, answer) in [("synkinesis-one", "answer-likely"), ("healthy-one", "answer-unlikely")] {
            browser.client.goto(&served.url("/")).await.unwrap();
            screen(&browser, "attract").await;
            click(&browser, &format!("camera-{person}")).await;
            click(&browser, "button-next").await;
            screen(&browser, "language").await;
            click(&browser, "button-next").await;
            screen(&browser, "consent").await;
            look_for_barriers(&browser, "the kiosk's page").await;
            click(&browser, "button-next").await;
            screen(&browser, "pose-").await;
            browser.keep_picture(&format!("kiosk-{person}")).await;
            assert_eq!(screen(&browser, "answer-").await, answer);
            browser.keep_picture(&format!("kiosk-{answer}")).await;
            for page in ["answer-found", "answer-slip", "wiped"] {
                click(&browser, "button-next").await;
                screen(&browser, page).await;
            }
        }
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.close().await;
    });
}

#[test]
fn keys_are_the_kiosks_buttons() {
    let Some(_alone) = ready("the kiosk's keys") else { return };
    let Some(served) = kiosk("the kiosk's keys") else { return };
    block_on(async {
        let browser = Browser::open(&Wanted { width: Some(360), dark: true, ..Wanted::default() }).await;
        browser.client.goto(&served.url("/")).await.unwrap();
        screen(&browser, "attract").await;
        browser.press(Key::Enter).await;
        screen(&browser, "language").await;
        browser.press(Key::Enter).await;
        screen(&browser, "consent").await;
        browser.press(Key::Enter).await;
        screen(&browser, "pose-").await;
        browser.keep_picture("kiosk-narrow").await;
        browser.press(Key::Escape).await;
        screen(&browser, "attract").await;
        browser.close().await;
    });
}

#[test]
fn a_webcam_is_the_kiosks_camera() {
    let Some(_alone) = ready("the kiosk's webcam") else { return };
    let Some(served) = kiosk("the kiosk's webcam") else { return };
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("face.mjpeg");
    fs::write(&film, fs::read(shipped("synkinesis-one", "rest")).unwrap().repeat(30)).unwrap();
    block_on(async {
        let browser = Browser::open(&Wanted { camera: Some(&film), ..Wanted::default() }).await;
        browser.client.goto(&served.url("/")).await.unwrap();
        click(&browser, "camera-webcam").await;
        click(&browser, "button-next").await;
        screen(&browser, "language").await;
        click(&browser, "button-next").await;
        screen(&browser, "consent").await;
        click(&browser, "button-next").await;
        // The face at rest was seen by the webcam and taken.
        screen(&browser, "pose-tight-closure").await;
        browser.keep_picture("kiosk-webcam").await;
        browser.close().await;
    });
}
