//! What goes onto the page of `evaluate --html`.

use super::{Args, Looked, Looker};
use crate::audit::{self, AuditReport};
use crate::card;
use crate::command::Refusal;
use crate::command::train::refusal;
use crate::packing::{BundleLabel, made_from};
use crate::report::{AuditRow, Page, Shown, choose, shown, split_rows};
use crate::training::evaluate::Report;
use crate::training::export;
use crate::training::run_folder::RunFolder;
use synkiosk_models::bundle::Bundle;

/// The page's text.
pub(super) fn html(looked: &Looked, report: &Report, args: &Args) -> Result<String, Refusal> {
    let made_from = made_from(&looked.data, None);
    let whom = format!(
        "{} people, {} pictures, {made_from}",
        looked.rows.len(),
        looked.samples.usable.len() + looked.samples.left_out.len()
    );
    let mut page = Page {
        name: String::new(),
        subject: whom,
        made_from,
        report,
        scored: &looked.scored,
        shown: pictures(looked, args.with_pictures)?,
        split: Vec::new(),
        audit: None,
        card: String::new(),
    };
    match &looked.network {
        Looker::Run { folder, own_test, .. } => of_run(&mut page, looked, folder, *own_test, args)?,
        Looker::Bundle(bundle) => of_bundle(&mut page, bundle),
    }
    Ok(page.html())
}

fn of_run(
    page: &mut Page,
    looked: &Looked,
    folder: &RunFolder,
    own_test: bool,
    args: &Args,
) -> Result<(), Refusal> {
    let config = folder.config().map_err(refusal)?;
    let name =
        folder.path("").file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let part = args.split.part();
    let whom = if args.data.is_some() { "another data set".to_owned() } else { format!("its {part} part") };
    page.made_from = made_from(&looked.data, Some(&config));
    page.name = format!("Run {name} on {whom}");
    page.subject = format!("{}: {}", page.name, page.subject);
    let audit = match audit::saved(folder, &looked.data).map_err(refusal)? {
        None if own_test => Some(audit::look(folder, &looked.data, &looked.samples.usable).map_err(refusal)?),
        saved => saved,
    };
    if args.data.is_none() {
        page.split = split_rows(&looked.data, &folder.split(&looked.data).map_err(refusal)?);
    }
    page.audit = audit.as_ref().map(|audit| (verdict(audit), AuditRow::of(audit)));
    let label = BundleLabel { name, version: 0, poses: args.poses.clone(), despite_audit: None };
    if let Some(audit) = audit.as_ref().filter(|_| own_test) {
        page.card = card::write(&card::Facts {
            label: &label,
            made_from: &page.made_from,
            config: &config,
            data: &looked.data,
            report: page.report,
            audit,
            despite: None,
            rule: &looked.rule,
        });
    }
    Ok(())
}

fn verdict(audit: &AuditReport) -> String {
    let verdict = if audit.passed { "Passed" } else { "Failed: it is not signed without a reason" };
    format!("{verdict}. {} test pictures of {} people were changed.", audit.pictures, audit.people)
}

fn of_bundle(page: &mut Page, bundle: &Bundle) {
    let manifest = bundle.manifest();
    page.name = format!("Bundle {} version {}", manifest.name, manifest.version);
    page.subject = format!("{}: {}", page.name, page.subject);
    page.card = bundle.card().to_owned();
    page.audit = manifest.audit.as_ref().map(|audit| {
        let verdict = match &audit.despite {
            Some(reason) => format!("Failed. Signed all the same, because: {reason}"),
            None => "Passed, as the bundle carries it.".to_owned(),
        };
        (verdict, AuditRow::of_manifest(audit))
    });
}

fn pictures(looked: &Looked, with_pictures: bool) -> Result<Vec<Shown>, Refusal> {
    let chosen = choose(&looked.scored);
    let mut network = match &looked.network {
        Looker::Run { folder, .. } => export::network(folder).map_err(refusal)?,
        Looker::Bundle(bundle) => bundle.network().map_err(|error| Refusal::checked(&error, error.help()))?,
    };
    let one = |(kept, index): &(_, usize)| {
        let sample = &looked.samples.usable[*index];
        let (_, map) = network.logit_and_map(&sample.crop);
        let logit = looked.scored[*index].int8;
        let score = 1.0 / (1.0 + (-logit / f64::from(looked.rule.temperature)).exp());
        let person = &looked.data.people[sample.person];
        shown(*kept, sample, person, score, Some(&map), with_pictures)
    };
    Ok(chosen.iter().filter_map(one).collect())
}
