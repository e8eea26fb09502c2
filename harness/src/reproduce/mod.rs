//! Published evaluations, done again: each module runs one paper's experiment
//! and puts its figures beside the published ones.

pub mod hlc2014;
