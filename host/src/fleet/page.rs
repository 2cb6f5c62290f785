//! The page that `report --html` writes: one file that needs nothing else, and reads well on paper.

mod chart;

use super::figures::{Figures, Group};
use crate::report::html::{escape, figure, table};
use crate::report::words::{RESEARCH_USE_ONLY, per_cent};
use chart::{Chart, Line};
use std::collections::BTreeMap;

/// The whole file.
pub fn html(figures: &Figures) -> String {
    let newest = figures.newest_week.as_deref().unwrap_or("an unknown week");
    let subject = format!(
        "{} sessions of {} units at {} sites, up to {newest}",
        figures.all.sessions,
        figures.units.len(),
        figures.sites.len()
    );
    let sections =
        [plots(figures), groups(figures), units(figures), drift(figures), errors(figures), not_read(figures)];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{subject}</title><style>{style}{own}</style></head>\n<body>\
         <table class=\"page\" role=\"presentation\"><thead><tr><td>{RESEARCH_USE_ONLY}</td></tr></thead>\
         <tfoot><tr><td>{RESEARCH_USE_ONLY}</td></tr></tfoot><tbody><tr><td>\n\
         <h1>What the kiosks sent</h1>\n<p class=\"lead\">{subject}</p>\n<p>Shares in per cent with Wilson's 95 % \
         interval, sessions taken for independent. No person can be told apart here: a record holds no picture, no \
         name and no time finer than a week. What may leave the study center is what --publish prints.</p>\n{sections}\
         </td></tr></tbody></table></body></html>\n",
        subject = escape(&subject),
        style = include_str!("../report/style.css"),
        own = include_str!("page/style.css"),
        sections = sections.concat(),
    )
}

fn plots(figures: &Figures) -> String {
    let weeks: Vec<&Group> = figures.weeks.iter().filter(|week| week.name != super::store::UNKNOWN).collect();
    let names: Vec<&str> = weeks.iter().map(|week| week.name.as_str()).collect();
    let of = |value: &dyn Fn(&Group) -> Option<f64>| weeks.iter().map(|week| value(week)).collect::<Vec<_>>();
    let sessions =
        Chart::new("Sessions a week", "sessions", &names).bars(&of(&|week| Some(week.sessions as f64))).svg();
    let answers = Chart::new("Answers", "% of answers", &names)
        .lines(&[
            Line {
                class: "curve",
                name: "likely (of likely and unlikely)",
                values: of(&|it| percent(it.likely.share)),
            },
            Line {
                class: "curve study",
                name: "cannot tell",
                values: of(&|it| percent(it.cannot_tell.share)),
            },
            Line { class: "chance dark", name: "retake", values: of(&|it| percent(it.retake.share)) },
        ])
        .svg();
    let median = of(&|week| week.milliseconds.map(|it| it.median as f64));
    let nine = of(&|week| week.milliseconds.map(|it| it.nine_in_ten as f64));
    let times = Chart::new("Time of a picture, from luma to score", "ms", &names)
        .lines(&[
            Line { class: "curve", name: "half of the pictures", values: median },
            Line { class: "curve study", name: "nine in ten", values: nine },
        ])
        .svg();
    let quality = |which: usize| of(&move |week: &Group| week.quality.map(|it| it[which]));
    let qualities = Chart::new("Quality, mean", "%", &names)
        .lines(&[
            Line { class: "curve", name: "sharpness", values: quality(0) },
            Line { class: "curve study", name: "light", values: quality(1) },
            Line { class: "chance dark", name: "steadiness", values: quality(2) },
        ])
        .svg();
    let unknown = figures.weeks.iter().find(|week| week.name == super::store::UNKNOWN);
    let caption = match unknown {
        Some(week) => format!("{} sessions more are of units whose clock was not trusted.", week.sessions),
        None => "Every session has its week.".to_owned(),
    };
    let charts = [
        figure(&sessions, &caption),
        figure(&answers, "Per week."),
        figure(&times, "Per week."),
        figure(&qualities, "Per week; 100 is as good as can be."),
    ];
    let scores: String = figures.models.iter().rev().take(4).map(scores).collect();
    format!(
        "<h2>Over time</h2>\n<div class=\"plots\">{}</div>\n<section class=\"newpage\"><h2>Scores by model</h2>\n<div class=\"plots\">{scores}</div></section>\n",
        charts.concat()
    )
}

fn percent(share: Option<f64>) -> Option<f64> {
    share.map(|it| 100.0 * it)
}

