//! The page that `evaluate --html` writes: one file that needs nothing else, and reads well on paper.
//!
//! Invariant: no picture of a person is in it, unless the person is rendered or the caller asked for pictures.

mod forest;
pub(crate) mod html;
pub mod maps;
mod pictures;
mod plot;
mod tables;
pub mod words;

pub use pictures::{Kept, Shown, choose, shown};
pub use tables::{AuditRow, SplitRow, split_rows};

use crate::training::evaluate::calibration::Calibration;
use crate::training::evaluate::curves::{Curve, Curves};
use crate::training::evaluate::{Report, Scored, by_person, judged, without_palsy};
use html::{escape, figure};
use plot::Plot;
use std::fmt::Write;
use words::{RESEARCH_USE_ONLY, interval, share};

/// Everything that stands on the page.
pub struct Page<'a> {
    /// A run or a bundle, in few words: stands on every sheet.
    pub name: String,
    /// What was measured, and on whom.
    pub subject: String,
    /// The data's sources in words.
    pub made_from: String,
    /// All figures.
    pub report: &'a Report,
    /// Every picture with its logits, for the curves.
    pub scored: &'a [Scored],
    /// Chosen pictures.
    pub shown: Vec<Shown>,
    /// Who is in which part; empty where that is not known.
    pub split: Vec<SplitRow>,
    /// Whether the audit passed, with why it was signed all the same, and its checks; none where there was none.
    pub audit: Option<(String, Vec<AuditRow>)>,
    /// Markdown.
    pub card: String,
}

