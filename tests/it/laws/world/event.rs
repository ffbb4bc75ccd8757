//! Events at random: mostly complete, now and then anything else.

use consentgate::consent::Category;
use consentgate::consent::{
    Actor, Coded, ConsentEvent, Effect, EventId, EventKind, Expression, Identity, Method,
    NamesWhatsapp, Offset, Partition, PauseTarget, Place, ScopeName, Strength, TemplateRef,
    TemplateSaid, TextHash, TextRef, Topic, Usability, VoidRemedy, WayOut,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::log::{business, scopes};
use super::{BUSINESSES, CAMPAIGNS, Events, Mood, NOWS, PEOPLE, SCOPES, SECONDS, TEMPLATES};

/// `usual`, now and then anything of the rest: a world full of doubt lets nothing through.
pub(super) fn mostly<T: Clone + std::fmt::Debug + 'static>(
    calm: u32,
    usual: T,
    rare: Vec<T>,
) -> BoxedStrategy<T> {
    prop_oneof![calm => Just(usual), 1 => select(rare)].boxed()
}

/// Mostly one of them, so that records meet.
fn one_or_any(
    one: &'static str,
    names: &'static [&'static str],
) -> impl Strategy<Value = &'static str> {
    prop_oneof![1 => Just(one), 1 => select(names)]
}

pub(super) fn second() -> impl Strategy<Value = u32> {
    select(SECONDS.to_vec())
}

fn some_millis() -> impl Strategy<Value = i64> {
    (second(), 0..1_000_i64).prop_map(|(second, more)| i64::from(second) * 1_000 + more)
}

fn scope_list(usual: &'static str) -> impl Strategy<Value = Vec<ScopeName>> {
    let one = one_or_any(usual, &SCOPES).prop_map(|scope| vec![scope]);
    let some = prop_oneof![2 => one, 1 => proptest::sample::subsequence(SCOPES.to_vec(), 1..=2)];
    let names = prop_oneof![10 => some, 1 => Just(vec![]), 1 => Just(vec!["offers"; 65])];
    names.prop_map(|names| scopes(&names))
}

pub(super) fn kind(mood: Mood) -> impl Strategy<Value = Coded<EventKind>> {
    use EventKind as K;
    let known = prop_oneof![
        30 => Just(K::Grant),
        5 => Just(K::Confirm),
        3 => Just(K::Withdraw),
        1 => Just(K::PlatformStop),
        3 => Just(K::Cooldown),
        1 => Just(K::Pause),
        2 => Just(K::Resume),
        3 => Just(K::Inbound),
        1 => Just(K::UserRequest),
        1 => Just(K::IdentityLink),
        1 => Just(K::IdentityUnlink),
        2 => Just(K::Erase),
        2 => Just(K::TextPublished),
        3 => Just(K::Void),
        3 => Just(K::TemplateState),
        7 => select(K::ALL.to_vec()),
    ];
    let stops = prop_oneof![12 => Just(K::Grant), 6 => Just(K::PlatformStop), 1 => Just(K::Block)];
    let known = match mood.events {
        Events::All => known.boxed(),
        Events::Stops => stops.boxed(),
    };
    prop_oneof![
        2 * mood.calm => known.prop_map(Coded::Known),
        2 => Just(Coded::Unknown(77)),
        1 => Just(Coded::Unspecified),
    ]
}

fn effect_of(calm: u32, kind: Coded<EventKind>) -> BoxedStrategy<Coded<Effect>> {
    let any = vec![
        Coded::Known(Effect::Objects),
        Coded::Known(Effect::Permits),
        Coded::Known(Effect::Neutral),
        Coded::Unspecified,
        Coded::Unknown(9),
    ];
    match kind.known() {
        Some(kind) => prop_oneof![
            2 * calm => Just(Coded::Known(kind.effect())),
            6 => Just(Coded::Unspecified),
            2 => select(any),
        ]
        .boxed(),
        None => select(any).boxed(),
    }
}

/// The hashes of two sentences.
const SENTENCES: [TextHash; 2] = [TextHash([1; 32]), TextHash([2; 32])];

