//! What lies on this laptop besides the model that answers: bundles, the store of what kiosks sent, a collection of pictures.

use super::refused::Refused;
use crate::{
    collection::{self, Report},
    command::{Refusal, evaluate, predict::open_bundle_file},
    fleet::{
        figures::{self, Figures},
        page,
        store::{self, Store},
    },
    slip::TrustedUnits,
    training::{evaluate::Report as Evaluation, settings::Protocol},
};
use axum::http::StatusCode;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use synkiosk_models::bundle::{Bundle, BundleError, TrustedKeys, shipped};
use tokio::sync::Semaphore;

/// The name under which the shipped bundle stands in the list.
pub(super) const SHIPPED: &str = "shipped";
/// Bundles that are listed.
const MOST_BUNDLES: usize = 100;

/// Where things lie; each may not be there.
#[derive(Debug)]
pub struct Shelf {
    /// A folder with bundles.
    pub bundles: Option<PathBuf>,
    /// A public key to trust as well.
    pub key: Option<PathBuf>,
    /// What `collect` filled.
    pub store: Option<PathBuf>,
    /// A collection of pictures.
    pub data: Option<PathBuf>,
    /// Whose slips are believed, beside the units of the store.
    pub units: TrustedUnits,
    /// One long piece of work at a time.
    turn: Arc<Semaphore>,
}

/// A bundle in the list.
pub(super) struct Listed {
    /// The file's name, or `shipped`.
    pub(super) name: String,
    /// The bundle, or why it is none.
    pub(super) bundle: Result<Bundle, Refused>,
}

impl Shelf {
    /// With what there is.
    pub fn new(
        bundles: Option<PathBuf>,
        key: Option<PathBuf>,
        store: Option<PathBuf>,
        data: Option<PathBuf>,
    ) -> Shelf {
        let units = TrustedUnits::default();
        Shelf { bundles, key, store, data, units, turn: Arc::new(Semaphore::new(1)) }
    }

    /// The same, with units whose slips are believed.
    pub fn trusting(self, units: TrustedUnits) -> Shelf {
        Shelf { units, ..self }
    }

    /// Every bundle, read anew: one that was packed a moment ago is there.
    pub(super) fn bundles(&self) -> Vec<Listed> {
        let names = self.bundles.iter().flat_map(|folder| bundle_files(folder));
        let all = [SHIPPED.to_owned()].into_iter().chain(names);
        all.map(|name| Listed { bundle: self.read(&name), name }).collect()
    }

    /// One of the list.
    pub(super) fn bundle(&self, name: &str) -> Result<Bundle, Refused> {
        let known = name == SHIPPED
            || self
                .bundles
                .as_deref()
                .is_some_and(|folder| bundle_files(folder).iter().any(|file| file == name));
        if known {
            self.read(name)
        } else {
            Err(no_such("there is no bundle of this name here", "choose one of the list"))
        }
    }

    fn read(&self, name: &str) -> Result<Bundle, Refused> {
        if name == SHIPPED {
            let refused = |error: BundleError| {
                Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string(), error.help())
            };
            return Bundle::read(shipped(), &TrustedKeys::demo()).map_err(refused);
        }
        let folder = self.bundles.clone().unwrap_or_default();
        open_bundle_file(&folder.join(name), self.key.as_deref()).map(|(bundle, _)| bundle).map_err(refused)
    }

    /// What a bundle is worth on the collection: figures, and the report's page.
    pub(super) async fn evaluated(&self, name: &str) -> Result<(Evaluation, String), Refused> {
        let bundle = self.bundle(name)?;
        let data = self.data.clone().ok_or_else(no_data)?;
        self.work(move || evaluate::of_bundle_on(bundle, &data).map_err(|error| foreseen(&error))).await
    }

    /// What is wrong with the collection.
    pub(super) async fn checked(&self) -> Result<(PathBuf, Report), Refused> {
        let data = self.data.clone().ok_or_else(no_data)?;
        let asked = collection::Asked { protocol: Protocol::Paper, interval: None };
        self.work(move || {
            let report = collection::check(&data, &asked, |_| {}, || {});
            let report = report.map_err(|error| {
                Refused::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string(), error.help())
            })?;
            Ok((data, report))
        })
        .await
    }

    /// What kiosks sent, as it stands in the store now.
    pub(super) async fn figures(&self) -> Result<Figures, Refused> {
        let help = "start synkiosk serve with --store FILE.sqlite, which synkiosk collect fills";
        let path = self.store.clone().ok_or_else(|| no_such("no store was named", help))?;
        self.work(move || {
            let asked = figures::Asked { baseline: None, baseline_weeks: 4, silent_weeks: 4 };
            let store = Store::read(&path).map_err(refused)?;
            Figures::of(&store, &asked).map_err(|error| refused(store::cannot(&path, &error)))
        })
        .await
    }

    /// The same as the page of `report --html`.
    pub(super) async fn fleet_page(&self) -> Result<String, Refused> {
        Ok(page::html(&self.figures().await?))
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else {
            let error = "a report or a check is being made already";
            return Err(Refused::new(StatusCode::TOO_MANY_REQUESTS, error, "ask again when it is done"));
        };
        // The turn is over when the work is, not when the browser goes away.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.unwrap_or_else(|_| {
            let error = "something went wrong that nobody foresaw";
            let help = "run the command on the terminal, which tells more";
            Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error, help))
        })
    }
}

fn bundle_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    // A pipe would be waited for, and with it whoever asks.
    let is_file = |entry: &fs::DirEntry| fs::metadata(entry.path()).is_ok_and(|found| found.is_file());
    let names = entries.filter(is_file).filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".bundle")).take(MOST_BUNDLES).collect();
    names.sort();
    names
}

fn refused(refusal: Refusal) -> Refused {
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string(), refusal.help().to_owned())
}

fn foreseen(error: &anyhow::Error) -> Refused {
    match error.downcast_ref::<Refusal>() {
        Some(refusal) => {
            Refused::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string(), refusal.help().to_owned())
        }
        None => Refused::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            error.to_string(),
            "run synkiosk evaluate, which tells more",
        ),
    }
}

fn no_such(error: &'static str, help: &'static str) -> Refused {
    Refused::new(StatusCode::NOT_FOUND, error, help)
}

fn no_data() -> Refused {
    no_such("no data set was named", "start synkiosk serve with --data DIR")
}
