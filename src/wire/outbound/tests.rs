//! The scan reads what prost reads, refuses what prost refuses, and decides nothing in doubt's favour.

use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::wire::proto::outbound::OutboundMessage;
use crate::wire::tests::outbound;

fn read(message: &OutboundMessage) -> Result<Message<'static>, Reason> {
    decode(Some(Box::leak(message.encode_to_vec().into_boxed_slice())))
}

/// Scan and prost on the same bytes: both refuse, or both read the same.
fn check_against_prost(bytes: &[u8]) -> Result<(), TestCaseError> {
    match (scan(bytes), OutboundMessage::decode(bytes)) {
        (Some(fields), Ok(message)) => {
            let expected = Fields {
                message_id: &message.message_id,
                campaign_id: &message.campaign_id,
                business: &message.business_id,
                to: &message.to,
                also_known_as: &message.also_known_as,
                scope: &message.scope,
                category: message.category,
                template: &message.template,
                template_language: &message.template_language,
                deadline_ms: message.deadline_ms,
                opt_out_path: message.opt_out_path,
                objection_event_id: &message.objection_event_id,
                sender: &message.sender,
            };
            prop_assert_eq!(fields, expected);
        }
        (None, Err(_)) => {}
        (scanned, decoded) => prop_assert!(false, "scan {scanned:?}, prost {decoded:?}"),
    }
    let _ = decode(Some(bytes));
    Ok(())
}

#[test]
fn a_message_decodes_to_all_that_decides() {
    let expected = Message {
        business: "acme",
        sender: "",
        to: IdentityRef::parse("+12025550101"),
        also: [IdentityRef::parse("IN.Abc123"), None],
        scope: "offers",
        category: Category::Marketing,
        sent_at: None,
        deadline: Some(Seconds(1_790_000_600)),
        opt_out_path: OptOutPath::Offered,
        answers: Some(EventId::of("e-7")),
        message_id: "m-1",
        campaign_id: "autumn",
        template: "autumn_offer",
        template_language: "en_US",
    };
    assert_eq!(read(&outbound()), Ok(expected));
}

#[test]
fn no_value_an_empty_value_and_no_business_are_malformed() {
    let mut message = outbound();
    message.business_id.clear();
    assert_eq!(decode(None), Err(Reason::Malformed));
    assert_eq!(decode(Some(b"")), Err(Reason::Malformed));
    assert_eq!(read(&message), Err(Reason::Malformed));
}

#[test]
fn an_unreadable_address_is_none_but_an_unreadable_second_identity_is_malformed() {
    let mut message = outbound();
    message.to = "nobody".to_string();
    assert_eq!(read(&message).unwrap().to, None);
    message.also_known_as = "nobody".to_string();
    assert_eq!(read(&message), Err(Reason::Malformed));
    message.also_known_as.clear();
    assert_eq!(read(&message).unwrap().also, [None, None]);
}

#[test]
fn an_unknown_category_is_marketing_and_an_unknown_way_out_is_none() {
    let mut message = outbound();
    for (number, category) in [
        (0, Category::Marketing),
        (1, Category::Marketing),
        (2, Category::Utility),
        (3, Category::Authentication),
        (4, Category::Service),
        (5, Category::Farewell),
        (6, Category::Marketing),
        (-1, Category::Marketing),
    ] {
        message.category = number;
        assert_eq!(read(&message).unwrap().category, category, "{number}");
    }
    for (number, path) in [
        (0, OptOutPath::Missing),
        (1, OptOutPath::Offered),
        (2, OptOutPath::Offered),
        (3, OptOutPath::Offered),
        (4, OptOutPath::Missing),
    ] {
        message.opt_out_path = number;
        assert_eq!(read(&message).unwrap().opt_out_path, path, "{number}");
    }
}

#[test]
fn a_deadline_rounds_down_and_a_negative_one_is_over() {
    let mut message = outbound();
    for (deadline_ms, deadline) in [
        (None, None),
        (Some(1_999), Some(Seconds(1))),
        (Some(-1), Some(Seconds(0))),
        (Some(i64::MIN), Some(Seconds(0))),
        (Some(i64::MAX), None),
    ] {
        message.deadline_ms = deadline_ms;
        assert_eq!(read(&message).unwrap().deadline, deadline, "{deadline_ms:?}");
    }
}

#[test]
fn a_later_duplicate_of_a_field_wins() {
    let mut bytes = outbound().encode_to_vec();
    let second = OutboundMessage { to: "+12025550199".to_string(), ..Default::default() };
    bytes.extend(second.encode_to_vec());
    let message = decode(Some(&bytes)).unwrap();
    assert_eq!(message.to, IdentityRef::parse("+12025550199"));
}

