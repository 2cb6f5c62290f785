//! From a form to a slip that holds: a picture of its code, or its text.

use super::{
    Site,
    looks::{seated, unanswered},
    refused::Refused,
    upload::{Form, MOST_DECODED_BYTES, Sent},
};
use crate::{
    command::Refusal,
    slip::{Held, TrustedUnits, picture},
};
use axum::http::StatusCode;
use std::path::Path;
use synkiosk_models::photo::Photo;

/// The slip of a form, or why it does not hold; refused where the form has none, or two.
pub(super) async fn of_form(site: &Site, form: Form) -> Result<Result<Held, Refusal>, Refused> {
    seated(site, form, async |seat, form| {
        let sent =
            form.next().await?.ok_or_else(|| wrong("there is neither a picture nor a text in the form"))?;
        if form.next().await?.is_some() {
            return Err(wrong("there is more than one picture or text in the form"));
        }
        let (units, store) = (site.shelf.units.clone(), site.shelf.store.clone());
        seat.ask(move |_| check(&sent, units, store.as_deref())).await.map_err(unanswered)
    })
    .await
}

/// The store is read anew each time: a unit that was collected a moment ago is known.
fn check(sent: &Sent, mut units: TrustedUnits, store: Option<&Path>) -> Result<Held, Refusal> {
    store.map_or(Ok(()), |store| units.add_store(store))?;
    units.check(&text(sent)?)
}

fn text(sent: &Sent) -> Result<String, Refusal> {
    if sent.field == "text" {
        return Ok(String::from_utf8_lossy(&sent.bytes).into_owned());
    }
    let photo = Photo::decode_within(&sent.bytes, MOST_DECODED_BYTES);
    picture::text_in(&photo.map_err(|error| Refusal::could_not(&error, error.help()))?)
}

fn wrong(error: &'static str) -> Refused {
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, error, "send one picture, or one text")
}
