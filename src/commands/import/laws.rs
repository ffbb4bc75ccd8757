//! Importing after any log never turns a suppressed message into an allowed one for who is suppressed.

use proptest::prelude::*;
use proptest::sample::select;

use super::known::Known;
use super::tests::any_text;
use super::verdict::{Verdict, verdict};
use crate::consent::{
    Category, ConsentRecord, IdentityRef, Offset, Partition, Place, Placement, Seconds, State,
    TemplateStanding, Topic, fold,
};
use crate::decision::{Message, OptOutPath, judge, query};
use crate::index::answer_from_state;
use crate::policy::Policy;
use crate::wire::consent::{Produced, produce, record};
use crate::wire::import::{Columns, Context, Imported, RowReader, read_row};
use crate::wire::proto::consent::{
    Actor, ConsentEvent, Expression, Kind, Method, PauseTarget, Strength,
};

const PEOPLE: [&str; 2] = ["+12025550101", "+12025550102"];
const BUSINESSES: [&str; 2] = ["cafe", "shop"];
const SCOPES: [&str; 4] = ["offers", "surveys", "order_updates", "raffles"];
/// When the import is run.
const IMPORTED_AT: Seconds = Seconds(1_000);

/// A record of the log, or a row of the file.
#[derive(Clone, Debug)]
pub(super) struct Said {
    business: &'static str,
    person: &'static str,
    kind: Kind,
    scopes: Vec<&'static str>,
    /// When it happened, in seconds.
    at: u32,
    /// How much later it was appended.
    late: u32,
    dated: bool,
    imported: bool,
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        8 => Just(Kind::Grant),
        2 => Just(Kind::Withdraw),
        1 => select(vec![
            Kind::Refuse, Kind::PlatformStop, Kind::Complaint, Kind::WrongNumber, Kind::Reassigned,
            Kind::Erase, Kind::Block, Kind::Restrict,
        ]),
        1 => select(vec![Kind::Unblock, Kind::Unrestrict, Kind::PlatformResume, Kind::Confirm]),
    ]
}

pub(super) fn said() -> impl Strategy<Value = Said> {
    let scopes = prop_oneof![
        4 => select(SCOPES.to_vec()).prop_map(|scope| vec![scope]),
        1 => Just(vec!["offers", "order_updates"]),
        1 => Just(vec![]),
    ];
    (
        prop_oneof![4 => Just(BUSINESSES[0]), 1 => Just(BUSINESSES[1])],
        select(PEOPLE.to_vec()),
        kinds(),
        scopes,
        select(vec![100_u32, 101, 102, 103]),
        select(vec![0_u32, 0, 1, 2]),
        prop_oneof![8 => Just(true), 1 => Just(false)],
        prop_oneof![5 => Just(false), 1 => Just(true)],
    )
        .prop_map(|(business, person, kind, scopes, at, late, dated, imported)| Said {
            business,
            person,
            kind,
            scopes,
            at,
            late,
            dated,
            imported,
        })
}

/// The record of the log.
fn logged(said: &Said, nth: usize) -> Produced {
    let historic = said.imported && said.kind != Kind::Grant;
    let mut event = ConsentEvent {
        event_id: format!("event-{nth}"),
        business_id: said.business.to_owned(),
        phone: said.person.to_owned(),
        kind: said.kind.into(),
        scopes: said.scopes.iter().map(ToString::to_string).collect(),
        occurred_at_ms: said.dated.then(|| i64::from(said.at) * 1_000),
        historic,
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        actor: Actor::Subject.into(),
        strength: Strength::Single.into(),
        text_id: "text".to_owned(),
        text_version: "1".to_owned(),
        evidence: "form/1".to_owned(),
        pause: None::<PauseTarget>,
        ..ConsentEvent::default()
    };
    if historic {
        event.set_method(Method::Import);
        event.set_actor(Actor::Importer);
    }
    if said.imported {
        event.source = crate::wire::import::SOURCE.to_owned();
        event.event_id = format!("import-{nth:032x}");
    }
    produce(event).expect("an event about a person")
}

