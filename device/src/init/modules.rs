//! Kernel modules, in the order in which the image builder found that they need each other.
//!
//! `/modules/order` has one module a line: its file's name, and options if there are any. More options come from the
//! profile and from the kernel's command line, the last word counts.

use super::{command_line::CommandLine, console::say};
use rustix::{io::Errno, system::finit_module};
use std::{ffi::CString, fs::File, io, path::Path};
use synkiosk_boards::Profile;

const FOLDER: &str = "/modules";

/// The kernel unpacks the file itself (`MODULE_INIT_COMPRESSED_FILE` of linux/module.h).
const COMPRESSED_FILE: i32 = 4;

/// One module to be loaded.
#[derive(Debug, PartialEq, Eq)]
struct Module<'a> {
    file: &'a str,
    options: &'a str,
}

/// Loads all that it can, and says what it could not: a missing one may be one that this unit does not need.
pub(super) fn load(profile: &Profile, command_line: &CommandLine) -> Vec<String> {
    let folder = Path::new(FOLDER);
    let order = match std::fs::read_to_string(folder.join("order")) {
        Ok(order) => order,
        Err(error) => return vec![format!("could not read {FOLDER}/order: {error}")],
    };
    let modules = parse(&order);
    let failed: Vec<String> = modules
        .iter()
        .filter_map(|module| {
            let name = name(module.file);
            let options =
                [module.options, profile.options_of(name), &command_line.options_of(name)].join(" ");
            let error = insert(folder, module.file, options.trim()).err()?;
            Some(format!("could not load {}: {error}", module.file))
        })
        .collect();
    say(format!("{} of {} modules", modules.len() - failed.len(), modules.len()));
    failed
}

fn parse(order: &str) -> Vec<Module<'_>> {
    order
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (file, options) = line.split_once(' ').unwrap_or((line, ""));
            Module { file, options: options.trim() }
        })
        .collect()
}

/// The module's name: the file's, up to its first dot.
fn name(file: &str) -> &str {
    file.split_once('.').map_or(file, |(name, _)| name)
}

fn insert(folder: &Path, file: &str, options: &str) -> io::Result<()> {
    // The flat folder is all that is loaded from.
    if file.contains('/') {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    let opened = File::open(folder.join(file))?;
    let options = CString::new(options)?;
    let flags = if file.ends_with(".ko") { 0 } else { COMPRESSED_FILE };
    match finit_module(&opened, &options, flags) {
        // Built in, or loaded already.
        Err(Errno::EXIST) => Ok(()),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_line_by_line() {
        let order =
            "# by synkiosk image\nvirtio_blk.ko\n\n  i6300esb.ko  heartbeat=12 nowayout=1 \next4.ko.xz\n";
        let expected =
            [("virtio_blk.ko", ""), ("i6300esb.ko", "heartbeat=12 nowayout=1"), ("ext4.ko.xz", "")]
                .map(|(file, options)| Module { file, options });
        assert_eq!(parse(order), expected);
        assert_eq!(parse("").len(), 0);
    }

    #[test]
    fn a_module_is_named_after_its_file() {
        assert_eq!(name("bcm2835_wdt.ko.xz"), "bcm2835_wdt");
        assert_eq!(name("ext4.ko"), "ext4");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let error = insert(Path::new(FOLDER), "../tmp/evil.ko", "").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidFilename);
    }
}
