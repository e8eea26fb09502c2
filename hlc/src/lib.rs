//! Hybrid logical clocks and physical timestamps.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
