//! One person before the camera: the face is drawn, moved, lit, photographed and compressed.

use super::cast::{Member, Plan, Protocol};
use super::nerve::{Couplings, FacialNerve};
use super::poses::{distract, voluntary};
use crate::render::action::Actions;
use crate::render::background::background;
use crate::render::camera::View;
use crate::render::canvas::Canvas;
use crate::render::develop::Sensor;
use crate::render::head::Head;
use crate::render::identity::Identity;
use crate::render::landmarks::Landmarks;
use crate::render::light::Lighting;
use crate::render::random::Random;
use crate::render::scene::render;
use synkiosk_models::pose::Pose;

/// Height of the average head in millimeters.
const HEAD_HEIGHT: f32 = 228.0;

/// What happens to be around, whoever is photographed.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Where the head stands.
    pub view: View,
    /// The room's light.
    pub lighting: Lighting,
    /// What is behind.
    pub background: Canvas,
    /// The camera.
    pub sensor: Sensor,
}

/// One finished picture and the truth about it.
#[derive(Debug, Clone)]
pub struct Shot {
    /// What was asked for.
    pub pose: Pose,
    /// The compressed picture.
    pub jpeg: Vec<u8>,
    /// Where the landmarks are.
    pub landmarks: Landmarks,
    /// What the face did.
    pub actions: Actions,
}

/// All pictures of one person.
#[derive(Debug, Clone)]
pub struct Session {
    /// The face, the same whatever the label.
    pub who: Identity,
    /// Strengths of the unwanted movements.
    pub couplings: Couplings,
    /// One for each pose.
    pub shots: Vec<Shot>,
}

/// The stream of one purpose. Names of purposes never depend on the label.
fn stream(plan: &Plan, member: &Member, pose: Option<Pose>, purpose: &str) -> Random {
    Random::stream(plan.seed, plan.protocol.domain(), member.index, pose.map(Pose::name), purpose)
}

/// Renders all poses of a person.
pub fn photograph(plan: &Plan, member: &Member) -> image::ImageResult<Session> {
    let mut who = Identity::random(stream(plan, member, None, "identity"));
    if plan.protocol.is_standardized() {
        who.glasses = None;
        who.covering = None;
    }
    let nerve = FacialNerve::random(member, stream(plan, member, None, "nerve"));
    let head = Head::new(who, 0.6 * plan.height as f32 / HEAD_HEIGHT);
    let mut shots = Vec::with_capacity(member.poses.len());
    for pose in &member.poses {
        let actions = act(plan, member, &nerve, *pose);
        let around = surroundings(plan, member, *pose);
        let rendered = render(&head, &actions, &around.view, &around.lighting, &around.background);
        let mut noise = stream(plan, member, Some(*pose), "noise");
        let picture = around.sensor.develop(rendered.light, &mut noise);
        let jpeg = around.sensor.jpeg(&picture)?;
        shots.push(Shot { pose: *pose, jpeg, landmarks: rendered.landmarks, actions });
    }
    Ok(Session { who: head.who, couplings: nerve.couplings(), shots })
}

fn act(plan: &Plan, member: &Member, nerve: &FacialNerve, pose: Pose) -> Actions {
    let habit = stream(plan, member, None, "habit");
    let wanted = voluntary(pose, habit, &mut stream(plan, member, Some(pose), "effort"));
    let mut actions = nerve.carry_out(&wanted);
    distract(&mut actions, &mut stream(plan, member, Some(pose), "gaze"));
    actions
}

/// Draws view, light, background and camera of one picture.
pub fn surroundings(plan: &Plan, member: &Member, pose: Pose) -> Surroundings {
    // In one session only the head moves between pictures.
    let room = if plan.protocol.is_one_session() { None } else { Some(pose) };
    let mut setting = stream(plan, member, room, "camera");
    let (least, most) = fill_range(plan);
    let fill = setting.range(least, most);
    let distance = setting.range(480.0, 900.0);
    let sensor = Sensor::random(&mut setting);
    Surroundings {
        view: view(plan, fill, distance, &mut stream(plan, member, Some(pose), "head pose")),
        lighting: Lighting::random(light_spread(plan), &mut stream(plan, member, room, "light")),
        background: background(plan.width, plan.height, stream(plan, member, room, "background")),
        sensor,
    }
}

/// Share of the picture's height that the average head takes. The kiosk asks for the face in an oval .84 of the height,
/// and people stop a little short of it; a clinic's photographer leaves room around the head.
fn fill_range(plan: &Plan) -> (f32, f32) {
    if plan.protocol.is_standardized() { (0.54, 0.66) } else { (0.62, 0.78) }
}

/// How far lights stand from the front and differ from each other: 1 anywhere, 0 all from the front.
fn light_spread(plan: &Plan) -> f32 {
    if plan.protocol.is_standardized() { 0.3 } else { 1.0 }
}

