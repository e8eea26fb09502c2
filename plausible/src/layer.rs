//! The thin layer between the clocks' own methods and the shared trait.

/// Implements [`causal_clock::CausalClock`] for a clock by its own methods:
/// `fork(NodeId)`, `event()`, `stamp()`, `merge(&stamp)` and `join(&retired)`.
macro_rules! causal_clock {
    ($clock:ty, $stamp:ty, $error:ty) => {
        impl ::causal_clock::CausalClock for $clock {
            type Stamp = $stamp;
            type Error = $error;

            fn fork(&mut self, env: &mut impl ::causal_clock::Environment) -> Self {
                <$clock>::fork(self, env.fresh_id())
            }

            fn event(
                &mut self,
                _: &mut impl ::causal_clock::Environment,
            ) -> Result<(), Self::Error> {
                <$clock>::event(self)
            }

            fn stamp(&self) -> $stamp {
                <$clock>::stamp(self)
            }

            fn merge(
                &mut self,
                stamp: &$stamp,
                _: &mut impl ::causal_clock::Environment,
            ) -> Result<(), Self::Error> {
                <$clock>::merge(self, stamp)
            }

            fn join(
                &mut self,
                retired: Self,
                _: &mut impl ::causal_clock::Environment,
            ) -> Result<(), ::causal_clock::Rejected<Self>> {
                match <$clock>::join(self, &retired) {
                    Ok(()) => Ok(()),
                    Err(error) => Err(::causal_clock::Rejected::new(retired, error)),
                }
            }
        }
    };
}

pub(crate) use causal_clock;
