//! Small display controllers on a serial bus. Only what changed is sent.

use super::{
    PanelError,
    changes::{Rectangle, changes},
    fit::{Fit, rgb565},
    hot_plug::{Display, HotPlug},
};
use crate::frame::Frame;
use embedded_graphics::pixelcolor::{Rgb565, raw::RawU16};
use embedded_hal::{delay::DelayNs, digital::OutputPin, spi::SpiDevice};
use linux_embedded_hal::{
    CdevPin, Delay, SpidevDevice,
    gpio_cdev::{self, Chip, LineRequestFlags},
    spidev::{SpiModeFlags, SpidevOptions},
};
use mipidsi::{
    Builder,
    interface::{Interface, InterfaceKind, InterfacePixelFormat},
    models::{ILI9341Rgb565, Model, ST7789},
    options::{ColorInversion, ColorOrder, Orientation},
};
use std::{fmt::Debug, io};
use synkiosk_boards::profile::{Controller, Rotation, SpiPanel};
use zeroize::Zeroizing;

/// What the kernel's spidev takes in one piece, unless it is told otherwise.
const PIECE: usize = 4096;
const WIDTH: usize = Controller::SIZE.0 as usize;
const HEIGHT: usize = Controller::SIZE.1 as usize;

/// Either controller.
type AnyDisplay = Box<dyn Display>;

/// The panel that is wired like this to the lines of `chip`.
pub fn panel(
    wiring: &SpiPanel,
    chip: &str,
    rotation: Rotation,
) -> HotPlug<AnyDisplay, impl FnMut() -> Result<AnyDisplay, PanelError> + use<>> {
    let (wiring, chip) = (wiring.clone(), chip.to_owned());
    HotPlug::new(move || open(&wiring, &chip, rotation))
}

impl Display for AnyDisplay {
    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        (**self).show(frame)
    }

    fn check(&mut self) -> Result<(), PanelError> {
        (**self).check()
    }
}

fn open(wiring: &SpiPanel, chip: &str, rotation: Rotation) -> Result<AnyDisplay, PanelError> {
    let spi = open_bus(wiring).map_err(|cause| PanelError::opening(&wiring.bus, cause))?;
    let line = |pin| {
        let line_error =
            |cause| PanelError::Line { chip: chip.to_owned(), pin, cause: io::Error::other(cause) };
        output(chip, pin).map_err(line_error)
    };
    let bus = Bus::new(spi, line(wiring.data_command_pin)?);
    let reset = line(wiring.reset_pin)?;
    let backlight = wiring.backlight_pin.map(line).transpose()?;
    wired(wiring, (bus, reset, backlight), &mut Delay, rotation)
}

fn open_bus(wiring: &SpiPanel) -> io::Result<SpidevDevice> {
    let mut spi = SpidevDevice::open(&wiring.bus).map_err(|error| {
        let cause = error.inner();
        cause.raw_os_error().map_or_else(|| cause.kind().into(), io::Error::from_raw_os_error)
    })?;
    let options = SpidevOptions::new()
        .bits_per_word(8)
        .max_speed_hz(wiring.clock_hz)
        .mode(SpiModeFlags::SPI_MODE_0)
        .build();
    spi.configure(&options)?;
    Ok(spi)
}

fn output(chip: &str, pin: u32) -> Result<CdevPin, gpio_cdev::Error> {
    let handle = Chip::new(chip)?.get_line(pin)?.request(LineRequestFlags::OUTPUT, 0, "synkiosk panel")?;
    CdevPin::new(handle)
}

/// The panel of this bus, its reset line and its backlight.
fn wired<S, P>(
    wiring: &SpiPanel,
    (bus, reset, backlight): (Bus<S, P>, P, Option<P>),
    delay: &mut impl DelayNs,
    rotation: Rotation,
) -> Result<AnyDisplay, PanelError>
where
    S: SpiDevice + 'static,
    P: OutputPin + 'static,
{
    let failed = |cause: &dyn Debug| {
        PanelError::failing(&wiring.bus, io::Error::other(format!("the panel cannot be started: {cause:?}")))
    };
    Ok(match wiring.controller {
        Controller::Ili9341 => {
            // As most boards wire the glass: its columns run from right to left, and blue comes first.
            let display = Builder::new(ILI9341Rgb565, bus)
                .color_order(ColorOrder::Bgr)
                .orientation(Orientation::new().flip_horizontal())
                .reset_pin(reset)
                .init(delay)
                .map_err(|cause| failed(&cause))?;
            Box::new(SpiDisplay::new(&wiring.bus, display, backlight, rotation))
        }
        Controller::St7789 => {
            // Its glass is normally black, for which the controller has to be told to invert.
            let display = Builder::new(ST7789, bus)
                .invert_colors(ColorInversion::Inverted)
                .reset_pin(reset)
                .init(delay)
                .map_err(|cause| failed(&cause))?;
            Box::new(SpiDisplay::new(&wiring.bus, display, backlight, rotation))
        }
    })
}

