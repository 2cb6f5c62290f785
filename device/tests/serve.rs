//! The kiosk in a browser, as a browser speaks to it: over a real connection, byte by byte.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use synkiosk_device::demo::{
    People,
    serve::{HEIGHT, Server, WIDTH},
};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    photo::Photo,
};

const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/people");
/// Nothing here takes longer on a machine that does other work as well.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(people: &People) -> Server {
    let keys = TrustedKeys::from_public_texts(&[bundle::DEMO_PUBLIC_KEY]).unwrap();
    Server::start(people, &Bundle::read(bundle::shipped(), &keys).unwrap(), 0).unwrap()
}

struct Answer {
    code: u16,
    head: String,
    body: Vec<u8>,
}

/// Sends one request as it stands; the head has no `Connection` line yet.
fn send(address: SocketAddr, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // Refused before it is read: then the rest cannot be sent, and the answer is there all the same.
    let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes());
    let _ = stream.write_all(body);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let code = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { code, head: head.to_lowercase(), body: bytes.split_off(end + 4) }
}

/// A browser with its cookie.
struct Browser {
    address: SocketAddr,
    cookie: String,
}

impl Browser {
    fn open(address: SocketAddr) -> Browser {
        let page = send(address, &format!("GET / HTTP/1.1\r\nHost: {address}\r\n"), b"");
        assert_eq!(page.code, 200);
        let cookie = page.head.split("set-cookie: ").nth(1).unwrap().split(';').next().unwrap().to_owned();
        Browser { address, cookie }
    }

    fn get(&self, path: &str) -> Answer {
        let Browser { address, cookie } = self;
        send(*address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n"), b"")
    }

    fn post(&self, path: &str, body: &[u8]) -> Answer {
        let Browser { address, cookie } = self;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
             Content-Length: {}\r\n",
            body.len()
        );
        send(*address, &head, body)
    }

