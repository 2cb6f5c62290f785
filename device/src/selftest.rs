//! What is looked at before the kiosk works: a list of named checks, each with what was found.
//!
//! Nothing here decides what happens then: `start.rs` does, and `selftest` prints.

use crate::{
    camera::{Camera, CameraError},
    panel::Panel,
    whole_file,
};
use std::{fmt, io, path::Path};
use synkiosk_journal::disk as fs;
use synkiosk_models::{bundle::Bundle, network::kernel::Kernel};

/// What is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The signature of the bundle, and what it holds.
    Bundle,
    /// The code for this processor.
    Kernel,
    /// Golden vectors.
    Networks,
    /// A record sealed and read back.
    Journal,
    /// A file written, read back and taken away.
    Storage,
    /// Whether it is there.
    Camera,
    /// Whether what is drawn is seen.
    Panel,
    /// Of the hottest place that the system knows.
    Temperature,
}

/// One check, done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub part: Part,
    /// What was found.
    pub result: Result<String, Fault>,
}

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In one line.
    pub message: String,
    /// What to do.
    pub help: &'static str,
    /// Whether it was looked at and refused, rather than out of reach.
    pub checked: bool,
}

impl Part {
    /// Its name in the list.
    pub fn name(self) -> &'static str {
        match self {
            Part::Bundle => "bundle",
            Part::Kernel => "kernel",
            Part::Networks => "networks",
            Part::Journal => "journal",
            Part::Storage => "storage",
            Part::Camera => "camera",
            Part::Panel => "panel",
            Part::Temperature => "temperature",
        }
    }
}

impl Finding {
    fn good(part: Part, found: impl fmt::Display) -> Finding {
        Finding { part, result: Ok(found.to_string()) }
    }

    /// Looked at, and does not hold.
    pub fn refused(part: Part, message: impl fmt::Display, help: &'static str) -> Finding {
        Finding { part, result: Err(Fault { message: message.to_string(), help, checked: true }) }
    }

    /// Could not be looked at.
    pub fn could_not(part: Part, message: impl fmt::Display, help: &'static str) -> Finding {
        Finding { part, result: Err(Fault { message: message.to_string(), help, checked: false }) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8} ", format!("{}:", self.part.name()))?;
        match &self.result {
            Ok(found) => f.write_str(found),
            Err(fault) => write!(f, "{} ({})", fault.message, fault.help),
        }
    }
}

/// Whose signature it was, of a bundle that was read.
pub fn bundle(bundle: &Bundle) -> Finding {
    let (manifest, signer) = (bundle.manifest(), bundle.signed_by());
    let demo = if signer.is_demo { " (the demo key)" } else { "" };
    let found = format!("{} {}, signed by key {}{demo}", manifest.name, manifest.version, signer.id);
    Finding::good(Part::Bundle, found)
}

/// The code that runs the networks.
pub fn kernel(kernel: &'static dyn Kernel) -> Finding {
    Finding::good(Part::Kernel, kernel.name())
}

/// The golden vectors of a bundle on this processor.
pub fn networks(bundle: &Bundle, kernel: &'static dyn Kernel) -> Finding {
    let check = || {
        let (mut network, mut landmarker) = (bundle.network_with(kernel)?, bundle.landmarker_with(kernel)?);
        bundle.check_golden(&mut network, &mut landmarker)
    };
    match check() {
        Ok(golden) => golden_held(golden),
        Err(error) => Finding::refused(Part::Networks, &error, error.help()),
    }
}

/// The same of golden vectors that were run already.
pub fn golden_held(golden: usize) -> Finding {
    Finding::good(Part::Networks, format!("{golden} golden inputs, equal bit for bit"))
}

/// Whether a file in this folder is what was written to it.
pub fn storage(folder: &Path) -> Finding {
    const WHAT: &[u8] = b"written by the self-test";
    let path = folder.join("selftest");
    let read_back = || -> io::Result<bool> {
        whole_file::write(&path, WHAT)?;
        let same = fs::read(&path)? == WHAT;
        fs::remove_file(&path)?;
        Ok(same)
    };
    let help = "check that the card is sound and has room";
    match read_back() {
        Ok(true) => Finding::good(Part::Storage, "a file written and read back"),
        Ok(false) => Finding::refused(Part::Storage, "a file is not what was written to it", help),
        Err(error) => {
            let message = format!("could not write a file to {}: {error}", folder.display());
            Finding::refused(Part::Storage, message, help)
        }
    }
}

/// Whether the camera is there; no picture is taken, because nobody has agreed to one.
pub fn camera(camera: &mut dyn Camera) -> Finding {
    match camera.check() {
        Ok(()) => Finding::good(Part::Camera, "it is there"),
        Err(error @ CameraError::NoDriver(_)) => Finding::could_not(Part::Camera, &error, error.help()),
        Err(error) => Finding::refused(Part::Camera, &error, error.help()),
    }
}

