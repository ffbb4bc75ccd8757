//! What the commands write is what the gate counts, and what they show is what was written.

use clap::{Command, FromArgMatches};

use super::*;
use crate::consent::{
    ConsentRecord, Fact, KeyParts, NamesWhatsapp, Offset, Partition, Place, Placement, Seconds,
    Topic, fold,
};
use crate::wire::consent::{decode, encode};

fn parse<A: Args + FromArgMatches>(line: &str) -> Result<A, clap::Error> {
    let words = std::iter::once("text").chain(line.split_whitespace());
    let mut command = A::augment_args(Command::new("text"));
    A::from_arg_matches(&command.try_get_matches_from_mut(words)?)
}

const LINE: &str = "--business cafe --text-id welcome --text-version 1 --language en \
                    --scope offers --channel whatsapp";

fn publication(line: &str, sentence: &str) -> ConsentEvent {
    parse::<PublishTextArgs>(line).unwrap().publication(sentence).unwrap()
}

/// What the gate makes of an event, with where it lies.
fn published(number: i64, event: ConsentEvent, log: &mut TextLog) {
    let produced = produce(event.clone()).unwrap();
    let place =
        Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(number) };
    let at = Seconds(1_800_000_000);
    let record = ConsentRecord {
        place,
        appended_at: at,
        key: KeyParts::parse(Some(produced.key.as_bytes())),
        placement: Placement::Right,
        content: decode(Some(&produced.value)),
    };
    let mut text = None;
    for fact in fold(&record).facts {
        match fact {
            Fact::TextPublished { text: known, edition, .. } => {
                assert_eq!(edition.whatsapp, NamesWhatsapp::Yes);
                log.state.texts.publish(&known, &edition);
                text = Some(known);
            }
            Fact::TextRetired { id, version, at, .. } => log.state.texts.retire(id, version, at),
            other => panic!("{other:?}"),
        }
    }
    if event.kind() == Kind::TextPublished {
        log.published.push(Published { place, at, event, text });
    }
}

#[test]
fn what_is_published_is_shown_word_for_word() {
    let mut log = TextLog::default();
    let sentence = "Yes, the \"café\" may write to me\non WhatsApp.";
    published(0, publication(LINE, sentence), &mut log);
    let show: ShowTextArgs = parse("--business cafe --text-id welcome --language EN").unwrap();
    let told = show.tell(&log);
    assert!(told.ends_with(&format!("\n\n{sentence}\n")), "{told}");
    assert!(told.contains("\nstate      proves offers\n"), "{told}");
    let other: ShowTextArgs = parse("--business cafe --text-id terms").unwrap();
    assert_eq!(other.tell(&log), "");
    let retire: RetireTextArgs =
        parse("--business cafe --text-id welcome --text-version 1").unwrap();
    published(1, retire.event(), &mut log);
    assert!(show.tell(&log).contains("proves offers; retired at 2027-01-15T"));
}

#[test]
fn a_second_sentence_under_one_version_is_refused_before_it_is_written() {
    let mut log = TextLog::default();
    let first = publication(LINE, "Yes.");
    refuse_contradiction(&log, &first).unwrap();
    published(0, first.clone(), &mut log);
    refuse_contradiction(&log, &first).unwrap();
    let more = format!("{LINE} --scope surveys");
    for other in [publication(LINE, "Yes, of course."), publication(&more, "Yes.")] {
        assert_eq!(refuse_contradiction(&log, &other).unwrap_err().exit(), Exit::Data);
    }
    let german = LINE.replace("language en", "language de");
    refuse_contradiction(&log, &publication(&german, "Ja.")).unwrap();
    let next = LINE.replace("version 1", "version 2");
    refuse_contradiction(&log, &publication(&next, "Yes, of course.")).unwrap();
}

#[test]
fn a_publication_that_the_gate_would_refuse_is_told_to_prove_nothing() {
    let mut forged = publication(LINE, "Yes.");
    forged.text_sha256 = vec![7; 32];
    let record = ConsentRecord {
        place: Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(0) },
        appended_at: Seconds(1),
        key: KeyParts::parse(Some(b"cafe/")),
        placement: Placement::Right,
        content: decode(Some(&encode(&forged))),
    };
    assert_eq!(fold(&record).facts, []);
    let mut log = TextLog::default();
    published(0, forged, &mut log);
    let show: ShowTextArgs = parse("--business cafe").unwrap();
    assert!(show.tell(&log).contains("\nstate      refused: "));
}

#[test]
fn a_text_is_named_whole() {
    for left_out in ["--text-version 1", "--language en", "--scope offers", "--channel whatsapp"] {
        let line = LINE.replace(left_out, "");
        assert!(parse::<PublishTextArgs>(&line).is_err(), "{left_out}");
    }
    assert!(parse::<RetireTextArgs>("--business cafe --text-id welcome").is_err());
}
