//! What a technician is told at the kiosk itself: self-test, storage and versions, in the console's words.

use crate::{
    session::screen::Task,
    slots::{Load, Slots},
    start::{self, JOURNAL, MODELS},
    unit::Card,
};
use std::time::{SystemTime, UNIX_EPOCH};
use synkiosk_journal::{
    DropCount, disk as fs,
    quota::CountInName,
    segment::{Piece, read_segment},
    store::{Folder, Store},
};

/// What a technician wants to know of the kiosk, and do to it.
pub trait Caretaker {
    /// Line by line what is found about self-test, storage or versions.
    fn tell(&mut self, task: Task) -> Vec<String>;

    /// The time, seconds since 1970.
    fn time(&self) -> u64;

    /// Sets the clock; a line that says why where it cannot be set.
    fn set_clock(&mut self, seconds: u64) -> Result<(), String>;
}

/// Sets the system's clock, seconds since 1970.
pub type SetClock = Box<dyn FnMut(u64) -> Result<(), String>>;

/// The caretaker of a kiosk with a card.
pub struct CardCaretaker {
    card: Card,
    set_clock: SetClock,
}

impl CardCaretaker {
    /// Of this card.
    pub fn new(card: Card, set_clock: SetClock) -> CardCaretaker {
        CardCaretaker { card, set_clock }
    }

    fn self_test(&self) -> Vec<String> {
        let start = start::start(&self.card.data, &[], &mut self.card.unit());
        let found = start.findings.iter().map(ToString::to_string);
        let complaints = start.complaints.iter().map(|one| format!("{}; {}", one.message, one.help));
        found.chain(complaints).collect()
    }

    fn storage(&self) -> Vec<String> {
        let folder = Folder::beside_the_writer(&self.card.data.join(JOURNAL));
        let (mut segments, mut sessions, mut bytes) = (0, 0, 0);
        for number in folder.segments().unwrap_or_default() {
            let Ok(segment) = folder.read(number) else { continue };
            segments += 1;
            bytes += segment.len();
            sessions += read_segment(&segment)
                .map_or(0, |pieces| pieces.filter(|piece| matches!(piece, Piece::Frame(_))).count());
        }
        let dropped = CountInName::new(&self.card.data).dropped().unwrap_or(0);
        let slot = |name: &str| {
            let path = self.card.data.join(MODELS).join(format!("{name}.bundle"));
            fs::metadata(path).map_or("empty".to_owned(), |file| format!("{} bytes", file.len()))
        };
        vec![
            format!("journal:  {sessions} sessions in {segments} segments, {bytes} bytes"),
            format!("dropped:  {dropped} sessions, for want of room"),
            format!("models:   a {}, b {}", slot("a"), slot("b")),
            format!("keeps:    {}", crate::selftest::storage(&self.card.data)),
        ]
    }

    fn versions(&self) -> Vec<String> {
        let unit = self.card.unit();
        let model = match Slots::open(&self.card.data.join(MODELS)) {
            Ok(mut slots) => model(&slots.load(&unit.keys().known())),
            Err(error) => format!("none ({error})"),
        };
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        vec![
            format!("program:  synkiosk-device {}", env!("CARGO_PKG_VERSION")),
            format!("model:    {model}"),
            format!("unit:     {}", unit.name()),
            format!("board:    {}", self.card.profile.name()),
            format!("kernel:   {}", kernel.trim()),
        ]
    }
}

fn model(load: &Load) -> String {
    match &load.model {
        Some(model) => format!("{} {}", model.bundle.manifest().name, model.bundle.manifest().version),
        None => "none".to_owned(),
    }
}

impl Caretaker for CardCaretaker {
    fn tell(&mut self, task: Task) -> Vec<String> {
        match task {
            Task::SelfTest => self.self_test(),
            Task::Storage => self.storage(),
            Task::Versions => self.versions(),
            Task::Camera | Task::Input | Task::Stick | Task::Clock | Task::Leave => Vec::new(),
        }
    }

    fn time(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
    }

    fn set_clock(&mut self, seconds: u64) -> Result<(), String> {
        (self.set_clock)(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slots::kit;
    use synkiosk_boards::Profile;

    #[test]
    fn a_technician_is_told_what_is_on_the_card() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir_all(data.path().join(MODELS)).unwrap();
        fs::create_dir_all(data.path().join(JOURNAL)).unwrap();
        fs::write(data.path().join(MODELS).join("a.bundle"), kit::version(7)).unwrap();
        let card = Card {
            data: data.path().to_owned(),
            came_with: Vec::new(),
            more_keys: vec![synkiosk_models::bundle::DEMO_PUBLIC_KEY.to_owned()],
            profile: Profile::named("vm").unwrap(),
        };
        let mut caretaker =
            CardCaretaker::new(card, Box::new(|seconds| Err(format!("{seconds} is refused"))));
        let said = |caretaker: &mut CardCaretaker, task| caretaker.tell(task).join("\n");
        let versions = said(&mut caretaker, Task::Versions);
        assert!(versions.contains("board:    vm") && versions.contains(" 7\n"), "{versions}");
        let storage = said(&mut caretaker, Task::Storage);
        assert!(storage.contains("0 sessions in 0 segments") && storage.contains("b empty"), "{storage}");
        let tested = said(&mut caretaker, Task::SelfTest);
        assert!(tested.contains("storage:") && tested.contains("networks:"), "{tested}");
        assert_eq!(said(&mut caretaker, Task::Camera), "");
        assert_eq!(caretaker.set_clock(5), Err("5 is refused".to_owned()));
    }
}
