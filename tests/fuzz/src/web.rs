//! What a browser, or somebody who speaks like one, sends to the web application.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use std::sync::LazyLock;
use synkiosk_host::web::{Guard, Shelf, Site, router};
use synkiosk_models::bundle::{Bundle, TrustedKeys, shipped};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// The addresses that take a form.
const ADDRESSES: [&str; 7] =
    ["/api/v1/predict", "/api/v1/series", "/api/v1/slip", "/screen", "/series", "/slip", "/data"];
const BOUNDARY: &str = "b";

static SITE: LazyLock<(Runtime, Router)> = LazyLock::new(|| {
    let bundle = Bundle::read(shipped(), &TrustedKeys::demo()).unwrap();
    let site = Site::open(bundle, Shelf::new(None, None, None, None)).unwrap();
    (Builder::new_current_thread().enable_all().build().unwrap(), router(site, Guard::Loopback))
});

/// A form; the first byte says where it is sent to.
pub(crate) fn multipart(bytes: &[u8]) -> bool {
    let Some((address, body)) = bytes.split_first() else { return false };
    let address = ADDRESSES[usize::from(*address) % ADDRESSES.len()];
    let request = Request::post(address)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(body.to_vec()))
        .unwrap();
    let (runtime, router) = &*SITE;
    runtime.block_on(async {
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{address}");
        let body = to_bytes(response.into_body(), 64 << 20).await.unwrap();
        if address.starts_with("/api") {
            serde_json::from_slice::<serde_json::Value>(&body).unwrap();
        }
        status.is_success()
    })
}

pub(crate) fn forms() -> Vec<Vec<u8>> {
    let part = |name: &str, file: Option<&str>, content: &[u8]| {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let end = format!("--{BOUNDARY}--\r\n").into_bytes();
    let form = |address: u8, parts: &[Vec<u8>]| [&[address], parts.concat().as_slice(), &end].concat();
    let picture = include_bytes!("../../kit/frames/half-chroma.jpg");
    let slip = include_str!("../../kit/slips/valid.txt").lines().next().unwrap().as_bytes();
    vec![
        form(0, &[part("picture", Some("a.jpg"), picture)]),
        form(1, &[part("rest", Some("rest.jpg"), picture), part("pucker", Some("pucker.jpg"), picture)]),
        form(2, &[part("slip", None, slip)]),
        form(3, &[part("picture", Some("a.jpg"), b"no picture")]),
        form(5, &[part("picture", Some("a.jpg"), picture)]),
        form(6, &[part("folder", None, b"/nowhere")]),
    ]
}
