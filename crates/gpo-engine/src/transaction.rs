//! Carrying out a plan: wholly, or not at all.

use std::any::Any;

use gpo_core::{
    DirectoryAttribute, DirectoryObject, Domain, GpoContainer, GpoId, Som, SourceError,
    SourceErrorKind, fold_name,
};
use sddl_parser::{Ace, AceFlags, SecurityDescriptor};

use crate::gpo_state::GpoState;
use crate::journal::{Entry, Journal};
use crate::link_edits::is_same_link;
use crate::new_tree::TreeSource;
use crate::observer::{Cancel, Observer, Progress};
use crate::plan::{NewGpo, Plan};
use crate::recover::{recover, roll_back};
use crate::source::gpo_folder;
use crate::status::{OperationCode, Outcome, Status, StatusMessage};
use crate::sysvol_acl::sysvol_descriptor;
use crate::target::Target;

/// The journal, SYSVOL, the directory, the check.
const STEPS: u64 = 4;

/// Carries out a plan; `content` is where its files come from.
///
/// What was there is kept in the journal until the end, so that a failure, and the death of the
/// process, leave the GPO as it was. SYSVOL is written first, GPT.INI in it, the directory last: a
/// client that reads in between finds the old version in the directory and waits.
pub(crate) fn apply(
    plan: Plan,
    content: Option<TreeSource<'_>>,
    target: Target<'_>,
    journal: &Journal<'_>,
    observer: &mut dyn Observer,
    cancel: &Cancel,
) -> Outcome<Plan> {
    let mut messages = plan.messages.clone();
    for message in &messages {
        observer.message(message);
    }
    if !plan.would_fail() {
        let transaction = Transaction {
            plan: &plan,
            content,
            target,
            journal,
            cancel,
        };
        if let Err(message) = transaction.run(observer) {
            observer.message(&message);
            messages.push(message);
        }
    }
    let outcome = Outcome::new(plan, messages);
    // What was cancelled too late to be stopped is done, and no longer cancelled.
    if cancel.is_cancelled() && outcome.status == Status::Failed {
        return outcome.cancelled();
    }
    outcome
}

/// Rolls back what operations before left half written, and runs one.
pub(crate) fn run(
    target: Target<'_>,
    journal: &Journal<'_>,
    observer: &mut dyn Observer,
    operation: impl FnOnce(&mut dyn Observer) -> Result<Outcome<Plan>, SourceError>,
) -> Outcome<Option<Plan>> {
    let mut messages = recover(target, journal).messages;
    for message in &messages {
        observer.message(message);
    }
    let value = match operation(observer) {
        Ok(outcome) => {
            messages.extend(outcome.messages);
            if outcome.status == Status::Cancelled {
                return Outcome::new(Some(outcome.value), messages).cancelled();
            }
            Some(outcome.value)
        }
        Err(error) => {
            let message = StatusMessage::of_source_error(OperationCode::ReadBackup, &error);
            observer.message(&message);
            messages.push(message);
            None
        }
    };
    Outcome::new(value, messages)
}

struct Transaction<'a> {
    plan: &'a Plan,
    content: Option<TreeSource<'a>>,
    target: Target<'a>,
    journal: &'a Journal<'a>,
    cancel: &'a Cancel,
}

