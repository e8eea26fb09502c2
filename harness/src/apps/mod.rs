//! What a clock's errors cost, in the terms of a product.

pub mod store;
