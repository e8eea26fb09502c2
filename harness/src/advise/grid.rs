//! Which schemes are tried: every family with a few values of its parameters,
//! those that are times in units of the time that participants stay.

use core::time::Duration;

use causal_clock::duration;

use super::needs::Needs;
use crate::registry::{BoxedScheme, Registry, SchemeError};

/// Who stays for ever, or for a very long time, is remembered for so long.
const LONG: Duration = Duration::from_secs(3600);

/// The schemes for some needs. A family that is not known here, such as a clock
/// of one's own, comes with its presets.
///
/// # Errors
/// Where a scheme does not read, which is a defect of its family or of this list.
pub fn schemes(needs: &Needs, registry: &Registry) -> Result<Vec<BoxedScheme>, SchemeError> {
    let lists = registry
        .families()
        .iter()
        .map(|family| list(family.name, needs).unwrap_or_else(|| family.presets.join(",")));
    registry.schemes(&lists.collect::<Vec<_>>().join(","))
}

fn list(family: &str, needs: &Needs) -> Option<String> {
    let stays = needs.participants.stays.unwrap_or(LONG);
    let times = |factor: f64| duration::format(whole(stays.mul_f64(factor)));
    let skew = |factor: u32| {
        let skew = needs.clocks.synchronised_to.unwrap_or(LONG);
        duration::format((skew * factor).max(Duration::from_millis(1)))
    };
    Some(match family {
        // Where stamps travel, it is a larger vector clock.
        "tree" if needs.stamps.travel => "".into(),
        "vc-bounded" => "vc-bounded:k=2..64".into(),
        "vc-capped" => "vc-capped:k=4..64,drop=stalest".into(),
        "vc-aged" => [0.25, 1.0, 4.0].map(|f| format!("vc-aged:age={}", times(f))).join(","),
        "riak" => format!(
            "riak:small=10,big=50,young={},old={},riak:small=10,big=50,young=20s,old=1d",
            times(0.25),
            times(4.0)
        ),
        "akka" => format!("akka:keep={},akka:keep={}", times(0.0625), times(1.0)),
        "horizon" => "horizon:k=4..64,horizon:k=1..16x4,tick=365d,ids=1,horizons=16,bits=6,\
                      horizon:k=1,tick=365d,ids=1,horizons=6,bits=4,horizon:k=8..32x2,ids=2"
            .into(),
        "rev" => "rev:r=4..64,rev:r=12..48".into(),
        "nurev" => "nurev:r=4..64,nurev:r=12..48".into(),
        "k-lamport" => "k-lamport:k=2..3+1".into(),
        "comb" => "comb:r=4..32,k=2".into(),
        "rk" => "rk:r=8..64,k=2,rk:r=12..48,k=2".into(),
        "bloom" => "bloom:m=8..64,k=2".into(),
        "recency" => {
            "recency:r=4..64,bits=4..6+2,recency:r=12..24+12,bits=6,recency:r=48..96+16,bits=6"
                .into()
        }
        "hvc" => format!("hvc:epsilon={},hvc:epsilon={}", skew(1), skew(10)),
        "repcl" => format!(
            "repcl:interval={},epsilon={}",
            duration::format(
                (needs.clocks.synchronised_to.unwrap_or(LONG) / 10).max(Duration::from_millis(1))
            ),
            skew(1)
        ),
        "tree" | "hlc96" => family.into(),
        _ => return None,
    })
}

/// In whole milliseconds, and not nothing.
fn whole(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_reads_and_leaves_out_no_family_but_one() {
        let registry = Registry::builtin();
        let other = "[participants]\nstays = 'for-ever'\n[clocks]\nsynchronised_to = 'no'\n\
                     [stamps]\ntravel = false";
        for (text, left_out) in [("", vec!["tree", "evc"]), (other, vec!["evc"])] {
            let needs = Needs::parse(text, "x.toml").unwrap();
            let schemes = schemes(&needs, &registry).unwrap();
            let has =
                |family: &str| schemes.iter().any(|s| s.name().split(':').next() == Some(family));
            let missing: Vec<_> =
                registry.families().iter().map(|f| f.name).filter(|name| !has(name)).collect();
            assert_eq!(missing, left_out);
        }
    }
}
