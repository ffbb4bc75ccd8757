//! Two routes in one gate on a real Kafka: each decides its own, and one that is lost holds alone.

use libtest_mimic::Trial;

use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::routes::{
    a_lost_input_holds_its_route_alone, a_lost_output_holds_its_route_alone,
    a_lost_right_holds_its_route_alone, a_route_that_is_missing_at_the_start_follows,
    each_decides_its_own,
};
use crate::trial::{on_own, on_shared};

/// Everybody may do everything until somebody takes a right away.
const WITH_RIGHTS: ClusterSpec<'static> = ClusterSpec {
    extra: &[
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("allow.everyone.if.no.acl.found", "true"),
    ],
    ..ClusterSpec::PLAIN
};

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("routes_decide_each_its_own", each_decides_its_own),
        on_shared("routes_whose_input_is_deleted_hold_alone", a_lost_input_holds_its_route_alone),
        on_shared("routes_whose_output_is_deleted_hold_alone", a_lost_output_holds_its_route_alone),
        on_shared(
            "routes_that_are_missing_at_the_start_follow",
            a_route_that_is_missing_at_the_start_follows,
        ),
        on_own("routes_that_lose_a_right_hold_alone", WITH_RIGHTS, |cluster: &Cluster| {
            a_lost_right_holds_its_route_alone(&cluster.bootstrap());
        }),
    ]
}
