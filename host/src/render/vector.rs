//! Three floats: a place or direction in millimeters, or a color in linear light.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A place, a direction, or a color (red, green, blue).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Vec3 {
    /// Image right (the person's left), or red.
    pub x: f32,
    /// Up, or green.
    pub y: f32,
    /// Toward the camera, or blue.
    pub z: f32,
}

/// Short for `Vec3 { x, y, z }`.
pub const fn vec3(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    /// Origin, or black.
    pub const ZERO: Vec3 = vec3(0.0, 0.0, 0.0);

    /// Scalar product.
    pub fn dot(self, other: Vec3) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product.
    pub fn cross(self, other: Vec3) -> Vec3 {
        vec3(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// Euclidean length.
    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// The same direction with length 1.
    pub fn unit(self) -> Vec3 {
        self * (1.0 / self.length().max(1e-9))
    }

    /// Straight from `self` (0) to `other` (1).
    pub fn lerp(self, other: Vec3, share: f32) -> Vec3 {
        self + (other - self) * share
    }

    /// Each component's exponential.
    pub fn exp(self) -> Vec3 {
        vec3(self.x.exp(), self.y.exp(), self.z.exp())
    }

    /// Luminance of a linear color (Rec. 709).
    pub fn luminance(self) -> f32 {
        0.2126 * self.x + 0.7152 * self.y + 0.0722 * self.z
    }

    /// Each component at most `limit`.
    pub fn at_most(self, limit: f32) -> Vec3 {
        vec3(self.x.min(limit), self.y.min(limit), self.z.min(limit))
    }

    /// Each component at least `limit`.
    pub fn at_least(self, limit: f32) -> Vec3 {
        vec3(self.x.max(limit), self.y.max(limit), self.z.max(limit))
    }
}

impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, other: Vec3) -> Vec3 {
        vec3(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Vec3;
    fn sub(self, other: Vec3) -> Vec3 {
        vec3(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Vec3;
    fn mul(self, factor: f32) -> Vec3 {
        vec3(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Mul for Vec3 {
    type Output = Vec3;
    fn mul(self, other: Vec3) -> Vec3 {
        vec3(self.x * other.x, self.y * other.y, self.z * other.z)
    }
}

impl Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        self * -1.0
    }
}

impl AddAssign for Vec3 {
    fn add_assign(&mut self, other: Vec3) {
        *self = *self + other;
    }
}
