//! `clockbench clocks`: what there is to measure.

use causal_clock::Guarantee;
use clap::Args as ClapArgs;
use serde_json::json;

use super::{print, print_json};
use crate::registry::{Family, Registry};

/// List the clocks with their guarantees and parameters.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench clocks                 a paragraph for each
  clockbench clocks --json          the same for programs

A clock is named with its parameters, as in `rev:r=16` or `hlc:drift=500ms`.")]
pub(super) struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, registry: &Registry) -> anyhow::Result<()> {
    if args.json {
        let families: Vec<_> = registry.families().iter().map(json_of).collect::<Result<_, _>>()?;
        return print_json(&families);
    }
    let mut text = String::new();
    for family in registry.families() {
        let scheme = family.default_scheme()?;
        let guarantees = scheme.guarantees();
        text.push_str(&format!("{}\n    {}\n", family.name, family.summary));
        let promise = |g: Guarantee| match g {
            Guarantee::Complete => "misses no order",
            Guarantee::Sound => "invents no order",
            Guarantee::Consistent => "reverses no order",
            Guarantee::Distinct => "mistakes no event for another",
        };
        let held: Vec<_> = guarantees.held().map(promise).collect();
        let held = if held.is_empty() { "none".into() } else { held.join(", ") };
        text.push_str(&format!("    guarantees: {held}\n"));
        let assumed: Vec<_> = guarantees.assumptions().iter().map(ToString::to_string).collect();
        if !assumed.is_empty() {
            text.push_str(&format!("    as long as: {}\n", assumed.join(", ")));
        }
        let defaults = family.defaults();
        for (key, meaning) in family.parameters {
            let default = defaults.get(*key).map(plain).unwrap_or_default();
            text.push_str(&format!("    {key}={default}: {meaning}\n"));
        }
        text.push_str(&format!("    in the table as: {}\n\n", family.presets.join(" ")));
    }
    print(&text)
}

/// A value as it is written on the command line.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn json_of(family: &Family) -> anyhow::Result<serde_json::Value> {
    let guarantees = family.default_scheme()?.guarantees();
    let parameters: Vec<_> = family
        .parameters
        .iter()
        .map(|(key, meaning)| {
            json!({ "name": key, "meaning": meaning, "default": family.defaults().get(*key) })
        })
        .collect();
    Ok(json!({
        "name": family.name,
        "summary": family.summary,
        "guarantees": guarantees.held().map(Guarantee::as_str).collect::<Vec<_>>(),
        "assumptions":
            guarantees.assumptions().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "parameters": parameters,
        "default_schemes": family.presets,
    }))
}
