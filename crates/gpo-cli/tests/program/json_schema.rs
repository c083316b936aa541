//! What the program prints with `--json`, and the side-car of a backup, against their JSON Schemas.
//!
//! The schemas allow members that they do not know, since a later version may have them. The tests
//! do not: what this version prints is described. Every run of the other tests is looked at, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use gpo_core::RegistryPol;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::admx::Folder;
use crate::run::{Backups, domain, gpo, gpo_with_input, policy_file};

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

static OUTPUT: LazyLock<Schema> = LazyLock::new(|| Schema::closed("json.schema.json"));

impl Schema {
    /// A schema of this crate that takes no other members than it names.
    fn closed(file: &str) -> Self {
        let mut schema = read(file);
        // The whole of several definitions names no members: each of them does.
        if schema.get("$defs").is_some() {
            close(&mut schema["$defs"]);
        } else {
            close(&mut schema);
        }
        let mut compiler = Compiler::new();
        let mut schemas = Schemas::new();
        compiler.add_resource(file, schema).unwrap();
        let index = compiler.compile(file, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn check(&self, document: &Value) -> Result<(), String> {
        let checked = self.schemas.validate(document, self.index);
        // The alternate form lists the places.
        checked.map_err(|error| format!("{error:#}"))
    }
}

fn read(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Forbids the members that a schema, and those in it, do not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            // A member called `properties` is no keyword.
            let is_object = members.get("type").is_some_and(|name| name == "object");
            if is_object && members.contains_key("properties") {
                members.insert("additionalProperties".into(), false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Fails where a document that the program printed is not as the schema says.
#[track_caller]
pub(crate) fn assert_valid(document: &Value) {
    if let Err(error) = OUTPUT.check(document) {
        panic!("{error}\n{document:#}");
    }
}

#[test]
fn every_command_prints_what_the_schema_says() {
    let backups = Backups::new();
    let all = backups.text();
    let id = backups.id("Default Domain Policy");
    let folder = backups.path().join(&id).display().to_string();
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).display().to_string();
    for folder in ["repacked", "copy", "reports"] {
        fs::create_dir(scratch.path().join(folder)).unwrap();
    }
    let (from, to) = (domain(), format!("dir:{}", path("copy")));
    let (table, pol, mof) = (path("t.migtable"), path("registry.pol"), path("f.mof"));
    let admx = Folder::new();
    let templates = admx.path("templates");
    let of = |path: &str| policy_file(path).display().to_string();
    let set = [
        "pol",
        "set",
        &pol,
        r"Software\Corp",
        "Lock",
        "REG_DWORD",
        "1",
    ];
    let pol_of_sample = of("{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}/Machine/Registry.pol");
    let inf = of(
        r"{31B2F340-016D-11D2-945F-00C04FB984F9}/MACHINE/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
    );
    let audit =
        of("{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}/MACHINE/Microsoft/Windows NT/Audit/audit.csv");
    let gpp = of("{10AD0004-6C1B-4F55-9B5C-7E3A4C2F0004}/Machine/Preferences/Groups/Groups.xml");
    let scripts = of("{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}/User/Scripts/scripts.ini");
    let admx_pol = admx.path("Machine/registry.pol");
    fs::write(&pol, RegistryPol::default().to_bytes().unwrap()).unwrap();
    let commands: &[(&str, &[&str])] = &[
        ("gpos", &["gpos", "--from", &from]),
        ("check", &["check", "--from", &from]),
        (
            "backup",
            &["backup", "--from", &from, "--to", all, "--dry-run", "--all"],
        ),
        ("list", &["list", all]),
        ("show", &["show", &folder]),
        ("verify", &["verify", all]),
        ("report", &["report", &folder]),
        ("report-set", &["report", all, "--output", &path("reports")]),
        ("diff", &["diff", &folder, &folder]),
        ("references", &["references", &folder]),
        ("repack", &["repack", all, &path("repacked")]),
        ("export", &["export", "--from", &from, "--to", &to]),
        ("restore", &["restore", &folder, "--to", &to]),
        (
            "import",
            &[
                "import",
                &folder,
                "--to",
                &to,
                "--gpo",
                "Default Domain Policy",
            ],
        ),
        (
            "copy",
            &[
                "copy",
                "--from",
                &from,
                "--gpo",
                "Default Domain Policy",
                "--to",
                &to,
                "--name",
                "Second",
            ],
        ),
        ("change", &["create", "New", "--to", &to]),
        (
            "permissions",
            &["permissions", "show", "--from", &to, "--gpo", "New"],
        ),
        ("links", &["links", "show", "--from", &from]),
        ("acl", &["acl", "check", "--from", &from]),
        ("wmi-list", &["wmi", "list", "--from", &from]),
        ("wmi-import", &["wmi", "import", &mof, "--to", &to]),
        ("recover", &["recover", "--to", &to]),
        (
            "migtable-write",
            &["migtable", "create", "--from", all, "--output", &table],
        ),
        ("migtable-show", &["migtable", "show", &table]),
        ("migtable-check", &["migtable", "lint", &table]),
        ("pol-write", &set),
        ("pol-dump", &["pol", "dump", &pol_of_sample]),
        ("inf-dump", &["inf", "dump", &inf]),
        ("audit-dump", &["audit", "dump", &audit]),
        ("gpp-dump", &["gpp", "dump", &gpp]),
        ("scripts-dump", &["scripts", "dump", &scripts]),
        ("sddl", &["sddl", "explain", "O:BAG:SYD:(A;;GA;;;WD)"]),
        ("admx-list", &["admx", "list", "--admx", &templates]),
        (
            "admx-search",
            &["admx", "search", "Lock", "--admx", &templates],
        ),
        ("admx-show", &["admx", "show", "Lock", "--admx", &templates]),
        (
            "admx-explain",
            &["admx", "explain", &admx_pol, "--admx", &templates],
        ),
        (
            "admx-explain-key",
            &[
                "admx",
                "explain",
                r"HKLM\Software\Corp",
                "--admx",
                &templates,
            ],
        ),
        ("delete", &["delete", &folder, "--yes"]),
        ("error", &["list", &path("gone")]),
    ];
    assert_eq!(
        gpo([
            "wmi",
            "export",
            "Tragbare Geräte",
            "--from",
            &from,
            "-o",
            &mof
        ])
        .status,
        0
    );
    for (name, arguments) in commands {
        let run = gpo([arguments, &["--json"][..]].concat());
        let document = run.json();
        assert_eq!(document["schema"], format!("gpo/{name}/1"), "{run:?}");
        assert_valid(&document);
    }
    let tried: BTreeSet<_> = commands
        .iter()
        .map(|(name, _)| format!("gpo/{name}/1"))
        .collect();
    let known = read("json.schema.json");
    let known = known["properties"]["schema"]["enum"].as_array().unwrap();
    let known: BTreeSet<_> = known
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tried, known);
    let described = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("JSON.md"));
    let described = described.unwrap();
    for name in known {
        assert!(
            described.contains(&name),
            "JSON.md says nothing about {name}"
        );
    }
}

#[test]
fn a_side_car_is_what_its_schema_says() {
    let schema = Schema::closed("gpo-sidecar.schema.json");
    let backups = Backups::new();
    let mut filters = 0;
    for backup in fs::read_dir(backups.path()).unwrap() {
        let Ok(bytes) = fs::read(backup.unwrap().path().join("gpo-sidecar.json")) else {
            continue;
        };
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        schema.check(&document).unwrap();
        filters += usize::from(document["wmi_filter"].is_object());
    }
    assert!(filters > 0, "no side-car of the sample has a WMI filter");
}

#[test]
fn what_is_not_described_is_refused() {
    let run = gpo_with_input(["sddl", "encode", "-", "--json"], b"O:BA");
    let good = run.json();
    assert_eq!(OUTPUT.check(&good), Ok(()));
    let wrong: &[(&str, fn(&mut Value))] = &[
        ("a member more", |d| d["items"][0]["more"] = json!(1)),
        ("another type", |d| d["items"][0]["input"] = json!(1)),
        ("no schema", |d| {
            drop(d.as_object_mut().unwrap().remove("schema"))
        }),
        ("another schema", |d| d["schema"] = json!("gpo/sddl/2")),
        ("a member less", |d| {
            drop(d.as_object_mut().unwrap().remove("items"))
        }),
    ];
    for (what, spoil) in wrong {
        let mut document = good.clone();
        spoil(&mut document);
        assert!(OUTPUT.check(&document).is_err(), "{what}");
    }
}
