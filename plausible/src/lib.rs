//! Plausible and probabilistic clocks: constant-size stamps that never miss an order.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
