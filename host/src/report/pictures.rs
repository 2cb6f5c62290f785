//! Which pictures are shown, and what of them.

use super::maps;
use crate::dataset::Person;
use crate::training::evaluate::Scored;
use crate::training::samples::Sample;
use std::collections::BTreeSet;
use synkiosk_models::align::{self, SIZE};
use synkiosk_models::network::ActivationMap;
use synkiosk_models::pose::Label;

/// Pictures of each kind.
const EACH: usize = 4;
/// The source of people who do not exist.
const RENDERED: &str = "rendered";

/// Why a picture was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Called right, and most surely.
    Best,
    /// Called wrongly, and most surely.
    Worst,
    /// Nearest to one half.
    Borderline,
}

impl Kept {
    /// On the page.
    pub fn title(self) -> &'static str {
        match self {
            Kept::Best => "Surest and right",
            Kept::Worst => "Surest and wrong",
            Kept::Borderline => "Nearest to one half",
        }
    }
}

/// A picture on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Why it is there.
    pub kept: Kept,
    /// A data URI.
    pub image: String,
    /// Label, pose and score.
    pub caption: String,
    /// Heat is in it.
    pub mapped: bool,
    /// The face is not in it.
    pub withheld: bool,
}

/// Indices of the best, worst and borderline pictures, no person twice in a kind.
pub fn choose(scored: &[Scored]) -> Vec<(Kept, usize)> {
    let margin = |index: usize| {
        let sign = if scored[index].label == Label::Synkinesis { 1.0 } else { -1.0 };
        sign * scored[index].int8
    };
    let mut chosen = Vec::new();
    let mut of_kind = |kept: Kept, fits: &dyn Fn(usize) -> bool, rank: &dyn Fn(usize) -> f64| {
        let mut order: Vec<usize> = (0..scored.len()).filter(|index| fits(*index)).collect();
        order.sort_by(|a, b| rank(*a).total_cmp(&rank(*b)));
        let mut people = BTreeSet::new();
        order.retain(|index| people.insert(scored[*index].person));
        chosen.extend(order.into_iter().take(EACH).map(|index| (kept, index)));
    };
    of_kind(Kept::Best, &|index| margin(index) > 0.0, &|index| -margin(index));
    of_kind(Kept::Worst, &|index| margin(index) <= 0.0, &margin);
    of_kind(Kept::Borderline, &|_| true, &|index| margin(index).abs());
    chosen
}

/// The picture with its map. A face is in it only if the person is rendered, or if `with_pictures`; without face and
/// map there is nothing to show.
pub fn shown(
    kept: Kept,
    sample: &Sample,
    person: &Person,
    score: f64,
    heat: Option<&ActivationMap>,
    with_pictures: bool,
) -> Option<Shown> {
    let withheld = person.source != RENDERED && !with_pictures;
    let image = match (withheld, heat) {
        (true, heat) => heat.map(|heat| maps::on_outline(&heat.values, heat.side))?,
        (false, Some(heat)) => maps::overlay(
            &align::sample(&sample.patch, &sample.placement, SIZE),
            SIZE,
            &heat.values,
            heat.side,
        ),
        (false, None) => maps::plain(&align::sample(&sample.patch, &sample.placement, SIZE), SIZE),
    };
    let caption = format!("{}, {}: score {:.0}\u{a0}%", sample.label, sample.pose, 100.0 * score);
    Some(Shown { kept, image, caption, mapped: heat.is_some(), withheld })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::run::tests::sample;
    use synkiosk_models::pose::Pose;

    fn scored(person: usize, label: Label, int8: f64) -> Scored {
        Scored { person, label, pose: Pose::Rest, int8, float: None, measured: None }
    }

    #[test]
    fn the_right_the_wrong_and_the_narrow_are_chosen() {
        let all = [
            scored(0, Label::Synkinesis, 5.0),
            scored(0, Label::Synkinesis, 6.0),
            scored(1, Label::Healthy, -4.0),
            scored(2, Label::Palsy, 3.0),
            scored(3, Label::Healthy, 0.1),
        ];
        let of =
            |kept| choose(&all).into_iter().filter(|one| one.0 == kept).map(|one| one.1).collect::<Vec<_>>();
        assert_eq!(of(Kept::Best), [1, 2]);
        assert_eq!(of(Kept::Worst), [3, 4]);
        assert_eq!(of(Kept::Borderline)[..2], [4, 3]);
        assert!(choose(&[]).is_empty());
    }

    #[test]
    fn no_face_leaves_by_accident() {
        let sample = sample(1);
        let person = |source: &str| Person {
            name: "p".to_owned(),
            label: Label::Healthy,
            side: None,
            types: Vec::new(),
            severity: None,
            skin: String::new(),
            sex: String::new(),
            age_band: String::new(),
            source: source.to_owned(),
            pictures: Vec::new(),
        };
        let heat = ActivationMap { side: 2, values: vec![0.0, 1.0, 0.5, -1.0] };
        let show = |source, heat, asked| shown(Kept::Best, &sample, &person(source), 0.5, heat, asked);
        let outline = maps::on_outline(&heat.values, heat.side);
        for source in ["clinic", "", "Rendered", "rendered, clinic"] {
            let kept = show(source, Some(&heat), false).unwrap();
            assert!(kept.withheld && kept.image == outline, "{source}");
            assert_eq!(show(source, None, false), None, "{source}");
            assert_ne!(show(source, Some(&heat), true).unwrap().image, outline);
        }
        assert!(!show("rendered", None, false).unwrap().withheld);
    }
}
