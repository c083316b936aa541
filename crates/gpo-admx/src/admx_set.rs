//! The templates of a folder.

use std::collections::{BTreeSet, HashMap};

use gpo_core::{
    Contents, EntryKind, Error, ErrorKind, GpoPath, Piece, Quoted, Result, SourceError,
    compare_names, fold_name, same_name,
};

use crate::policy_ref::PolicyRef;
use crate::resources::TemplateResources;
use crate::template::Template;

/// The language of the texts that every template comes with.
const FALLBACK_LANGUAGE: &str = "en-US";

/// The largest file that is read, in bytes: Microsoft's largest has 1 MB.
const LARGEST_FILE: usize = 16 << 20;

/// How many files are asked for at once, where they come over a network.
const IN_FLIGHT: usize = 32;

/// The templates of a folder, with their texts in one language.
///
/// The folder is the central store of a domain, `Policies\PolicyDefinitions` in its SYSVOL, or any
/// other that has ADMX files and, in a folder for each language, ADML files.
#[derive(Clone, Debug, Default)]
pub struct AdmxSet {
    files: Vec<TemplateFile>,
    /// The number of the file with a target namespace.
    namespaces: HashMap<String, usize>,
    /// The policies that write to a key, by its [folded name](fold_name), in order.
    keys: HashMap<String, Vec<PolicyNumber>>,
    warnings: Vec<Error>,
}

/// A template with its texts.
#[derive(Clone, Debug)]
pub(crate) struct TemplateFile {
    pub(crate) name: String,
    pub(crate) template: Template,
    pub(crate) resources: TemplateResources,
}

/// Where a policy is: the number of its file, and its own in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PolicyNumber {
    pub(crate) file: usize,
    pub(crate) policy: usize,
}

impl AdmxSet {
    /// Reads the templates directly in `folder`, with their texts in `language`, such as `de-DE`.
    /// A template without texts in that language has those in `en-US`.
    ///
    /// A file that cannot be read is left out with a [warning](Self::warnings).
    ///
    /// # Errors
    ///
    /// As [`Contents::children`], where the folder itself cannot be read.
    pub fn load(
        contents: &dyn Contents,
        folder: &GpoPath,
        language: &str,
    ) -> Result<Self, SourceError> {
        let mut warnings = Vec::new();
        let mut found = Listing::of(contents, folder, ".admx", &mut warnings)?;
        found
            .files
            .sort_by(|a, b| compare_names(a.as_str(), b.as_str()));
        let mut paths = found.files.clone();
        let texts = TextFiles::find(contents, &found.folders, language, &mut warnings)?;
        let texts: Vec<_> = found.files.iter().map(|path| texts.of(path)).collect();
        paths.extend(texts.iter().flatten().cloned());

        let mut files = read_files(contents, &paths, &mut warnings)?.into_iter();
        let templates: Vec<_> = files.by_ref().take(found.files.len()).collect();
        let mut set = Self {
            warnings,
            ..Self::default()
        };
        for ((path, text_path), file) in found.files.iter().zip(&texts).zip(templates) {
            let resources = text_path.as_ref().and_then(|_| files.next().flatten());
            if let Some(Parsed::Template(template)) = file {
                let resources = match resources {
                    Some(Parsed::Resources(resources)) => resources,
                    _ => TemplateResources::default(),
                };
                set.add(path.file_name().unwrap_or_default(), *template, resources);
            }
            if text_path.is_none() {
                let message =
                    format!("there are no texts for it in {language} or {FALLBACK_LANGUAGE}");
                let warning = Error::new(ErrorKind::Missing, message);
                set.warnings.push(warning.in_file(path.as_str()));
            }
        }
        set.check_references();
        Ok(set)
    }

