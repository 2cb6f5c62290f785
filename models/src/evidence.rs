//! Evidence of a series: how much moves that was not meant to, by type of synkinesis and side.
//!
//! What each index measures, always against the picture at rest and in the head's own frame ([`HeadFrame`]), so that
//! neither distance nor identity matters:
//!
//! | index | where | measure |
//! |---|---|---|
//! | ocular-oral | gentle and tight closure, brow raise | how much farther up (and out) one mouth corner moves than the other |
//! | oral-ocular | smiles, pucker, snarl, lower teeth | share of its opening that one eye loses beyond the other |
//! | mentalis | every pose but pucker, which uses the chin | activity of one side of the chin, less half of the other's |
//! | platysma | every pose but lower teeth, which uses the neck | activity of one side of the neck, less half of the other's |
//!
//! The other side is the reference, so that what both sides do on purpose cancels. The side that is named is the one
//! that moves *more* than was meant; a palsied side moves less of what was meant, which only the corner's small
//! voluntary part in a tight closure, the squint of a smile, and the margin in [`Scale`] have to absorb.
//!
//! Sources. The pairs of a movement that was meant and one that was not are those of the synkinesis score of the Sunnybrook
//! system (Ross, Fradet, Nedzelski, 1996) and of the Synkinesis Assessment Questionnaire (Mehta, WernickRobinson,
//! Hadlock, 2007); the four regions are those of eFACE's synkinesis items (Banks, Bhama, Park, Hadlock, Hadlock, 2015: ocular,
//! midfacial, mentalis, platysmal). Distances of landmarks against rest and against the other side are measured as in
//! Emotrics (Guarin, Dusseldorp, Hadlock, Jowett, 2018). The scales are none of theirs: they are set so that the
//! mildest movement that the renderer draws lies well above 0 and the strongest near 1.

use crate::{
    head_frame::HeadFrame,
    landmarks::{Activity, Measured, Point},
    pose::{Pose, Side, SynkinesisType},
};
use serde::Serialize;

/// How strong one type of unwanted movement is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Index {
    /// 0 none to 1 as strong as is seen, to three decimals.
    pub value: f32,
    /// Where; `None` at 0.
    pub side: Option<Side>,
}

/// The index of each type; `None` where the series has no picture at rest, or none of a pose that would show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Indices {
    /// The mouth moves with the eye.
    pub ocular_oral: Option<Index>,
    /// The eye narrows with the mouth.
    pub oral_ocular: Option<Index>,
    /// The chin dimples.
    pub mentalis: Option<Index>,
    /// Bands rise on the neck.
    pub platysma: Option<Index>,
}

impl Indices {
    /// The index of a type.
    pub fn get(&self, kind: SynkinesisType) -> Option<Index> {
        match kind {
            SynkinesisType::OcularOral => self.ocular_oral,
            SynkinesisType::OralOcular => self.oral_ocular,
            SynkinesisType::Mentalis => self.mentalis,
            SynkinesisType::Platysma => self.platysma,
        }
    }

    /// Those that there are, in the types' order.
    pub fn known(&self) -> impl Iterator<Item = (SynkinesisType, Index)> + '_ {
        SynkinesisType::ALL.iter().filter_map(|kind| self.get(*kind).map(|index| (*kind, index)))
    }

    /// The largest value; `None` where there is no index.
    pub fn strongest(&self) -> Option<f32> {
        self.known().map(|(_, index)| index.value).reduce(f32::max)
    }

    /// The values' mean; `None` where there is no index.
    pub fn mean(&self) -> Option<f32> {
        let count = self.known().count();
        (count > 0).then(|| self.known().map(|(_, index)| index.value).sum::<f32>() / count as f32)
    }
}

/// From an excess of one side over the other to an index: 0 up to `margin`, 1 from `full` on, straight between.
#[derive(Debug, Clone, Copy)]
struct Scale {
    margin: f32,
    full: f32,
}

/// Movement of a mouth corner in shares of a full smile's; a palsy leaves up to 0.2 in a tight closure.
const OCULAR_ORAL: Scale = Scale { margin: 0.2, full: 0.9 };
/// Share of the eye's opening; the squint that goes with a smile leaves up to 0.15 between a weak side and the other.
const ORAL_OCULAR: Scale = Scale { margin: 0.15, full: 0.72 };
/// Activity of chin and neck, 1 as far as most people can.
const CHIN_AND_NECK: Scale = Scale { margin: 0.15, full: 0.9 };

/// A full smile carries a corner about 1/7.3 of the interocular distance up. Little weight goes to how far out it moves,
/// because a turn of the head looks like that: what it leaves is taken out by the nose, which it carries about as far.
const PULL_PER_UP: f32 = 6.0;
const PULL_PER_OUT: f32 = 1.3;
const CORNER_PER_NOSE: f32 = 1.1;

/// Poses that ask for the eye or brow only: (pose, share of the coupling that it brings, weight).
const EYE_ONLY: [(Pose, f32, f32); 3] =
    [(Pose::GentleClosure, 1.0, 1.0), (Pose::TightClosure, 1.0, 1.0), (Pose::BrowRaise, 0.8, 0.6)];

/// Poses that ask for the mouth and let the eyes be, by weight; a snarl squints by itself.
const MOUTH_ONLY: [(Pose, f32); 5] = [
    (Pose::ClosedSmile, 1.0),
    (Pose::OpenSmile, 1.0),
    (Pose::Pucker, 1.0),
    (Pose::Snarl, 0.7),
    (Pose::LowerTeeth, 0.9),
];