/// The row of the file.
fn row(said: &Said) -> String {
    let name = said.kind.as_str_name().trim_start_matches("KIND_").to_ascii_lowercase();
    let at =
        if said.dated { format!("1970-01-01T00:01:{:02}Z", said.at - 60) } else { String::new() };
    let scopes = said.scopes.join(";");
    let (business, person) = (said.business, said.person);
    format!("{business},{person},{name},{scopes},{at},website_form,box_ticked,text,1,form/1\n")
}

const HEADER: &str = "business_id,phone,kind,scopes,occurred_at,method,expression,text_id,\
                      text_version,evidence\n";

/// The file of these rows; some lines are no rows at all.
fn file(rows: &[Said], broken: bool) -> String {
    let rows: String = rows.iter().map(row).collect();
    format!("{HEADER}{rows}{}", if broken { "cafe,who\n" } else { "" })
}

fn appended(event: &Produced, offset: i64, at: Seconds) -> ConsentRecord {
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let place = Place { topic, partition, offset: Offset(offset) };
    let key = Some(event.key.as_bytes());
    record(place, at, key, Placement::Right, Some(&event.value))
}

/// Shows every row of a file.
fn each_row(policy: &Policy, file: &str, mut each: impl FnMut(u64, super::verdict::Read)) {
    let mut rows = RowReader::new(file.as_bytes(), b',');
    let columns = {
        let first = rows.read_row().expect("memory").expect("a header");
        Columns::read(&first.fields.expect("sound")).expect("known columns")
    };
    let now_ms = i64::from(IMPORTED_AT.0) * 1_000;
    let context = Context { columns: &columns, policy, now_ms, recorder: "importer" };
    while let Some(row) = rows.read_row().expect("memory") {
        each(row.line, read_row(&context, &row));
    }
}

/// A log with its append times.
#[derive(Clone, Default)]
struct Log {
    records: Vec<(Produced, Seconds)>,
}

impl Log {
    fn of(said: &[Said]) -> Self {
        let mut newest = 0;
        let records = said.iter().enumerate().map(|(nth, said)| {
            newest = newest.max(said.at + said.late);
            (logged(said, nth), Seconds(newest))
        });
        Self { records: records.collect() }
    }

    fn folded(&self) -> State {
        let mut state = State::default();
        for record in self.as_records() {
            for fact in fold(&record).facts {
                state.join(fact);
            }
        }
        state
    }

    fn as_records(&self) -> impl Iterator<Item = ConsentRecord> + '_ {
        let numbered = (0..).zip(&self.records);
        numbered.map(|(offset, (event, at))| appended(event, offset, *at))
    }

    /// Imports a file as the command does, with the passes in their order. Says how many events it
    /// wrote.
    fn import(&mut self, policy: &Policy, file: &str, at: Seconds) -> usize {
        let mut known = Known::new(policy, Default::default(), at);
        each_row(policy, file, |line, read| match read {
            Ok(Imported::Suppression(suppression)) => known.suppression(line, &suppression),
            Ok(Imported::Grant(_)) => {}
            Err(refused) => known.doubt(&refused.doubt),
        });
        for (record, (event, _)) in self.as_records().zip(&self.records) {
            known.record(&record, Some(&event.value));
        }
        let mut written = Vec::new();
        each_row(policy, file, |_, read| {
            if let Verdict::Suppress(suppression, _) = verdict(&known, read) {
                written.push(suppression.produced());
            }
        });
        each_row(policy, file, |_, read| {
            if let Verdict::Grant(grant) = verdict(&known, read) {
                written.push(grant.produced());
            }
        });
        let count = written.len();
        self.records.extend(written.into_iter().map(|event| (event, at)));
        count
    }
}

fn messages() -> impl Iterator<Item = Message<'static>> {
    let everybody = BUSINESSES.into_iter().flat_map(|business| PEOPLE.map(|to| (business, to)));
    everybody.flat_map(|(business, to)| {
        SCOPES.into_iter().flat_map(move |scope| {
            [Category::Marketing, Category::Utility].map(|category| Message {
                business,
                sender: "",
                to: IdentityRef::parse(to),
                also: [None, None],
                scope,
                category,
                // From the future, so never too old.
                sent_at: Some(Seconds(u32::MAX)),
                deadline: None,
                opt_out_path: OptOutPath::Offered,
                answers: None,
                message_id: "m",
                campaign_id: "",
                template: "",
                template_language: "",
            })
        })
    })
}

