use super::*;

#[test]
fn a_rare_fact_takes_16_bytes() {
    assert_eq!(size_of::<RareFact>(), 16);
}

#[test]
fn replacing_the_texts_of_one_scope_leaves_those_of_another() {
    let mut rare = Rare::default();
    rare.set_other_texts(ScopeIx(0), &[TextIx(1), TextIx(2)]);
    rare.set_other_texts(ScopeIx(1), &[TextIx(3)]);
    rare.set_other_texts(ScopeIx(0), &[TextIx(4)]);
    let texts = |scope| rare.other_texts(ScopeIx(scope)).collect::<Vec<_>>();
    assert_eq!(texts(0), vec![TextIx(4)]);
    assert_eq!(texts(1), vec![TextIx(3)]);
}

#[test]
fn an_older_objection_changes_nothing() {
    let mut rare = Rare::default();
    rare.join(RareFact::Objection(Class::Complaint, Seconds(5), EventId(1)));
    rare.join(RareFact::Objection(Class::Complaint, Seconds(4), EventId(9)));
    let mark = Mark { at: Seconds(5), event: EventId(1) };
    assert_eq!(rare.newest_objection(), Some(mark));
    assert_eq!(rare.objection_count(), 1);
}