impl Transaction<'_> {
    fn run(&self, observer: &mut dyn Observer) -> Result<(), StatusMessage> {
        let code = OperationCode::WriteJournal;
        let (domain, lock) = self
            .begin()
            .map_err(failed(OperationCode::WriteDirectory))?;
        let mut progress = Progress {
            object: self.plan.display_name.clone(),
            steps: STEPS,
            ..Progress::default()
        };
        let (plan, target, cancel) = (self.plan, self.target, self.cancel);
        let entry = self.journal.write(plan, &domain, target, cancel);
        let entry = entry.map_err(failed(code))?;
        progress.step = 1;
        observer.progress(&progress);
        let done = self.write(observer, &mut progress).and_then(|()| {
            // From here on it is the new one.
            self.journal.remove(&entry).map_err(failed(code))
        });
        let done = done.map_err(|message| self.undo(&entry, message));
        drop(lock);
        done?;
        progress.step = STEPS;
        observer.progress(&progress);
        Ok(())
    }

    /// Makes the domain where there is none, locks the GPO, and sees that it is the one that was
    /// planned for.
    fn begin(&self) -> Result<(Domain, Box<dyn Any + Send>), SourceError> {
        let (plan, target) = (self.plan, self.target);
        self.cancel.check()?;
        if let Some(domain) = &plan.new_domain
            && target.directory.is_vacant()?
        {
            target.directory.create_domain(domain, &plan.principals)?;
        }
        let domain = target.directory.domain()?;
        let lock = target.sysvol.lock(plan.gpo_id)?;
        if let Some(left) = self.journal.entry_of(&domain, plan.gpo_id)? {
            let message = format!(
                "an operation on this GPO ({}) did not come to its end and has to be rolled back first",
                left.record.operation()
            );
            let kind = SourceErrorKind::Changed;
            return Err(SourceError::new(kind, plan.object(), message));
        }
        let soms = plan.after.iter().flat_map(|new| &new.soms);
        let unchanged = self.soms_are(soms.map(|change| &change.before))?;
        if GpoState::read(target.source(), plan.gpo_id)? != plan.before || !unchanged {
            let message = "the GPO changed since this was planned";
            let kind = SourceErrorKind::Changed;
            return Err(SourceError::new(kind, plan.object(), message));
        }
        Ok((domain, lock))
    }

    /// Whether the SOMs have these links now.
    fn soms_are<'s>(&self, soms: impl Iterator<Item = &'s Som>) -> Result<bool, SourceError> {
        let soms: Vec<_> = soms.collect();
        if soms.is_empty() {
            return Ok(true);
        }
        let dns: Vec<_> = soms.iter().map(|som| som.dn.clone()).collect();
        let now = self.target.directory.soms(&dns)?;
        Ok(now
            .iter()
            .map(Option::as_ref)
            .eq(soms.into_iter().map(Some)))
    }

    fn write(
        &self,
        observer: &mut dyn Observer,
        progress: &mut Progress,
    ) -> Result<(), StatusMessage> {
        match &self.plan.after {
            Some(new) => {
                let written = self.write_sysvol(new);
                progress.bytes = written.map_err(failed(OperationCode::WriteSysvol))?;
                progress.step = 2;
                observer.progress(progress);
                self.write_directory(new)
                    .map_err(failed(OperationCode::WriteDirectory))?;
                self.write_descriptor(new)
                    .map_err(failed(OperationCode::WriteSysvol))?;
                progress.step = 3;
                observer.progress(progress);
                self.verify(new).map_err(failed(OperationCode::VerifyGpo))
            }
            None => self.remove().map_err(failed(OperationCode::WriteDirectory)),
        }
    }

    fn write_sysvol(&self, new: &NewGpo) -> Result<u64, SourceError> {
        let Some(tree) = &new.tree else { return Ok(0) };
        let folder = gpo_folder(self.plan.gpo_id)?;
        // A tree without files of its own needs no content.
        let nothing = TreeSource::new(self.target.sysvol, &folder);
        let content = self.content.unwrap_or(nothing);
        let mut bytes = 0;
        self.target.sysvol.replace_tree(&folder, &mut |writer| {
            bytes = tree.write(content, writer, self.cancel)?;
            Ok(())
        })?;
        Ok(bytes)
    }

    fn write_directory(&self, new: &NewGpo) -> Result<(), SourceError> {
        let directory = self.target.directory;
        if self.plan.before.container.as_ref() != Some(&new.container) {
            directory.put_container(&new.container)?;
        }
        new.soms
            .iter()
            .try_for_each(|som| directory.put_som(&som.after))
    }

    /// Lets the descriptor of the folder follow from that of the container.
    fn write_descriptor(&self, new: &NewGpo) -> Result<(), SourceError> {
        let (id, target) = (self.plan.gpo_id, self.target);
        let folder = gpo_folder(id)?;
        let Some(mut container) = new.container.security_descriptor.clone() else {
            return Ok(());
        };
        let before = self.plan.before.container.as_ref();
        if before.is_some_and(|old| old.security_descriptor.as_ref() == Some(&container)) {
            return Ok(());
        }
        let Some(now) = target.sysvol.descriptor(&folder)? else {
            return Ok(());
        };
        let just_made = before.is_none();
        if just_made {
            // With the owner that the directory gave it.
            let made = target.directory.containers(&[id])?.into_iter().next();
            let made = made.transpose()?.flatten();
            container = made
                .and_then(|c| c.security_descriptor)
                .unwrap_or(container);
        }
        match sysvol_descriptor(&container, &now, just_made)? {
            Some(descriptor) => target.sysvol.set_descriptor(&folder, &descriptor),
            None => Ok(()),
        }
    }

    /// The directory first: a client that does not find the container asks for nothing else.
    fn remove(&self) -> Result<(), SourceError> {
        if self.plan.before.container.is_some() {
            self.target.directory.remove_container(self.plan.gpo_id)?;
        }
        if self.plan.before.tree.is_some() {
            self.target
                .sysvol
                .remove_tree(&gpo_folder(self.plan.gpo_id)?)?;
        }
        Ok(())
    }

    /// Reads the GPO again and compares it with what was to be written.
    fn verify(&self, new: &NewGpo) -> Result<(), SourceError> {
        let now = GpoState::read(self.target.source(), self.plan.gpo_id)?;
        let differs = |what: &str| {
            let message = format!("{what} is not what was written");
            Err(SourceError::new(
                SourceErrorKind::Other,
                self.plan.object(),
                message,
            ))
        };
        match &now.container {
            Some(container) if comparable(container) == comparable(&new.container) => {}
            _ => return differs("its container"),
        }
        let dns: Vec<_> = new.soms.iter().map(|som| som.after.dn.clone()).collect();
        let soms = match dns.as_slice() {
            [] => Vec::new(),
            dns => self.target.directory.soms(dns)?,
        };
        for (change, now) in new.soms.iter().zip(soms) {
            // Others may link their GPOs to the same at any time.
            let is_same = |now| is_same_link(self.plan.gpo_id, &change.after, now);
            if !now.as_ref().is_some_and(is_same) {
                return differs("a link to it");
            }
        }
        let Some(tree) = &new.tree else { return Ok(()) };
        if now.tree.as_ref() != Some(&tree.inventory) {
            return differs("its tree in SYSVOL");
        }
        let bytes =
            |ini: &Option<crate::gpo_state::GptIniFile>| ini.as_ref().map(|ini| ini.bytes.clone());
        if bytes(&now.gpt_ini) != bytes(&tree.gpt_ini) {
            return differs("its GPT.INI");
        }
        Ok(())
    }

    /// Puts everything back; says so in the message of what failed.
    fn undo(&self, entry: &Entry, mut message: StatusMessage) -> StatusMessage {
        match roll_back(self.journal, entry, self.target) {
            Ok(()) => message.text.push_str("; the GPO is as it was"),
            Err(error) => {
                let text = format!("; and rolling back failed, too, so recover it: {error}");
                message.text.push_str(&text);
            }
        }
        message
    }
}