fn allows(policy: &Policy, state: &State, message: &Message<'_>) -> bool {
    let template = TemplateStanding::default();
    let facts = answer_from_state(state, &query(policy, message, template));
    judge(policy, Seconds(2_000), message, template, &facts).primary().is_none()
}

/// Whether this person of this business ever spoke against anything, or was spoken against.
fn is_suppressed(said: &[Said], message: &Message<'_>, scope: &str) -> bool {
    said.iter().any(|said| {
        let is_who =
            said.business == message.business && IdentityRef::parse(said.person) == message.to;
        let is_scoped = matches!(said.kind, Kind::Withdraw | Kind::Refuse);
        // An unknown scope may be any.
        let named = said.scopes.is_empty()
            || said.scopes.iter().any(|name| *name == scope || *name == "raffles");
        let objects = match said.kind {
            Kind::Withdraw | Kind::Refuse => named,
            Kind::PlatformStop => scope != "order_updates",
            Kind::Complaint | Kind::WrongNumber | Kind::Reassigned | Kind::Erase => true,
            _ => false,
        };
        is_who && objects && (is_scoped || said.kind != Kind::Grant)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn importing_after_any_log_allows_nothing_to_who_is_suppressed(
        before in proptest::collection::vec(said(), 0..10),
        rows in proptest::collection::vec(said(), 0..8),
        broken in prop_oneof![5 => Just(false), 1 => Just(true)],
    ) {
        let policy = any_text();
        let mut log = Log::of(&before);
        let earlier = log.folded();
        log.import(&policy, &file(&rows, broken), IMPORTED_AT);
        let later = log.folded();
        for message in messages() {
            let suppressed = is_suppressed(&before, &message, message.scope)
                || is_suppressed(&rows, &message, message.scope);
            let newly = allows(&policy, &later, &message) && !allows(&policy, &earlier, &message);
            prop_assert!(!(newly && (suppressed || broken)), "{message:?}");
        }
    }

    #[test]
    fn a_second_import_of_the_same_file_writes_nothing(
        before in proptest::collection::vec(said(), 0..10),
        rows in proptest::collection::vec(said(), 0..8),
    ) {
        let policy = any_text();
        let mut log = Log::of(&before);
        let file = file(&rows, false);
        log.import(&policy, &file, IMPORTED_AT);
        let once = log.folded();
        let written = log.import(&policy, &file, Seconds(IMPORTED_AT.0 + 500));
        prop_assert_eq!(written, 0);
        prop_assert_eq!(log.folded(), once);
    }

    #[test]
    fn whoever_is_suppressed_in_a_file_is_suppressed_after_it_unless_they_agreed_themselves(
        files in proptest::collection::vec(proptest::collection::vec(said(), 0..5), 1..4),
    ) {
        // No grant but by import, and each file on its own day: in whatever order they come, nobody
        // who said no in any of them is written to.
        let policy = any_text();
        let mut log = Log::default();
        for (day, rows) in (0..).zip(&files) {
            log.import(&policy, &file(rows, false), Seconds(IMPORTED_AT.0 + day));
        }
        let state = log.folded();
        let all = files.concat();
        for message in messages() {
            let suppressed = is_suppressed(&all, &message, message.scope);
            prop_assert!(!(suppressed && allows(&policy, &state, &message)), "{message:?}");
        }
    }

    #[test]
    fn what_is_complete_and_uncontested_is_allowed(mut rows in proptest::collection::vec(said(), 1..6)) {
        let policy = any_text();
        rows.retain(|said| {
            said.kind == Kind::Grant && said.dated && !said.scopes.is_empty()
                && !said.scopes.contains(&"raffles")
        });
        let mut log = Log::default();
        log.import(&policy, &file(&rows, false), IMPORTED_AT);
        let state = log.folded();
        for said in &rows {
            let meant = |message: &Message<'_>| {
                message.business == said.business
                    && message.to == IdentityRef::parse(said.person)
                    && said.scopes.contains(&message.scope)
            };
            prop_assert!(messages().filter(meant).all(|message| allows(&policy, &state, &message)));
        }
    }
}
