//! The laws, for any clock.
//!
//! A clock is put through random executions in which participants are born,
//! exchange messages late, twice or never, synchronise, retire and crash,
//! while the exact past of every event is kept beside it as a bit set. Then:
//!
//! * every declared [`Guarantee`] holds, and a proven verdict is right;
//! * comparing is reflexive, and antisymmetric with its proof;
//! * stamps and clocks come back from their bytes, those bytes are the only
//!   ones, their length is known beforehand, and no other bytes make `decode`
//!   panic;
//! * for each guarantee that the clock does *not* declare, there is an
//!   execution that breaks it. A check that cannot fail is no check.
//!
//! [`law_tests!`](crate::law_tests) writes a test for each:
//!
//! ```ignore
//! #[cfg(test)]
//! causal_clock::law_tests!(my_clock_of_size_4 => MyScheme { size: 4 });
//! ```
//!
//! Executions are random anew each time; `PROPTEST_CASES=10000` asks for more
//! of them than the default. A failure prints the smallest execution that
//! still fails, which can be kept as a test of its own through [`replay`].

mod checks;
mod execution;
mod history;
mod wire;

pub use checks::{
    Violation, check_antisymmetry, check_guarantees, check_proofs, check_wire, find_counterexample,
};
pub use execution::{Execution, Op, Shape, Timed, executions};
pub use history::{Event, History, replay};

use proptest::test_runner::{Config, TestRunner};

use crate::{Guarantee, Scheme};

/// Runs `check` on random executions and panics with the smallest that fails.
fn for_all_executions(shape: &Shape, check: impl Fn(&Execution) -> Result<(), Violation>) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&executions(shape), |execution| Ok(check(&execution)?));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Panics unless every declared guarantee of the scheme holds on random
/// executions of this shape.
///
/// # Panics
/// With the smallest failing execution.
pub fn assert_guarantees<S: Scheme>(scheme: &S, shape: &Shape) {
    for_all_executions(shape, |e| check_guarantees(scheme, &replay(scheme, e)?));
}

/// Panics unless every proven verdict of the scheme is right.
///
/// # Panics
/// With the smallest failing execution.
pub fn assert_proofs<S: Scheme>(scheme: &S, shape: &Shape) {
    for_all_executions(shape, |e| check_proofs(&replay(scheme, e)?));
}

/// Panics unless comparing is reflexive and antisymmetric.
///
/// # Panics
/// With the smallest failing execution.
pub fn assert_antisymmetry<S: Scheme>(scheme: &S, shape: &Shape) {
    for_all_executions(shape, |e| check_antisymmetry(&replay(scheme, e)?));
}

/// Panics unless the stamps and clocks of random executions survive the trip
/// through bytes, and unless damaged and random bytes are read or refused, but
/// never read as a value whose encoding is another.
///
/// # Panics
/// With the smallest failing execution or bytes.
pub fn assert_wire<S: Scheme>(scheme: &S, shape: &Shape) {
    for_all_executions(shape, |e| check_wire(&replay(scheme, e)?));
    wire::assert_decode_is_strict(scheme, shape);
}

/// Panics unless each guarantee that the scheme does not declare is broken by
/// some execution of this shape.
///
/// # Panics
/// With the guarantees for which no counterexample was found: either the
/// scheme promises too little, or the shape is too small to show the harm.
pub fn assert_lacks_the_rest<S: Scheme>(scheme: &S, shape: &Shape) {
    let kept: std::vec::Vec<Guarantee> = scheme
        .guarantees()
        .lacking()
        .filter(|g| find_counterexample(scheme, *g, shape).is_none())
        .collect();
    assert!(
        kept.is_empty(),
        "`{}` does not declare {kept:?}, but no execution was found that breaks it",
        scheme.name()
    );
}

/// Writes a module of tests that puts a scheme through all the laws.
///
/// `law_tests!(name => scheme)` uses the default [`Shape`];
/// `law_tests!(name => scheme, shape)` another, for example one with more
/// participants so that a large bounded clock can be seen to fail, or with
/// clocks no more skewed than the scheme assumes.
///
/// Needs the feature `laws`, which belongs among a clock's dev-dependencies.
#[macro_export]
macro_rules! law_tests {
    ($name:ident => $scheme:expr) => {
        $crate::law_tests!($name => $scheme, $crate::laws::Shape::default());
    };
    ($name:ident => $scheme:expr, $shape:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "the expressions may not need them")]
            use super::*;

            #[test]
            fn keeps_its_guarantees() {
                $crate::laws::assert_guarantees(&$scheme, &$shape);
            }

            #[test]
            fn lacks_the_guarantees_it_does_not_declare() {
                $crate::laws::assert_lacks_the_rest(&$scheme, &$shape);
            }

            #[test]
            fn a_proven_verdict_is_right() {
                $crate::laws::assert_proofs(&$scheme, &$shape);
            }

            #[test]
            fn compare_is_antisymmetric() {
                $crate::laws::assert_antisymmetry(&$scheme, &$shape);
            }

            #[test]
            fn wire_is_canonical() {
                $crate::laws::assert_wire(&$scheme, &$shape);
            }
        }
    };
}
