//! Answers a batch in phases.
//!
//! What costs time is waiting for memory, so each phase goes over many queries before the next one
//! starts: resolve businesses and hash identities; find the slots; look for the identities; hold flags
//! against bitmaps; find the grants that must be weighed; answer. Before a phase that reads memory, a
//! short loop asks for all of it to be brought near. Nobody waits for what was asked for, so the memory
//! works on many lines at once. A line that was not brought costs time and changes no answer. The quick path
//! allocates nothing.

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
    bring(works, Work::bring_business);
    let mut last = ("", None);
    for (work, query) in works.iter_mut().zip(queries) {
        if last.0 != query.scope {
            last = (query.scope, index.names().find(query.scope));
        }
        work.aim(query, last.1, index.hashes());
    }
    bring(works, Work::bring_slots);
    for (work, query) in works.iter_mut().zip(queries) {
        work.find(index, query);
    }
    for work in works.iter_mut() {
        work.judge();
    }
    for (work, query) in works.iter_mut().zip(queries) {
        work.settle(query.detail);
    }
    bring(works, Work::bring_way);
    for work in works.iter_mut() {
        work.locate();
    }
    bring(works, Work::bring_grant);
    bring(works, Work::bring_text);
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

/// Asks for memory ahead, for all queries at once.
fn bring<'i>(works: &[Work<'i>], ask: impl Fn(&Work<'i>)) {
    works.iter().for_each(ask);
}
