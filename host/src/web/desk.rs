//! The one place where pictures are looked at: a thread that owns the networks, and a queue of bounded length before it.
//!
//! A request gets a seat before its body is read. So those that wait cost no memory, and those that are seated have at
//! most [`SEATS`] bodies in memory between them.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};
use synkiosk_models::{bundle::Bundle, screener::Screener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Requests whose bodies may be in memory: one that is looked at while another arrives.
pub(super) const SEATS: usize = 2;
/// Requests that may wait for a seat: more than a room of people would send at once.
pub(super) const MOST_WAITING: usize = 64;

type Work = Box<dyn FnOnce(&mut Screener) + Send>;

/// The queue and the way to the thread.
#[derive(Debug)]
pub(super) struct Desk {
    work: mpsc::Sender<Work>,
    seats: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Too many wait already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What was asked for was never answered: the thread met something that nobody foresaw.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unanswered;

/// The right to have a body in memory. Given up when it is dropped and all that was asked is done: a browser that goes
/// away leaves its body to the thread.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    desk: &'a Desk,
    permit: Arc<OwnedSemaphorePermit>,
}

impl Desk {
    /// Starts the thread. The bundle was checked, and its networks can be built.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn open(bundle: Bundle) -> io::Result<Desk> {
        let (work, incoming) = mpsc::channel::<Work>();
        thread::Builder::new().name("desk".to_owned()).spawn(move || {
            // Another turn, with new networks, only after a panic.
            while let Ok(screener) = Screener::new(&bundle) {
                if serve(screener, &incoming) {
                    return;
                }
            }
        })?;
        Ok(Desk { work, seats: Arc::new(Semaphore::new(SEATS)), waiting: AtomicUsize::new(0) })
    }

    /// Waits for a seat.
    ///
    /// # Errors
    /// `Full` where [`MOST_WAITING`] others wait.
    pub(super) async fn seat(&self) -> Result<Seat<'_>, Full> {
        let _place = Place::take(&self.waiting)?;
        let permit = Arc::clone(&self.seats).acquire_owned().await.map_err(|_| Full)?;
        Ok(Seat { desk: self, permit: Arc::new(permit) })
    }
}

/// A place in the queue, given up also by a browser that goes away while it waits.
struct Place<'a>(&'a AtomicUsize);

impl Place<'_> {
    fn take(waiting: &AtomicUsize) -> Result<Place<'_>, Full> {
        let place = Place(waiting);
        // Those that are about to be seated count as well for a moment.
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        if before >= MOST_WAITING { Err(Full) } else { Ok(place) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether all is done; not after a panic.
fn serve(mut screener: Screener, incoming: &mpsc::Receiver<Work>) -> bool {
    while let Ok(work) = incoming.recv() {
        if catch_unwind(AssertUnwindSafe(|| work(&mut screener))).is_err() {
            return false;
        }
    }
    true
}

impl Seat<'_> {
    /// Has something done with the networks.
    ///
    /// # Errors
    /// `Unanswered` where it panicked.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Screener) -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (answer, answered) = oneshot::channel();
        let permit = Arc::clone(&self.permit);
        let work: Work = Box::new(move |screener| {
            // Nobody listens where the browser has gone away.
            drop(answer.send(work(screener)));
            drop(permit);
        });
        self.desk.work.send(work).map_err(|_| Unanswered)?;
        answered.await.map_err(|_| Unanswered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::bundle::{self, TrustedKeys};

    fn desk() -> Desk {
        Desk::open(Bundle::read(bundle::shipped(), &TrustedKeys::demo()).unwrap()).unwrap()
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_panic_costs_its_own_request_only() {
        let desk = desk();
        block_on(async {
            let seat = desk.seat().await.unwrap();
            let broken = seat
                .ask(|_| {
                    if true {
                        panic!("on purpose")
                    }
                })
                .await;
            assert_eq!(broken, Err(Unanswered));
            assert!(seat.ask(|screener| screener.rule().check().is_ok()).await.unwrap());
        });
    }

    #[test]
    fn who_goes_away_leaves_the_seat_when_the_work_is_done() {
        let desk = desk();
        let (go_on, waits) = mpsc::channel::<()>();
        block_on(async {
            let seat = desk.seat().await.unwrap();
            let mut asked = std::pin::pin!(seat.ask(move |_| waits.recv().is_ok()));
            let polled = std::future::poll_fn(|context| std::task::Poll::Ready(asked.as_mut().poll(context)));
            assert!(polled.await.is_pending());
        });
        // The request is gone, its work is not.
        assert_eq!(desk.seats.available_permits(), SEATS - 1);
        go_on.send(()).unwrap();
        block_on(async {
            let _both = (desk.seat().await.unwrap(), desk.seat().await.unwrap());
        });
    }

    #[test]
    fn the_queue_has_an_end() {
        let desk = desk();
        block_on(async {
            let _seats = (desk.seat().await.unwrap(), desk.seat().await.unwrap());
            let _places: Vec<_> = (0..MOST_WAITING).map(|_| Place::take(&desk.waiting).unwrap()).collect();
            assert_eq!(desk.seat().await.err(), Some(Full));
        });
        assert_eq!(desk.waiting.load(Ordering::Relaxed), 0);
    }
}
