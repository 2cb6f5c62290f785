//! Rules that no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below `folder` whose name ends so; build outputs and hidden folders are left out.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// Files that may hold `unsafe`: generated bindings, the processors' own instructions, and a counting allocator.
const UNSAFE_ALLOWED: &[&str] = &[
    "device/v4l2-sys/",
    "models/int8/src/kernels/",
    "models/benches/int8.rs",
    "models/tests/allocations.rs",
];

#[test]
fn no_unsafe_outside_the_listed_files() {
    let word = ["uns", "afe"].concat();
    for path in files(&root(), ".rs") {
        let shown = path.display().to_string();
        if UNSAFE_ALLOWED.iter().any(|allowed| shown.contains(allowed)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let holds =
                code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).any(|it| it == word);
            assert!(!holds, "{shown}:{}: {line}", number + 1);
        }
    }
}

#[test]
fn every_crate_forbids_it() {
    for source in [
        "boards",
        "models",
        "models/int8",
        "device/journal",
        "device/components",
        "device",
        "host",
        "tests/fuzz",
    ] {
        for name in ["lib.rs", "main.rs"] {
            let path = root().join(source).join("src").join(name);
            if let Ok(text) = fs::read_to_string(&path) {
                // What is denied can be allowed again, which one module of the kernels' crate does.
                let word = if source == "models/int8" { "deny" } else { "forbid" };
                let line = format!("#![{word}({}{})]", "uns", "afe_code");
                assert!(text.contains(&line), "{}", path.display());
            }
        }
    }
}

/// A file under `tests/` that no manifest declares is silently never compiled.
#[test]
fn every_test_file_is_declared() {
    let manifests: String =
        files(&root(), "Cargo.toml").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for entry in fs::read_dir(root().join("tests")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.path().join("main.rs").is_file();
        if name.ends_with(".rs") || is_folder {
            let file = if is_folder { format!("{name}/main.rs") } else { name };
            assert!(manifests.contains(&format!("tests/{file}\"")), "no manifest declares tests/{file}");
        }
    }
}

/// Without that line a crate has its own idea of what is a fault.
#[test]
fn every_crate_takes_the_workspaces_lints() {
    for path in files(&root(), "Cargo.toml") {
        let text = fs::read_to_string(&path).unwrap();
        // What has a workspace of its own, such as generated bindings, cannot.
        let is_apart = text.lines().any(|line| line == "[workspace]");
        assert!(is_apart || text.contains("\n[lints]\nworkspace = true\n"), "{}", path.display());
    }
}

/// The device never gets what only the host needs, and the host never needs the device.
#[test]
fn arrows_point_one_way() {
    let needs = |package: &str, other: &str| {
        fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap().contains(&format!("\n{other}"))
    };
    for package in ["boards", "models", "models/int8", "device/journal", "device/components", "device"] {
        assert!(!needs(package, "synkiosk-host"), "{package} depends on host");
        assert!(!needs(package, "burn"), "{package} trains");
    }
    for package in ["boards", "models", "models/int8", "device/journal", "device/components", "host"] {
        assert!(!needs(package, "synkiosk-device"), "{package} depends on device");
    }
}

#[test]
fn every_page_of_the_readme_exists() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.starts_with("http") {
            let page = link.split('#').next().unwrap_or_default();
            assert!(page.is_empty() || root().join(page).exists(), "README.md links to {link}");
        }
    }
}
