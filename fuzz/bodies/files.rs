//! Files: imports, configurations, policies.

use std::path::PathBuf;

use consentgate::config::{FileText, Host, Sources, Tls, load};
use consentgate::policy::Policy;
use consentgate::wire::consent::produce;
use consentgate::wire::import::{Columns, Context, Imported, RowReader, read_row};
use consentgate::wire::proto::consent::{Kind, Method};

const NOW_MS: i64 = 1_790_000_000_000;

/// A CSV file: a grant has its evidence and never the method import; every event can be placed.
pub(super) fn import(bytes: &[u8]) {
    let policy = Policy::standard();
    let mut rows = RowReader::new(bytes, b',');
    let columns = {
        let Ok(Some(header)) = rows.read_row() else { return };
        let Ok(fields) = header.fields else { return };
        let Ok(columns) = Columns::read(&fields) else { return };
        columns
    };
    let context = Context { columns: &columns, policy: &policy, now_ms: NOW_MS, recorder: "fuzz" };
    while let Ok(Some(row)) = rows.read_row() {
        let event = match read_row(&context, &row) {
            Ok(Imported::Grant(grant)) => {
                let event = grant.event().clone();
                assert_eq!(event.kind(), Kind::Grant);
                assert!(event.method() != Method::Import && event.method() != Method::Unspecified);
                assert!(event.occurred_at_ms.is_some_and(|at| at <= NOW_MS));
                assert!(!event.text_id.is_empty() && !event.evidence.is_empty());
                event
            }
            Ok(Imported::Suppression(suppression)) => suppression.event().clone(),
            Err(_) => continue,
        };
        produce(event).expect("an event that can be placed");
    }
}

/// A configuration: sound, or told what is wrong with it.
pub(super) fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let file = Some(FileText { path: PathBuf::from("gate.toml"), text: text.to_owned() });
    let sources = Sources { file, ..Sources::default() };
    let host = Host { name: Some("fuzz".to_owned()), cores: 1, tls: Tls::Missing };
    match load(&sources, &host) {
        Ok(loaded) => {
            let text = loaded.config.policy.to_canonical_text();
            assert_eq!(Policy::from_canonical_text(&text), Ok(loaded.config.policy));
        }
        Err(problems) => assert!(!problems.0.is_empty(), "refused without a word"),
    }
}

/// A policy's text: what reads back is the policy that was read.
pub(super) fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(policy) = Policy::from_canonical_text(text) {
        let canonical = policy.to_canonical_text();
        assert_eq!(Policy::from_canonical_text(&canonical), Ok(policy));
    }
}
