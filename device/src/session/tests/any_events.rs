//! The session's promises, whatever comes in whatever order.

use super::{
    super::{
        event::{Button, Event, Ticket},
        pin::Pin,
        screen::Screen,
        timing,
    },
    kiosk::{Kiosk, plan, shot},
    sticks::SERVED,
};
use proptest::prelude::*;
use std::time::Duration;
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    pose::Pose,
    quality::Check,
};

/// Events with the tickets that a careless appliance could send: right, old and invented ones.
fn any_event() -> impl Strategy<Value = Event> {
    let refusal = prop::sample::select(Check::ALL);
    let pose = prop::sample::select(Pose::ALL);
    let poses = prop::collection::vec(pose.clone(), 0..4);
    let shot = (pose, any::<f32>(), any::<f32>()).prop_map(|(pose, logit, score)| shot(pose, logit, score));
    let button =
        prop::sample::select(vec![Button::Next, Button::Next, Button::Back, Button::Stop, Button::Decline])
            .boxed();
    let button = prop_oneof![
        6 => button,
        2 => (0..12_u8).prop_map(Button::Pick),
        1 => Just(Button::Held),
    ];
    prop_oneof![
        4 => Just(Event::Tick),
        6 => button.prop_map(Event::Button),
        8 => Just(Event::Judged(Ok(()))),
        2 => refusal.clone().prop_map(|refusal| Event::Judged(Err(refusal))),
        3 => (0..6_u32, shot).prop_map(|(ticket, shot)| Event::Captured(Ticket(ticket), Ok(shot))),
        1 => (0..6_u32, refusal).prop_map(|(ticket, refusal)| Event::Captured(Ticket(ticket), Err(refusal))),
        2 => (0..9_u32, any::<f32>()).prop_map(|(ticket, score)| {
            Event::Answered(Ticket(ticket), SeriesAnswer { answer: Answer::Likely, score }, None)
        }),
        1 => Just(Event::CameraLost),
        2 => Just(Event::CameraFound),
        1 => poses.prop_map(|poses| Event::BundleReady(plan(&poses))),
        1 => Just(Event::BundleMissing),
        1 => Just(Event::StorageReady),
        1 => Just(Event::StorageFailed),
        2 => Just(Event::StickFound),
        1 => (0..6_u32).prop_map(|ticket| Event::Told(Ticket(ticket), vec!["line".to_owned()])),
        1 => (0..6_u32, any::<u64>()).prop_map(|(ticket, time)| Event::Time(Ticket(ticket), time)),
        1 => Just(Event::Checked(vec![(Check::TooDark, false)])),
        1 => any::<u8>().prop_map(|count| Event::Slip("A".repeat(usize::from(count)))),
        2 => Just(Event::StickServed(SERVED)),
        1 => Just(Event::StickGone),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// `Kiosk` checks the camera, records and wipes at every step.
    #[test]
    fn any_events_keep_the_promises(
        events in prop::collection::vec((any_event(), 0..4_000_u64, any::<bool>()), 0..160),
    ) {
        let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Pucker]);
        kiosk.session.set_pin(Pin::of("0000"));
        for (event, wait, good) in events {
            kiosk.now += Duration::from_millis(wait);
            kiosk.send(event);
            if good {
                kiosk.answer_open_orders(true);
            }
        }
        // Left alone, the kiosk comes back to its first screen, whatever had happened.
        let most = timing::ANSWER
            + timing::IDLE
            + timing::CAMERA
            + timing::STILL_THERE
            + timing::WIPED
            + timing::STICK_AT_WORK
            + timing::STICK_DONE
            + timing::TECHNICIAN;
        kiosk.wait(most * 2, &Event::Tick);
        prop_assert!(kiosk.session.is_idle());
        prop_assert!(!kiosk.consented && !kiosk.camera_runs);
        prop_assert_eq!(kiosk.wipes, kiosk.visits);
        prop_assert_eq!(kiosk.records.len(), kiosk.over);
        // And it is ready for the next person.
        kiosk.send(Event::BundleReady(plan(&[Pose::Rest])));
        kiosk.send(Event::CameraFound);
        kiosk.send(Event::StorageReady);
        prop_assert_eq!(&kiosk.screen, &Screen::Attract { poses: 1, notice: None });
    }

    /// Time that stands still or runs backwards does no harm.
    #[test]
    fn time_may_run_backwards(events in prop::collection::vec((any_event(), 0..90_000_u64), 0..60)) {
        let mut kiosk = Kiosk::ready(&[Pose::Rest]);
        for (event, now) in events {
            kiosk.now = Duration::from_millis(now);
            kiosk.send(event);
        }
    }
}
