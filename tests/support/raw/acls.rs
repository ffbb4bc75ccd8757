//! Kafka's access rules for topics, made and taken away by hand; no client library that is used here can.

use std::time::Duration;

use super::{Api, Connection, Reader, Writer};

const PATIENCE: Duration = Duration::from_secs(30);
const TOPIC: i8 = 2;
/// Whatever it is.
const ANY: i8 = 1;
const DENY: i8 = 2;
const ALLOW: i8 = 3;
/// Everybody on a listener without a password.
const NOBODY: &str = "User:ANONYMOUS";

/// What may be done with a topic.
#[derive(Debug, Clone, Copy)]
pub enum Right {
    All = 2,
    Read = 3,
    Write = 4,
}

/// Which topics a rule is about.
#[derive(Debug, Clone, Copy)]
pub enum Named<'n> {
    /// The one of this name.
    Topic(&'n str),
    /// All that begin so.
    Prefix(&'n str),
}

impl Named<'_> {
    fn write(self, body: &mut Writer) {
        let (name, kind) = match self {
            Named::Topic(name) => (name, 3),
            Named::Prefix(name) => (name, 4),
        };
        body.i8(TOPIC).string(name).i8(kind);
    }
}

/// Lets a principal do something from everywhere.
pub fn allow(bootstrap: &str, principal: &str, topics: Named<'_>, right: Right) {
    create(bootstrap, &[(principal, topics, right, ALLOW)]);
}

/// Takes one right to a topic from everybody. All others stay.
pub fn take_right(bootstrap: &str, topic: &str, right: Right) {
    let topic = Named::Topic(topic);
    // With any rule at all a topic allows nothing that no rule allows.
    create(bootstrap, &[(NOBODY, topic, Right::All, ALLOW), (NOBODY, topic, right, DENY)]);
}

/// Gives a right back that was taken.
pub fn give_right_back(bootstrap: &str, topic: &str, right: Right) {
    let mut body = Writer::default();
    body.i32(1);
    Named::Topic(topic).write(&mut body);
    body.string(NOBODY).string("*").i8(right as i8).i8(DENY);
    assert_eq!(delete(bootstrap, &body), 1);
}

/// Takes every rule about topics away.
pub fn forget_rules(bootstrap: &str) {
    let mut body = Writer::default();
    // No name, no principal, no host: all of them.
    body.i32(1).i8(TOPIC).i16(-1).i8(ANY).i16(-1).i16(-1).i8(ANY).i8(ANY);
    assert_eq!(delete(bootstrap, &body), 1);
}

fn create(bootstrap: &str, rules: &[(&str, Named<'_>, Right, i8)]) {
    let mut body = Writer::default();
    body.i32(rules.len() as i32);
    for &(principal, topics, right, permission) in rules {
        topics.write(&mut body);
        body.string(principal).string("*").i8(right as i8).i8(permission);
    }
    let mut answer = ask(bootstrap, Api::CREATE_ACLS, &body);
    assert_eq!(answer.i32().expect("a count"), rules.len() as i32);
    for _ in rules {
        let (error, message) = (answer.i16().expect("an error"), answer.string().expect("a text"));
        assert_eq!(error, 0, "{message:?}");
    }
}

/// How many filters were answered; the first without an error.
fn delete(bootstrap: &str, body: &Writer) -> i32 {
    let mut answer = ask(bootstrap, Api::DELETE_ACLS, body);
    let filters = answer.i32().expect("a count");
    assert_eq!(answer.i16().expect("an error"), 0);
    filters
}

fn ask(bootstrap: &str, api: Api, body: &Writer) -> Reader {
    let address = bootstrap.split(',').next().expect("an address");
    let mut line = Connection::open(address, PATIENCE).expect("a connection");
    let mut answer = line.call(api, 1, body).expect("an answer");
    answer.i32().expect("the throttle");
    answer
}