fn view(plan: &Plan, fill: f32, distance: f32, r: &mut Random) -> View {
    if plan.protocol == Protocol::Turned && r.chance(0.7) {
        return turned_view(plan, distance, r);
    }
    let degrees = |deviation: f32, limit: f32, r: &mut Random| {
        (deviation * r.normal()).clamp(-limit, limit).to_radians()
    };
    let (width, height) = (plan.width as f32, plan.height as f32);
    let turned = if plan.protocol.is_standardized() { 0.35 } else { 1.0 };
    View {
        width: plan.width,
        height: plan.height,
        yaw: degrees(3.6 * turned, 8.0 * turned, r),
        pitch: degrees(3.0 * turned, 7.0 * turned, r),
        roll: degrees(2.4 * turned, 5.0 * turned, r),
        distance,
        scale: height * fill / HEAD_HEIGHT,
        offset: [width * 0.03 * r.normal(), height * 0.02 * r.normal()],
    }
}

/// Heads up to about 30 degrees aside, evenly: beyond, the detector finds hardly any. Leaning heads are left to training,
/// which turns pictures.
fn turned_view(plan: &Plan, distance: f32, r: &mut Random) -> View {
    let (width, height) = (plan.width as f32, plan.height as f32);
    let mut degrees = |limit: f32| (limit * r.range(-1.0, 1.0)).to_radians();
    let (yaw, pitch, roll) = (degrees(30.0), degrees(18.0), degrees(10.0));
    View {
        width: plan.width,
        height: plan.height,
        yaw,
        pitch,
        roll,
        distance,
        scale: height * r.range(0.4, 0.72) / HEAD_HEIGHT,
        offset: [width * 0.05 * r.normal(), height * 0.03 * r.normal()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::landmarks::names;
    use synkiosk_models::pose::{Label, Side, SynkinesisType};

    fn plan() -> Plan {
        Plan { protocol: Protocol::Clinical, seed: 4, people: 6, poses: None, width: 128, height: 128 }
    }

    fn member(label: Label, side: Option<Side>, poses: &[Pose]) -> Member {
        let types = if label == Label::Synkinesis { SynkinesisType::ALL.to_vec() } else { Vec::new() };
        Member {
            name: "person-0003".to_owned(),
            index: 2,
            label,
            side,
            types,
            severity: side.map(|_| 0.9),
            poses: poses.to_vec(),
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let who = member(Label::Synkinesis, Some(Side::Left), &[Pose::Pucker]);
        let first = photograph(&plan(), &who).unwrap();
        let again = photograph(&plan(), &who).unwrap();
        assert_eq!(first.shots[0].jpeg, again.shots[0].jpeg);
        let other = photograph(&Plan { seed: 5, ..plan() }, &who).unwrap();
        assert_ne!(first.shots[0].jpeg, other.shots[0].jpeg);
    }

    #[test]
    fn face_and_surroundings_do_not_depend_on_the_label() {
        let healthy = member(Label::Healthy, None, &[Pose::OpenSmile]);
        let sick = member(Label::Synkinesis, Some(Side::Right), &[Pose::OpenSmile]);
        let (one, other) = (photograph(&plan(), &healthy).unwrap(), photograph(&plan(), &sick).unwrap());
        assert_eq!(format!("{:?}", one.who), format!("{:?}", other.who));
        for pose in Pose::ALL {
            let (one, other) = (surroundings(&plan(), &healthy, *pose), surroundings(&plan(), &sick, *pose));
            assert_eq!((one.view, one.lighting, one.sensor), (other.view, other.lighting, other.sensor));
            assert_eq!(one.background.pixels, other.background.pixels);
        }
    }

    #[test]
    fn landmarks_lie_in_the_picture_and_on_the_persons_own_side() {
        let who = member(Label::Healthy, None, Pose::ALL);
        for shot in photograph(&plan(), &who).unwrap().shots {
            for (name, point) in names().into_iter().zip(shot.landmarks.points) {
                assert!(point.iter().all(|at| (0.0..128.0).contains(at)), "{} {name}: {point:?}", shot.pose);
            }
            for name in ["eye_outer", "iris", "brow_middle", "mouth_corner"] {
                let x = |side| shot.landmarks.get(&format!("{side}_{name}")).unwrap()[0];
                assert!(x("right") < x("left"), "{name}");
            }
        }
    }

    #[test]
    fn the_affected_side_shows_in_the_landmarks() {
        let opening = |session: &Session, side: &str| {
            let y = |lid: &str| session.shots[0].landmarks.get(&format!("{side}_lid_{lid}")).unwrap()[1];
            y("lower") - y("upper")
        };
        for side in [Side::Right, Side::Left] {
            let who = member(Label::Synkinesis, Some(side), &[Pose::Pucker]);
            let session = photograph(&plan(), &who).unwrap();
            let (narrow, wide) = (opening(&session, side.name()), opening(&session, side.other().name()));
            assert!(narrow < 0.7 * wide, "{side}: {narrow} against {wide}");
        }
    }
}
