//! The results of a campaign, as a text that is written anew after each round.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::plan::Plan;
use crate::ruin::Ruin;
use crate::verdict::{Promise, Verdict, Violation};

/// What became of one fault.
#[derive(Debug)]
pub enum Outcome {
    /// The partition that stood still for longest stood still for so long.
    Held(Duration),
    /// Nothing more was decided in some partition.
    NeverWentOn,
    /// The fault did not come about: nothing was shown.
    NotStruck(String),
}

/// All of it so far.
#[derive(Debug)]
pub struct Results {
    form: &'static str,
    began: Instant,
    /// By kind and by what the gates were set to.
    held: BTreeMap<Fault, BTreeMap<String, Vec<Duration>>>,
    ruins: BTreeMap<Ruin, usize>,
    not_struck: Vec<String>,
    verdicts: Vec<Verdict>,
    stuck: Vec<Violation>,
}

impl Results {
    /// Nothing yet.
    pub fn begin(plan: &Plan) -> Results {
        Results {
            form: plan.form,
            began: Instant::now(),
            held: BTreeMap::new(),
            ruins: BTreeMap::new(),
            not_struck: Vec::new(),
            verdicts: Vec::new(),
            stuck: Vec::new(),
        }
    }

    /// Enters what became of a fault of gates with this setting.
    pub fn enter(&mut self, fault: Fault, gate: &str, outcome: Outcome) {
        match outcome {
            Outcome::Held(held) => {
                let of_kind = self.held.entry(fault).or_default();
                of_kind.entry(gate.trim().to_owned()).or_default().push(held);
            }
            Outcome::NeverWentOn => {
                let what = format!("nothing is decided any more after: {} ({gate})", fault.name());
                self.stuck.push(Violation { promise: Promise::GoesOn, count: 1, what });
            }
            Outcome::NotStruck(why) => self.not_struck.push(format!("{}: {why}", fault.name())),
        }
    }

    /// Enters what a round's consent log did not outlive.
    pub fn ruin(&mut self, ruin: Ruin) {
        *self.ruins.entry(ruin).or_default() += 1;
    }

    /// Enters what the check of a round found.
    pub fn conclude(&mut self, verdict: Verdict) {
        self.verdicts.push(verdict);
    }

    /// How many violations of all promises there are.
    pub fn violations(&self) -> usize {
        self.all_violations().map(|violation| violation.count).sum()
    }

    /// Whether every fault came about and no promise was broken.
    pub fn are_clean(&self) -> bool {
        self.violations() == 0 && self.not_struck.is_empty()
    }

    /// A line.
    pub fn summary(&self) -> String {
        format!(
            "{} faults, {} messages, {} causal pairs, {} violations",
            self.faults(),
            self.sum(|verdict| verdict.messages),
            self.sum(|verdict| verdict.pairs),
            self.violations()
        )
    }

    /// Writes the text to the file of the long form.
    pub fn write_down(&self) {
        if self.form == "long" {
            let given = std::env::var_os("CONSENTGATE_CAMPAIGN_FILE").map(PathBuf::from);
            let usual = || PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("campaign.md");
            let path = given.unwrap_or_else(usual);
            fs::write(&path, self.text()).expect("the results' file");
            println!("results: {}", path.display());
        }
    }

