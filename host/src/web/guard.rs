//! Who may ask: the laptop's own browser, or whoever has the token; and what a browser may do with an answer.

use super::refused::Refused;
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{self, AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

/// No script, style, frame or connection but our own; pictures may stand in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A report is one file with its style in it: that very style is let in, and no script.
pub(super) fn report(html: String) -> Response {
    let style =
        html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map_or("", |it| it.0);
    let digest = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}

/// Names of this machine, as a browser on it writes them.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Who may ask.
#[derive(Debug, Clone)]
pub enum Guard {
    /// Only programs on this machine, by one of its own names: a page elsewhere that lets its name point here is refused.
    Loopback,
    /// Whoever has the token.
    Token(Token),
}

/// A secret that both sides know, kept as its digest, so that neither its length nor its letters show in the time that a
/// comparison takes.
#[derive(Debug, Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// Letters that a token must have: 22 of base64 are 128 bits.
    pub const LEAST_LETTERS: usize = 22;

    /// `None` if it is too short to be a secret.
    pub fn new(text: &str) -> Option<Token> {
        let text = text.trim();
        (text.len() >= Token::LEAST_LETTERS).then(|| Token::digest(text.as_bytes()))
    }

    fn digest(bytes: &[u8]) -> Token {
        Token(Sha256::digest(bytes).into())
    }

    /// Looks at every byte whatever the others are.
    fn is(&self, other: &Token) -> bool {
        let differs = self.0.iter().zip(&other.0).fold(0, |differs, (own, other)| differs | (own ^ other));
        std::hint::black_box(differs) == 0
    }

    /// As a bearer's, or as the password of basic authentication (RFC 7617), with any name.
    fn is_in(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return false;
        };
        match value.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => {
                self.is(&Token::digest(rest.trim().as_bytes()))
            }
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
                let pair = BASE64_STANDARD.decode(rest.trim()).unwrap_or_default();
                let colon = pair.iter().position(|byte| *byte == b':');
                colon.is_some_and(|colon| self.is(&Token::digest(&pair[colon + 1..])))
            }
            _ => false,
        }
    }
}

/// Refuses, or lets through and seals the answer.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let checked = guard.admits(&request);
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        let realm = HeaderValue::from_static("Basic realm=\"synkiosk\", charset=\"UTF-8\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, realm);
    }
    seal(response.headers_mut());
    response
}

impl Guard {
    fn admits(&self, request: &Request) -> Result<(), Refused> {
        match self {
            Guard::Loopback => host_is_this_machine(request.headers())?,
            Guard::Token(token) => token_is_known(token, request.headers())?,
        }
        // A link may lead to the first page; what is behind it is for our own pages.
        let is_door = request.method() == Method::GET && request.uri().path() == "/";
        if is_door { Ok(()) } else { comes_from_our_own_page(request.headers()) }
    }
}

fn host_is_this_machine(headers: &HeaderMap) -> Result<(), Refused> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    if LOOPBACK.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let help = "open http://127.0.0.1 with the port that synkiosk serve printed";
    Err(Refused::new(
        StatusCode::MISDIRECTED_REQUEST,
        "this server answers to its own machine's names only",
        help,
    ))
}

fn token_is_known(token: &Token, headers: &HeaderMap) -> Result<(), Refused> {
    if token.is_in(headers) {
        return Ok(());
    }
    let help = "give what stands in the token file as the password, with any name";
    Err(Refused::new(StatusCode::UNAUTHORIZED, "cannot let anybody in without the token", help))
}

/// Programs send neither header; browsers send at least one with every form.
fn comes_from_our_own_page(headers: &HeaderMap) -> Result<(), Refused> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("none of ours"));
    let same_site = text(HeaderName::from_static("sec-fetch-site"))
        .is_none_or(|site| site == "same-origin" || site == "none");
    let host = text(HOST).unwrap_or_default();
    let same_origin = text(ORIGIN).is_none_or(|origin| {
        origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
    });
    if same_site && same_origin {
        return Ok(());
    }
    let help = "begin at this server's own first page";
    Err(Refused::new(StatusCode::FORBIDDEN, "cannot take what another page has sent", help))
}

