//! Many seeds, one after the other or side by side.

use crate::{
    chaos::Regime,
    goods::Goods,
    world::{Plants, Tally, World},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};
use synkiosk_journal::disk::simulated::install;

/// Everyday life goes on for so many steps, and then it is looked whether the kiosk comes back.
const CHAPTER: u64 = 2_500;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) first: u64,
    pub(crate) seeds: u64,
    pub(crate) steps: u64,
    pub(crate) threads: u64,
}

impl Asked {
    /// `SIMULATION="first seeds steps threads"`
    pub(crate) fn of_environment() -> Asked {
        let text = std::env::var("SIMULATION").expect("SIMULATION=\"first seeds steps threads\"");
        let numbers: Vec<u64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let [first, seeds, steps, threads] = numbers[..] else { panic!("SIMULATION holds four numbers") };
        Asked { first, seeds, steps, threads }
    }
}

/// One seed: what happened in it, or what went wrong and when.
pub(crate) fn seed(number: u64, steps: u64, plants: Plants, goods: &Rc<Goods>) -> Result<Tally, String> {
    let regime = Regime::of(number);
    let mut world = World::new(number, regime, plants, goods.clone());
    let disks = world.disks().clone();
    let installed = install(disks);
    let ran = catch_unwind(AssertUnwindSafe(|| run(&mut world, steps)));
    drop(installed);
    let step = world.tally.steps;
    match ran {
        Ok(Ok(())) => Ok(world.tally),
        Ok(Err(fault)) => Err(format!("seed {number} ({regime:?}), step {step}: {fault}")),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or(panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
            // Half-made things of a panic may panic again.
            std::mem::forget(world);
            Err(format!("seed {number} ({regime:?}), step {step}: a panic: {said}"))
        }
    }
}

fn run(world: &mut World, steps: u64) -> Result<(), String> {
    while world.tally.steps < steps {
        let chapter = (world.tally.steps + CHAPTER).min(steps);
        while world.tally.steps < chapter {
            world.live()?;
        }
        world.mend()?;
    }
    world.tally.dropped = world.ledger.dropped;
    Ok(())
}

/// Runs them all, and says what came of it.
pub(crate) fn campaign(asked: Asked) {
    let began = Instant::now();
    let (next, sum) = (AtomicU64::new(asked.first), Mutex::new((Tally::default(), Vec::new())));
    thread::scope(|scope| {
        for _ in 0..asked.threads {
            scope.spawn(|| {
                let goods = Rc::new(Goods::new());
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= asked.first + asked.seeds {
                        break;
                    }
                    let result = seed(number, asked.steps, Plants::default(), &goods);
                    let mut sum = sum.lock().unwrap();
                    match result {
                        Ok(tally) => sum.0.add(tally),
                        Err(fault) => {
                            println!("{fault}");
                            println!("{}", command(number, asked.steps));
                            sum.1.push(fault);
                        }
                    }
                }
            });
        }
    });
    let (tally, faults) = sum.into_inner().unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let Tally { steps, starts, cuts, visits, sticks, models, records, dropped, mended } = tally;
    println!(
        "figure: simulation: {steps} steps of seeds {} to {} in {seconds:.0} s ({:.0} a second): {visits} visits, {records} \
         records kept ({dropped} dropped for room), {cuts} power cuts, {starts} starts, {sticks} sticks, {models} models taken, \
         {mended} times brought back",
        asked.first,
        asked.first + asked.seeds - 1,
        steps as f64 / seconds,
    );
    assert!(faults.is_empty(), "{} of {} seeds:\n{}", faults.len(), asked.seeds, faults.join("\n"));
    assert!(records > 0 && cuts > 0 && mended >= asked.seeds && models > 0, "too little has happened");
}

/// How to have exactly this again.
fn command(seed: u64, steps: u64) -> String {
    format!(
        "again: SIMULATION=\"{seed} 1 {steps} 1\" cargo test --release -p synkiosk-device --test simulation -- --ignored \
         --nocapture"
    )
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.steps += other.steps;
        self.starts += other.starts;
        self.cuts += other.cuts;
        self.visits += other.visits;
        self.sticks += other.sticks;
        self.models += other.models;
        self.records += other.records;
        self.dropped += other.dropped;
        self.mended += other.mended;
    }
}
