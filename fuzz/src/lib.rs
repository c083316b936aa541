//! What must hold for every input of a parser: one function a target.
//!
//! A property is more than the absence of a panic. What a parser takes is written back and read
//! again equal, with equal bytes where the format promises that. The functions are called by the
//! fuzzer (`cargo fuzz run -s none TARGET`, from the root of the project) and by the tests of this
//! package, which replay `seeds/` on any stable toolchain.
//!
//! A new target is a file here and a line in `targets!`, a file in `fuzz_targets/` with a `[[bin]]`
//! in the manifest, a dictionary, and seeds in `xtask/src/fuzz_seeds/`.

mod choices;

/// A property: it panics where it does not hold.
pub type Property = fn(&[u8]);

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(
            mod $name;
            pub use $name::$name;
        )*

        /// Every target and its property.
        pub const TARGETS: &[(&str, Property)] = &[$((stringify!($name), $name)),*];
    };
}

targets! {
    adml,
    admx,
    audit_csv,
    backup_time,
    backup_xml,
    bkup_info,
    extension_list,
    folder_redirection,
    gpt_ini,
    guid,
    hex_text,
    inf,
    inf_lines,
    ldif,
    lgpo_text,
    manifest,
    migration_table,
    path,
    policy_comments,
    preferences,
    references,
    reg_text,
    registry_pol,
    registry_pol_entries,
    report,
    report_settings,
    scripts_ini,
    sddl_borrowed_owned,
    sddl_bytes,
    sddl_conditional,
    sddl_text,
    security_template,
    sidecar,
    targeting_tree,
    text,
    wmi_filter_link,
    wmi_filter_mof,
    wmi_filter_queries,
    xml_document,
    zip_store,
}
