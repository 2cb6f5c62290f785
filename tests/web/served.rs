//! `synkiosk serve` as its own process, and the few lines of HTTP that asking it takes.

// Two test programs use a part of it each.
#![allow(dead_code)]

use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Lines, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A rendered person's picture that comes with the program.
pub(crate) fn shipped(person: &str, pose: &str) -> PathBuf {
    root().join("device/demo/people").join(person).join(format!("{pose}.jpg"))
}

/// Ended when dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) port: u16,
    /// A program that cannot print any more ends.
    _printed: Lines<BufReader<ChildStdout>>,
}

impl Served {
    pub(crate) fn start(arguments: &[&str]) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk"));
        Served::of(command.args(["serve", "--port", "0"]).args(arguments))
    }

    /// The kiosk in a browser, if the device's program was built beside this one.
    pub(crate) fn kiosk() -> Option<Served> {
        let program = Path::new(env!("CARGO_BIN_EXE_synkiosk"));
        let program = program.with_file_name(format!("synkiosk-device{}", std::env::consts::EXE_SUFFIX));
        let is_there = program.is_file();
        is_there.then(|| Served::of(Command::new(program).args(["demo", "--serve", "--port", "0"])))
    }

    /// Once it has printed its address.
    fn of(command: &mut Command) -> Served {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.ok().filter(|line| line.contains("http"))).unwrap();
        let port = address.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
        Served { child, port, _printed: lines }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Mebibytes that the process had in memory at most.
    #[cfg(target_os = "linux")]
    pub(crate) fn most_memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        ask(self.port, "GET", path, &[("Host", &self.host())], &[]).unwrap()
    }

    pub(crate) fn post(&self, path: &str, form: &Form) -> Answer {
        self.try_post(path, form).unwrap()
    }

    /// `None` where the server hung up.
    pub(crate) fn try_post(&self, path: &str, form: &Form) -> Option<Answer> {
        ask(self.port, "POST", path, &[("Host", &self.host()), ("Content-Type", &form.kind())], &form.body())
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

/// One request on a connection of its own; `None` where no answer came.
pub(crate) fn ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(300))).ok()?;
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    // A server that refuses early may hang up while the body is still being sent.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let mut piece = [0; 64 << 10];
    // Not every server hangs up when asked to.
    while !is_whole(&answer) {
        match stream.read(&mut piece) {
            Ok(read @ 1..) => answer.extend_from_slice(&piece[..read]),
            Ok(0) | Err(_) => break,
        }
    }
    parse(&answer)
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(answer) = parse(answer) else { return false };
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    length.is_some_and(|length: usize| answer.body.len() >= length)
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let body = answer[end + 4..].to_vec();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Some(Answer { status, body: if chunked { joined(&body) } else { body }, head })
}

fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(String::from_utf8_lossy(&chunks[..end]).trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        body.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = &chunks[end + 4 + size..];
    }
    body
}

/// A form with files, as browsers send it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Form(Vec<u8>);

const BOUNDARY: &str = "----synkiosk-test-boundary";

impl Form {
    pub(crate) fn with(mut self, field: &str, name: &str, bytes: &[u8]) -> Form {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        );
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn of_person(person: &str, poses: &[&str]) -> Form {
        poses.iter().fold(Form::default(), |form, pose| {
            form.with(pose, &format!("{pose}.jpg"), &fs::read(shipped(person, pose)).unwrap())
        })
    }

    pub(crate) fn kind(&self) -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        [&self.0[..], format!("--{BOUNDARY}--\r\n").as_bytes()].concat()
    }
}
