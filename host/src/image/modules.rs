//! Which module files a board loads, and in which order: its profile names a few, `depmod` knows what each of them needs.

use super::ImageError;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The modules of one kernel.
#[derive(Debug)]
pub struct Modules {
    folder: PathBuf,
    /// By name with underscores: the file below `folder`, and those that it needs, the nearest first.
    files: BTreeMap<String, (String, Vec<String>)>,
    built_in: Vec<String>,
}

impl Modules {
    /// Reads `modules.dep` and `modules.builtin`.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn open(folder: &Path) -> Result<Modules, ImageError> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|cause| ImageError::Packages { path, cause })
        };
        let line = |line: &str| {
            let (file, needs) = line.split_once(':')?;
            Some((name_of(file), (file.to_owned(), needs.split_whitespace().map(str::to_owned).collect())))
        };
        let files = read("modules.dep")?.lines().filter_map(line).collect();
        let built_in = read("modules.builtin")?.lines().map(name_of).collect();
        Ok(Modules { folder: folder.to_owned(), files, built_in })
    }

    /// Name and bytes of each file, whatever one needs before it. What is built in needs no file.
    ///
    /// # Errors
    /// When the kernel has no such module.
    pub fn for_board(&self, wanted: &[String]) -> Result<Vec<(String, Vec<u8>)>, ImageError> {
        let mut order: Vec<&str> = Vec::new();
        for module in wanted {
            let name = module.replace('-', "_");
            match self.files.get(&name) {
                Some((file, needs)) => {
                    for file in needs.iter().rev().chain([file]) {
                        if !order.contains(&file.as_str()) {
                            order.push(file);
                        }
                    }
                }
                None if self.built_in.contains(&name) => {}
                None => return Err(ImageError::NoModule(module.clone())),
            }
        }
        order.into_iter().map(|file| self.read(file)).collect()
    }

    fn read(&self, file: &str) -> Result<(String, Vec<u8>), ImageError> {
        let path = self.folder.join(file);
        let bytes = fs::read(&path).map_err(|cause| ImageError::Packages { path, cause })?;
        Ok((file.rsplit('/').next().unwrap_or(file).to_owned(), bytes))
    }
}

/// `kernel/fs/ext4/ext4.ko.xz` is `ext4`.
fn name_of(file: &str) -> String {
    let name = file.trim().rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("kernel/fs")).unwrap();
        for name in ["a.ko", "b-x.ko", "c.ko.xz"] {
            fs::write(folder.path().join("kernel/fs").join(name), name).unwrap();
        }
        let needs = "kernel/fs/a.ko: kernel/fs/b-x.ko kernel/fs/c.ko.xz\nkernel/fs/b-x.ko: kernel/fs/c.ko.xz\n\
                     kernel/fs/c.ko.xz:\n";
        fs::write(folder.path().join("modules.dep"), needs).unwrap();
        fs::write(folder.path().join("modules.builtin"), "kernel/lib/in-it.ko\n").unwrap();
        folder
    }

    #[test]
    fn what_a_module_needs_comes_before_it_and_once() {
        let kernel = kernel();
        let modules = Modules::open(kernel.path()).unwrap();
        for (wanted, expected) in [
            (vec!["a"], vec!["c.ko.xz", "b-x.ko", "a.ko"]),
            (vec!["c", "a", "b_x"], vec!["c.ko.xz", "b-x.ko", "a.ko"]),
            (vec!["b-x"], vec!["c.ko.xz", "b-x.ko"]),
            (vec!["in_it"], vec![]),
        ] {
            let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
            let found: Vec<_> =
                modules.for_board(&wanted).unwrap().into_iter().map(|(name, _)| name).collect();
            assert_eq!(found, expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_module_that_the_kernel_has_not_is_named() {
        let kernel = kernel();
        let error = Modules::open(kernel.path()).unwrap().for_board(&["d".to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), "the kernel has no module \"d\"");
    }
}