fn text() -> impl Strategy<Value = Option<TextRef>> {
    let named = [("welcome", "1"), ("welcome", "2"), ("terms", "1"), ("welcome", ""), ("", "1")];
    let texts: Vec<_> = named.map(|(id, version)| TextRef::new(id, version)).to_vec();
    let language = prop_oneof![6 => Just(""), 3 => Just("en"), 1 => Just("de")];
    let hash = prop_oneof![6 => Just(None), 3 => select(SENTENCES.to_vec()).prop_map(Some)];
    let named = (select(texts), language, hash)
        .prop_map(|(text, language, sha256)| TextRef { sha256, ..text.in_language(language) });
    prop_oneof![15 => named.prop_map(Some), 1 => Just(None)]
}

/// What a publication says of a text, mostly all of it: whether its hash can be read, the sentence and
/// its hash, the language, and the channel.
fn publication(calm: u32) -> impl Strategy<Value = ConsentEvent> {
    let calm = calm.min(16);
    let versions = vec![("welcome", "2"), ("terms", "1"), ("welcome", ""), ("", "1")];
    let languages = vec!["de", "de", "de", ""];
    (
        mostly(3, ("welcome", "1"), versions),
        mostly(3, "en", languages),
        mostly(5, SENTENCES[0], vec![SENTENCES[1]]).prop_map(Some),
        mostly(calm, true, vec![false]),
        mostly(calm, NamesWhatsapp::Yes, vec![NamesWhatsapp::No]),
    )
        .prop_map(|((id, version), language, sentence, is_own, whatsapp)| {
            let text = TextRef::new(id, version).in_language(language);
            let sha256 = sentence.filter(|_| is_own);
            let text = Some(TextRef { sha256, ..text });
            ConsentEvent { text, sentence, whatsapp, ..ConsentEvent::default() }
        })
}

fn id(calm: u32) -> impl Strategy<Value = Option<EventId>> {
    mostly(calm, 0, vec![1])
        .prop_flat_map(|none| (1..5_u64).prop_map(move |n| (none == 0).then_some(EventId(n))))
}

