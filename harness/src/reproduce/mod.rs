//! Published evaluations, done again: each module runs one paper's experiment
//! and puts its figures beside the published ones.

pub mod itc2008;
pub mod bloom_clock;
pub mod evc_growth;
