//! What cargo knows about the packages of the workspace and those they depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::{cargo, output_of};
use crate::Result;

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) manifest_path: PathBuf,
    /// What its Cargo.toml lists.
    #[serde(rename = "dependencies")]
    pub(crate) declared: Vec<Declared>,
    targets: Vec<Target>,
    /// The registries it may be published to; none: all.
    publish: Option<Vec<String>>,
}

/// A dependency as a Cargo.toml lists it.
#[derive(Deserialize)]
pub(crate) struct Declared {
    pub(crate) name: String,
    rename: Option<String>,
    /// None for an ordinary one, else `dev` or `build`.
    kind: Option<String>,
}

impl Declared {
    /// Whether the package is not built without it.
    pub(crate) fn is_built(&self) -> bool {
        self.kind.as_deref() != Some("dev")
    }

    /// The name that the code has for it.
    pub(crate) fn crate_name(&self) -> String {
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
    pub(crate) fn read() -> Result<Self> {
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
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| self.is_member(p))
    }

    pub(crate) fn is_member(&self, package: &Package) -> bool {
        self.workspace_members.contains(&package.id)
    }

    /// What is compiled to build a package, tests aside.
    pub(crate) fn dependencies(&self, package: &Package) -> Vec<&Package> {
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
    pub(crate) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|to| !to.is_empty())
    }

    pub(crate) fn is_library(&self) -> bool {
        let mut kinds = self.targets.iter().flat_map(|target| &target.kind);
        kinds.any(|kind| kind == "lib")
    }
}
