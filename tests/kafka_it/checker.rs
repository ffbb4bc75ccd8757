//! The independent checker on a real Kafka: it and `verify` agree.

use libtest_mimic::Trial;

use crate::support::checker::both_agree_on_a_mixed_world;
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    vec![on_shared("verify_and_the_checker_agree_on_a_real_kafka", |kafka| {
        both_agree_on_a_mixed_world(kafka, "agreed");
    })]
}
