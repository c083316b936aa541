//! What a process leaves that dies while it writes, and who clears it away.

use super::*;

#[test]
fn a_domain_half_made_is_made_again() {
    let (folder, domain) = folder_with(".hidden", b"");
    fs::create_dir_all(folder.path().join("SYSVOL/example.test/Policies")).unwrap();
    assert!(domain.is_vacant().unwrap());
    let file = folder.path().join("SYSVOL/example.test/file");
    fs::write(&file, "").unwrap();
    assert!(!domain.is_vacant().unwrap());
    fs::remove_file(file).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    assert_eq!(domain.domain().unwrap(), sample::domain());
}

#[test]
fn a_file_half_written_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let half = folder.path().join(".directory.ldif.partial-1-1");
    fs::write(&half, "dn: CN=").unwrap();
    domain.put_container(&sample::container(1)).unwrap();
    assert!(!half.exists());
}

#[test]
fn a_tree_half_swapped_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let policies = folder.path().join("sysvol/example.test/Policies");
    let make = |name: &str, content: &str| {
        fs::create_dir_all(policies.join(name)).unwrap();
        fs::write(policies.join(name).join("GPT.INI"), content).unwrap();
    };
    // Dead between the renames: only the old tree, set aside. Dead after them: both.
    make(".{A}.previous", "old A");
    make(".{B}.previous", "old B");
    make("{B}", "new B");
    make(".{C}.partial-1-1", "half of C");
    domain
        .replace_tree(&"Policies\\{D}".parse().unwrap(), &mut |_| Ok(()))
        .unwrap();
    let read = |name: &str| fs::read_to_string(policies.join(name).join("GPT.INI")).unwrap();
    assert_eq!((read("{A}"), read("{B}")), ("old A".into(), "new B".into()));
    let mut left: Vec<_> = fs::read_dir(&policies)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    left.sort();
    let half_made = if cfg!(unix) { 3 } else { 4 };
    assert_eq!(left.len(), half_made, "{left:?}");
}

#[test]
fn a_lock_leaves_nothing_even_when_its_holder_died() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let id = sample::container(1).id;
    let name = format!(".{id}.lock");
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with('.'))
            .collect::<Vec<_>>()
    };
    let lock = domain.lock(id).unwrap();
    assert_eq!(names(), [name.as_str()]);
    drop(lock);
    assert_eq!(names(), [""; 0]);
    // What a dead process leaves: the next lock takes it over, and the next change removes it.
    fs::write(folder.path().join(&name), "").unwrap();
    drop(domain.lock(id).unwrap());
    assert_eq!(names(), [""; 0]);
    fs::write(folder.path().join(&name), "").unwrap();
    let held = domain.lock(sample::container(2).id).unwrap();
    domain.put_container(&sample::container(3)).unwrap();
    assert_eq!(names(), [format!(".{}.lock", sample::container(2).id)]);
    drop(held);
}
