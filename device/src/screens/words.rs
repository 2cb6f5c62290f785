//! Every word that a person reads: one file a language under `words/`, all of the same shape.

use crate::{
    language::Language,
    session::screen::{Goodbye, Limit, Notice, StickSummary},
};
use std::sync::LazyLock;
use synkiosk_models::{
    answer::Answer,
    pose::{Pose, Side, SynkinesisType},
    quality::Check,
};

/// On every screen.
pub(super) const PRODUCT: &str = "synkiosk";

static ALL: LazyLock<[Words; Language::ALL.len()]> =
    LazyLock::new(|| Language::ALL.map(|language| Words::parse(file(language)).0));

fn file(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("words/en.toml"),
        Language::German => include_str!("words/de.toml"),
        Language::French => include_str!("words/fr.toml"),
        Language::Spanish => include_str!("words/es.toml"),
        Language::Turkish => include_str!("words/tr.toml"),
        Language::Arabic => include_str!("words/ar.toml"),
    }
}

/// A title, and what follows it.
pub(super) type Said = [String; 2];

/// The tables of a file and their texts. Each struct reads its own, and `Texts` notes what was not there or not read.
macro_rules! texts {
    ($($name:ident { $($field:ident: $kind:ident),+ $(,)? })+) => {
        $(pub(super) struct $name { $(pub(super) $field: texts!(@type $kind)),+ }

        impl $name {
            fn read(from: &mut Texts) -> $name {
                $name { $($field: texts!(@read from, $field, $kind)),+ }
            }
        })+
    };
    (@type Text) => { String };
    (@type Four) => { [String; 4] };
    (@type OfPose) => { [String; Pose::ALL.len()] };
    (@type OfCheck) => { [String; Check::ALL.len()] };
    (@type $table:ident) => { $table };
    (@read $from:ident, $field:ident, Text) => { $from.text(stringify!($field)) };
    (@read $from:ident, $field:ident, Said) => { $from.list(stringify!($field)) };
    (@read $from:ident, $field:ident, Four) => { $from.list(stringify!($field)) };
    (@read $from:ident, $field:ident, OfPose) => { $from.named(stringify!($field), Pose::ALL, |pose| pose.name()) };
    (@read $from:ident, $field:ident, OfCheck) => { $from.named(stringify!($field), Check::ALL, |check| check.name()) };
    (@read $from:ident, $field:ident, $table:ident) => { $from.part(stringify!($field), $table::read) };
}

texts! {
    Words {
        research: Text, button: Buttons, attract: Attract, language: Pause, consent: Consent, position: Title,
        pose: Poses, pause: Pause, retake: Title, thinking: Title, still_there: Pause, goodbye: Goodbyes,
        check: OfCheck, answer: Answers, found: Found, slip: Slip, staff: Staff, technician: Technician,
    }
    Buttons {
        start: Text, agree: Text, decline: Text, stop: Text, go_on: Text, back: Text, done: Text, short_done: Text,
    }
    Attract { title: Text, one_minute: Text, two_minutes: Text }
    Consent { title: Text, points: Four }
    Title { title: Text }
    Pause { title: Text, more: Text }
    Poses { number: Text, read: Text, read_closed: Text, hold: Text, taken: Text, sentence: OfPose }
    Goodbyes { finished: Said, declined: Said, stopped: Said, failed: Said }
    Answers {
        likely: Said, unlikely: Said, cannot_tell: Said, retake: Said, score: Text, range: Text, scale: Said,
        partial: Text, rendered: Text, quality: Text, model: Text, page: Text,
    }
    Found {
        title: Text, poses: Text, ocular_oral: Text, oral_ocular: Text, mentalis: Text, platysma: Text,
        right: Text, left: Text, nothing: Text, unknown: Text, own_sides: Text,
    }
    Slip { title: Text, more: Text, missing: Text }
    Staff {
        call: Text, code: Text, starting: Text, older_model: Text, hot: Text, camera_missing: Text, no_model: Text,
        storage_full: Text, storage_damaged: Text, card_missing: Text, not_set_up: Text, log_set_aside: Text,
        keeps_failing: Text, stick_at_work: Said, stick_done: Text, stick_taken: Text, stick_sessions: Text,
    }
    Technician {
        pin: Text, wrong: Text, locked: Text, title: Text, self_test: Text, camera: Text, input: Text, storage: Text,
        versions: Text, stick: Text, clock: Text, leave: Text, wait: Text, camera_more: Text, input_more: Text,
        stick_more: Text, clock_more: Text, set: Text,
    }
}

/// A table of a file, from which each text is taken once. A few calls instead of a derived parser for each struct, which
/// would be more code than all the texts are.
struct Texts {
    table: toml::Table,
    /// What was not there, of another shape, or left over; a test keeps this empty.
    problems: Vec<String>,
}

