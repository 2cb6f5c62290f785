//! What is in a folder: names and digests, to be compared with what is in it later.

use std::{collections::BTreeMap, fs, path::Path};
use synkiosk_models::bundle::Member;

/// Every file below a folder with its digest; of very large ones, which these tests make out of holes, the length.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    add(folder, folder, &mut files);
    files
}

fn add(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let about = fs::symlink_metadata(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let content = if about.is_dir() {
            add(root, &path, files);
            "folder".to_owned()
        } else if about.is_file() && about.len() < 1 << 24 {
            Member::of("file", &fs::read(&path).unwrap()).sha256
        } else {
            format!("{:?} {}", about.file_type(), about.len())
        };
        files.insert(name, content);
    }
}
