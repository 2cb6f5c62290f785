//! A face that was found, followed from one live picture to the next.
//!
//! Searching a whole picture for faces costs more than all the rest. Where a face was a moment ago, one look of the
//! landmark network and a search around that place are enough, for a second: then the whole picture is searched
//! again, so that a second person is noticed. A picture that decides anything is always searched whole.

use crate::{
    align::Placement,
    face::FaceBox,
    head_frame::HeadFrame,
    landmarker::closer_look,
    landmarks::{Landmarks, Point, midway},
    pose::Side,
};
use std::time::Duration;

/// So long after a picture was searched whole others need not be: within that time a second person is noticed, on fast
/// boards as on slow ones. After such a pause it may be another person, too.
const LONGEST_FOLLOWED: Duration = Duration::from_secs(1);
/// A head moves at most so far from one picture to the next, in sides of the square around it; the network finds its
/// points in a square that is off by as much.
const MOST_MOVED: f32 = 0.12;
/// And grows or shrinks by at most this factor.
const MOST_GROWN: f32 = 1.2;

/// A face as it was last seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Track {
    face: FaceBox,
    landmarks: Landmarks,
    /// When a picture was searched whole.
    searched: Duration,
}

impl Track {
    /// Begins with a face that the detector found in a picture of this time.
    pub fn new(face: FaceBox, landmarks: Landmarks, searched: Duration) -> Track {
        Track { face, landmarks, searched }
    }

    /// Whether a picture of this time may be looked at by following.
    pub fn holds(&self, taken: Duration) -> bool {
        taken.checked_sub(self.searched).is_some_and(|passed| passed <= LONGEST_FOLLOWED)
    }

    /// Where to look for its landmarks.
    pub fn placement(&self) -> Placement {
        closer_look(&self.landmarks)
    }

    /// The box: the detector's, moved and scaled with the landmarks.
    pub fn face(&self) -> &FaceBox {
        &self.face
    }

    /// Its points.
    pub fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// The same face in the next picture, `size` pixels large, where these landmarks were found; `None` where they can
    /// hardly be the same face's, or no face's. Its box keeps the score of the last search.
    pub fn follow(&self, landmarks: &Landmarks, size: (u32, u32)) -> Option<Track> {
        let (before, now) = (self.placement(), closer_look(landmarks));
        let near = moved_little(&before, &now) && kept_its_size(&before, &now);
        (near && is_within(landmarks, size) && is_built_like_a_face(landmarks)).then(|| Track {
            face: moved(&self.face, &self.landmarks, landmarks),
            landmarks: *landmarks,
            ..*self
        })
    }
}

fn moved_little(before: &Placement, now: &Placement) -> bool {
    let [across, down] = before.within([now.center_x, now.center_y]);
    across * across + down * down <= MOST_MOVED * MOST_MOVED
}

fn kept_its_size(before: &Placement, now: &Placement) -> bool {
    now.side <= before.side * MOST_GROWN && before.side <= now.side * MOST_GROWN
}

fn is_within(landmarks: &Landmarks, (width, height): (u32, u32)) -> bool {
    let (width, height) = (width as f32, height as f32);
    landmarks.points().iter().all(|[x, y]| (0.0..=width).contains(x) && (0.0..=height).contains(y))
}

/// Brows over eyes over nose over mouth over chin, and each eye and corner of the mouth on its own side.
fn is_built_like_a_face(landmarks: &Landmarks) -> bool {
    let head = HeadFrame::of(landmarks);
    let height = |point: Point| head.at(point)[1];
    let brows = height(Point::RightBrowMiddle).min(height(Point::LeftBrowMiddle));
    let down = [brows, 0.0, height(Point::NoseTip), height(Point::LipUpper), height(Point::Chin)];
    let outward = |side: Side| head.mouth_corner(side)[0] > 0.0;
    down.is_sorted_by(|above, below| above > below) && outward(Side::Right) && outward(Side::Left)
}

fn moved(face: &FaceBox, from: &Landmarks, to: &Landmarks) -> FaceBox {
    let eyes =
        |landmarks: &Landmarks| midway(landmarks.eye_center(Side::Right), landmarks.eye_center(Side::Left));
    let ([old_x, old_y], [new_x, new_y]) = (eyes(from), eyes(to));
    let grown = to.interocular() / from.interocular();
    FaceBox {
        x: new_x + (face.x - old_x) * grown,
        y: new_y + (face.y - old_y) * grown,
        width: face.width * grown,
        height: face.height * grown,
        score: face.score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{head_frame::tests::face, landmarks::COUNT};

    const SIZE: (u32, u32) = (640, 480);
    const FACE: FaceBox = FaceBox { x: 240.0, y: 140.0, width: 160.0, height: 160.0, score: 20.0 };

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn track() -> Track {
        Track::new(FACE, face(&[], 63.0, 0.0), at(1000))
    }

    fn shifted(landmarks: &Landmarks, across: f32, down: f32) -> Landmarks {
        let points: [[f32; 2]; COUNT] = landmarks.points().map(|[x, y]| [x + across, y + down]);
        Landmarks::new(points).unwrap()
    }

    #[test]
    fn the_box_goes_with_the_landmarks() {
        let next = track().follow(&shifted(&face(&[], 63.0, 0.0), 10.0, -6.0), SIZE).unwrap();
        assert_eq!((next.face().x, next.face().y, next.face().width), (250.0, 134.0, 160.0));
        let nearer = track().follow(&face(&[], 63.0 * 1.1, 0.05), SIZE).unwrap();
        assert!((nearer.face().width - 176.0).abs() < 0.01);
    }

    #[test]
    fn what_is_hardly_the_same_face_is_not_followed() {
        let same = face(&[], 63.0, 0.0);
        assert!(track().follow(&same, SIZE).is_some());
        for (what, landmarks) in [
            ("far away", shifted(&same, 40.0, 0.0)),
            ("much larger", face(&[], 63.0 * 1.3, 0.0)),
            ("much smaller", face(&[], 63.0 / 1.3, 0.0)),
            ("chin in the mouth", face(&[(Point::Chin, [0.0, 0.9])], 63.0, 0.0)),
            ("brow below the eye", face(&[(Point::LeftBrowMiddle, [0.0, -0.6])], 63.0, 0.0)),
            ("mouth on one side", face(&[(Point::RightMouthCorner, [0.5, 0.0])], 63.0, 0.0)),
        ] {
            assert_eq!(track().follow(&landmarks, SIZE), None, "{what}");
        }
        assert_eq!(track().follow(&same, (640, 300)), None, "chin out of the picture");
    }

    #[test]
    fn the_whole_picture_is_searched_again_soon_and_after_a_pause() {
        let mut followed = track();
        for milliseconds in (1033..=2000).step_by(33) {
            assert!(followed.holds(at(milliseconds)), "{milliseconds}");
            followed = followed.follow(&face(&[], 63.0, 0.0), SIZE).unwrap();
        }
        assert!(followed.holds(at(2000)) && !followed.holds(at(2001)));
        assert!(!track().holds(at(999)), "another camera's time");
    }
}
