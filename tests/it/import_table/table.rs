//! The table itself: which rooms and which crates a room may name, beside `std` and itself.

/// Which other rooms a room may name.
#[derive(Clone, Copy)]
pub(super) enum Rooms {
    All,
    These(&'static [&'static str]),
}

/// One room's line.
pub(super) struct Line {
    room: &'static str,
    pub(super) rooms: Rooms,
    pub(super) crates: &'static [&'static str],
}

const TABLE: &[Line] = &[
    Line {
        room: "consent",
        rooms: Rooms::These(&[]),
        crates: &["thiserror"],
    },
    Line {
        room: "index",
        rooms: Rooms::These(&["consent"]),
        crates: &["roaring", "dashmap", "hashbrown", "siphasher", "thiserror"],
    },
    Line {
        room: "policy",
        rooms: Rooms::These(&["consent"]),
        crates: &["thiserror"],
    },
    Line {
        room: "decision",
        rooms: Rooms::These(&["consent", "index", "policy"]),
        crates: &["thiserror"],
    },
    Line {
        room: "wire",
        // The policy is published beside the receipts, by its hash.
        rooms: Rooms::These(&["consent", "decision", "policy"]),
        crates: &[
            "ed25519_dalek",
            "hex",
            "hmac",
            "humantime",
            "prost",
            "roaring",
            "secrecy",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
        ],
    },
    Line {
        room: "telemetry",
        rooms: Rooms::These(&["consent", "decision"]),
        crates: &[
            "axum",
            "metrics",
            "metrics_exporter_prometheus",
            "thiserror",
            "tokio",
            "tracing",
            "tracing_subscriber",
        ],
    },
    Line {
        room: "stream",
        rooms: Rooms::These(&[
            "consent",
            "index",
            "policy",
            "decision",
            "wire",
            "telemetry",
        ]),
        crates: &["metrics", "rand", "roaring", "thiserror", "tracing"],
    },
    Line {
        room: "kafka",
        rooms: Rooms::These(&["stream", "consent", "config"]),
        crates: &["rdkafka", "secrecy", "thiserror", "tokio", "tracing"],
    },
    Line {
        room: "broker",
        rooms: Rooms::These(&[]),
        crates: &["bytes", "crc32c", "kafka_protocol", "thiserror", "tokio"],
    },
    Line {
        room: "config",
        rooms: Rooms::These(&["consent", "policy"]),
        crates: &[
            "bytesize",
            "humantime",
            "humantime_serde",
            "secrecy",
            "serde",
            "thiserror",
            "toml",
        ],
    },
    Line {
        room: "commands",
        rooms: Rooms::All,
        crates: &[
            "clap",
            "indicatif",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
        ],
    },
    Line {
        room: "app",
        rooms: Rooms::All,
        crates: &["secrecy", "thiserror", "tokio", "tracing"],
    },
    Line {
        room: "main",
        rooms: Rooms::All,
        crates: &["clap", "mimalloc"],
    },
    Line {
        room: "lib",
        rooms: Rooms::All,
        crates: &[],
    },
];

/// The line of a room.
pub(super) fn line_of(room: &str) -> Option<&'static Line> {
    TABLE.iter().find(|line| line.room == room)
}
