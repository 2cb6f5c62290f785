//! What is written to a card: partition table, boot partition, data partition, and a list of what is in it.
//!
//! Equal inputs give equal bytes: no clock, no random number, no order of a folder gets in.

pub mod components;
pub mod cpio;
pub mod disk;
pub mod modules;
pub mod packages;
pub mod spdx;

use disk::Layout;
use flate2::{Compression, write::GzEncoder};
use packages::Packages;
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use synkiosk_boards::{
    Profile,
    profile::{Card, PanelOutput},
    shipped::SPI_OVERLAY,
};
use synkiosk_models::bundle::{Bundle, BundleError, TrustedKeys};

/// What goes into an image.
#[derive(Debug)]
pub struct Parts {
    /// The board.
    pub profile: Profile,
    /// What `/board` says: a shipped profile's name, or a whole profile.
    pub board: String,
    /// The static arm64 program.
    pub program: Vec<u8>,
    /// What it is made of, as `device/build.sh` has listed it.
    pub components: Option<Vec<u8>>,
    /// What `boards/packages.sh` has fetched.
    pub packages: PathBuf,
    /// A signed model to come with.
    pub bundle: Option<Vec<u8>>,
    /// Minisign public keys: file names and texts.
    pub keys: Vec<(String, String)>,
    /// For whom records are sealed, `age1...`.
    pub recipient: Option<String>,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// Bytes of the whole image.
    pub bytes: u64,
    /// Bytes of it that are not in blocks of zeros, 4 KiB each: what has to be written to an erased card.
    pub written: u64,
    /// SHA-256 of the image.
    pub digest: String,
}

/// Why no image was made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The profile has no `[card]`.
    #[error("board {0:?} starts from no card")]
    NoCard(String),
    /// Something is not there.
    #[error("cannot read {path}: {cause}")]
    Packages {
        /// What.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// No kernel, or several.
    #[error("{path} holds {found} kernels, not one")]
    Kernels {
        /// Where.
        path: PathBuf,
        /// How many.
        found: usize,
    },
    /// The board's boot loader wants a file that is in no package.
    #[error("no package has the firmware file {0:?}")]
    NoFirmware(String),
    /// The profile names a module.
    #[error("the kernel has no module {0:?}")]
    NoModule(String),
    /// The program is for another machine, or not static.
    #[error("the program is {0}")]
    Program(&'static str),
    /// The list beside the program.
    #[error("{list} beside the program {0}", list = components::NAME)]
    Components(&'static str),
    /// Signed by none of the keys, or wrong in itself.
    #[error("the bundle is refused: {0}")]
    Bundle(BundleError),
    /// The boot partition.
    #[error("the boot partition has room for {room} bytes, and {needed} are to go into it")]
    BootTooSmall {
        /// Bytes of all files.
        needed: u64,
        /// Bytes for them.
        room: u64,
    },
    /// mke2fs is not there.
    #[error("could not run mke2fs: {0}")]
    NoMke2fs(io::Error),
    /// It said no.
    #[error("mke2fs failed: {0}")]
    Mke2fs(String),
    /// The output.
    #[error("could not write the image: {0}")]
    Write(io::Error),
}

impl ImageError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            ImageError::NoCard(_) => "take a board whose profile has a [card] section",
            ImageError::Packages { .. } | ImageError::Kernels { .. } | ImageError::NoFirmware(_) => {
                "fetch the packages anew: boards/packages.sh FOLDER"
            }
            ImageError::NoModule(_) => {
                "correct [modules] in the profile; the vm's camera comes with boards/packages.sh FOLDER --test-camera"
            }
            ImageError::Program(_) => "build it with device/build.sh, whose last line is its path",
            ImageError::Components(_) => "build both with device/build.sh, or take the list away from there",
            ImageError::Bundle(BundleError::UntrustedKey(_)) => {
                "pass the public key of whoever signed it with --key FILE.pub"
            }
            ImageError::Bundle(error) => error.help(),
            ImageError::BootTooSmall { .. } => "raise boot_mib in the profile's [card]",
            ImageError::NoMke2fs(_) => "apt-get install e2fsprogs, or brew install e2fsprogs",
            ImageError::Mke2fs(_) => "see that data_mib in the profile's [card] has room for the bundle",
            ImageError::Write(_) => {
                "name a file in a folder that you may write to, on a disk with space left"
            }
        }
    }

    /// Whether it was looked at and refused, rather than not looked at.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            ImageError::Packages { .. }
                | ImageError::NoMke2fs(_)
                | ImageError::Mke2fs(_)
                | ImageError::Write(_)
        )
    }
}

