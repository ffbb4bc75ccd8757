//! The sender's group on a real Kafka: offsets of another group, ends of transactions.

use libtest_mimic::Trial;

use crate::support::sender::{hold_for_the_sender, hold_for_what_is_old};
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    vec![on_shared("a_lane_waits_for_the_sender_and_for_no_end_of_a_transaction", |kafka| {
        hold_for_the_sender(kafka);
        hold_for_what_is_old(kafka);
    })]
}
