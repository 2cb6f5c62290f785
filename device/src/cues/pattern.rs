//! What each cue sounds like, and whether the line is high now: no clock and no hardware.

use super::Cue;
use std::time::Duration;

const fn milliseconds(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// 150 ms: the longest tone, clearly not a tick and still over before the next pose is read.
pub const LONGEST_TONE: Duration = milliseconds(150);
/// 60 ms: two tones that are nearer to each other are heard as one.
pub const GAP: Duration = milliseconds(60);

/// Tone and silence in turn; a tone first and last.
fn steps(cue: Cue) -> &'static [Duration] {
    const SHORT: Duration = milliseconds(70);
    const TICK: &[Duration] = &[milliseconds(30)];
    const CAPTURED: &[Duration] = &[LONGEST_TONE];
    const AGAIN: &[Duration] = &[SHORT, milliseconds(90), SHORT];
    const DONE: &[Duration] = &[milliseconds(100), GAP, milliseconds(100), GAP, LONGEST_TONE];
    match cue {
        Cue::Tick => TICK,
        Cue::Captured => CAPTURED,
        Cue::Again => AGAIN,
        Cue::Done => DONE,
    }
}

/// Where in its cue a player is. Times are monotonic and never go back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Player {
    /// When the present cue begins, and its steps.
    cue: Option<(Duration, &'static [Duration])>,
    /// When the last tone of the cues before ended.
    silent_since: Option<Duration>,
}

impl Player {
    /// Silent.
    pub fn new() -> Player {
        Player::default()
    }

    /// Begins a cue in the place of the present one. A tone ends first, and a gap follows: so however fast cues come,
    /// no tone is longer than the longest.
    pub fn play(&mut self, now: Duration, cue: Cue) {
        let begun = self.tones().filter(|(from, _)| *from <= now);
        let last_end = begun.map(|(_, to)| to.min(now)).max();
        self.silent_since = self.silent_since.max(last_end);
        let begins = self.silent_since.map_or(now, |since| now.max(since + GAP));
        self.cue = Some((begins, steps(cue)));
    }

    /// Whether there is a tone.
    pub fn is_on(&self, now: Duration) -> bool {
        self.tones().any(|(from, to)| (from..to).contains(&now))
    }

    /// How long it stays as it is; `None` where it stays silent.
    pub fn changes_in(&self, now: Duration) -> Option<Duration> {
        self.tones().flat_map(|(from, to)| [from, to]).find(|at| *at > now).map(|at| at - now)
    }

    /// Begin and end of each tone.
    fn tones(&self) -> impl Iterator<Item = (Duration, Duration)> {
        let (begins, steps) = self.cue.unwrap_or_default();
        let ends = steps.iter().scan(begins, |at, step| {
            let from = *at;
            *at += *step;
            Some((from, *at))
        });
        ends.step_by(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CUES: [Cue; 4] = [Cue::Tick, Cue::Captured, Cue::Again, Cue::Done];

    /// A second and a half of 10 ms each, tones as `#`; cues come at these milliseconds.
    fn played(cues: &[(u64, Cue)]) -> String {
        let mut player = Player::new();
        let mut line = String::new();
        for at in (0..1500).step_by(10) {
            for (_, cue) in cues.iter().filter(|(when, _)| *when == at) {
                player.play(milliseconds(at), *cue);
            }
            line.push(if player.is_on(milliseconds(at)) { '#' } else { '-' });
        }
        line.trim_end_matches('-').to_owned()
    }

    #[test]
    fn each_cue_is_its_own_pattern() {
        assert_eq!(played(&[]), "");
        assert_eq!(played(&[(0, Cue::Tick)]), "###");
        assert_eq!(played(&[(20, Cue::Captured)]), "--###############");
        assert_eq!(played(&[(0, Cue::Again)]), "#######---------#######");
        assert_eq!(played(&[(0, Cue::Done)]), "##########------##########------###############");
    }

    #[test]
    fn a_newer_cue_replaces_one_that_plays_after_a_gap() {
        assert_eq!(played(&[(0, Cue::Captured), (50, Cue::Tick)]), "#####------###");
        assert_eq!(played(&[(0, Cue::Again), (100, Cue::Tick)]), "#######------###", "the gap has begun");
        assert_eq!(played(&[(0, Cue::Tick), (1000, Cue::Tick)]), format!("###{}###", "-".repeat(97)));
        assert_eq!(played(&[(0, Cue::Done), (0, Cue::Tick)]), "------###", "both at once");
    }

    #[test]
    fn no_cue_takes_a_second_and_none_is_long() {
        for cue in CUES {
            let steps = steps(cue);
            assert_eq!(steps.len() % 2, 1, "{cue:?} ends with a tone");
            assert!(steps.iter().sum::<Duration>() + GAP < milliseconds(1000), "{cue:?}");
            assert!(steps.iter().step_by(2).all(|tone| *tone <= LONGEST_TONE), "{cue:?}");
            assert!(steps.iter().skip(1).step_by(2).all(|silence| *silence >= GAP), "{cue:?}");
        }
    }

    proptest! {
        /// Whatever comes when: no tone is longer than the longest, none is nearer to the next than a gap, and a second
        /// after the last cue it is silent for good.
        #[test]
        fn nothing_stays_on(cues in prop::collection::vec((0u64..300, prop::sample::select(CUES.to_vec())), 0..60)) {
            let (mut player, mut at, mut tones) = (Player::new(), 0, Vec::new());
            let mut look = |player: &Player, from: u64, to: u64| {
                tones.extend((from..to).map(|at| player.is_on(milliseconds(at))));
            };
            for (pause, cue) in cues {
                look(&player, at, at + pause);
                at += pause;
                player.play(milliseconds(at), cue);
            }
            look(&player, at, at + 1000);
            prop_assert!(!player.is_on(milliseconds(at + 1000)));
            prop_assert_eq!(player.changes_in(milliseconds(at + 1000)), None);
            let stretches: Vec<_> = tones.chunk_by(|one, next| one == next).collect();
            for (index, stretch) in stretches.iter().enumerate() {
                let time = milliseconds(stretch.len() as u64);
                let is_between = index > 0 && index + 1 < stretches.len();
                prop_assert!(!stretch[0] || time <= LONGEST_TONE, "on for {time:?}");
                prop_assert!(stretch[0] || !is_between || time >= GAP, "off for {time:?}");
            }
        }

        /// Who looks only when told to sees every change.
        #[test]
        fn changes_are_foretold(cue in prop::sample::select(CUES.to_vec()), begins in 0u64..1000) {
            let mut player = Player::new();
            let mut now = milliseconds(begins);
            player.play(now, cue);
            for (index, step) in steps(cue).iter().enumerate() {
                prop_assert_eq!(player.is_on(now), index % 2 == 0);
                prop_assert_eq!(player.changes_in(now), Some(*step));
                now += *step;
            }
            prop_assert_eq!((player.is_on(now), player.changes_in(now)), (false, None));
        }
    }
}
