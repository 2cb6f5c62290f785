//! The folder that `boards/packages.sh` fills: packages below `unpacked`, and a list of them.

use super::{ImageError, modules::Modules};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The fetched packages.
#[derive(Debug)]
pub struct Packages {
    root: PathBuf,
    /// Version of the one kernel.
    version: String,
    /// What the list says.
    pub list: Vec<Package>,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Debian's word for the machine.
    pub architecture: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the package's file.
    pub digest: String,
}

impl Packages {
    /// Finds the kernel and reads the list.
    ///
    /// # Errors
    /// When there is not exactly one kernel, or no list.
    pub fn open(folder: &Path) -> Result<Packages, ImageError> {
        let root = folder.join("unpacked");
        let boot = root.join("boot");
        let entries = fs::read_dir(&boot).map_err(failed(&boot))?;
        let versions: Vec<String> = entries
            .flatten()
            .filter_map(|entry| Some(entry.file_name().to_str()?.strip_prefix("vmlinuz-")?.to_owned()))
            .collect();
        let [version] = versions.as_slice() else {
            return Err(ImageError::Kernels { path: boot, found: versions.len() });
        };
        let path = folder.join("packages.txt");
        let list = fs::read_to_string(&path).map_err(failed(&path))?;
        let list = list.lines().filter_map(parse).collect();
        Ok(Packages { root, version: version.clone(), list })
    }

    /// The kernel.
    pub(super) fn kernel(&self) -> Result<Vec<u8>, ImageError> {
        let path = self.root.join("boot").join(format!("vmlinuz-{}", self.version));
        fs::read(&path).map_err(failed(&path))
    }

    /// Its modules.
    pub(super) fn modules(&self) -> Result<Modules, ImageError> {
        Modules::open(&self.root.join("lib/modules").join(&self.version))
    }

    /// A file of the firmware or a device tree, wherever below `usr/lib` a package has it.
    pub(super) fn firmware(&self, name: &str) -> Result<Vec<u8>, ImageError> {
        let path =
            find(&self.root.join("usr/lib"), name).ok_or_else(|| ImageError::NoFirmware(name.to_owned()))?;
        fs::read(&path).map_err(failed(&path))
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    move |cause| ImageError::Packages { path, cause }
}

fn parse(line: &str) -> Option<Package> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, name, architecture, version, digest] = words[..] else { return None };
    let [name, architecture, version, digest] = [name, architecture, version, digest].map(str::to_owned);
    Some(Package { name, architecture, version, digest })
}

/// The first by path, so that it is the same one every time.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().find_map(|path| match path.symlink_metadata() {
        Ok(found) if found.is_dir() => find(&path, name),
        Ok(found) if found.is_file() && path.file_name()? == name => Some(path),
        _ => None,
    })
}
