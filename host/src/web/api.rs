//! The same for programs: `POST /api/v1/predict`, `/api/v1/series` and `/api/v1/slip`, described by `openapi.json`.

use super::{
    Site, looks, slip,
    upload::{Fields, Form},
};
use crate::prediction::{Prediction, SeriesPrediction};
use crate::slip::told::Told;
use axum::{
    Json,
    extract::{Request, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::sync::Arc;
use synkiosk_models::bundle::Manifest;

/// OpenAPI 3.1.
const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`.
pub(super) async fn description() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// Every answer, with what it comes from.
#[derive(Serialize)]
struct Answered<'a, T> {
    research_use_only: bool,
    model: Model<'a>,
    #[serde(flatten)]
    found: T,
}

#[derive(Serialize)]
struct Model<'a> {
    name: &'a str,
    version: u64,
    made_from: &'a str,
}

#[derive(Serialize)]
struct Predictions<'a> {
    predictions: Vec<&'a Prediction>,
}

#[derive(Serialize)]
struct Series<'a> {
    series: &'a SeriesPrediction,
}

fn answered<T: Serialize>(site: &Site, found: T) -> Response {
    let Manifest { name, version, made_from, .. } = &site.manifest;
    let model = Model { name, version: (*version).into(), made_from };
    Json(Answered { research_use_only: true, model, found }).into_response()
}

/// `POST /api/v1/predict`: what `predict --json` prints of each picture.
pub(super) async fn predict(State(site): State<Arc<Site>>, request: Request) -> Response {
    let looked = async { looks::pictures(&site, Form::of(request, Fields::Pictures).await?).await };
    match looked.await {
        Ok(all) => {
            let predictions = all.iter().map(|looked| &looked.prediction).collect();
            answered(&site, Predictions { predictions })
        }
        Err(refused) => refused.json(),
    }
}

/// `POST /api/v1/series`: what `predict --series DIR --json` prints.
pub(super) async fn series(State(site): State<Arc<Site>>, request: Request) -> Response {
    let looked = async { looks::series(&site, Form::of(request, Fields::Poses).await?).await };
    match looked.await {
        Ok(looked) => answered(&site, Series { series: &looked.prediction }),
        Err(refused) => refused.json(),
    }
}

/// What became of a slip: it holds, it does not, or (`null`) it could not be read.
#[derive(Serialize)]
struct SlipAnswer<'a> {
    research_use_only: bool,
    holds: Option<bool>,
    slip: Option<Told<'a>>,
    error: Option<String>,
    help: Option<&'a str>,
}

/// `POST /api/v1/slip`: what `slip --json` prints, or why it refuses.
pub(super) async fn slip(State(site): State<Arc<Site>>, request: Request) -> Response {
    let checked = async { slip::of_form(&site, Form::of(request, Fields::Slip).await?).await };
    let unknown = SlipAnswer { research_use_only: true, holds: None, slip: None, error: None, help: None };
    match checked.await {
        Ok(Ok(held)) => {
            Json(SlipAnswer { holds: Some(true), slip: Some(held.told()), ..unknown }).into_response()
        }
        Ok(Err(refusal)) => {
            let holds = (refusal.exit_code() == 1).then_some(false);
            let (error, help) = (Some(refusal.to_string()), Some(refusal.help()));
            Json(SlipAnswer { holds, error, help, ..unknown }).into_response()
        }
        Err(refused) => refused.json(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use synkiosk_models::{pose::Pose, quality::Check};

    #[test]
    fn the_description_knows_every_pose_and_check() {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let names = |path: &str| -> Vec<String> {
            let mut names: Vec<_> =
                description.pointer(path).unwrap().as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let poses = sorted(Pose::ALL.iter().map(|pose| pose.name().to_owned()).collect());
        let form = "/paths/~1api~1v1~1series/post/requestBody/content/multipart~1form-data/schema/properties";
        assert_eq!(names(form), poses);
        assert_eq!(names("/components/schemas/Series/properties/poses/properties"), poses);
        let slip = &description["components"]["schemas"]["Slip"]["properties"];
        let mut kinds = ["ocular-oral", "oral-ocular", "mentalis", "platysma"].map(str::to_owned).to_vec();
        kinds.sort();
        assert_eq!(names("/components/schemas/Slip/properties/indices/properties"), kinds);
        assert_eq!(slip["format"]["const"], synkiosk_journal::slip::FORMAT);
        let checks = sorted(Check::ALL.iter().map(|check| check.name().to_owned()).collect());
        assert_eq!(names("/components/schemas/Prediction/properties/quality/properties"), checks);
    }
}
