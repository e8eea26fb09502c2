//! Interval tree clocks: causality under dynamic membership without ids.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
