//! Published measurements, done again beside their published figures.

pub mod bloom_clock;
pub mod evc_growth;
pub mod hlc2014;
pub mod itc2008;
