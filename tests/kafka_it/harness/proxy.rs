//! Each fault of the proxy, once.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::support::gate::await_that;
use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::kafka_proxy::Proxy;
use crate::support::raw::{Api, Connection, RawRecord, Reader, Writer, produce_raw, read_raw};
use crate::support::topics::create_topic;
use crate::trial::on_own;

pub const PROXIED: ClusterSpec<'static> =
    ClusterSpec { proxy_listener: true, ..ClusterSpec::PLAIN };
const SOON: Duration = Duration::from_secs(10);
const TOPIC: &str = "behind-a-proxy";

pub fn trials() -> Vec<Trial> {
    vec![on_own("harness_the_proxy_does_each_fault", PROXIED, |cluster| {
        let proxy = cluster.node(1).proxy();
        create_topic(&cluster.proxied_bootstrap(), TOPIC, 1, &[]);
        assert_ne!(proxy.requests(Api::METADATA), 0, "clients come through the proxy");
        a_held_request_arrives_when_released(cluster, &proxy);
        a_held_request_outlives_its_client(cluster, &proxy);
        a_dropped_hold_loses_the_request(cluster, &proxy);
        a_doubled_request_comes_twice(cluster, &proxy);
        answers_and_connections_are_lost(&proxy);
        a_delay_delays(&proxy);
        a_cut_heals(&proxy);
    })]
}

fn a_held_request_arrives_when_released(cluster: &Cluster, proxy: &Proxy) {
    let held = proxy.hold_next(Api::PRODUCE);
    thread::scope(|scope| {
        let produced = scope.spawn(|| produce(&cluster.proxied_bootstrap(), b"held"));
        held.wait(SOON);
        produce(&cluster.bootstrap(), b"meanwhile").expect("past the proxy");
        held.release();
        assert!(held.answer(SOON).len() > 8);
        assert_eq!(produced.join().expect("no panic").expect("answered"), 1);
    });
    assert_eq!(log(cluster), [b"meanwhile".to_vec(), b"held".to_vec()]);
    assert_eq!(proxy.requests(Api::PRODUCE), 1);
}

fn a_held_request_outlives_its_client(cluster: &Cluster, proxy: &Proxy) {
    let held = proxy.hold_next(Api::PRODUCE);
    thread::scope(|scope| {
        let produced = scope.spawn(|| produce(&cluster.proxied_bootstrap(), b"late"));
        held.wait(SOON);
        held.drop_client();
        assert_broken(produced.join().expect("no panic"));
    });
    produce(&cluster.bootstrap(), b"sooner").expect("past the proxy");
    held.release();
    held.answer(SOON);
    assert_eq!(log(cluster)[2..], [b"sooner".to_vec(), b"late".to_vec()]);
}

fn a_dropped_hold_loses_the_request(cluster: &Cluster, proxy: &Proxy) {
    drop(proxy.hold_next(Api::PRODUCE)); // holds nothing any more
    produce(&cluster.proxied_bootstrap(), b"passes").expect("answered");
    let held = proxy.hold_next(Api::PRODUCE);
    thread::scope(|scope| {
        let produced = scope.spawn(|| produce(&cluster.proxied_bootstrap(), b"lost"));
        held.wait(SOON);
        drop(held);
        assert_broken(produced.join().expect("no panic"));
    });
    assert_eq!(log(cluster).last(), Some(&b"passes".to_vec()));
}

fn a_doubled_request_comes_twice(cluster: &Cluster, proxy: &Proxy) {
    let before = log(cluster).len();
    proxy.double_next(Api::PRODUCE);
    produce(&cluster.proxied_bootstrap(), b"twice").expect("the first is answered");
    await_that("the second arrives", || log(cluster).len() == before + 2);
    assert_eq!(log(cluster)[before..], [b"twice".to_vec(), b"twice".to_vec()]);
}

fn answers_and_connections_are_lost(proxy: &Proxy) {
    proxy.drop_response_next(Api::API_VERSIONS);
    let error = ask(proxy).expect_err("the answer is lost");
    assert!(is_silence(&error), "{error}");
    ask(proxy).expect("once only");

    proxy.drop_connection_next(Api::API_VERSIONS);
    assert_broken(ask(proxy));
    proxy.drop_connection_next(Api::API_VERSIONS);
    proxy.clear();
    ask(proxy).expect("a cleared fault does not strike");
}

fn a_delay_delays(proxy: &Proxy) {
    let by = Duration::from_millis(300);
    proxy.delay(Api::API_VERSIONS, by);
    for _ in 0..2 {
        let before = Instant::now();
        ask(proxy).expect("answered");
        assert!(before.elapsed() >= by, "each request waits");
    }
    proxy.clear();
}

fn a_cut_heals(proxy: &Proxy) {
    proxy.cut();
    assert_broken(ask(proxy));
    proxy.heal();
    ask(proxy).expect("healed");
}

/// The connection ended at once, rather than in silence until the client lost patience.
fn assert_broken<T: std::fmt::Debug>(answer: io::Result<T>) {
    let error = answer.expect_err("the connection is broken");
    assert!(!is_silence(&error), "{error}");
}

fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn produce(kafka: &str, value: &[u8]) -> io::Result<i64> {
    let record = RawRecord { value: Some(value.to_vec()), ..RawRecord::default() };
    produce_raw(kafka, TOPIC, 0, &[record])
}

/// The values in the topic, read past the proxy.
fn log(cluster: &Cluster) -> Vec<Vec<u8>> {
    let records = read_raw(&cluster.bootstrap(), TOPIC, 0).expect("read");
    records.into_iter().filter_map(|record| record.value).collect()
}

fn ask(proxy: &Proxy) -> io::Result<Reader> {
    Connection::open(&proxy.address(), Duration::from_secs(1))?.call(
        Api::API_VERSIONS,
        0,
        &Writer::default(),
    )
}
