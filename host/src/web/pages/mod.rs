//! The pages, in the order of the menu. What comes from a picture or a file is escaped by maud.

pub(super) mod answer;
pub(super) mod collection;
pub(super) mod kiosks;
pub(super) mod models;
pub(super) mod screen;
pub(super) mod slip;

use super::refused::Refused;
use crate::report::words::RESEARCH_USE_ONLY;
use maud::{DOCTYPE, Markup, html};

/// Address and name of each page in the menu.
const MENU: [(&str, &str); 5] = [
    ("/", "Screen a face"),
    ("/slip", "Slips"),
    ("/models", "Models"),
    ("/kiosks", "Kiosks"),
    ("/data", "Data set"),
];

/// A whole page; `at` is its address in the menu, empty for none.
pub(super) fn page(title: &str, at: &str, inside: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " - synkiosk" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/script.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header {
                    span.name { "synkiosk" }
                    nav aria-label="Pages" {
                        @for (address, name) in MENU {
                            a href=(address) aria-current=[(address == at).then_some("page")] { (name) }
                        }
                    }
                }
                p.research { (RESEARCH_USE_ONLY) }
                main #main { h1 { (title) } (inside) }
                footer { (RESEARCH_USE_ONLY) " Pictures are looked at in this computer's memory and stored nowhere." }
            }
        }
    }
}

/// An error and a help line, as the command line has them.
pub(super) fn refusal(refused: &Refused) -> Markup {
    html! {
        div.refused role="alert" {
            p { strong { "Not done: " (refused.error) "." } }
            p { "What to do: " (refused.help) "." }
        }
    }
}

/// A score in whole per cent; never 0 or 100, which would say that it is certain.
fn per_cent(score: f32) -> String {
    match (score * 100.0).round() as u8 {
        0 => "under 1\u{a0}%".to_owned(),
        100.. => "over 99\u{a0}%".to_owned(),
        whole => format!("{whole}\u{a0}%"),
    }
}

/// An error or a help line as a sentence on a page.
fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if line.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
