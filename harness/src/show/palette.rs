//! How a family of clocks looks wherever it is drawn: one colour and one
//! marker, in every chart of every folder and on the page of `report`.
//!
//! The colours differ for most colour-blind people (M. Okabe and K. Ito, "Color
//! universal design", 2008). There are fewer colours than families, so families
//! that share one differ in their marker.

/// The colours of Okabe and Ito, of which yellow is darkened so that it shows on
/// white.
pub const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777777", "#b8a800"];

/// The families that have a place of their own: those that are drawn together
/// most often stand far apart.
const FAMILIES: [&str; 26] = [
    "itc",
    "rev",
    "recency",
    "bloom",
    "horizon",
    "vc-bounded",
    "vc",
    "rk",
    "nurev",
    "comb",
    "vc-paths",
    "vc-capped",
    "elastic",
    "k-lamport",
    "lamport",
    "riak",
    "vc-aged",
    "akka",
    "hlc",
    "hvc",
    "repcl",
    "pwc",
    "physical",
    "evc",
    "tree",
    "hlc96",
];

/// How many kinds of markers there are.
pub const MARKERS: usize = 4;

/// How a family is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The colour, as CSS takes it.
    pub colour: &'static str,
    /// The marker, below [`MARKERS`]: circle, square, triangle, diamond.
    pub marker: usize,
}

impl Look {
    /// The look at a place: all colours with one marker, then with the next.
    #[must_use]
    pub const fn at(place: usize) -> Self {
        Self { colour: COLOURS[place % COLOURS.len()], marker: place / COLOURS.len() % MARKERS }
    }

    /// How a family is drawn that has a place of its own.
    #[must_use]
    pub fn of(family: &str) -> Option<Self> {
        FAMILIES.iter().position(|known| *known == family).map(Self::at)
    }
}

/// How this family is drawn. One that is not known here has a place by its
/// name, so that it looks the same in every folder, too.
#[must_use]
pub fn look(family: &str) -> Look {
    Look::of(family).unwrap_or_else(|| {
        // FNV-1a, whose low bits depend on all of the name.
        let hash = family
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Look::at(hash as usize % (COLOURS.len() * MARKERS))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn every_family_of_this_crate_looks_different() {
        let registry = Registry::builtin();
        let mut looks: Vec<Look> = Vec::new();
        for family in registry.families() {
            assert!(FAMILIES.contains(&family.name), "{} has no place", family.name);
            let look = look(family.name);
            assert!(!looks.contains(&look), "{} looks like another", family.name);
            looks.push(look);
        }
    }
}
