//! A photograph held before the camera. Nothing here looks for life: these tests state what happens instead, with the
//! real session, judge and bundle, so that nobody believes more of the kiosk than is so.

use std::{collections::BTreeMap, io, rc::Rc, time::Duration};
use synkiosk_device::{
    appliance::{Appliance, SessionLog},
    buttons::Press,
    camera::{Camera, CameraError},
    demo::people,
    frame::Frame,
    judge::{ScreenerJudge, plan_of},
    panel::{Panel, PanelError},
    session::{
        event::Button,
        screen::{Guidance, Screen},
        summary::Summary,
    },
};
use synkiosk_journal::{JournalError, record::Outcome};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    photo::Photo,
    pose::Pose,
    quality::Check,
};

fn bundle() -> Bundle {
    Bundle::read(bundle::shipped(), &TrustedKeys::demo()).unwrap()
}

/// How a print is held: flat it fills the picture as the camera saw it.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    /// To the right and down, in shares of the picture's height.
    at: [f32; 2],
    /// How much further away, 0 as it was taken.
    away: f32,
    /// Radians: its upper edge away from the camera, its right edge away.
    pitch: f32,
    yaw: f32,
    /// Radians over half its width or height: bent around an upright axis, and around a level one.
    bent: [f32; 2],
}

/// What a camera sees of a print: paper is grayer than a face, and what lies beyond its edge is a wall.
fn print_before_camera(print: &Photo, held: Held, number: u64) -> Photo {
    const FOCUS: f32 = 600.0;
    let (sine_p, cosine_p) = held.pitch.sin_cos();
    let (sine_y, cosine_y) = held.yaw.sin_cos();
    // The paper's own axes, and its middle.
    let right = [cosine_y, 0.0, sine_y];
    let down = [sine_y * sine_p, cosine_p, -cosine_y * sine_p];
    let normal = [-sine_y * cosine_p, sine_p, cosine_y * cosine_p];
    let middle = [held.at[0] * 0.8, held.at[1] * 0.8, 1.0 + held.away];
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let bent = |at: f32, bend: f32, half: f32| {
        let share = at / half * bend.sin();
        if bend == 0.0 { at } else { share.clamp(-1.0, 1.0).asin() / bend * half }
    };
    let luma = (0..640 * 480).map(|pixel| {
        let ray = [((pixel % 640) as f32 - 320.0) / FOCUS, ((pixel / 640) as f32 - 240.0) / FOCUS, 1.0];
        let far = dot(middle, normal) / dot(ray, normal);
        let on = [ray[0] * far - middle[0], ray[1] * far - middle[1], ray[2] * far - middle[2]];
        let x = bent(dot(on, right), held.bent[0], 320.0 / FOCUS);
        let y = bent(dot(on, down), held.bent[1], 240.0 / FOCUS);
        let light = between(print, 320.0 + x * FOCUS, 240.0 + y * FOCUS).map_or(110.0, |it| 18.0 + 0.85 * it);
        light as u8
    });
    Photo::new(640, 480, luma.collect(), Duration::from_millis(200 * number)).unwrap()
}

/// The light between four pixels.
fn between(photo: &Photo, x: f32, y: f32) -> Option<f32> {
    let (left, top) = (x.floor(), y.floor());
    let is_on = left >= 0.0 && top >= 0.0 && left < 639.0 && top < 479.0;
    let at = |dx: usize, dy: usize| f32::from(photo.luma()[(top as usize + dy) * 640 + left as usize + dx]);
    is_on.then(|| {
        let (dx, dy) = (x - left, y - top);
        (at(0, 0) * (1.0 - dx) + at(1, 0) * dx) * (1.0 - dy) + (at(0, 1) * (1.0 - dx) + at(1, 1) * dx) * dy
    })
}

/// What somebody holds up, by the pose that is asked for and the number of the live picture.
type Holds = Box<dyn Fn(Pose, u64) -> Photo>;

struct Hand {
    holds: Holds,
    pose: Pose,
    number: u64,
}

