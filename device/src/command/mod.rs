//! One file a command: it parses, calls and prints.

#[cfg(feature = "demo")]
pub mod bench;
#[cfg(feature = "demo")]
pub mod demo;
pub mod run;
pub mod selftest;

use clap::Subcommand;
use std::{
    fmt,
    fs::{self, File},
    io::{Read, Write},
    path::Path,
};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    network::kernel::{self, Kernel},
};

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Be the kiosk
    Run(run::Args),
    /// Screen recorded people, from the camera to the journal, and write every screen as a picture
    #[cfg(feature = "demo")]
    Demo(demo::Args),
    /// Check that this program answers on this machine as it must
    Selftest(selftest::Args),
    /// Measure how fast a picture is answered on one core
    #[cfg(feature = "demo")]
    Bench(bench::Args),
}

impl Command {
    /// Does it; what it finds goes to `out`.
    ///
    /// # Errors
    /// A `Refusal` where the user can do something about it.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Command::Run(args) => run::run(args, out),
            #[cfg(feature = "demo")]
            Command::Demo(args) => demo::run(args, out),
            Command::Selftest(args) => selftest::run(args, out),
            #[cfg(feature = "demo")]
            Command::Bench(args) => bench::run(args, out),
        }
    }
}

/// An error that the user sees as an `error:` and a `help:` line.
#[derive(Debug)]
pub struct Refusal {
    message: String,
    help: String,
    checked: bool,
}

impl Refusal {
    /// It was looked at and refused: exit code 1.
    pub fn checked(message: impl fmt::Display, help: impl fmt::Display) -> Refusal {
        Refusal { message: message.to_string(), help: help.to_string(), checked: true }
    }

    /// It could not be looked at: exit code 2.
    pub fn could_not(message: impl fmt::Display, help: impl fmt::Display) -> Refusal {
        Refusal { message: message.to_string(), help: help.to_string(), checked: false }
    }

    /// 1 or 2.
    pub fn exit_code(&self) -> u8 {
        if self.checked { 1 } else { 2 }
    }

    /// What to do.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// Reads a bundle, or the one that comes with the program; it must be signed with a trusted key.
fn read_bundle(file: Option<&Path>, keys: &TrustedKeys) -> Result<Bundle, Refusal> {
    let bytes = match file {
        None => shipped_bundle()?.to_vec(),
        Some(path) => {
            let refused = |error| {
                let message = format!("could not read {}: {error}", path.display());
                Refusal::could_not(message, "check the path and its permissions")
            };
            let length = fs::metadata(path).map_err(refused)?.len();
            if length > bundle::MOST_BYTES as u64 {
                let error = bundle::BundleError::TooLarge(usize::try_from(length).unwrap_or(usize::MAX));
                return Err(Refusal::checked(&error, error.help()));
            }
            let mut bytes = Vec::new();
            // What is no file, or grows meanwhile, has no length that could be believed.
            let opened = File::open(path).map_err(refused)?;
            opened.take(bundle::MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(refused)?;
            bytes
        }
    };
    Bundle::read(&bytes, keys).map_err(|error| Refusal::checked(&error, error.help()))
}

/// The same, and its golden vectors hold on this machine: what is put to work.
fn read_working_bundle(file: Option<&Path>, keys: &TrustedKeys) -> Result<Bundle, Refusal> {
    let bundle = read_bundle(file, keys)?;
    bundle.prove().map_err(|error| Refusal::checked(&error, error.help()))?;
    Ok(bundle)
}

#[cfg(feature = "demo")]
fn shipped_bundle() -> Result<&'static [u8], Refusal> {
    Ok(bundle::shipped())
}

#[cfg(not(feature = "demo"))]
fn shipped_bundle() -> Result<&'static [u8], Refusal> {
    Err(Refusal::checked("this program was built without a bundle", "pass --bundle FILE and --key FILE"))
}

#[cfg(feature = "demo")]
fn demo_key(accepted: bool) -> Option<&'static str> {
    accepted.then_some(bundle::DEMO_PUBLIC_KEY)
}

#[cfg(not(feature = "demo"))]
fn demo_key(_: bool) -> Option<&'static str> {
    None
}

/// The demo key, if it is accepted, and the public key in a file, if one is given.
fn trusted_keys(with_demo_key: bool, file: Option<&Path>) -> Result<TrustedKeys, Refusal> {
    let texts = public_keys(with_demo_key, file)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(TrustedKeys::from_public_texts(&texts).expect("each was read before"))
}

/// The same as texts, each of which is a public key.
fn public_keys(with_demo_key: bool, file: Option<&Path>) -> Result<Vec<String>, Refusal> {
    let text = match file {
        None => None,
        Some(path) => Some(fs::read_to_string(path).map_err(|error| {
            let message = format!("could not read {}: {error}", path.display());
            Refusal::could_not(message, "pass the .pub file that synkiosk keys new wrote")
        })?),
    };
    let texts: Vec<&str> = demo_key(with_demo_key).into_iter().chain(text.as_deref()).collect();
    TrustedKeys::from_public_texts(&texts).map_err(|error| Refusal::checked(&error, error.help()))?;
    Ok(texts.into_iter().map(str::to_owned).collect())
}

/// The int8 kernel of this name, or the fastest that the processor has.
fn kernel(name: Option<&str>) -> Result<&'static dyn Kernel, Refusal> {
    let Some(name) = name else { return Ok(kernel::best()) };
    kernel::by_name(name).ok_or_else(|| {
        let has: Vec<_> = kernel::all().iter().map(|kernel| kernel.name()).collect();
        let help = format!("pass one of {}", has.join(", "));
        Refusal::could_not(format!("this processor has no kernel \"{name}\""), help)
    })
}
