//! `Models`: bundles on this laptop, their cards and reports, and two of them side by side.

use super::page;
use crate::{
    report::{
        html::from_markdown,
        words::{FIGURES, per_cent},
    },
    training::evaluate::Report,
    web::{
        Asked, Site, guard,
        refused::Refused,
        shelf::{Listed, SHIPPED},
    },
};
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use maud::{Markup, PreEscaped, html};
use std::sync::Arc;
use synkiosk_models::bundle::Bundle;

const HERE: &str = "/models";

pub(in crate::web) async fn list(State(site): State<Arc<Site>>) -> Response {
    let bundles = site.shelf.bundles();
    let (has_folder, has_data) = (site.shelf.bundles.is_some(), site.shelf.data.is_some());
    let inside = html! {
        @for listed in &bundles { (entry(listed, has_data)) }
        @if !has_folder { p { "Start synkiosk serve with --bundles DIR to see those of a folder." } }
        @if has_data { (comparison_form(&bundles)) }
        @else { p { "Start it with --data DIR to measure bundles on a data set, one by one or side by side." } }
    };
    page("Models", HERE, &inside).into_response()
}

fn entry(listed: &Listed, has_data: bool) -> Markup {
    html! {
        article.model {
            @match &listed.bundle {
                Err(refused) => { h2 { (listed.name) } (super::refusal(refused)) }
                Ok(bundle) => {
                    h2 { (bundle.manifest().name) " version " (bundle.manifest().version) }
                    (facts(&listed.name, bundle))
                    p.actions {
                        a href={ "/models/card?name=" (listed.name) } { "Card" }
                        @if has_data { " " a href={ "/models/report?name=" (listed.name) } { "Report on the data set" } }
                    }
                }
            }
        }
    }
}

fn facts(name: &str, bundle: &Bundle) -> Markup {
    let manifest = bundle.manifest();
    let key = bundle.signed_by();
    let poses: Vec<&str> = manifest.poses.iter().map(|pose| pose.name()).collect();
    html! {
        dl {
            dt { "File" } dd { @if name == SHIPPED { "comes with the program" } @else { (name) } }
            dt { "Made from" } dd { (manifest.made_from) }
            dt { "Signed by" } dd { (key.id) @if key.is_demo { " (demo key: for desks and the virtual machine only)" } }
            dt { "Poses" } dd { (poses.join(", ")) }
            dt { "Audit" } dd {
                @match &manifest.audit {
                    None => "none: packed before there was one",
                    Some(audit) => @match &audit.despite {
                        Some(reason) => { "failed, signed all the same: " (reason) }
                        None => "passed",
                    }
                }
            }
        }
    }
}

fn comparison_form(bundles: &[Listed]) -> Markup {
    let sound = || bundles.iter().filter(|listed| listed.bundle.is_ok());
    html! {
        section aria-labelledby="compare-title" {
            h2 #compare-title { "Two side by side" }
            form method="get" action="/models/compare" {
                @for (field, label) in [("a", "One bundle"), ("b", "The other")] {
                    div.field {
                        label for=(field) { (label) }
                        select id=(field) name=(field) { @for listed in sound() { option value=(listed.name) { (listed.name) } } }
                    }
                }
                div.actions { button type="submit" { "Measure both on the data set" } }
            }
        }
    }
}

pub(in crate::web) async fn card(State(site): State<Arc<Site>>, Query(asked): Asked) -> Response {
    match site.shelf.bundle(named(&asked, "name")) {
        Ok(bundle) => {
            let card = PreEscaped(from_markdown(bundle.card()));
            let title = format!("Card of {} version {}", bundle.manifest().name, bundle.manifest().version);
            page(&title, HERE, &html! { div.card-text { (card) } }).into_response()
        }
        Err(refused) => refused.into_response(),
    }
}

pub(in crate::web) async fn report(State(site): State<Arc<Site>>, Query(asked): Asked) -> Response {
    match site.shelf.evaluated(named(&asked, "name")).await {
        Ok((_, html)) => guard::report(html),
        Err(refused) => refused.into_response(),
    }
}

pub(in crate::web) async fn compare(State(site): State<Arc<Site>>, Query(asked): Asked) -> Response {
    let names = [named(&asked, "a"), named(&asked, "b")];
    match both(&site, names).await {
        Ok(reports) => page("Two side by side", HERE, &side_by_side(names, &reports)).into_response(),
        Err(refused) => refused.into_response(),
    }
}

async fn both(site: &Site, [a, b]: [&str; 2]) -> Result<[Report; 2], Refused> {
    let (first, _) = site.shelf.evaluated(a).await?;
    let (second, _) = site.shelf.evaluated(b).await?;
    Ok([first, second])
}

fn side_by_side(names: [&str; 2], reports: &[Report; 2]) -> Markup {
    let [first, second] = reports;
    html! {
        p { "The same data set, int8, with 95 % intervals. Overlapping intervals do not say that two are equal, nor that they differ." }
        @for (title, sides) in [("People", [&first.people, &second.people]), ("Pictures", [&first.pictures, &second.pictures])] {
            h2 { (title) ", " (sides[0].n) " and " (sides[1].n) }
            table {
                thead { tr { th scope="col" { "" } @for name in names { th scope="col" { (name) } } } }
                tbody {
                    @for (name, cell) in FIGURES {
                        tr { th scope="row" { (name) } @for side in sides { td { (cell(&side.int8)) } } }
                    }
                }
            }
        }
        h2 { "Answers of a series" }
        table {
            thead { tr { th scope="col" { "" } @for name in names { th scope="col" { (name) } } } }
            tbody {
                @for (name, share) in [("right, if answered", 0), ("cannot tell", 1), ("retake", 2)] {
                    tr {
                        th scope="row" { (name) }
                        @for report in reports {
                            td { @match &report.answers {
                                Some(it) => (per_cent([&it.right_of_answered, &it.cannot_tell, &it.retake][share])),
                                None => "-",
                            } }
                        }
                    }
                }
            }
        }
    }
}

fn named<'a>(asked: &'a std::collections::HashMap<String, String>, field: &str) -> &'a str {
    asked.get(field).map_or("", String::as_str)
}
