use crate::run::gpo_with_input;

const FILE: &str = "\r\n[Logon]\r\n1CmdLine=b.cmd\r\n1Parameters=/q\r\n0CmdLine=\\\\srv\\it\\a.cmd\r\n\
    0Parameters=\r\n[ScriptsConfig]\r\nEndExecutePSFirst=true\r\n";

#[test]
fn scripts_are_listed_as_they_run() {
    let utf16: Vec<u8> = FILE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = [b"\xff\xfe", &utf16[..]].concat();
    for bytes in [&file[..], FILE.as_bytes()] {
        let run = gpo_with_input(["scripts", "dump", "-"], bytes);
        assert_eq!(
            run.lines(),
            [
                "EVENT  NUMBER  COMMAND         PARAMETERS",
                "Logon  0       \\\\srv\\it\\a.cmd",
                "Logon  1       b.cmd           /q",
                "Shutdown: PowerShell scripts run first",
                "Logoff: PowerShell scripts run first",
            ]
        );
    }
    let json = gpo_with_input(["scripts", "dump", "-", "--json"], &file).json();
    assert_eq!(json["events"][0]["name"], "Shutdown");
    assert_eq!(json["events"][1]["scripts"][1]["parameters"], "/q");
}
