//! When a session was, no finer than a week.

use crate::words::WordError;
use serde::{Deserialize, Serialize};

/// When a session was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum When {
    /// A week, where the clock is trusted.
    Week(Week),
    /// How often the unit had been started, where it is not.
    Boot {
        /// 1 at the first start.
        counter: u32,
    },
}

/// A week of ISO 8601: Monday to Sunday, and it belongs to the year of its Thursday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawWeek")]
pub struct Week {
    year: u16,
    week: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWeek {
    year: u16,
    week: u8,
}

impl Week {
    /// Week 1 to 52 or 53 of a year 2020 to 2199.
    ///
    /// # Errors
    /// `WordError::Week` when the year does not have it.
    pub fn new(year: u16, week: u8) -> Result<Week, WordError> {
        let years = 2020..=2199;
        if years.contains(&year) && (1..=weeks_of(i64::from(year))).contains(&week) {
            return Ok(Week { year, week });
        }
        Err(WordError::Week { year, week })
    }

    /// The week of a time in seconds since 1970; `None` outside the years 2020 to 2199, where no clock is right.
    pub fn of_unix_seconds(seconds: u64) -> Option<Week> {
        let day = i64::try_from(seconds / 86_400).ok()?;
        // Day 0 was a Thursday, and the week's Thursday decides the year.
        let thursday = day - (day + 3).rem_euclid(7) + 3;
        let year = (2020..=2199).find(|year| days_until(year + 1) > thursday)?;
        if thursday < days_until(2020) {
            return None;
        }
        let week = (thursday - days_until(year)) / 7 + 1;
        Week::new(u16::try_from(year).ok()?, u8::try_from(week).ok()?).ok()
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The week, from 1.
    pub fn week(self) -> u8 {
        self.week
    }
}

impl TryFrom<RawWeek> for Week {
    type Error = WordError;
    fn try_from(raw: RawWeek) -> Result<Self, WordError> {
        Week::new(raw.year, raw.week)
    }
}

/// Days from 1970 until the first of January of a year.
pub fn days_until(year: i64) -> i64 {
    let past = year - 1;
    let leap_days = |past: i64| past / 4 - past / 100 + past / 400;
    (year - 1970) * 365 + leap_days(past) - leap_days(1969)
}

/// A year has a week 53 if it begins on a Thursday, or ends on one.
fn weeks_of(year: i64) -> u8 {
    let is_thursday = |day: i64| day.rem_euclid(7) == 0;
    if is_thursday(days_until(year)) || is_thursday(days_until(year + 1) - 1) { 53 } else { 52 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_those_of_the_calendar() {
        // From `date -u -d DATE '+%s %G %V'`.
        for (seconds, year, week) in [
            (1_577_836_800, 2020, 1),  // 2020-01-01
            (1_609_372_800, 2020, 53), // 2020-12-31
            (1_609_632_000, 2020, 53), // 2021-01-03, a Sunday
            (1_609_718_400, 2021, 1),  // 2021-01-04
            (1_735_516_800, 2025, 1),  // 2024-12-30, a Monday
            (1_795_392_000, 2026, 48), // 2026-11-23
            (1_798_761_599, 2026, 53), // 2026-12-31, its last second
        ] {
            assert_eq!(Week::of_unix_seconds(seconds), Some(Week::new(year, week).unwrap()), "{seconds}");
        }
    }

    #[test]
    fn a_clock_that_cannot_be_right_has_no_week() {
        for seconds in [0, 86_400, 1_577_000_000, 10_000_000_000, u64::MAX] {
            assert_eq!(Week::of_unix_seconds(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn weeks_that_do_not_exist_are_refused() {
        for (year, week) in [(2026, 0), (2026, 54), (2025, 53), (2019, 1), (2200, 1)] {
            assert_eq!(Week::new(year, week), Err(WordError::Week { year, week }));
        }
        assert!(Week::new(2026, 53).is_ok());
    }
}