#[test]
fn a_known_field_of_another_layout_is_malformed() {
    for number in (1..=12).chain([15]) {
        let mut bytes = outbound().encode_to_vec();
        assert!(decode(Some(&bytes)).is_ok());
        bytes.push(u8::try_from(number << 3 | 5).unwrap());
        bytes.extend([0; 4]);
        assert_eq!(decode(Some(&bytes)), Err(Reason::Malformed), "{number}");
    }
}

#[test]
fn a_message_that_was_cut_off_never_names_another_person() {
    let bytes = outbound().encode_to_vec();
    for cut in 0..bytes.len() {
        if let Ok(message) = decode(Some(&bytes[..cut])) {
            let whole = IdentityRef::parse("+12025550101");
            assert!(message.to.is_none() || message.to == whole, "cut at {cut}");
        }
    }
}

#[test]
fn a_message_names_its_business_or_the_number_that_sends() {
    let both = OutboundMessage { sender: "1065".to_string(), ..outbound() };
    let message = read(&both).unwrap();
    assert_eq!((message.business, message.sender), ("acme", "1065"));
    let message = read(&OutboundMessage { business_id: String::new(), ..both.clone() }).unwrap();
    assert_eq!((message.business, message.sender), ("", "1065"));
    let neither = OutboundMessage { business_id: String::new(), sender: String::new(), ..both };
    assert_eq!(read(&neither), Err(Reason::Malformed));
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "\\PC{0,20}", Just("+12025550101".to_string())]
}

fn messages() -> impl Strategy<Value = OutboundMessage> {
    let ids = (texts(), texts(), texts(), texts(), texts(), texts(), texts());
    let rest = (texts(), texts(), texts(), any::<i32>(), any::<i32>(), any::<Option<i64>>());
    let body = prop::collection::vec(any::<u8>(), 0..300);
    (ids, rest, body).prop_map(|(ids, rest, body)| OutboundMessage {
        message_id: ids.0,
        campaign_id: ids.1,
        business_id: ids.2,
        to: ids.3,
        also_known_as: ids.4,
        scope: ids.5,
        sender: ids.6,
        template: rest.0,
        template_language: rest.1,
        objection_event_id: rest.2,
        category: rest.3,
        opt_out_path: rest.4,
        deadline_ms: rest.5,
        body,
    })
}

/// Fields of any number and any layout, groups too, in any order, well formed or nearly so.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![0u32..20, 100u32..120, Just((1 << 29) - 1)];
    let field = (number, 0u32..8, prop::collection::vec(any::<u8>(), 0..12)).prop_map(
        |(number, layout, payload)| {
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(u64::from(number << 3 | layout), &mut bytes);
            match layout {
                0 => bytes.extend(payload.iter().map(|byte| byte & 0x7f).take(1)),
                1 => bytes.extend([7; 8]),
                2 => {
                    prost::encoding::encode_varint(payload.len() as u64, &mut bytes);
                    bytes.extend(payload.iter().map(|byte| byte & 0x7f));
                }
                3 => prost::encoding::encode_varint(u64::from(number << 3 | 4), &mut bytes),
                5 => bytes.extend([7; 4]),
                _ => {}
            }
            bytes
        },
    );
    prop::collection::vec(field, 0..8).prop_map(|fields| fields.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_scan_agrees_with_prost_on_valid_messages(first in messages(), second in messages()) {
        let mut bytes = first.encode_to_vec();
        check_against_prost(&bytes)?;
        bytes.extend(second.encode_to_vec());
        check_against_prost(&bytes)?;
    }

    #[test]
    fn the_scan_agrees_with_prost_on_damaged_messages(
        message in messages(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = message.encode_to_vec();
        prop_assume!(!bytes.is_empty());
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check_against_prost(&bytes)?;
        bytes.truncate(cut.index(bytes.len()));
        check_against_prost(&bytes)?;
    }

    #[test]
    fn the_scan_agrees_with_prost_on_any_fields(bytes in fields()) {
        check_against_prost(&bytes)?;
    }

    #[test]
    fn the_scan_agrees_with_prost_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        check_against_prost(&bytes)?;
    }
}

#[test]
fn varints_end_where_prost_ends_them() {
    for last in 0..=0xff {
        let mut bytes = vec![7 << 3];
        bytes.extend([0xff; 9]);
        bytes.push(last);
        check_against_prost(&bytes).unwrap();
    }
}

#[test]
fn groups_nest_as_deep_as_in_prost() {
    for depth in [1, 98, 99, 100, 101, 5_000] {
        for member in [&[][..], &[0x08, 0x01][..]] {
            let open = [0xa3, 0x06].repeat(depth);
            let close = [0xa4, 0x06].repeat(depth);
            check_against_prost(&[&open[..], member, &close[..]].concat()).unwrap();
        }
    }
}
