//! How fast flashing is, side by side with `bmaptool copy`, which does not read back.

use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Medians over all rounds, in seconds, and their ratios.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Ours without what bmaptool does not do, to bmaptool's.
    pub ratio_to_bmaptool: f64,
    /// All of ours to bmaptool's.
    pub ratio_with_read_back: f64,
    /// `bmaptool copy`: it checks the image against its block map, writes, syncs.
    pub bmaptool_seconds: f64,
    /// Ours without reading back: digest of the whole image, marks, write, sync, first sector.
    pub without_read_back_seconds: f64,
    /// Ours as it always is.
    pub seconds: f64,
    /// Every round: bmaptool's, ours without reading back, ours.
    pub rounds: Vec<[f64; 3]>,
    /// The image's bytes, and those of them that are in no hole.
    pub image_bytes: [u64; 2],
    /// `loop device`, or `file` where none can be had.
    pub target: &'static str,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// It is not there.
    #[error("could not run bmaptool: {0}")]
    NoBmaptool(io::Error),
    /// It, or this program, failed.
    #[error("{what} failed: {said}")]
    Failed {
        /// Which program.
        what: String,
        /// What it said.
        said: String,
    },
    /// Files of the test.
    #[error("could not write what is to be measured: {0}")]
    Folder(#[from] io::Error),
}

/// An image of the shipped boards' size: table, 256 MiB of boot, 512 MiB of data.
const IMAGE: u64 = 769 << 20;
/// More than kernel, firmware, program and model take today (45 MiB), so that what counts is not how fast Python starts.
const BOOT: u64 = 240 << 20;
/// An empty ext4 of that size has so many groups with something in it, 64 KiB each or a little more.
const GROUPS: u64 = 4;
/// Rounds: enough for a median that one slow sync does not move.
const ROUNDS: usize = 7;

/// Measures in this folder, on an image that is made for it.
///
/// # Errors
/// When bmaptool is not there, or something failed.
pub fn measure(folder: &Path) -> Result<Figures, BenchError> {
    let version = Command::new("bmaptool").arg("--version").output();
    version.map_err(BenchError::NoBmaptool)?;
    let (image, map) = (folder.join("card.img"), folder.join("card.bmap"));
    make_image(&image)?;
    run(Command::new("bmaptool").arg("create").arg(&image).arg("-o").arg(&map))?;
    let target = Target::make(&folder.join("card"))?;
    let mut rounds = Vec::new();
    // The first round warms up: afterward both find the image in memory and the target's blocks on the disk.
    for round in 0..=ROUNDS {
        let bmaptool = seconds(
            Command::new("bmaptool").args(["-q", "copy", "--bmap"]).arg(&map).arg(&image).arg(&target.path),
        )?;
        target.fill()?;
        let (ours, read_back) = flash(&image, &target.path)?;
        if round > 0 {
            rounds.push([bmaptool, ours - read_back, ours]);
        }
    }
    let median = |column: usize| {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[column]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let [bmaptool_seconds, without_read_back_seconds, seconds] = [0, 1, 2].map(median);
    Ok(Figures {
        ratio_to_bmaptool: without_read_back_seconds / bmaptool_seconds,
        ratio_with_read_back: seconds / bmaptool_seconds,
        bmaptool_seconds,
        without_read_back_seconds,
        seconds,
        rounds,
        image_bytes: [IMAGE, (1 << 20) + BOOT + GROUPS * (1 << 20)],
        target: target.kind(),
    })
}

fn make_image(path: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.set_len(IMAGE)?;
    let mut first = [0; 512];
    // One partition, from 1 MiB to the end.
    first[446 + 4] = 0x83;
    first[446 + 8..446 + 12].copy_from_slice(&2048_u32.to_le_bytes());
    let sectors = u32::try_from((IMAGE >> 9) - 2048).expect("769 MiB");
    first[446 + 12..446 + 16].copy_from_slice(&sectors.to_le_bytes());
    first[510..].copy_from_slice(&[0x55, 0xaa]);
    file.write_all(&first)?;
    file.seek(SeekFrom::Start(1 << 20))?;
    random(&mut file, BOOT)?;
    for group in 0..GROUPS {
        file.seek(SeekFrom::Start((257 + 128 * group) << 20))?;
        random(&mut file, 1 << 20)?;
    }
    file.sync_all()
}

fn random(file: &mut File, bytes: u64) -> io::Result<()> {
    let mut block = vec![0; 1 << 20];
    for _ in 0..bytes >> 20 {
        getrandom::fill(&mut block).map_err(io::Error::from)?;
        file.write_all(&block)?;
    }
    Ok(())
}

/// Both write to the same: a loop device, which is a disk to both, or a plain file.
struct Target {
    path: PathBuf,
    is_loop: bool,
}

impl Target {
    fn make(file: &Path) -> Result<Target, BenchError> {
        let card = File::create_new(file)?;
        card.set_len(IMAGE + (64 << 20))?;
        let attached = Command::new("losetup").args(["--find", "--show"]).arg(file).output();
        let name = attached.ok().filter(|output| output.status.success()).map(|output| output.stdout);
        let name = name.and_then(|name| String::from_utf8(name).ok()).map(|name| name.trim().to_owned());
        Ok(match name.filter(|name| !name.is_empty()) {
            Some(name) => Target { path: name.into(), is_loop: true },
            None => Target { path: file.to_owned(), is_loop: false },
        })
    }

    fn kind(&self) -> &'static str {
        if self.is_loop { "loop device" } else { "file" }
    }

    /// bmaptool cuts a plain file to the image's size; a card keeps its own.
    fn fill(&self) -> io::Result<()> {
        if self.is_loop {
            Ok(())
        } else {
            File::options().write(true).open(&self.path)?.set_len(IMAGE + (64 << 20))
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.is_loop {
            // What cannot be detached is seen by losetup.
            let _ = Command::new("losetup").arg("--detach").arg(&self.path).status();
        }
    }
}

/// All of it, and reading back of it, in seconds.
fn flash(image: &Path, target: &Path) -> Result<(f64, f64), BenchError> {
    let program = std::env::current_exe()?;
    let receipt = image.with_extension("receipt.json");
    let mut command = Command::new(program);
    command.arg("flash").arg(image).arg("--to").arg(target).arg("--yes-i-mean").arg(target);
    let seconds = seconds(command.arg("--receipt").arg(&receipt))?;
    let text = fs::read(&receipt)?;
    fs::remove_file(&receipt)?;
    let said: serde_json::Value = serde_json::from_slice(&text).map_err(io::Error::from)?;
    let read_back = said["cards"][0]["seconds"]["read_back"].as_f64();
    let read_back = read_back.ok_or_else(|| io::Error::other("the receipt has no time of reading back"))?;
    Ok((seconds, read_back))
}

fn seconds(command: &mut Command) -> Result<f64, BenchError> {
    let start = Instant::now();
    run(command)?;
    Ok(start.elapsed().as_secs_f64())
}

fn run(command: &mut Command) -> Result<(), BenchError> {
    let what = command.get_program().to_string_lossy().into_owned();
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(BenchError::Failed { what, said: String::from_utf8_lossy(&said).trim().to_owned() })
}
