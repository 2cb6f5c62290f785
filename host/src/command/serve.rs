//! `synkiosk serve`: the web application on this laptop.

use super::predict::open_bundle;
use super::{Outcome, Refusal};
use crate::report::words::RESEARCH_USE_ONLY;
use crate::slip::TrustedUnits;
use crate::web::listen::{self, Server};
use crate::web::{Guard, Shelf, Site, Token};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// Upload pictures in a browser and get the kiosk's answer, on this laptop alone.
///
/// Pages of their own check slips and show models, kiosks and a data set. Pictures are looked at in memory and stored nowhere. Another address
/// needs a token, and a certificate with its key: nothing goes over a network unencrypted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk serve\n  \
    synkiosk serve --store kiosks.sqlite --bundles BUNDLES --data DIR\n  \
    synkiosk serve --listen 0.0.0.0 --token-file TOKEN --certificate laptop.pem --private-key laptop.key")]
pub struct Args {
    /// The port; 0 takes any that is free.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
    /// The bundle to use instead of the shipped one.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Trust this public key as well.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A folder of bundles, for the page Models.
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// The store that collect fills, for the page Kiosks.
    #[arg(long, value_name = "FILE.sqlite")]
    store: Option<PathBuf>,
    /// A collection of pictures, for the page Data set and for reports on models.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Believe this unit's slips, by the unit.toml of its outbox; those of the store's units are believed as well.
    #[arg(long = "unit", value_name = "unit.toml")]
    units: Vec<PathBuf>,
    /// Another address than this laptop's own.
    #[arg(long, value_name = "ADDRESS", requires_all = ["token_file", "certificate", "private_key"])]
    listen: Option<IpAddr>,
    /// A file with a secret of at least 22 letters, which browsers ask for as a password.
    #[arg(long, value_name = "FILE", requires = "listen")]
    token_file: Option<PathBuf>,
    /// The laptop's certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "listen")]
    certificate: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, value_name = "FILE", requires = "listen")]
    private_key: Option<PathBuf>,
}

/// Serves until it is ended.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let bundle = open_bundle(args.bundle.as_deref(), args.key.as_deref())?;
    // Networks that cannot be built are refused here, not at the first picture.
    bundle.network().map_err(|error| Refusal::checked(&error, error.help()))?;
    bundle.landmarker().map_err(|error| Refusal::checked(&error, error.help()))?;
    let shelf = Shelf::new(args.bundles.clone(), args.key.clone(), args.store.clone(), args.data.clone())
        .trusting(TrustedUnits::of(&args.units, &[] as &[PathBuf])?);
    let (who, tls) = match (&args.token_file, &args.certificate, &args.private_key) {
        (Some(token), Some(certificate), Some(key)) => {
            let tls = listen::tls(certificate, key)
                .map_err(|error| Refusal::checked(error, "name a certificate and its key as PEM files"))?;
            (Guard::Token(read_token(token)?), Some(tls))
        }
        _ => (Guard::Loopback, None),
    };
    let address = SocketAddr::new(args.listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), args.port);
    let listener = TcpListener::bind(address).map_err(|error| {
        Refusal::could_not(
            format!("could not listen on {address}: {error}"),
            "pass another --port, or 0 for any",
        )
    })?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    writeln!(out, "{RESEARCH_USE_ONLY}\n{scheme}://{}\nCtrl-C ends it.", listener.local_addr()?)?;
    out.flush()?;
    no_core_dumps();
    Server { site: Site::open(bundle, shelf)?, who, listener, tls }.run()?;
    Ok(Outcome::Done)
}

fn read_token(path: &Path) -> Result<Token, Refusal> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Refusal::could_not(
            format!("could not read the token {}: {error}", path.display()),
            "name a file with a secret in it",
        )
    })?;
    Token::new(&text).ok_or_else(|| {
        let error =
            format!("the token in {} has fewer than {} letters", path.display(), Token::LEAST_LETTERS);
        Refusal::checked(error, "make one: head -c 24 /dev/urandom | base64 > TOKEN")
    })
}

/// Pictures are in this program's memory, which must not come onto a disk when it crashes.
#[cfg(unix)]
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        eprintln!("warning: core dumps could not be switched off: {error}");
    }
}

#[cfg(not(unix))]
fn no_core_dumps() {}