impl Texts {
    fn take(&mut self, name: &str) -> Option<toml::Value> {
        // Names of files' own things have hyphens.
        let found = self.table.remove(name).or_else(|| self.table.remove(&name.replace('_', "-")));
        if found.is_none() {
            self.problems.push(format!("{name} is missing"));
        }
        found
    }

    fn text(&mut self, name: &str) -> String {
        match self.take(name) {
            Some(toml::Value::String(text)) => text,
            other => {
                self.problems.extend(other.map(|_| format!("{name} is no text")));
                String::new()
            }
        }
    }

    fn list<const N: usize>(&mut self, name: &str) -> [String; N] {
        let values = match self.take(name) {
            Some(toml::Value::Array(values)) => values,
            _ => Vec::new(),
        };
        if values.len() != N {
            self.problems.push(format!("{name} has not {N} texts"));
        }
        std::array::from_fn(|at| values.get(at).and_then(toml::Value::as_str).unwrap_or_default().to_owned())
    }

    fn named<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        all: &[T],
        name_of: fn(T) -> &'static str,
    ) -> [String; N] {
        self.part(name, |texts| std::array::from_fn(|at| texts.text(name_of(all[at]))))
    }

    fn part<T>(&mut self, name: &str, read: impl FnOnce(&mut Texts) -> T) -> T {
        let table = match self.take(name) {
            Some(toml::Value::Table(table)) => table,
            _ => toml::Table::new(),
        };
        let mut texts = Texts { table, problems: Vec::new() };
        let value = read(&mut texts);
        self.problems.extend(texts.finish().into_iter().map(|problem| format!("{name}: {problem}")));
        value
    }

    fn finish(mut self) -> Vec<String> {
        self.problems.extend(self.table.keys().map(|key| format!("nobody reads {key}")));
        self.problems
    }
}

impl Words {
    /// Of a file, with all that is wrong with it; what is missing is empty.
    fn parse(file: &str) -> (Words, Vec<String>) {
        let (table, error) = match file.parse::<toml::Table>() {
            Ok(table) => (table, None),
            Err(error) => (toml::Table::new(), Some(error.to_string())),
        };
        let mut texts = Texts { table, problems: error.into_iter().collect() };
        let words = Words::read(&mut texts);
        (words, texts.finish())
    }

    /// Those of a language.
    pub(super) fn of(language: Language) -> &'static Words {
        let at = Language::ALL.iter().position(|one| *one == language).unwrap_or(0);
        &ALL[at]
    }

    /// All that is said in a language, as one text.
    #[cfg(all(test, feature = "demo"))]
    pub(super) fn said(language: Language) -> &'static str {
        file(language)
    }

    /// The first screen: what this is, and how long it takes, at about twelve seconds a pose.
    pub(super) fn attract(&self, poses: usize) -> (&str, &str) {
        let more = if poses <= 5 { &self.attract.one_minute } else { &self.attract.two_minutes };
        (&self.attract.title, more)
    }

    /// Asks whether somebody is there, and says for how long.
    pub(super) fn still_there(&self, seconds: u8) -> (&str, String) {
        (&self.still_there.title, fill(&self.still_there.more, &[("seconds", &seconds)]))
    }

    /// Last words, and what happened to the pictures.
    pub(super) fn goodbye(&self, goodbye: Goodbye) -> &Said {
        match goodbye {
            Goodbye::Finished => &self.goodbye.finished,
            Goodbye::Declined => &self.goodbye.declined,
            Goodbye::Stopped => &self.goodbye.stopped,
            Goodbye::Failed => &self.goodbye.failed,
        }
    }

    /// Which pose of how many.
    pub(super) fn number(&self, number: usize, of: usize) -> String {
        fill(&self.pose.number, &[("number", &number), ("of", &of)])
    }

    /// Why the picture is not good, and what helps; one sentence.
    pub(super) fn check(&self, check: Check) -> &str {
        let at = Check::ALL.iter().position(|one| *one == check).unwrap_or(0);
        &self.check[at]
    }

    /// What the person does; one sentence.
    pub(super) fn sentence(&self, pose: Pose) -> &str {
        let at = Pose::ALL.iter().position(|one| *one == pose).unwrap_or(0);
        &self.pose.sentence[at]
    }

    /// The answer in one sentence, and what to do with it.
    pub(super) fn answer(&self, answer: Answer) -> &Said {
        match answer {
            Answer::Likely => &self.answer.likely,
            Answer::Unlikely => &self.answer.unlikely,
            Answer::CannotTell => &self.answer.cannot_tell,
            Answer::Retake => &self.answer.retake,
        }
    }

    /// What limits the answer.
    pub(super) fn limit(&self, limit: Limit) -> String {
        match limit {
            Limit::Partial { taken, of } => fill(&self.answer.partial, &[("taken", &taken), ("of", &of)]),
            Limit::Quality => self.answer.quality.clone(),
            Limit::Rendered => self.answer.rendered.clone(),
        }
    }

    /// Whose score it is.
    pub(super) fn model(&self, name: &str, version: u32) -> String {
        fill(&self.answer.model, &[("name", &name), ("version", &version)])
    }

    /// A type of unwanted movement, in words that everybody knows.
    pub(super) fn kind(&self, kind: SynkinesisType) -> &str {
        match kind {
            SynkinesisType::OcularOral => &self.found.ocular_oral,
            SynkinesisType::OralOcular => &self.found.oral_ocular,
            SynkinesisType::Mentalis => &self.found.mentalis,
            SynkinesisType::Platysma => &self.found.platysma,
        }
    }

    /// The person's own side.
    pub(super) fn side(&self, side: Side) -> &str {
        match side {
            Side::Right => &self.found.right,
            Side::Left => &self.found.left,
        }
    }

    /// What the staff should know while the kiosk works.
    pub(super) fn notice(&self, notice: Notice) -> &str {
        match notice {
            Notice::OlderModel => &self.staff.older_model,
            Notice::Hot => &self.staff.hot,
        }
    }

    /// Whom to ask where the kiosk cannot go on, and what to tell them.
    pub(super) fn call_staff(&self, code: Option<&str>) -> String {
        let call = &self.staff.call;
        code.map_or_else(|| call.clone(), |code| format!("{call}\n{}", self.code(code)))
    }

    fn code(&self, code: &str) -> String {
        fill(&self.staff.code, &[("code", &code)])
    }

    /// What came of a stick: what was taken from it, what is on it, and what to look up.
    pub(super) fn stick_done(&self, summary: StickSummary, code: Option<&str>) -> String {
        let taken = fill(&self.staff.stick_taken, &[("count", &summary.taken)]);
        let sessions = fill(&self.staff.stick_sessions, &[("count", &summary.sessions)]);
        let code = code.map_or_else(String::new, |code| format!("\n{}", self.code(code)));
        format!("{taken}\n{sessions}{code}")
    }
}