/// How, by whom and on which text, mostly complete.
fn proof(calm: u32) -> impl Strategy<Value = ConsentEvent> {
    let methods = vec![
        Coded::Known(Method::QrCode),
        Coded::Known(Method::ClickToWhatsappAd),
        Coded::Known(Method::AskedInPerson),
        Coded::Known(Method::CustomerSupport),
        Coded::Known(Method::Purchase),
        Coded::Known(Method::Import),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    let expressions = vec![
        Coded::Known(Expression::BoxTicked),
        Coded::Known(Expression::Voice),
        Coded::Known(Expression::PreTicked),
        Coded::Known(Expression::Bundled),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    let actors = vec![
        Coded::Known(Actor::Guardian),
        Coded::Known(Actor::Business),
        Coded::Known(Actor::Importer),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    let strengths = vec![Coded::Known(Strength::Double), Coded::Unspecified, Coded::Unknown(40)];
    // What lacks in a proof leaves no doubt behind, it only refuses the grant: it may be common.
    let calm = calm.min(16);
    let until = prop_oneof![
        6 => Just(None),
        2 => some_millis().prop_map(Some),
        1 => select(vec![Some(-1), Some(i64::MAX), Some(0)]),
    ];
    (
        mostly(calm, Coded::Known(Method::WebsiteForm), methods),
        mostly(calm, Coded::Known(Expression::WordsWritten), expressions),
        mostly(calm, Coded::Known(Actor::Subject), actors),
        mostly(calm, Coded::Known(Strength::Single), strengths),
        until,
        text(),
        id(calm),
        (
            mostly(20 * calm, Some("form/1".to_owned()), vec![None, Some(" ".to_owned())]),
            select(vec![None, Some("clerk".to_owned()), Some("clerk".to_owned())]),
            mostly(20 * calm, true, vec![false]),
        ),
        (0..6_u64).prop_map(|n| (n > 0).then_some(EventId(n))),
    )
        .prop_map(
            |(method, expression, actor, strength, until, text, event_id, more, confirms)| {
                let (evidence, recorder, text_complete) = more;
                ConsentEvent {
                    event_id,
                    method,
                    expression,
                    actor,
                    strength,
                    valid_until_ms: until,
                    text,
                    text_complete,
                    evidence,
                    recorder,
                    confirms,
                    ..ConsentEvent::default()
                }
            },
        )
}

fn occurred() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        14 => some_millis().prop_map(Some),
        1 => Just(None),
        1 => select(vec![Some(-5_000), Some(i64::MAX), Some(10_000_000)]),
    ]
}

/// What a pause or a resume names: mostly one thing, and the same things again and again.
fn pauses(calm: u32) -> impl Strategy<Value = (Vec<PauseTarget>, bool)> {
    let scope = |name| PauseTarget::Scope(scopes(&[name]).remove(0));
    let narrow = vec![
        scope(SCOPES[0]),
        scope(SCOPES[3]),
        PauseTarget::Campaign(CAMPAIGNS[1].into()),
        PauseTarget::Template(TEMPLATES[1].into()),
    ];
    let one = select(narrow.clone()).prop_map(|one| vec![one]);
    let some = proptest::sample::subsequence(narrow, 2..=4);
    let targets = prop_oneof![2 => Just(vec![]), 6 => one, 1 => some];
    (targets, mostly(calm, true, vec![false]))
}

/// The other end of a link, which is now and then the same, or nobody.
fn linked(calm: u32, kind: Coded<EventKind>) -> BoxedStrategy<Option<&'static str>> {
    let links = [EventKind::IdentityLink, EventKind::IdentityUnlink, EventKind::IdentityChanged];
    if kind.known().is_some_and(|kind| links.contains(&kind)) {
        prop_oneof![calm => select(PEOPLE.to_vec()).prop_map(Some), 1 => Just(None)].boxed()
    } else {
        Just(None).boxed()
    }
}

/// Which message of the person: often one by which the person objects.
fn inbound(kind: Coded<EventKind>) -> BoxedStrategy<Option<EventId>> {
    let some = (1..5_u64).prop_map(|id| Some(EventId(id)));
    let is_activity = kind.known().is_some_and(EventKind::is_activity);
    let none = if is_activity { 1 } else { 4 };
    prop_oneof![none => Just(None), 3 => some].boxed()
}

/// One of them, or nothing, or now and then something of a later version.
fn coded<T: Copy + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Coded<T>> {
    let known: Vec<_> = values.into_iter().map(Coded::Known).collect();
    prop_oneof![6 => select(known), 6 => Just(Coded::Unspecified), 1 => Just(Coded::Unknown(40))]
}

/// What the platform says of a template: mostly of one, in one of two languages.
fn template(calm: u32) -> BoxedStrategy<TemplateSaid> {
    let names = mostly(calm.min(16), TEMPLATES[1], vec!["spring", ""]);
    let language = prop_oneof![4 => Just("en_US"), 2 => Just("sv"), 1 => Just("")];
    let categories = || vec![Category::Marketing, Category::Utility, Category::Authentication];
    let used = prop_oneof![
        3 => Just(Coded::Known(Usability::Usable)),
        4 => coded(vec![Usability::Unusable, Usability::Usable]),
    ];
    (
        names,
        language,
        used,
        coded(categories()),
        (coded(categories()), 0..3_u32),
        until(),
        coded(vec![WayOut::Missing, WayOut::Unclear, WayOut::Carried]),
    )
        .prop_map(|(name, language, usability, category, announced, from, way_out)| TemplateSaid {
            template: TemplateRef::new(name, language),
            usability,
            category,
            announced: if announced.1 == 0 { announced.0 } else { Coded::Unspecified },
            announced_from_ms: from,
            way_out,
        })
        .boxed()
}