fn failed(code: OperationCode) -> impl Fn(SourceError) -> StatusMessage {
    move |error| StatusMessage::of_source_error(code, &error)
}

/// A container as any directory gives it back: in its own order, with its own times, and with a
/// descriptor whose inherited entries are its own affair.
fn comparable(container: &GpoContainer) -> (GpoContainer, Option<Vec<Ace>>) {
    let mut container = container.clone();
    let descriptor = container.security_descriptor.take();
    container.when_created.clear();
    container.when_changed.clear();
    // It may be spelled in another case.
    container.id = GpoId::new(container.id.guid().to_upper());
    sort(&mut container.machine_objects);
    sort(&mut container.user_objects);
    (container, descriptor.map(|bytes| explicit_aces(&bytes)))
}

fn explicit_aces(descriptor: &[u8]) -> Vec<Ace> {
    let descriptor = SecurityDescriptor::from_bytes(descriptor).ok();
    let dacl = descriptor.as_ref().and_then(SecurityDescriptor::dacl);
    let mut aces: Vec<Ace> = Vec::new();
    for ace in dacl.iter().flat_map(|dacl| &dacl.aces) {
        if !ace.flags().contains(AceFlags::INHERITED) {
            aces.push(ace.clone());
        }
    }
    aces.sort_by_cached_key(|ace| format!("{ace:?}"));
    aces.dedup();
    aces
}

/// Names have no case, and lists no order.
fn sort(objects: &mut [DirectoryObject]) {
    for object in &mut *objects {
        object.rdn = fold_name(&object.rdn);
        object.class = fold_name(&object.class);
        object.security_descriptor = None;
        // The directory gives an object its GUID, and by its class where consoles show it; and it
        // has no attributes without values.
        let own = |name: &str| {
            let own = ["objectGUID", "showInAdvancedViewOnly"];
            own.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let holds = |attribute: &DirectoryAttribute| !attribute.values.is_empty();
        object
            .attributes
            .retain(|attribute| holds(attribute) && !own(&attribute.name));
        for attribute in &mut object.attributes {
            attribute.name = fold_name(&attribute.name);
            attribute.values.sort();
        }
        object.attributes.sort_by(|a, b| a.name.cmp(&b.name));
        sort(&mut object.children);
    }
    objects.sort_by(|a, b| a.rdn.cmp(&b.rdn));
}