    /// All of it in Markdown.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let pairs = self.sum(|verdict| verdict.pairs);
        let minutes = self.began.elapsed().as_secs() / 60;
        let mut row = |name: &str, value: String| {
            writeln!(text, "| {name} | {value} |").expect("a string takes it");
        };
        row("Campaign", format!("{} form, {minutes} minutes", self.form));
        row("---", "---".to_owned());
        row("Faults", format!("{} of {} kinds", self.faults(), self.kinds()));
        row("Messages", self.sum(|verdict| verdict.messages).to_string());
        row("Allowed", self.sum(|verdict| verdict.allowed).to_string());
        row("Suppressed", self.sum(|verdict| verdict.suppressed).to_string());
        row("Causal pairs", pairs.to_string());
        let (judged, open) =
            (self.sum(|it| it.judged as usize), self.sum(|it| it.not_judged as usize));
        row("Judged by the independent checker", format!("{judged}, and {open} left open"));
        row("Gates started again", self.sum(|verdict| verdict.restarts).to_string());
        row("Gates ended by librdkafka's assertions", self.assertions().count().to_string());
        row("Violations", self.violations().to_string());
        if self.violations() == 0 && pairs > 0 {
            let bound = 3.0 / pairs as f64;
            row("Slips a pair, at most (3/n, 95 %)", format!("{bound:.1e}"));
        }
        self.append_held(&mut text);
        for violation in self.all_violations() {
            let Violation { promise, count, what } = violation;
            writeln!(text, "\nVIOLATION, {promise}: {count} {what}").expect("a string takes it");
        }
        for line in self.assertions() {
            writeln!(text, "\nAssertion: {line}").expect("a string takes it");
        }
        for fault in &self.not_struck {
            writeln!(text, "\nNot struck: {fault}").expect("a string takes it");
        }
        text
    }

    /// A column of medians for each setting of the gates, and the worst of all.
    fn append_held(&self, text: &mut String) {
        text.push('\n');
        let gates: BTreeSet<&str> =
            self.held.values().flat_map(|held| held.keys().map(String::as_str)).collect();
        let mut row = |cells: Vec<String>| {
            writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes it");
        };
        let columns = gates.iter().map(|gate| format!("`{gate}`"));
        let fixed = |text: &str| [text.to_owned()];
        let columns = fixed("Times").into_iter().chain(columns).chain(fixed("Worst"));
        row(fixed("Fault, and seconds held, median").into_iter().chain(columns).collect());
        row(vec!["---".to_owned(); gates.len() + 3]);
        for (fault, held) in &self.held {
            let times: usize = held.values().map(Vec::len).sum();
            let worst = held.values().flatten().max();
            let medians =
                gates.iter().map(|gate| seconds(held.get(*gate).and_then(|held| median(held))));
            let first = [fault.name(), times.to_string()];
            row(first.into_iter().chain(medians).chain([seconds(worst.copied())]).collect());
        }
        for (ruin, times) in &self.ruins {
            let until = vec!["until it is mended".to_owned(); gates.len() + 1];
            row([ruin.name().to_owned(), times.to_string()].into_iter().chain(until).collect());
        }
    }

    fn assertions(&self) -> impl Iterator<Item = &String> {
        self.verdicts.iter().flat_map(|verdict| &verdict.assertions)
    }

    fn all_violations(&self) -> impl Iterator<Item = &Violation> {
        self.verdicts.iter().flat_map(|verdict| &verdict.violations).chain(&self.stuck)
    }

    /// Without the times when nothing was done.
    fn faults(&self) -> usize {
        let struck = self.held.iter().filter(|(fault, _)| **fault != Fault::Nothing);
        let struck = struck.flat_map(|(_, held)| held.values()).map(Vec::len).sum::<usize>();
        struck + self.stuck.len() + self.ruins.values().sum::<usize>()
    }

    fn kinds(&self) -> usize {
        self.held.keys().filter(|fault| **fault != Fault::Nothing).count() + self.ruins.len()
    }

    fn sum(&self, of: impl Fn(&Verdict) -> usize) -> usize {
        self.verdicts.iter().map(of).sum()
    }
}

fn median(held: &[Duration]) -> Option<Duration> {
    let mut held = held.to_vec();
    held.sort_unstable();
    held.get(held.len() / 2).copied()
}

fn seconds(held: Option<Duration>) -> String {
    held.map(|held| format!("{:.1}", held.as_secs_f64())).unwrap_or_default()
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Held(held) => write!(f, "held for {:.1} s", held.as_secs_f64()),
            Outcome::NeverWentOn => f.write_str("NEVER WENT ON"),
            Outcome::NotStruck(why) => write!(f, "not struck: {why}"),
        }
    }
}
