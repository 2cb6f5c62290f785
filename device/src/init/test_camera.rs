//! A person in front of a camera made of software, in the virtual machine's test image alone: the pictures of a shipped
//! rendered person go into v4l2loopback, and come out of it as out of any Video4Linux camera.

use super::console::say;
use crate::session::screen::Screen;
use std::{
    io::{self, Write},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};
use synkiosk_boards::{Profile, profile::CameraSource};
use synkiosk_models::pose::Pose;
use v4l::{Device, Format, FourCC, video::Output};

/// From one picture to the next, as the profile of the machine says.
const STEP: Duration = Duration::from_millis(200);

macro_rules! picture {
    ($pose:literal) => {
        ($pose, include_bytes!(concat!("../../demo/people/synkinesis-one/", $pose, ".jpg")).as_slice())
    };
}

/// The first is shown where no pose is asked for.
const PICTURES: [(&str, &[u8]); 9] = [
    picture!("rest"),
    picture!("brow-raise"),
    picture!("gentle-closure"),
    picture!("tight-closure"),
    picture!("closed-smile"),
    picture!("open-smile"),
    picture!("snarl"),
    picture!("pucker"),
    picture!("lower-teeth"),
];

static SHOWN: AtomicUsize = AtomicUsize::new(0);

/// Stands in front of the camera from now on.
pub(super) fn start(profile: &Profile) {
    let CameraSource::V4l2 { device, .. } = &profile.camera().source else { return };
    let device = device.clone();
    thread::spawn(move || {
        let failed =
            feed(Path::new(&device)).map_or_else(|error| error.to_string(), |()| "it ended".to_owned());
        say(format!("the person in front of the camera is gone: {failed}"));
    });
}

/// Does what the screen asks for.
pub(super) fn look_at(screen: &Screen) {
    let asked = match screen {
        Screen::Pose { pose, .. } | Screen::Retake { pose, .. } => *pose,
        _ => Pose::Rest,
    };
    let index = PICTURES.iter().position(|(name, _)| *name == asked.name()).unwrap_or(0);
    SHOWN.store(index, Ordering::Relaxed);
}

fn feed(path: &Path) -> io::Result<()> {
    let frames = PICTURES.iter().map(|(_, jpeg)| yuyv(jpeg)).collect::<io::Result<Vec<_>>>()?;
    let mut device = Device::with_path(path)?;
    let (width, height, _) = frames[0];
    Output::set_format(&device, &Format::new(width, height, FourCC::new(b"YUYV")))?;
    loop {
        device.write_all(&frames[SHOWN.load(Ordering::Relaxed)].2)?;
        thread::sleep(STEP);
    }
}

/// Width, height, and luma between neutral colors.
fn yuyv(jpeg: &[u8]) -> io::Result<(u32, u32, Vec<u8>)> {
    let gray = image::load_from_memory(jpeg).map_err(io::Error::other)?.into_luma8();
    let pixels = gray.as_raw().iter().flat_map(|luma| [*luma, 128]).collect();
    Ok((gray.width(), gray.height(), pixels))
}
