//! What a lane is made of, from the configuration as meant.

use std::sync::Arc;
use std::time::Duration;

use super::LaneMaker;
use crate::app::route::Common;
use crate::config::{AllowedMessages, FenceKind, StartFrom as StartFromSetting};
use crate::kafka::LaneTopics;
use crate::stream::{LaneParts, LaneSettings, Origin, StartFrom};
use crate::wire::audit::AuditEncoder;
use crate::wire::pseudonym::Pseudonyms;
use crate::wire::receipt::{ColumnWriter, FenceMode};

impl<B> LaneMaker<B> {
    pub(super) fn lane_topics(&self) -> LaneTopics {
        let topics = &self.config.topics;
        LaneTopics {
            outbound: topics.outbound.to_string(),
            allowed: topics.allowed.to_string(),
            audit: topics.audit.to_string(),
            receipts: topics.receipts.to_string(),
        }
    }

    pub(super) fn parts(&self) -> LaneParts {
        let Common { keys, index, cluster_id, .. } = &self.common;
        LaneParts {
            index: index.clone(),
            format: Arc::new(self.config.messages.clone()),
            policy: Arc::new(self.config.policy.clone()),
            audit: AuditEncoder::new(Pseudonyms::new(keys.pseudonym.clone())),
            column: match self.config.allowed_messages {
                AllowedMessages::Offsets => None,
                AllowedMessages::Listed => {
                    Some(ColumnWriter::new(Pseudonyms::new(keys.pseudonym.clone())))
                }
            },
            signing: keys.signing.clone(),
            trusted: keys.trusted.clone(),
            origin: Origin {
                cluster_id: cluster_id.clone(),
                route: self.config.route,
                instance: self.config.gate.instance.clone(),
                lane: self.lane.into(),
                fence: match self.config.gate.fence {
                    FenceKind::Leader => FenceMode::Leader,
                    FenceKind::Quorum => FenceMode::Quorum,
                    FenceKind::Beat => FenceMode::Beat,
                },
                mode: self.config.gate.mode,
            },
        }
    }

    pub(super) fn settings(&self) -> LaneSettings {
        let gate = &self.config.gate;
        LaneSettings {
            source_topic: self.config.topics.outbound.to_string(),
            batch_records: gate.batch_messages as usize,
            batch_wait: Duration::from_millis(2),
            idle_wait: Duration::from_millis(100),
            commit_every: gate.commit_interval,
            commit_records: gate.commit_messages.into(),
            fence_limit: gate.fence_limit,
            start_from: gate.start_from.map(start_from),
        }
    }
}

fn start_from(setting: StartFromSetting) -> StartFrom {
    match setting {
        StartFromSetting::Beginning => StartFrom::Beginning,
        StartFromSetting::End => StartFrom::End,
        StartFromSetting::Committed => StartFrom::Committed,
        StartFromSetting::Time { millis } => StartFrom::Time(millis),
    }
}
