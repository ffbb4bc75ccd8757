//! What businesses say of their texts, and the platform of templates.

use sha2::{Digest as _, Sha256};

use super::*;
use crate::spec::consent::{
    Channel, TemplateCategory, TemplateOptOutPath, TemplateState, TemplateStatus,
};

fn agreed() -> Told {
    Told::default().then(100, grant(100, &["offers", "order_updates"]))
}

fn published(sentence: &str, names: &[&str]) -> ConsentEvent {
    ConsentEvent {
        scopes: scopes(names),
        text_id: "welcome".to_owned(),
        text_version: "1".to_owned(),
        language: "en".to_owned(),
        text: sentence.to_owned(),
        text_sha256: Sha256::digest(sentence).to_vec(),
        channels: vec![Channel::Whatsapp.into()],
        ..at(40, of_cafe(Kind::TextPublished))
    }
}

#[test]
fn a_grant_needs_a_published_text_that_names_its_scope() {
    let strict = ANY.replace("policy 2", "policy 3") + "consent_texts published\n";
    let goes = |told: &Told, found| told.decides_by(1_000, &strict, &offer(), found);
    let missing = Some(Reason::ProofMissing);
    goes(&agreed(), missing);
    goes(&agreed().then(500, published("yes", &["offers"])), None);
    let told = agreed().then(500, published("yes", &["offers"]));
    told.decides_by(1_000, &strict, &order_update(), missing);
    goes(&told.then(501, published("maybe", &["offers"])), missing);
    let silent = ConsentEvent { channels: vec![], ..published("yes", &["offers"]) };
    goes(&agreed().then(500, silent), missing);
    let torn = ConsentEvent { text_sha256: vec![0; 32], ..published("yes", &["offers"]) };
    goes(&agreed().then(500, torn), missing);
    let hashed = ConsentEvent { text_sha256: vec![7; 32], ..grant(100, &["offers"]) };
    goes(&Told::default().then(50, published("yes", &["offers"])).then(100, hashed), missing);
    let german = ConsentEvent { language: "DE".to_owned(), ..published("ja", &["surveys"]) };
    goes(&agreed().then(500, published("yes", &["offers"])).then(501, german), missing);
}

#[test]
fn an_invalid_text_takes_its_grants_with_it_and_a_retired_one_the_late_ones() {
    let text = |kind, version: &str| ConsentEvent {
        text_id: "welcome".to_owned(),
        text_version: version.to_owned(),
        ..of_cafe(kind)
    };
    for version in ["", "1"] {
        let told = agreed().then(200, text(Kind::Invalidate, version));
        told.suppresses(&offer(), Reason::TextInvalid);
    }
    agreed().then(200, text(Kind::Invalidate, "2")).allows(&offer());
    agreed().then(200, of_cafe(Kind::Invalidate)).suppresses(&offer(), Reason::TextInvalid);
    agreed().then(161, text(Kind::TextRetired, "1")).allows(&offer());
    agreed().then(160, text(Kind::TextRetired, "1")).suppresses(&offer(), Reason::TextInvalid);
}

fn state(occurred: i64, said: TemplateState) -> ConsentEvent {
    let template_state =
        Some(TemplateState { template: "sale".to_owned(), language: "en_US".to_owned(), ..said });
    ConsentEvent { template_state, ..at(occurred, of_cafe(Kind::TemplateState)) }
}

fn status(status: TemplateStatus) -> TemplateState {
    TemplateState { status: status.into(), ..TemplateState::default() }
}

fn category(category: TemplateCategory) -> TemplateState {
    TemplateState { category: category.into(), ..TemplateState::default() }
}

fn in_sale(message: OutboundMessage) -> OutboundMessage {
    let (template, language) = ("sale".to_owned(), "en-us".to_owned());
    OutboundMessage { template, template_language: language, ..message }
}

trait Tell {
    fn told(self, at: i64, said: TemplateState) -> Self;
}

impl Tell for Told {
    fn told(self, at: i64, said: TemplateState) -> Self {
        self.then_in(Topic::Templates, at, state(at, said))
    }
}

#[test]
fn a_template_that_was_taken_away_is_given_back_by_a_later_word_alone() {
    let taken = || agreed().told(200, status(TemplateStatus::Paused));
    taken().suppresses(&in_sale(offer()), Reason::TemplateUnusable);
    taken().allows(&offer());
    let same = taken().told(200, status(TemplateStatus::Approved));
    same.suppresses(&in_sale(offer()), Reason::TemplateUnusable);
    taken().told(201, status(TemplateStatus::Approved)).allows(&in_sale(offer()));
    let astray = taken().then(300, state(300, status(TemplateStatus::Approved)));
    astray.suppresses(&in_sale(offer()), Reason::TemplateUnusable);
    let registered = ANY.replace("policy 2", "policy 3") + "templates registered\n";
    agreed().decides_by(1_000, &registered, &in_sale(offer()), Some(Reason::TemplateUnusable));
    let approved = agreed().told(201, status(TemplateStatus::Approved));
    approved.decides_by(1_000, &registered, &in_sale(offer()), None);
}

#[test]
fn the_strictest_category_counts_until_a_later_word_takes_it_back() {
    let bare = in_sale(OutboundMessage { opt_out_path: 0, ..order_update() });
    agreed().allows(&bare);
    let promotes = || agreed().told(200, category(TemplateCategory::Marketing));
    promotes().suppresses(&bare, Reason::NoOptOutPath);
    let same = promotes().told(200, category(TemplateCategory::Utility));
    same.suppresses(&bare, Reason::NoOptOutPath);
    promotes().told(201, category(TemplateCategory::Utility)).allows(&bare);
    let announced = TemplateState {
        announced_category: TemplateCategory::Marketing.into(),
        announced_from_ms: Some(400_000),
        ..category(TemplateCategory::Utility)
    };
    let told = agreed().told(200, announced);
    told.suppresses(&bare, Reason::NoOptOutPath);
    let told = told.told(400, category(TemplateCategory::Utility));
    told.suppresses(&bare, Reason::NoOptOutPath);
    told.told(401, category(TemplateCategory::Utility)).allows(&bare);
}

/// In a language that nobody told of, a word for every language stands until it is itself taken back.
#[test]
fn a_category_in_every_language_is_taken_back_in_one_language_alone() {
    let mut in_every = state(200, category(TemplateCategory::Marketing));
    in_every.template_state.as_mut().expect("a state").language.clear();
    let told = agreed().then_in(Topic::Templates, 200, in_every);
    let told = told.told(201, category(TemplateCategory::Utility));
    let bare = in_sale(OutboundMessage { opt_out_path: 0, ..order_update() });
    told.allows(&bare);
    for language in ["de", "en"] {
        let other = OutboundMessage { template_language: language.to_owned(), ..bare.clone() };
        told.suppresses(&other, Reason::NoOptOutPath);
    }
    told.allows(&OutboundMessage { template_language: String::new(), ..bare });
}

#[test]
fn a_template_knows_whether_it_lets_people_leave() {
    let path = |path: TemplateOptOutPath| TemplateState {
        opt_out_path: path.into(),
        ..TemplateState::default()
    };
    let bare = in_sale(OutboundMessage { opt_out_path: 0, ..offer() });
    let carried = || agreed().told(200, path(TemplateOptOutPath::Footer));
    carried().allows(&bare);
    carried().told(300, path(TemplateOptOutPath::None)).suppresses(&bare, Reason::NoOptOutPath);
    let none = agreed().told(200, path(TemplateOptOutPath::None));
    none.suppresses(&in_sale(offer()), Reason::NoOptOutPath);
}