/// When a wait ends: in a second that is looked at or just beside one, or nothing that makes sense.
fn until() -> impl Strategy<Value = Option<i64>> {
    let near = (select(NOWS.to_vec()), -1_001..1_002_i64);
    prop_oneof![
        8 => near.prop_map(|(now, off)| Some(i64::from(now) * 1_000 + off)),
        2 => Just(None),
        2 => select(vec![Some(i64::MIN), Some(-1), Some(0), Some(1), Some(i64::MAX)]),
        // Longer than any wait may be.
        2 => Just(Some(2_600_000_000)),
    ]
}

fn historic_import() -> impl Strategy<Value = (bool, bool)> {
    prop_oneof![12 => Just((false, false)), 1 => Just((true, false)), 2 => Just((true, true))]
}

pub(super) fn an_event(mood: Mood, kind: Coded<EventKind>) -> BoxedStrategy<ConsentEvent> {
    let calm = mood.calm;
    let who = (one_or_any(BUSINESSES[0], &BUSINESSES), one_or_any(PEOPLE[0], &PEOPLE));
    // A kill switch is about a business, or about everybody.
    let is_switch = matches!(kind, Coded::Known(EventKind::Pause | EventKind::Resume));
    let is_published = kind == Coded::Known(EventKind::TextPublished);
    let of_text = is_published || kind == Coded::Known(EventKind::TextRetired);
    let of_template = matches!(kind, Coded::Known(EventKind::TemplateState));
    let is_personal = !is_switch && !of_template && !of_text;
    let somebody = mostly(calm, is_personal, vec![!is_personal]);
    let business_calm = if is_switch { calm.min(16) } else { calm };
    let named = (mostly(business_calm, true, vec![false]), somebody);
    let scopes = (scope_list(mood.scope), 0..9_u32)
        .prop_map(move |(list, odd)| if is_switch && odd > 0 { vec![] } else { list });
    let remedies = vec![
        VoidRemedy::None,
        VoidRemedy::Replaced(vec![]),
        VoidRemedy::Replaced(vec![EventId(1)]),
        VoidRemedy::Dropped(" ".into()),
        VoidRemedy::Dropped("a test record".into()),
    ];
    let target = (0..3_i32, 0..14_i64).prop_map(|(partition, offset)| Place {
        topic: Topic::ConsentEvents,
        partition: Partition(partition),
        offset: Offset(offset),
    });
    (
        who,
        named,
        proof(calm),
        (effect_of(calm, kind), mostly(calm, 0, vec![1, 2, 3, 4])),
        (scopes, mostly(calm, true, vec![false])),
        occurred(),
        historic_import(),
        (mostly(calm, true, vec![false]), target, select(remedies)),
        (
            until(),
            pauses(calm),
            inbound(kind),
            linked(calm, kind),
            template(calm),
            publication(calm),
        ),
    )
        .prop_map(move |(who, named, proof, reading, scopes, occurred, old, void, more)| {
            let (until, pauses, inbound, linked, template, said) = more;
            let mut proof = proof;
            if is_published {
                let ConsentEvent { text, sentence, whatsapp, .. } = said;
                proof = ConsentEvent { text, sentence, whatsapp, ..proof };
            }
            let by_import = old.1;
            // Everything is stopped and goes on as a whole; now and then somebody names a part.
            let whole = is_switch && !named.0 && void.0;
            let pauses = if whole { (vec![], true) } else { pauses };
            ConsentEvent {
                business: named.0.then(|| business(who.0)),
                identity: named.1.then(|| Identity::parse(who.1).unwrap()),
                kind,
                effect: reading.0,
                min_reader: reading.1,
                scopes: scopes.0,
                scopes_complete: scopes.1,
                occurred_at_ms: occurred,
                historic: old.0,
                method: if by_import { Coded::Known(Method::Import) } else { proof.method },
                actor: if by_import { Coded::Known(Actor::Importer) } else { proof.actor },
                until_ms: until,
                inbound,
                linked: linked.and_then(Identity::parse),
                pauses: pauses.0,
                pauses_complete: pauses.1,
                voids: void.0.then_some(void.1),
                remedy: void.2,
                template: of_template.then_some(template),
                ..proof
            }
        })
        .boxed()
}
