//! The table itself: which rooms and which crates a room may name, beside `std` and itself.

/// Which other rooms a room may name.
#[derive(Clone, Copy)]
pub(super) enum Rooms {
    All,
    These(&'static [&'static str]),
}

/// Which dependencies a room may name.
#[derive(Clone, Copy)]
pub(super) enum Crates {
    These(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

impl Crates {
    pub(super) fn allow(self, name: &str) -> bool {
        match self {
            Self::These(names) => names.contains(&name),
            Self::AllBut(names) => !names.contains(&name),
        }
    }
}

/// One room's line.
pub(super) struct Line {
    room: &'static str,
    pub(super) rooms: Rooms,
    pub(super) crates: Crates,
}

const TABLE: &[Line] = &[
    Line {
        room: "consent",
        rooms: Rooms::These(&[]),
        crates: Crates::These(&["smol_str", "thiserror"]),
    },
    Line {
        room: "index",
        rooms: Rooms::These(&["consent"]),
        crates: Crates::These(&[
            "roaring",
            "dashmap",
            "hashbrown",
            "prefetch_index",
            "siphasher",
            "smallvec",
            "thiserror",
        ]),
    },
    Line {
        room: "policy",
        rooms: Rooms::These(&["consent"]),
        crates: Crates::These(&["thiserror"]),
    },
    Line {
        room: "decision",
        rooms: Rooms::These(&["consent", "index", "policy"]),
        crates: Crates::These(&["thiserror"]),
    },
    Line {
        room: "wire",
        // The policy is published beside the receipts, by its hash.
        rooms: Rooms::These(&["consent", "decision", "policy"]),
        crates: Crates::These(&[
            "base64",
            "chacha20poly1305",
            "csv_core",
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
            "simdutf8",
            "thiserror",
            "wide",
            "zstd",
        ]),
    },
    Line {
        room: "telemetry",
        rooms: Rooms::These(&["consent", "decision"]),
        crates: Crates::These(&[
            "axum",
            // axum's own server lets a client be as slow as it likes.
            "hyper",
            "hyper_util",
            "metrics",
            "metrics_exporter_prometheus",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
            "tracing_subscriber",
        ]),
    },
    Line {
        room: "stream",
        rooms: Rooms::These(&["consent", "index", "policy", "decision", "wire", "telemetry"]),
        crates: Crates::These(&["metrics", "rand", "roaring", "thiserror", "tracing"]),
    },
    Line {
        room: "kafka",
        rooms: Rooms::These(&["stream", "consent", "config"]),
        crates: Crates::These(&[
            "bytes",
            // The quorum fence asks on connections of its own.
            "kafka_protocol",
            "openssl",
            "openssl_probe",
            "rdkafka",
            "rsasl",
            "secrecy",
            "thiserror",
            "tokio",
            "tracing",
        ]),
    },
    Line {
        room: "broker",
        rooms: Rooms::These(&[]),
        crates: Crates::These(&["bytes", "crc32c", "kafka_protocol", "thiserror", "tokio"]),
    },
    Line {
        room: "config",
        // As a policy, a format is made where its settings are checked.
        rooms: Rooms::These(&["consent", "policy", "wire"]),
        crates: Crates::These(&[
            "bytesize",
            "humantime",
            "humantime_serde",
            "secrecy",
            "serde",
            "thiserror",
            "toml",
        ]),
    },
    Line {
        room: "commands",
        rooms: Rooms::All,
        // Only the room kafka names the client.
        crates: Crates::AllBut(&["rdkafka"]),
    },
    Line {
        room: "app",
        rooms: Rooms::All,
        // Only the room kafka names the client.
        crates: Crates::AllBut(&["rdkafka"]),
    },
    Line { room: "main", rooms: Rooms::All, crates: Crates::These(&["clap", "mimalloc"]) },
    Line { room: "lib", rooms: Rooms::All, crates: Crates::These(&[]) },
];

/// The line of a room.
pub(super) fn line_of(room: &str) -> Option<&'static Line> {
    TABLE.iter().find(|line| line.room == room)
}
