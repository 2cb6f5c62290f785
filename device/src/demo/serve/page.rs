//! The page around the panel. It works without its script, which only spares reloading and sends the webcam's pictures.

use super::view::{Seat, Told};
use crate::demo::serve::camera::WEBCAM;
use maud::{DOCTYPE, Markup, html};
use synkiosk_boards::profile::{Action, Button, Key, Trigger};

pub(super) const STYLE: &str = include_str!("page.css");
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The whole page, for one visitor.
pub(super) fn page(told: &Told, buttons: &[Button]) -> Markup {
    frame(
        "synkiosk demo",
        &html! {
            main #kiosk data-screen=(told.screen) data-seat=(seat(told.seat)) {
                figure {
                    img #panel src="/frames" width="1280" height="800" alt="The kiosk's panel"
                        aria-describedby="caption";
                    figcaption #caption aria-live="polite" { (told.caption) }
                }
                div #buttons role="group" aria-label="The kiosk's buttons" {
                    @for button in in_order(buttons) { (one(*button)) }
                }
                p #notice role="status" { @if told.seat == Seat::Taken { "Another window has the kiosk." } }
                (cameras(told))
                (explanation())
            }
            script src="/serve.js" defer {}
        },
    )
}

/// What is refused, and what to do.
pub(super) fn refusal(message: &str, help: &str) -> Markup {
    frame(
        "synkiosk demo: refused",
        &html! {
            main {
                p #refusal { "error: " (message) br; "help: " (help) }
                p { a href="/" { "Back to the kiosk" } }
            }
        },
    )
}

fn frame(title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/serve.css";
            }
            body {
                header { h1 { "synkiosk" } p { "Research use only" } }
                (main)
            }
        }
    }
}

fn one(button: Button) -> Markup {
    let (name, label) = (button.action.to_string(), label(button.action));
    let key = match button.trigger {
        Trigger::Key(key) => Some(key),
        Trigger::Pin(_) => None,
    };
    html! {
        form method="post" action={ "/buttons/" (name) } {
            button id={ "button-" (name) } class=(name) data-key=[key.map(key_value)] {
                (label) @if let Some(key) = key { " " kbd { (key) } }
            }
        }
    }
}

/// As on a housing: back at the left, next at the right.
fn in_order(buttons: &[Button]) -> impl Iterator<Item = &Button> {
    [Action::Back, Action::Stop, Action::Next]
        .into_iter()
        .filter_map(|action| buttons.iter().find(|button| button.action == action))
}

fn label(action: Action) -> &'static str {
    match action {
        Action::Next => "Next",
        Action::Back => "Back",
        Action::Stop => "Stop",
    }
}

fn cameras(told: &Told) -> Markup {
    html! {
        form #cameras method="post" action="/camera" {
            h2 { "Before the camera" }
            @for (index, name) in told.cameras.iter().enumerate() {
                @let is_webcam = name == WEBCAM;
                button id={ "camera-" (name) } name="camera" value=(if is_webcam { WEBCAM.to_owned() } else { index.to_string() })
                    aria-pressed=(if *name == told.camera { "true" } else { "false" }) data-camera=(name) {
                    @if is_webcam { "You, by this computer's webcam" } @else { (name) }
                }
            }
            p { "Recorded people are rendered by a program; they are not real. Between sessions you can change who it is." }
            noscript { p { "The webcam needs JavaScript, which is off. All else works without it." } }
        }
    }
}

fn explanation() -> Markup {
    html! {
        section {
            h2 { "What this is" }
            p {
                "The very kiosk, its panel and its buttons, served by a program on this computer to this computer alone. "
                "A tap on the panel counts as on a touch screen. Pictures are wiped when the session ends; nothing is "
                "written to a disk, and records are sealed in memory and forgotten when the program ends."
            }
            p {
                "Who presses first has the kiosk until the session is over; other windows see its first screen meanwhile."
            }
        }
    }
}

fn seat(seat: Seat) -> &'static str {
    match seat {
        Seat::Free => "free",
        Seat::Yours => "yours",
        Seat::Taken => "taken",
    }
}

/// What a browser calls the key.
fn key_value(key: Key) -> &'static str {
    match key {
        Key::Enter => "Enter",
        Key::Space => " ",
        Key::Escape => "Escape",
        Key::Backspace => "Backspace",
        Key::Left => "ArrowLeft",
        Key::Right => "ArrowRight",
        Key::Up => "ArrowUp",
        Key::Down => "ArrowDown",
        Key::PageUp => "PageUp",
        Key::PageDown => "PageDown",
    }
}
