//! Displays by kernel mode setting: two buffers in memory, of which one is shown while the other is drawn.

use super::{
    PanelError,
    fit::{Fit, xrgb8888},
    hot_plug::{Display, HotPlug},
};
use crate::frame::Frame;
use drm::{
    Device as _,
    buffer::{Buffer as _, DrmFourcc},
    control::{
        Device as _, Mode, ModeTypeFlags, PageFlipFlags, connector, crtc, dumbbuffer::DumbBuffer, framebuffer,
    },
};
use rustix::event::{PollFd, PollFlags, Timespec};
use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::{AsFd, BorrowedFd},
};
use synkiosk_boards::profile::{self, Rotation};

/// A flip that takes longer than this will not come: the slowest displays draw 24 pictures a second.
const FLIP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// Above this a preferred mode is passed over where there is a smaller one: screens are drawn by the processor.
const MOST: (u16, u16) = (1920, 1080);

/// The display of this card, of the size that the profile says where it offers that.
pub fn panel(
    device: &str,
    panel: &profile::Panel,
) -> HotPlug<DrmDisplay, impl FnMut() -> Result<DrmDisplay, PanelError> + use<>> {
    let (device, wanted, rotation) = (device.to_owned(), (panel.width, panel.height), panel.rotation);
    HotPlug::new(move || DrmDisplay::open(&device, wanted, rotation))
}

struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Card {}
impl drm::control::Device for Card {}

struct Buffer {
    memory: DumbBuffer,
    shown_as: framebuffer::Handle,
}

/// A display that was found. Letting go of the card frees its buffers.
pub struct DrmDisplay {
    name: String,
    card: Card,
    connector: connector::Handle,
    crtc: crtc::Handle,
    mode: Mode,
    buffers: [Buffer; 2],
    /// Which buffer is shown; none before the first frame.
    front: Option<usize>,
    flips: Flips,
    fit: Fit,
}

/// How the next buffer comes to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flips {
    /// In the display's own time.
    Idle,
    /// The last one is not done yet.
    Pending,
    /// The driver does not: the mode is set anew, and what changed is said.
    Refused,
}

impl DrmDisplay {
    fn open(device: &str, wanted: (u32, u32), rotation: Rotation) -> Result<DrmDisplay, PanelError> {
        let file = OpenOptions::new().read(true).write(true).open(device);
        let card = Card(file.map_err(|cause| PanelError::opening(device, cause))?);
        let failed = |cause: io::Error| PanelError::failing(device, cause);
        let resources = card.resource_handles().map_err(failed)?;
        let no_display = || PanelError::NoDisplay(device.to_owned());
        let connector = resources
            .connectors()
            .iter()
            .filter_map(|handle| card.get_connector(*handle, true).ok())
            .find(is_connected)
            .ok_or_else(no_display)?;
        let sizes: Vec<_> = connector.modes().iter().map(size_and_preference).collect();
        let mode = connector.modes()[choose(&sizes, wanted).ok_or_else(no_display)?];
        let crtc = find_crtc(&card, &resources, &connector).map_err(failed)?.ok_or_else(no_display)?;
        let buffers = [buffer(&card, mode).map_err(failed)?, buffer(&card, mode).map_err(failed)?];
        // Whoever opens the card first has it already; one that another program has is refused when it is used.
        let _ = card.acquire_master_lock();
        let (width, height) = mode.size();
        Ok(DrmDisplay {
            name: device.to_owned(),
            connector: connector.handle(),
            card,
            crtc,
            mode,
            buffers,
            front: None,
            flips: Flips::Idle,
            fit: Fit::new((width.into(), height.into()), rotation),
        })
    }

    fn draw(&mut self, frame: &Frame, back: usize) -> io::Result<()> {
        let memory = &mut self.buffers[back].memory;
        let pitch = memory.pitch() as usize;
        let mut map = self.card.map_dumb_buffer(memory)?;
        let mut lines = map.as_mut().chunks_exact_mut(pitch);
        self.fit.rows(frame, |_, row| {
            let Some(line) = lines.next() else { return };
            for (to, pixel) in line.chunks_exact_mut(4).zip(row.chunks_exact(3)) {
                to.copy_from_slice(&xrgb8888(pixel));
            }
        });
        Ok(())
    }

    fn flip(&mut self, back: usize) -> io::Result<()> {
        let shown_as = self.buffers[back].shown_as;
        if self.front.is_some() && self.flips != Flips::Refused {
            match self.card.page_flip(self.crtc, shown_as, PageFlipFlags::EVENT, None) {
                Ok(()) => {
                    self.flips = Flips::Pending;
                    return Ok(());
                }
                // EBUSY: the last one takes long, not a driver that has none.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {}
                Err(_) => self.flips = Flips::Refused,
            }
        }
        self.card.set_crtc(self.crtc, Some(shown_as), (0, 0), &[self.connector], Some(self.mode))?;
        // Only displays that are sent pictures want to hear of it, and others refuse.
        let _ = self.card.dirty_framebuffer(shown_as, &[]);
        Ok(())
    }

