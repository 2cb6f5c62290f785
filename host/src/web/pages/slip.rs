//! `Slips`: what a kiosk's code says, and whether it holds.

use super::{answer::headline, page};
use crate::{
    slip::Held,
    web::{
        Site,
        refused::Refused,
        slip,
        upload::{Fields, Form, MOST_FILE_BYTES},
    },
};
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use std::sync::Arc;

const HERE: &str = "/slip";

pub(in crate::web) async fn ask(State(site): State<Arc<Site>>) -> Response {
    page("Slips", HERE, &forms(&site)).into_response()
}

pub(in crate::web) async fn check(State(site): State<Arc<Site>>, request: Request) -> Response {
    let checked = async { slip::of_form(&site, Form::of(request, Fields::Slip).await?).await };
    let refused = match checked.await {
        Ok(Ok(held)) => {
            let inside = html! { (told(&held)) (forms(&site)) };
            return page("Slips", HERE, &inside).into_response();
        }
        Ok(Err(refusal)) => {
            let help = refusal.help().to_owned();
            Refused::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string(), help)
        }
        Err(refused) => refused,
    };
    let inside = html! { (super::refusal(&refused)) (forms(&site)) };
    (refused.status, page("Slips", HERE, &inside)).into_response()
}

fn told(held: &Held) -> Markup {
    let answer = held.slip.answer;
    html! {
        article.answer data-answer=(answer.name()) {
            h2 { (headline(answer)) }
            p { strong { "The slip holds." } " Unit " (held.slip.unit) " has signed exactly this. It does not say whose face was looked at." }
            dl { @for (name, value) in held.lines() { dt { (name) } dd { (value) } } }
            div.actions { button.print type="button" hidden { "Print" } }
        }
    }
}

/// Both forms. They work without the script, which adds the camera.
fn forms(site: &Site) -> Markup {
    let nobody = site.shelf.units.is_empty() && site.shelf.store.is_none();
    html! {
        p { "A slip is the code that a kiosk shows with its answer. It holds answer, score, indices, model, week and unit, signed by "
            "the unit, and names no person." }
        @if nobody {
            p.finding { "No unit's key is known here, so that no slip can be checked. Start synkiosk serve with --unit unit.toml, from the "
                "unit's stick, or with --store FILE.sqlite, which synkiosk collect fills." }
        }
        section aria-labelledby="picture-title" {
            h2 #picture-title { "A picture of the code" }
            form method="post" action=(HERE) enctype="multipart/form-data" {
                label for="slip" { "JPEG or PNG, " (MOST_FILE_BYTES >> 20) " MiB at most; near, straight and sharp" }
                div.file {
                    input #slip type="file" name="picture" accept="image/jpeg,image/png" data-facing="environment" required;
                }
                div.actions { button type="submit" { "Read the picture" } }
            }
        }
        section aria-labelledby="text-title" {
            h2 #text-title { "Its text" }
            form method="post" action=(HERE) enctype="multipart/form-data" {
                label for="text" { "As another program reads it, from SYNKIOSK1: on" }
                textarea #text name="text" rows="4" spellcheck="false" autocomplete="off" required {}
                div.actions { button type="submit" { "Read the text" } }
            }
        }
    }
}
