//! Ctrl-C and SIGTERM: tasks under way are finished and no more begun; who asks
//! twice, or waits too long, ends the command at once. Nothing is lost either
//! way but the tasks that were under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::TRY_AGAIN;

/// So long tasks under way may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A flag that becomes true when the command is told to stop. `how_to_go_on` is
/// said then.
pub(super) fn flag(how_to_go_on: String) -> std::io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = flag.clone();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if raised.swap(true, Ordering::Relaxed) {
                std::process::exit(TRY_AGAIN.into());
            }
            eprintln!("stopping: {how_to_go_on}");
            std::thread::spawn(|| {
                std::thread::sleep(PATIENCE);
                std::process::exit(TRY_AGAIN.into());
            });
        }
    });
    Ok(flag)
}
