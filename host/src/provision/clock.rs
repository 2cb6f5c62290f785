//! The laptop's clock, which is believed only where it can be right.

use crate::command::Refusal;
use std::time::{SystemTime, UNIX_EPOCH};
use synkiosk_boards::unit::settings::CLOCK;

/// Seconds since 1970.
///
/// # Errors
/// `Refusal::checked` when the clock says a time before 2025 or after 2199.
pub fn now() -> Result<u64, Refusal> {
    believed(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()))
}

fn believed(seconds: u64) -> Result<u64, Refusal> {
    if (CLOCK[0]..CLOCK[1]).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Refusal::checked(
        "this laptop's clock cannot be right: it says a time before 2025 or after 2199",
        "set the clock, or pass --counter with a number higher than the unit's last one",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_at_1970_is_not_believed() {
        assert_eq!(believed(0).unwrap_err().exit_code(), 1);
        assert!(believed(CLOCK[0] - 1).is_err());
        assert!(believed(CLOCK[1]).is_err());
        assert_eq!(believed(1_800_000_000).ok(), Some(1_800_000_000));
    }
}
