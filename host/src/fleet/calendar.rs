//! Weeks of ISO 8601 as texts that sort, and the month that a week belongs to.

use synkiosk_journal::when::{Week, days_until};

/// `2026-W48`.
pub fn name(week: Week) -> String {
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// What `name` wrote.
pub fn parse(name: &str) -> Option<Week> {
    let (year, week) = name.split_once("-W")?;
    Week::new(year.parse().ok()?, week.parse().ok()?).ok()
}

/// The month of the week's Thursday, `2026-11`: a week belongs to the month that most of its days are in.
pub fn month(week: Week) -> String {
    let [year, month, _] = date(monday(week) + 3);
    format!("{year:04}-{month:02}")
}

/// Monday and Sunday, as `2026-11-23`.
pub fn days(week: Week) -> [String; 2] {
    [0, 6].map(|day| {
        let [year, month, day] = date(monday(week) + day);
        format!("{year:04}-{month:02}-{day:02}")
    })
}

/// How many weeks later `to` is than `from`.
pub fn weeks_between(from: Week, to: Week) -> i64 {
    (monday(to) - monday(from)) / 7
}

/// Days from 1970 until a week's Monday.
fn monday(week: Week) -> i64 {
    // The fourth of January is always in week 1, and day 0 was a Thursday.
    let fourth = days_until(i64::from(week.year())) + 3;
    fourth - (fourth + 3).rem_euclid(7) + 7 * (i64::from(week.week()) - 1)
}

fn date(day: i64) -> [i64; 3] {
    let year = (1970..2201).rev().find(|year| days_until(*year) <= day).unwrap_or(1970);
    let is_leap = days_until(year + 1) - days_until(year) == 366;
    let mut left = day - days_until(year);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (index, length) in lengths.into_iter().enumerate() {
        if left < length {
            return [year, index as i64 + 1, left + 1];
        }
        left -= length;
    }
    [year, 12, 31]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_those_of_the_calendar() {
        // From `date -d MONDAY '+%G-W%V'` and three days later `+%Y-%m`.
        for (week, monday, sunday, of_month) in [
            ("2020-W01", "2019-12-30", "2020-01-05", "2020-01"),
            ("2020-W53", "2020-12-28", "2021-01-03", "2020-12"),
            ("2024-W09", "2024-02-26", "2024-03-03", "2024-02"),
            ("2026-W48", "2026-11-23", "2026-11-29", "2026-11"),
            ("2026-W53", "2026-12-28", "2027-01-03", "2026-12"),
        ] {
            let parsed = parse(week).unwrap();
            assert_eq!(name(parsed), week);
            assert_eq!(days(parsed), [monday, sunday]);
            assert_eq!(month(parsed), of_month);
        }
        assert_eq!(parse("2025-W53"), None);
        assert_eq!(weeks_between(parse("2026-W48").unwrap(), parse("2027-W02").unwrap()), 7);
    }
}
