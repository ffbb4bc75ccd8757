//! The command line as a stranger meets it: exit codes, streams, files.
#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// The program with an environment of its own.
fn consentgate(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(arguments).env_clear();
    command.envs(environment.iter().copied());
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = consentgate(arguments, &[]);
    let code = output.status.code().expect("an exit code");
    (code, text(&output.stdout), text(&output.stderr))
}

#[test]
fn help_is_data_and_opens_with_examples() {
    let (code, out, err) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("Examples:\n"), "{out}");
    assert!(out.contains("Exit codes:"), "{out}");
}

#[test]
fn a_tail_opens_with_examples_and_tells_its_exit_codes() {
    for topic in ["audit", "receipts"] {
        let (code, out, err) = run(&[topic, "tail", "--help"]);
        assert_eq!((code, err.as_str()), (0, ""), "{topic}");
        assert!(out.starts_with(&format!("Examples:\n  consentgate {topic} tail ")), "{out}");
        assert!(out.contains("--follow") && out.contains("Exit codes:"), "{out}");
        assert!(out.contains("  65 a record cannot be read"), "{out}");
    }
    let (code, out, err) = run(&["audit", "tail", "--from", "yesterday"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("beginning, end, a time"), "{err}");
}

#[test]
fn wrong_usage_is_a_message_and_exits_with_2() {
    for arguments in [&["no-such-command"][..], &["config", "show", "--set", "nonsense"], &[]] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_default_configuration_is_a_sound_configuration() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    let (code, out, _) = run(&["config", "default"]);
    assert_eq!(code, 0);
    fs::write(&path, out).expect("written");
    let (code, out, err) = run(&["config", "show", "--config", &path.display().to_string()]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("commit_interval = \"100ms\""), "{out}");
}

#[test]
fn show_names_the_origin_of_each_value_and_no_secret() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    fs::write(&path, "[gate]\nlanes = 3\n").expect("written");
    let key = "5a".repeat(32);
    let arguments =
        ["config", "show", "-c", &path.display().to_string(), "--bootstrap", "kafka:9092"];
    let environment =
        [("CONSENTGATE__LOG__FORMAT", "json"), ("CONSENTGATE__KEYS__SIGNING_KEY", key.as_str())];
    let output = consentgate(&arguments, &environment);
    let out = text(&output.stdout);
    let line =
        |start: &str| out.lines().find(|line| line.starts_with(start)).expect("a line").to_owned();
    assert!(line("lanes = 3").ends_with(&format!("# {}:2", path.display())), "{out}");
    assert!(line("format = \"json\"").ends_with("# CONSENTGATE__LOG__FORMAT"), "{out}");
    assert!(line("bootstrap = \"kafka:9092\"").ends_with("# --bootstrap"), "{out}");
    assert!(line("signing_key = \"***\"").ends_with("# CONSENTGATE__KEYS__SIGNING_KEY"), "{out}");
    assert!(!out.contains("5a5a"), "{out}");
}

#[test]
fn a_bad_configuration_exits_with_78_and_says_everything_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    fs::write(&path, "[gate]\nfence = \"leeder\"\nlanse = 1\n").expect("written");
    let (code, out, err) = run(&["config", "show", "--config", &path.display().to_string()]);
    assert_eq!((code, out.as_str()), (78, ""));
    assert!(err.contains("2 problems"), "{err}");
    assert!(err.contains(":2: gate.fence") && err.contains(":3: gate.lanse"), "{err}");
    let (code, _, err) = run(&["config", "show", "--config", "/nowhere/gate.toml"]);
    assert_eq!(code, 78);
    assert!(err.contains("/nowhere/gate.toml"), "{err}");
}

