//! `synkiosk quantize`: from a trained run to the int8 network that the device computes.

use super::train::{progress_bar, refusal, report_left_out};
use super::{Outcome, Refusal};
use crate::training::export::{self, Choices, Delivery};
use crate::training::run_folder::RunFolder;
use std::io::Write;
use std::path::PathBuf;
use synkiosk_models::pose::Pose;

/// Turn a trained network into int8, calibrate it, and set its thresholds.
///
/// Folds batch norm, calibrates on the training pictures, and sets temperature and thresholds on the validation
/// people; writes RUN/quantized/.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk quantize --run RUN")]
pub struct Args {
    /// A trained run.
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// The data set that the run was trained on, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Share of people without synkinesis who may be called likely, and of those with it who may be called
    /// unlikely.
    #[arg(long, default_value_t = 0.03)]
    pub error_rate: f64,
    /// Poses that a session needs at least to be answered.
    #[arg(long, default_value_t = 1)]
    pub min_poses: usize,
    /// Poses that a session takes; the same as for synkiosk bundle, because the answer is calibrated for them.
    #[arg(long, value_delimiter = ',', default_value = "rest,tight-closure,open-smile,pucker")]
    pub poses: Vec<Pose>,
}

/// Quantizes and says what came of it.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    if !(0.0..0.5).contains(&args.error_rate) {
        Err(Refusal::checked("the error rate is not from 0 to 0.5", "pass --error-rate 0.03"))?;
    }
    if !(1..=Pose::ALL.len()).contains(&args.min_poses) {
        Err(Refusal::checked("a session has 1 to 9 poses", "pass --min-poses 1"))?;
    }
    let bar = progress_bar(0, "reading pictures");
    let folder = RunFolder::new(&args.run);
    let choices = Choices {
        data: args.data.clone(),
        error_rate: args.error_rate,
        min_poses: args.min_poses,
        poses: args.poses.clone(),
    };
    let delivery = export::deliver(&folder, &choices, |total| bar.set_length(total as u64), || bar.inc(1));
    let Delivery { rule, report, calibration_pictures, left_out } = delivery.map_err(refusal)?;
    bar.finish_and_clear();
    writeln!(out, "calibrated on {calibration_pictures} looks at training pictures")?;
    if let Some(agreement) = report.pictures.agreement {
        let share = 100.0 * agreement;
        writeln!(out, "float and int8 agree on {share:.1} % of {} validation pictures", report.pictures.n)?;
    }
    writeln!(
        out,
        "answers: unlikely up to {:.4}, likely from {:.4}, temperature {:.2}",
        rule.unlikely, rule.likely, rule.temperature
    )?;
    report_left_out(&left_out, out)?;
    writeln!(out, "quantized: {}", folder.path("quantized").display())?;
    Ok(Outcome::Done)
}
