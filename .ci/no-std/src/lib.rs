//! Links every clock crate into a program without std.
#![no_std]

extern crate alloc;

use core::alloc::{GlobalAlloc, Layout};

use causal_clock::{CausalClock, CausalStamp, Environment, ManualEnvironment, Scheme};

/// No memory at all: this is built, never run.
struct Nothing;

// SAFETY: a null pointer says that there is no memory, and nothing that was
// never given can be given back.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static NOTHING: Nothing = Nothing;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

fn use_all<S: Scheme>(scheme: &S, env: &mut impl Environment) -> bool {
    let mut clock = scheme.seed(env);
    let mut other = clock.fork(env);
    let sent = clock.send(env);
    sent.is_ok_and(|s| other.receive(&s, env).is_ok() && s.compare(&other.stamp()).proven)
}

/// Calls every family.
#[unsafe(no_mangle)]
pub extern "C" fn clocks() -> bool {
    let env = &mut ManualEnvironment::default();
    use_all(&itc::IntervalTreeClocks::default(), env)
        && use_all(&plausible::LamportClocks::default(), env)
        && use_all(&bounded_vc::VectorClocks::default(), env)
        && use_all(&hlc::HybridLogicalClocks::default(), env)
}