fn seal(headers: &mut HeaderMap) {
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
#[path = "../../../tests/attacks/welch.rs"]
mod welch;

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::hint::black_box;

    const SECRET: &str = "0123456789abcdefghijkl";

    fn asked(method: Method, headers: &[(&str, &str)]) -> Request {
        let request = headers
            .iter()
            .fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
        request.body(Body::empty()).unwrap()
    }

    fn status(guard: &Guard, method: Method, headers: &[(&str, &str)]) -> Option<StatusCode> {
        guard.admits(&asked(method, headers)).err().map(|refused| refused.status)
    }

    #[test]
    fn only_names_of_this_machine_are_answered_to() {
        let by = |host| status(&Guard::Loopback, Method::GET, &[("host", host)]);
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST", "[::1]"] {
            assert_eq!(by(host), None, "{host}");
        }
        for host in ["evil.example", "evil.example:8080", "127.0.0.1.evil.example:80", "localhost:80x", ""] {
            assert_eq!(by(host), Some(StatusCode::MISDIRECTED_REQUEST), "{host}");
        }
        assert_eq!(status(&Guard::Loopback, Method::GET, &[]), Some(StatusCode::MISDIRECTED_REQUEST));
    }

    #[test]
    fn forms_come_from_our_own_page_or_from_a_program() {
        let sent = |more: &[(&str, &str)]| {
            status(&Guard::Loopback, Method::POST, &[&[("host", "127.0.0.1:8080")], more].concat())
        };
        assert_eq!(sent(&[]), None);
        assert_eq!(sent(&[("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")]), None);
        let asked = |path: &str| {
            let request = Request::builder().uri(path).header("host", "127.0.0.1:8080");
            let request = request.header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
            Guard::Loopback.admits(&request).err().map(|refused| refused.status)
        };
        assert_eq!(asked("/"), None);
        assert_eq!(asked("/models/report?name=shipped"), Some(StatusCode::FORBIDDEN));
        for header in [
            ("origin", "http://evil.example"),
            ("origin", "http://localhost:8080"),
            ("origin", "http://127.0.0.1:8081"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert_eq!(sent(&[header]), Some(StatusCode::FORBIDDEN), "{header:?}");
        }
    }

    #[test]
    fn the_token_opens_and_nothing_else_does() {
        assert!(Token::new("short").is_none());
        let guard = Guard::Token(Token::new(&format!("{SECRET}\n")).unwrap());
        let with = |value: &str| status(&guard, Method::GET, &[("host", "laptop"), ("authorization", value)]);
        let basic = |pair: &str| with(&format!("Basic {}", BASE64_STANDARD.encode(pair)));
        assert_eq!(with(&format!("Bearer {SECRET}")), None);
        assert_eq!(basic(&format!("anybody:{SECRET}")), None);
        for refused in ["Bearer", "Bearer x", "Basic ####", "Digest x", SECRET] {
            assert_eq!(with(refused), Some(StatusCode::UNAUTHORIZED), "{refused}");
        }
        assert_eq!(basic(&format!("{SECRET}:")), Some(StatusCode::UNAUTHORIZED));
        assert_eq!(status(&guard, Method::GET, &[]), Some(StatusCode::UNAUTHORIZED));
    }

    /// Figures, not a test of them: a machine at work gives others. The digests are told apart byte by byte, as nobody
    /// who does not know the token could choose them.
    #[test]
    #[ignore = "a measurement of half a minute: cargo test --release -p synkiosk-host --lib token_timing -- --ignored --nocapture"]
    fn token_timing() {
        type Compare<'a> = &'a dyn Fn(&Token) -> bool;
        const RUNS: usize = 100_000;
        let own = Token([7; 32]);
        let with = |right: usize| Token(std::array::from_fn(|at| if at < right { 7 } else { 0 }));
        let ours = |other: &Token| black_box(&own).is(black_box(other));
        let early = |other: &Token| welch::stops_early(&black_box(&own).0, &black_box(other).0);
        let compares: [(&str, Compare); 2] =
            [("the guard's compare", &ours), ("one that stops early", &early)];
        for (name, compare) in compares {
            for right in [1, 16, 31] {
                let (none, some) = (with(0), with(right));
                assert!(!compare(&none) && !compare(&some) && compare(&own));
                let found = welch::measure(RUNS, 1, [&mut || compare(&none), &mut || compare(&some)]);
                println!(
                    "figure: {name}: no byte right {:.3} ns, the first {right} right {:.3} ns (medians of {RUNS} runs), t = {:.1}",
                    found.medians[0], found.medians[1], found.t
                );
            }
        }
    }
}
