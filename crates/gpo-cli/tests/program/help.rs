use crate::run::gpo;

const COMMANDS: [&str; 33] = [
    "export",
    "create",
    "edit",
    "remove",
    "links",
    "permissions",
    "backup",
    "list",
    "show",
    "verify",
    "repack",
    "report",
    "diff",
    "restore",
    "import",
    "copy",
    "recover",
    "acl",
    "wmi",
    "delete",
    "gpos",
    "check",
    "references",
    "migtable",
    "pol",
    "inf",
    "gpp",
    "audit",
    "admx",
    "scripts",
    "sddl",
    "completions",
    "man",
];

#[test]
fn every_command_explains_itself_with_examples() {
    let help = gpo(["--help"]).out;
    for command in COMMANDS {
        assert!(
            help.contains(&format!("  {command} ")),
            "{command} is not in {help}"
        );
        let run = gpo([command, "--help"]);
        assert_eq!(run.status, 0);
        assert!(run.out.contains("Examples:"), "{command}: {}", run.out);
    }
}

#[test]
fn an_option_stands_under_the_heading_of_its_kind() {
    for command in ["import", "copy"] {
        let help = gpo([command, "-h"]).out;
        let (own, rest) = help
            .split_once("Options for ldap:// and ldaps://:")
            .unwrap();
        let (live, mapping) = rest
            .split_once("Options for principals and paths:")
            .unwrap();
        for (place, options) in [
            (own, ["--to ", "--dry-run", "--json"]),
            (live, ["--user ", "--ca-file ", "--sysvol "]),
            (mapping, ["--map ", "--map-csv ", "--table-only"]),
        ] {
            for option in options {
                assert!(place.contains(option), "{command}: {option} in {help}");
            }
        }
        let [dry_run, json] = ["--dry-run", "--json"].map(|option| own.find(option));
        assert!(dry_run < json, "what all commands have comes last: {help}");
    }
}

#[test]
fn there_are_completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = gpo(["completions", shell]);
        assert!(run.status == 0 && run.out.contains("repack"), "{shell}");
    }
}

#[test]
fn there_is_a_page_for_the_program_and_for_each_command() {
    let page = gpo(["man"]).out;
    assert!(page.contains(".TH gpo 1"), "{page}");
    for command in COMMANDS {
        let page = gpo(["man", command]).out;
        assert!(
            page.contains(&format!(".TH gpo-{command} 1")),
            "{command}: {page}"
        );
    }
    let page = gpo(["man", "migtable", "create"]).out;
    assert!(page.contains(".TH gpo-migtable-create 1"), "{page}");
    let examples = page.split_once(".SH EXAMPLES\n.nf\ngpo ").unwrap().1;
    assert!(examples.ends_with("\n.fi\n"), "{page}");
    let dangling = gpo(["man", "migtable"]).out.contains("help(1)");
    assert!(!dangling, "there is no page of `gpo help`");
    for nonsense in [&["man", "nonsense"][..], &["man", "list", "x"]] {
        assert_eq!(gpo(nonsense).status, 2);
    }
}

#[test]
fn wrong_arguments_end_with_2() {
    for args in [
        &["nonsense"][..],
        &[],
        &["list"],
        &["list", ".", "--gpo", "x"],
    ] {
        let run = gpo(args);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{args:?}");
    }
}
