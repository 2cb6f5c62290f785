//! QEMU's `virt` board: the serial console is heard, keys are pressed and screens taken over QMP.

use crate::{PATIENCE, card::Card, example::example, folder, is, stick::Stick};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        LazyLock,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};
use synkiosk_models::photo::Photo;

/// A line of the appliance on the serial console: `synkiosk: NAME 12.34`.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// A screen, or what happened.
    pub(crate) name: String,
    /// Seconds since the kernel's start.
    pub(crate) since_start: f64,
    /// When it was read.
    pub(crate) at: Instant,
}

pub(crate) struct Machine {
    qemu: Child,
    lines: Receiver<(Instant, String)>,
    heard: Vec<String>,
    qmp: BufReader<UnixStream>,
    /// Holds the socket.
    _room: tempfile::TempDir,
}

impl Machine {
    /// Boots the kernel that the card's boot partition holds, with the card as its disk.
    pub(crate) fn boot(card: &Card, words: &str) -> Machine {
        let mut qemu = Command::new("qemu-system-aarch64");
        qemu.args([
            "-M",
            "virt",
            "-accel",
            "tcg,thread=multi",
            "-cpu",
            "cortex-a72",
            "-m",
            "1024",
            "-smp",
            "2",
        ])
        .args(["-device", "virtio-gpu-pci", "-device", "virtio-keyboard-pci", "-device", "i6300esb"])
        .args(["-action", "watchdog=reset", "-nic", "none", "-serial", "stdio"])
        // A socket that something can be plugged into later.
        .args(["-device", "pcie-root-port,id=socket"])
        .args(["-device", "virtio-blk-pci,drive=card", "-drive"])
        .arg(format!("file={},if=none,id=card,format=raw", card.path.display()));
        Machine::start(qemu, card, words)
    }

    /// Boots QEMU's Raspberry Pi 3 with the card in its slot.
    pub(crate) fn raspi3b(card: &Card, tree: &Path) -> Machine {
        let mut qemu = Command::new("qemu-system-aarch64");
        // The first serial port of the board is its Bluetooth's; the kernel's console is the second.
        qemu.args([
            "-M",
            "raspi3b",
            "-accel",
            "tcg,thread=multi",
            "-serial",
            "null",
            "-serial",
            "stdio",
            "-dtb",
        ])
        .arg(tree)
        .arg("-drive")
        .arg(format!("file={},if=sd,format=raw", card.path.display()));
        Machine::start(qemu, card, "console=ttyS1,115200")
    }

    fn start(mut qemu: Command, card: &Card, words: &str) -> Machine {
        // Before the kiosk waits for anybody: another build may have to be waited for.
        LazyLock::force(&SCREENS);
        let room = tempfile::tempdir().unwrap();
        let socket = room.path().join("qmp");
        let mut qemu = qemu
            .args(["-display", "none", "-monitor", "none", "-kernel"])
            .arg(card.boot_file("vmlinuz"))
            .arg("-initrd")
            .arg(card.boot_file("initrd.gz"))
            .arg("-append")
            .arg(format!("{} {words}", fs::read_to_string(card.boot_file("cmdline.txt")).unwrap().trim()))
            .arg("-qmp")
            .arg(format!("unix:{},server=on,wait=off", socket.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let mut console = BufReader::new(qemu.stdout.take().unwrap());
        thread::spawn(move || {
            let mut line = Vec::new();
            while console.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim().to_owned();
                if sender.send((Instant::now(), text)).is_err() {
                    return;
                }
                line.clear();
            }
        });
        let qmp = BufReader::new(connect(&socket));
        let mut machine = Machine { qemu, lines, heard: Vec::new(), qmp, _room: room };
        machine.answer();
        machine.ask("qmp_capabilities", json!({}));
        machine
    }

    /// The next line of this name; a name that ends in `-` stands for all that begin so.
    pub(crate) fn wait_for(&mut self, wanted: &str) -> Seen {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((at, line)) => {
                    let seen = parse(&line, at);
                    self.heard.push(line);
                    if let Some(seen) = seen.filter(|seen| is(seen, wanted)) {
                        return seen;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    self.keep_screen("missed");
                    panic!("no {wanted} on the console:\n{}", self.heard.join("\n"));
                }
            }
        }
    }

