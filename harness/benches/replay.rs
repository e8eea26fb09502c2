//! To come with the command.
fn main() {}
