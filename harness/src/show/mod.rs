//! What people and programs see of results: typed tables ([`Table`]), charts
//! ([`Chart`]) and the page that holds them ([`Page`]).
//!
//! An experiment says *what* a number is: its unit, whether more of it is
//! better, how much it matters. How it looks on a terminal, in Markdown, in CSV
//! and in JSON is decided here, in one place each.

mod chart;
mod csv;
mod grid;
mod json;
mod page;
pub mod palette;
pub mod report;
pub mod spell;
mod table;

pub use chart::{Axis, Chart, Point, Series};
pub use grid::Columns;
pub use page::{Block, Page};
pub use table::{Better, Column, Table, Unit, Value};
