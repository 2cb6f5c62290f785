//! The same for programs: `POST /api/v1/predict` and `/api/v1/series`, described by `openapi.json`.

use super::{Site, looks, refused::Refused, upload::Form};
use axum::{
    Json,
    extract::{Request, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;

/// OpenAPI 3.1.
const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`.
pub(super) async fn description() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// `POST /api/v1/predict`: what `predict --json` prints of each picture.
pub(super) async fn predict(State(site): State<Arc<Site>>, request: Request) -> Response {
    let answered = async {
        let form = Form::of(request).await?;
        let looked = looks::pictures(&site, form).await?;
        let predictions: Vec<_> = looked.iter().map(|looked| &looked.prediction).collect();
        Ok(Json(json!({ "research_use_only": true, "model": site.model(), "predictions": predictions }))
            .into_response())
    };
    answered.await.unwrap_or_else(Refused::json)
}

/// `POST /api/v1/series`: what `predict --series DIR --json` prints.
pub(super) async fn series(State(site): State<Arc<Site>>, request: Request) -> Response {
    let answered = async {
        let form = Form::of(request).await?;
        let looked = looks::series(&site, form).await?;
        let series = &looked.prediction;
        Ok(Json(json!({ "research_use_only": true, "model": site.model(), "series": series }))
            .into_response())
    };
    answered.await.unwrap_or_else(Refused::json)
}
