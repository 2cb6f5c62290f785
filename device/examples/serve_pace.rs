//! How fast the kiosk in a browser moves: `serve_pace [SECONDS]`. A person who sways stands before the webcam, 30 pictures a
//! second; counted are the different pictures of the panel that come out of the connection, beside one that never reads.
#![forbid(unsafe_code)]

use anyhow::Context;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use synkiosk_device::demo::{
    People, people,
    serve::{HEIGHT, Server, WIDTH},
};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    photo::Photo,
};

/// From one picture of the webcam to the next.
const STEP: Duration = Duration::from_millis(33);
/// Between two pictures.
const MARK: &[u8] = b"\r\n--synkiosk-picture\r\n";

fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(8), |text| text.parse())?;
    let keys = TrustedKeys::from_public_texts(&[bundle::DEMO_PUBLIC_KEY])?;
    let server = Server::start(&People::Shipped, &Bundle::read(bundle::shipped(), &keys)?, 0)?;
    let address = server.address();
    let cookie = cookie(address)?;
    post(address, &cookie, "/camera", b"camera=webcam")?;
    post(address, &cookie, "/buttons/next", b"")?;
    post(address, &cookie, "/buttons/next", b"")?;
    let is_done = AtomicBool::new(false);
    let _idler = open(address, &cookie)?;
    thread::scope(|scope| {
        let swaying = scope.spawn(|| sway(address, &cookie, &is_done));
        post(address, &cookie, "/buttons/next", b"")?;
        let (pictures, bytes) = count(address, &cookie, Duration::from_secs(seconds))?;
        is_done.store(true, Ordering::Relaxed);
        let sent = swaying.join().expect("it does not panic")?;
        println!(
            "figure: kiosk in a browser: {:.1} pictures of 1280x800 a second, {} kB each, of {:.1} a second from the webcam",
            pictures as f64 / seconds as f64,
            bytes / 1000 / pictures.max(1),
            f64::from(sent) / seconds as f64,
        );
        anyhow::Ok(())
    })
}

/// Sends pictures until it is done. How many were taken.
fn sway(address: SocketAddr, cookie: &str, is_done: &AtomicBool) -> anyhow::Result<u32> {
    let (_, jpeg) = people::frames().next().context("people are shipped")?;
    let photo = Photo::decode(jpeg)?;
    let (mut taken, mut due) = (0, Instant::now());
    for step in 0.. {
        if is_done.load(Ordering::Relaxed) {
            break;
        }
        let shift = (8.0 * (f64::from(step) / 5.0).sin()) as i32;
        if post(address, cookie, "/webcam", &shifted(&photo, shift))?.contains(" 204 ") {
            taken += 1;
        }
        due = (due + STEP).max(Instant::now());
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    Ok(taken)
}

fn shifted(photo: &Photo, by: i32) -> Vec<u8> {
    let column = |x: u32| (x as i32 + by).clamp(0, WIDTH as i32 - 1) as usize;
    let rows = photo.luma().chunks_exact(WIDTH as usize).take(HEIGHT as usize);
    rows.flat_map(|row| (0..WIDTH).map(move |x| row[column(x)])).collect()
}

/// Pictures that differ from the one before, and their bytes.
fn count(address: SocketAddr, cookie: &str, time: Duration) -> anyhow::Result<(usize, usize)> {
    let mut stream = open(address, cookie)?;
    stream.set_read_timeout(Some(STEP))?;
    let (mut pictures, mut bytes, mut before) = (0, 0, Vec::new());
    let (began, mut rest, mut piece, mut looked) = (Instant::now(), Vec::new(), vec![0; 1 << 16], 0);
    while began.elapsed() < time {
        let Ok(count) = stream.read(&mut piece) else { continue };
        anyhow::ensure!(count > 0, "the connection ended");
        rest.extend_from_slice(&piece[..count]);
        while let Some(at) = rest[looked..].windows(MARK.len()).position(|window| window == MARK) {
            let picture: Vec<u8> = rest.drain(..looked + at + MARK.len()).collect();
            looked = 0;
            if picture != before {
                pictures += 1;
                bytes += picture.len();
                before = picture;
            }
        }
        looked = rest.len().saturating_sub(MARK.len());
    }
    Ok((pictures, bytes))
}

fn open(address: SocketAddr, cookie: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    // Of HTTP 1.0, so that the pictures are not cut into chunks.
    write!(stream, "GET /frames HTTP/1.0\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n")?;
    Ok(stream)
}

fn cookie(address: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET / HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    let cookie = page.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next());
    Ok(cookie.context("the page sets a cookie")?.to_owned())
}

/// The first line of the answer.
fn post(address: SocketAddr, cookie: &str, path: &str, body: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.0\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}