impl Page<'_> {
    /// The whole file.
    pub fn html(&self) -> String {
        let sections = [
            self.figures(),
            self.curves(),
            self.calibration(),
            self.answers(),
            self.groups(),
            self.pictures(),
            self.split_and_audit(),
            self.card(),
            limits(&self.made_from),
        ];
        let line = format!("{RESEARCH_USE_ONLY} {}", escape(&self.name));
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{subject}</title><style>{style}</style></head>\n<body>\
             <table class=\"page\" role=\"presentation\"><thead><tr><td>{line}</td></tr></thead>\
             <tfoot><tr><td>{line}</td></tr></tfoot><tbody><tr><td>\n\
             <h1>How well synkinesis was told</h1>\n<p class=\"lead\">{subject}</p>\n{sections}\
             </td></tr></tbody></table></body></html>\n",
            subject = escape(&self.subject),
            style = include_str!("style.css"),
            sections = sections.concat(),
        )
    }

    fn figures(&self) -> String {
        let mut html = String::new();
        if self.made_from.contains("rendered faces") {
            html.push_str(
                "<p class=\"warn\">These figures are from rendered faces, not from photographs of people. They say \
                 that the chain works, not how well synkinesis can be told.</p>\n",
            );
        }
        html.push_str("<h2>Figures</h2>\n<h3>All people, those with palsy alone among the negatives</h3>\n");
        html.push_str(&tables::figures(&self.report.pictures, &self.report.people));
        if let Some(without) = &self.report.without_palsy {
            html.push_str("<h3>Healthy people against people with synkinesis, as in the study</h3>\n");
            html.push_str(&tables::figures(&without.pictures, &without.people));
        }
        html + METHOD
    }

    fn curves(&self) -> String {
        let mut html =
            "<section class=\"newpage\"><h2>ROC and precision-recall</h2>\n<div class=\"plots\">".to_owned();
        let (pictures, people) = (self.scored.to_vec(), by_person(self.scored));
        for (what, scored) in [("Pictures", pictures), ("People", people)] {
            let study = without_palsy(&scored);
            let study = if study.len() < scored.len() { study } else { Vec::new() };
            let [all, study] = [scored, study].map(|scored| {
                let (cases, who) = judged(&scored);
                Curves::of(&cases, &who)
            });
            let of = |metrics: &crate::training::metrics::Metrics| {
                share(metrics.auc, interval(metrics, |it| it.auc))
            };
            let side = if what == "Pictures" { &self.report.pictures } else { &self.report.people };
            let (chance_line, named) = ([[0.0, 0.0], [1.0, 1.0]], format!("{what}: AUC {}", of(&side.int8)));
            let roc = Plot::of_shares(&format!("{what}: ROC"), "1 - specificity", "recall")
                .line(&chance_line, "chance");
            html.push_str(&figure(&drawn(roc, &all.roc, &study.roc), &format!("n = {}. {named}", side.n)));
            let plot = Plot::of_shares(&format!("{what}: precision-recall"), "recall", "precision");
            let share_with = side.int8.confusion[1].iter().sum::<usize>() as f64 / side.n.max(1) as f64;
            let plot = plot.line(&[[0.0, share_with], [1.0, share_with]], "chance");
            let caption = format!("n = {}. Dotted: precision of calling everybody ill.", side.n);
            html.push_str(&figure(&drawn(plot, &all.precision_recall, &study.precision_recall), &caption));
        }
        html + "</div>\n<p>Gray: the middle 95 % of 1000 draws of people with replacement, all people. Where nothing was \
                called wrongly the band vanishes; the intervals in the tables do not.</p></section>\n"
    }

    fn calibration(&self) -> String {
        let sides = [("Pictures", &self.report.pictures), ("People", &self.report.people)];
        let plots = sides.into_iter().filter_map(|(what, side)| {
            let calibration = side.calibration.as_ref()?;
            Some(figure(
                &reliability(what, calibration),
                &format!(
                    "n = {}. Expected calibration error {:.3}, Brier score {:.3}; bins of equal count, Wilson's \
                     95 % intervals.",
                    side.n, calibration.ece, calibration.brier
                ),
            ))
        });
        let plots: String = plots.collect();
        if plots.is_empty() {
            return String::new();
        }
        format!(
            "<section class=\"newpage\"><h2>Calibration</h2>\n<div class=\"plots\">{plots}</div></section>\n"
        )
    }

    fn answers(&self) -> String {
        let mut html = "<h2>Confusion</h2>\n".to_owned();
        html.push_str(&tables::confusion(&self.report.pictures, &self.report.people));
        if let Some(answers) = &self.report.answers {
            html.push_str("<h3>What the series says of people</h3>\n");
            html.push_str(&tables::answers(answers));
        }
        html
    }

    fn groups(&self) -> String {
        if self.report.subgroups.is_empty() {
            return String::new();
        }
        let smallest = self.report.smallest_subgroup.as_ref().map_or(String::new(), |it| {
            format!(" The smallest group of people is {} {} with {} people.", it.kind.name(), it.group, it.n)
        });
        let caption = format!(
            "Called right with Wilson's 95 % interval, and scores: hollow without synkinesis, black with. People by \
             their mean logit; poses count pictures.{smallest}"
        );
        let drawing = figure(&forest::forest(&self.report.subgroups), &caption);
        let table = tables::groups(&self.report.subgroups);
        format!("<section class=\"newpage\"><h2>Groups</h2>\n{drawing}</section>\n{table}")
    }

    fn pictures(&self) -> String {
        if self.shown.is_empty() {
            return String::new();
        }
        let maps = match self.shown.iter().any(|one| one.mapped) {
            true => {
                "Orange speaks for synkinesis, blue against it; the dark line is at half the strongest heat of each \
                 picture. A map says where, not why."
            }
            false => "There are no activation maps: a bundle alone does not give them.",
        };
        let mut html =
            format!("<section class=\"newpage\"><h2>Where the network looked</h2>\n<p>{maps}</p>\n");
        for group in self.shown.chunk_by(|a, b| a.kept == b.kept) {
            let _ = write!(html, "<h3>{}</h3><div class=\"faces\">", group[0].kept.title());
            for one in group {
                let image = format!("<img alt=\"\" src=\"{}\">", one.image);
                html.push_str(&figure(&image, &one.caption));
            }
            html.push_str("</div>\n");
        }
        if self.shown.iter().any(|one| one.withheld) {
            html.push_str("<p>Pictures of people stay where they are: maps are shown on an outline.</p>\n");
        }
        html + "</section>\n"
    }

    fn split_and_audit(&self) -> String {
        let mut html = "<section class=\"newpage\">".to_owned();
        if !self.split.is_empty() {
            html.push_str(
                "<h2>Who was in which part</h2>\n<p>Drawn by person: nobody is in two parts.</p>\n",
            );
            html.push_str(&tables::split(&self.split));
        }
        html.push_str("<h2>Shortcut audit</h2>\n");
        match &self.audit {
            Some((verdict, rows)) => {
                let _ = write!(html, "<p>{}</p>\n{}", escape(verdict), tables::audit(rows));
            }
            None => html.push_str("<p>No audit was made of this network.</p>\n"),
        }
        html + "</section>\n"
    }

    /// Its last section stands on the page by itself.
    fn card(&self) -> String {
        let text = self.card.split("\n## What this does not show").next().unwrap_or_default();
        let card = match text.trim() {
            "" => "<p>None: a card is written of the test part of a run's own data.</p>".to_owned(),
            text => html::from_markdown(text),
        };
        format!("<section class=\"newpage card-text\"><h2>Model card</h2>\n{card}</section>\n")
    }
}

