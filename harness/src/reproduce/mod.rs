//! Published evaluations, done again: each module runs one paper's experiment
//! and puts its figures beside the published ones.

pub mod bloom_clock;
pub mod evc_growth;
pub mod hlc2014;
pub mod itc2008;
