//! The profiles that come with the program. A new board is a file in `profiles/` and a line here.

/// Name and text of each.
pub const PROFILES: &[(&str, &str)] = &[
    ("desk", include_str!("../profiles/desk.toml")),
    ("rpi4-hdmi", include_str!("../profiles/rpi4-hdmi.toml")),
    ("rpi3-ili9341", include_str!("../profiles/rpi3-ili9341.toml")),
    ("jetson-nano-hdmi", include_str!("../profiles/jetson-nano-hdmi.toml")),
    ("vm", include_str!("../profiles/vm.toml")),
];

/// The device tree overlay that switches on a Raspberry Pi's first SPI bus; its source lies beside it.
pub const SPI_OVERLAY: &[u8] = include_bytes!("../overlays/spi0.dtbo");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn every_shipped_profile_holds_and_has_its_own_name() {
        for (name, text) in PROFILES {
            let profile = Profile::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(profile.name(), *name);
            assert_eq!(Profile::named(name).unwrap(), profile);
        }
    }

    #[test]
    fn every_file_in_the_folder_is_shipped() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut shipped: Vec<_> = PROFILES.iter().map(|(name, _)| format!("{name}.toml")).collect();
        files.sort();
        shipped.sort();
        assert_eq!(files, shipped);
    }

    #[test]
    fn only_desk_and_vm_take_the_demo_key() {
        let taking: Vec<_> =
            Profile::names().filter(|name| Profile::named(name).unwrap().accepts_demo_key()).collect();
        assert_eq!(taking, ["desk", "vm"]);
    }
}
