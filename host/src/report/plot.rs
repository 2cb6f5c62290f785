//! Drawings of shares as inline SVG: black on white, told apart by dash and fill, not by color alone.

use super::html::escape;
use std::fmt::Write;

/// Pixels of the drawing; paper scales it.
const SIDE: f64 = 300.0;
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 42.0;
const TOP: f64 = 24.0;
const RIGHT: f64 = 12.0;

/// Axes from 0 to 1 in both directions.
pub(super) struct Plot {
    svg: String,
}

impl Plot {
    /// Axes, ticks and labels.
    pub(super) fn of_shares(title: &str, across: &str, up: &str) -> Plot {
        let (width, height) = (LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\"><text class=\"title\" x=\"{}\" \
             y=\"14\">{title}</text>",
            LEFT + SIDE / 2.0,
            title = escape(title)
        );
        for tick in 0..=5 {
            let share = f64::from(tick) / 5.0;
            let (x, y) = place([share, share]);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} {TOP}V{:.1}M{LEFT} {y:.1}H{:.1}\"/>\
                 <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>\
                 <text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                TOP + SIDE,
                LEFT + SIDE,
                TOP + SIDE + 14.0,
                tick * 20,
                LEFT - 6.0,
                y + 4.0,
                tick * 20,
            );
        }
        let middle = TOP + SIDE / 2.0;
        let _ = write!(
            svg,
            "<rect class=\"frame\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\"/>\
             <text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\">{}, %</text>\
             <text class=\"axis\" transform=\"translate(12 {middle}) rotate(-90)\">{}, %</text>",
            LEFT + SIDE / 2.0,
            TOP + SIDE + 33.0,
            escape(across),
            escape(up),
        );
        Plot { svg }
    }

    /// A line through points.
    pub(super) fn line(mut self, points: &[[f64; 2]], class: &str) -> Plot {
        if !points.is_empty() {
            let _ = write!(self.svg, "<polyline class=\"{class}\" points=\"{}\"/>", joined(points));
        }
        self
    }

    /// Between two lines, `[x, low, high]`.
    pub(super) fn band(mut self, band: &[[f64; 3]]) -> Plot {
        let upper = band.iter().map(|[x, _, high]| [*x, *high]);
        let lower = band.iter().rev().map(|[x, low, _]| [*x, *low]);
        let outline: Vec<[f64; 2]> = upper.chain(lower).collect();
        if !outline.is_empty() {
            let _ = write!(self.svg, "<polygon class=\"band\" points=\"{}\"/>", joined(&outline));
        }
        self
    }

    /// A dot with an upright bar from `low` to `high`.
    pub(super) fn dot(mut self, point: [f64; 2], interval: Option<[f64; 2]>) -> Plot {
        let (x, y) = place(point);
        if let Some([low, high]) = interval {
            let ((_, bottom), (_, top)) = (place([0.0, low]), place([0.0, high]));
            let _ = write!(self.svg, "<path class=\"bar\" d=\"M{x:.1} {bottom:.1}V{top:.1}\"/>");
        }
        let _ = write!(self.svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
        self
    }

    /// Lines with their names, from the lower right corner up.
    pub(super) fn legend(mut self, entries: &[(&str, String)]) -> Plot {
        for (row, (class, name)) in entries.iter().rev().enumerate() {
            let y = TOP + SIDE - 14.0 - 15.0 * row as f64;
            let x = LEFT + 96.0;
            let _ = write!(
                self.svg,
                "<path class=\"{class}\" d=\"M{x} {:.1}h24\"/><text class=\"legend\" x=\"{}\" y=\"{y:.1}\">{}</text>",
                y - 4.0,
                x + 30.0,
                escape(name)
            );
        }
        self
    }

    /// The whole drawing.
    pub(super) fn svg(self) -> String {
        self.svg + "</svg>"
    }
}

fn place([across, up]: [f64; 2]) -> (f64, f64) {
    (LEFT + SIDE * across.clamp(0.0, 1.0), TOP + SIDE * (1.0 - up.clamp(0.0, 1.0)))
}

fn joined(points: &[[f64; 2]]) -> String {
    let point = |point: &[f64; 2]| {
        let (x, y) = place(*point);
        format!("{x:.1},{y:.1}")
    };
    points.iter().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lie_within_the_frame() {
        assert_eq!(place([0.0, 0.0]), (LEFT, TOP + SIDE));
        assert_eq!(place([1.0, 1.0]), (LEFT + SIDE, TOP));
        assert_eq!(place([2.0, -1.0]), (LEFT + SIDE, TOP + SIDE));
    }

    #[test]
    fn a_drawing_is_whole_and_escaped() {
        let plot =
            Plot::of_shares("a <b>", "x & y", "z").line(&[[0.0, 0.0], [1.0, 1.0]], "curve").line(&[], "none");
        let svg = plot
            .band(&[[0.0, 0.1, 0.2]])
            .dot([0.5, 0.5], Some([0.4, 0.6]))
            .legend(&[("curve", "all".into())])
            .svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
        assert!(!svg.contains("<b>") && svg.contains("x &amp; y") && !svg.contains("class=\"none\""));
        assert!(!svg.contains("NaN"));
    }
}
