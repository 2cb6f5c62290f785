//! Headless Chromium under chromedriver, both of Debian's packages.

use crate::served::ask;
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    key::Key,
};
use serde_json::{Map, Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Machines under load are slow; nothing is timed here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What a browser is started with.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    /// A film for its camera.
    pub(crate) camera: Option<&'a Path>,
    pub(crate) without_script: bool,
    pub(crate) dark: bool,
    /// Pixels of the page.
    pub(crate) width: Option<u32>,
}

/// Ended when dropped.
pub(crate) struct Driver {
    child: Child,
    port: u16,
}

/// A browser's window.
pub(crate) struct Browser {
    pub(crate) client: Client,
    driver: Driver,
}

/// One browser at a time: several on two cores would only wait for each other.
static ALONE: Mutex<()> = Mutex::new(());

/// The right to start a browser; says so where there is none.
pub(crate) fn ready(what: &str) -> Option<MutexGuard<'static, ()>> {
    let found = ["chromedriver", "chromium"].iter().all(|program| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    if !found {
        println!("SKIPPED: {what} was NOT tested; it needs: apt-get install chromium chromium-driver");
    }
    found.then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Where pictures of the pages are kept.
pub(crate) fn kept() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Driver {
    fn start() -> Driver {
        let mut child = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // "ChromeDriver was started successfully on port 41231."
        let line =
            lines.find_map(|line| line.ok().filter(|line| line.contains("successfully on port"))).unwrap();
        let port = line.trim_end_matches('.').rsplit(' ').next().unwrap().parse().unwrap();
        Driver { child, port }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    pub(crate) async fn open(wanted: &Wanted<'_>) -> Browser {
        let driver = Driver::start();
        let width = wanted.width.unwrap_or(1200);
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={width},900"),
            "--use-fake-ui-for-media-stream".to_owned(),
            "--use-fake-device-for-media-stream".to_owned(),
        ];
        if let Some(film) = wanted.camera {
            arguments.push(format!("--use-file-for-fake-video-capture={}", film.display()));
        }
        if wanted.dark {
            arguments.push("--force-dark-mode".to_owned());
        }
        let script = if wanted.without_script { 2 } else { 1 };
        let mut capabilities = Map::new();
        let options = json!({
            "args": arguments,
            "prefs": { "profile.managed_default_content_settings.javascript": script },
        });
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let patience = PATIENCE.as_millis() as u64;
        capabilities.insert("timeouts".to_owned(), json!({ "script": patience, "pageLoad": patience }));
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .unwrap();
        let browser = Browser { client, driver };
        if wanted.dark {
            browser
                .devtools(
                    "Emulation.setEmulatedMedia",
                    json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] }),
                )
                .await;
        }
        // Narrower than a window may be.
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        browser
    }

    pub(crate) async fn wait_for(&self, css: &str) -> Element {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("no {css}: {error}"))
    }

    pub(crate) async fn wait_for_count(&self, css: &str, count: usize) {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let found = self.client.find_all(Locator::Css(css)).await.unwrap().len();
            if found == count {
                return;
            }
            assert!(std::time::Instant::now() < end, "{found} of {count} {css}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    pub(crate) async fn press(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned());
        let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// The whole page as a picture.
    pub(crate) async fn keep_picture(&self, name: &str) {
        let shot = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        let png = base64(shot["data"].as_str().unwrap());
        fs::write(kept().join(format!("{name}.png")), png).unwrap();
    }

    /// As it is printed on A4.
    pub(crate) async fn keep_print(&self, name: &str) -> Vec<u8> {
        let a4 = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true });
        let pdf = base64(self.devtools("Page.printToPDF", a4).await["data"].as_str().unwrap());
        fs::write(kept().join(format!("{name}.pdf")), &pdf).unwrap();
        pdf
    }

    /// What the page complained of.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let lines = self.ask("se/log", &json!({ "type": "browser" })).await;
        let severe = lines
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["level"] != "INFO" && line["level"] != "DEBUG");
        severe.map(|line| line["message"].to_string()).collect()
    }

    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.ask("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// Chromedriver's own commands, which WebDriver does not have.
    async fn ask(&self, command: &str, body: &Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let path = format!("/session/{session}/{command}");
        let host = format!("127.0.0.1:{}", self.driver.port);
        let headers = [("Host", host.as_str()), ("Content-Type", "application/json")];
        let answer = ask(self.driver.port, "POST", &path, &headers, body.to_string().as_bytes()).unwrap();
        let mut json = answer.json();
        assert_eq!(answer.status, 200, "{command}: {json}");
        json["value"].take()
    }

    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }
}

fn base64(text: &str) -> Vec<u8> {
    use base64::prelude::{BASE64_STANDARD, Engine};
    BASE64_STANDARD.decode(text).unwrap()
}