#[test]
fn a_misspelt_variable_of_ours_is_not_ignored() {
    let output = consentgate(&["config", "show"], &[("CONSENTGATE__GATE__FENSE", "leader")]);
    assert_eq!(output.status.code(), Some(78));
    assert!(text(&output.stderr).contains("did you mean gate.fence?"));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn keys_are_written_once_and_for_their_owner_only() {
    let dir = tempfile::tempdir().expect("a folder");
    let out_dir = dir.path().join("keys");
    let folder = out_dir.display().to_string();
    let (code, public, err) = run(&["keys", "generate", "--out", &folder]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(public.trim().len(), 64);
    let names = ["signing.key", "pseudonym.key", "tombstone.key"];
    let read = || names.map(|name| fs::read_to_string(out_dir.join(name)).expect("a key"));
    let keys = read();
    for (name, key) in names.iter().zip(&keys) {
        assert_eq!(mode(&out_dir.join(name)), 0o600, "{name}");
        let secret = key.lines().nth(1).expect("digits");
        assert_eq!(secret.len(), 64);
        assert!(!public.contains(secret) && !err.contains(secret), "{name}");
        assert!(err.contains(name), "{err}");
    }
    let (code, out, err) = run(&["keys", "generate", "--out", &folder]);
    assert_eq!((code, out.as_str()), (74, ""));
    assert!(err.contains("never overwritten"), "{err}");
    assert_eq!(read(), keys);
}

#[test]
fn one_key_that_is_there_stops_all_three() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("tombstone.key"), "mine").expect("written");
    let (code, ..) = run(&["keys", "generate", "--out", &dir.path().display().to_string()]);
    assert_eq!(code, 74);
    assert!(!dir.path().join("signing.key").exists());
}

#[test]
fn a_rotated_key_is_kept_and_its_id_is_printed() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().display().to_string();
    assert_eq!(run(&["keys", "generate", "--out", &folder]).0, 0);
    let old = fs::read_to_string(dir.path().join("pseudonym.key")).expect("a key");
    let (code, out, err) = run(&["keys", "rotate", "--in", &folder, "--key", "pseudonym"]);
    assert_eq!(code, 0, "{err}");
    let kept = dir.path().join(format!("pseudonym-{}.key", out.trim()));
    assert_eq!(fs::read_to_string(&kept).expect("kept"), old);
    assert_eq!(mode(&kept), 0o600);
    let new = fs::read_to_string(dir.path().join("pseudonym.key")).expect("a key");
    assert_ne!(new, old);
    assert!(err.contains("older_pseudonym_key_files"), "{err}");
    for secret in [&old, &new].map(|key| key.lines().nth(1).expect("digits")) {
        assert!(!out.contains(secret) && !err.contains(secret));
    }
    let (code, ..) = run(&["keys", "rotate", "--in", &folder, "--key", "signing"]);
    assert_eq!(code, 2);
    let empty = tempfile::tempdir().expect("a folder").path().display().to_string();
    let (code, _, err) = run(&["keys", "rotate", "--in", &empty, "--key", "tombstone"]);
    assert_eq!(code, 78, "{err}");
}

#[test]
fn a_sample_record_is_shown_masked_or_refused_with_its_field() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let settings = "[messages]\nformat = \"cloud_api\"\nbusiness = \"header:tenant\"\n";
    let config = file("gate.toml", settings);
    let body = r#"{"to": "+12025550101", "type": "text", "text": {"body": "hello"}}"#;
    let body = file("body.json", body);
    let arguments = ["mapping", "try", "--config", &config, &body];
    let (code, out, err) = run(&[&arguments[..], &["--header", "tenant=cafe"]].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("business          cafe\n") && out.contains("category          service\n"),
        "{out}"
    );
    assert!(!out.contains("2025550101"), "{out}");
    let headers = file("headers.txt", "other=1\ntenant=cafe\n");
    let shown = ["--headers", &headers, "--show-people"];
    let (code, out, _) = run(&[&arguments[..], &shown].concat());
    assert_eq!(code, 0);
    assert!(out.contains("recipient      +12025550101\n"), "{out}");
    let (code, out, err) = run(&arguments);
    assert_eq!((code, out.as_str()), (65, ""));
    assert!(err.contains("malformed") && err.contains("business: is missing"), "{err}");
}
