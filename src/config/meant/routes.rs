//! Several routes in one configuration: each sound by itself, and none in another's way.
//!
//! Two routes that shared a topic would each forward or prove what is the other's.

use std::collections::BTreeMap;

use super::Config;
use super::check::Check;
use crate::config::assemble::Origins;
use crate::config::problem::Problem;
use crate::config::settings::Settings;
use crate::config::settings::routes::{ROUTES, TOPICS};
use crate::config::sources::Host;
use crate::consent::RouteName;

/// The most routes of one gate, the first among them: each has threads, clients and metrics of its own.
const ROUTES_MAX: usize = 8;

/// The first route with the others beside it.
pub(super) fn join(
    first: Result<Config, Vec<Problem>>,
    routes: &BTreeMap<RouteName, Settings>,
    origins: &Origins,
    host: &Host,
) -> Result<Config, Vec<Problem>> {
    let (mut others, mut problems) = (Vec::new(), Vec::new());
    let first = first.map_err(|found| problems = found);
    for (route, settings) in routes {
        match Config::of_route(*route, settings, origins, host) {
            Ok(config) => others.push(config),
            // What routes share is wrong once, however many share it.
            Err(found) => {
                let known = problems.clone();
                problems.extend(found.into_iter().filter(|problem| !known.contains(problem)));
            }
        }
    }
    let config = first.map(|first| Config { others, ..first }).ok();
    if let Some(config) = &config {
        problems.extend(in_each_others_way(config, origins));
    }
    config.filter(|_| problems.is_empty()).ok_or(problems)
}

fn in_each_others_way(config: &Config, origins: &Origins) -> Vec<Problem> {
    let mut check = Check::new(origins, RouteName::MAIN);
    if config.others.len() >= ROUTES_MAX {
        let what = format!("there are {}, with main", config.others.len() + 1);
        check.refuse(
            ROUTES,
            what,
            format!("at most {ROUTES_MAX}"),
            "run another gate for the rest",
        );
    }
    for (nth, route) in config.others.iter().enumerate() {
        let prefix = format!("{}.", route.route);
        if config.gate.instance.starts_with(&prefix) {
            let what = format!("\"{}\" begins like route {}", config.gate.instance, route.route);
            let hint = "else a transactional id of one instance may be another's; rename the route";
            check.refuse("gate.instance", what, "", hint);
        }
        let mut own = Check::new(origins, route.route);
        for before in std::iter::once(config).chain(config.others.iter().take(nth)) {
            check_distinct(route, before, &mut own);
        }
        check.join(own);
    }
    check.into_problems()
}

fn check_distinct(route: &Config, before: &Config, check: &mut Check<'_>) {
    let is_own = |role: &str| TOPICS.contains(&role);
    for (role, name) in route.topics.by_role().into_iter().filter(|(role, _)| is_own(role)) {
        let taken = before.topics.by_role().into_iter().find(|(_, other)| *other == name);
        if let Some((other, _)) = taken.filter(|(other, _)| is_own(other)) {
            let what = format!("\"{name}\" is also topics.{other} of route {}", before.route);
            check.refuse(&format!("topics.{role}"), what, "", "give each route its own topics");
        }
    }
}