/// Bus and data/command line. Pixels go out in the largest pieces that spidev takes, and nothing empty is sent.
struct Bus<S, P> {
    spi: S,
    data_command: P,
    piece: Zeroizing<Vec<u8>>,
}

/// Why the bus failed.
#[derive(Debug)]
enum BusError<S, P> {
    Spi(S),
    Line(P),
}

impl<S: SpiDevice, P: OutputPin> Bus<S, P> {
    fn new(spi: S, data_command: P) -> Bus<S, P> {
        Bus { spi, data_command, piece: Zeroizing::new(Vec::with_capacity(PIECE)) }
    }

    fn send_piece(&mut self) -> Result<(), BusError<S::Error, P::Error>> {
        if !self.piece.is_empty() {
            self.spi.write(&self.piece).map_err(BusError::Spi)?;
            self.piece.clear();
        }
        Ok(())
    }
}

impl<S: SpiDevice, P: OutputPin> Interface for Bus<S, P> {
    type Word = u8;
    type Error = BusError<S::Error, P::Error>;

    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, arguments: &[u8]) -> Result<(), Self::Error> {
        self.data_command.set_low().map_err(BusError::Line)?;
        self.spi.write(&[command]).map_err(BusError::Spi)?;
        self.data_command.set_high().map_err(BusError::Line)?;
        if arguments.is_empty() { Ok(()) } else { self.spi.write(arguments).map_err(BusError::Spi) }
    }

    fn send_pixels<const N: usize>(
        &mut self,
        pixels: impl IntoIterator<Item = [u8; N]>,
    ) -> Result<(), Self::Error> {
        for pixel in pixels {
            if self.piece.len() + N > PIECE {
                self.send_piece()?;
            }
            self.piece.extend_from_slice(&pixel);
        }
        self.send_piece()
    }

    fn send_repeated_pixel<const N: usize>(&mut self, pixel: [u8; N], count: u32) -> Result<(), Self::Error> {
        self.send_pixels(std::iter::repeat_n(pixel, count as usize))
    }
}

/// A controller that was started, and the pixels that it has.
struct SpiDisplay<D, M, P>
where
    D: Interface,
    M: Model<ColorFormat = Rgb565>,
    Rgb565: InterfacePixelFormat<D::Word>,
    P: OutputPin,
{
    name: String,
    display: mipidsi::Display<D, M, P>,
    backlight: Option<P>,
    fit: Fit,
    /// Nothing is known of the controller's memory before the first frame.
    shown: Option<Zeroizing<Vec<u16>>>,
}

impl<D, M, P> SpiDisplay<D, M, P>
where
    D: Interface,
    M: Model<ColorFormat = Rgb565>,
    Rgb565: InterfacePixelFormat<D::Word>,
    P: OutputPin,
{
    fn new(
        bus: &str,
        display: mipidsi::Display<D, M, P>,
        backlight: Option<P>,
        rotation: Rotation,
    ) -> SpiDisplay<D, M, P> {
        let fit = Fit::new(Controller::SIZE, rotation);
        SpiDisplay { name: bus.to_owned(), display, backlight, fit, shown: None }
    }

    fn send(&mut self, pixels: &[u16], area: Rectangle) -> Result<(), D::Error> {
        let rows = area.top..area.bottom;
        let colors = rows
            .flat_map(|row| &pixels[row * WIDTH + area.left..row * WIDTH + area.right])
            .map(|pixel| Rgb565::from(RawU16::new(*pixel)));
        let [left, top, last, lowest] =
            [area.left, area.top, area.right - 1, area.bottom - 1].map(|place| place as u16);
        self.display.set_pixels(left, top, last, lowest, colors)
    }
}

impl<D, M, P> Display for SpiDisplay<D, M, P>
where
    D: Interface,
    M: Model<ColorFormat = Rgb565>,
    Rgb565: InterfacePixelFormat<D::Word>,
    P: OutputPin,
{
    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        let mut pixels = Zeroizing::new(Vec::with_capacity(WIDTH * HEIGHT));
        self.fit.rows(frame, |_, row| pixels.extend(row.chunks_exact(3).map(rgb565)));
        let all = Rectangle { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };
        let areas = self.shown.as_ref().map_or_else(|| vec![all], |shown| changes(shown, &pixels, WIDTH));
        let failed =
            |name: &str, cause: &dyn Debug| PanelError::failing(name, io::Error::other(format!("{cause:?}")));
        for area in areas {
            self.send(&pixels, area).map_err(|cause| failed(&self.name, &cause))?;
        }
        // Lit when there is something to see: until then the memory holds noise.
        if self.shown.is_none()
            && let Some(line) = &mut self.backlight
        {
            line.set_high().map_err(|cause| failed(&self.name, &cause))?;
        }
        self.shown = Some(pixels);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
