//! A request that is not answered as asked: why, and what to do.

use super::pages;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::borrow::Cow;

/// Seconds after which a full queue has gone on: 64 pictures at 15 ms each, and room for slower machines.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("2");

/// An error line, a help line, and the status that programs read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) error: Cow<'static, str>,
    pub(super) help: Cow<'static, str>,
}

impl Refused {
    /// One of HTTP's, with words of our own.
    pub(super) fn new(
        status: StatusCode,
        error: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
    ) -> Refused {
        Refused { status, error: error.into(), help: help.into() }
    }

    /// For programs.
    pub(super) fn json(self) -> Response {
        let body = Json(json!({ "error": self.error, "help": self.help }));
        self.status_of((self.status, body).into_response())
    }

    /// For a part of a page that the script puts in.
    pub(super) fn part(self) -> Response {
        self.status_of((self.status, pages::refusal(&self)).into_response())
    }

    fn status_of(&self, mut response: Response) -> Response {
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(RETRY_AFTER, TRY_AGAIN);
        }
        response
    }
}

/// For people.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let page = pages::page("Not done", "", &pages::refusal(&self));
        self.status_of((self.status, page).into_response())
    }
}
