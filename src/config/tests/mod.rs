//! The laws of the configuration, over all its layers.

mod events;
mod kafka;
mod layers;
mod limits;
mod manual;
mod messages;
mod policy;
mod problems;
mod routes;
mod secrets;
mod webhooks;

use super::*;

fn host() -> Host {
    Host { name: Some("gate-7".to_owned()), cores: 2, tls: Tls::Missing }
}

fn with_tls() -> Host {
    Host { tls: Tls::Built, ..host() }
}

fn from_file(text: &str) -> Sources {
    Sources {
        file: Some(FileText { path: "gate.toml".into(), text: text.to_owned() }),
        ..Sources::default()
    }
}

fn environment(name: &str, value: &str) -> Sources {
    Sources { environment: vec![(name.to_owned(), value.to_owned())], ..Sources::default() }
}

fn flag(key: &str, value: &str) -> Flag {
    Flag { flag: "--set".to_owned(), key: key.to_owned(), value: value.to_owned() }
}

fn refused(sources: &Sources) -> Vec<Problem> {
    load(sources, &host()).expect_err("refused").0
}

/// The one problem of a file.
fn problem_of(text: &str) -> Problem {
    let mut problems = refused(&from_file(text));
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

fn loaded(sources: &Sources) -> Loaded {
    load(sources, &host()).unwrap_or_else(|problems| panic!("{problems}"))
}
