//! Several horizons in a few bits each: how far each is behind the latest time.

use alloc::vec::Vec;

use causal_clock::DecodeError;
use causal_clock::wire::Reader;
use smallvec::SmallVec;

use super::HorizonBits;
use super::horizons::Horizons;

/// How many bytes so many packed horizons take.
pub(super) const fn packed_len(bits: HorizonBits, horizons: usize) -> usize {
    (horizons * bits.get() as usize).div_ceil(8)
}

/// Writes numbers of so many bits, lowest bits first, into whole bytes; the
/// bits left over in the last are zero.
pub(super) fn put_packed(out: &mut Vec<u8>, bits: HorizonBits, numbers: impl Iterator<Item = u64>) {
    let (mut pending, mut len) = (0, 0);
    for number in numbers {
        pending |= number << len;
        len += u32::from(bits.get());
        while len >= 8 {
            out.push((pending & 0xff) as u8);
            pending >>= 8;
            len -= 8;
        }
    }
    if len > 0 {
        out.push((pending & 0xff) as u8);
    }
}

/// How many horizons there are in a stamp and how wide they are.
pub(super) struct Shape {
    /// Where it stands.
    at: usize,
    horizons: u64,
    bits: HorizonBits,
}

impl Shape {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let shape = reader.varint()?;
        let bits = HorizonBits::from_wire((shape % 16) as u8);
        Ok(Self { at, horizons: shape / 16 + 2, bits })
    }

    /// Reads the horizons: how far each is behind `latest`.
    pub(super) fn read_horizons(
        self,
        reader: &mut Reader<'_>,
        latest: u64,
    ) -> Result<Horizons, DecodeError> {
        let Self { at, horizons: count, bits } = self;
        let room = reader.remaining();
        let fits = usize::try_from(count)
            .ok()
            .filter(|n| *n <= room.saturating_mul(8) / usize::from(bits.get()));
        let number = fits.ok_or(DecodeError::CountTooLarge { at, count, room })?;
        let mut times = SmallVec::with_capacity(number);
        let (mut pending, mut len) = (0, 0);
        for _ in 0..number {
            let at = reader.position();
            while len < u32::from(bits.get()) {
                pending |= u64::from(reader.byte()?) << len;
                len += 8;
            }
            let behind = pending & bits.window();
            times.push(latest.checked_sub(behind).ok_or(DecodeError::NumberTooLarge { at })?);
            pending >>= bits.get();
            len -= u32::from(bits.get());
        }
        if pending != 0 {
            let at = reader.position();
            return Err(DecodeError::NotCanonical { at, rule: "bits left over are zero" });
        }
        Ok(Horizons { bits: Some(bits), times })
    }
}
