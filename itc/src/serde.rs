//! Serde: the paper's notation where the format is for people to read, the
//! bytes of appendix A where it is not. Both are read strictly.

use crate::{EventTree, Id, Itc, Stamp};

causal_clock::serde_by_form!(Id, EventTree, Itc, Stamp);
