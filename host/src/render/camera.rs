//! How the head is seen: its pose, and perspective projection.

use super::vector::{Vec3, vec3};

/// Samples a pixel and axis: coverage is found so often, light once a pixel.
pub const SAMPLES: usize = 2;

/// The picture's size and how the head stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Radians; above 0 the face turns to image right.
    pub yaw: f32,
    /// Radians; above 0 the face looks down.
    pub pitch: f32,
    /// Radians; above 0 the head tilts to image left.
    pub roll: f32,
    /// From the camera to the middle of the head, millimeters.
    pub distance: f32,
    /// Pixels a millimeter at the face.
    pub scale: f32,
    /// Pixels by which the head stands off the center, to image right and down.
    pub offset: [f32; 2],
}

/// A projection made from a `View`.
#[derive(Debug, Clone)]
pub struct Camera {
    rotation: [Vec3; 3],
    focal: f32,
    distance: f32,
    center: [f32; 2],
}

/// The head turns about the top of the neck.
const PIVOT: Vec3 = vec3(0.0, -95.0, -15.0);
/// Height at which the camera looks.
const AIM: f32 = -15.0;

impl Camera {
    /// The projection of a view, to samples rather than pixels.
    pub fn new(view: &View) -> Camera {
        let samples = SAMPLES as f32;
        Camera {
            rotation: rotation(view),
            // The face lies about 60 mm before the axis.
            focal: view.scale * samples * (view.distance - 60.0),
            distance: view.distance,
            center: [
                (view.width as f32 * 0.5 + view.offset[0]) * samples,
                (view.height as f32 * 0.5 + view.offset[1]) * samples,
            ],
        }
    }

    /// From the head's frame to the room's; the shoulders stay where they are.
    pub fn pose(&self, place: Vec3) -> Vec3 {
        let turned = PIVOT + self.turn(place - PIVOT);
        place.lerp(turned, super::smooth::smooth_step(-195.0, -112.0, place.y))
    }

    /// A direction from the head's frame to the room's.
    pub fn turn(&self, direction: Vec3) -> Vec3 {
        let [x, y, z] = &self.rotation;
        vec3(x.dot(direction), y.dot(direction), z.dot(direction))
    }

    /// A direction from the room's frame to the head's.
    pub fn turn_back(&self, direction: Vec3) -> Vec3 {
        let [x, y, z] = &self.rotation;
        *x * direction.x + *y * direction.y + *z * direction.z
    }

    /// Where the camera stands in the room.
    pub fn position(&self) -> Vec3 {
        vec3(0.0, AIM, self.distance)
    }

    /// Sample column, sample row and depth of a place in the room.
    pub fn project(&self, place: Vec3) -> Vec3 {
        let depth = self.distance - place.z;
        vec3(
            self.center[0] + self.focal * place.x / depth,
            self.center[1] - self.focal * (place.y - AIM) / depth,
            depth,
        )
    }

    /// Pixel column and row of a place on the head.
    pub fn pixel(&self, on_head: Vec3) -> [f32; 2] {
        let sample = self.project(self.pose(on_head));
        [sample.x / SAMPLES as f32, sample.y / SAMPLES as f32]
    }
}

/// Rows of roll after pitch after yaw.
fn rotation(view: &View) -> [Vec3; 3] {
    let (sy, cy) = view.yaw.sin_cos();
    let (sp, cp) = view.pitch.sin_cos();
    let (sr, cr) = view.roll.sin_cos();
    let yaw = [vec3(cy, 0.0, sy), vec3(0.0, 1.0, 0.0), vec3(-sy, 0.0, cy)];
    let pitch = [vec3(1.0, 0.0, 0.0), vec3(0.0, cp, -sp), vec3(0.0, sp, cp)];
    let roll = [vec3(cr, -sr, 0.0), vec3(sr, cr, 0.0), vec3(0.0, 0.0, 1.0)];
    product(&roll, &product(&pitch, &yaw))
}

fn product(a: &[Vec3; 3], b: &[Vec3; 3]) -> [Vec3; 3] {
    a.map(|row| b[0] * row.x + b[1] * row.y + b[2] * row.z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_back_undoes_turning() {
        let view = View {
            width: 400,
            height: 400,
            yaw: 0.1,
            pitch: -0.05,
            roll: 0.08,
            distance: 700.0,
            scale: 1.0,
            offset: [0.0, 0.0],
        };
        let camera = Camera::new(&view);
        let there = vec3(0.3, -0.5, 0.8);
        assert!((camera.turn_back(camera.turn(there)) - there).length() < 1e-5);
        // Image left is the person's right, and up is up.
        assert!(camera.pixel(vec3(-31.0, 0.0, 80.0))[0] < camera.pixel(vec3(31.0, 0.0, 80.0))[0]);
        assert!(camera.pixel(vec3(0.0, 0.0, 80.0))[1] < camera.pixel(vec3(0.0, -69.0, 80.0))[1]);
    }
}