    /// Adds a template with its texts, unless its namespace is taken, which is a
    /// [warning](Self::warnings): GPMC ignores the second one, too. `name` is that of its file.
    ///
    /// ```
    /// use gpo_admx::{AdmxSet, Template, TemplateResources};
    ///
    /// let admx = br#"<policyDefinitions><policyNamespaces><target prefix="c" namespace="Corp"/>
    ///     </policyNamespaces></policyDefinitions>"#;
    /// let mut set = AdmxSet::default();
    /// set.add("corp.admx", Template::parse(admx)?, TemplateResources::default());
    /// assert_eq!(set.len(), 1);
    /// # Ok::<(), gpo_core::Error>(())
    /// ```
    pub fn add(&mut self, name: &str, template: Template, resources: TemplateResources) {
        let file = self.files.len();
        if let Some(first) = self
            .namespaces
            .get(&template.namespace)
            .and_then(|n| self.files.get(*n))
        {
            let message = format!(
                "its namespace {} is that of {}; this file is left out",
                Quoted::new(&template.namespace),
                Quoted::bare(&first.name)
            );
            self.warnings
                .push(Error::new(ErrorKind::Syntax, message).in_file(name));
            return;
        }
        self.namespaces.insert(template.namespace.clone(), file);
        for (policy, definition) in template.policies.iter().enumerate() {
            let number = PolicyNumber { file, policy };
            let keys: BTreeSet<_> = definition.places().map(|(key, _)| key).collect();
            let keys: BTreeSet<_> = keys.into_iter().map(fold_name).collect();
            for key in keys {
                self.keys.entry(key).or_default().push(number);
            }
        }
        self.files.push(TemplateFile {
            name: name.to_owned(),
            template,
            resources,
        });
    }

    /// What was left out or is missing, with file and place.
    pub fn warnings(&self) -> &[Error] {
        &self.warnings
    }

    /// The policies, file by file in the order of their names, in the order of the files.
    pub fn policies(&self) -> impl Iterator<Item = PolicyRef<'_>> {
        self.files
            .iter()
            .enumerate()
            .flat_map(move |(number, file)| {
                let policies = file.template.policies.iter().enumerate();
                policies.map(move |(policy, _)| PolicyNumber {
                    file: number,
                    policy,
                })
            })
            .filter_map(|number| self.policy_at(number))
    }

    /// The policy with this name in a namespace.
    pub fn policy(&self, namespace: &str, name: &str) -> Option<PolicyRef<'_>> {
        let file = *self.namespaces.get(namespace)?;
        let policies = &self.files.get(file)?.template.policies;
        let policy = policies.iter().position(|policy| policy.name == name)?;
        self.policy_at(PolicyNumber { file, policy })
    }

    /// The number of templates.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no template.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The policies that write to a key.
    pub(crate) fn policies_at<'a>(
        &'a self,
        folded_key: &str,
    ) -> impl Iterator<Item = PolicyRef<'a>> + use<'a> {
        let numbers = self.keys.get(folded_key).into_iter().flatten();
        numbers.filter_map(|number| self.policy_at(*number))
    }

    pub(crate) fn policy_at(&self, number: PolicyNumber) -> Option<PolicyRef<'_>> {
        let file = self.files.get(number.file)?;
        let policy = file.template.policies.get(number.policy)?;
        Some(PolicyRef {
            set: self,
            file,
            policy,
            number,
        })
    }

    pub(crate) fn file_of_namespace(&self, namespace: &str) -> Option<&TemplateFile> {
        self.files.get(*self.namespaces.get(namespace)?)
    }

    /// Warns of what the templates refer to and is not there: once for each reference of a file.
    fn check_references(&mut self) {
        let mut missing = BTreeSet::new();
        for policy in self.policies() {
            let (file, definition) = (policy.file, policy.policy);
            let mut note = |what: &'static str, reference: &str| {
                missing.insert((&file.name, what, reference.to_owned()));
            };
            let items = definition
                .elements
                .iter()
                .flat_map(|element| match &element.kind {
                    crate::ElementKind::Enum(items) => items.as_slice(),
                    _ => &[],
                });
            let texts = [&definition.display_name]
                .into_iter()
                .chain(&definition.explain_text);
            for text in texts.chain(items.map(|item| &item.display_name)) {
                if file.resources.string(text).is_none() {
                    note("string", text);
                }
            }
            if let Some(text) = &definition.presentation
                && file.resources.presentation(text).is_none()
            {
                note("presentation", text);
            }
            if let Some(text) = &definition.parent_category
                && self.category(file, text).is_none()
            {
                note("category", text);
            }
            if let Some(text) = &definition.supported_on
                && self.supported_on(file, text).is_none()
            {
                note("supportedOn definition", text);
            }
        }
        let warnings: Vec<_> = missing
            .into_iter()
            .map(|(file, what, reference)| {
                let message = format!("the {what} {} is not there", Quoted::new(&reference));
                Error::new(ErrorKind::Missing, message).in_file(file)
            })
            .collect();
        self.warnings.extend(warnings);
    }
}

/// What is directly in a folder.
struct Listing {
    files: Vec<GpoPath>,
    folders: Vec<GpoPath>,
}

