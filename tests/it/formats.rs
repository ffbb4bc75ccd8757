//! The whole gate on topics of other formats than ours: what goes on goes on as it is.

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::commands::verify::{Report, own_key, verify};
use consentgate::decision::Reason;
use consentgate::wire::consent::Produced;
use consentgate::wire::proto::outbound::OutboundMessage;

use crate::support::gate::{config, decide_all, gate_toml};
use crate::support::ledger::Ledger;
use crate::support::producers::{NewRecord, Place, Writer};
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, phone, withdraw};

type Headers<'h> = &'h [(&'h str, Option<&'h [u8]>)];

/// Who agreed to offers, who left again, and nobody knows number 3.
const AGREED: u32 = 1;
const LEFT: u32 = 2;
const STRANGER: u32 = 3;

struct Stage {
    broker: Broker,
    topics: GateTopics,
    writer: Writer,
    toml: String,
}

impl Stage {
    fn new(name: &str, messages: &str) -> Self {
        let stage = Self::empty(name, &format!("[messages]\n{messages}"));
        for person in [AGREED, LEFT] {
            stage.consent(&grant("cafe", person, &["offers"], now_ms() - 5_000));
        }
        stage.consent(&withdraw("cafe", LEFT));
        stage
    }

    fn empty(name: &str, more: &str) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let topics = GateTopics::named(name);
        topics.create(&broker.bootstrap(), 3);
        let writer = Writer::new(&broker.bootstrap());
        let toml = gate_toml(&broker.bootstrap(), &topics, more);
        Self { broker, topics, writer, toml }
    }

    fn consent(&self, event: &Produced) {
        let key = Some(event.key.as_bytes());
        let record = NewRecord { key, value: Some(&event.value), ..NewRecord::default() };
        self.writer.write_one(&self.topics.consent_events, &record);
    }

    fn message(&self, value: &[u8], headers: Headers<'_>) -> Place {
        let record = NewRecord { value: Some(value), headers, ..NewRecord::default() };
        self.writer.write_one(&self.topics.outbound, &record)
    }

    /// Lets a gate decide all that was written.
    fn decide(&self) -> Ledger {
        let ledger = decide_all(&self.broker.bootstrap(), &self.toml, &self.topics);
        ledger.assert_clean();
        ledger
    }

    fn verify(&self) -> Report {
        let config = config(&self.toml, "verifier");
        verify(&config, own_key(&config).expect("a key"), Default::default()).expect("verified")
    }
}

fn reason(ledger: &Ledger, place: Place) -> Option<Reason> {
    if ledger.is_allowed(place) {
        return None;
    }
    let number = ledger.entry(place).reason;
    Reason::ALL.into_iter().find(|reason| i32::from(reason.number()) == number)
}

