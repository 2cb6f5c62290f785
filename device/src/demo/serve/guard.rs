//! Who may ask: this computer's own browser, on the kiosk's own page. And what every response says of itself.

use super::refusal::Refusal;
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method,
        header::{self, HeaderName},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Everything comes from the kiosk itself, nothing is written into the page, and no other page may frame it.
const POLICY: &str = "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    // Without a referrer browsers would also keep quiet about the origin of a form.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
];

pub(super) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = match check(&request, port) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn check(request: &Request, port: u16) -> Result<(), Refusal> {
    let host = own_host(request, port).ok_or(Refusal::Host)?;
    match *request.method() {
        Method::GET | Method::HEAD => comes_from_here(request),
        _ => comes_from_the_page(request.headers(), host),
    }
}

/// The host that was asked for, if it is this one: a foreign name that leads to 127.0.0.1 is refused.
fn own_host(request: &Request, port: u16) -> Option<&str> {
    let host = only(request.headers(), &header::HOST)?;
    let is_own = |asked: &str| {
        let own = ["127.0.0.1", "localhost"];
        own.iter().any(|name| asked == format!("{name}:{port}") || (port == 80 && asked == *name))
    };
    let authority = request.uri().authority().map(|authority| authority.as_str());
    (is_own(host) && authority.is_none_or(is_own)).then_some(host)
}

/// A link may lead to the page; what is on it is for the page alone.
fn comes_from_here(request: &Request) -> Result<(), Refusal> {
    let site = only(request.headers(), &HeaderName::from_static("sec-fetch-site"));
    let is_own = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
    if is_own || request.uri().path() == "/" { Ok(()) } else { Err(Refusal::Origin) }
}

/// Browsers say where a request comes from in one of two ways; who says neither is refused too.
fn comes_from_the_page(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let origin = headers.contains_key(header::ORIGIN).then(|| only(headers, &header::ORIGIN));
    let site = headers
        .contains_key("sec-fetch-site")
        .then(|| only(headers, &HeaderName::from_static("sec-fetch-site")));
    let own_origin = format!("http://{host}");
    let origin = origin.map(|origin| origin == Some(own_origin.as_str()));
    let site = site.map(|site| site == Some("same-origin"));
    match (origin, site) {
        (Some(false), _) | (_, Some(false)) | (None, None) => Err(Refusal::Origin),
        _ => Ok(()),
    }
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asked(method: &str, path: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let request =
            headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| {
                request.header(*name, *value)
            });
        check(&request.body(Body::empty()).unwrap(), 8080)
    }

    #[test]
    fn only_the_own_host_is_answered() {
        for host in ["127.0.0.1:8080", "localhost:8080"] {
            assert_eq!(asked("GET", "/state", &[("host", host)]), Ok(()));
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "[::1]:8080",
        ] {
            assert_eq!(asked("GET", "/", &[("host", host)]), Err(Refusal::Host), "{host}");
        }
        let twice = [("host", "127.0.0.1:8080"), ("host", "127.0.0.1:8080")];
        assert_eq!(asked("GET", "/", &twice), Err(Refusal::Host));
        assert_eq!(asked("GET", "/", &[]), Err(Refusal::Host));
        assert_eq!(asked("GET", "http://evil.example/", &[("host", "127.0.0.1:8080")]), Err(Refusal::Host));
    }

    #[test]
    fn only_the_own_page_may_press() {
        let host = ("host", "127.0.0.1:8080");
        for told in [("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")] {
            assert_eq!(asked("POST", "/buttons/next", &[host, told]), Ok(()));
        }
        for told in [
            ("origin", "http://localhost:8080"),
            ("origin", "http://127.0.0.1:8081"),
            ("origin", "null"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("referer", "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(asked("POST", "/buttons/next", &[host, told]), Err(Refusal::Origin), "{told:?}");
        }
        let both = [host, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "cross-site")];
        assert_eq!(asked("POST", "/buttons/next", &both), Err(Refusal::Origin));
    }

    #[test]
    fn other_pages_may_link_here_and_not_show_what_is_here() {
        let from = [("host", "127.0.0.1:8080"), ("sec-fetch-site", "cross-site")];
        assert_eq!(asked("GET", "/", &from), Ok(()));
        assert_eq!(asked("GET", "/frames", &from), Err(Refusal::Origin));
    }
}
