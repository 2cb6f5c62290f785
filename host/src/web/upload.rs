//! What browsers send: pictures, one by one, each of a bounded size.

use super::refused::Refused;
use axum::{
    extract::{FromRequest, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use synkiosk_models::pose::Pose;
use zeroize::Zeroizing;

/// 20 MiB: above what a camera writes as JPEG.
pub(super) const MOST_FILE_BYTES: usize = 20 << 20;
/// Pictures in a form.
pub(super) const MOST_FILES: usize = 32;
/// 40 MiB: the pictures of a series are kept until all have come, since they are looked at in the order of the poses.
pub(super) const MOST_SERIES_BYTES: usize = 40 << 20;
/// All of a form: the largest files it may have, and what multipart writes between them.
pub(super) const MOST_FORM_BYTES: usize = MOST_FILES * MOST_FILE_BYTES + (1 << 20);
/// 80 MB: a color picture of 26 million pixels.
pub(super) const MOST_DECODED_BYTES: u64 = 80_000_000;
/// 60 s: a seat is not held longer by who sends nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// Letters of a file's name that are kept.
const MOST_NAME: usize = 120;

/// A picture as it came.
pub(super) struct Sent {
    /// The form's field: a pose in a series.
    pub(super) field: String,
    /// The last part of the name it had where it came from.
    pub(super) name: PathBuf,
    /// JPEG, PNG, or anything else; wiped when dropped.
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// Which fields a form has; a name that is none of them is refused, not passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// `picture`, as often as there are pictures.
    Pictures,
    /// One for each pose, by its name.
    Poses,
    /// `picture` or `text`, one of them.
    Slip,
}

impl Fields {
    fn check(self, name: &str) -> Result<(), Refused> {
        let (known, help) = match self {
            Fields::Pictures => (name == "picture", "name every field \"picture\""),
            Fields::Poses => {
                (name.parse::<Pose>().is_ok(), "name each field after the pose that its picture shows")
            }
            Fields::Slip => (["picture", "text"].contains(&name), "name the field \"picture\" or \"text\""),
        };
        if known {
            return Ok(());
        }
        let what = if self == Fields::Poses { "pose" } else { "field of this form" };
        let shown: String = name.chars().filter(|letter| !letter.is_control()).take(40).collect();
        Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, format!("\"{shown}\" is no {what}"), help))
    }
}

/// A form whose fields are read as they come.
pub(super) struct Form {
    multipart: Multipart,
    fields: Fields,
    files: usize,
}

impl Form {
    /// Of a request; reads nothing of its body yet.
    pub(super) async fn of(request: Request, fields: Fields) -> Result<Form, Refused> {
        let multipart = Multipart::from_request(request, &()).await.map_err(|error| {
            let help = "send multipart/form-data with a boundary, one field for each picture";
            Refused::new(StatusCode::BAD_REQUEST, error.body_text().to_lowercase(), help)
        })?;
        Ok(Form { multipart, fields, files: 0 })
    }

    /// The next picture; fields that were left empty are passed over.
    pub(super) async fn next(&mut self) -> Result<Option<Sent>, Refused> {
        tokio::time::timeout(PATIENCE, self.next_file()).await.unwrap_or_else(|_| {
            Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "nothing more came for a minute", "send it again"))
        })
    }

    async fn next_file(&mut self) -> Result<Option<Sent>, Refused> {
        while let Some(mut field) = self.multipart.next_field().await.map_err(broken)? {
            let name = last_part(field.file_name().unwrap_or_default());
            let label = field.name().unwrap_or_default().to_owned();
            self.fields.check(&label)?;
            let mut bytes = Zeroizing::new(Vec::new());
            while let Some(chunk) = field.chunk().await.map_err(broken)? {
                if bytes.len() + chunk.len() > MOST_FILE_BYTES {
                    return Err(too_large());
                }
                append(&mut bytes, &chunk);
            }
            if name.as_os_str().is_empty() && bytes.is_empty() {
                continue;
            }
            self.files += 1;
            if self.files > MOST_FILES {
                let error = format!("cannot take more than {MOST_FILES} pictures at once");
                let help = "send the others after these";
                return Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, error, help));
            }
            return Ok(Some(Sent { field: label, name, bytes }));
        }
        Ok(None)
    }

    /// All of a series, by pose.
    pub(super) async fn series(&mut self) -> Result<BTreeMap<Pose, Sent>, Refused> {
        let mut poses = BTreeMap::new();
        let mut bytes = 0;
        while let Some(sent) = self.next().await? {
            let Ok(pose) = sent.field.parse::<Pose>() else { continue };
            bytes += sent.bytes.len();
            if bytes > MOST_SERIES_BYTES {
                let error = format!("the pictures together have more than {} MiB", MOST_SERIES_BYTES >> 20);
                return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, error, "scale them down"));
            }
            if poses.insert(pose, sent).is_some() {
                let error = format!("there are two pictures of {pose}");
                return Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, error, "send one for each pose"));
            }
        }
        if poses.is_empty() { Err(nothing_sent()) } else { Ok(poses) }
    }

    /// Reads what is left and keeps none of it: a browser shows an answer only when it could send all it had.
    pub(super) async fn drain(mut self) {
        let rest = async {
            while let Ok(Some(mut field)) = self.multipart.next_field().await {
                while let Ok(Some(_)) = field.chunk().await {}
            }
        };
        // How it ends is of no interest.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    }
}

/// What to say of a form without a picture.
pub(super) fn nothing_sent() -> Refused {
    Refused::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "there is no picture in the form",
        "choose at least one file",
    )
}

/// A vector that grows by itself leaves what it held behind, unwiped.
fn append(bytes: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = bytes.len() + chunk.len();
    if needed > bytes.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * bytes.capacity()).max(64 << 10)));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(chunk);
}

fn too_large() -> Refused {
    let error = format!("the picture has more than {} MiB", MOST_FILE_BYTES >> 20);
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, error, "scale the picture down")
}

fn broken(error: MultipartError) -> Refused {
    let help = "send it again, as multipart/form-data";
    Refused::new(
        error.status(),
        format!("could not read the form: {}", error.body_text().to_lowercase()),
        help,
    )
}

/// Browsers send a name alone, other programs whole paths, which are nobody's business.
fn last_part(name: &str) -> PathBuf {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|letter| !letter.is_control()).take(MOST_NAME).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_appended_in_order() {
        let mut bytes = Zeroizing::new(Vec::new());
        for chunk in [vec![1; 10], vec![2; 100_000], vec![3; 1], vec![4; 500_000]] {
            append(&mut bytes, &chunk);
        }
        assert_eq!(bytes.len(), 600_011);
        assert_eq!((bytes[9], bytes[10], bytes[100_010], bytes[600_010]), (1, 2, 3, 4));
    }

    #[test]
    fn of_a_name_the_last_part_stays() {
        assert_eq!(last_part("C:\\Patients\\rest.jpg"), PathBuf::from("rest.jpg"));
        assert_eq!(last_part("/home/anna/re\u{7}st.jpg"), PathBuf::from("rest.jpg"));
        assert_eq!(last_part(&"x".repeat(500)).as_os_str().len(), MOST_NAME);
    }
}