    /// Waits until the buffer behind is not shown any more.
    fn wait(&mut self) -> io::Result<()> {
        if self.flips != Flips::Pending {
            return Ok(());
        }
        self.flips = Flips::Idle;
        let mut card = [PollFd::new(&self.card, PollFlags::IN)];
        if rustix::event::poll(&mut card, Some(&FLIP))? > 0 {
            self.card.receive_events()?.for_each(drop);
        }
        Ok(())
    }
}

impl Display for DrmDisplay {
    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        let back = self.front.map_or(0, |front| 1 - front);
        let shown = self.wait().and_then(|()| self.draw(frame, back)).and_then(|()| self.flip(back));
        shown.map_err(|cause| PanelError::failing(&self.name, cause))?;
        self.front = Some(back);
        Ok(())
    }

    fn check(&mut self) -> Result<(), PanelError> {
        let found = self.card.get_connector(self.connector, false);
        let connector = found.map_err(|cause| PanelError::failing(&self.name, cause))?;
        // Another display may be in the place of the first: it has to offer the mode as well.
        if is_connected(&connector) && connector.modes().contains(&self.mode) {
            Ok(())
        } else {
            Err(PanelError::NoDisplay(self.name.clone()))
        }
    }
}

fn is_connected(connector: &connector::Info) -> bool {
    connector.state() == connector::State::Connected && !connector.modes().is_empty()
}

fn size_and_preference(mode: &Mode) -> ((u16, u16), bool) {
    (mode.size(), mode.mode_type().contains(ModeTypeFlags::PREFERRED))
}

fn find_crtc(
    card: &Card,
    resources: &drm::control::ResourceHandles,
    connector: &connector::Info,
) -> io::Result<Option<crtc::Handle>> {
    for handle in connector.current_encoder().iter().chain(connector.encoders()) {
        let encoder = card.get_encoder(*handle)?;
        let possible = resources.filter_crtcs(encoder.possible_crtcs());
        if let Some(crtc) = encoder.crtc().or_else(|| possible.first().copied()) {
            return Ok(Some(crtc));
        }
    }
    Ok(None)
}

fn buffer(card: &Card, mode: Mode) -> io::Result<Buffer> {
    let (width, height) = mode.size();
    let memory = card.create_dumb_buffer((width.into(), height.into()), DrmFourcc::Xrgb8888, 32)?;
    let shown_as = card.add_framebuffer(&memory, 24, 32)?;
    Ok(Buffer { memory, shown_as })
}

/// Which of the modes, by their sizes and whether the display prefers them: the wanted size, else the preferred one,
/// else the largest that is not too large to be drawn fast.
fn choose(modes: &[((u16, u16), bool)], wanted: (u32, u32)) -> Option<usize> {
    let size = |index: usize| (u32::from(modes[index].0.0), u32::from(modes[index].0.1));
    let fits = |index: usize| {
        let (width, height) = modes[index].0;
        width.max(height) <= MOST.0 && width.min(height) <= MOST.1
    };
    let preferred = || (0..modes.len()).find(|index| modes[*index].1);
    let pixels = |index: &usize| size(*index).0 * size(*index).1;
    (0..modes.len())
        .find(|index| size(*index) == wanted)
        .or_else(|| preferred().filter(|index| fits(*index)))
        // The first of equally large ones: displays list the better ones first.
        .or_else(|| (0..modes.len()).rev().filter(|index| fits(*index)).max_by_key(pixels))
        .or_else(preferred)
        .or((!modes.is_empty()).then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_mode_is_taken_else_the_preferred_one() {
        let modes = [((1920, 1080), true), ((1280, 800), false), ((1280, 720), false), ((1280, 800), false)];
        assert_eq!(choose(&modes, (1280, 800)), Some(1));
        assert_eq!(choose(&modes, (800, 480)), Some(0));
        let large =
            [((3840, 2160), true), ((1280, 720), false), ((1920, 1080), false), ((1920, 1080), false)];
        assert_eq!(choose(&large, (800, 480)), Some(2));
        assert_eq!(choose(&large, (3840, 2160)), Some(0));
        assert_eq!(choose(&[((3840, 2160), false)], (800, 480)), Some(0));
        assert_eq!(choose(&[], (800, 480)), None);
    }

    #[test]
    fn a_card_that_is_not_there_is_said_and_looked_for() {
        let profile = synkiosk_boards::Profile::named("vm").unwrap();
        let mut panel = panel("/dev/dri/card-that-is-not-there", profile.panel());
        super::super::Panel::show(&mut panel, &Frame::new(800, 600)).unwrap();
        let error = super::super::Panel::check(&mut panel).unwrap_err();
        assert!(matches!(error, PanelError::Missing(_)), "{error}");
    }
}
