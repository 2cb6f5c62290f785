//! The threads: the kiosk, the one that packs its pictures, and the one that talks to browsers.

use super::{
    BOARD, ServeError,
    camera::BrowserCamera,
    journal::MemoryStore,
    kiosk::{Kiosk, Wish},
    listener::Loopback,
    picture,
    routes::{self, Desk},
    view::View,
    webcam::Webcam,
};
use crate::{
    appliance::Appliance,
    demo::{DemoError, People, judge::DemoJudge},
    judge::{ScreenerJudge, plan_of},
    panel::browser,
    remember::{SealedLog, signing_for_show, this_week},
    session::event::Plan,
};
use age::x25519;
use futures_util::future;
use std::{
    future::IntoFuture,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    pin::pin,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};
use synkiosk_boards::{Profile, profile};
use synkiosk_journal::{Journal, Options, words::ShortName};
use synkiosk_models::bundle::Bundle;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{oneshot, watch},
};

/// Presses that wait while the kiosk is at work; one more is refused.
const MOST_WISHES: usize = 8;

/// A kiosk that browsers of this computer can open. To drop it is to end it.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    /// Ends when the kiosk does.
    kiosk_works: Option<oneshot::Receiver<()>>,
    threads: Vec<JoinHandle<()>>,
    store: MemoryStore,
    /// Made for this run and forgotten after it.
    collector: x25519::Identity,
}

impl Server {
    /// Starts on 127.0.0.1; port 0 is any that is free.
    ///
    /// # Errors
    /// When the people are refused, or the port cannot be had.
    pub fn start(people: &People, bundle: &Bundle, port: u16) -> Result<Server, ServeError> {
        let everybody = people.read()?;
        everybody
            .iter()
            .try_for_each(|series| DemoJudge::new(bundle, false).map_err(DemoError::from)?.check(series))?;
        let profile = Profile::named(BOARD).map_err(DemoError::from)?;
        let listener = listen(port)?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        let runtime = runtime()?;
        let webcam = Arc::new(Webcam::new());
        let pace = profile.camera().frames_per_second;
        let camera = BrowserCamera::new(everybody, Arc::clone(&webcam), pace);
        let (views, watched) = watch::channel(View::new(camera.names(), camera.chosen().to_owned()));
        let (wishes, wished) = sync_channel(MOST_WISHES);
        let (store, collector) = (MemoryStore::default(), x25519::Identity::generate());
        let works = Works::new(camera, bundle, &profile, (store.clone(), &collector))?;
        let (working, kiosk_works) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let mut first = watched.clone();
        let desk = Desk::new(address.port(), &profile, (watched, wishes, webcam));
        let mut threads = works.start(views, wished, working);
        // Before that there is nothing to see.
        let shown = runtime.block_on(first.wait_for(View::is_complete)).map(drop);
        shown.map_err(|_| ServeError::Ended)?;
        threads.push(thread::spawn(move || runtime.block_on(serve(listener, desk, stopped))));
        let (stop, kiosk_works) = (Some(stop), Some(kiosk_works));
        Ok(Server { address, stop, kiosk_works, threads, store, collector })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to open.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Works until the program is told to end. Returns how many records were sealed and read back.
    ///
    /// # Errors
    /// When the kiosk fails, or a record does not open.
    pub fn wait(mut self) -> Result<usize, ServeError> {
        let kiosk_works = self.kiosk_works.take().expect("taken only here");
        let told = runtime()?.block_on(async {
            match future::select(pin!(tokio::signal::ctrl_c()), kiosk_works).await {
                future::Either::Left((told, _)) => told.map_err(ServeError::Start),
                future::Either::Right(_) => Err(ServeError::Ended),
            }
        });
        let records = self.stop();
        told.and(records)
    }

    /// Ends it. Returns how many records were sealed and read back.
    ///
    /// # Errors
    /// When the kiosk failed, or a record does not open.
    pub fn stop(mut self) -> Result<usize, ServeError> {
        if !self.end() {
            return Err(ServeError::Ended);
        }
        Ok(self.store.read_back(&self.collector)?)
    }

    /// Whether all threads ended well.
    fn end(&mut self) -> bool {
        drop(self.stop.take());
        let ended: Vec<_> = self.threads.drain(..).map(JoinHandle::join).collect();
        ended.iter().all(Result::is_ok)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn runtime() -> Result<Runtime, ServeError> {
    Builder::new_current_thread().enable_all().build().map_err(ServeError::Start)
}

fn listen(port: u16) -> Result<TcpListener, ServeError> {
    let refused = |cause| ServeError::Listen { port, cause };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    Ok(listener)
}

/// Talks to browsers until it is told to stop. What it holds is dropped then, and with it the last wish: so the kiosk
/// ends too.
async fn serve(listener: TcpListener, desk: Desk, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let serving = axum::serve(Loopback::new(listener), routes::router(desk)).into_future();
    // Connections are not waited for: their pictures have no end.
    future::select(pin!(serving), stopped).await;
}

/// All that the kiosk's thread takes with it.
struct Works {
    camera: BrowserCamera,
    judge: ScreenerJudge,
    journal: Journal<MemoryStore>,
    board: ShortName,
    plan: Plan,
    panel_of: profile::Panel,
}

impl Works {
    fn new(
        camera: BrowserCamera,
        bundle: &Bundle,
        profile: &Profile,
        (store, collector): (MemoryStore, &x25519::Identity),
    ) -> Result<Works, DemoError> {
        let (journal, _) = Journal::with_store(store, collector.to_public(), Options::default())?;
        Ok(Works {
            camera,
            judge: ScreenerJudge::new(bundle)?,
            journal,
            board: profile.name().parse().map_err(DemoError::Name)?,
            plan: plan_of(bundle.manifest()).map_err(DemoError::Name)?,
            panel_of: profile.panel().clone(),
        })
    }

    fn start(
        self,
        views: watch::Sender<View>,
        wished: Receiver<Wish>,
        working: oneshot::Sender<()>,
    ) -> Vec<JoinHandle<()>> {
        let (panel, viewer) = browser::panel();
        let packs = views.clone();
        let kiosk = move || {
            // Dropped in whatever way this ends.
            let (_working, _panel) = (working, Closes(panel.clone()));
            self.work(panel, views, &wished).expect("the panel is memory, and memory does not fail");
        };
        vec![thread::spawn(kiosk), thread::spawn(move || picture::pack(viewer, &packs))]
    }

    fn work(
        self,
        panel: browser::BrowserPanel,
        views: watch::Sender<View>,
        wished: &Receiver<Wish>,
    ) -> io::Result<()> {
        let log = signing_for_show(SealedLog::new(self.journal, self.board, this_week()))?;
        let parts = (self.camera, panel.clone(), log, self.judge);
        let appliance = Appliance::new(parts, self.plan.clone(), &self.panel_of)?;
        Kiosk::new(appliance, panel, views, self.plan).work(wished)
    }
}

/// Ends who waits for the panel.
struct Closes(browser::BrowserPanel);

impl Drop for Closes {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// To whom visitors speak.
pub(super) type Wishes = SyncSender<Wish>;
