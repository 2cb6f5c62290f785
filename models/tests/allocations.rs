//! A network allocates nothing from its second run on, and is small.
#![expect(unsafe_code, reason = "an allocator that counts")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};
use synkiosk_models::{
    bundle::{Bundle, DEMO_PUBLIC_KEY, TrustedKeys, shipped},
    landmarker::OUTPUTS,
    network::kernel,
};

/// Packed weights and everything a run works in, of one network.
const MOST_BYTES: usize = 2 << 20;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending counts no more.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(action: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    action();
    ALLOCATIONS.get() - before
}

fn bundle() -> Bundle {
    Bundle::read(shipped(), &TrustedKeys::from_public_texts(&[DEMO_PUBLIC_KEY]).unwrap()).unwrap()
}

#[test]
fn the_count_is_true() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}

#[test]
fn nothing_is_allocated_after_the_first_run() {
    let bundle = bundle();
    let golden = bundle.golden();
    for kernel in kernel::all() {
        let mut network = bundle.network_with(kernel).unwrap();
        let mut landmarker = bundle.landmarker_with(kernel).unwrap();
        let mut values = [0.0; OUTPUTS];
        let mut run = || {
            for input in &golden.inputs {
                network.logit(input);
            }
            for input in &golden.landmark_inputs {
                landmarker.network().values_into(input, &mut values);
            }
        };
        run();
        assert_eq!(allocations(run), 0, "kernel {}", kernel.name());
    }
}

#[test]
fn networks_are_small() {
    let bundle = bundle();
    for kernel in kernel::all() {
        let network = bundle.network_with(kernel).unwrap().bytes();
        let landmarks = bundle.landmarker_with(kernel).unwrap().network().bytes();
        println!("{}: {network} and {landmarks} bytes", kernel.name());
        assert!(network.max(landmarks) <= MOST_BYTES, "kernel {}", kernel.name());
        assert!(network.min(landmarks) > 50_000, "not all of it was counted");
    }
}
