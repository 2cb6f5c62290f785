//! Every quality check on pictures that go the device's way: detector, landmarks and thresholds of the shipped bundle.
//!
//! A rendered person does everything right; then one thing goes wrong, ever more, until the picture is refused. At
//! the border one picture just passes and the next fails by the one check that is named for it. The border is looked
//! for, so that another bundle or another renderer moves it and does not break the test.

use image::{DynamicImage, GrayImage, imageops};
use std::time::Duration;
use synkiosk_host::{
    render::{
        action::{Actions, Sides},
        camera::View,
        head::Head,
        random::Random,
        scene::render,
    },
    synth::{
        cast::{Member, Plan, Protocol},
        session::{Surroundings, photograph, surroundings},
    },
};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    face::{FaceBox, FaceFinder},
    landmarks::{Landmarks, Point, distance},
    photo::Photo,
    pose::{Label, Pose, Side},
    quality::{Check, Findings},
    screener::Screener,
};

/// Halvings of the way from a good picture to a bad one.
const HALVINGS: usize = 6;

/// What can go wrong, 0 not at all to 1 badly.
struct Defect {
    check: Check,
    /// What the person is told.
    says: &'static str,
    /// How near to the threshold both pictures at the border are, in shares of it; the box of the detector jumps by some
    /// pixels. None where the figure is no measure.
    near: Option<f32>,
    /// What was asked for, where the face is at fault.
    pose: Option<Pose>,
    picture: fn(&Person, f32) -> Photo,
}

const fn defect(check: Check, says: &'static str, near: f32, picture: fn(&Person, f32) -> Photo) -> Defect {
    Defect { check, says, near: Some(near), pose: None, picture }
}

const DEFECTS: [Defect; 15] = [
    // The detector's windows grow in steps of a quarter.
    defect(Check::TooSmall, "Please come nearer.", 0.25, |who, s| {
        who.seen(|view| view.scale *= 1.0 - 0.85 * s)
    }),
    defect(Check::TooLarge, "Please move back a little.", 0.1, |who, s| who.nearer(1.0 + 1.5 * s)),
    defect(Check::OffCenter, "Please move to the middle.", 0.1, |who, s| {
        who.seen(|view| view.offset[0] += 210.0 * s)
    }),
    defect(Check::TooDark, "Your face needs more light.", 0.1, |who, s| {
        who.toned(|luma| luma * (1.0 - 0.93 * s))
    }),
    defect(Check::TooBright, "The light on your face is too bright.", 0.05, |who, s| {
        who.toned(|luma| luma * (1.0 + 5.0 * s))
    }),
    defect(Check::HalfInShadow, "Please turn toward the light.", 0.25, |who, s| who.shaded(1.0 - 0.9 * s)),
    defect(Check::Rolled, "Please hold your head upright.", 0.15, |who, s| {
        who.seen(|view| view.roll += 0.6 * s)
    }),
    defect(Check::Turned, "Please look straight ahead.", 0.15, |who, s| who.seen(|view| view.yaw += 0.8 * s)),
    defect(Check::Tilted, "Please look level into the camera.", 0.25, |who, s| {
        who.seen(|view| view.pitch += 0.8 * s)
    }),
    defect(Check::Blurred, "Please hold still for a moment.", 0.4, |who, s| who.blurred(0.3 + 14.0 * s)),
    defect(Check::EyesHidden, "Please let both your eyes be seen.", 0.2, |who, s| who.behind_a_dark_lens(s)),
    Defect {
        pose: Some(Pose::OpenSmile),
        ..defect(Check::PoseNotPerformed, "Please do it as far as you can.", 0.6, |who, s| {
            who.acting(&Actions { corner_pull: Sides::both(0.9 * (1.0 - s)), ..Actions::default() })
        })
    },
    Defect {
        pose: Some(Pose::Rest),
        ..defect(Check::PoseNotPerformed, "Please do it as far as you can.", 0.6, |who, s| {
            who.acting(&Actions { lid_close: Sides::both(s), ..Actions::default() })
        })
    },
    Defect { near: None, ..defect(Check::HalfFace, "Your whole face must be in view.", 0.0, Person::cut) },
    Defect {
        near: None,
        ..defect(Check::SeveralFaces, "One person at a time, please.", 0.0, Person::joined)
    },
];

