//! Scripts that run at startup, shutdown, logon and logoff.

use crate::record::{record, texts};

record! {
    /// The scripts of scripts.ini and psscripts.ini.
    #[derive(Default)]
    pub struct ScriptsSettings in Extension {
        /// The scripts.
        "Script" scripts: Vec<ReportScript>,
    }
}

record! {
    /// A script.
    pub struct ReportScript in Extension {
        /// Its path or name.
        "Command" command: String,
        /// What it is started with.
        "Parameters" parameters: Option<String>,
        /// When it runs.
        "Type" event: ReportScriptEvent,
        /// Its place, from 0, among those of its file and event.
        "Order" order: u32,
        /// Whether PowerShell scripts come before or after the others.
        "RunOrder" run_order: ScriptRunOrder,
    }
}

texts! {
    /// When a script runs.
    pub enum ReportScriptEvent {
        /// When the computer starts.
        Startup = "Startup",
        /// When the computer is shut down.
        Shutdown = "Shutdown",
        /// When the user logs on.
        Logon = "Logon",
        /// When the user logs off.
        Logoff = "Logoff",
    }
}

texts! {
    /// Whether PowerShell scripts come before or after the others.
    pub enum ScriptRunOrder {
        /// The GPO does not say.
        NotConfigured = "PSNotConfigured",
        /// Before.
        PowerShellFirst = "RunPSFirst",
        /// After.
        PowerShellLast = "RunPSSecond",
    }
}
