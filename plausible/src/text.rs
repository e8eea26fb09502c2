//! Stamps and clocks as text, their bytes in hexadecimal, and by serde: the text
//! where the format is for people to read, the bytes where it is not.

use causal_clock::CausalClock;

use crate::{
    BloomClock, BloomStamp, CombClock, CombPart, CombStamp, ElasticClock, ElasticStamp,
    EncodedClock, EncodedStamp, KLamportClock, KLamportStamp, LamportClock, LamportStamp,
    NurevClock, NurevStamp, RecencyClock, RecencyStamp, RevClock, RevStamp, RkClock, RkStamp,
};

/// Both for each type.
macro_rules! forms {
    ($($types:tt)*) => {
        causal_clock::hex_by_form!($($types)*);
        #[cfg(feature = "serde")]
        causal_clock::serde_by_form!($($types)*);
    };
}

forms!(LamportStamp, LamportClock, KLamportStamp, KLamportClock, RevStamp, RevClock);
forms!(NurevStamp, NurevClock, RecencyStamp, RecencyClock, ElasticStamp, ElasticClock);
forms!(RkStamp, RkClock, BloomStamp, BloomClock, EncodedStamp, EncodedClock);
forms!(where A: CombPart, B: CombPart => CombStamp<A, B>);
forms!(where A: CausalClock<Stamp: CombPart>, B: CausalClock<Stamp: CombPart> => CombClock<A, B>);
