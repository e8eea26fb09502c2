//! Counters by way of the crate `metrics`.

use alloc::string::ToString;

use causal_clock::NodeId;
use metrics::{counter, gauge};

use crate::{Refusals, SourceStats, Stats};

impl Stats {
    /// Tells the recorder of the crate `metrics` all counters, with the label
    /// `node`: `hlc_stamps_total`, `hlc_refused_total` (label `reason`),
    /// `hlc_largest_lead_seconds`, `hlc_clock_backward_steps_total`,
    /// `hlc_clock_largest_backward_seconds`, `hlc_clock_forward_jumps_total`,
    /// `hlc_clock_largest_forward_seconds`, `hlc_clock_checks_total`. To be
    /// called now and then, such as before each scrape.
    ///
    /// ```
    /// use causal_clock::NodeId;
    /// use hlc::{Guarded, Hlc};
    /// use std::time::Duration;
    ///
    /// let node = NodeId::new(1);
    /// let mut clock = Hlc::new(node, Guarded::system(Duration::from_millis(250)));
    /// clock.now()?;
    /// clock.stats().record(node);
    /// # Ok::<(), hlc::HlcError>(())
    /// ```
    pub fn record(&self, node: NodeId) {
        let Self { stamps, largest_lead, refused, source } = *self;
        let node = node.to_string();
        counter!("hlc_stamps_total", "node" => node.clone()).absolute(stamps);
        let Refusals { too_far_ahead, forward_jump, out_of_range, exhausted, store } = refused;
        for (reason, count) in [
            ("too_far_ahead", too_far_ahead),
            ("forward_jump", forward_jump),
            ("out_of_range", out_of_range),
            ("exhausted", exhausted),
            ("store", store),
        ] {
            counter!("hlc_refused_total", "node" => node.clone(), "reason" => reason)
                .absolute(count);
        }
        let SourceStats {
            backward_steps,
            largest_backward,
            forward_jumps,
            largest_forward,
            checks,
        } = source;
        for (name, count) in [
            ("hlc_clock_backward_steps_total", backward_steps),
            ("hlc_clock_forward_jumps_total", forward_jumps),
            ("hlc_clock_checks_total", checks),
        ] {
            counter!(name, "node" => node.clone()).absolute(count);
        }
        for (name, time) in [
            ("hlc_largest_lead_seconds", largest_lead),
            ("hlc_clock_largest_backward_seconds", largest_backward),
            ("hlc_clock_largest_forward_seconds", largest_forward),
        ] {
            gauge!(name, "node" => node.clone()).set(time.as_secs_f64());
        }
    }
}
