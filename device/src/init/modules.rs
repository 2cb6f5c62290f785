//! Kernel modules, in the order in which the image builder found that they need each other.
//!
//! `/modules/order` has one module a line, its file's name and then its options: `i6300esb.ko heartbeat=12`.

use super::{command_line::CommandLine, console::say};
use rustix::{io::Errno, system::finit_module};
use std::{ffi::CString, fs::File, io, path::Path};

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
pub(super) fn load(command_line: &CommandLine) -> Vec<String> {
    let folder = Path::new(FOLDER);
    let order = match std::fs::read_to_string(folder.join("order")) {
        Ok(order) => order,
        Err(error) => return vec![format!("could not read {FOLDER}/order: {error}")],
    };
    let modules = parse(&order);
    let failed: Vec<String> = modules
        .iter()
        .filter_map(|module| {
            let error = insert(folder, module, command_line).err()?;
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

fn insert(folder: &Path, module: &Module<'_>, command_line: &CommandLine) -> io::Result<()> {
    // The flat folder is all that is loaded from.
    if module.file.contains('/') {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    let file = File::open(folder.join(module.file))?;
    let given = command_line.options_of(name(module.file));
    let options = CString::new(format!("{} {given}", module.options).trim())?;
    let flags = if module.file.ends_with(".ko") { 0 } else { COMPRESSED_FILE };
    match finit_module(&file, &options, flags) {
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
        let module = Module { file: "../tmp/evil.ko", options: "" };
        let error = insert(Path::new(FOLDER), &module, &CommandLine::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidFilename);
    }
}
