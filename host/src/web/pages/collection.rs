//! `Data set`: what is wrong with a collection, with the pictures that it is about.

use super::page;
use crate::{
    collection::{Finding, Report, Severity},
    prediction::read_bounded,
    web::{Site, drawing, upload::MOST_DECODED_BYTES},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use std::{
    path::{Component, Path},
    sync::Arc,
};
use synkiosk_models::photo::Photo;
use zeroize::Zeroizing;

const HERE: &str = "/data";
/// Findings that are shown; the command prints all.
const MOST_SHOWN: usize = 200;
/// Pictures that are shown with them: more would make the page slow to come.
const MOST_THUMBNAILS: usize = 60;

pub(in crate::web) async fn ask(State(site): State<Arc<Site>>) -> Response {
    let inside = match &site.shelf.data {
        Some(data) => html! {
            p { "Looks at every picture of " strong { (data.display()) } " and at the table of people, and changes nothing. "
                "Ten thousand pictures take about a minute." }
            (form())
        },
        None => html! { p { "Start synkiosk serve with --data DIR to have a collection checked." } },
    };
    page("Data set", HERE, &inside).into_response()
}

fn form() -> Markup {
    html! { form method="post" action=(HERE) { div.actions { button type="submit" { "Check the data set" } } } }
}

pub(in crate::web) async fn check(State(site): State<Arc<Site>>) -> Response {
    match site.shelf.checked().await {
        Ok((root, report)) => page("Data set", HERE, &findings(&root, &report)).into_response(),
        Err(refused) => refused.into_response(),
    }
}

fn findings(root: &Path, report: &Report) -> Markup {
    let mut thumbnails = MOST_THUMBNAILS;
    html! {
        p.lead {
            strong { "Errors: " (report.count(Severity::Error)) ", warnings: " (report.count(Severity::Warning)) "." } " People: "
            (report.people) ", pictures: " (report.pictures) ", of which " (report.usable) " can be used."
        }
        @if report.findings.is_empty() { p { "Nothing is wrong with it that a program can see." } }
        ul.findings {
            @for finding in report.findings.iter().take(MOST_SHOWN) { (one(root, finding, &mut thumbnails)) }
        }
        @if report.findings.len() > MOST_SHOWN {
            p { (report.findings.len() - MOST_SHOWN) " more: synkiosk data check prints all." }
        }
        (form())
    }
}

fn one(root: &Path, finding: &Finding, thumbnails: &mut usize) -> Markup {
    let small = (*thumbnails > 0).then(|| thumbnail(root, &finding.at)).flatten();
    *thumbnails -= usize::from(small.is_some());
    html! {
        li.finding data-severity=(finding.severity) {
            @if let Some(small) = small { img src=(small) alt="" width="64" height="64"; }
            div {
                p { strong { (finding.severity) ", " (finding.defect.kind()) } @if !finding.at.is_empty() { " at " (finding.at) } }
                p { (finding.defect) "." }
                p.help { (finding.defect.help()) }
            }
        }
    }
}

/// Of a picture within the collection; `None` for anything else.
fn thumbnail(root: &Path, at: &str) -> Option<String> {
    let path = Path::new(at);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let file = root.join(path);
    if at.is_empty() || !plain || !file.is_file() {
        return None;
    }
    let bytes = Zeroizing::new(read_bounded(&file).ok()?);
    let photo = Photo::decode_within(&bytes, MOST_DECODED_BYTES).ok()?;
    Some(drawing::thumbnail(&photo))
}
