//! A date and a time of day that a technician sets, and seconds since 1970.

use super::screen::ClockTime;
use synkiosk_boards::unit::settings::CLOCK;
use synkiosk_journal::when::days_until;

/// Least and greatest year that a clock can show.
const YEARS: [u16; 2] = [2025, 2199];

impl ClockTime {
    /// Of seconds since 1970; a time that no clock can rightly show becomes the first that one can.
    pub fn of_unix_seconds(seconds: u64) -> ClockTime {
        let seconds = seconds.clamp(CLOCK[0], CLOCK[1] - 1);
        let (days, of_day) = ((seconds / 86_400) as i64, seconds % 86_400);
        let mut year = 1970;
        while days_until(year + 1) <= days {
            year += 1;
        }
        let mut day = (days - days_until(year)) as u16;
        let mut month = 1;
        while day >= days_of(year, month) {
            day -= days_of(year, month);
            month += 1;
        }
        ClockTime { parts: [year as u16, month, day + 1, (of_day / 3_600) as u16, (of_day / 60 % 60) as u16] }
    }

    /// Seconds since 1970.
    pub fn unix_seconds(&self) -> u64 {
        let [year, month, day, hour, minute] = self.parts;
        let year = i64::from(year);
        let days = (1..month).map(|month| i64::from(days_of(year, month))).sum::<i64>() + i64::from(day) - 1;
        ((days_until(year) + days) * 86_400) as u64 + u64::from(hour) * 3_600 + u64::from(minute) * 60
    }

    /// One more in a part, 0 the year to 4 the minute, or one less; beyond the end it begins again.
    pub fn changed(mut self, part: usize, up: bool) -> ClockTime {
        let Some((least, most)) = self.bounds(part) else { return self };
        let value = self.parts[part];
        self.parts[part] = match up {
            true if value >= most => least,
            true => value + 1,
            false if value <= least => most,
            false => value - 1,
        };
        // The 31st of a month that has 30 days.
        self.parts[2] = self.parts[2].min(days_of(i64::from(self.parts[0]), self.parts[1]));
        self
    }

    fn bounds(&self, part: usize) -> Option<(u16, u16)> {
        Some(match part {
            0 => (YEARS[0], YEARS[1]),
            1 => (1, 12),
            2 => (1, days_of(i64::from(self.parts[0]), self.parts[1])),
            3 => (0, 23),
            4 => (0, 59),
            _ => return None,
        })
    }
}

fn days_of(year: i64, month: u16) -> u16 {
    match month {
        2 => (days_until(year + 1) - days_until(year) - 337) as u16,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, parts) in [
            (1_735_689_600, [2025, 1, 1, 0, 0]),
            (1_795_708_680, [2026, 11, 26, 15, 58]),
            (1_835_395_140, [2028, 2, 28, 23, 59]),
            (1_835_395_200, [2028, 2, 29, 0, 0]),
            (4_107_542_400, [2100, 3, 1, 0, 0]),
            (CLOCK[1] - 60, [2199, 12, 31, 23, 59]),
        ] {
            assert_eq!(ClockTime::of_unix_seconds(seconds).parts, parts);
            assert_eq!(ClockTime { parts }.unix_seconds(), seconds);
        }
        assert_eq!(ClockTime::of_unix_seconds(0).parts, [2025, 1, 1, 0, 0]);
        assert_eq!(ClockTime::of_unix_seconds(u64::MAX).parts, [2199, 12, 31, 23, 59]);
    }

    #[test]
    fn every_change_is_a_time_of_the_calendar() {
        let mut time = ClockTime::of_unix_seconds(CLOCK[0]);
        for step in 0..4_000_usize {
            time = time.changed(step * 7 % 6, step % 3 != 0);
            assert_eq!(ClockTime::of_unix_seconds(time.unix_seconds()), time, "step {step}");
        }
        let last = ClockTime { parts: [2028, 1, 31, 23, 59] };
        assert_eq!(last.changed(1, true).parts, [2028, 2, 29, 23, 59]);
        assert_eq!(last.changed(4, true).parts, [2028, 1, 31, 23, 0]);
        assert_eq!(last.changed(0, false).changed(0, true), last);
    }
}
