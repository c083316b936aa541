//! scripts.ini and psscripts.ini.

use gpo_core::{ScriptEvent, ScriptsIni};

/// The file is written back to the same bytes, also with the scripts that it has, and has other
/// scripts once they are set.
pub fn scripts_ini(data: &[u8]) {
    let Ok(scripts) = ScriptsIni::parse(data) else {
        return;
    };
    assert_eq!(scripts.to_bytes().as_deref(), Ok(data));
    for event in ScriptEvent::ALL {
        let own = scripts.scripts(event);
        let own: Vec<_> = own.iter().map(|s| (s.command, s.parameters)).collect();
        let mut edited = scripts.clone();
        edited.set_scripts(event, &own).expect("the scripts were read");
        assert_eq!(edited, scripts);
        if let Some(first) = scripts.powershell_first(event) {
            edited.set_powershell_first(event, first).expect("it was read");
            assert_eq!(edited, scripts);
        }
        let other = [("a.cmd", "/q"), ("b.cmd", "")];
        edited.set_scripts(event, &other).expect("these can be set");
        let read = edited.scripts(event);
        let read: Vec<_> = read.iter().map(|s| (s.command, s.parameters)).collect();
        assert_eq!(read, other);
    }
}