const METHOD: &str = "<p>95 % intervals in brackets. Of people they are Wilson's (precision at 21 %: adjusted logit of \
    Mercaldo, Lau and Zhou); of pictures, whole people were drawn with replacement 1000 times, since pictures of one person \
    are alike. A picture counts as synkinesis from a score of one half on, a person by the mean logit over the pictures. \
    Precision at 21 % is what would be found if 21 of 100 people had synkinesis.</p>\n";

fn drawn(plot: Plot, all: &Curve, study: &Curve) -> String {
    let mut legend = vec![("curve", "all people".to_owned())];
    if !study.points.is_empty() {
        legend.push(("curve study", "without palsy people".to_owned()));
    }
    plot.band(&all.band).line(&study.points, "curve study").line(&all.points, "curve").legend(&legend).svg()
}

fn reliability(what: &str, calibration: &Calibration) -> String {
    let title = format!("{what}: calibration");
    let plot = Plot::of_shares(&title, "mean score of the bin", "share with synkinesis");
    let plot = plot.line(&[[0.0, 0.0], [1.0, 1.0]], "chance");
    let bins = calibration.bins.iter();
    bins.fold(plot, |plot, bin| plot.dot([bin.score, bin.share], bin.wilson95)).svg()
}

fn limits(made_from: &str) -> String {
    html::from_markdown(&crate::card::limits(made_from)).replace("h4>", "h2>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::pose::{Label, Pose};

    fn scored() -> Vec<Scored> {
        let one = |index: usize| Scored {
            person: index / 2,
            label: [Label::Healthy, Label::Palsy, Label::Synkinesis][index / 2 % 3],
            pose: [Pose::Rest, Pose::Pucker][index % 2],
            int8: (index * 7 % 11) as f64 - 5.0,
            float: None,
            measured: None,
        };
        (0..60).map(one).collect()
    }

    #[test]
    fn one_file_that_needs_nothing_and_says_what_it_is() {
        let scored = scored();
        let report = Report::of(&scored, &[]);
        let page = Page {
            name: "run <script>".to_owned(),
            subject: "run <script>".to_owned(),
            made_from: "rendered faces".to_owned(),
            report: &report,
            scored: &scored,
            shown: Vec::new(),
            split: Vec::new(),
            audit: Some(("Failed & signed".to_owned(), Vec::new())),
            card: "# A card\n".to_owned(),
        };
        let html = page.html();
        assert!(!html.contains("<script") && html.contains("run &lt;script&gt;"));
        assert!(!html.contains("http") && !html.contains("url(") && !html.contains("<link"));
        assert!(html.matches(RESEARCH_USE_ONLY).count() >= 2);
        for part in [
            "not from photographs",
            "ROC",
            "Confusion",
            "Failed &amp; signed",
            "A card",
            "What this does not show",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("NaN"));
    }

    #[test]
    fn one_class_and_nobody_make_a_page() {
        for count in [0, 1] {
            let scored = &scored()[..count];
            let report = Report::of(scored, &[]);
            let page = Page {
                name: "x".to_owned(),
                subject: "x".to_owned(),
                made_from: String::new(),
                report: &report,
                scored,
                shown: Vec::new(),
                split: Vec::new(),
                audit: None,
                card: String::new(),
            };
            assert!(page.html().contains("nothing to count") && !page.html().contains("NaN"));
        }
    }
}
