//! What should lie in the allowed partition, laid against what lies there.
//!
//! Equal from the first to the last record is the common case. From the first difference on, the records
//! that look the same are paired in their order; what is left over on either side is told apart.

use std::collections::HashMap;

use crate::fingerprint::Prints;

/// An input record that was allowed.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) offset: i64,
    pub(super) print: u64,
    /// The header that must be appended to it.
    pub(super) header: Option<Box<[u8]>>,
}

/// A record of the allowed topic.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) offset: i64,
    pub(super) prints: Prints,
}

/// What does not fit, by places in the lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Misfits {
    /// Expected, and not found.
    pub(super) missing: Vec<usize>,
    /// Found, and not expected.
    pub(super) added: Vec<usize>,
    /// Found once more.
    pub(super) twice: Vec<usize>,
    /// Expected and found, where one stands for the other and is not it.
    pub(super) changed: Vec<(usize, usize)>,
    /// Found behind what should come later.
    pub(super) late: Vec<usize>,
}

fn fits(expected: &Expected, found: &Found) -> bool {
    match (&expected.header, &found.prints.stripped) {
        (None, _) => expected.print == found.prints.whole,
        (Some(header), Some((print, value))) => *print == expected.print && header == value,
        (Some(_), None) => false,
    }
}

/// The fingerprint that an input record of this output record would have.
pub(super) fn source_print(expected_header: bool, found: &Found) -> u64 {
    match &found.prints.stripped {
        Some((print, _)) if expected_header => *print,
        _ => found.prints.whole,
    }
}

/// Lays both side by side.
pub(super) fn lay(expected: &[Expected], found: &[Found]) -> Misfits {
    let same = expected.iter().zip(found).take_while(|(one, other)| fits(one, other)).count();
    let mut misfits = Misfits::default();
    let mut open: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, one) in expected.iter().enumerate().skip(same).rev() {
        open.entry(one.print).or_default().push(place);
    }
    let mut partner = vec![None; found.len()];
    let mut taken = vec![false; expected.len()];
    taken.iter_mut().take(same).for_each(|taken| *taken = true);
    let headers = expected.iter().any(|one| one.header.is_some());
    let mut over = Vec::new();
    for (place, other) in found.iter().enumerate().skip(same) {
        let queue = open.get_mut(&source_print(headers, other));
        let next = queue.as_ref().and_then(|queue| queue.last().copied());
        let next = next.filter(|next| expected.get(*next).is_some_and(|one| fits(one, other)));
        match (next, queue) {
            (Some(next), Some(queue)) => {
                queue.pop();
                if let (Some(slot), Some(taken)) = (partner.get_mut(place), taken.get_mut(next)) {
                    (*slot, *taken) = (Some(next), true);
                }
            }
            _ => over.push(place),
        }
    }
    tell_late(&partner, same, &mut misfits);
    let known: std::collections::HashSet<u64> = match over.is_empty() {
        true => Default::default(),
        false => expected.iter().map(|one| one.print).collect(),
    };
    let (mut seen, mut before) = (0, None);
    for place in over {
        let Some(other) = found.get(place) else { continue };
        // Where it lies, the record behind the one that fitted last was expected.
        let between = partner.get(seen..place).unwrap_or_default();
        before = between.iter().rev().find_map(|one| *one).or(before);
        seen = place;
        let here = before.map_or(same, |before| before + 1);
        let is_copy = known.contains(&source_print(headers, other));
        match taken.get_mut(here) {
            _ if is_copy => misfits.twice.push(place),
            Some(taken) if !*taken => {
                *taken = true;
                misfits.changed.push((here, place));
                if let Some(slot) = partner.get_mut(place) {
                    *slot = Some(here);
                }
            }
            _ => misfits.added.push(place),
        }
    }
    misfits.missing =
        (0..expected.len()).filter(|place| taken.get(*place) == Some(&false)).collect();
    misfits
}

fn tell_late(partner: &[Option<usize>], same: usize, misfits: &mut Misfits) {
    let mut furthest = None;
    for (place, one) in partner.iter().enumerate().skip(same) {
        if let Some(one) = one {
            if furthest.is_some_and(|furthest| *one < furthest) {
                misfits.late.push(place);
            }
            furthest = furthest.max(Some(*one));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(prints: &[u64]) -> Vec<Expected> {
        let one = |(offset, print): (usize, &u64)| Expected {
            offset: offset as i64,
            print: *print,
            header: None,
        };
        prints.iter().enumerate().map(one).collect()
    }

    fn found(prints: &[u64]) -> Vec<Found> {
        let one = |(offset, print): (usize, &u64)| Found {
            offset: offset as i64,
            prints: Prints { whole: *print, stripped: None },
        };
        prints.iter().enumerate().map(one).collect()
    }

    fn misfits(wanted: &[u64], there: &[u64]) -> Misfits {
        lay(&expected(wanted), &found(there))
    }

    #[test]
    fn each_misfit_is_told_for_what_it_is() {
        let all = [1, 2, 3, 4];
        let none = Misfits::default();
        assert_eq!(misfits(&all, &all), none);
        assert_eq!(misfits(&[1, 2, 1, 2], &[1, 2, 1, 2]), none);
        let missing = |missing| Misfits { missing, ..Misfits::default() };
        assert_eq!(misfits(&all, &[1, 3, 4]), missing(vec![1]));
        assert_eq!(misfits(&all, &[1, 2, 3]), missing(vec![3]));
        assert_eq!(misfits(&all, &[]), missing(vec![0, 1, 2, 3]));
        let added = |added| Misfits { added, ..Misfits::default() };
        assert_eq!(misfits(&all, &[1, 9, 2, 3, 4]), added(vec![1]));
        assert_eq!(misfits(&all, &[1, 2, 3, 4, 9]), added(vec![4]));
        assert_eq!(misfits(&[], &[9]), added(vec![0]));
        let twice = |twice| Misfits { twice, ..Misfits::default() };
        assert_eq!(misfits(&all, &[1, 2, 2, 3, 4]), twice(vec![2]));
        assert_eq!(misfits(&all, &[1, 2, 3, 4, 1]), twice(vec![4]));
        let changed = |changed| Misfits { changed, ..Misfits::default() };
        assert_eq!(misfits(&all, &[1, 9, 3, 4]), changed(vec![(1, 1)]));
        assert_eq!(misfits(&all, &[9, 2, 3, 4]), changed(vec![(0, 0)]));
        assert_eq!(misfits(&all, &[9, 8, 3, 4]), changed(vec![(0, 0), (1, 1)]));
        let late = |late| Misfits { late, ..Misfits::default() };
        assert_eq!(misfits(&all, &[2, 1, 3, 4]), late(vec![1]));
        assert_eq!(misfits(&all, &[2, 3, 4, 1]), late(vec![3]));
    }

    #[test]
    fn a_header_that_must_be_there_is_compared() {
        let wanted = |header: &[u8]| Expected { offset: 0, print: 1, header: Some(header.into()) };
        let there = |stripped| Found { offset: 0, prints: Prints { whole: 5, stripped } };
        let with = |value: &[u8]| there(Some((1, value.into())));
        assert_eq!(lay(&[wanted(b"a")], &[with(b"a")]), Misfits::default());
        let changed = Misfits { twice: vec![0], missing: vec![0], ..Misfits::default() };
        assert_eq!(lay(&[wanted(b"a")], &[with(b"b")]), changed);
        let lacking = Misfits { changed: vec![(0, 0)], ..Misfits::default() };
        assert_eq!(lay(&[wanted(b"a")], &[there(None)]), lacking);
    }
}
