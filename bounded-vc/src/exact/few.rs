//! A few numbers in place, without memory of their own: where there are few,
//! to copy them is faster than to share them.

use core::ops::{Deref, DerefMut};

/// A number of which a few are kept in place.
pub(super) trait Item: Copy + Default + 'static {
    /// Room for as many as are kept in place.
    type Room: Copy + Default + AsRef<[Self]> + AsMut<[Self]> + core::fmt::Debug;
}

impl Item for u64 {
    type Room = [Self; 16];
}

impl Item for i32 {
    type Room = [Self; 16];
}

impl Item for i64 {
    type Room = [Self; 8];
}

/// As many numbers as have room. The room that is left is zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Few<T: Item> {
    len: u8,
    room: T::Room,
}

impl<T: Item> Few<T> {
    /// The same numbers, if there is room for them.
    pub(super) fn new(numbers: &[T]) -> Option<Self> {
        let mut room = T::Room::default();
        room.as_mut().get_mut(..numbers.len())?.copy_from_slice(numbers);
        Some(Self { len: u8::try_from(numbers.len()).ok()?, room })
    }

    /// The first so many numbers, if there is room for them. Those after them
    /// are zero and fill the room.
    #[inline]
    pub(super) fn of_padded(numbers: &[T], len: usize) -> Option<Self> {
        let mut room = T::Room::default();
        let size = room.as_ref().len();
        let len = u8::try_from(len).ok().filter(|len| usize::from(*len) <= size)?;
        room.as_mut().copy_from_slice(numbers.get(..size)?);
        Some(Self { len, room })
    }

    /// How many there are.
    pub(super) const fn count(&self) -> u8 {
        self.len
    }

    /// The numbers, and zeros after them.
    pub(super) const fn room(&self) -> &T::Room {
        &self.room
    }

    /// The numbers, and zeros after them, which must stay zero.
    pub(super) const fn room_mut(&mut self) -> &mut T::Room {
        &mut self.room
    }
}

impl<T: Item> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.room.as_ref()[..self.len.into()]
    }
}

impl<T: Item> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.room.as_mut()[..self.len.into()]
    }
}
