//! What cargo knows about the packages of the workspace and those they depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::{cargo, output_of};
use crate::Result;

#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) rust_version: Option<String>,
    pub(super) features: BTreeMap<String, Vec<String>>,
    pub(super) manifest_path: PathBuf,
    /// What its Cargo.toml lists.
    #[serde(rename = "dependencies")]
    pub(super) declared: Vec<Declared>,
    targets: Vec<Target>,
}

/// A dependency as a Cargo.toml lists it.
#[derive(Deserialize)]
pub(super) struct Declared {
    name: String,
    rename: Option<String>,
}

impl Declared {
    /// The name that the code has for it.
    pub(super) fn crate_name(&self) -> String {
        self.rename.as_ref().unwrap_or(&self.name).replace('-', "_")
    }
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// None for an ordinary one, else `dev` or `build`.
    kind: Option<String>,
}

impl Metadata {
    /// Of the workspace with every feature, for every platform.
    pub(super) fn read() -> Result<Self> {
        let arguments = [
            "metadata",
            "--format-version=1",
            "--locked",
            "--all-features",
        ];
        let json = output_of(&mut cargo(&arguments))?;
        Ok(serde_json::from_str(&json)?)
    }

    /// The packages of the workspace.
    pub(super) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| self.is_member(p))
    }

    pub(super) fn is_member(&self, package: &Package) -> bool {
        self.workspace_members.contains(&package.id)
    }

    /// What is compiled to build a package, tests aside.
    pub(super) fn dependencies(&self, package: &Package) -> Vec<&Package> {
        let mut reached = BTreeSet::new();
        let mut open = vec![package.id.as_str()];
        while let Some(id) = open.pop() {
            let node = self.resolve.nodes.iter().find(|node| node.id == id);
            let dependencies = node.into_iter().flat_map(|node| &node.deps);
            for dependency in dependencies {
                let built = |kind: &DependencyKind| kind.kind.as_deref() != Some("dev");
                if dependency.dep_kinds.iter().any(built) && reached.insert(&dependency.pkg) {
                    open.push(&dependency.pkg);
                }
            }
        }
        let packages = self.packages.iter();
        packages.filter(|p| reached.contains(&p.id)).collect()
    }
}

impl Package {
    pub(super) fn is_library(&self) -> bool {
        let mut kinds = self.targets.iter().flat_map(|target| &target.kind);
        kinds.any(|kind| kind == "lib")
    }
}
