//! What a plan says, as JSON and as text.

use std::io::{self, Write};

use gpo_core::{EntryKind, GpoPath, GpoVersion, Quoted, ReferenceSource, Som};
use gpo_engine::{
    AttributeChange, FileChange, GpoChange, LinkChange, LinkState, MappedReference, Observer,
    Outcome, PermissionLevel, Plan, Severity,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::commands::Exit;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::json;

/// A plan, and whether it was carried out.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of its own")]
pub(crate) struct PlanJson {
    gpo_id: String,
    gpo_name: String,
    domain: String,
    new_domain: bool,
    new_gpo: bool,
    would_fail: bool,
    done: bool,
    version_user: Option<u16>,
    version_computer: Option<u16>,
    files: Vec<Value>,
    missing_files: Vec<String>,
    unlisted_files: Vec<String>,
    changes: Changes,
    references: Vec<Value>,
}

#[derive(Serialize)]
struct Changes {
    version_user: [Option<u16>; 2],
    version_computer: [Option<u16>; 2],
    files: Vec<Value>,
    attributes: Vec<Value>,
    objects: Vec<Value>,
    permissions: Vec<Value>,
    links: Vec<Value>,
}

impl PlanJson {
    pub(crate) fn new(plan: &Plan, done: bool) -> Self {
        let paths = |paths: &[GpoPath]| paths.iter().map(ToString::to_string).collect();
        let file = |(path, size): (&GpoPath, u64)| json!({"path": path.as_str(), "size": size});
        let versions = [plan.version_before, plan.version_after];
        let user = versions.map(|version| version.map(GpoVersion::user));
        let computer = versions.map(|version| version.map(GpoVersion::machine));
        Self {
            gpo_id: plan.gpo_id.to_string(),
            gpo_name: plan.display_name.clone(),
            domain: plan.domain.clone(),
            new_domain: plan.new_domain.is_some(),
            new_gpo: plan.change == GpoChange::Made,
            would_fail: plan.would_fail(),
            done,
            version_user: plan.version_after.map(GpoVersion::user),
            version_computer: plan.version_after.map(GpoVersion::machine),
            files: plan.files_after().map(file).collect(),
            missing_files: paths(&plan.missing_files),
            unlisted_files: paths(&plan.unlisted_files),
            changes: Changes {
                version_user: user,
                version_computer: computer,
                files: plan.files.iter().map(file_json).collect(),
                attributes: plan.attributes.iter().map(attribute_json).collect(),
                objects: plan.objects.iter().map(object_json).collect(),
                permissions: plan.permissions.iter().map(permission_json).collect(),
                links: plan.links.iter().map(link_json).collect(),
            },
            references: plan.references.iter().map(reference_json).collect(),
        }
    }
}

fn kind_json(kind: Option<EntryKind>) -> Value {
    match kind {
        None => Value::Null,
        Some(EntryKind::Folder) => json!("folder"),
        Some(EntryKind::File(size)) => json!(size),
    }
}

fn file_json(change: &FileChange) -> Value {
    json!({
        "path": change.path.as_str(),
        "before": kind_json(change.before),
        "after": kind_json(change.after),
    })
}

fn attribute_json(change: &AttributeChange) -> Value {
    json!({"name": change.name, "before": change.before, "after": change.after})
}

fn object_json(change: &gpo_engine::ObjectChange) -> Value {
    json!({
        "name": change.name,
        "class": change.class,
        "change": change.change.name(),
        "attributes": change.attributes.iter().map(attribute_json).collect::<Vec<_>>(),
    })
}

fn permission_json(change: &gpo_engine::PermissionChange) -> Value {
    let levels = |levels: &[PermissionLevel]| -> Vec<Value> {
        let level = |level: &PermissionLevel| json!({"level": format!("{:?}", level.permission), "denied": level.denied});
        levels.iter().map(level).collect()
    };
    json!({
        "sid": change.trustee.to_string(),
        "name": change.name,
        "before": levels(&change.before),
        "after": levels(&change.after),
    })
}

fn link_json(change: &LinkChange) -> Value {
    let state = |state: Option<LinkState>| match state {
        None => Value::Null,
        Some(state) => json!({
            "order": state.index,
            "enabled": !state.disabled,
            "enforced": state.enforced,
        }),
    };
    let som = |som: &Som| json!({"gp_link": som.links, "block_inheritance": som.block_inheritance});
    json!({
        "target": change.som_before.dn,
        "before": state(change.before),
        "after": state(change.after),
        "som_before": som(&change.som_before),
        "som_after": som(&change.som_after),
    })
}

fn reference_json(mapped: &MappedReference) -> Value {
    json!({
        "in": place(mapped),
        "setting": mapped.reference.setting.name(),
        "text": mapped.reference.text,
        "mapped": mapped.is_mapped(),
        "fate": mapped.fate.to_string(),
    })
}

/// The file or object that a reference is in, and where in it.
fn place(mapped: &MappedReference) -> String {
    let source = match &mapped.source {
        ReferenceSource::File(path) => path.as_str().to_owned(),
        ReferenceSource::Container => "container".to_owned(),
        ReferenceSource::Object { half, rdns } => {
            let names: Vec<_> = rdns.iter().rev().map(String::as_str).collect();
            format!("{},CN={}", names.join(","), half.name())
        }
    };
    format!("{source}: {}", mapped.reference.place)
}

/// A plan that is not carried out.
pub(crate) fn planned(plan: Plan, observer: &mut dyn Observer) -> Outcome<Option<Plan>> {
    for message in &plan.messages {
        observer.message(message);
    }
    let messages = plan.messages.clone();
    Outcome::new(Some(plan), messages)
}

/// Says how many GPOs would be written and how many would fail.
pub(crate) fn say_planned(console: &Console, verb: &str, good: usize, failed: usize) {
    let good = counted(good, "GPO", "GPOs");
    let text = format!("info: {good} would be {verb}, {failed} would fail");
    console.message(Severity::Info, text);
}

/// What became of one plan.
#[derive(Serialize)]
struct PlannedResult {
    dry_run: bool,
    status: &'static str,
    gpo: Option<PlanJson>,
    messages: Vec<json::MessageJson>,
}

/// Prints what became of one plan; `write` does it for people, where there is something to tell.
pub(crate) fn print_planned(
    console: &Console,
    schema: &'static str,
    outcome: &Outcome<Option<Plan>>,
    dry_run: bool,
    write: impl FnOnce(&mut dyn Write, &Plan) -> io::Result<()>,
) -> Result<Exit, Failure> {
    let done = !dry_run && matches!(Exit::from(outcome.status), Exit::Good);
    let result = || PlannedResult {
        dry_run,
        status: json::status(outcome.status),
        gpo: outcome.value.as_ref().map(|plan| PlanJson::new(plan, done)),
        messages: json::messages(&outcome.messages),
    };
    console.result(schema, result, |out| {
        let told = outcome.value.as_ref().filter(|_| done || dry_run);
        told.map_or(Ok(()), |plan| write(out, plan))
    })?;
    Ok(Exit::of(outcome.status, dry_run))
}

/// Writes what is done with the GPO, in one line.
pub(crate) fn write_summary(out: &mut dyn Write, verb: &str, plan: &Plan) -> io::Result<()> {
    let version = plan.version_after.unwrap_or_default();
    writeln!(
        out,
        "{verb} {} {}: {}, version {} (user), {} (computer)",
        Quoted::bare(&plan.display_name),
        plan.gpo_id,
        counted(plan.files_after().count(), "file", "files"),
        version.user(),
        version.machine(),
    )
}

/// Writes every change on a line of its own.
pub(crate) fn write_changes(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    for change in &plan.files {
        let path = Quoted::bare(change.path.as_str());
        writeln!(
            out,
            "  {} {path}{}",
            sign(change.before, change.after),
            size(change)
        )?;
    }
    for change in &plan.attributes {
        write_attribute(out, "  ", change)?;
    }
    for change in &plan.objects {
        let sign = match change.change {
            GpoChange::Made => '+',
            GpoChange::Changed => '*',
            GpoChange::Removed => '-',
        };
        writeln!(
            out,
            "  {sign} {} ({})",
            Quoted::bare(&change.name),
            Quoted::bare(&change.class)
        )?;
        for change in &change.attributes {
            write_attribute(out, "      ", change)?;
        }
    }
    for change in &plan.permissions {
        let sid = change.trustee.to_string();
        let who = change.name.as_deref().unwrap_or(&sid);
        let (before, after) = (levels(&change.before), levels(&change.after));
        writeln!(
            out,
            "  * permission of {}: {before} -> {after}",
            Quoted::bare(who)
        )?;
    }
    for change in &plan.links {
        write_link(out, change)?;
    }
    for mapped in &plan.references {
        let text = Quoted::new(&mapped.reference.text);
        let place = place(mapped);
        writeln!(out, "  = {}: {text} {}", Quoted::bare(&place), mapped.fate)?;
    }
    Ok(())
}

fn write_link(out: &mut dyn Write, change: &LinkChange) -> io::Result<()> {
    let (before, after) = (&change.som_before, &change.som_after);
    let dn = Quoted::bare(&before.dn);
    let state = change.after.map(link).unwrap_or_default();
    let sign = sign(change.before, change.after);
    writeln!(out, "  {sign} link to {dn}{state}")?;
    if before.links != after.links {
        let (before, after) = (Quoted::bare(&before.links), Quoted::bare(&after.links));
        writeln!(out, "      * gPLink: {before} -> {after}")?;
    }
    if before.block_inheritance != after.block_inheritance {
        let (before, after) = (before.block_inheritance, after.block_inheritance);
        writeln!(out, "      * blocks inheritance: {before} -> {after}")?;
    }
    Ok(())
}

fn sign<T>(before: Option<T>, after: Option<T>) -> char {
    match (before, after) {
        (None, _) => '+',
        (_, None) => '-',
        _ => '*',
    }
}

fn size(change: &FileChange) -> String {
    let size = |kind: Option<EntryKind>| match kind {
        None => None,
        Some(EntryKind::Folder) => Some("folder".to_owned()),
        Some(EntryKind::File(size)) => Some(format!("{size} bytes")),
    };
    match (size(change.before), size(change.after)) {
        (Some(before), Some(after)) if before != after => format!(" ({before} -> {after})"),
        (_, Some(size)) | (Some(size), None) => format!(" ({size})"),
        (None, None) => String::new(),
    }
}

fn write_attribute(out: &mut dyn Write, indent: &str, change: &AttributeChange) -> io::Result<()> {
    let value = |value: Option<&String>| match value {
        Some(value) => Quoted::new(value).to_string(),
        None => "none".to_owned(),
    };
    let (before, after) = (value(change.before.as_ref()), value(change.after.as_ref()));
    writeln!(
        out,
        "{indent}* {}: {before} -> {after}",
        Quoted::bare(&change.name)
    )
}

fn levels(levels: &[PermissionLevel]) -> String {
    let level = |level: &PermissionLevel| {
        let denied = if level.denied { "deny " } else { "" };
        format!("{denied}{:?}", level.permission)
    };
    match levels {
        [] => "none".to_owned(),
        levels => levels.iter().map(level).collect::<Vec<_>>().join(", "),
    }
}

fn link(state: LinkState) -> String {
    let disabled = if state.disabled { ", disabled" } else { "" };
    let enforced = if state.enforced { ", enforced" } else { "" };
    format!(" at {}{disabled}{enforced}", state.index)
}