/// On one of two people each border must be as it should be. On the other it may be that a weaker light, a smaller or a
/// farther turned face is first refused for another reason, above all because the detector loses it.
#[test]
fn every_defect_is_noticed_by_its_check_at_its_threshold() {
    let mut kiosk = Kiosk::new();
    let people = kiosk.people([3, 20]);
    let mut wrong = Vec::new();
    for defect in &DEFECTS {
        let found: Vec<String> = people
            .iter()
            .filter_map(|who| kiosk.border(who, defect).err().map(|what| who.told(what)))
            .collect();
        if found.len() == people.len() {
            wrong.push(format!("{}: {}", defect.check.name(), found.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_check_is_forgotten() {
    let with_picture: Vec<Check> =
        DEFECTS.iter().map(|defect| defect.check).chain([Check::FaceMissing]).collect();
    for check in Check::ALL {
        assert!(with_picture.contains(check), "no picture fails {}", check.name());
    }
    for defect in DEFECTS {
        assert_eq!(defect.check.help(), defect.says);
    }
}

#[test]
fn an_empty_room_has_no_face() {
    let mut kiosk = Kiosk::new();
    let found = kiosk.judge(&Person::new(3).room(), None);
    assert_eq!(failed(&found), [Check::FaceMissing], "{found:?}");
    assert_eq!(Check::FaceMissing.help(), "Please look into the camera.");
}

/// The device's own way, but for the camera.
struct Kiosk {
    screener: Screener,
}

impl Kiosk {
    fn new() -> Kiosk {
        let bundle = Bundle::read(bundle::shipped(), &TrustedKeys::demo()).expect("the shipped bundle holds");
        Kiosk { screener: Screener::new(&bundle).expect("its networks are checked") }
    }

    /// People of whom a good picture passes: the first ones from each of these on.
    fn people(&mut self, from: [u64; 2]) -> Vec<Person> {
        let first = |index: u64| {
            (index..index + 8).map(Person::new).find(|who| failed(&self.judge(&who.plain, None)).is_empty())
        };
        from.map(first).into_iter().map(|who| who.expect("one of eight good pictures passes")).collect()
    }

    fn judge(&mut self, photo: &Photo, asked: Option<(Pose, Option<&Landmarks>)>) -> Findings {
        match self.screener.measure(photo) {
            Ok((face, measured)) => self.screener.quality().judge(photo, &face, &measured.landmarks, asked),
            Err(refusal) => self.screener.quality().refused(refusal),
        }
    }

    /// Looks for the border, and says what is not as it should be there.
    fn border(&mut self, who: &Person, defect: &Defect) -> Result<(), String> {
        let rest = self.screener.measure(&who.plain).expect("a good picture").1.landmarks;
        let asked = defect.pose.map(|pose| (pose, Some(&rest)));
        let mut at = |strength: f32| self.judge(&(defect.picture)(who, strength), asked);
        let (mut passes, mut fails) = ((0.0, at(0.0)), (1.0, at(1.0)));
        if !failed(&passes.1).is_empty() {
            return Err(format!("nothing is wrong yet, and {:?} fails", failed(&passes.1)));
        }
        if failed(&fails.1).is_empty() {
            return Err(format!("the worst passes: {:?}", fails.1));
        }
        for _ in 0..HALVINGS {
            let middle = (passes.0 + fails.0) / 2.0;
            let found = at(middle);
            if failed(&found).is_empty() { passes = (middle, found) } else { fails = (middle, found) }
        }
        let figure = |found: &Findings| found.of(defect.check).map(|found| found.figure);
        let told = format!("{:.3} {:?}, {:.3} {:?}", passes.0, figure(&passes.1), fails.0, figure(&fails.1));
        println!("{} of person {}: {told}", defect.check.name(), who.index);
        if failed(&fails.1) != [defect.check] {
            return Err(format!("{told}: {:?} fails first", failed(&fails.1)));
        }
        let Some(near) = defect.near else { return Ok(()) };
        for (_, found) in [&passes, &fails] {
            let found = found.of(defect.check).expect("it was checked");
            if (found.figure - found.threshold).abs() > near * found.threshold {
                return Err(format!("{told}: {} is far from {}", found.figure, found.threshold));
            }
        }
        Ok(())
    }
}

fn failed(found: &Findings) -> Vec<Check> {
    found.all().iter().filter(|finding| !finding.pass).map(|finding| finding.check).collect()
}

/// Somebody before a camera, who can be photographed again with one thing changed.
struct Person {
    index: u64,
    head: Head,
    around: Surroundings,
    /// Everything right.
    plain: Photo,
    landmarks: Landmarks,
}

impl Person {
    /// Head upright, soft light, bare head, no glasses: as a clinic's photographer takes pictures.
    fn new(index: u64) -> Person {
        let plan =
            Plan { protocol: Protocol::Paper, seed: 77, people: 0, poses: None, width: 640, height: 480 };
        let member = Member {
            name: format!("person-{index:04}"),
            index,
            label: Label::Healthy,
            side: None,
            types: Vec::new(),
            severity: None,
            poses: vec![Pose::Rest],
        };
        let who = photograph(&plan, &member).expect("a picture is compressed in memory").who;
        let mut around = surroundings(&plan, &member, Pose::Rest);
        around.view = View { yaw: 0.0, pitch: 0.0, roll: 0.0, offset: [0.0; 2], ..around.view };
        let head = Head::new(who, around.view.scale);
        let rendered = render(&head, &Actions::default(), &around.view, &around.lighting, &around.background);
        let landmarks = Landmarks::new(rendered.landmarks.points).expect("a face");
        let plain = developed(&around, rendered.light);
        Person { index, head, around, plain, landmarks }
    }

    fn told(&self, what: String) -> String {
        format!("person {}: {what}", self.index)
    }

    /// From elsewhere.
    fn seen(&self, change: impl Fn(&mut View)) -> Photo {
        let mut view = self.around.view.clone();
        change(&mut view);
        self.photo(&view, &Actions::default())
    }

    /// So many times as large, its middle in the picture's.
    fn nearer(&self, times: f32) -> Photo {
        let FaceBox { x, y, width, height, .. } = self.face();
        let off = [
            x + width / 2.0 - 0.5 * self.plain.width() as f32,
            y + height / 2.0 - 0.5 * self.plain.height() as f32,
        ];
        self.seen(|view| {
            view.scale *= times;
            view.offset = off.map(|off| -off * times);
        })
    }

    fn face(&self) -> FaceBox {
        FaceFinder::new().only_face(&self.plain).expect("a good picture")
    }

    /// With another face.
    fn acting(&self, actions: &Actions) -> Photo {
        self.photo(&self.around.view, actions)
    }

    fn photo(&self, view: &View, actions: &Actions) -> Photo {
        let around = &self.around;
        developed(around, render(&self.head, actions, view, &around.lighting, &around.background).light)
    }

    /// Nobody there.
    fn room(&self) -> Photo {
        developed(&self.around, self.around.background.clone())
    }

    /// With another exposure.
    fn toned(&self, tone: impl Fn(f32) -> f32) -> Photo {
        repainted(&self.plain, |_, _, luma| tone(luma))
    }

    /// The person's left with so much of its light.
    fn shaded(&self, share: f32) -> Photo {
        let [middle, _] = self.landmarks.at(Point::NoseTip);
        let soft = 0.1 * self.landmarks.interocular();
        repainted(&self.plain, |x, _, luma| {
            let in_shadow = ((x - middle) / soft + 0.5).clamp(0.0, 1.0);
            luma * (1.0 - in_shadow * (1.0 - share))
        })
    }

    fn blurred(&self, sigma: f32) -> Photo {
        let plain = GrayImage::from_raw(self.plain.width(), self.plain.height(), self.plain.luma().to_vec());
        let blurred = imageops::blur(&plain.expect("as many values as pixels"), sigma);
        photo(blurred)
    }

    /// Before the left eye, so dark.
    fn behind_a_dark_lens(&self, opacity: f32) -> Photo {
        let center = self.landmarks.eye_center(Side::Left);
        let radius = 0.38 * self.landmarks.interocular();
        repainted(&self.plain, |x, y, luma| {
            let inside = (radius - distance([x, y], center) + 0.5).clamp(0.0, 1.0) * opacity;
            luma * (1.0 - inside) + 60.0 * inside
        })
    }

    /// The picture's lower edge rises through the chin; the face stays small enough and near the middle.
    fn cut(&self, strength: f32) -> Photo {
        let FaceBox { x, y, width, height, .. } = self.face();
        let side = 1.5 * width;
        let bottom = y + height * (1.25 - 0.75 * strength);
        let (left, top) = (x + 0.5 * width - 0.5 * side, (bottom - side).max(0.0));
        let plain = GrayImage::from_raw(self.plain.width(), self.plain.height(), self.plain.luma().to_vec());
        let plain = plain.expect("as many values as pixels");
        let cut =
            imageops::crop_imm(&plain, left.max(0.0) as u32, top as u32, side as u32, (bottom - top) as u32);
        photo(cut.to_image())
    }

    /// Somebody else comes in from the side.
    fn joined(&self, strength: f32) -> Photo {
        let aside = self.seen(|view| {
            view.scale *= 0.7;
            view.offset[0] -= 120.0;
        });
        let other = self.seen(|view| view.scale *= 0.7);
        let (width, columns) = (aside.width() as usize, (strength * 0.45 * aside.width() as f32) as usize);
        // The other's face begins about a quarter of the picture from its left edge.
        let from = width * 3 / 10;
        repainted(&aside, |x, y, luma| {
            let (column, row) = (x as usize, y as usize);
            match column.checked_sub(width - columns) {
                Some(inside) => f32::from(other.luma()[row * width + from + inside]),
                None => luma,
            }
        })
    }
}

fn developed(around: &Surroundings, light: synkiosk_host::render::canvas::Canvas) -> Photo {
    photo(DynamicImage::ImageRgb8(around.sensor.develop(light, &mut Random::new(7))).to_luma8())
}

fn photo(picture: GrayImage) -> Photo {
    let (width, height) = picture.dimensions();
    Photo::new(width, height, picture.into_raw(), Duration::ZERO).expect("a photo of this size")
}

/// Every pixel by its center and its luma.
fn repainted(photo: &Photo, luma: impl Fn(f32, f32, f32) -> f32) -> Photo {
    let width = photo.width() as usize;
    let painted = photo.luma().iter().enumerate().map(|(index, old)| {
        let (x, y) = ((index % width) as f32 + 0.5, (index / width) as f32 + 0.5);
        luma(x, y, f32::from(*old)).round().clamp(0.0, 255.0) as u8
    });
    Photo::new(photo.width(), photo.height(), painted.collect(), Duration::ZERO)
        .expect("it is as large as the photo that it was made of")
}
