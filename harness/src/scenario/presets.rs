//! The scenarios that come with the command.

/// A scenario that comes with the command.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// Its TOML.
    pub toml: &'static str,
}

macro_rules! presets {
    ($($name:literal),*) => {
        &[$(Preset { name: $name, toml: include_str!(concat!("../../presets/", $name, ".toml")) }),*]
    };
}

/// All of them, the default first. From `p2p-weibull` on they are models of churn
/// from the literature and from practice.
pub const PRESETS: &[Preset] = presets!(
    "churn",
    "static",
    "smoke",
    "crash-heavy",
    "growth",
    "turnover",
    "bad-clocks",
    "p2p-weibull",
    "kad",
    "pareto-peers",
    "oversim",
    "p2psim",
    "dht-stress",
    "gpu-pods",
    "oss-contributors",
    "rolling-restart",
    "flash-crowd",
    "mass-failure",
    "diurnal",
    "mobile"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn presets_are_valid_and_carry_their_own_names() {
        for preset in PRESETS {
            let scenario = Scenario::parse(preset.toml, preset.name).unwrap();
            assert_eq!(scenario.name, preset.name);
            assert!(!scenario.description.is_empty());
        }
    }
}
