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
use crate::run::{Backups, Run, domain, gpo, gpo_with_input, policy_file};

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

/// A command that prints each schema. A word in braces is a place, or a name, of [`Sample`].
const COMMANDS: &[(&str, &str)] = &[
    ("gpos", "gpos --from {domain}"),
    ("check", "check --from {domain}"),
    (
        "backup",
        "backup --from {domain} --to {set} --dry-run --all",
    ),
    ("list", "list {set}"),
    ("show", "show {backup}"),
    ("verify", "verify {set}"),
    ("report", "report {backup}"),
    ("report-set", "report {set} --output {reports}"),
    ("diff", "diff {backup} {backup}"),
    ("references", "references {backup}"),
    ("repack", "repack {set} {repacked}"),
    ("export", "export --from {domain} --to {copy}"),
    ("restore", "restore {backup} --to {copy}"),
    ("import", "import {backup} --to {copy} --gpo {gpo}"),
    (
        "copy",
        "copy --from {domain} --gpo {gpo} --to {copy} --name Second",
    ),
    ("change", "create New --to {copy}"),
    ("permissions", "permissions show --from {copy} --gpo New"),
    ("links", "links show --from {domain}"),
    ("acl", "acl check --from {domain}"),
    ("wmi-list", "wmi list --from {domain}"),
    ("wmi-import", "wmi import {mof} --to {copy}"),
    ("recover", "recover --to {copy}"),
    (
        "migtable-write",
        "migtable create --from {set} --output {table}",
    ),
    ("migtable-show", "migtable show {table}"),
    ("migtable-check", "migtable lint {table}"),
    ("pol-write", "pol set {pol} Software\\Corp Lock REG_DWORD 1"),
    ("pol-dump", "pol dump {gpo1}/Machine/Registry.pol"),
    ("inf-dump", "inf dump {inf}"),
    ("audit-dump", "audit dump {audit}"),
    (
        "gpp-dump",
        "gpp dump {gpo4}/Machine/Preferences/Groups/Groups.xml",
    ),
    (
        "scripts-dump",
        "scripts dump {gpo3}/User/Scripts/scripts.ini",
    ),
    ("sddl", "sddl explain O:BAG:SYD:(A;;GA;;;WD)"),
    ("admx-list", "admx list --admx {templates}"),
    ("admx-search", "admx search Lock --admx {templates}"),
    ("admx-show", "admx show Lock --admx {templates}"),
    ("admx-explain", "admx explain {admx-pol} --admx {templates}"),
    (
        "admx-explain-key",
        "admx explain HKLM\\Software\\Corp --admx {templates}",
    ),
    ("delete", "delete {backup} --yes"),
    ("error", "list {gone}"),
];

/// Backups of the small domain, templates, and a folder to write to.
struct Sample {
    places: Vec<(&'static str, String)>,
    _folders: (Backups, Folder, TempDir),
}

impl Sample {
    fn new() -> Self {
        let (backups, admx, scratch) = (Backups::new(), Folder::new(), TempDir::new().unwrap());
        let of = |path: &str| policy_file(path).display().to_string();
        let path = |name: &str| scratch.path().join(name).display().to_string();
        for folder in ["repacked", "copy", "reports"] {
            fs::create_dir(path(folder)).unwrap();
        }
        fs::write(path("pol"), RegistryPol::default().to_bytes().unwrap()).unwrap();
        let gpo2 = "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}/MACHINE/Microsoft/Windows NT";
        let mut places = vec![
            ("{domain}", domain()),
            ("{set}", backups.text().to_owned()),
            (
                "{backup}",
                backups
                    .backup("Default Domain Policy")
                    .display()
                    .to_string(),
            ),
            ("{copy}", format!("dir:{}", path("copy"))),
            ("{gpo}", "Default Domain Policy".to_owned()),
            ("{gpo1}", of("{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}")),
            ("{gpo3}", of("{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}")),
            ("{gpo4}", of("{10AD0004-6C1B-4F55-9B5C-7E3A4C2F0004}")),
            ("{inf}", of(&format!("{gpo2}/SecEdit/GptTmpl.inf"))),
            ("{audit}", of(&format!("{gpo2}/Audit/audit.csv"))),
            ("{templates}", admx.path("templates")),
            ("{admx-pol}", admx.path("Machine/registry.pol")),
        ];
        for name in [
            "{reports}",
            "{repacked}",
            "{mof}",
            "{table}",
            "{pol}",
            "{gone}",
        ] {
            places.push((name, path(name.trim_matches(['{', '}']))));
        }
        let from = domain();
        let export = ["wmi", "export", "Tragbare Geräte", "--from", &from, "-o"];
        let export = gpo([&export[..], &[&path("mof")]].concat());
        assert_eq!(export.status, 0, "{export:?}");
        Self {
            places,
            _folders: (backups, admx, scratch),
        }
    }

    fn run(&self, command: &str) -> Run {
        let words = command.split(' ').map(|word| {
            let mut word = word.to_owned();
            for (name, place) in &self.places {
                word = word.replace(name, place);
            }
            word
        });
        gpo(words.chain(["--json".to_owned()]))
    }
}

#[test]
fn every_command_prints_what_the_schema_says() {
    let sample = Sample::new();
    for (name, command) in COMMANDS {
        let run = sample.run(command);
        let document = run.json();
        assert_eq!(document["schema"], format!("gpo/{name}/1"), "{run:?}");
        assert_valid(&document);
    }
}

#[test]
fn every_schema_is_tried_and_described() {
    let schema = read("json.schema.json");
    let names = schema["properties"]["schema"]["enum"].as_array().unwrap();
    let names: BTreeSet<_> = names.iter().map(|name| name.as_str().unwrap()).collect();
    let tried = COMMANDS.iter().map(|(name, _)| format!("gpo/{name}/1"));
    let tried: BTreeSet<_> = tried.collect();
    assert_eq!(tried, names.iter().map(ToString::to_string).collect());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("JSON.md");
    let page = fs::read_to_string(page).unwrap();
    for name in names {
        assert!(page.contains(name), "JSON.md says nothing about {name}");
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

/// Makes a document wrong.
type Spoil = fn(&mut Value);

#[test]
fn what_is_not_described_is_refused() {
    let run = gpo_with_input(["sddl", "encode", "-", "--json"], b"O:BA");
    let good = run.json();
    assert_eq!(OUTPUT.check(&good), Ok(()));
    let wrong: [(&str, Spoil); 5] = [
        ("a member more", |d| d["items"][0]["more"] = json!(1)),
        ("another type", |d| d["items"][0]["input"] = json!(1)),
        ("no schema", |d| {
            d.as_object_mut().unwrap().remove("schema");
        }),
        ("another schema", |d| d["schema"] = json!("gpo/sddl/2")),
        ("a member less", |d| {
            d.as_object_mut().unwrap().remove("items");
        }),
    ];
    for (what, spoil) in wrong {
        let mut document = good.clone();
        spoil(&mut document);
        assert!(OUTPUT.check(&document).is_err(), "{what}");
    }
}
