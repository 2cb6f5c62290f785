//! Writes `synkiosk-device.cdx.json` beside the program: what it is made of.
#![forbid(unsafe_code)]

use std::{fs, path::Path, process::ExitCode};
use synkiosk_components::{Build, Component, Program, Role, crates, document};

const USAGE: &str = "synkiosk-components PROGRAM TARGET FEATURES COMPILER ['NAME|VERSION|PURL|LICENCE'...]
help: run device/build.sh, which calls this in the checkout's folder";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, target, features, compiler, more @ ..] = arguments.as_slice() else {
        eprintln!("error: usage: {USAGE}");
        return ExitCode::from(2);
    };
    match write(Path::new(program), Build { target, features }, compiler, more) {
        Ok(count) => {
            println!("figure: components: {count} listed");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: the program's components could not be listed: {error}");
            eprintln!("help: run device/build.sh in a clone of the repository");
            ExitCode::from(2)
        }
    }
}

fn write(
    program: &Path,
    build: Build<'_>,
    compiler: &str,
    more: &[String],
) -> Result<usize, Box<dyn std::error::Error>> {
    let bytes = fs::read(program)?;
    let mut components = crates::of_build(Path::new("."), build)?;
    for library in more {
        components.push(linked(library).ok_or_else(|| format!("{library:?} is no library's description"))?);
    }
    let made = Program { bytes: &bytes, version: env!("CARGO_PKG_VERSION"), compiler };
    fs::write(program.with_file_name("synkiosk-device.cdx.json"), document(made, &components))?;
    Ok(components.len())
}

/// What is in the program and no crate: `NAME|VERSION|PURL|LICENCE`.
fn linked(text: &str) -> Option<Component> {
    let [name, version, purl, licence] = text.split('|').collect::<Vec<_>>()[..] else { return None };
    Some(Component {
        name: name.to_owned(),
        version: version.to_owned(),
        role: Role::Program,
        licence: licence.to_owned(),
        repository: String::new(),
        checksum: None,
        purl: purl.to_owned(),
    })
}