    fn press(&self, button: &str) {
        assert_eq!(self.post(&format!("/buttons/{button}"), b"").code, 303, "{button}");
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&self.get("/state").body).unwrap()
    }

    fn screen(&self) -> String {
        self.state()["screen"].as_str().unwrap().to_owned()
    }

    /// Waits for a screen whose name begins so.
    fn wait_for(&self, screen: &str) -> String {
        let began = Instant::now();
        loop {
            let shown = self.screen();
            if shown.starts_with(screen) {
                return shown;
            }
            assert!(began.elapsed() < PATIENCE, "{shown} instead of {screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_recorded_person_is_screened_by_presses_alone() {
    let server = start(&People::Shipped);
    let browser = Browser::open(server.address());
    assert_eq!(browser.screen(), "attract");
    assert_eq!(browser.post("/camera", b"camera=1").code, 303);
    assert_eq!(browser.state()["camera"], "synkinesis-one");
    browser.press("next");
    assert_eq!(browser.screen(), "language");
    browser.press("next");
    assert_eq!(browser.screen(), "consent");
    browser.press("next");
    assert_eq!(browser.post("/camera", b"camera=0").code, 409);
    assert_eq!(browser.wait_for("answer"), "answer-likely");
    browser.press("next");
    assert_eq!(browser.screen(), "answer-found");
    browser.press("next");
    assert_eq!(browser.screen(), "answer-slip");
    browser.press("next");
    assert_eq!(browser.screen(), "wiped");
    browser.press("next");
    assert_eq!(browser.wait_for("attract"), "attract");
    assert_eq!(server.stop().unwrap(), 1);
}

#[test]
fn one_visitor_drives_and_others_see_nothing_of_it() {
    let server = start(&People::Shipped);
    let (first, second) = (Browser::open(server.address()), Browser::open(server.address()));
    first.press("next");
    first.press("next");
    first.press("next");
    first.wait_for("pose");
    let refused = second.post("/buttons/stop", b"");
    assert_eq!(refused.code, 409);
    assert!(String::from_utf8_lossy(&refused.body).contains("error: somebody is being screened"));
    let told = second.state();
    assert_eq!((&told["screen"], &told["seat"]), (&"taken".into(), &"taken".into()));
    assert_eq!(first.state()["seat"], "yours");
    // The first screen once, and nothing after it, while the other one's picture moves on.
    let at_rest = parts(&second, Duration::from_secs(2));
    assert_eq!(at_rest.len(), 1);
    assert_eq!(second.post("/webcam", &[0; (WIDTH * HEIGHT) as usize]).code, 409);
    first.press("stop");
    first.press("next");
    second.wait_for("attract");
    second.press("next");
    assert_eq!(second.screen(), "language");
    assert_eq!(first.screen(), "taken");
    assert_eq!(first.post("/hold", b"").code, 409);
    assert_eq!(second.post("/hold", b"").code, 303);
    drop(server);
}

/// Before and behind every picture.
const MARK: &[u8] = b"\r\n--synkiosk-picture\r\nContent-Type: image/png\r\n\r\n";

/// The pictures that come in some time, each of which has to be a whole PNG.
fn parts(browser: &Browser, time: Duration) -> Vec<Vec<u8>> {
    let Browser { address, cookie } = browser;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    write!(stream, "GET /frames HTTP/1.0\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n").unwrap();
    let (began, mut bytes, mut piece) = (Instant::now(), Vec::new(), vec![0; 1 << 16]);
    while began.elapsed() < time {
        if let Ok(count) = stream.read(&mut piece) {
            bytes.extend_from_slice(&piece[..count]);
        }
    }
    let head = position(&bytes, b"\r\n\r\n").unwrap();
    let mut rest = &bytes[head + 2..];
    let mut found = Vec::new();
    while let Some(start) = rest.strip_prefix(MARK) {
        let Some(end) = position(start, MARK) else { break };
        assert_eq!(image::load_from_memory(&start[..end]).unwrap().width(), 1280);
        found.push(start[..end].to_vec());
        rest = &start[end..];
    }
    found
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[test]
fn what_does_not_come_from_the_own_page_is_refused() {
    let server = start(&People::Shipped);
    let address = server.address();
    let browser = Browser::open(address);
    let cookie = &browser.cookie;
    let own = format!("Host: {address}\r\n");
    for (head, code) in [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), 421),
        (format!("GET /state HTTP/1.1\r\nHost: evil.example:{}\r\n", address.port()), 421),
        ("GET / HTTP/1.0\r\n".to_owned(), 421),
        (format!("GET /frames HTTP/1.1\r\n{own}Sec-Fetch-Site: cross-site\r\n"), 403),
        (format!("POST /buttons/next HTTP/1.1\r\n{own}Cookie: {cookie}\r\n"), 403),
        (
            format!(
                "POST /buttons/next HTTP/1.1\r\n{own}Cookie: {cookie}\r\nOrigin: http://evil.example\r\n"
            ),
            403,
        ),
        (format!("POST /buttons/next HTTP/1.1\r\n{own}Cookie: {cookie}\r\nOrigin: null\r\n"), 403),
        (format!("POST /buttons/next HTTP/1.1\r\n{own}Origin: http://{address}\r\n"), 403),
        (format!("GET /buttons/next HTTP/1.1\r\n{own}"), 405),
        (format!("DELETE / HTTP/1.1\r\n{own}Origin: http://{address}\r\n"), 405),
        (format!("GET /../../etc/passwd HTTP/1.1\r\n{own}"), 404),
    ] {
        let answer = send(address, &head, b"");
        assert_eq!(answer.code, code, "{head}");
        let said = String::from_utf8(answer.body).unwrap();
        assert!(said.contains("error: ") && said.contains("help: "), "{said}");
    }
    assert_eq!(browser.screen(), "attract");
}

#[test]
fn every_answer_says_what_it_is() {
    let server = start(&People::Shipped);
    let browser = Browser::open(server.address());
    for path in ["/", "/state", "/serve.css", "/serve.js", "/nothing"] {
        let answer = browser.get(path);
        let expected = ["default-src 'none'", "nosniff", "cache-control: no-store", "frame-ancestors 'none'"];
        for header in expected {
            assert!(answer.head.contains(header), "{path}: {}", answer.head);
        }
        assert!(!answer.head.contains("-inline"));
        let text = String::from_utf8(answer.body).unwrap();
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another address");
        assert!(!text.contains(" style=") && !text.contains(" onclick="), "{path}");
    }
    let page = String::from_utf8(browser.get("/").body).unwrap();
    for wanted in
        ["Research use only", "not real", "data-screen=\"attract\"", "id=\"button-next\"", "noscript"]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn bodies_that_are_none_of_the_pages_are_refused() {
    let server = start(&People::Shipped);
    let browser = Browser::open(server.address());
    for (path, body, code) in [
        ("/buttons/next", vec![b'a'; 2000], 413),
        ("/buttons/decline", Vec::new(), 404),
        ("/buttons/%ff", Vec::new(), 400),
        ("/camera", b"camera=7".to_vec(), 400),
        ("/camera", b"camera=".to_vec(), 400),
        ("/camera", b"camera=99999999999999999999999".to_vec(), 400),
        ("/camera", vec![0xff; 20], 400),
        ("/hold", vec![b'a'; 2000], 413),
        ("/hold", vec![0xff; 20], 400),
        ("/tap", b"x=0.5".to_vec(), 400),
        ("/tap", b"x=NaN&y=0.5".to_vec(), 400),
        ("/tap", b"x=0.5&y=7".to_vec(), 400),
        ("/webcam", vec![0; (WIDTH * HEIGHT) as usize], 409),
    ] {
        assert_eq!(browser.post(path, &body).code, code, "{path} {body:?}");
    }
    assert_eq!(browser.screen(), "attract");
    let chunks = format!(
        "POST /camera HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {1}\r\nTransfer-Encoding: chunked\r\n",
        browser.address, browser.cookie
    );
    let body = format!("FFFF\r\n{}\r\n0\r\n\r\n", "a".repeat(0xffff));
    assert_eq!(send(browser.address, &chunks, body.as_bytes()).code, 413);
}

/// A shipped person before the webcam.
fn luma() -> Vec<u8> {
    let jpeg = std::fs::read(PathBuf::from(PEOPLE).join("healthy-one/rest.jpg")).unwrap();
    let photo = Photo::decode(&jpeg).unwrap();
    assert_eq!((photo.width(), photo.height()), (WIDTH, HEIGHT));
    photo.luma().to_vec()
}

#[test]
fn a_webcam_of_noise_and_then_of_a_person() {
    let server = start(&People::Shipped);
    let browser = Browser::open(server.address());
    assert_eq!(browser.post("/camera", b"camera=webcam").code, 303);
    browser.press("next");
    browser.press("next");
    assert_eq!(browser.screen(), "consent");
    assert_eq!(browser.post("/webcam", &luma()).code, 409, "before consent");
    let began = Instant::now();
    thread::scope(|scope| {
        // It is answered when the first picture was looked at.
        scope.spawn(|| browser.press("next"));
        while browser.state()["wants_frames"] != true {
            assert!(began.elapsed() < PATIENCE);
        }
        assert_eq!(browser.post("/webcam", &[7; 1000]).code, 400);
        assert_eq!(browser.post("/webcam", &vec![7; 307_201]).code, 413);
        let mut random: u32 = 1;
        for _ in 0..20 {
            let noise: Vec<u8> = std::iter::repeat_with(|| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (random >> 24) as u8
            })
            .take((WIDTH * HEIGHT) as usize)
            .collect();
            assert_eq!(browser.post("/webcam", &noise).code, 204);
        }
    });
    assert!(browser.screen().starts_with("position-"), "{}", browser.screen());
    let person = luma();
    while !browser.screen().starts_with("pose-rest") {
        assert_eq!(browser.post("/webcam", &person).code, 204);
        assert!(began.elapsed() < PATIENCE, "{}", browser.screen());
    }
    browser.press("stop");
    assert_eq!(browser.post("/webcam", &person).code, 409, "after the wipe");
    assert_eq!(server.stop().unwrap(), 1);
}

/// Clients that open the pictures and never read them: the session goes on, and they are given up.
#[test]
fn who_does_not_read_holds_up_nobody() {
    let server = start(&People::Shipped);
    let browser = Browser::open(server.address());
    let Browser { address, cookie } = &browser;
    let mut idlers: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(address).unwrap()).collect();
    for idler in &mut idlers {
        write!(idler, "GET /frames HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n").unwrap();
    }
    for _ in 0..3 {
        browser.press("next");
    }
    assert_eq!(browser.wait_for("answer"), "answer-unlikely");
    for idler in &mut idlers {
        idler.set_read_timeout(Some(PATIENCE)).unwrap();
        // What lies in the connection comes out, and then its end, while the server goes on.
        let end = std::io::copy(idler, &mut std::io::sink());
        assert!(
            !end.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "it was not given up"
        );
    }
    drop(server);
}

#[test]
fn a_port_that_is_taken_and_people_that_are_none() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    for (arguments, code, message) in [
        (vec!["--port", &port], 2, "error: could not listen on 127.0.0.1:"),
        (vec!["--series", folder], 1, "error: "),
        (vec!["--series", "/no-such-folder"], 2, "error: could not read"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_synkiosk-device"))
            .args(["demo", "--serve"])
            .args(&arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.starts_with(message) && said.lines().count() == 2, "{said}");
    }
}
