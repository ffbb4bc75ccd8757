//! The stage: an embedded broker, topics, keys and a configuration, all of them gone afterwards.
//!
//! Everything lies in one folder under the system's temporary folder, and in memory. Dropping the
//! stage removes the folder and ends the broker.

use std::fs;
use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::broker::{Broker, BrokerConfig};
use crate::commands::exit::{Exit, Failure};
use crate::config::keys::{KeyKind, SecretKey, write_new};
use crate::config::{Config, FileText, Host, Sources, load};
use crate::kafka::Clients;
use crate::kafka::topics::{TopicAdmin, apply, plan};

/// Partitions of every topic of the demo.
pub(super) const PARTITIONS: i32 = 8;

/// The stage.
pub(super) struct Stage {
    pub(super) broker: Broker,
    pub(super) config: Config,
    pub(super) clients: Clients,
    pub(super) config_file: PathBuf,
    folder: PathBuf,
}

impl Stage {
    /// Sets everything up.
    ///
    /// # Errors
    /// The machine refused a socket or a file, or the broker refused a topic.
    pub(super) fn set() -> Result<Self, Failure> {
        let broker = Broker::start(BrokerConfig::default()).map_err(AppError::Machine)?;
        let name = format!("consentgate-demo-{}", hex::encode(rand::random::<[u8; 6]>()));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).map_err(|error| unwritable(&folder, &error))?;
        let config_file = folder.join("gate.toml");
        let text = settings(&broker.bootstrap(), &folder);
        let written = fs::write(&config_file, &text);
        // From here on the folder is the stage's to remove.
        let config = written
            .map_err(|error| unwritable(&config_file, &error))
            .and_then(|()| keys(&folder))
            .and_then(|()| read(&config_file, text));
        let config = match config {
            Ok(config) => config,
            Err(failure) => {
                let _ = fs::remove_dir_all(&folder);
                return Err(failure);
            }
        };
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let stage = Self { broker, config, clients, config_file, folder };
        stage.create_topics()?;
        Ok(stage)
    }

    fn create_topics(&self) -> Result<(), Failure> {
        let admin = TopicAdmin::open(&self.clients).map_err(AppError::Kafka)?;
        let roles = admin.roles(&self.config.topics).map_err(AppError::Kafka)?;
        apply(&admin, &plan(&roles, PARTITIONS, 1)).map_err(AppError::Kafka)?;
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A folder that cannot be removed holds throw-away keys only.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn settings(bootstrap: &str, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"[kafka]
bootstrap = "{bootstrap}"
[topics]
template_states = "template-states"
[gate]
group = "consentgate-demo"
instance = "demo"
lanes = 1
start_from = "beginning"
session_timeout = "6s"
transaction_timeout = "5s"
[keys]
signing_key_file = "{folder}/signing.key"
pseudonym_key_file = "{folder}/pseudonym.key"
tombstone_key_file = "{folder}/tombstone.key"
[admin]
listen = "127.0.0.1:0"
[log]
level = "error"
"#
    )
}

fn keys(folder: &Path) -> Result<(), Failure> {
    for kind in [KeyKind::Signing, KeyKind::Pseudonym, KeyKind::Tombstone] {
        write_new(kind, &folder.join(kind.file_name()), &SecretKey::new(rand::random()))?;
    }
    Ok(())
}

fn read(path: &Path, text: String) -> Result<Config, Failure> {
    let file = Some(FileText { path: path.to_owned(), text });
    let sources = Sources { file, environment: Vec::new(), flags: Vec::new() };
    Ok(load(&sources, &Host::detect())?.config)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("{} cannot be written: {error}", path.display()))
}
