//! A disk of a node's own, in memory, that a test can fill.
//!
//! It is mounted in the mount namespace of the caller (`unshare --mount`), so it ends with the test's
//! process, however that ends.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

const FILLER: &str = "filler";

/// A mounted disk; dropping it takes it away.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one of so many MiB over this folder.
    pub fn mount(folder: &Path, mib: u32) -> Result<Disk, ClusterError> {
        let size = format!("size={mib}m");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        let mount =
            mount.map_err(|error| ClusterError::Absent(format!("cannot run mount: {error}")))?;
        if !mount.status.success() {
            let said = String::from_utf8_lossy(&mount.stderr).trim().to_owned();
            return Err(ClusterError::Absent(format!("no disk in memory: {said}")));
        }
        Ok(Disk { folder: folder.to_owned() })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The node's shell may have been quicker.
        Command::new("umount").arg("--lazy").arg(&self.folder).output().ok();
    }
}

/// Takes all room that is left.
pub fn fill(folder: &Path) -> std::io::Result<()> {
    let mut filler = OpenOptions::new().create(true).append(true).open(folder.join(FILLER))?;
    let zeros = vec![0; 1 << 20];
    let mut piece = zeros.len();
    while piece > 0 {
        match filler.write_all(&zeros[..piece]) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => piece /= 2,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Gives the room back, if it was taken.
pub fn empty(folder: &Path) -> std::io::Result<()> {
    match fs::remove_file(folder.join(FILLER)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
