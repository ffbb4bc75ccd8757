//! Two sequences that should be one: what was allowed, and what lies in the allowed topic.
//!
//! Works on fingerprints. Says what is missing, what is there twice, what is new and what is out of
//! order. Needed only where the two differ; equal ones never come here.

use std::collections::{HashMap, VecDeque};

use super::fingerprint::Print;
use crate::consent::Offset;

/// One element of either sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Its offset: in the input for what is expected, in the allowed topic for what is found.
    pub(super) offset: Offset,
    /// Its fingerprint.
    pub(super) print: Print,
}

/// An element without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lonely {
    /// The element.
    pub(super) element: Element,
    /// How many elements before it have a partner in order. One that is missing and one that was
    /// added between the same two partners are taken for one that was changed.
    pub(super) after: usize,
}

/// Where the sequences differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// Expected and not found.
    pub(super) missing: Vec<Lonely>,
    /// Found and not expected.
    pub(super) added: Vec<Lonely>,
    /// Found once more than expected.
    pub(super) twice: Vec<Element>,
    /// Found, but before or behind where it belongs.
    pub(super) out_of_order: Vec<Element>,
    /// How many elements come before the first partner, expected and found.
    pub(super) head: (usize, usize),
    /// How many found elements come before what lies behind the last partner.
    pub(super) tail: usize,
}

/// Compares the two.
pub(super) fn compare(expected: &[Element], found: &[Element]) -> Mismatch {
    let mut open: HashMap<Print, VecDeque<usize>> = HashMap::new();
    for (at, element) in expected.iter().enumerate() {
        open.entry(element.print).or_default().push_back(at);
    }
    let mut out = Mismatch::default();
    let mut partner_of: Vec<Option<usize>> = Vec::with_capacity(found.len());
    let mut twice = vec![false; found.len()];
    for (at, element) in found.iter().enumerate() {
        let places = open.get_mut(&element.print);
        if let (Some(places), Some(twice)) = (&places, twice.get_mut(at)) {
            *twice = places.is_empty();
        }
        partner_of.push(places.and_then(VecDeque::pop_front));
    }
    let in_order = longest_ascending(&partner_of);
    let mut ordered_partners = Vec::new();
    let mut tail = 0;
    for ((at, element), twice) in found.iter().enumerate().zip(twice) {
        let after = ordered_partners.len();
        match partner_of.get(at).copied().flatten() {
            Some(partner) if in_order.get(at) == Some(&true) => {
                ordered_partners.push(partner);
                tail = at + 1;
            }
            Some(_) => out.out_of_order.push(*element),
            None if twice => out.twice.push(*element),
            None => out.added.push(Lonely { element: *element, after }),
        }
    }
    let mut missing: Vec<usize> = open.into_values().flatten().collect();
    missing.sort_unstable();
    out.missing.extend(missing.into_iter().filter_map(|at| {
        let after = ordered_partners.partition_point(|partner| *partner < at);
        expected.get(at).map(|element| Lonely { element: *element, after })
    }));
    let first = partner_of.iter().position(Option::is_some);
    let first_expected = partner_of.iter().flatten().min().copied();
    out.tail = tail;
    out.head = (first_expected.unwrap_or(expected.len()), first.unwrap_or(found.len()));
    out
}

/// Which of the values form a longest ascending sequence.
fn longest_ascending(values: &[Option<usize>]) -> Vec<bool> {
    // For each length the position of the smallest last value, and for each position the one before.
    let mut tails: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; values.len()];
    for (at, value) in values.iter().enumerate() {
        let Some(value) = *value else { continue };
        let length = tails.partition_point(|(tail, _)| *tail < value);
        if let Some(slot) = before.get_mut(at) {
            *slot = length.checked_sub(1).and_then(|last| tails.get(last)).map(|(_, at)| *at);
        }
        match tails.get_mut(length) {
            Some(tail) => *tail = (value, at),
            None => tails.push((value, at)),
        }
    }
    let mut chosen = vec![false; values.len()];
    let mut at = tails.last().map(|(_, at)| *at);
    while let Some(current) = at {
        if let Some(slot) = chosen.get_mut(current) {
            *slot = true;
        }
        at = before.get(current).copied().flatten();
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Vec<Element> {
        let element = |(at, letter): (usize, char)| Element {
            offset: Offset(at as i64),
            print: Print(u64::from(u32::from(letter))),
        };
        text.chars().enumerate().map(element).collect()
    }

    fn offsets(lonely: &[Lonely]) -> Vec<i64> {
        lonely.iter().map(|lonely| lonely.element.offset.0).collect()
    }

    fn differ(expected: &str, found: &str) -> Mismatch {
        compare(&elements(expected), &elements(found))
    }

    /// The lists alone.
    fn lists(mismatch: Mismatch) -> Mismatch {
        Mismatch { head: (0, 0), tail: 0, ..mismatch }
    }

    #[test]
    fn equal_sequences_do_not_differ() {
        assert_eq!(lists(differ("abcabc", "abcabc")), Mismatch::default());
    }

    #[test]
    fn one_that_is_missing_is_named_and_nothing_else() {
        let mismatch = differ("abcde", "abde");
        assert_eq!(offsets(&mismatch.missing), [2]);
        assert_eq!(lists(Mismatch { missing: Vec::new(), ..mismatch }), Mismatch::default());
    }

    #[test]
    fn one_that_was_added_is_named_and_nothing_else() {
        let mismatch = differ("abcde", "abXcde");
        assert_eq!(offsets(&mismatch.added), [2]);
        assert_eq!(lists(Mismatch { added: Vec::new(), ..mismatch }), Mismatch::default());
    }

    #[test]
    fn one_that_was_changed_is_missing_and_added_between_the_same_partners() {
        let mismatch = differ("abcde", "abXde");
        assert_eq!((offsets(&mismatch.missing), offsets(&mismatch.added)), (vec![2], vec![2]));
        assert_eq!(mismatch.missing[0].after, mismatch.added[0].after);
    }

    #[test]
    fn one_that_is_doubled_is_found_twice_wherever_it_lies() {
        assert_eq!(differ("abc", "abbc").twice[0].offset, Offset(2));
        assert_eq!(differ("abc", "abca").twice[0].offset, Offset(3));
    }

    #[test]
    fn equal_records_that_are_expected_twice_are_no_doubles() {
        assert_eq!(lists(differ("aab", "aab")), Mismatch::default());
        assert_eq!(differ("aab", "aaab").twice.len(), 1);
    }

    #[test]
    fn one_that_moved_is_out_of_order_and_the_rest_is_not() {
        let mismatch = differ("abcde", "acdeb");
        let moved: Vec<_> = mismatch.out_of_order.iter().map(|element| element.offset.0).collect();
        assert_eq!(moved, [4]);
    }

    #[test]
    fn the_head_says_where_partners_begin() {
        assert_eq!(differ("xyabc", "abc").head, (2, 0));
        assert_eq!(differ("abc", "12abc").head, (0, 2));
        assert_eq!(differ("ab", "12").head, (2, 2));
    }

    #[test]
    fn the_tail_begins_behind_the_last_partner() {
        assert_eq!(differ("abc", "abc12").tail, 3);
        assert_eq!(differ("abcd", "a1c2").tail, 3);
        assert_eq!(differ("ab", "12").tail, 0);
    }
}
