//! What an operator does, in order, with Kafka's own tools and ours.
//!
//! Commands that set offsets are there only where the offsets are exact.

use super::back::Way;
use super::plan::{Move, Step};

/// What the commands name.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Brokers to ask first.
    pub(super) bootstrap: String,
    /// The configuration file, as it was given.
    pub(super) config: String,
    /// The flags that name the configuration and the route of it.
    pub(super) route: String,
    pub(super) sender: String,
    pub(super) gate: String,
    pub(super) outbound: String,
    pub(super) allowed: String,
}

/// The steps of a cut.
pub(super) fn of_cut(names: &Names, moves: Option<&[Move]>, rights: Vec<String>) -> Vec<Step> {
    let Names { config, route, sender, outbound, allowed, .. } = names;
    let mut steps = vec![
        step(format!(
            "stop every instance of the sender, in order, so that it commits what it has sent; nobody may be \
             left in group {sender}. Messages wait in {outbound} from here on"
        )),
        step(format!("stop every gate, if one runs; nobody may be left in group {}", names.gate)),
    ];
    steps.extend(set_offsets(names, moves, "plan", "the gate's and the sender's groups"));
    steps.extend(close(rights));
    steps.push(Step {
        what: "start the gates, each once with --start-from committed; wait until /ready says so"
            .to_owned(),
        commands: vec![format!("consentgate run --config {config} --start-from committed")],
    });
    steps.push(step(format!(
        "let the sender read {allowed} with isolation.level=read_committed, in the same group {sender}, and \
         start it"
    )));
    steps.push(Step {
        what: "look whether the cut is whole".to_owned(),
        commands: vec![
            format!("consentgate cutover check {route} --sender-group {sender}"),
            format!("consentgate verify {route}"),
        ],
    });
    steps
}

/// The steps of a way back.
pub(super) fn of_way_back(
    names: &Names,
    way: Way,
    moves: Option<&[Move]>,
    rights: Vec<String>,
) -> Vec<Step> {
    let Names { sender, gate, outbound, allowed, .. } = names;
    let mut steps = vec![step(format!(
        "stop every gate, in order; nobody may be left in group {gate} (Kafka keeps a stopped gate's place for \
         gate.session_timeout). Messages wait in {outbound} from here on"
    ))];
    if way == Way::Drain {
        steps.push(step(format!("let the sender read {allowed} to its end")));
    }
    steps.push(step(format!(
        "stop every instance of the sender, in order; nobody may be left in group {sender}"
    )));
    let whose = "the sender's group, and take the gate's mark away, so that a gate which is started by mistake \
                 holds";
    steps.extend(set_offsets(names, moves, "rollback", whose));
    if !rights.is_empty() {
        let what = format!("let the sender read {outbound} again");
        steps.push(Step { what, commands: rights });
    }
    steps.push(step(format!(
        "let the sender read {outbound}, in the same group {sender}, and start it. From here on nobody asks \
         for consent"
    )));
    steps
}

/// What a look at a cut leaves to do.
pub(super) fn of_check(rights: Vec<String>) -> Vec<Step> {
    close(rights).into_iter().collect()
}

fn close(commands: Vec<String>) -> Option<Step> {
    let what = "close the ways round the gate".to_owned();
    (!commands.is_empty()).then_some(Step { what, commands })
}

/// Setting offsets, or how to get to know them.
fn set_offsets(names: &Names, moves: Option<&[Move]>, command: &str, whose: &str) -> Option<Step> {
    let Names { route, sender, .. } = names;
    let ours = format!("consentgate cutover {command} {route} --sender-group {sender}");
    match moves {
        None => Some(Step {
            what: format!("run this again: it then says the exact offsets of {whose}"),
            commands: vec![ours],
        }),
        Some([]) => None,
        Some(moves) => Some(Step {
            what: format!("set the offsets of {whose} (or run this with --apply)"),
            commands: moves.iter().map(|one| reset(&names.bootstrap, one)).collect(),
        }),
    }
}

/// Kafka's own tool takes a file with one line a partition, and refuses a group that has members.
fn reset(bootstrap: &str, one: &Move) -> String {
    let line = |(partition, offset): &(i32, i64)| format!("{},{partition},{offset}\n", one.topic);
    let lines: String = one.offsets.iter().map(line).collect();
    let file = format!("{}-{}.csv", one.group, one.topic);
    format!(
        "cat > {file} <<'END'\n{lines}END\nkafka-consumer-groups.sh --bootstrap-server {bootstrap} --group {} \
         --reset-offsets --from-file {file} --execute",
        one.group
    )
}

fn step(what: String) -> Step {
    Step { what, commands: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            bootstrap: "kafka:9092".into(),
            config: "gate.toml".into(),
            route: "--config gate.toml --route codes".into(),
            sender: "sender".into(),
            gate: "consentgate".into(),
            outbound: "out".into(),
            allowed: "allowed".into(),
        }
    }

    fn commands(steps: &[Step]) -> String {
        steps.iter().flat_map(|step| step.commands.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn offsets_are_set_by_no_command_before_they_are_exact() {
        let steps = of_cut(&names(), None, Vec::new());
        assert!(!commands(&steps).contains("--reset-offsets"));
        let again =
            "consentgate cutover plan --config gate.toml --route codes --sender-group sender";
        assert!(commands(&steps).contains(again), "{}", commands(&steps));
        let steps = of_way_back(&names(), Way::Drain, None, Vec::new());
        assert!(!commands(&steps).contains("--reset-offsets"));
    }

    #[test]
    fn exact_offsets_are_a_file_for_kafkas_own_tool() {
        let one =
            Move { group: "sender".into(), topic: "allowed".into(), offsets: vec![(0, 7), (1, 9)] };
        let steps = of_cut(&names(), Some(&[one]), Vec::new());
        let expected = "cat > sender-allowed.csv <<'END'\nallowed,0,7\nallowed,1,9\nEND\n\
                        kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group sender --reset-offsets \
                        --from-file sender-allowed.csv --execute";
        assert!(commands(&steps).contains(expected), "{}", commands(&steps));
    }
}
