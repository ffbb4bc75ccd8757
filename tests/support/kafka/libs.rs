//! Java and the jars of Apache Kafka, resolved by Maven into a cache folder.
//!
//! Several test processes may ask at once: one resolves under a file lock, the others wait, and the
//! folder appears whole by a rename. Without Java or Maven the answer is [`ClusterError::Absent`].

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

const POM: &str = include_str!("../../kafka/pom.xml");
const OLDEST_JAVA: u32 = 17;

/// What it takes to start a node.
#[derive(Debug, Clone)]
pub struct Libs {
    pub java: PathBuf,
    pub jars: PathBuf,
}

impl Libs {
    /// Finds both, and fetches the jars if this machine has none yet (some 20 s and 43 MB).
    pub fn find() -> Result<Libs, ClusterError> {
        let java = java()?;
        let jars = jars_dir()?;
        if !complete(&jars) {
            resolve(&jars)?;
        }
        Ok(Libs { java, jars })
    }
}

fn java() -> Result<PathBuf, ClusterError> {
    let java = match std::env::var_os("JAVA_HOME") {
        Some(home) => Path::new(&home).join("bin/java"),
        None => PathBuf::from("java"),
    };
    let out = Command::new(&java).arg("-version").output();
    let text = out.map(|out| String::from_utf8_lossy(&out.stderr).into_owned()).unwrap_or_default();
    match java_version(&text) {
        Some(version) if version >= OLDEST_JAVA => Ok(java),
        Some(version) => Err(absent(format!("Java {version} is too old, install {OLDEST_JAVA}"))),
        None => Err(absent(format!("no java, install a JRE of version {OLDEST_JAVA} or later"))),
    }
}

/// 17 of `openjdk version "17.0.15" 2025-04-15`.
fn java_version(text: &str) -> Option<u32> {
    let quoted = text.split('"').nth(1)?;
    quoted.split(['.', '-']).next()?.parse().ok()
}

/// `CONSENTGATE_KAFKA_LIBS`, or a folder of this version below the user's cache.
fn jars_dir() -> Result<PathBuf, ClusterError> {
    if let Some(dir) = std::env::var_os("CONSENTGATE_KAFKA_LIBS") {
        return Ok(std::path::absolute(dir)?);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let cache = cache.ok_or_else(|| absent("no HOME, set CONSENTGATE_KAFKA_LIBS".to_owned()))?;
    Ok(cache.join("consentgate-kafka").join(kafka_version()))
}

fn kafka_version() -> &'static str {
    let rest = POM.split_once("<kafka.version>").expect("the pom names kafka.version").1;
    rest.split_once('<').expect("the pom closes kafka.version").0
}

fn complete(jars: &Path) -> bool {
    jars.join(format!("kafka_2.13-{}.jar", kafka_version())).is_file()
}

fn resolve(jars: &Path) -> Result<(), ClusterError> {
    let parent = jars.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let lock = File::create(parent.join("lock"))?;
    lock.lock()?; // given back when the file closes, also by a process that is killed
    if complete(jars) {
        return Ok(());
    }
    let work = tempfile::Builder::new().prefix("resolving-").tempdir_in(parent)?;
    copy_jars(work.path())?;
    if jars.exists() {
        // An empty folder; a full one without Kafka in it is somebody else's.
        let foreign = |error| {
            let what = format!("{} is not empty and holds no Kafka, remove it", jars.display());
            std::io::Error::other(format!("{what}: {error}"))
        };
        fs::remove_dir(jars).map_err(foreign)?;
    }
    fs::rename(work.path().join("libs"), jars)?;
    Ok(())
}

fn copy_jars(work: &Path) -> Result<(), ClusterError> {
    fs::write(work.join("pom.xml"), POM)?;
    let out = Command::new("mvn")
        .args(["-B", "-q", "dependency:copy-dependencies"])
        .arg(format!("-DoutputDirectory={}", work.join("libs").display()))
        .current_dir(work)
        .output()
        .map_err(|error| absent(format!("cannot run mvn to fetch Apache Kafka: {error}")))?;
    if out.status.success() && complete(&work.join("libs")) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let said = text.lines().find_map(|line| line.split_once("ERROR] "));
    let first = said.map_or("it said nothing", |(_, said)| said);
    Err(absent(format!("mvn could not fetch Apache Kafka {}: {first}", kafka_version())))
}

fn absent(why: String) -> ClusterError {
    ClusterError::Absent(why)
}
