//! The page of a report in a real browser: it opens without a word on the console, what
//! administrators wrote does not run, search and sections work.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use gpo_report::Report;

use super::Outcome;
use crate::{Result, debian};

/// A report whose values would be scripts.
const REPORT: &[u8] = include_bytes!("browser/report.xml");

/// What is done with the page; the result is its title.
const SCRIPT: &str = include_str!("browser/test.js");

/// What that says when all is right.
const EXPECTED: &str = "3 rows; 1 found, 1 row; 0 found, 0 rows; 3 rows; closed; open";

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

pub(super) fn run() -> Result<Outcome> {
    let Some(browser) = browser()? else {
        return Ok(Outcome::Skipped("there is no Chromium".into()));
    };
    let report = Report::parse(REPORT)?;
    let html = report.to_html();
    let folder = tempfile::tempdir()?;
    let page = open(browser, folder.path(), &html)?;
    // A violation of the policy, a request and an exception are all said there.
    if let Some(line) = page.console.first() {
        return Err(format!("the page has a word on the console: {line}").into());
    }
    if page.title != report.name {
        return Err(format!("the title is {:?}, expected {:?}", page.title, report.name).into());
    }
    // The test is a script, which the policy of the page forbids.
    let policy = html
        .lines()
        .find(|line| line.contains("Content-Security-Policy"));
    let html = html.replace(policy.ok_or("the page has no policy")?, "");
    let end = format!("<script>{SCRIPT}</script></body>");
    let tested = open(browser, folder.path(), &html.replace("</body>", &end))?;
    if tested.title != EXPECTED {
        return Err(format!("the page does {:?}, expected {EXPECTED:?}", tested.title).into());
    }
    Ok(Outcome::Passed)
}

/// A browser that works. It is installed where that was asked for and can be done.
fn browser() -> Result<Option<&'static str>> {
    let works = |browser: &&str| {
        let version = Process::new(browser)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        version.is_ok_and(|status| status.success())
    };
    let find = || BROWSERS.into_iter().find(works);
    let found = find();
    if found.is_some() || !debian::may_install() {
        return Ok(found);
    }
    debian::install(["chromium"])?;
    Ok(find())
}

/// A page as the browser has it.
struct Opened {
    title: String,
    /// What it said on the console.
    console: Vec<String>,
}

fn open(browser: &str, folder: &Path, html: &str) -> Result<Opened> {
    let page = folder.join("page.html");
    fs::write(&page, html)?;
    let output = Process::new(browser)
        .args([
            "--headless",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--dump-dom",
        ])
        // It does not start as root with its own walls around it, and the page is ours.
        .arg("--no-sandbox")
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(format!("{browser} ended with {}", output.status).into());
    }
    let dom = String::from_utf8_lossy(&output.stdout);
    let title = dom
        .split("<title>")
        .nth(1)
        .and_then(|rest| rest.split("</title>").next());
    let title = title.ok_or("the browser gives no page")?;
    let log = String::from_utf8_lossy(&output.stderr);
    Ok(Opened {
        title: title
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
        console: log
            .lines()
            .filter(|line| line.contains("CONSOLE"))
            .map(str::to_owned)
            .collect(),
    })
}
