//! What a browser can ask for.

use super::{
    camera::WEBCAM,
    guard,
    kiosk::{What, Wish},
    page, picture,
    refusal::Refusal,
    server::Wishes,
    view::{Told, View},
    visitor::Visitor,
    webcam::{BYTES, Webcam},
};
use crate::buttons::{Place, Press, meaning};
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use futures_util::StreamExt;
use std::{sync::Arc, time::Duration};
use synkiosk_boards::{Profile, profile};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};
use zeroize::Zeroizing;

/// Bytes of the longest form on the page, thrice over.
const MOST_FORM_BYTES: usize = 1024;
/// A body that is not there by then is not waited for.
const BODY_TIME: Duration = Duration::from_secs(5);
/// The kiosk answers a press within one picture, or within a stalled camera's two seconds.
const REPLY_TIME: Duration = Duration::from_secs(5);

/// What every request needs.
#[derive(Clone)]
pub(super) struct Desk {
    port: u16,
    views: watch::Receiver<View>,
    wishes: Wishes,
    webcam: Arc<Webcam>,
    buttons: Arc<[profile::Button]>,
}

impl Desk {
    pub(super) fn new(
        port: u16,
        profile: &Profile,
        (views, wishes, webcam): (watch::Receiver<View>, Wishes, Arc<Webcam>),
    ) -> Desk {
        Desk { port, views, wishes, webcam, buttons: profile.buttons().into() }
    }

    fn visitor(&self, headers: &HeaderMap) -> Option<Visitor> {
        let cookies = headers.get_all(header::COOKIE).iter();
        cookies.filter_map(|value| value.to_str().ok()).find_map(|text| Visitor::of_cookies(text, self.port))
    }

    fn told(&self, visitor: Option<Visitor>) -> Told {
        self.views.borrow().told(visitor, self.webcam.is_on())
    }

    /// Asks the kiosk, and answers with the page, or with its state where a script asks.
    async fn wish(&self, headers: &HeaderMap, what: What) -> Result<Response, Refusal> {
        let visitor = self.visitor(headers).ok_or(Refusal::NoVisitor)?;
        let (reply, replied) = oneshot::channel();
        self.wishes.try_send(Wish { visitor, what, reply }).map_err(|_| Refusal::Busy)?;
        match timeout(REPLY_TIME, replied).await {
            Ok(Ok(done)) => done?,
            _ => return Err(Refusal::Busy),
        }
        let is_script = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
        if is_script {
            return Ok(Json(self.told(Some(visitor))).into_response());
        }
        Ok(Redirect::to("/").into_response())
    }
}

pub(super) fn router(desk: Desk) -> Router {
    let guarded = middleware::from_fn_with_state(desk.port, guard::guard);
    Router::new()
        .route("/", get(show_page))
        .route("/serve.css", get(|| file("text/css; charset=utf-8", page::STYLE)))
        .route("/serve.js", get(|| file("text/javascript; charset=utf-8", page::SCRIPT)))
        // Browsers ask for it unbidden.
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/state", get(state))
        .route("/frames", get(frames))
        .route("/buttons/{name}", post(button))
        .route("/tap", post(tap))
        .route("/hold", post(hold))
        .route("/camera", post(camera))
        .route("/webcam", post(webcam))
        .fallback(async || Refusal::NoSuchPage)
        .method_not_allowed_fallback(async || Refusal::WrongMethod)
        .layer(guarded)
        .with_state(desk)
}

async fn show_page(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Refusal> {
    let known = desk.visitor(&headers);
    let visitor = known.map_or_else(|| Visitor::random().map_err(|_| Refusal::Busy), Ok)?;
    let mut response =
        Html(page::page(&desk.told(Some(visitor)), &desk.buttons).into_string()).into_response();
    if known.is_none() {
        let cookie = visitor.cookie(desk.port).parse().expect("letters, digits and a few signs");
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn state(State(desk): State<Desk>, headers: HeaderMap) -> Json<Told> {
    Json(desk.told(desk.visitor(&headers)))
}

async fn frames(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let body = picture::stream(desk.views.clone(), desk.visitor(&headers));
    ([(header::CONTENT_TYPE, picture::TYPE)], body).into_response()
}

async fn button(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    read(&parts.headers, body, MOST_FORM_BYTES).await?;
    let pressed = desk.buttons.iter().find(|button| button.action.to_string() == name);
    let action = pressed.ok_or(Refusal::NoSuchButton)?.action;
    desk.wish(&parts.headers, What::Press(meaning(action).into())).await
}

/// A finger or a pointer on the panel.
async fn tap(State(desk): State<Desk>, request: Request) -> Result<Response, Refusal> {
    let (headers, form) = read_form(request).await?;
    let share = |name: &str| -> Option<f32> {
        let share: f32 = field(&form, name)?.parse().ok()?;
        (0.0..=1.0).contains(&share).then_some(share)
    };
    let (Some(x), Some(y)) = (share("x"), share("y")) else { return Err(Refusal::Unreadable) };
    desk.wish(&headers, What::Press(Press::Tap(Place { x, y }))).await
}

/// A pointer that stayed down on the panel, or the key that stands for it.
async fn hold(State(desk): State<Desk>, request: Request) -> Result<Response, Refusal> {
    let (headers, _) = read_form(request).await?;
    desk.wish(&headers, What::Press(Press::Held)).await
}

async fn camera(State(desk): State<Desk>, request: Request) -> Result<Response, Refusal> {
    let (headers, form) = read_form(request).await?;
    let index: usize = match field(&form, "camera").ok_or(Refusal::Unreadable)? {
        WEBCAM => desk.views.borrow().cameras.len() - 1,
        index => index.parse().map_err(|_| Refusal::NoSuchCamera)?,
    };
    let name = desk.views.borrow().cameras.get(index).cloned().ok_or(Refusal::NoSuchCamera)?;
    desk.wish(&headers, What::Camera(name)).await
}

/// A picture of the browser's camera.
async fn webcam(State(desk): State<Desk>, request: Request) -> Result<StatusCode, Refusal> {
    let (parts, body) = request.into_parts();
    let visitor = desk.visitor(&parts.headers).ok_or(Refusal::NoVisitor)?;
    // Before the body is read: nobody else's picture is even taken in.
    if desk.views.borrow().seat != Some(visitor) {
        return Err(Refusal::SeatTaken);
    }
    let luma = read(&parts.headers, body, BYTES).await?;
    if luma.len() != BYTES {
        return Err(Refusal::Length);
    }
    if desk.webcam.offer(luma) { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::CameraOff) }
}

async fn read_form(request: Request) -> Result<(HeaderMap, String), Refusal> {
    let (parts, body) = request.into_parts();
    let bytes = read(&parts.headers, body, MOST_FORM_BYTES).await?;
    let form = std::str::from_utf8(&bytes).map_err(|_| Refusal::Unreadable)?.to_owned();
    Ok((parts.headers, form))
}

/// The value of a form's field. None on the page needs to be escaped.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The whole body, in a place of its own that is wiped and never grows.
async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|length| length > most as u64) {
        return Err(Refusal::TooLarge);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    let mut pieces = body.into_data_stream();
    let whole = async {
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Refusal::Unreadable)?;
            if bytes.len() + piece.len() > most {
                return Err(Refusal::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(())
    };
    timeout(BODY_TIME, whole).await.map_err(|_| Refusal::TooSlow)??;
    Ok(bytes)
}
