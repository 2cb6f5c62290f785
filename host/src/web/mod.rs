//! The web application: upload pictures, get the kiosk's answer, on this laptop.
//!
//! ```text
//! listen -> guard -> router -> upload -> looks -> desk (the one thread with the networks) -> drawing -> pages | api
//!                          |-> slip: the code that a kiosk showed, against the units' keys
//!                          \-> models, kiosks, collection: what lies on this laptop
//! ```
//! Invariant: nothing of a picture is written or logged. Files are wiped when they were looked at, and their pixels too; the
//! buffers of the HTTP library and the drawn answer are given back to the system without that.
//! Invariant: no page loads anything from elsewhere.

mod api;
mod desk;
mod drawing;
mod guard;
pub mod listen;
mod looks;
mod pages;
mod refused;
mod shelf;
mod slip;
mod upload;

pub use guard::{Guard, Token};
pub use shelf::Shelf;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use desk::Desk;
use looks::{Looked, LookedSeries};
use maud::html;
use refused::Refused;
use serde::Deserialize;
use std::{collections::HashMap, io, sync::Arc, time::Duration};
use synkiosk_models::bundle::{Bundle, Manifest};
use upload::{Fields, Form, MOST_FORM_BYTES};

/// Everything that a request may ask.
pub struct Site {
    desk: Desk,
    manifest: Manifest,
    shelf: Shelf,
}

impl Site {
    /// With the bundle that answers, and what else lies on this laptop.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn open(bundle: Bundle, shelf: Shelf) -> io::Result<Site> {
        let manifest = bundle.manifest().clone();
        Ok(Site { desk: Desk::open(bundle)?, manifest, shelf })
    }
}

/// All addresses.
pub fn router(site: Site, who: Guard) -> Router {
    Router::new()
        .route("/", get(screen))
        .route("/screen", post(pictures))
        .route("/series", post(series))
        .route("/models", get(pages::models::list))
        .route("/models/card", get(pages::models::card))
        .route("/models/report", get(pages::models::report))
        .route("/models/compare", get(pages::models::compare))
        .route("/kiosks", get(pages::kiosks::summary))
        .route("/kiosks/report", get(pages::kiosks::report))
        .route("/slip", get(pages::slip::ask).post(pages::slip::check))
        .route("/data", get(pages::collection::ask).post(pages::collection::check))
        .route("/api/v1/openapi.json", get(api::description))
        .route("/api/v1/predict", post(api::predict))
        .route("/api/v1/series", post(api::series))
        .route("/api/v1/slip", post(api::slip))
        .route("/style.css", get(|| file("text/css", include_str!("style.css"))))
        .route("/script.js", get(|| file("text/javascript", include_str!("script.js"))))
        .route("/icon.svg", get(|| file("image/svg+xml", include_str!("icon.svg"))))
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(MOST_FORM_BYTES))
        .layer(middleware::from_fn_with_state(who, guard::guard))
        .with_state(Arc::new(site))
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response()
}

async fn nothing_here() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "there is no page of this address", "go by the menu")
}

async fn screen(State(site): State<Arc<Site>>) -> Response {
    pages::page("Screen a face", "/", &pages::screen::forms(&site.manifest)).into_response()
}

/// The script asks for the inner part alone, to put it into the page that is there.
#[derive(Debug, Deserialize)]
struct Shape {
    part: Option<String>,
}

async fn pictures(State(site): State<Arc<Site>>, Query(shape): Query<Shape>, request: Request) -> Response {
    let looked = async { looks::pictures(&site, Form::of(request, Fields::Pictures).await?).await }.await;
    let shown = looked.map(|all| {
        let each = all.iter().map(|one| pages::answer::picture(&one.prediction, one.drawn.as_ref()));
        (html! { @for one in each { (one) } }, timing(&all))
    });
    answered(shown, shape)
}

async fn series(State(site): State<Arc<Site>>, Query(shape): Query<Shape>, request: Request) -> Response {
    let looked = async { looks::series(&site, Form::of(request, Fields::Poses).await?).await }.await;
    let shown = looked.map(|LookedSeries { prediction, drawn }| {
        let Manifest { answer, poses, .. } = &site.manifest;
        (pages::answer::series(&prediction, answer, poses, &drawn), None)
    });
    answered(shown, shape)
}

type Shown = (maud::Markup, Option<HeaderValue>);

fn answered(shown: Result<Shown, Refused>, shape: Shape) -> Response {
    match (shown, shape.part) {
        (Ok((inside, timing)), part) => {
            let mut response = match part {
                Some(_) => inside.into_response(),
                None => pages::page("Answer", "/", &inside).into_response(),
            };
            timing.map(|timing| response.headers_mut().insert("server-timing", timing));
            response
        }
        (Err(refused), Some(_)) => refused.part(),
        (Err(refused), None) => refused.into_response(),
    }
}

/// Milliseconds of the first picture: from the luma to the score, and of these the network's.
fn timing(all: &[Looked]) -> Option<HeaderValue> {
    let first = all.first()?;
    let network = first.network.as_ref().map(Duration::as_secs_f64)? * 1e3;
    let text = format!("score;dur={:.2}, network;dur={network:.2}", first.prediction.ms?);
    HeaderValue::from_str(&text).ok()
}

/// What stands after the question mark of an address.
type Asked = Query<HashMap<String, String>>;
