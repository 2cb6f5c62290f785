//! The languages that a visitor can choose.

/// A language. Its texts are in `screens/words/CODE.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Turkish.
    Turkish,
    /// Arabic.
    Arabic,
}

impl Language {
    /// All of them, in the order in which a visitor is asked.
    pub const ALL: [Language; 6] = [
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Turkish,
        Language::Arabic,
    ];

    /// The code of ISO 639-1, as settings and files name it.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::French => "fr",
            Language::Spanish => "es",
            Language::Turkish => "tr",
            Language::Arabic => "ar",
        }
    }

    /// The language of a code.
    pub fn of_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    /// What those who speak it call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "Deutsch",
            Language::French => "Français",
            Language::Spanish => "Español",
            Language::Turkish => "Türkçe",
            Language::Arabic => "العربية",
        }
    }

    /// Whether it is written from right to left: then screens are laid out so, too.
    pub fn is_right_to_left(self) -> bool {
        self == Language::Arabic
    }
}