    /// Whether a line that was read so far holds these words.
    pub(crate) fn heard(&self, words: &str) -> bool {
        self.heard.iter().any(|line| line.contains(words))
    }

    /// Presses and lets go of a key, by QEMU's name for it; when it did.
    pub(crate) fn press(&mut self, key: &str) -> Instant {
        let at = Instant::now();
        self.ask("send-key", json!({ "keys": [{ "type": "qcode", "data": key }] }));
        at
    }

    /// Plugs a stick in.
    pub(crate) fn plug_in(&mut self, stick: &Stick) {
        let file = json!({ "driver": "file", "filename": stick.path });
        self.ask("blockdev-add", json!({ "driver": "raw", "node-name": "stick", "file": file }));
        let device = json!({ "driver": "virtio-blk-pci", "drive": "stick", "id": "plug", "bus": "socket" });
        self.ask("device_add", device);
    }

    /// Pulls it out.
    pub(crate) fn pull_out(&mut self) {
        self.ask("device_del", json!({ "id": "plug" }));
    }

    /// Writes what is on the screen, to be looked at.
    pub(crate) fn keep_screen(&mut self, name: &str) -> PathBuf {
        let file = folder().join("screens").join(format!("{name}.png"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        self.ask("screendump", json!({ "filename": file, "format": "png" }));
        file
    }

    /// The text of the code on the screen. It is looked at for a while, as in `shows`.
    pub(crate) fn code(&mut self, name: &str) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            let screen = Photo::decode(&fs::read(self.keep_screen(name)).unwrap()).unwrap();
            if let Some(text) = screen.codes().into_iter().next() {
                return text;
            }
            thread::sleep(Duration::from_millis(250));
        }
        panic!("no code on {name}");
    }

    /// Whether the screen is to the last pixel what the appliance's own code draws under this name. It is looked at for
    /// a while: the line on the console comes before the picture is out.
    pub(crate) fn shows(&mut self, name: &str) -> bool {
        let drawn: Vec<_> = drawn(name).iter().map(|file| image::open(file).unwrap().to_rgb8()).collect();
        assert!(!drawn.is_empty(), "the example draws no {name}");
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            let screen = image::open(self.keep_screen(name)).unwrap().to_rgb8();
            if drawn.contains(&screen) {
                return true;
            }
            thread::sleep(Duration::from_millis(250));
        }
        false
    }

    /// Whether two pixels of the screen differ, looked at for a while.
    pub(crate) fn shows_something(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            let screen = image::open(self.keep_screen("raspi3b")).unwrap().to_rgb8();
            if screen.pixels().any(|pixel| pixel != screen.get_pixel(0, 0)) {
                return true;
            }
            thread::sleep(Duration::from_millis(250));
        }
        false
    }

    fn ask(&mut self, command: &str, arguments: Value) {
        let request = json!({ "execute": command, "arguments": arguments });
        writeln!(self.qmp.get_mut(), "{request}").unwrap();
        loop {
            let answer = self.answer();
            assert!(answer.get("error").is_none(), "{command}: {answer}");
            if answer.get("return").is_some() {
                return;
            }
        }
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.qmp.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

fn connect(socket: &Path) -> UnixStream {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => return stream,
            Err(error) => assert!(Instant::now() < end, "QEMU does not answer: {error}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn parse(line: &str, at: Instant) -> Option<Seen> {
    let (name, seconds) = line.split_once("synkiosk: ")?.1.rsplit_once(' ')?;
    Some(Seen { name: name.to_owned(), since_start: seconds.parse().ok()?, at })
}

static SCREENS: LazyLock<PathBuf> = LazyLock::new(|| example("screens"));

/// The screens of this name as the appliance's example draws them for this machine's panel, in each language.
fn drawn(name: &str) -> Vec<PathBuf> {
    ["en", "de", "fr", "es", "tr", "ar"].iter().flat_map(|language| drawn_in(language, name)).collect()
}

fn drawn_in(language: &str, name: &str) -> Vec<PathBuf> {
    let folder = folder().join("drawn").join(language);
    let output = Command::new(&*SCREENS)
        .arg("800x600@203x152")
        .arg(&folder)
        .arg(language)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(name))).collect()
}
