//! Without Java: trials are ignored and say why, and fail where `CI=true` forbids the excuse.

use std::process::{Command, Output};

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("harness_without_java_trials_are_ignored", || {
            let out = without_java("false");
            assert!(out.status.success(), "{out:?}");
            assert!(text(&out.stdout).contains("0 passed; 0 failed; 2 ignored"), "{out:?}");
            assert_eq!(text(&out.stderr).matches("are ignored: no java").count(), 1, "{out:?}");
            Ok(())
        }),
        Trial::test("harness_without_java_trials_fail_on_ci", || {
            let out = without_java("true");
            assert!(!out.status.success(), "{out:?}");
            assert!(text(&out.stdout).contains("0 passed; 2 failed; 0 ignored"), "{out:?}");
            Ok(())
        }),
    ]
}

/// This binary again, on a machine without Java: one trial of each kind.
fn without_java(ci: &str) -> Output {
    let this = std::env::current_exe().expect("this binary");
    Command::new(this)
        .args(["harness_one_node", "--color=never"])
        .env("PATH", "")
        .env_remove("JAVA_HOME")
        .env_remove("CONSENTGATE_TEST_KAFKA")
        .env("CI", ci)
        .output()
        .expect("this binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