/// A text with values in the places of the names in curly braces.
pub(super) fn fill(text: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The names in curly braces of every text, by its place in the file.
    fn names(language: Language) -> BTreeMap<String, Vec<String>> {
        fn collect(at: &str, value: &toml::Value, into: &mut BTreeMap<String, Vec<String>>) {
            match value {
                toml::Value::String(text) => {
                    assert!(!text.trim().is_empty(), "{at} is empty");
                    let mut found: Vec<String> = text
                        .split('{')
                        .skip(1)
                        .map(|rest| rest.split('}').next().unwrap().to_owned())
                        .collect();
                    found.sort();
                    into.insert(at.to_owned(), found);
                }
                toml::Value::Array(values) => {
                    values
                        .iter()
                        .enumerate()
                        .for_each(|(k, value)| collect(&format!("{at}.{k}"), value, into));
                }
                toml::Value::Table(table) => {
                    table.iter().for_each(|(key, value)| collect(&format!("{at}.{key}"), value, into));
                }
                other => panic!("{at}: {other}"),
            }
        }
        let mut into = BTreeMap::new();
        collect("", &toml::from_str(file(language)).unwrap(), &mut into);
        into
    }

    #[test]
    fn no_text_is_missing_in_any_language() {
        let english = names(Language::English);
        assert!(english.len() > 100);
        for language in Language::ALL {
            assert_eq!(names(language), english, "{}", language.code());
            // Every text is there, and none that nobody reads.
            assert_eq!(Words::parse(file(language)).1, Vec::<String>::new(), "{}", language.code());
        }
    }

    #[test]
    fn a_text_that_is_missing_or_that_nobody_reads_is_told() {
        let whole = file(Language::English);
        let problems = |text: String| Words::parse(&text).1.join(", ");
        assert_eq!(
            problems(whole.replace("[thinking]", "[thinks]")),
            "thinking is missing, thinking: title is missing, nobody reads thinks"
        );
        assert_eq!(problems(format!("{whole}\nmore = 3\n")), "technician: nobody reads more");
        assert_eq!(problems(whole.replace("set = \"Set\"", "set = 3")), "technician: set is no text");
        assert!(problems("[".to_owned()).contains("missing"));
    }

    #[test]
    fn no_sentence_claims_a_diagnosis() {
        let roots = ["diagnos", "disease", "krank", "maladie", "enfermedad", "hastalık", "مرض", "تشخيص"];
        for language in Language::ALL {
            let said = file(language).to_lowercase();
            for word in roots {
                assert!(!said.contains(word), "{}: {word}", language.code());
            }
        }
    }

    #[test]
    fn values_go_where_their_names_stand() {
        let words = Words::of(Language::English);
        assert_eq!(words.number(4, 9), "Pose 4 of 9");
        assert_eq!(words.still_there(7).1.matches("in 7 seconds").count(), 1);
    }
}
