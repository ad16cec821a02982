//! Caches of pictures, which are bounded.

use std::collections::HashMap;
use std::hash::Hash;

/// Pictures that a cache keeps: of 60 to 400 kB each, some 100 MB at most.
const CAPACITY: usize = 300;

/// Puts a picture into a cache. A full one is emptied first: what is on the screen is made again at
/// once.
pub(crate) fn insert<K: Eq + Hash, V>(cache: &mut HashMap<K, V>, key: K, value: V) {
    if cache.len() >= CAPACITY && !cache.contains_key(&key) {
        cache.clear();
    }
    cache.insert(key, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_keeps_no_more_than_it_may_and_always_the_last() {
        let mut cache = HashMap::new();
        for key in 0..CAPACITY {
            insert(&mut cache, key, ());
        }
        insert(&mut cache, 0, ());
        assert_eq!(cache.len(), CAPACITY, "a known key needs no room");
        insert(&mut cache, CAPACITY, ());
        assert_eq!(cache.into_keys().collect::<Vec<_>>(), [CAPACITY]);
    }
}
