//! What a browser is refused, and what it can do.

use super::page;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Host,
    Origin,
    NoVisitor,
    NoSuchPage,
    WrongMethod,
    NoSuchButton,
    NoSuchCamera,
    Unreadable,
    TooLarge,
    TooSlow,
    Length,
    CameraOff,
    SeatTaken,
    NotAtRest,
    Busy,
}

impl Refusal {
    fn words(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as Code;
        match self {
            Refusal::Host => (
                Code::MISDIRECTED_REQUEST,
                "the kiosk has another address",
                "open the address that it printed",
            ),
            Refusal::Origin => (
                Code::FORBIDDEN,
                "the request comes from another page",
                "use the buttons on the kiosk's own page",
            ),
            Refusal::NoVisitor => (
                Code::FORBIDDEN,
                "the request has no cookie of this kiosk",
                "allow cookies, and open the page again",
            ),
            Refusal::NoSuchPage => (Code::NOT_FOUND, "there is no such page", "open the kiosk's page"),
            Refusal::WrongMethod => {
                (Code::METHOD_NOT_ALLOWED, "this address takes no such request", "open the kiosk's page")
            }
            Refusal::NoSuchButton => {
                (Code::NOT_FOUND, "the board has no such button", "press one that is on the page")
            }
            Refusal::NoSuchCamera => {
                (Code::BAD_REQUEST, "there is no such camera", "choose one that is on the page")
            }
            Refusal::Unreadable => {
                (Code::BAD_REQUEST, "the request cannot be read", "open the kiosk's page again")
            }
            Refusal::TooLarge => {
                (Code::PAYLOAD_TOO_LARGE, "the request is too large", "send what the kiosk's page sends")
            }
            Refusal::TooSlow => {
                (Code::REQUEST_TIMEOUT, "the request did not come to its end", "send it again")
            }
            Refusal::Length => (
                Code::BAD_REQUEST,
                "a picture has 307200 bytes of luma",
                "send 640 x 480 pixels, a byte each",
            ),
            Refusal::CameraOff => (
                Code::CONFLICT,
                "the camera is off",
                "send pictures between consent and the end of a session",
            ),
            Refusal::SeatTaken => (
                Code::CONFLICT,
                "somebody is being screened in another window",
                "wait until their session has ended",
            ),
            Refusal::NotAtRest => (
                Code::CONFLICT,
                "the camera cannot be changed during a session",
                "end the session first, with stop",
            ),
            Refusal::Busy => (Code::SERVICE_UNAVAILABLE, "the kiosk is busy", "try again in a few seconds"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (code, message, help) = self.words();
        (code, Html(page::refusal(message, help).into_string())).into_response()
    }
}
