//! All surfaces of one picture as triangles with a material.

use super::vector::Vec3;

/// What a triangle is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Material {
    /// Skin, and the cloth below it.
    Skin,
    /// Skin in which an eye or the mouth may open.
    SkinWithOpening,
    /// An ear.
    Ear,
    /// The peak or brim of a covering.
    Brim,
    /// An eyeball.
    Eye,
    /// The orbit behind the eyeball.
    Orbit,
    /// Teeth, tongue and the hollow behind.
    MouthInside,
}

/// Vertices and triangles.
#[derive(Debug, Default)]
pub struct Mesh {
    /// In the room's frame.
    pub places: Vec<Vec3>,
    /// Unit normals.
    pub normals: Vec<Vec3>,
    /// Where on the average head a skin vertex lies; for others what their material needs.
    pub parameters: Vec<Vec3>,
    /// Row coordinate on the skin.
    pub row_height: Vec<f32>,
    /// How far light reaches around the edge.
    pub softness: Vec<f32>,
    /// Indices of three vertices each.
    pub triangles: Vec<[u32; 3]>,
    /// Of each triangle.
    pub materials: Vec<Material>,
}

/// A sheet of vertices that is not skin.
pub struct Patch {
    /// Vertices a row.
    pub columns: usize,
    /// Place on the head, and parameters.
    pub vertices: Vec<(Vec3, Vec3)>,
    /// What it is made of.
    pub material: Material,
    /// Whether rows and columns run clockwise as the camera sees them.
    pub is_flipped: bool,
}

impl Mesh {
    /// Adds a vertex of the skin.
    pub fn push_skin(&mut self, place: Vec3, on_average: Vec3, row_height: f32, softness: f32) {
        self.places.push(place);
        self.parameters.push(on_average);
        self.row_height.push(row_height);
        self.softness.push(softness);
    }

    /// Adds a triangle.
    pub fn push_triangle(&mut self, corners: [u32; 3], material: Material) {
        self.triangles.push(corners);
        self.materials.push(material);
    }

    /// Adds a patch; `pose` brings it into the room.
    pub fn push_patch(&mut self, patch: &Patch, pose: impl Fn(Vec3) -> Vec3) {
        let first = self.places.len() as u32;
        for (place, parameter) in &patch.vertices {
            self.push_skin(pose(*place), *parameter, 0.0, 0.15);
        }
        let columns = patch.columns as u32;
        let rows = patch.vertices.len() as u32 / columns;
        for row in 0..rows - 1 {
            for column in 0..columns - 1 {
                let a = first + row * columns + column;
                let (b, c, d) = (a + 1, a + columns, a + columns + 1);
                let pair = if patch.is_flipped { [[a, d, b], [a, c, d]] } else { [[a, b, d], [a, d, c]] };
                for corners in pair {
                    self.push_triangle(corners, patch.material);
                }
            }
        }
    }

    /// Finds all normals, each triangle weighted by its area.
    pub fn find_normals(&mut self) {
        self.normals = vec![Vec3::ZERO; self.places.len()];
        for corners in &self.triangles {
            let [a, b, c] = corners.map(|corner| corner as usize);
            let normal = (self.places[b] - self.places[a]).cross(self.places[c] - self.places[a]);
            for corner in [a, b, c] {
                self.normals[corner] += normal;
            }
        }
        for normal in &mut self.normals {
            *normal = normal.unit();
        }
    }
}