fn scores(model: &Group) -> String {
    let all = model.scores.iter().sum::<u64>();
    let names: Vec<String> = (0..10).map(|tenth| format!("{}", tenth * 10)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let shares: Vec<Option<f64>> =
        model.scores.iter().map(|count| (all > 0).then(|| 100.0 * *count as f64 / all as f64)).collect();
    let svg = Chart::new(&format!("Scores of {}", model.name), "% of scores", &names).bars(&shares).svg();
    figure(&svg, &format!("n = {all} series with a score, by tenths from the score below each bar on."))
}

fn groups(figures: &Figures) -> String {
    let [models, sites] =
        [("model", &figures.models), ("site", &figures.sites)].map(|(by, groups)| rates(by, groups));
    let field: Vec<Vec<String>> = figures
        .in_the_field
        .iter()
        .map(|it| vec![it.model.clone(), it.units.len().to_string(), it.units.join(" ")])
        .collect();
    format!(
        "<h2>Models and sites</h2>\n{models}{sites}<h3>Models in the field</h3>\n{}",
        table("t wide", &["model", "units", "which"], &field)
    )
}

fn units(figures: &Figures) -> String {
    let silent: Vec<Vec<String>> = figures
        .silent
        .iter()
        .map(|it| {
            let weeks = it.weeks.map_or("-".to_owned(), |weeks| weeks.to_string());
            vec![it.unit.clone(), it.site.clone(), it.last_week.clone().unwrap_or("never".to_owned()), weeks]
        })
        .collect();
    let silent = match silent.is_empty() {
        true => "<p>No unit went silent.</p>\n".to_owned(),
        false => table("t", &["unit", "site", "last heard of", "weeks ago"], &silent),
    };
    format!(
        "<section class=\"newpage\"><h2>Units</h2>\n<h3>Silent units</h3>\n{silent}{}</section>\n",
        rates("unit", &figures.units)
    )
}

fn rates(by: &str, groups: &[Group]) -> String {
    let row = |group: &Group| {
        let sum = |codes: &BTreeMap<String, u64>| codes.values().sum::<u64>().to_string();
        let took =
            group.milliseconds.map_or("-".to_owned(), |it| format!("{} / {}", it.median, it.nine_in_ten));
        vec![
            group.name.clone(),
            group.sessions.to_string(),
            per_cent(&group.likely),
            per_cent(&group.cannot_tell),
            per_cent(&group.retake),
            sum(&group.quality_failures),
            sum(&group.errors),
            took,
        ]
    };
    let rows: Vec<Vec<String>> = groups.iter().map(row).collect();
    let heads = [by, "sessions", "likely", "cannot tell", "retake", "quality", "errors", "ms, half / 90 %"];
    table("t narrow", &heads, &rows)
}

fn drift(figures: &Figures) -> String {
    let rows: Vec<Vec<String>> = figures
        .drift
        .iter()
        .map(|it| {
            vec![
                format!("{} {}", it.of, it.name),
                it.model.clone(),
                format!("{:.3}", it.drift.psi),
                format!("{:.3}", it.drift.by_chance),
                it.drift.n.to_string(),
                it.drift.baseline_n.to_string(),
                it.drift.verdict.name().to_owned(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return format!(
            "<h2>Drift of scores</h2>\n<p>Nothing to compare yet with {}.</p>\n",
            escape(&figures.baseline)
        );
    }
    format!(
        "<section class=\"newpage\"><h2>Drift of scores</h2>\n<p>Population stability index over tenths of the score, \
         against {}. From 0.1 on: watch; from 0.25 on: drifted; both only where it is three times what chance comes to \
         on average, which is given beside it.</p>\n{}</section>\n",
        escape(&figures.baseline),
        table("t", &["of", "model", "index", "by chance", "n", "against n", ""], &rows)
    )
}

fn errors(figures: &Figures) -> String {
    let rows = |codes: &BTreeMap<String, u64>| -> Vec<Vec<String>> {
        codes.iter().map(|(code, count)| vec![code.clone(), count.to_string()]).collect()
    };
    format!(
        "<h2>What went wrong</h2>\n<div class=\"shares\"><div><h3>Pictures that did not do</h3>{}</div><div><h3>Errors</h3>{}</div></div>\n",
        table("t", &["why", "times"], &rows(&figures.all.quality_failures)),
        table("t", &["what", "times"], &rows(&figures.all.errors))
    )
}

fn not_read(figures: &Figures) -> String {
    format!("{}{}", quarantined(figures), dropped(figures))
}

fn dropped(figures: &Figures) -> String {
    if figures.dropped.is_empty() {
        return "<p>No unit had to drop a session for want of room.</p>\n".to_owned();
    }
    let rows: Vec<Vec<String>> =
        figures.dropped.iter().map(|it| vec![it.unit.clone(), it.sessions.to_string()]).collect();
    format!("<h3>Dropped, because the card was full</h3>\n{}", table("t", &["unit", "sessions"], &rows))
}

fn quarantined(figures: &Figures) -> String {
    if figures.quarantined.is_empty() {
        return "<h2>Not read</h2>\n<p>Everything that was collected could be read.</p>\n".to_owned();
    }
    let mut by_reason: BTreeMap<&str, (u64, Vec<&str>)> = BTreeMap::new();
    for kept in &figures.quarantined {
        let entry = by_reason.entry(&kept.reason).or_default();
        entry.0 += kept.count;
        entry.1.push(&kept.unit);
    }
    let rows: Vec<Vec<String>> = by_reason
        .into_iter()
        .map(|(reason, (count, units))| vec![reason.to_owned(), count.to_string(), units.join(" ")])
        .collect();
    format!("<h2>Not read</h2>\n{}", table("t wide", &["reason", "records", "units"], &rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::figures::empty_group;

    #[test]
    fn an_empty_store_makes_a_page_that_needs_nothing() {
        let figures = Figures {
            newest_week: None,
            all: empty_group("all"),
            units: vec![empty_group("<script>")],
            sites: Vec::new(),
            weeks: vec![empty_group("2026-W48")],
            models: vec![empty_group("synkiosk-3")],
            in_the_field: Vec::new(),
            silent: Vec::new(),
            baseline: "nothing".to_owned(),
            drift: Vec::new(),
            quarantined: Vec::new(),
            dropped: Vec::new(),
        };
        let html = html(&figures);
        assert!(!html.contains("<script") && !html.contains("NaN") && !html.contains("inf"));
        assert!(!html.contains("http") && !html.contains("url(") && !html.contains("<link"));
        assert!(html.matches(RESEARCH_USE_ONLY).count() >= 2);
    }
}
