//! Parameters that depend on each other: their check, and serde for schemes
//! that have such.

use crate::ParameterError;

/// Checks `1 ≤ k ≤ total`, where the total is called `name`.
pub(crate) const fn k_of(name: &'static str, total: u16, k: u16) -> Result<(), ParameterError> {
    if total == 0 {
        Err(ParameterError::Zero { name })
    } else if k == 0 || k > total {
        Err(ParameterError::OutOfRange { name: "k", value: k, max: total })
    } else {
        Ok(())
    }
}

/// Lets serde read a scheme through its `new`, which checks the parameters:
/// missing ones are those of the default, unknown ones are refused.
macro_rules! checked_parameters {
    ($scheme:ident { $($name:ident: $type:ty),+ }) => {
        #[cfg(feature = "serde")]
        const _: () = {
            #[derive(::serde::Serialize, ::serde::Deserialize)]
            #[serde(deny_unknown_fields, default)]
            struct Parameters {
                $($name: $type),+
            }

            impl Default for Parameters {
                fn default() -> Self {
                    let $scheme { $($name),+ } = $scheme::default();
                    Self { $($name),+ }
                }
            }

            impl ::serde::Serialize for $scheme {
                fn serialize<S: ::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    let Self { $($name),+ } = *self;
                    Parameters { $($name),+ }.serialize(to)
                }
            }

            impl<'de> ::serde::Deserialize<'de> for $scheme {
                fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let Parameters { $($name),+ } = Parameters::deserialize(from)?;
                    Self::new($($name),+).map_err(::serde::de::Error::custom)
                }
            }
        };
    };
}

pub(crate) use checked_parameters;
