//! Vector clocks: exact, bounded and pruned.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
