//! A photograph of a real person goes the whole way from file to network input.

use synkiosk_models::{
    align::{Crop, Placement, SIZE},
    bundle::{self, Bundle, TrustedKeys},
    face::FaceFinder,
    landmarks::{Landmarks, Point, distance, midway},
    photo::Photo,
};

const PHOTO: &[u8] = include_bytes!("photos/eileen-collins.png");

/// Iris centers by eye, pixels of the picture: the person's right, then left.
const IRISES: [(f32, f32); 2] = [(203.6, 100.6), (246.4, 103.3)];
/// The middle between the mouth corners.
const MOUTH: (f32, f32) = (223.4, 145.5);

#[test]
fn the_face_is_found_and_placed() {
    let photo = Photo::decode(PHOTO).unwrap();
    let face = FaceFinder::new().only_face(&photo).unwrap();
    assert!(face.score >= 6.0, "{face:?}");
    for (x, y) in IRISES.into_iter().chain([MOUTH]) {
        assert!((face.x..face.x + face.width).contains(&x) && (face.y..face.y + face.height).contains(&y));
    }
    let placement = Placement::of(&photo, &landmarks(&photo));
    let middle = (0.5 * (IRISES[0].0 + IRISES[1].0) + MOUTH.0) * 0.5;
    assert!((placement.center_x - middle).abs() < 0.06 * placement.side, "{placement:?}");
    let lean = ((IRISES[1].1 - IRISES[0].1) / (IRISES[1].0 - IRISES[0].0)).atan();
    assert!((placement.roll - lean).abs() < 0.1, "{placement:?}, eyes lean {lean}");
    let crop = Crop::take(&photo, &placement);
    assert_eq!(crop.pixels().len(), SIZE * SIZE * 2);
    let spread = crop.pixels().iter().max().unwrap() - crop.pixels().iter().min().unwrap();
    assert!(spread > 150, "the face has contrast: {spread}");
}

#[test]
fn a_turned_head_is_turned_back() {
    let photo = Photo::decode(PHOTO).unwrap();
    let upright = Placement::of(&photo, &landmarks(&photo));
    for turn in [-0.12_f32, 0.12] {
        let turned = turned(&photo, turn);
        let placement = Placement::of(&turned, &landmarks(&turned));
        let change = placement.roll - upright.roll;
        assert!((change - turn).abs() < 0.06, "turned by {turn}, found {change}");
    }
}

/// As the shipped bundle finds them.
fn landmarks(photo: &Photo) -> Landmarks {
    let bundle = Bundle::read(bundle::shipped(), &TrustedKeys::demo()).expect("the shipped bundle holds");
    let face = FaceFinder::new().only_face(photo).expect("one face");
    bundle.landmarker().expect("a checked network").find(photo, &face).expect("landmarks").landmarks
}

#[test]
fn the_eyes_and_the_mouth_are_where_they_are() {
    let found = landmarks(&Photo::decode(PHOTO).unwrap());
    let unit = distance([IRISES[0].0, IRISES[0].1], [IRISES[1].0, IRISES[1].1]);
    for (point, (x, y)) in [Point::RightIris, Point::LeftIris].into_iter().zip(IRISES) {
        let far = distance(found.at(point), [x, y]) / unit;
        assert!(far < 0.12, "{}: {far} of the interocular distance", point.name());
    }
    let mouth = midway(found.at(Point::RightMouthCorner), found.at(Point::LeftMouthCorner));
    let far = distance(mouth, [MOUTH.0, MOUTH.1]) / unit;
    assert!(far < 0.2, "mouth: {far} of the interocular distance");
}

/// The picture turned clockwise about the face's middle.
fn turned(photo: &Photo, angle: f32) -> Photo {
    let (sine, cosine) = angle.sin_cos();
    let (width, height) = (photo.width() as i32, photo.height() as i32);
    let luma = (0..height * width).map(|k| {
        let (x, y) = ((k % width) as f32 - 224.0, (k / width) as f32 - 120.0);
        let from_x = (x * cosine + y * sine + 224.0).round() as i32;
        let from_y = (-x * sine + y * cosine + 120.0).round() as i32;
        photo.luma()[(from_y.clamp(0, height - 1) * width + from_x.clamp(0, width - 1)) as usize]
    });
    Photo::new(photo.width(), photo.height(), luma.collect(), photo.taken())
        .expect("a photo of the same size")
}
