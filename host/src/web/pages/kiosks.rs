//! `Kiosks`: what the store says now. After a `collect` the next look shows what came.

use super::page;
use crate::{
    fleet::figures::Figures,
    report::words::per_cent,
    web::{Site, guard},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use std::sync::Arc;

pub(in crate::web) async fn summary(State(site): State<Arc<Site>>) -> Response {
    let inside = match site.shelf.figures().await {
        Ok(figures) => overview(&figures),
        Err(refused) => return page("Kiosks", "/kiosks", &super::refusal(&refused)).into_response(),
    };
    page("Kiosks", "/kiosks", &inside).into_response()
}

fn overview(figures: &Figures) -> Markup {
    html! {
        p.lead {
            strong { (figures.all.sessions) " sessions" } " of " (figures.units.len()) " units at " (figures.sites.len())
            " sites, up to " (figures.newest_week.as_deref().unwrap_or("a week that nobody knows")) "."
        }
        p { a href="/kiosks/report" { "The whole report, with curves; prints on A4" } }
        table {
            thead { tr {
                th scope="col" { "unit" } th scope="col" { "sessions" } th scope="col" { "likely, of those answered" }
                th scope="col" { "cannot tell" } th scope="col" { "retake" }
            } }
            tbody {
                @for unit in &figures.units {
                    tr {
                        th scope="row" { (unit.name) } td { (unit.sessions) } td { (per_cent(&unit.likely)) }
                        td { (per_cent(&unit.cannot_tell)) } td { (per_cent(&unit.retake)) }
                    }
                }
            }
        }
        @if !figures.silent.is_empty() {
            h2 { "Silent" }
            ul { @for unit in &figures.silent {
                li { (unit.unit) " (" (unit.site) "), last heard of: " (unit.last_week.as_deref().unwrap_or("never")) }
            } }
        }
        @if !figures.quarantined.is_empty() {
            h2 { "Could not be read" }
            ul { @for kept in &figures.quarantined { li { (kept.unit) ": " (kept.reason) ", " (kept.count) } } }
        }
    }
}

pub(in crate::web) async fn report(State(site): State<Arc<Site>>) -> Response {
    match site.shelf.fleet_page().await {
        Ok(html) => guard::report(html),
        Err(refused) => refused.into_response(),
    }
}
