//! What a report keeps, and what it says.

use super::*;
use crate::consent::{Offset, Partition};

#[test]
fn every_cause_is_listed_once() {
    let last = Unchecked::ALL.map(|why| why as usize).into_iter().max();
    assert_eq!(last, Some(Unchecked::ALL.len() - 1));
}

#[test]
fn a_joined_report_holds_what_both_hold() {
    let part = |law| {
        let mut report = Report::default();
        report.differ(law, Spot::new("allowed", Partition(1), Offset(2)), "one", "none");
        report.leave(Unchecked::Headers, 3);
        report.counts = Counts { input: 5, receipts: 2, consent: 1, ..Counts::default() };
        report
    };
    let mut both = part(Law::AllowedAdded);
    both.join(part(Law::AllowedMissing));
    assert_eq!((both.difference_count(), both.differences().len()), (2, 2));
    assert_eq!(both.unchecked()[&Unchecked::Headers], 6);
    assert_eq!((both.counts.input, both.counts.receipts, both.counts.consent), (10, 4, 2));
    assert_eq!(both.by_law().len(), 2);
}

#[test]
fn a_flood_of_differences_is_counted_but_not_kept() {
    let mut report = Report::default();
    for offset in 0..KEPT_MAX as i64 + 5 {
        let at = Spot::new("allowed", Partition(1), Offset(offset));
        report.differ(Law::AllowedAdded, at, "nothing", "a record");
    }
    assert_eq!(report.differences().len(), KEPT_MAX);
    assert_eq!(report.difference_count(), KEPT_MAX as u64 + 5);
    assert!(report.to_text().contains("and 5 more differences"));
}

#[test]
fn a_difference_names_its_place_in_text_and_in_json() {
    let mut report = Report::default();
    let at = Spot::new("allowed", Partition(3), Offset(7));
    report.differ(Law::AllowedTwice, at, "one", "two");
    let line = "allowed partition 3 offset 7: expected one, found two [allowed_twice]\n";
    assert!(report.to_text().starts_with(line));
    assert!(report.to_text().contains("same rules code"));
    let json = report.to_json();
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(first["law"], "allowed_twice");
    assert_eq!((&first["partition"], &first["offset"]), (&json!(3), &json!(7)));
}
