//! What was found: of a series, and of each picture.

use super::{per_cent, screen, sentence};
use crate::{
    prediction::{Prediction, SeriesPrediction},
    web::drawing::Drawn,
};
use maud::{Markup, html};
use std::collections::BTreeMap;
use synkiosk_models::{
    answer::{Answer, AnswerRule},
    pose::{Pose, SynkinesisType},
    quality::{Check, Findings},
};

/// As a heading.
pub(super) fn headline(answer: Answer) -> &'static str {
    match answer {
        Answer::Likely => "Synkinesis is likely",
        Answer::Unlikely => "Synkinesis is unlikely",
        Answer::CannotTell => "Cannot tell",
        Answer::Retake => "Take the pictures again",
    }
}

fn kind_in_words(kind: SynkinesisType) -> &'static str {
    match kind {
        SynkinesisType::OcularOral => "mouth moves with the eye (ocular-oral)",
        SynkinesisType::OralOcular => "eye narrows with the mouth (oral-ocular)",
        SynkinesisType::Mentalis => "chin dimples (mentalis)",
        SynkinesisType::Platysma => "neck bands rise (platysma)",
    }
}

/// A series: the answer, why, and what would change it.
pub(in crate::web) fn series(
    found: &SeriesPrediction,
    rule: &AnswerRule,
    asked: &[Pose],
    drawn: &BTreeMap<&'static str, Drawn>,
) -> Markup {
    html! {
        article.answer data-answer=(found.answer.name()) {
            h2 { (headline(found.answer)) }
            (scale(found.score, rule))
            @if !asked.iter().all(|pose| found.poses.contains_key(pose.name())) {
                p.finding { strong { "This is not the whole series." } " The thresholds were set for all of its poses, and hold less surely here." }
            }
            (indices(found))
            (what_would_change(found, rule, asked))
            h3 { "The pictures" }
            div.pictures {
                @for pose in Pose::ALL {
                    @if let Some(prediction) = found.poses.get(pose.name()) {
                        (one(screen::words(*pose), prediction, drawn.get(pose.name())))
                    }
                }
            }
            div.actions { button.print type="button" hidden { "Print" } }
        }
    }
}

/// One picture by itself: its score alone. The thresholds were set for a series, and say nothing about one picture.
pub(in crate::web) fn picture(prediction: &Prediction, drawn: Option<&Drawn>) -> Markup {
    let name = prediction.file.display().to_string();
    let usable = prediction.error.is_none();
    html! {
        article.answer data-usable=(usable) {
            h2 { (name) @if !usable { ": cannot be used" } }
            @if usable {
                p { "This is the score of one picture and no answer: thresholds are set for a series, whose movement is compared "
                    "with the face at rest. The model's card says how often single pictures are called wrongly." }
            }
            (one(&name, prediction, drawn))
        }
    }
}

/// The score between the thresholds.
fn scale(score: f32, rule: &AnswerRule) -> Markup {
    let (unlikely, likely) = (rule.unlikely * 300.0, rule.likely * 300.0);
    let at = score * 300.0;
    let words = format!(
        "score {} of 100; up to {:.0} is unlikely, from {:.0} on likely",
        (score * 100.0).round(),
        rule.unlikely * 100.0,
        rule.likely * 100.0
    );
    html! {
        svg.scale viewBox="-8 0 316 44" role="img" aria-label=(words) {
            rect.unlikely x="0" y="14" width=(unlikely) height="12" {}
            rect.between x=(unlikely) y="14" width=(likely - unlikely) height="12" {}
            rect.likely x=(likely) y="14" width=(300.0 - likely) height="12" {}
            path.needle d=(format!("M{at:.1} 13l-6 -10h12z")) {}
            text x="0" y="40" { "unlikely" }
            text.end x="300" y="40" { "likely" }
        }
        p.score { "Score " strong { (per_cent(score)) } ". Up to " (per_cent(rule.unlikely)) " the answer is unlikely, from "
            (per_cent(rule.likely)) " on likely, between them nobody can tell." }
    }
}

