//! Answers a batch in phases.
//!
//! What costs time is waiting for memory, so each phase goes over many queries before the next one
//! starts: resolve businesses and hash identities; find the slots; look for the identities; hold flags
//! against bitmaps; find the grants that must be weighed; answer. Before a phase that asks something of
//! memory, a short loop touches all of it: those reads depend on nothing and on no guess, so the
//! processor waits for them together. The quick path allocates nothing.

use std::hint::black_box;

use super::answer::Answer;
use super::consent_index::ConsentIndex;
use super::query::Query;
use super::work::Work;

/// How many queries go through the phases together: enough to overlap reads, few enough for the
/// nearest cache.
const CHUNK: usize = 64;

/// Answers all queries in their order.
pub(super) fn answer<'i>(
    index: &'i ConsentIndex,
    queries: &[Query<'_>],
    answers: &mut Vec<Answer<'i>>,
) {
    answers.clear();
    answers.reserve(queries.len());
    let mut works = [Work::default(); CHUNK];
    for queries in queries.chunks(CHUNK) {
        let Some(works) = works.get_mut(..queries.len()) else {
            return;
        };
        answer_chunk(index, queries, works, answers);
    }
}

fn answer_chunk<'i>(
    index: &'i ConsentIndex,
    queries: &[Query<'_>],
    works: &mut [Work<'i>],
    answers: &mut Vec<Answer<'i>>,
) {
    resolve(index, queries, works);
    touch(works, Work::touch_business);
    let mut last = ("", None);
    for (work, query) in works.iter_mut().zip(queries) {
        if last.0 != query.scope {
            last = (query.scope, index.names().find(query.scope));
        }
        work.aim(query, last.1, index.hashes());
    }
    touch(works, Work::touch_slots);
    for (work, query) in works.iter_mut().zip(queries) {
        work.find(index, query);
    }
    for work in works.iter_mut() {
        work.judge();
    }
    for (work, query) in works.iter_mut().zip(queries) {
        work.settle(query.detail);
    }
    touch(works, Work::touch_way);
    for work in works.iter_mut() {
        work.locate();
    }
    touch(works, Work::touch_grant);
    for (work, query) in works.iter().zip(queries) {
        answers.push(Answer::new(work.answer(index, query)));
    }
}

/// Finds the business of each query. Neighbours often share it.
fn resolve<'i>(index: &'i ConsentIndex, queries: &[Query<'_>], works: &mut [Work<'i>]) {
    let mut last = ("", None);
    for (work, query) in works.iter_mut().zip(queries) {
        if last.1.is_none() || last.0 != query.business {
            last = (query.business, index.business(query.business));
        }
        *work = Work::new(last.1);
    }
}

/// Reads ahead for all queries at once. The sum only keeps the reads from being left out.
fn touch<'i>(works: &[Work<'i>], read: impl Fn(&Work<'i>) -> usize) {
    let touched = works.iter().map(read);
    black_box(touched.fold(0, |sum, touched| sum ^ touched));
}
