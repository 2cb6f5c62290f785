//! From a form to what was seen in its pictures.

use super::{
    Site,
    desk::{Full, Seat, Unanswered},
    drawing::Drawn,
    refused::Refused,
    upload::{Form, MOST_DECODED_BYTES, Sent, nothing_sent},
};
use crate::prediction::{self, Prediction, SeriesPrediction, Unusable};
use axum::http::StatusCode;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use synkiosk_models::{photo::Photo, pose::Pose, screener::Screener};

/// One picture, looked at.
pub(super) struct Looked {
    pub(super) prediction: Prediction,
    /// None without a face.
    pub(super) drawn: Option<Drawn>,
    /// How long the network took, of all stages.
    pub(super) network: Option<Duration>,
}

/// A series, looked at.
pub(super) struct LookedSeries {
    pub(super) prediction: SeriesPrediction,
    /// By pose.
    pub(super) drawn: BTreeMap<&'static str, Drawn>,
}

/// Every picture of a form by itself, each gone from memory before the next comes.
pub(super) async fn pictures(site: &Site, form: Form) -> Result<Vec<Looked>, Refused> {
    seated(site, form, each).await
}

/// The pictures of a form as one series.
pub(super) async fn series(site: &Site, form: Form) -> Result<LookedSeries, Refused> {
    seated(site, form, whole).await
}

/// Reads a form only from a seat, and to its end also where it is refused.
pub(super) async fn seated<T>(
    site: &Site,
    mut form: Form,
    look: impl AsyncFnOnce(&Seat<'_>, &mut Form) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let looked = match site.desk.seat().await {
        Ok(seat) => look(&seat, &mut form).await,
        Err(Full) => Err(full()),
    };
    if looked.is_err() {
        form.drain().await;
    }
    looked
}

async fn each(seat: &Seat<'_>, form: &mut Form) -> Result<Vec<Looked>, Refused> {
    let mut all = Vec::new();
    while let Some(sent) = form.next().await? {
        all.push(seat.ask(move |screener| one(screener, &sent)).await.map_err(unanswered)?);
    }
    if all.is_empty() { Err(nothing_sent()) } else { Ok(all) }
}

fn one(screener: &mut Screener, sent: &Sent) -> Looked {
    let (mut drawn, mut network) = (None, None);
    let prediction = prediction::given(screener, &sent.name, photo(&sent.bytes), &mut |photo, evidence| {
        network = Some(evidence.times.network);
        drawn = Some(Drawn::of(photo, evidence));
    });
    Looked { prediction, drawn, network }
}

async fn whole(seat: &Seat<'_>, form: &mut Form) -> Result<LookedSeries, Refused> {
    let sent = form.series().await?;
    seat.ask(move |screener| {
        let mut drawn = BTreeMap::new();
        // A sorted map has the poses in the order of `Pose::ALL`; each file is gone when the next is decoded.
        let pictures = sent.into_iter().map(decoded);
        let prediction = prediction::series_of(screener, pictures, &mut |pose, photo, evidence| {
            drawn.insert(pose.name(), Drawn::of(photo, evidence));
        });
        prediction.map(|prediction| LookedSeries { prediction, drawn })
    })
    .await
    .map_err(unanswered)?
    .ok_or_else(nothing_sent)
}

fn decoded((pose, sent): (Pose, Sent)) -> (Pose, PathBuf, Result<Photo, Unusable>) {
    let photo = photo(&sent.bytes);
    (pose, sent.name, photo)
}

fn photo(bytes: &[u8]) -> Result<Photo, Unusable> {
    Photo::decode_within(bytes, MOST_DECODED_BYTES).map_err(Unusable::from)
}

fn full() -> Refused {
    Refused::new(StatusCode::TOO_MANY_REQUESTS, "too many wait already", "send it again in a few seconds")
}

pub(super) fn unanswered(_: Unanswered) -> Refused {
    let error = "something went wrong that nobody foresaw";
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error, "send it again, and tell the makers if it stays")
}