/// Makes the image; `out` appears whole or not at all, with `out.spdx.json` beside it.
///
/// # Errors
/// The first thing that is wrong.
pub fn make(parts: &Parts, out: &Path) -> Result<Made, ImageError> {
    let card = parts.profile.card().ok_or_else(|| ImageError::NoCard(parts.profile.name().to_owned()))?;
    check_program(&parts.program)?;
    if let Some(list) = &parts.components {
        components::check(list, &parts.program)?;
    }
    check_bundle(parts)?;
    let packages = Packages::open(&parts.packages)?;
    let mut boot = boot_files(parts, card, &packages)?;
    if let Some(bundle) = &parts.bundle {
        boot.push(("synkiosk/inbox/model.bundle".to_owned(), bundle.clone()));
    }
    if let Some(list) = &parts.components {
        boot.push((components::NAME.to_owned(), list.clone()));
    }
    let identity = identity(card, boot.iter());
    let list = spdx::document(parts, &packages, identity);
    boot.push(("sbom.json".to_owned(), list.clone()));
    let layout = Layout { boot: u64::from(card.boot_mib) << 20, data: u64::from(card.data_mib) << 20 };
    let part = beside(out, &format!(".{}.part", std::process::id()));
    let made = disk::write(&part, layout, &boot, identity)
        .and_then(|()| measure(&part).map_err(ImageError::Write))
        .and_then(|made| {
            fs::write(beside(out, ".spdx.json"), &list).map_err(ImageError::Write)?;
            fs::rename(&part, out).map_err(ImageError::Write)?;
            Ok(made)
        });
    if made.is_err() {
        // Not whole.
        let _ = fs::remove_file(&part);
    }
    made
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// ELF, 64 bits, arm64, and no interpreter asked for.
fn check_program(program: &[u8]) -> Result<(), ImageError> {
    const ARM64: [u8; 2] = 183_u16.to_le_bytes();
    if program.get(..5) != Some(b"\x7fELF\x02") {
        return Err(ImageError::Program("no 64-bit ELF file"));
    }
    if program.get(18..20) != Some(&ARM64) {
        return Err(ImageError::Program("not for arm64"));
    }
    if program.windows(9).take(4096).any(|bytes| bytes == b"/lib/ld-l") {
        return Err(ImageError::Program("not static"));
    }
    Ok(())
}

/// A card with a model that its own board would refuse is of no use.
fn check_bundle(parts: &Parts) -> Result<(), ImageError> {
    let Some(bundle) = &parts.bundle else { return Ok(()) };
    let texts: Vec<&str> = parts.keys.iter().map(|(_, text)| text.as_str()).collect();
    let keys = TrustedKeys::from_public_texts(&texts).map_err(ImageError::Bundle)?;
    let keys = if parts.profile.accepts_demo_key() { keys } else { keys.without_demo() };
    let holds = Bundle::read(bundle, &keys).and_then(|bundle| bundle.prove());
    holds.map(|_| ()).map_err(ImageError::Bundle)
}

fn boot_files(parts: &Parts, card: &Card, packages: &Packages) -> Result<Vec<(String, Vec<u8>)>, ImageError> {
    let mut files = vec![
        ("vmlinuz".to_owned(), packages.kernel()?),
        ("initrd.gz".to_owned(), initial_archive(parts, packages)?),
    ];
    for name in &card.firmware {
        files.push((name.clone(), packages.firmware(name)?));
    }
    files.extend(start_files(parts, card));
    for (name, text) in &parts.keys {
        files.push((name.clone(), text.clone().into_bytes()));
    }
    if let Some(recipient) = &parts.recipient {
        files.push(("recipient.txt".to_owned(), format!("{recipient}\n").into_bytes()));
    }
    Ok(files)
}

/// What the boot loader of the board reads.
fn start_files(parts: &Parts, card: &Card) -> Vec<(String, Vec<u8>)> {
    let has = |ending: &str| card.firmware.iter().find(|name| name.ends_with(ending));
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    // The board starts again 5 s after the kernel has given up. Its own source of random numbers, where it has one, seeds the
    // kernel's: without a seed the first thing that draws one waits for ever.
    let line = |console: &str| format!("console={console} panic=5 rng_core.default_quality=1000 quiet\n");
    if has(".elf").is_some() {
        // Overscan and splash are for televisions; the kernel's own driver takes the screen.
        let config = "arm_64bit=1\nkernel=vmlinuz\ninitramfs initrd.gz followkernel\nenable_uart=1\n\
                      disable_splash=1\ndisable_overscan=1\n";
        let has_spi = matches!(parts.profile.panel().output, PanelOutput::Spi { .. });
        let spi = if has_spi { "dtoverlay=spi0\n" } else { "" };
        let mut files =
            vec![file("config.txt", format!("{config}{spi}")), file("cmdline.txt", line("serial0,115200"))];
        if has_spi {
            files.push(("overlays/spi0.dtbo".to_owned(), SPI_OVERLAY.to_vec()));
        }
        return files;
    }
    if let Some(tree) = has(".dtb") {
        let text = format!(
            "TIMEOUT 1\nDEFAULT synkiosk\nLABEL synkiosk\n  LINUX /vmlinuz\n  INITRD /initrd.gz\n  FDT /{tree}\n  \
             APPEND {}",
            line("ttyS0,115200")
        );
        return vec![file("extlinux/extlinux.conf", text)];
    }
    vec![file("cmdline.txt", line("ttyAMA0"))]
}

fn initial_archive(parts: &Parts, packages: &Packages) -> Result<Vec<u8>, ImageError> {
    let modules = packages.modules()?.for_board(parts.profile.modules())?;
    let mut archive = cpio::Archive::default();
    archive.folder("dev");
    archive.device("dev/console", (5, 1));
    archive.file("init", 0o755, &parts.program);
    archive.file("board", 0o644, parts.board.as_bytes());
    archive.folder("modules");
    let order: String = modules.iter().map(|(name, _)| format!("{name}\n")).collect();
    archive.file("modules/order", 0o644, order.as_bytes());
    for (name, bytes) in &modules {
        archive.file(&format!("modules/{name}"), 0o644, bytes);
    }
    // No name and no time in the header.
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&archive.finish()).and_then(|()| packed.finish()).map_err(ImageError::Write)
}

/// From the content alone: what a system would draw at random.
fn identity<'f>(card: &Card, files: impl Iterator<Item = &'f (String, Vec<u8>)>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(card.boot_mib.to_le_bytes());
    hash.update(card.data_mib.to_le_bytes());
    for (name, bytes) in files {
        hash.update(Sha256::digest(name.as_bytes()));
        hash.update(Sha256::digest(bytes));
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest[..16].try_into().expect("16 of 32 bytes")
}

fn measure(path: &Path) -> io::Result<Made> {
    const BLOCK: usize = 4096;
    let mut file = io::BufReader::with_capacity(1 << 20, fs::File::open(path)?);
    let mut made = Made { bytes: 0, written: 0, digest: String::new() };
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    while made.bytes < file.get_ref().metadata()?.len() {
        io::Read::read_exact(&mut file, &mut block)?;
        hash.update(&block);
        made.bytes += BLOCK as u64;
        if block.iter().any(|byte| *byte != 0) {
            made.written += BLOCK as u64;
        }
    }
    made.digest = hex(&hash.finalize());
    Ok(made)
}

/// Hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