#[test]
fn json_of_anybodys_goes_on_byte_for_byte_and_verify_reads_it_alike() {
    let stage = Stage::new(
        "formats-json",
        "format = \"json\"\nbusiness = [\"/meta/tenant\", \"header:tenant\"]\nrecipient = \"/to\"\n\
         scope = \"/meta/purpose\"\nopt_out_path = \"header:out\"\nmessage_id = \"/id\"\n",
    );
    let mut number = 0;
    let mut message = |person: u32, more: &str, headers: Headers<'_>| {
        number += 1;
        let (to, meta) = (phone(person), r#"{"tenant":"cafe", "purpose":"offers"}"#);
        let value =
            format!("{{\"to\":\"{to}\",\t\"meta\": {meta}, \"id\":\"m-{number}\"{more}}}\n");
        stage.message(value.as_bytes(), headers)
    };
    let footer: (&str, Option<&[u8]>) = ("out", Some(b"footer"));
    let tenant: (&str, Option<&[u8]>) = ("tenant", Some(b"cafe"));
    let cases = [
        (message(AGREED, "", &[footer]), None),
        (message(AGREED, r#", "body": "\u00e9\ud83d\ude00 caf\u00e9""#, &[tenant, footer]), None),
        (message(LEFT, "", &[footer]), Some(Reason::Withdrawn)),
        (message(STRANGER, "", &[footer]), Some(Reason::NoGrant)),
        (message(AGREED, "", &[]), Some(Reason::NoOptOutPath)),
        (message(AGREED, "", &[footer, footer]), Some(Reason::Contradictory)),
        (message(AGREED, "", &[("tenant", Some(b"bar")), footer]), Some(Reason::Contradictory)),
        (message(AGREED, r#", "to": "+99910000001""#, &[footer]), Some(Reason::Contradictory)),
        (message(AGREED, ", \"x\": ", &[footer]), Some(Reason::Malformed)),
        (message(AGREED, "", &[("tenant", Some(&[0xff])), footer]), Some(Reason::Malformed)),
        (stage.message(b"", &[footer]), Some(Reason::Malformed)),
    ];
    let ledger = stage.decide();
    for (place, expected) in cases {
        assert_eq!(reason(&ledger, place), expected, "{place:?}");
    }
    let report = stage.verify();
    assert_eq!(
        (report.difference_count(), report.counts.decided_again),
        (0, 11),
        "{}",
        report.to_text()
    );
}

#[test]
fn metas_bodies_behind_a_prefix_go_on_byte_for_byte() {
    let stage = Stage::new(
        "formats-cloud",
        "format = \"cloud_api\"\nframing = \"confluent\"\nbusiness = \"header:tenant\"\n\
         scope = \"header:scope\"\nopt_out_path = \"header:out\"\n\
         message_id = \"/biz_opaque_callback_data\"\n",
    );
    let mut number = 0;
    let mut message = |person: u32, prefix: &[u8], content: &str| {
        number += 1;
        let (to, id) = (phone(person), format!("m-{number}"));
        let body = format!(
            "{{\"messaging_product\":\"whatsapp\",\"to\":\"{to}\",\"biz_opaque_callback_data\":\"{id}\",{content}}}"
        );
        let value = [prefix, body.as_bytes()].concat();
        let headers: Headers<'_> =
            &[("tenant", Some(b"cafe")), ("scope", Some(b"offers")), ("out", Some(b"footer"))];
        stage.message(&value, headers)
    };
    let prefix = [0, 0, 0, 0, 42];
    let template = r#""type":"template","template":{"name":"spring","language":{"code":"en"}}"#;
    let text = r#""type":"text","text":{"body":"hello"}"#;
    let both = format!("{template},\"text\":{{}}");
    let cases = [
        (message(AGREED, &prefix, template), None),
        (message(LEFT, &prefix, template), Some(Reason::Withdrawn)),
        (message(AGREED, &prefix, text), Some(Reason::WindowClosed)),
        (message(AGREED, &prefix, &both), Some(Reason::Contradictory)),
        (message(AGREED, &[], template), Some(Reason::Malformed)),
    ];
    let ledger = stage.decide();
    for (place, expected) in cases {
        assert_eq!(reason(&ledger, place), expected, "{place:?}");
    }
    let report = stage.verify();
    assert_eq!(report.difference_count(), 0, "{}", report.to_text());
}

#[test]
fn with_headers_alone_any_value_goes_on_byte_for_byte() {
    let stage = Stage::new(
        "formats-headers",
        "format = \"headers\"\nbusiness = \"header:tenant\"\nrecipient = \"header:to\"\n\
         scope = \"header:scope\"\nopt_out_path = \"header:out\"\n",
    );
    let message = |person: u32, value: &[u8]| {
        let to = phone(person);
        let headers: Headers<'_> = &[
            ("tenant", Some(b"cafe")),
            ("to", Some(to.as_bytes())),
            ("scope", Some(b"offers")),
            ("out", Some(b"footer")),
        ];
        stage.message(value, headers)
    };
    let cases = [
        (message(AGREED, &[0xff, 0, 1]), None),
        (message(AGREED, b""), None),
        (message(LEFT, b"{"), Some(Reason::Withdrawn)),
        (stage.message(b"{}", &[("tenant", Some(b"cafe"))]), Some(Reason::Malformed)),
    ];
    let ledger = stage.decide();
    for (place, expected) in cases {
        assert_eq!(reason(&ledger, place), expected, "{place:?}");
    }
    let report = stage.verify();
    assert_eq!(report.difference_count(), 0, "{}", report.to_text());
}

/// Consent events as somebody else writes them, with our commands' own among them.
const EVENTS: &str = r#"
[consent_events]
format = "json"
framing = "confluent"
business = "/tenant"
identity = "/phone"
event_id = "/id"
kind = { pointer = "/opted_in", map = { true = "grant", false = "withdraw" } }
occurred_at = "/at"
scopes = { pointer = "/topics", map = { deals = "offers" } }
method = { pointer = "/channel", map = { web = "website_form" } }
expression = "/how"
evidence = "/proof"
actor = { pointer = "/by", map = { customer = "subject" } }
text_id = "/text"
"#;

#[test]
fn consent_is_read_in_the_format_of_its_topic_and_verify_reads_it_alike() {
    const DOUBTFUL: u32 = 4;
    const REVOKED: u32 = 5;
    let stage = Stage::empty("formats-consent", EVENTS);
    let at = now_ms() - 5_000;
    let event = |business: &str, person: u32, opted_in: &str, more: &str| {
        let phone = phone(person);
        let value = format!(
            r#"{{"id":"{business}-{person}-{opted_in}","tenant":"{business}","phone":"{phone}",
            "opted_in":{opted_in},"at":{at},"topics":["deals"],"channel":"web","by":"customer",
            "how":"box_ticked","proof":"form/{person}","text":"t1"{more}}}"#
        );
        let value = [&[0, 0, 0, 0, 42], value.as_bytes()].concat();
        stage.consent(&Produced { key: format!("{business}/{phone}"), value });
    };
    for person in [AGREED, LEFT, REVOKED] {
        event("cafe", person, "true", "");
    }
    event("cafe", LEFT, "false", "");
    event("cafe", DOUBTFUL, "true", r#", "by": "customer""#);
    event("bar", AGREED, "true", "");
    event("bar", AGREED, "\"perhaps\"", "");
    // As `consentgate consent withdraw` writes it.
    let format = config(&stage.toml, "writer").consent.events;
    stage.consent(&format.write(withdraw("cafe", REVOKED)));
    let message = |business: &str, person: u32| {
        let bytes = consentgate::wire::outbound::encode(&OutboundMessage {
            business_id: business.to_owned(),
            to: phone(person),
            scope: "offers".to_owned(),
            opt_out_path: 1,
            ..OutboundMessage::default()
        });
        stage.message(&bytes, &[])
    };
    let cases = [
        (message("cafe", AGREED), None),
        (message("cafe", LEFT), Some(Reason::Withdrawn)),
        (message("cafe", REVOKED), Some(Reason::Withdrawn)),
        (message("cafe", DOUBTFUL), Some(Reason::NoGrant)),
        (message("bar", AGREED), Some(Reason::BusinessQuarantined)),
    ];
    let ledger = stage.decide();
    for (place, expected) in cases {
        assert_eq!(reason(&ledger, place), expected, "{place:?}");
    }
    let report = stage.verify();
    assert_eq!((report.difference_count(), report.counts.decided_again), (0, 5));
}

#[test]
fn a_number_that_sends_says_whose_message_it_is_and_must_be_its_own() {
    let stage = Stage::empty(
        "formats-senders",
        "[policy.businesses.cafe]\nsenders = [\"1065\"]\n[policy.businesses.bar]\nsenders = [\"1066\"]\n",
    );
    stage.consent(&grant("cafe", AGREED, &["offers"], now_ms() - 5_000));
    let message = |business: &str, sender: &str| {
        let bytes = consentgate::wire::outbound::encode(&OutboundMessage {
            business_id: business.to_owned(),
            sender: sender.to_owned(),
            to: phone(AGREED),
            scope: "offers".to_owned(),
            opt_out_path: 1,
            ..OutboundMessage::default()
        });
        stage.message(&bytes, &[])
    };
    let cases = [
        (message("cafe", ""), None),
        (message("cafe", "1065"), None),
        (message("", "1065"), None),
        (message("cafe", "1066"), Some(Reason::SenderUnregistered)),
        (message("", "1067"), Some(Reason::SenderUnregistered)),
        (message("", "1066"), Some(Reason::BusinessUnknown)),
        (message("", ""), Some(Reason::Malformed)),
    ];
    let ledger = stage.decide();
    for (place, expected) in cases {
        assert_eq!(reason(&ledger, place), expected, "{place:?}");
    }
    let business_of = |place: Place| ledger.entry(place).business_id.clone();
    assert_eq!([business_of(cases[5].0), business_of(cases[4].0)], ["bar", ""]);
    let report = stage.verify();
    assert_eq!((report.difference_count(), report.counts.decided_again), (0, 7));
}
