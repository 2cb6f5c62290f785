//! `Screen a face`: forms for single pictures and for a series by pose.

use crate::web::upload::{MOST_FILE_BYTES, MOST_FILES};
use maud::{Markup, html};
use synkiosk_models::{bundle::Manifest, pose::Pose};

/// What to do, for the person before the camera.
pub(in crate::web) fn words(pose: Pose) -> &'static str {
    match pose {
        Pose::Rest => "Face at rest",
        Pose::BrowRaise => "Raise both brows",
        Pose::GentleClosure => "Close the eyes gently",
        Pose::TightClosure => "Close the eyes tightly",
        Pose::ClosedSmile => "Smile with closed lips",
        Pose::OpenSmile => "Smile and show the teeth",
        Pose::Snarl => "Wrinkle the nose",
        Pose::Pucker => "Purse the lips",
        Pose::LowerTeeth => "Show the lower teeth",
    }
}

/// Both forms. They work without the script, which adds progress, dropping files, and the camera.
pub(in crate::web) fn forms(manifest: &Manifest) -> Markup {
    let asked = |pose: &Pose| manifest.poses.contains(pose);
    let others = Pose::ALL.iter().filter(|pose| !asked(pose));
    html! {
        p.lead {
            "Model " strong { (manifest.name) " version " (manifest.version) } ", made from " (manifest.made_from) "."
        }
        section aria-labelledby="series-title" {
            h2 #series-title { "A series of one person" }
            p { "One picture for each pose, answered together as the kiosk does. A partial series is answered as far as it goes." }
            form #series method="post" action="/series" enctype="multipart/form-data" {
                div.poses { @for pose in manifest.poses.iter() { (pose_field(*pose)) } }
                details { summary { "More poses" } div.poses { @for pose in others { (pose_field(*pose)) } } }
                div.actions { button type="submit" { "Answer the series" } }
            }
        }
        section aria-labelledby="pictures-title" {
            h2 #pictures-title { "Single pictures" }
            p { "Each by itself. A single picture is weak evidence: prefer a series." }
            form #pictures method="post" action="/screen" enctype="multipart/form-data" {
                label for="picture" { "Up to " (MOST_FILES) " pictures, JPEG or PNG, " (MOST_FILE_BYTES >> 20) " MiB each" }
                div.file { input #picture type="file" name="picture" accept="image/jpeg,image/png" multiple required; }
                div.actions { button type="submit" { "Look at the pictures" } }
            }
        }
        section #results aria-live="polite" aria-label="Results" {}
    }
}

fn pose_field(pose: Pose) -> Markup {
    html! {
        div.pose {
            label for=(pose) { (words(pose)) }
            div.file { input type="file" id=(pose) name=(pose) accept="image/jpeg,image/png"; }
        }
    }
}
