//! One question, put to the model, to the plain state and to the index.

use consentgate::consent::{
    Category, ConsentRecord, IdentityRef, Offset, Partition, Seconds, State, Topic, fold,
};
use consentgate::decision::{
    Decision, Judgement, Message, OptOutPath, Reason, Scratch, decide_batch, judge, query,
};
use consentgate::index::{
    CaughtUp, ConsentIndex, ConsentView, Fence, IndexKeys, NotCaughtUp, Tick, answer_from_state,
    template_from_state,
};
use consentgate::policy::{ConsentTexts, Policy};

use super::log::{ANNA, Log};
use super::model;

/// The state of all records.
pub(crate) fn state_of<'r>(records: impl IntoIterator<Item = &'r ConsentRecord>) -> State {
    let mut state = State::default();
    for record in records {
        fold(record).facts.into_iter().for_each(|fact| state.join(fact));
    }
    state
}

/// A text that is equal exactly where two states are.
pub(crate) fn dump(state: &State) -> String {
    let mut lines = vec![format!("{:?}", state.businesses)];
    lines.push(format!("{:?}", state.quarantine));
    lines.push(format!("{:?}", state.platform_pause));
    for (subject, known) in &state.subjects {
        lines.push(format!("{} {known:?}", subject.key()));
    }
    lines.join("\n")
}

/// The index of all records.
pub(crate) fn index_of<'r>(records: impl IntoIterator<Item = &'r ConsentRecord>) -> ConsentIndex {
    let mut index =
        ConsentIndex::new(IndexKeys { mixing: 7, user_ids: [3; 16], tombstones: [5; 16] });
    // An empty partition is caught up too; without any, no fence could be proven.
    index.advance(Topic::ConsentEvents, Partition(0), Offset(0));
    for record in records {
        fold(record).facts.into_iter().for_each(|fact| index.apply(fact));
        let place = record.place;
        index.advance(place.topic, place.partition, place.offset.next());
    }
    index
}

/// Opens a view on all that was applied; fails only where the gate is held.
pub(crate) fn open(index: &ConsentIndex) -> Result<ConsentView<'_>, NotCaughtUp> {
    let fence = Fence { asked_at: Tick(1), ends: index.positions().clone() };
    CaughtUp::prove(index, &fence, Tick(1)).map(CaughtUp::view)
}

/// What the rules find on the plain state.
pub(crate) fn judge_state(
    state: &State,
    policy: &Policy,
    now: Seconds,
    message: &Message<'_>,
) -> Judgement {
    let Message { business, template, template_language, .. } = *message;
    let template = template_from_state(state, business, template, template_language);
    let query = query(policy, message, template);
    judge(policy, now, message, template, &answer_from_state(state, &query))
}

/// A decision as its reasons, the first of them first.
pub(crate) fn reasons_of(decision: &Decision) -> (Option<Reason>, Vec<Reason>) {
    match decision {
        Decision::Allow(_) => (None, Vec::new()),
        Decision::Suppress(why) => (Some(why.primary), why.all.iter().collect()),
    }
}

/// From when a message may go that is only too early.
pub(crate) fn not_before_of(decision: &Decision) -> Option<Seconds> {
    match decision {
        Decision::Allow(_) => None,
        Decision::Suppress(why) => why.not_before,
    }
}

/// Decides messages on a view.
pub(crate) fn decide_on(
    view: &ConsentView<'_>,
    policy: &Policy,
    now: Seconds,
    messages: &[Message<'_>],
) -> Vec<Decision> {
    let messages: Vec<_> = messages.iter().copied().map(Ok).collect();
    let mut decisions = Vec::new();
    let mut scratch = Scratch::default();
    decide_batch(policy, view, now, &messages, &mut scratch, &mut decisions);
    decisions
}

/// An offer of the cafe to Anna, with a way out.
pub(crate) fn offer() -> Message<'static> {
    Message {
        business: "cafe",
        sender: "",
        to: IdentityRef::parse(ANNA),
        also: [None, None],
        scope: "offers",
        category: Category::Marketing,
        // Later than anybody asks: a message that was always sent just then.
        sent_at: Some(Seconds(u32::MAX)),
        deadline: None,
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "m1",
        campaign_id: "",
        template: "",
        template_language: "",
    }
}

/// A note of the cafe to Anna about her order.
pub(crate) fn order_update() -> Message<'static> {
    Message { scope: "order_updates", category: Category::Utility, ..offer() }
}

/// When a sentence that does not say so is asked.
const NOW: Seconds = Seconds(1_000);

/// The fate of a message, on which model, state and index must agree.
fn fate(log: &Log, policy: &Policy, now: Seconds, message: &Message<'_>) -> Option<Reason> {
    let verdict = model::decide(&log.0, policy, now, message);
    let judgement = judge_state(&state_of(&log.0), policy, now, message);
    assert_eq!(judgement.primary(), verdict.primary(), "state against model");
    assert_eq!(judgement.mask(), verdict.all(), "state against model");
    assert_eq!(state_of(&log.0), state_of(log.0.iter().rev()), "backwards");
    let index = index_of(log.0.iter().rev());
    let view = open(&index).unwrap();
    let decided = decide_on(&view, policy, now, &[*message]);
    let expected = (verdict.primary(), verdict.all().iter().collect());
    assert_eq!(reasons_of(&decided[0]), expected, "index against model");
    verdict.primary()
}

/// The standard policy, for what is not about texts: grants on any of them will do.
pub(crate) fn standard() -> Policy {
    Policy::standard().with_consent_texts(ConsentTexts::Any)
}

#[track_caller]
pub(crate) fn allows(log: &Log, message: &Message<'_>) {
    assert_eq!(fate(log, &standard(), NOW, message), None);
}

#[track_caller]
pub(crate) fn suppresses(log: &Log, message: &Message<'_>, reason: Reason) {
    assert_eq!(fate(log, &standard(), NOW, message), Some(reason));
}

#[track_caller]
pub(crate) fn decides(log: &Log, policy: &Policy, message: &Message<'_>, reason: Option<Reason>) {
    assert_eq!(fate(log, policy, NOW, message), reason);
}

/// The fate of a message in this second under a policy.
#[track_caller]
pub(crate) fn decides_by(
    now: u32,
    log: &Log,
    policy: &Policy,
    message: &Message<'_>,
    reason: Option<Reason>,
) {
    assert_eq!(fate(log, policy, Seconds(now), message), reason, "at {now}");
}

/// The fate of a message in this second.
#[track_caller]
pub(crate) fn decides_at(now: u32, log: &Log, message: &Message<'_>, reason: Option<Reason>) {
    assert_eq!(fate(log, &standard(), Seconds(now), message), reason, "at {now}");
}

/// Whether the whole gate is held, on which model, state and index must agree.
#[track_caller]
pub(crate) fn is_held(log: &Log) -> bool {
    let held = model::holds(&log.0);
    assert_eq!(state_of(&log.0).holding().is_some(), held, "state against model");
    let index = index_of(&log.0);
    let refused = matches!(open(&index), Err(NotCaughtUp::Held(_)));
    assert_eq!(refused, held, "index against model");
    held
}
