//! Presses from lines of text, for a desk without buttons.

use super::Press;
use crate::session::event::Button;
use std::{
    io::{BufRead, BufReader, Read},
    sync::mpsc::{Receiver, channel},
    thread,
};

/// Reads lines in a thread of its own; the channel closes when the input ends or `q` is read.
pub fn of_lines(input: impl Read + Send + 'static) -> Receiver<Press> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(input).lines() {
            let Ok(line) = line else { return };
            let press = match line.trim() {
                "" => Button::Next.into(),
                "b" => Button::Back.into(),
                "s" => Button::Stop.into(),
                "n" => Button::Decline.into(),
                "h" => Press::Held,
                "q" => return,
                _ => continue,
            };
            if sender.send(press).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_presses() {
        let presses: Vec<_> = of_lines(&b"\nb\nhello\n s \nh\nn\nq\n\n"[..]).into_iter().collect();
        let [next, back, stop, decline] =
            [Button::Next, Button::Back, Button::Stop, Button::Decline].map(Press::from);
        assert_eq!(presses, [next, back, stop, Press::Held, decline]);
    }
}
