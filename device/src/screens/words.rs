//! Every word that a person reads: one file a language under `words/`, all of the same shape.

use crate::{
    language::Language,
    session::screen::{Goodbye, Limit, Notice, StickSummary},
};
use serde::Deserialize;
use std::sync::LazyLock;
use synkiosk_models::{
    answer::Answer,
    pose::{Pose, Side, SynkinesisType},
    quality::Check,
};

/// On every screen.
pub(super) const PRODUCT: &str = "synkiosk";

static ALL: LazyLock<[Words; Language::ALL.len()]> = LazyLock::new(|| {
    Language::ALL.map(|language| toml::from_str(file(language)).expect("the files were read by the tests"))
});

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

/// All texts of one language. A text that is missing, or that nobody reads, is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) research: String,
    pub(super) button: Buttons,
    attract: Attract,
    pub(super) language: Choice,
    pub(super) consent: Consent,
    pub(super) position: Title,
    pub(super) pose: Poses,
    pub(super) pause: Pause,
    pub(super) retake: Title,
    pub(super) thinking: Title,
    still_there: Pause,
    goodbye: Goodbyes,
    check: Checks,
    pub(super) answer: Answers,
    pub(super) found: Found,
    pub(super) slip: Slip,
    pub(super) staff: Staff,
    pub(super) technician: Technician,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$rename:meta])* $field:ident: $kind:ty),+ $(,)? })+) => {
        $($(#[$doc])* #[derive(Deserialize)] #[serde(deny_unknown_fields)]
        pub(super) struct $name { $($(#[$rename])* pub(super) $field: $kind),+ })+
    };
}

texts! {
    Buttons {
        start: String, agree: String, decline: String, stop: String, go_on: String, back: String, done: String,
        short_done: String,
    }
    Attract { title: String, one_minute: String, two_minutes: String }
    Choice { title: String, help: String }
    Consent { title: String, points: [String; 4] }
    Title { title: String }
    Pause { title: String, more: String }
    Poses {
        number: String, read: String, read_closed: String, hold: String, taken: String, sentence: OfPose,
    }
    Goodbyes { finished: Said, declined: Said, stopped: Said, failed: Said }
    Answers {
        likely: Said, unlikely: Said, #[serde(rename = "cannot-tell")] cannot_tell: Said, retake: Said,
        score: String, range: String, scale: Said, partial: String, rendered: String, quality: String,
        model: String, page: String,
    }
    Found {
        title: String, poses: String, #[serde(rename = "ocular-oral")] ocular_oral: String,
        #[serde(rename = "oral-ocular")] oral_ocular: String, mentalis: String, platysma: String, right: String,
        left: String, nothing: String, unknown: String, own_sides: String,
    }
    Slip { title: String, more: String, missing: String }
    Staff {
        call: String, code: String, starting: String, older_model: String, hot: String, camera_missing: String,
        no_model: String, storage_full: String, storage_damaged: String, card_missing: String,
        not_set_up: String, log_set_aside: String, keeps_failing: String, stick_at_work: Said,
        stick_done: String, stick_taken: String, stick_sessions: String,
    }
    Technician {
        pin: String, wrong: String, locked: String, title: String, self_test: String, camera: String,
        input: String, storage: String, versions: String, stick: String, clock: String, leave: String,
        wait: String, camera_more: String, input_more: String, stick_more: String, clock_more: String,
        set: String,
    }
}

/// A text for each pose, by its name in files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OfPose {
    rest: String,
    brow_raise: String,
    gentle_closure: String,
    tight_closure: String,
    closed_smile: String,
    open_smile: String,
    snarl: String,
    pucker: String,
    lower_teeth: String,
}

/// A text for each check, by its name in files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Checks {
    face_missing: String,
    several_faces: String,
    half_face: String,
    too_small: String,
    too_large: String,
    off_center: String,
    too_dark: String,
    too_bright: String,
    half_in_shadow: String,
    rolled: String,
    turned: String,
    tilted: String,
    blurred: String,
    eyes_hidden: String,
    pose_not_performed: String,
}

impl Words {
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
        let of = &self.check;
        match check {
            Check::FaceMissing => &of.face_missing,
            Check::SeveralFaces => &of.several_faces,
            Check::HalfFace => &of.half_face,
            Check::TooSmall => &of.too_small,
            Check::TooLarge => &of.too_large,
            Check::OffCenter => &of.off_center,
            Check::TooDark => &of.too_dark,
            Check::TooBright => &of.too_bright,
            Check::HalfInShadow => &of.half_in_shadow,
            Check::Rolled => &of.rolled,
            Check::Turned => &of.turned,
            Check::Tilted => &of.tilted,
            Check::Blurred => &of.blurred,
            Check::EyesHidden => &of.eyes_hidden,
            Check::PoseNotPerformed => &of.pose_not_performed,
        }
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

impl OfPose {
    /// The text of a pose.
    pub(super) fn of(&self, pose: Pose) -> &str {
        match pose {
            Pose::Rest => &self.rest,
            Pose::BrowRaise => &self.brow_raise,
            Pose::GentleClosure => &self.gentle_closure,
            Pose::TightClosure => &self.tight_closure,
            Pose::ClosedSmile => &self.closed_smile,
            Pose::OpenSmile => &self.open_smile,
            Pose::Snarl => &self.snarl,
            Pose::Pucker => &self.pucker,
            Pose::LowerTeeth => &self.lower_teeth,
        }
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
            // Every field is there, and none that nobody reads.
            toml::from_str::<Words>(file(language))
                .unwrap_or_else(|error| panic!("{}: {error}", language.code()));
        }
    }

    #[test]
    fn a_file_without_a_text_is_refused() {
        let whole = file(Language::English);
        let without = whole.replace("thinking", "thinks");
        assert!(toml::from_str::<Words>(&without).is_err());
        assert!(toml::from_str::<Words>(&format!("{whole}\nmore = \"x\"\n")).is_err());
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