impl Listing {
    fn of(
        contents: &dyn Contents,
        folder: &GpoPath,
        extension: &str,
        warnings: &mut Vec<Error>,
    ) -> Result<Self, SourceError> {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        contents.children(folder, &mut |entry| {
            match entry {
                Ok(entry) if entry.kind == EntryKind::Folder => folders.push(entry.path),
                Ok(entry) if stem(&entry.path, extension).is_some() => files.push(entry.path),
                Ok(_) => {}
                Err(error) => warnings.push(unreadable(&error)),
            }
            Ok(())
        })?;
        Ok(Self { files, folders })
    }
}

/// The ADML files of the wanted language and of the fallback, the better ones first.
struct TextFiles {
    languages: Vec<HashMap<String, GpoPath>>,
}

impl TextFiles {
    fn find(
        contents: &dyn Contents,
        folders: &[GpoPath],
        language: &str,
        warnings: &mut Vec<Error>,
    ) -> Result<Self, SourceError> {
        let mut wanted = vec![language];
        if !same_name(language, FALLBACK_LANGUAGE) {
            wanted.push(FALLBACK_LANGUAGE);
        }
        let mut languages = Vec::new();
        for language in wanted {
            let is_wanted = |folder: &&GpoPath| {
                folder
                    .file_name()
                    .is_some_and(|name| same_name(name, language))
            };
            if let Some(folder) = folders.iter().find(is_wanted) {
                let found = Listing::of(contents, folder, ".adml", warnings)?;
                let named = |path: GpoPath| Some((fold_name(stem(&path, ".adml")?), path));
                languages.push(found.files.into_iter().filter_map(named).collect());
            }
        }
        Ok(Self { languages })
    }

    /// The texts of a template.
    fn of(&self, template: &GpoPath) -> Option<GpoPath> {
        let name = fold_name(stem(template, ".admx")?);
        self.languages
            .iter()
            .find_map(|files| files.get(&name).cloned())
    }
}

/// The name of a file without its extension, if it has that one.
fn stem<'a>(path: &'a GpoPath, extension: &str) -> Option<&'a str> {
    let name = path.file_name()?;
    let (stem, end) = name.split_at_checked(name.len().checked_sub(extension.len())?)?;
    end.eq_ignore_ascii_case(extension).then_some(stem)
}

/// A file that was read.
enum Parsed {
    Template(Box<Template>),
    Resources(TemplateResources),
}

/// Reads files, one at a time in memory. In the place of one that cannot be read is nothing, and
/// there is a warning.
fn read_files(
    contents: &dyn Contents,
    paths: &[GpoPath],
    warnings: &mut Vec<Error>,
) -> Result<Vec<Option<Parsed>>, SourceError> {
    let mut parsed: Vec<_> = paths.iter().map(|_| None).collect();
    let mut bytes = Vec::new();
    let mut too_large = false;
    contents.read_many(paths, IN_FLIGHT, &mut |n, piece| {
        let goes_on = matches!(piece, Piece::Data(_));
        match piece {
            Piece::Data(data) if bytes.len() + data.len() > LARGEST_FILE => too_large = true,
            Piece::Data(data) => bytes.extend_from_slice(data),
            Piece::Failed(error) => warnings.push(unreadable(&error)),
            Piece::End => {
                let (Some(path), Some(place)) = (paths.get(n), parsed.get_mut(n)) else {
                    return Ok(());
                };
                let read = if too_large {
                    let message = format!("the file is larger than {LARGEST_FILE} bytes");
                    Err(Error::new(ErrorKind::Limit, message))
                } else {
                    Parsed::read(path, &bytes)
                };
                let own = match read {
                    Ok(mut read) => {
                        let own = std::mem::take(read.warnings());
                        *place = Some(read);
                        own
                    }
                    Err(error) => vec![error],
                };
                warnings.extend(
                    own.into_iter()
                        .map(|warning| warning.in_file(path.as_str())),
                );
            }
        }
        if !goes_on {
            bytes.clear();
            too_large = false;
        }
        Ok(())
    })?;
    Ok(parsed)
}

impl Parsed {
    fn read(path: &GpoPath, bytes: &[u8]) -> Result<Self> {
        if stem(path, ".admx").is_some() {
            Ok(Self::Template(Box::new(Template::parse(bytes)?)))
        } else {
            Ok(Self::Resources(TemplateResources::parse(bytes)?))
        }
    }

    fn warnings(&mut self) -> &mut Vec<Error> {
        match self {
            Self::Template(template) => &mut template.warnings,
            Self::Resources(resources) => &mut resources.warnings,
        }
    }
}

fn unreadable(error: &SourceError) -> Error {
    Error::new(ErrorKind::Missing, error.message().to_owned()).in_file(error.object())
}
