//! Groups one below the other: the share called right with its interval, and everybody's score.

use super::html::escape;
use super::words::per_cent;
use crate::training::evaluate::subgroups::Subgroup;
use std::fmt::Write;

const ROW: f64 = 22.0;
const HEAD: f64 = 40.0;
const WIDTH: f64 = 760.0;
/// Where the columns begin: names, counts, the intervals' axis, their words, the scores' axis.
const COUNTS: f64 = 176.0;
const SHARES: [f64; 2] = [226.0, 406.0];
const WORDS: f64 = 416.0;
const SCORES: [f64; 2] = [576.0, 750.0];

/// The drawing; empty without groups.
pub(super) fn forest(groups: &[Subgroup]) -> String {
    let kinds = groups.chunk_by(|a, b| a.kind == b.kind).count();
    let height = HEAD + ROW * (groups.len() as f64 + 0.4 * kinds as f64) + 10.0;
    let mut svg = format!(
        "<svg class=\"forest\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"Groups: share called right \
         with 95 % interval, and scores\">"
    );
    heads(&mut svg, height);
    let mut y = HEAD + 4.0;
    for kind in groups.chunk_by(|a, b| a.kind == b.kind) {
        for group in kind {
            row(&mut svg, group, y + ROW / 2.0);
            y += ROW;
        }
        let _ = write!(svg, "<path class=\"grid\" d=\"M0 {:.1}H{WIDTH}\"/>", y + 0.2 * ROW);
        y += 0.4 * ROW;
    }
    svg + "</svg>"
}

fn heads(svg: &mut String, height: f64) {
    for (x, text) in [
        (0.0, "group"),
        (COUNTS - 22.0, "n (with)"),
        (SHARES[0], "called right, %"),
        (SCORES[0], "scores, %"),
    ] {
        let _ = write!(svg, "<text class=\"head\" x=\"{x}\" y=\"14\">{text}</text>");
    }
    for axis in [SHARES, SCORES] {
        for tick in [0, 25, 50, 75, 100] {
            let x = at(axis, f64::from(tick) / 100.0);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} {HEAD}V{height:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\">{tick}</text>",
                HEAD - 6.0
            );
        }
    }
}

fn at([start, end]: [f64; 2], share: f64) -> f64 {
    start + (end - start) * share.clamp(0.0, 1.0)
}

fn row(svg: &mut String, group: &Subgroup, y: f64) {
    let name: String = format!("{} {}", group.kind.name(), group.group).chars().take(30).collect();
    let _ = write!(
        svg,
        "<text class=\"name\" x=\"0\" y=\"{:.1}\">{}</text><text class=\"name\" x=\"{}\" y=\"{:.1}\">{} ({})</text>\
         <text class=\"name\" x=\"{WORDS}\" y=\"{:.1}\">{}</text>",
        y + 4.0,
        escape(&name),
        COUNTS - 22.0,
        y + 4.0,
        group.n,
        group.with_synkinesis,
        y + 4.0,
        per_cent(&group.accuracy),
    );
    if let (Some(share), Some([low, high])) = (group.accuracy.share, group.accuracy.wilson95) {
        let (x, left, right) = (at(SHARES, share), at(SHARES, low), at(SHARES, high));
        let _ = write!(
            svg,
            "<path class=\"bar\" d=\"M{left:.1} {y:.1}H{right:.1}\"/><rect class=\"dot\" x=\"{:.1}\" y=\"{:.1}\" width=\"7\" \
             height=\"7\"/>",
            x - 3.5,
            y - 3.5
        );
    }
    // Those without synkinesis above the line, those with below it.
    for (scores, class, shift) in [(&group.scores[0], "hollow", -3.5), (&group.scores[1], "full", 3.5)] {
        for score in scores {
            let _ = write!(
                svg,
                "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.2\"/>",
                at(SCORES, *score),
                y + shift
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::evaluate::answers::Share;
    use crate::training::evaluate::series::Kind;

    #[test]
    fn every_person_is_a_dot() {
        let group = |name: &str, scores: [Vec<f64>; 2]| Subgroup {
            kind: Kind::Skin,
            group: name.to_owned(),
            n: 3,
            with_synkinesis: scores[1].len(),
            accuracy: Share::of(2, 3),
            recall: Share::of(1, 1),
            specificity: Share::of(1, 2),
            cannot_tell: None,
            scores,
        };
        let svg = forest(&[group("<I>", [vec![0.1, 0.6], vec![0.9]]), group("II", [vec![], vec![]])]);
        assert_eq!(svg.matches("<circle class=\"hollow\"").count(), 2);
        assert_eq!(svg.matches("<circle class=\"full\"").count(), 1);
        assert!(svg.contains("skin &lt;I&gt;") && svg.ends_with("</svg>") && !svg.contains("NaN"));
    }
}