fn indices(found: &SeriesPrediction) -> Markup {
    html! {
        h3 { "Unwanted movement" }
        table {
            thead { tr { th scope="col" { "type" } th scope="col" { "0 none to 1 strong" } th scope="col" { "the person's own side" } } }
            tbody {
                @for kind in SynkinesisType::ALL {
                    tr {
                        th scope="row" { (kind_in_words(*kind)) }
                        @match found.indices.get(*kind) {
                            Some(index) => {
                                td { meter min="0" max="1" value=(index.value) { } " " (format!("{:.2}", index.value)) }
                                td { (index.side.map_or("-", |side| side.name())) }
                            }
                            None => { td colspan="2" { "not known: needs rest and a pose that would show it" } }
                        }
                    }
                }
            }
        }
    }
}

/// Pictures that are missing or unusable, and how far the score is from another answer.
fn what_would_change(found: &SeriesPrediction, rule: &AnswerRule, asked: &[Pose]) -> Markup {
    let missing: Vec<Pose> =
        asked.iter().copied().filter(|pose| !found.poses.contains_key(pose.name())).collect();
    let again = found.poses.iter().filter_map(|(pose, it)| Some((*pose, it.error.as_ref()?, it.help?)));
    let nearest = match found.answer {
        Answer::Likely => Some((found.score - rule.likely, "below the threshold of likely")),
        Answer::Unlikely => Some((rule.unlikely - found.score, "above the threshold of unlikely")),
        Answer::CannotTell | Answer::Retake => None,
    };
    html! {
        h3 { "What would change the answer" }
        ul {
            @for pose in &missing { li { "The pose " strong { (pose) } " is missing: the kiosk asks for it." } }
            @for (pose, error, help) in again {
                li { "The picture of " strong { (pose) } " was not used (" (error) "). " (sentence(help)) }
            }
            @if !found.poses.contains_key(Pose::Rest.name()) {
                li { "Without the face at rest no movement can be measured, and the network's score stands alone." }
            }
            @if let Some((margin, words)) = nearest {
                li { "The score would have to move by " (format!("{:.0}", margin.max(0.0) * 100.0 + 0.5)) " points to come " (words) "." }
            }
            @if found.answer == Answer::CannotTell {
                li { "The score lies between the thresholds. More poses, or sharper pictures, may move it to one side." }
            }
            @if found.answer == Answer::Retake {
                li { "At least " (rule.min_poses) " usable pictures are needed, and one of them of a movement." }
            }
        }
    }
}

fn one(name: &str, prediction: &Prediction, drawn: Option<&Drawn>) -> Markup {
    html! {
        section.picture {
            h4 { (name)
                @if let Some(score) = prediction.score { " " small { "score " (per_cent(score)) } }
            }
            @if let Some(error) = &prediction.error {
                p.finding { strong { (sentence(error)) } " " (sentence(prediction.help.unwrap_or("take the picture again"))) }
            }
            @if let Some(drawn) = drawn { div.faces { (drawn.markup(name)) } }
            @if !prediction.quality.all().is_empty() { (quality(&prediction.quality)) }
        }
    }
}

fn quality(findings: &Findings) -> Markup {
    let failed = findings.all().iter().filter(|finding| !finding.pass).count();
    html! {
        details open[failed > 0] {
            summary {
                @match failed {
                    0 => "Quality: all checks passed",
                    1 => "Quality: one check failed",
                    _ => { "Quality: " (failed) " checks failed" }
                }
            }
            table {
                thead { tr { th scope="col" { "check" } th scope="col" { "found" } th scope="col" { "threshold" } th scope="col" { "" } } }
                tbody {
                    @for check in Check::ALL {
                        @if let Some(finding) = findings.of(*check) {
                            tr.failed[!finding.pass] {
                                th scope="row" { (check.name()) }
                                td { (format!("{:.2}", finding.figure)) }
                                td { (format!("{:.2}", finding.threshold)) }
                                td { @if finding.pass { "passed" } @else { "failed" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
