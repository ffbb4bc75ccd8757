//! The one registry of the process, and how a handle is made.
//!
//! Every histogram has explicit buckets, so that several instances can be added up.

use std::sync::LazyLock;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

use super::catalogue::{ALL, Kind, Metric};

/// The recorder behind all handles.
pub(super) static RECORDER: LazyLock<PrometheusRecorder> = LazyLock::new(|| {
    let mut builder = PrometheusBuilder::new();
    for metric in ALL {
        if let Kind::Histogram(buckets) = metric.kind {
            let name = Matcher::Full(metric.name.to_owned());
            // Only an empty list of buckets is refused, and a test holds that none is empty.
            builder = builder.set_buckets_for_metric(name, buckets).unwrap_or_default();
        }
    }
    let recorder = builder.build_recorder();
    for metric in ALL {
        let (name, help) = (metric.name.into(), metric.help().into());
        match metric.kind {
            Kind::Counter => recorder.describe_counter(name, None, help),
            Kind::Gauge => recorder.describe_gauge(name, None, help),
            Kind::Histogram(_) => recorder.describe_histogram(name, None, help),
        }
    }
    recorder
});

const METADATA: Metadata<'static> = Metadata::new("consentgate", Level::INFO, None);

fn key(metric: &Metric, values: &[&str]) -> Key {
    debug_assert_eq!(metric.labels.len(), values.len(), "{}", metric.name);
    // To Prometheus a label without a value is none; so is the first route's.
    let labels = metric.labels.iter().zip(values).filter(|(_, value)| !value.is_empty());
    let labels: Vec<Label> =
        labels.map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
    Key::from_parts(metric.name, labels)
}

/// The handle of a counter with these label values.
pub(super) fn counter(metric: &Metric, values: &[&str]) -> Counter {
    RECORDER.register_counter(&key(metric, values), &METADATA)
}

/// The handle of a gauge with these label values.
pub(super) fn gauge(metric: &Metric, values: &[&str]) -> Gauge {
    RECORDER.register_gauge(&key(metric, values), &METADATA)
}

/// The handle of a histogram with these label values.
pub(super) fn histogram(metric: &Metric, values: &[&str]) -> Histogram {
    RECORDER.register_histogram(&key(metric, values), &METADATA)
}

/// Declares a closed list of label values.
macro_rules! labels {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $text:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $doc])* $variant,)* }

        impl $name {
            /// The label values, in order.
            pub const NAMES: &[&str] = &[$($text),*];
        }
    };
}

pub(super) use labels;
