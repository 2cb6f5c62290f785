//! From the panel's frames to what an `<img>` shows: one PNG after the other, the newest first and older ones left out.

use super::{view::View, visitor::Visitor};
use crate::panel::{browser::Viewer, picture};
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use tokio::sync::watch;
use zeroize::Zeroizing;

/// Between two parts, with the head of the next one. A browser shows a picture once it has read the mark behind it, and takes
/// the page for loaded once it has read the head behind that: so each picture is followed by both at once.
const MARK: &str = "\r\n--synkiosk-picture\r\nContent-Type: image/png\r\n\r\n";
/// The response's type.
pub(super) const TYPE: &str = "multipart/x-mixed-replace; boundary=synkiosk-picture";

/// Packs each frame that there is time for, until the panel is closed.
pub(super) fn pack(mut viewer: Viewer, views: &watch::Sender<View>) {
    while let Some(shown) = viewer.wait() {
        // A panel's size always makes a PNG; a frame that did not would be left out.
        let Ok(png) = picture::encode(&shown.rgb, shown.size.0, shown.size.1) else { continue };
        // Wiped when the last browser has it.
        let png = Bytes::from_owner(Zeroizing::new(png));
        views.send_modify(|view| {
            view.picture = png;
            view.number += 1;
        });
    }
}

struct Watch {
    views: watch::Receiver<View>,
    visitor: Option<Visitor>,
    sent: Option<Option<u64>>,
}

/// All pictures that a visitor may see, from now until the kiosk ends.
pub(super) fn stream(views: watch::Receiver<View>, visitor: Option<Visitor>) -> Body {
    let watch = Watch { views, visitor, sent: None };
    let parts = stream::unfold(watch, |mut watch| async {
        let part = next(&mut watch).await?;
        Some((part, watch))
    });
    let start = stream::iter([Ok(Bytes::from_static(&MARK.as_bytes()[2..]))]);
    Body::from_stream(start.chain(parts.flat_map(|part| stream::iter(part.map(Ok::<_, Infallible>)))))
}

/// The next picture that was not sent yet, with the mark behind it.
async fn next(watch: &mut Watch) -> Option<[Bytes; 2]> {
    loop {
        let (number, png) = watch.views.borrow_and_update().picture_for(watch.visitor);
        if !png.is_empty() && watch.sent != Some(number) {
            watch.sent = Some(number);
            return Some([png, Bytes::from_static(MARK.as_bytes())]);
        }
        watch.views.changed().await.ok()?;
    }
}
