//! A planned folder as the jobs of a cluster: the scheduler runs and restarts,
//! we only cut and join. Every shard may be run twice, killed or requeued: a
//! part is whole or not there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::{Folder, FolderError};

/// What runs jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Cluster {
    /// Slurm: a job array and a dependent merge.
    Slurm,
    /// Kubernetes: an Indexed Job and a second one for the merge.
    Kubernetes,
}

/// Why jobs cannot be submitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// A program cannot be started.
    #[error("`{program}` cannot be started: {source} (--dry-run prints the batch files)")]
    Start {
        /// The program.
        program: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// It refused.
    #[error("`{program}` refused: {said}")]
    Refused {
        /// The program.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// The array would be larger than the cluster takes.
    #[error("--shards is {shards}: this cluster's arrays have at most {most} tasks (MaxArraySize)")]
    TooMany {
        /// As asked for.
        shards: usize,
        /// What the cluster takes.
        most: usize,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Batch files by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlurmJobs {
    /// The array's file, then the merge's.
    pub files: [(String, String); 2],
    shards: usize,
}

/// The batch files of a job array over so many shards, and of its merge.
///
/// # Errors
/// Where the folder's place cannot be told.
pub fn slurm(folder: &Folder, shards: usize) -> Result<SlurmJobs, FolderError> {
    let path = absolute(folder.path())?;
    let program = std::env::current_exe().map_err(|error| FolderError::read(&path, error))?;
    let (dir, program) = (quoted(&path), quoted(&program));
    let head = |name: &str, log: &str| {
        format!(
            "#!/bin/sh\n#SBATCH --job-name=clockbench-{name}\n#SBATCH --output={}/{log}\n\
             #SBATCH --open-mode=append\n",
            beside(&path).display()
        )
    };
    let last = shards.saturating_sub(1);
    // 75 asks for another try; after a requeue the same index does what is left.
    let shard = format!(
        "{}#SBATCH --array=0-{last}\n#SBATCH --requeue\n\
         export CLOCKBENCH_SHARDS={shards}\n\
         {program} resume {dir} --shard auto\ncode=$?\n\
         if [ \"$code\" -eq 75 ] && [ \"${{SLURM_RESTART_COUNT:-0}}\" -lt 3 ]; then\n  \
         scontrol requeue \"$SLURM_ARRAY_JOB_ID\"_\"$SLURM_ARRAY_TASK_ID\"\nfi\n\
         exit \"$code\"\n",
        head("shard", "shard-%a.log"),
    );
    let merge = format!(
        "{}export CLOCKBENCH_SHARDS={shards}\nexec {program} merge {dir}\n",
        head("merge", "merge.log")
    );
    let files = [("shard.sbatch".to_owned(), shard), ("merge.sbatch".to_owned(), merge)];
    Ok(SlurmJobs { files, shards })
}

/// Writes the batch files beside the folder (`DIR.jobs`, where logs go, too) and
/// submits them. Gives the numbers
/// of the jobs.
///
/// # Errors
/// Where Slurm is not there or refuses.
pub fn submit(folder: &Folder, jobs: &SlurmJobs) -> Result<String, ClusterError> {
    let most = max_array_size()?;
    if jobs.shards > most {
        return Err(ClusterError::TooMany { shards: jobs.shards, most });
    }
    // Hidden from the sealed folder: it removes what begins with a dot.
    let place = beside(&absolute(folder.path())?);
    let wrong = |error| FolderError::written(&place, error);
    std::fs::create_dir_all(&place).map_err(wrong)?;
    for (name, text) in &jobs.files {
        std::fs::write(place.join(name), text).map_err(wrong)?;
    }
    let file = |at: usize| place.join(&jobs.files[at].0);
    let array = sbatch(&["--parsable".into(), text(&file(0))])?;
    // Whatever happened to the array: the merge tells what is missing.
    let after = format!("--dependency=afterany:{array}");
    let merge = sbatch(&["--parsable".into(), after, text(&file(1))])?;
    Ok(format!("array {array}\nmerge {merge}\n"))
}

/// An array's largest index is one below `MaxArraySize`.
fn max_array_size() -> Result<usize, ClusterError> {
    let config = said("scontrol", &["show".into(), "config".into()])?;
    let line = config.lines().find(|line| line.trim_start().starts_with("MaxArraySize"));
    let size = line.and_then(|line| line.split_once('=')?.1.trim().parse::<usize>().ok());
    Ok(size.unwrap_or(1001).saturating_sub(1))
}

fn sbatch(args: &[String]) -> Result<String, ClusterError> {
    let said = said("sbatch", args)?;
    // `--parsable` gives the number, and perhaps the cluster behind it.
    Ok(said.trim().split(';').next().unwrap_or_default().to_owned())
}

fn said(program: &'static str, args: &[String]) -> Result<String, ClusterError> {
    let output = Command::new(program)
        .args(args)
        .output()
        .map_err(|source| ClusterError::Start { program, source })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(ClusterError::Refused { program, said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The manifests of an Indexed Job over so many shards and of the Job that
/// merges, as JSON documents of one list, which `kubectl apply -f` takes.
/// `volume` claims the volume that holds the folder.
#[must_use]
pub fn kubernetes(folder: &Folder, shards: usize, image: &str, volume: &str) -> String {
    let name = label(&folder.path().file_name().unwrap_or_default().to_string_lossy());
    let dir = format!("/results/{}", folder.path().file_name().unwrap_or_default().display());
    let shards_text = shards.to_string();
    let pod = |args: serde_json::Value| {
        json!({
            "restartPolicy": "Never",
            "containers": [{
                "name": "clockbench", "image": image, "args": args,
                "env": [{ "name": "CLOCKBENCH_SHARDS", "value": shards_text }],
                "volumeMounts": [{ "name": "results", "mountPath": "/results" }],
            }],
            "volumes": [{
                "name": "results", "persistentVolumeClaim": { "claimName": volume },
            }],
        })
    };
    let job = |suffix: &str, spec: serde_json::Value| {
        json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": { "name": format!("{name}-{suffix}") }, "spec": spec,
        })
    };
    let for_good = json!({
        "rules": [{
            "action": "FailIndex",
            "onExitCodes": { "containerName": "clockbench", "operator": "In", "values": [42] },
        }],
    });
    let array = job(
        "shards",
        json!({
            "completions": shards, "parallelism": shards, "completionMode": "Indexed",
            "backoffLimitPerIndex": 3, "maxFailedIndexes": shards,
            "podFailurePolicy": for_good,
            "template": { "spec": pod(json!(["resume", dir, "--shard", "auto"])) },
        }),
    );
    // It fails as long as shards are missing, and is tried again.
    let merge = job(
        "merge",
        json!({
            "backoffLimit": 100,
            "template": { "spec": pod(json!(["merge", dir])) },
        }),
    );
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": [array, merge] });
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}

/// The beginning of a label that Kubernetes takes (RFC 1123: lower case, digits
/// and inner hyphens, at most 63 of them), with room for what is put behind it.
fn label(text: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = text.chars().map(keep).collect();
    let name = name.trim_matches('-');
    let name = name[..name.len().min(50)].trim_end_matches('-');
    if name.is_empty() { "clockbench".to_owned() } else { name.to_owned() }
}

fn absolute(path: &Path) -> Result<PathBuf, FolderError> {
    std::path::absolute(path).map_err(|error| FolderError::read(path, error))
}

/// Where batch files and logs are: not in the folder, which is sealed.
fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.jobs", path.file_name().unwrap_or_default().display()))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A path as a word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn any_name_becomes_a_label() {
        for (name, want) in [("Churn_2", "churn-2"), ("_a.b_", "a-b"), ("…", "clockbench")] {
            assert_eq!(label(name), want);
        }
        assert_eq!(label(&"a-".repeat(60)).len(), 49);
    }
}
