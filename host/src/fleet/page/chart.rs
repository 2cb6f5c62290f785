//! Bars and lines over named places, as inline SVG: black on white, told apart by dash, not by color.

use crate::report::html::escape;
use std::fmt::Write;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 170.0;
/// Room for the axis and numbers of four digits.
const LEFT: f64 = 58.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 34.0;
/// Names under the axis: more would run into each other.
const MOST_NAMES: usize = 9;

/// Axes, and what is drawn between them.
pub(super) struct Chart<'a> {
    title: &'a str,
    up: &'a str,
    names: &'a [&'a str],
    bars: Vec<Option<f64>>,
    lines: Vec<Line<'a>>,
}

/// A line; where there is no value, it is broken.
pub(super) struct Line<'a> {
    /// Its look, by the style sheet's class.
    pub(super) class: &'a str,
    /// What it is.
    pub(super) name: &'a str,
    /// One for each name.
    pub(super) values: Vec<Option<f64>>,
}

impl<'a> Chart<'a> {
    pub(super) fn new(title: &'a str, up: &'a str, names: &'a [&'a str]) -> Chart<'a> {
        Chart { title, up, names, bars: Vec::new(), lines: Vec::new() }
    }

    pub(super) fn bars(mut self, values: &[Option<f64>]) -> Chart<'a> {
        self.bars = values.to_vec();
        self
    }

    pub(super) fn lines(mut self, lines: &[Line<'a>]) -> Chart<'a> {
        self.lines = lines
            .iter()
            .map(|line| Line { class: line.class, name: line.name, values: line.values.clone() })
            .collect();
        self
    }

    /// The whole drawing.
    pub(super) fn svg(&self) -> String {
        let legend = 15.0 * self.lines.len() as f64;
        let height = TOP + HEIGHT + BOTTOM + legend;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"{title}\"><text class=\"title\" x=\"{}\" \
             y=\"14\">{title}</text>",
            LEFT + WIDTH + 8.0,
            LEFT + WIDTH / 2.0,
            title = escape(self.title)
        );
        let top = self.top();
        self.axes(&mut svg, top);
        let wide = WIDTH / self.names.len().max(1) as f64;
        for (index, value) in self.bars.iter().enumerate() {
            let Some(value) = value else { continue };
            let tall = HEIGHT * value / top;
            let _ = write!(
                svg,
                "<rect class=\"count\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.2}\" height=\"{tall:.1}\"/>",
                LEFT + wide * (index as f64 + 0.1),
                TOP + HEIGHT - tall,
                wide * 0.8
            );
        }
        for (row, line) in self.lines.iter().enumerate() {
            self.line(&mut svg, line, top);
            let y = TOP + HEIGHT + BOTTOM + 15.0 * row as f64 + 6.0;
            let _ = write!(
                svg,
                "<path class=\"{}\" d=\"M{LEFT} {:.1}h28\"/><text class=\"legend\" x=\"{}\" y=\"{y:.1}\">{}</text>",
                line.class,
                y - 4.0,
                LEFT + 34.0,
                escape(line.name)
            );
        }
        svg + "</svg>"
    }

    fn axes(&self, svg: &mut String, top: f64) {
        for tick in 0..=4 {
            let share = f64::from(tick) / 4.0;
            let y = TOP + HEIGHT * (1.0 - share);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}h{WIDTH}\"/><text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                LEFT - 5.0,
                y + 4.0,
                top * share
            );
        }
        let wide = WIDTH / self.names.len().max(1) as f64;
        let every = self.names.len().div_ceil(MOST_NAMES).max(1);
        for (index, name) in self.names.iter().enumerate().step_by(every) {
            let x = LEFT + wide * (index as f64 + 0.5);
            let y = TOP + HEIGHT + 14.0;
            let _ =
                write!(svg, "<text class=\"tick\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(&short(name)));
        }
        let middle = TOP + HEIGHT / 2.0;
        let _ = write!(
            svg,
            "<rect class=\"frame\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\
             <text class=\"axis\" transform=\"translate(11 {middle}) rotate(-90)\">{}</text>",
            escape(self.up)
        );
    }

    fn line(&self, svg: &mut String, line: &Line, top: f64) {
        let wide = WIDTH / self.names.len().max(1) as f64;
        let mut path = String::new();
        let mut pen_is_up = true;
        for (index, value) in line.values.iter().enumerate() {
            let Some(value) = value else {
                pen_is_up = true;
                continue;
            };
            let (x, y) = (LEFT + wide * (index as f64 + 0.5), TOP + HEIGHT * (1.0 - value / top));
            let _ = write!(path, "{}{x:.1} {y:.1}", if pen_is_up { 'M' } else { 'L' });
            pen_is_up = false;
        }
        if !path.is_empty() {
            let _ = write!(svg, "<path class=\"{}\" d=\"{path}\"/>", line.class);
        }
    }

    /// The axis' end: the first of 1, 2, 4 and 10 times a power of ten that nothing reaches beyond.
    fn top(&self) -> f64 {
        let values = self.bars.iter().chain(self.lines.iter().flat_map(|line| &line.values));
        let most = values.flatten().copied().fold(0.0, f64::max);
        let mut unit = 1.0;
        loop {
            if let Some(top) =
                [1.0, 2.0, 4.0, 6.0, 8.0].map(|step| step * unit).into_iter().find(|top| most <= *top)
            {
                return top;
            }
            unit *= 10.0;
        }
    }
}

/// A week without its century: `26-W48`.
fn short(name: &str) -> String {
    name.strip_prefix("20").filter(|rest| rest.contains("-W")).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_whole_and_escaped() {
        let values = [Some(3.0), None, Some(17.0)];
        let line = Line { class: "curve", name: "<b>", values: values.to_vec() };
        let svg = Chart::new("a <i>", "%", &["2026-W01", "2026-W02", "2026-W03"])
            .bars(&values)
            .lines(&[line])
            .svg();
        assert!(
            svg.starts_with("<svg") && svg.ends_with("</svg>") && svg.matches("class=\"count\"").count() == 2
        );
        assert!(
            svg.contains("26-W01") && svg.contains(">20<") && !svg.contains("<b>") && !svg.contains("<i>")
        );
        let empty = Chart::new("", "", &[]).svg();
        assert!(!empty.contains("NaN") && !empty.contains("inf"));
    }
}
