//! How long the live picture has been good.

use super::{
    screen::{Guidance, RING_STEPS},
    timing,
};
use std::time::Duration;
use synkiosk_models::quality::Check;

/// What the live picture looked like last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Unknown,
    Bad(Check),
    GoodSince(Duration),
}

impl Sight {
    pub(super) fn after(self, now: Duration, judged: Result<(), Check>) -> Sight {
        match (self, judged) {
            (_, Err(refusal)) => Sight::Bad(refusal),
            (Sight::GoodSince(since), Ok(())) => Sight::GoodSince(since),
            (_, Ok(())) => Sight::GoodSince(now),
        }
    }

    pub(super) fn held(self, now: Duration) -> Duration {
        match self {
            Sight::GoodSince(since) => now.saturating_sub(since),
            _ => Duration::ZERO,
        }
    }

    pub(super) fn guidance(self, now: Duration) -> Guidance {
        match self {
            Sight::Unknown => Guidance::Read,
            Sight::Bad(refusal) => Guidance::Mend(refusal),
            Sight::GoodSince(_) => {
                let part = self.held(now).as_secs_f32() / timing::HOLD.as_secs_f32();
                Guidance::Hold { closed: ((part * f32::from(RING_STEPS)) as u8).min(RING_STEPS) }
            }
        }
    }
}