/// The mentalis of one side draws skin of the other with it, and so does the network's regression.
const OTHER_SIDE: f32 = 0.5;

/// The indices of a series. Of several pictures at rest the first counts; any other pose counts as often as it is there.
pub fn indices(series: &[(Pose, Measured)]) -> Indices {
    let Some((_, rest)) = series.iter().find(|(pose, _)| *pose == Pose::Rest) else {
        return Indices::default();
    };
    let frame = HeadFrame::of(&rest.landmarks);
    let moved: Vec<(Pose, &Activity, HeadFrame)> = series
        .iter()
        .filter(|(pose, _)| *pose != Pose::Rest)
        .map(|(pose, measured)| (*pose, &measured.activity, HeadFrame::of(&measured.landmarks)))
        .collect();
    let corners = moved.iter().filter_map(|(pose, _, head)| {
        let (_, share, weight) = EYE_ONLY.iter().find(|(of, ..)| of == pose)?;
        Some((corner_excess(head, &frame) / share, *weight))
    });
    let eyes = moved.iter().filter_map(|(pose, _, head)| {
        let (_, weight) = MOUTH_ONLY.iter().find(|(of, _)| of == pose)?;
        Some((narrowing_excess(head, &frame), *weight))
    });
    let sided = |own_use: Pose, of: fn(&Activity) -> [f32; 2]| {
        let rest = of(&rest.activity);
        let poses = moved.iter().filter(|(pose, ..)| *pose != own_use);
        mean_pair(poses.map(|(_, activity, _)| {
            let [right, left] = of(activity);
            [right - rest[0], left - rest[1]]
        }))
        .map(|mean| CHIN_AND_NECK.stronger(mean))
    };
    Indices {
        ocular_oral: weighted_mean(corners).map(|left| OCULAR_ORAL.index(left)),
        oral_ocular: weighted_mean(eyes).map(|left| ORAL_OCULAR.index(left)),
        mentalis: sided(Pose::Pucker, |activity| [activity.chin_right, activity.chin_left]),
        platysma: sided(Pose::LowerTeeth, |activity| [activity.neck_right, activity.neck_left]),
    }
}

/// How much farther the left corner of the mouth was pulled than the right, in shares of a full smile's pull.
fn corner_excess(head: &HeadFrame, rest: &HeadFrame) -> f32 {
    let moved = |side| {
        let (now, before) = (head.mouth_corner(side), rest.mouth_corner(side));
        [now[0] - before[0], now[1] - before[1]]
    };
    let (right, left) = (moved(Side::Right), moved(Side::Left));
    let turned = head.at(Point::NoseTip)[0] - rest.at(Point::NoseTip)[0];
    // A turn carries both corners the same way: one out, one in.
    let out = left[0] - right[0] - CORNER_PER_NOSE * turned;
    PULL_PER_UP * (left[1] - right[1]) + PULL_PER_OUT * out
}

/// Share of its opening at rest that the left eye lost beyond the right; below 0 the right lost more.
fn narrowing_excess(head: &HeadFrame, rest: &HeadFrame) -> f32 {
    let at_rest = |side| rest.eye_opening(side);
    let middle = ((at_rest(Side::Right) + at_rest(Side::Left)) / 2.0).max(1e-3);
    // Drawn a quarter of the way to the mean of both eyes: a single picture at rest is not certain of either.
    let opened = |side| head.eye_opening(side) / (0.75 * at_rest(side) + 0.25 * middle);
    let (right, left) = (opened(Side::Right), opened(Side::Left));
    // Against the wider eye of now, so that a half blink, which narrows both, does not hide the difference.
    (right - left) / right.max(left).clamp(0.5, 1.0)
}

fn weighted_mean(values: impl Iterator<Item = (f32, f32)>) -> Option<f32> {
    let (sum, weights) =
        values.fold((0.0, 0.0), |(sum, weights), (value, weight)| (sum + value * weight, weights + weight));
    (weights > 0.0).then(|| sum / weights)
}

fn mean_pair(values: impl Iterator<Item = [f32; 2]>) -> Option<[f32; 2]> {
    let (sum, count) = values
        .fold(([0.0; 2], 0.0), |(sum, count), value| ([sum[0] + value[0], sum[1] + value[1]], count + 1.0));
    (count > 0.0).then(|| [sum[0] / count, sum[1] / count])
}

impl Scale {
    /// Of the left side's excess, which is the right side's below 0.
    fn index(&self, left: f32) -> Index {
        self.of_side(left.abs(), if left > 0.0 { Side::Left } else { Side::Right })
    }

    /// Of the side that does more, right before left, less a part of the other's share.
    fn stronger(&self, [right, left]: [f32; 2]) -> Index {
        let (more, less, side) =
            if left > right { (left, right, Side::Left) } else { (right, left, Side::Right) };
        self.of_side(more - OTHER_SIDE * less, side)
    }

    fn of_side(&self, excess: f32, side: Side) -> Index {
        let share = (excess - self.margin) / (self.full - self.margin);
        // Not a number becomes 0, too.
        let within = if share > 0.0 { share.min(1.0) } else { 0.0 };
        let value = (within * 1e3).round() / 1e3;
        Index { value, side: (value > 0.0).then_some(side) }
    }
}

#[cfg(test)]
mod tests;
