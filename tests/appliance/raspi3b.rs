//! QEMU's Raspberry Pi 3: its SD card and a framebuffer come up under the same program. The board's own boot loader is not
//! in QEMU, so the test does what that would do: it hands kernel and archive over, and puts the framebuffer into the device tree.
//! Left out is the watchdog.

use crate::{alone, card::Card, has, machine::Machine, ready};
use age::x25519;
use std::{
    fs::{self, OpenOptions},
    path::Path,
    process::Command,
};

/// What a Pi's firmware writes of a screen of 640x480 pixels; the address is the one that QEMU gives it.
const FRAMEBUFFER: &str = "/chosen/framebuffer@3c100000";
/// An SD card of QEMU has a power of two of bytes.
const CARD_BYTES: u64 = 256 << 20;

/// The shipped board with a screen and a key in place of its SPI panel and lines, which QEMU does not have.
fn board() -> String {
    let shipped = include_str!("../../boards/profiles/rpi3-ili9341.toml");
    let (before, rest) = shipped.split_once("[panel]").unwrap();
    let (_, modules) = rest.split_once("[modules]\n").unwrap();
    let panel = "kind = \"fbdev\"\ndevice = \"/dev/fb0\"\nwidth = 640\nheight = 480\nrotation = 0\nwidth_mm = 154\nheight_mm = 116\n";
    let buttons = "[[buttons]]\naction = \"next\"\nkey = \"enter\"\n\n[[buttons]]\naction = \"stop\"\nkey = \"escape\"\n";
    let board = format!("{before}[panel]\n{panel}\n{buttons}\n[modules]\n{modules}");
    board
        .replace("rpi3-ili9341", "rpi3-screen")
        // QEMU's chip resets itself at the first word to its watchdog, whatever its time is.
        .replace("\"bcm2835_wdt\", ", "")
        .replace("\n[modules.options]\nbcm2835_wdt = \"heartbeat=12\"\n", "")
        .replace("boot_mib = 256", "boot_mib = 128")
        .replace("data_mib = 512", "data_mib = 64")
}

#[test]
fn card_and_framebuffer_of_a_raspberry_pi_3_come_up() {
    let Some((program, packages)) = ready("QEMU's Raspberry Pi 3") else { return };
    if !has("fdtput") {
        println!(
            "SKIPPED: QEMU's Raspberry Pi 3 was NOT tested; it needs: apt-get install device-tree-compiler"
        );
        return;
    }
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("board.toml");
    fs::write(&profile, board()).unwrap();
    let recipient = x25519::Identity::generate().to_public();
    let card = Card::of_board(profile.to_str().unwrap(), (&program, &packages), &recipient, &[]);
    OpenOptions::new().write(true).open(&card.path).unwrap().set_len(CARD_BYTES).unwrap();
    let tree = card.boot_file("bcm2837-rpi-3-b.dtb");
    add_framebuffer(&tree);

    let mut machine = Machine::raspi3b(&card, &tree);
    let screen = machine.wait_for("no-model");
    println!("figure: kernel start to a screen on QEMU's Raspberry Pi 3: {:.1} s", screen.since_start);
    assert!(machine.shows_something(), "the framebuffer is black");
    drop(machine);
    assert!(card.text("/starts").is_some(), "nothing was written to the card");
}

fn add_framebuffer(tree: &Path) {
    let put = |arguments: &[&str]| {
        let output = Command::new("fdtput").arg(tree).args(arguments).output();
        assert!(output.as_ref().is_ok_and(|output| output.status.success()), "{arguments:?}: {output:?}");
    };
    let create = Command::new("fdtput").args(["-c"]).arg(tree).arg(FRAMEBUFFER).output().unwrap();
    assert!(create.status.success(), "{create:?}");
    for arguments in [
        ["/chosen", "#address-cells", "1"],
        ["/chosen", "#size-cells", "1"],
        [FRAMEBUFFER, "width", "640"],
        [FRAMEBUFFER, "height", "480"],
        [FRAMEBUFFER, "stride", "1280"],
    ] {
        put(&[&["-t", "u"], &arguments[..]].concat());
    }
    put(&["-t", "x", FRAMEBUFFER, "reg", "3c100000", "96000"]);
    put(&["-t", "s", FRAMEBUFFER, "compatible", "simple-framebuffer"]);
    put(&["-t", "s", FRAMEBUFFER, "format", "r5g6b5"]);
    put(&["-t", "bx", "/chosen", "ranges"]);
}
