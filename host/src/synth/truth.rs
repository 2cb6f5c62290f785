//! `truth.csv`: landmarks, activations and couplings of every rendered picture, and what is worn on the head.

use super::cast::Member;
use super::session::{Session, Shot};
use crate::render::action::Actions;
use crate::render::landmarks;

/// The table's file name.
pub const TABLE: &str = "truth.csv";

/// Names of the columns.
pub fn header() -> Vec<String> {
    let mut columns = vec!["person".to_owned(), "pose".to_owned()];
    for name in landmarks::names() {
        columns.extend([format!("{name}_x"), format!("{name}_y")]);
    }
    for unit in Actions::UNIT_NAMES {
        columns.extend([format!("{unit}_right"), format!("{unit}_left")]);
    }
    columns.extend(["part", "jaw", "gaze_x", "gaze_y"].map(str::to_owned));
    // Named apart from the activations of the same muscles.
    let couplings = ["ocular_oral", "oral_ocular", "mentalis", "platysma"];
    columns.extend(couplings.map(|name| format!("coupling_{name}")));
    columns.extend(["glasses", "covering"].map(str::to_owned));
    columns
}

/// One row for each picture of a person.
pub fn rows(member: &Member, session: &Session) -> Vec<Vec<String>> {
    session.shots.iter().map(|shot| row(member, session, shot)).collect()
}

fn row(member: &Member, session: &Session, shot: &Shot) -> Vec<String> {
    let mut cells = vec![member.name.clone(), shot.pose.name().to_owned()];
    let mut push = |value: f32, digits: usize| cells.push(format!("{value:.digits$}"));
    for [x, y] in shot.landmarks.points {
        push(x, 2);
        push(y, 2);
    }
    for unit in shot.actions.units() {
        push(unit.right, 3);
        push(unit.left, 3);
    }
    let Actions { part, jaw, gaze, .. } = &shot.actions;
    let couplings = &session.couplings;
    for value in [
        *part,
        *jaw,
        gaze[0],
        gaze[1],
        couplings.ocular_oral,
        couplings.oral_ocular,
        couplings.mentalis,
        couplings.platysma,
    ] {
        push(value, 3);
    }
    cells.push(u8::from(session.who.glasses.is_some()).to_string());
    // Empty where the head is bare.
    cells.push(session.who.covering.as_ref().map_or("", |covering| covering.kind.name()).to_owned());
    cells
}