impl Camera for Hand {
    fn next(&mut self) -> Result<Photo, CameraError> {
        self.number += 1;
        Ok((self.holds)(self.pose, self.number))
    }

    fn check(&mut self) -> Result<(), CameraError> {
        Ok(())
    }
}

struct NoPanel;

impl Panel for NoPanel {
    fn show(&mut self, _: &Frame) -> io::Result<()> {
        Ok(())
    }

    fn check(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

#[derive(Default)]
struct Log(Vec<Summary>);

impl SessionLog for Log {
    fn append(&mut self, summary: &Summary) -> Result<(), JournalError> {
        self.0.push(summary.clone());
        Ok(())
    }
}

/// What became of a session.
struct Visit {
    outcome: Outcome,
    score: Option<u8>,
    taken: Vec<Pose>,
    retakes: usize,
    /// What was asked to be mended, and how often.
    mended: BTreeMap<&'static str, usize>,
}

/// A whole session, from the first press to the record.
fn visit(holds: Holds) -> Visit {
    let bundle = bundle();
    let plan = plan_of(bundle.manifest()).unwrap();
    let hand = Hand { holds, pose: Pose::Rest, number: 0 };
    let parts = (hand, NoPanel, Log::default(), ScreenerJudge::new(&bundle).unwrap());
    let mut kiosk = Appliance::new(parts, plan, (320, 240)).unwrap();
    let (mut now, mut mended, mut has_begun) = (Duration::ZERO, BTreeMap::new(), false);
    loop {
        let press = match kiosk.screen() {
            Screen::Attract { .. } if has_begun => break,
            Screen::Attract { .. } | Screen::Language { .. } | Screen::Consent | Screen::Answer(_) => {
                has_begun = true;
                Some(Button::Next)
            }
            // Whoever only holds up a picture does not answer.
            Screen::StillThere { .. } => None,
            _ => None,
        };
        if let Screen::Position(Guidance::Mend(check)) = kiosk.screen() {
            *mended.entry(check.name()).or_default() += 1;
        }
        if let Screen::Pose { pose, .. } = kiosk.screen() {
            kiosk.camera_mut().pose = *pose;
        }
        now += Duration::from_millis(200);
        kiosk.turn(now, press.map(Press::from)).unwrap();
        assert!(now < Duration::from_secs(900), "{:?}", kiosk.screen());
    }
    let (_, log, _) = kiosk.into_parts();
    let [summary] = log.0.try_into().unwrap_or_else(|log: Vec<_>| panic!("{} records", log.len()));
    let poses = &summary.poses;
    Visit {
        outcome: summary.outcome,
        score: summary.score.map(|score| score.get()),
        taken: poses.iter().filter(|pose| pose.score.is_some()).map(|pose| pose.pose).collect(),
        retakes: poses.iter().map(|pose| usize::from(pose.retakes)).sum(),
        mended,
    }
}

/// The pictures of both shipped people, the healthy one first.
fn people() -> [(String, BTreeMap<&'static str, Photo>); 2] {
    let series = people::shipped().unwrap().into_iter();
    let named = series.map(|it| {
        let pictures = it.pictures.into_iter().map(|(pose, photo)| (pose.name(), photo)).collect();
        (it.person, pictures)
    });
    named.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("there are two people"))
}

fn tell(what: &str, person: &str, visit: &Visit) {
    println!(
        "figure: {what} of {person}: {:?}, score {:?}, taken {:?}, {} retakes, mended {:?}",
        visit.outcome,
        visit.score,
        visit.taken.iter().map(|pose| pose.name()).collect::<Vec<_>>(),
        visit.retakes,
        visit.mended
    );
}

/// A hand trembles: a few pixels and degrees, never the same twice.
fn trembling(number: u64) -> Held {
    let wave = |pace: f32, size: f32| (number as f32 * pace).sin() * size;
    Held {
        at: [wave(0.9, 0.01), wave(1.3, 0.01)],
        away: wave(0.4, 0.02),
        pitch: wave(0.7, 0.03),
        yaw: wave(1.1, 0.03),
        bent: [0.0; 2],
    }
}

#[test]
fn one_flat_picture_for_all_poses_performs_none_and_gets_no_answer() {
    for (person, mut pictures) in people() {
        let print = pictures.remove("rest").unwrap();
        let moved = move |_, number| print_before_camera(&print, trembling(number), number);
        let visit = visit(Box::new(moved));
        tell("one trembling print for all poses", &person, &visit);
        assert_eq!(visit.taken, [Pose::Rest]);
        assert_eq!(visit.outcome, Outcome::Retake);
        assert_eq!(visit.retakes, 9, "three tries at each of three poses");
    }
}

/// Here it is fooled, and does not claim otherwise: a print of each pose is screened as the person in it would be.
#[test]
fn a_print_of_each_pose_is_screened_as_a_person() {
    for ((person, pictures), expected) in people().into_iter().zip([Outcome::Unlikely, Outcome::Likely]) {
        let pictures = Rc::new(pictures);
        let holding = |held: fn(u64) -> Held| -> Holds {
            let prints = Rc::clone(&pictures);
            Box::new(move |pose, number| print_before_camera(&prints[pose.name()], held(number), number))
        };
        let visits = [
            ("still prints of every pose", visit(holding(|_| Held::default()))),
            ("trembling prints of every pose", visit(holding(trembling))),
        ];
        for (what, visit) in visits {
            tell(what, &person, &visit);
            assert_eq!(visit.taken.len(), 4, "{person}");
            assert_eq!(visit.outcome, expected, "{person}");
        }
    }
}

/// A flat picture at rest, held crooked on purpose: at which of so many tilts and bends it passes for a pose.
#[test]
fn tilting_and_bending_a_picture_at_rest_passes_for_some_poses() {
    let asked = bundle().manifest().poses.clone();
    for (person, mut pictures) in people() {
        let print = pictures.remove("rest").unwrap();
        let mut judge = ScreenerJudge::new(&bundle()).unwrap();
        judge.evidence(Pose::Rest, &print_before_camera(&print, Held::default(), 0)).unwrap();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let mut count = 0;
        for held in crooked() {
            count += 1;
            let picture = print_before_camera(&print, held, count);
            for pose in asked.iter().filter(|pose| **pose != Pose::Rest) {
                let said = match judge.evidence(*pose, &picture) {
                    Ok(_) => "passes".to_owned(),
                    Err(Check::PoseNotPerformed) => "pose-not-performed".to_owned(),
                    Err(_) => "another check".to_owned(),
                };
                *found.entry(format!("{} {said}", pose.name())).or_default() += 1;
            }
        }
        let share = |pose: Pose| {
            let passes = found.get(&format!("{} passes", pose.name())).copied().unwrap_or(0);
            passes as f64 / count as f64
        };
        // The check of a movement is there to tell people what to do; it is no check of life.
        assert!(share(Pose::TightClosure) < 0.1, "{found:?}");
        assert!((0.01..0.4).contains(&share(Pose::Pucker)), "{found:?}");
        assert!((0.3..0.8).contains(&share(Pose::OpenSmile)), "{found:?}");
        println!("figure: {count} ways to hold one print of {person} crooked: {found:?}");
    }
}

/// Tilts in steps of 10 degrees, bends in steps of 15.
fn crooked() -> impl Iterator<Item = Held> {
    let angles =
        |most: i32, step: i32| (-most..=most).step_by(step as usize).map(|it| (it as f32).to_radians());
    let tilts = angles(40, 10)
        .flat_map(move |pitch| angles(30, 10).map(move |yaw| Held { pitch, yaw, ..Held::default() }));
    let bends = angles(60, 15).flat_map(move |upright| {
        angles(60, 15).map(move |level| Held { bent: [upright, level], ..Held::default() })
    });
    tilts.chain(bends)
}
