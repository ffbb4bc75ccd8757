//! Topics that would break a promise, and Kafka that is not there: the gate refuses to start, names
//! the topic and says what to do. Exit 78 for who must mend something, 69 for who may try again.

use libtest_mimic::Trial;

use crate::support::child::GateHome;
use crate::support::gate::gate_toml;
use crate::support::topics::{Change, GateTopics};
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("bad_topics_are_refused_with_exit_78", |kafka| {
            for case in CASES {
                case.assert_refused(kafka);
            }
        }),
        Trial::test("bad_topics_cannot_be_asked_for_without_kafka_exit_69", || {
            let (topics, closed) = (GateTopics::named("nowhere"), closed_port());
            let (code, said) = run(&gate_toml(&closed, &topics, ""));
            assert_eq!(code, 69, "{said}");
            assert!(said.to_lowercase().contains("brokers"), "{said}");
            Ok(())
        }),
    ]
}

struct Case {
    topic: fn(&GateTopics) -> &str,
    change: Change,
    /// Words that the sentence must have.
    says: [&'static str; 2],
}

const CASES: [Case; 8] = [
    Case {
        topic: |topics| &topics.consent_events,
        change: Change::Missing,
        says: ["does not exist", "create it"],
    },
    Case {
        topic: |topics| &topics.outbound,
        change: Change::Missing,
        says: ["does not exist", "create it"],
    },
    Case {
        topic: |topics| &topics.audit,
        change: Change::Partitions(2),
        says: ["has 2 partitions", "give it the input's 3"],
    },
    Case {
        topic: |topics| &topics.allowed,
        change: Change::Partitions(1),
        says: ["has 1 partitions", "give it the input's 3"],
    },
    Case {
        topic: |topics| &topics.consent_events,
        change: Change::Setting("cleanup.policy", "compact"),
        says: ["cleanup.policy is compact", "set it to delete"],
    },
    Case {
        topic: |topics| &topics.consent_events,
        change: Change::Setting("message.timestamp.type", "CreateTime"),
        says: ["message.timestamp.type is CreateTime", "set it to LogAppendTime"],
    },
    Case {
        topic: |topics| &topics.allowed,
        change: Change::Setting("message.timestamp.type", "LogAppendTime"),
        says: ["message.timestamp.type is LogAppendTime", "set it to CreateTime"],
    },
    Case {
        topic: |topics| &topics.allowed,
        change: Change::Setting("compression.type", "zstd"),
        says: ["compression.type is zstd", "set it to producer"],
    },
];

impl Case {
    fn assert_refused(&self, kafka: &str) {
        let topics = GateTopics::named("refused");
        let topic = (self.topic)(&topics);
        topics.create_but(kafka, 3, &[(topic, self.change)]);
        let (code, said) = run(&gate_toml(kafka, &topics, ""));
        assert_eq!(code, 78, "{said}");
        for words in self.says.iter().chain([&topic]) {
            assert!(said.contains(words), "{words:?} is not in: {said}");
        }
    }
}

fn run(toml: &str) -> (i32, String) {
    let home = GateHome::new(toml);
    let code = home.start("gate-0").wait();
    (code, home.log("gate-0"))
}

/// A port of this machine on which nobody listens.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").to_string()
}
