//! A prime for every id.
//!
//! Ids that someone coordinates are small: id *i* below 6,542 gets the prime
//! that follows *i* others (0 gets 2, 1 gets 3), which keeps products small.
//! Ids that nobody coordinates are random numbers of 64 bits: id *i* gets the
//! first prime above 4,096·*i*. Two ids get the same only where there is no
//! prime between 4,096·*i* and 4,096·(*i* + 1). For ids below 2^52 that is
//! known not to be: no gap between primes below 2^64 is longer than 1,550 (all
//! were searched: Oliveira e Silva, Herzog and Pardi 2014; Nicely and others).
//! For larger ids it is not proven. About 2,800, the square of the logarithm,
//! is the most to be expected below 2^76 (Cramér's conjecture).

use alloc::vec;

/// How many primes there are below 2^16.
const SMALL_PRIMES: u64 = 6_542;

/// How far apart the primes of neighbouring ids are, in bits.
const SPREAD: u32 = 12;

/// The prime of an id, below 2^77.
pub(crate) fn prime_of(id: u64) -> u128 {
    if id < SMALL_PRIMES {
        return small_prime(id);
    }
    // An odd start, since the shift made it even.
    let mut candidate = (u128::from(id) << SPREAD) + 1;
    while !is_prime(candidate) {
        candidate += 2;
    }
    candidate
}

/// The prime below 2^16 that follows `n` others, by the sieve of Eratosthenes.
fn small_prime(n: u64) -> u128 {
    const LIMIT: usize = 1 << 16;
    let mut composite = vec![false; LIMIT];
    let mut found = 0;
    for number in 2..LIMIT {
        if composite[number] {
            continue;
        }
        if found == n {
            return number as u128;
        }
        found += 1;
        for multiple in (number * number..LIMIT).step_by(number) {
            composite[multiple] = true;
        }
    }
    // Not reached: there are as many as `prime_of` asks for.
    2
}

/// Whether an odd number between 2^16 and 2^77 is prime, by the test of Miller
/// and Rabin. With the first 13 primes for bases it is a proof below 3.3·10²⁴,
/// which is more than 2^81 (Sorenson and Webster, "Strong pseudoprimes to
/// twelve prime bases", Mathematics of Computation 86, 2017).
fn is_prime(n: u128) -> bool {
    const BASES: [u128; 13] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41];
    if BASES.iter().any(|p| n.is_multiple_of(*p)) {
        return false;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|base| {
        let mut x = power(*base, odd, n);
        if x == 1 || x == n - 1 {
            return true;
        }
        for _ in 1..twos {
            x = product(x, x, n);
            if x == n - 1 {
                return true;
            }
        }
        false
    })
}

/// `a · b` modulo `n`, all below 2^77: in two halves, so that no product is
/// longer than 128 bits.
const fn product(a: u128, b: u128, n: u128) -> u128 {
    const HALF: u32 = 39;
    let (high, low) = (b >> HALF, b & ((1 << HALF) - 1));
    (((a * high % n) << HALF) % n + a * low % n) % n
}

fn power(base: u128, mut exponent: u128, n: u128) -> u128 {
    let (mut result, mut square) = (1, base % n);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, square, n);
        }
        square = product(square, square, n);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ids_get_the_first_primes() {
        let first: alloc::vec::Vec<u128> = (0..10).map(prime_of).collect();
        assert_eq!(first, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert_eq!(prime_of(SMALL_PRIMES - 1), 65_521);
    }

    #[test]
    fn large_ids_get_primes_of_their_own() {
        // 4,096 · 6,542 = 26,796,032: checked by trial division.
        for id in [SMALL_PRIMES, SMALL_PRIMES + 1, 1 << 20] {
            let prime = prime_of(id);
            assert!(prime > u128::from(id) << SPREAD);
            assert!(prime < u128::from(id + 1) << SPREAD);
            assert!(
                (2..100_000_u128).take_while(|d| d * d <= prime).all(|d| !prime.is_multiple_of(d))
            );
        }
        let last = prime_of(u64::MAX);
        assert!(last < 1 << 76 && is_prime(last));
    }

    #[test]
    fn tells_primes_from_pseudoprimes() {
        // 2^61 − 1 is prime; the others are strong pseudoprimes to the first
        // four and the first nine primes.
        assert!(is_prime((1 << 61) - 1));
        assert!(!is_prime(3_215_031_751));
        assert!(!is_prime(3_825_123_056_546_413_051));
        // The product of two primes near 2^38.
        assert!(!is_prime(274_877_906_857 * 274_877_906_837));
    }

    #[test]
    fn products_of_the_largest_numbers() {
        let n = (1 << 77) - 1;
        assert_eq!(product(n - 1, n - 1, n), 1);
        assert_eq!(power(3, 5, n), 243);
    }
}