/// Whether what is drawn is seen.
pub fn panel(panel: &mut dyn Panel) -> Finding {
    match panel.check() {
        Ok(()) => Finding::good(Part::Panel, "it is there"),
        Err(error) => Finding::refused(Part::Panel, &error, error.help()),
    }
}

/// Above this a Raspberry Pi slows down and pictures come late.
pub const HOT_MILLIDEGREES: i32 = 80_000;

/// Whether it is too hot, in thousandths of a degree Celsius; `None` where the system does not say.
pub fn temperature(hottest: Option<i32>) -> Finding {
    let degrees = |milli: i32| f64::from(milli / 100) / 10.0;
    match hottest {
        None => Finding::good(Part::Temperature, "not known to this system"),
        Some(milli) if milli > HOT_MILLIDEGREES => {
            let message = format!("{} degrees, more than {}", degrees(milli), degrees(HOT_MILLIDEGREES));
            Finding::refused(Part::Temperature, message, "let air reach the unit, and keep it out of the sun")
        }
        Some(milli) => Finding::good(Part::Temperature, format!("{} degrees", degrees(milli))),
    }
}

/// Where Linux says how warm it is.
pub const THERMAL: &str = "/sys/class/thermal";

/// The hottest of all zones below a folder like [`THERMAL`].
pub fn hottest(thermal: &Path) -> Option<i32> {
    let zones = fs::read_dir(thermal).ok()?.flatten();
    let zones = zones.filter(|zone| zone.file_name().to_string_lossy().starts_with("thermal_zone"));
    zones.filter_map(|zone| millidegrees(&fs::read_to_string(zone.path().join("temp")).ok()?)).max()
}

/// What a zone's file says, unless no chip could be so cold or so hot: sensors that are switched off say such things.
fn millidegrees(text: &str) -> Option<i32> {
    let milli = text.trim().parse().ok()?;
    (-40_000..=150_000).contains(&milli).then_some(milli)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{frame::Frame, panel::PanelError};
    use synkiosk_models::photo::Photo;

    struct NoCamera;

    impl Camera for NoCamera {
        fn next(&mut self) -> Result<Photo, CameraError> {
            panic!("picture taken without consent");
        }

        fn check(&mut self) -> Result<(), CameraError> {
            Err(CameraError::Missing("/dev/video0".to_owned()))
        }
    }

    /// There, or not.
    struct Display(bool);

    impl Panel for Display {
        fn show(&mut self, _: &Frame) -> io::Result<()> {
            panic!("nothing is drawn for a test");
        }

        fn check(&mut self) -> Result<(), PanelError> {
            if self.0 { Ok(()) } else { Err(PanelError::NoDisplay("/dev/dri/card0".to_owned())) }
        }
    }

    fn lines(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn findings_read_as_a_list() {
        let root = tempfile::tempdir().unwrap();
        let findings = [
            storage(root.path()),
            camera(&mut NoCamera),
            panel(&mut Display(true)),
            panel(&mut Display(false)),
            temperature(Some(48_312)),
            temperature(Some(80_000)),
            temperature(Some(80_100)),
            temperature(None),
        ];
        let expected = [
            "storage: a file written and read back",
            "camera:  camera /dev/video0 is not there (plug the camera in, or name another one with --camera)",
            "panel:   it is there",
            "panel:   no display is connected to /dev/dri/card0 (plug the display in, and switch it on)",
            "temperature: 48.3 degrees",
            "temperature: 80 degrees",
            "temperature: 80.1 degrees, more than 80 (let air reach the unit, and keep it out of the sun)",
            "temperature: not known to this system",
        ];
        assert_eq!(lines(&findings), expected);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "the self-test leaves something behind");
    }

    #[test]
    fn storage_that_takes_nothing_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let fault = storage(&root.path().join("gone")).result.unwrap_err();
        assert!(fault.message.starts_with("could not write a file to"), "{fault:?}");
    }

    #[test]
    fn sensors_that_make_no_sense_are_not_believed() {
        let cases = [
            ("48312\n", Some(48_312)),
            ("-5000", Some(-5_000)),
            ("0", Some(0)),
            ("", None),
            ("hot", None),
            ("48.3", None),
            ("999999", None),
            ("-273150", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(millidegrees(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_hottest_zone_counts() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(hottest(&root.path().join("none")), None);
        for (zone, says) in [("thermal_zone0", "41000"), ("thermal_zone1", "83000"), ("cooling_device0", "9")]
        {
            fs::create_dir(root.path().join(zone)).unwrap();
            fs::write(root.path().join(zone).join("temp"), says).unwrap();
        }
        fs::create_dir(root.path().join("thermal_zone2")).unwrap();
        assert_eq!(hottest(root.path()), Some(83_000));
        assert!(temperature(hottest(root.path())).result.is_err());
    }
}
