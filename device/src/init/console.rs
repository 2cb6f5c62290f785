//! The serial console: short lines for a technician, and nothing about a person.

use rustix::time::{ClockId, clock_gettime};
use std::{fs::OpenOptions, io::Write, time::Duration};

/// Makes the console this program's input, output and error output; without one, lines go nowhere.
pub(super) fn take() {
    let Ok(console) = OpenOptions::new().read(true).write(true).open("/dev/console") else { return };
    // Should one of them fail, the others still speak.
    let _ = rustix::stdio::dup2_stdin(&console);
    let _ = rustix::stdio::dup2_stdout(&console);
    let _ = rustix::stdio::dup2_stderr(&console);
}

/// Says a line, with the seconds since the kernel's start at its end: `synkiosk: attract 2.31`.
pub(super) fn say(what: impl AsRef<str>) {
    let line = format!("synkiosk: {} {:.2}\n", one_line(what.as_ref()), since_start().as_secs_f64());
    // One write, so that lines of the kernel do not cut it; a console that is gone is nothing to fail for.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// How long ago the kernel started.
pub(super) fn since_start() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Printable ASCII on one line, at most 200 characters.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
    words.join(" ").chars().map(plain).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_plain_and_one() {
        assert_eq!(one_line("  two\nlines\tand \u{1b}[2J\u{e4} "), "two lines and ?[2J?");
        assert_eq!(one_line(&"x".repeat(1000)).len(), 200);
    }
}
