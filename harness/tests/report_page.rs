//! The page of `clockbench report` in a real Chromium: it opens from a file, asks
//! nobody for anything, complains of nothing, and each control changes what it
//! should. Without a program `chromium` these tests say so and pass.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser that is spoken to by its `DevTools` protocol over pipes: messages are
/// JSON, each with a zero byte behind it.
struct Browser {
    process: Child,
    to: ChildStdin,
    from: ChildStdout,
    heard: Vec<u8>,
    events: Vec<Value>,
    session: Option<String>,
    next: u64,
    _profile: TempDir,
}

impl Browser {
    fn start() -> Option<Self> {
        let name = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|name| Command::new(name).arg("--version").output().is_ok());
        let Some(name) = name else {
            eprintln!("skipped: there is no program `chromium`");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // The browser reads messages from file 3 and writes them to file 4.
        let script = format!(
            "exec {name} --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
             --disable-background-networking --disable-component-update --disable-sync \
             --hide-scrollbars --remote-debugging-pipe --user-data-dir={} 3<&0 4>&1 \
             >/dev/null 2>/dev/null",
            profile.path().display()
        );
        let mut process = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut browser = Self {
            process,
            to,
            from,
            heard: Vec::new(),
            events: Vec::new(),
            session: None,
            next: 0,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    fn message(&mut self) -> Value {
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == 0) {
                let rest = self.heard.split_off(end + 1);
                let message = std::mem::replace(&mut self.heard, rest);
                return serde_json::from_slice(&message[..end]).unwrap();
            }
            let mut buffer = [0; 1 << 16];
            let read = self.from.read(&mut buffer).unwrap();
            assert!(read > 0, "the browser has ended");
            self.heard.extend_from_slice(&buffer[..read]);
        }
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        loop {
            let heard = self.message();
            if heard["id"] == self.next {
                assert!(heard["error"].is_null(), "{method}: {}", heard["error"]);
                return heard["result"].clone();
            }
            self.events.push(heard);
        }
    }

    fn wait_for(&mut self, event: &str) {
        while !self.events.iter().any(|heard| heard["method"] == event) {
            let heard = self.message();
            self.events.push(heard);
        }
    }

    /// Opens a page in a window of this width.
    fn open(&mut self, url: &str, width: u32) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        // A new document each time, even where only the fragment differs.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        self.wait_for("Page.loadEventFired");
        self.events.retain(|heard| heard["method"] != "Page.loadEventFired");
        self.call("Page.navigate", &json!({ "url": url }));
        self.wait_for("Page.loadEventFired");
        self.events.retain(|heard| heard["method"] != "Page.loadEventFired");
    }

    /// The value of an expression of the page.
    fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    fn count(&mut self, selector: &str) -> u64 {
        self.value(&format!("document.querySelectorAll('{selector}').length")).as_u64().unwrap()
    }

    fn choose(&mut self, id: &str, value: &str) {
        self.value(&format!(
            "(() => {{ const s = document.getElementById('{id}'); s.value = '{value}';
               s.dispatchEvent(new Event('change')); }})()"
        ));
    }

    fn click(&mut self, selector: &str) {
        self.value(&format!(
            "document.querySelector('{selector}')
             .dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))"
        ));
    }

    fn screenshot(&mut self, path: &Path) {
        let size = self.call("Page.getLayoutMetrics", &json!({}))["cssContentSize"].clone();
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"],
                           "scale": 1 });
        let shot = self.call(
            "Page.captureScreenshot",
            &json!({ "captureBeyondViewport": true, "clip": clip }),
        );
        // As it comes, in base 64: a picture of one colour compresses to nothing.
        let data = shot["data"].as_str().unwrap();
        assert!(data.len() > 40_000, "an empty picture of {} characters", data.len());
        std::fs::write(path, data).unwrap();
    }

    /// What the page complained of, and what it asked for beyond its own file.
    fn complaints(&self) -> Vec<String> {
        let wrong = |heard: &&Value| match heard["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Log.entryAdded") => true,
            Some("Runtime.consoleAPICalled") => {
                matches!(heard["params"]["type"].as_str(), Some("error" | "warning" | "assert"))
            }
            Some("Network.requestWillBeSent") => {
                let url = heard["params"]["request"]["url"].as_str().unwrap_or("");
                !["file:", "data:", "about:"].iter().any(|scheme| url.starts_with(scheme))
            }
            _ => false,
        };
        self.events.iter().filter(wrong).map(ToString::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let close = json!({ "id": 0, "method": "Browser.close" }).to_string() + "\0";
        if self.to.write_all(close.as_bytes()).is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn published(name: &str) -> PathBuf {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results/published");
    let named = |path: &PathBuf| path.to_string_lossy().ends_with(name);
    let mut found: Vec<_> = results.read_dir().unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    found.into_iter().rfind(named).unwrap()
}

/// The page of these folders, and its bytes.
fn page(out: &Path, folders: &[&str]) -> (String, u64) {
    let status = Command::new(env!("CARGO_BIN_EXE_clockbench"))
        .arg("report")
        .args(folders.iter().map(|name| published(name)))
        .arg("--out")
        .arg(out)
        .status()
        .unwrap();
    assert!(status.success());
    let bytes = std::fs::metadata(out).unwrap().len();
    (format!("file://{}", out.display()), bytes)
}

/// The points of the first frontier.
const POINTS: &str = "[data-panel=\"0\"] .point";

#[test]
fn each_control_changes_what_it_should() {
    let Some(mut browser) = Browser::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (url, bytes) = page(&dir.path().join("page.html"), &["-clocks-under-churn"]);
    assert!(bytes < 1 << 20, "{bytes} bytes");
    browser.open(&url, 1280);
    let frontier = "document.querySelector('[data-panel=\"0\"] svg.chart').ariaLabel";
    let fragment = "location.hash";

    // Claims, points and tables are there, and every claim holds.
    assert!(browser.count(".claims li") >= 3 && browser.count(".claims .fails") == 0);
    let all = browser.count(POINTS);
    assert!(all > 15, "{all}");
    assert!(browser.text(frontier).starts_with("false order against bytes, mean"));

    // The pickers, and what they leave in the address.
    for (id, value, says) in [
        ("metric", "false_concurrency", "false concurrency"),
        ("metric", "ns_an_operation", "nanoseconds an operation"),
        ("metric", "proven", "proven"),
        ("metric", "reversal", "reversed order"),
        ("metric", "false_order", "false order"),
        ("size", "stamp_bytes_p99", "bytes, p99"),
    ] {
        let before = browser.text(frontier);
        browser.choose(id, value);
        let after = browser.text(frontier);
        assert!(after != before && after.contains(says), "{id} {value}: {after}");
    }
    assert_eq!(browser.text(fragment), "#x=stamp_bytes_p99");
    let near = browser.text("document.querySelector('.say').textContent");
    browser.choose("lag", "far");
    assert_ne!(browser.text("document.querySelector('.say').textContent"), near);
    assert_eq!(browser.text(fragment), "#x=stamp_bytes_p99&lag=far");

    // Families.
    browser.click("[data-family=\"rev\"]");
    assert_eq!(browser.count(POINTS), all - 1);
    assert_eq!(browser.count("[data-name^=\"rev:\"]"), 0);
    browser.click("#none");
    assert_eq!(browser.count(POINTS), 0);
    browser.click("#all");
    assert_eq!(browser.count(POINTS), all);

    // Hover and focus tell; arrows go on; a click pins.
    browser.value(
        "document.querySelector('[data-name=\"itc\"]')
         .dispatchEvent(new MouseEvent('mouseenter'))",
    );
    let tip = browser.text("document.getElementById('tip').textContent");
    assert!(tip.starts_with("itc\n") && tip.contains("guaranteed"), "{tip}");
    browser.value("document.querySelector('.point').focus()");
    let first = browser.text("document.activeElement.dataset.name");
    browser.value(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))",
    );
    let second = browser.text("document.activeElement.dataset.name");
    assert_ne!(first, second);
    assert!(browser.text("document.getElementById('tip').textContent").starts_with(&second));
    browser.click("[data-name=\"rev:r=16\"]");
    browser.click("[data-name^=\"recency\"]");
    assert!(browser.count(".compare tbody tr") > 10);
    let said = browser.text("document.getElementById('said').textContent");
    assert!(said.contains("rev:r=16 and recency") && said.ends_with("are compared"), "{said}");

    // The difference is the mean of the differences seed by seed.
    browser.value("[...document.querySelectorAll('.compare button')][0].click()");
    let rows = browser.text("window.lastDownload");
    let differences: Vec<f64> = rows
        .lines()
        .filter(|line| line.starts_with("churn,false_order_near,"))
        .map(|line| {
            let values: Vec<f64> =
                line.rsplitn(3, ',').take(2).map(|value| value.parse().unwrap()).collect();
            values[1] - values[0]
        })
        .collect();
    assert_eq!(differences.len(), 30);
    let mean = 100.0 * differences.iter().sum::<f64>() / 30.0;
    let shown = browser.text(
        "[...document.querySelectorAll('.compare tbody tr')]
         .find(row => row.cells[0].textContent === 'false order, near').cells[3].textContent",
    );
    let figure: f64 =
        shown.trim_start_matches(['+', '~']).split(' ').next().unwrap().parse().unwrap();
    assert!((figure - mean).abs() < 0.01 && mean > 1.0, "{shown} and {mean}");

    // What the address holds comes back.
    let kept = browser.text(fragment);
    browser.open(&format!("{url}{kept}"), 1280);
    assert_eq!(browser.text(fragment), kept);
    assert_eq!(browser.text("document.getElementById('lag').value"), "far");
    assert_eq!(browser.count("[data-panel=\"0\"] .point[aria-pressed=\"true\"]"), 2);

    // Tables: another one, sorted, filtered.
    browser.choose("table0", "summary");
    let rows = browser.count("[data-tables] tbody tr");
    assert_eq!(rows, 23);
    browser.click("[data-tables] th [data-key=\"stamp_bytes_p50\"]");
    let column =
        "[...document.querySelectorAll('[data-tables] tbody tr')].map(row => row.textContent)[0]";
    let least = browser.text(column);
    browser.click("[data-tables] th [data-key=\"stamp_bytes_p50\"]");
    assert_ne!(browser.text(column), least);
    assert_eq!(browser.count("[data-tables] th[aria-sort=\"descending\"]"), 1);
    browser.value(
        "(() => { const f = document.getElementById('filter0'); f.value = 'rev'; f.dispatchEvent(new Event('input')); })()",
    );
    // REV and NUREV.
    assert_eq!(browser.count("[data-tables] tbody tr"), 2);

    // Names for those who listen.
    let unnamed = browser.value(
        "[...document.querySelectorAll('button, select, input, [role=button], svg.chart')]
         .filter(e => !(e.ariaLabel || e.textContent.trim() || e.labels?.[0]?.textContent.trim())).length",
    );
    assert_eq!(unnamed, 0);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn the_page_fits_narrow_windows_and_dark_rooms() {
    let Some(mut browser) = Browser::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (url, _) = page(&dir.path().join("page.html"), &["-clocks-under-churn"]);
    for width in [1280, 400] {
        browser.open(&url, width);
        let overflow = browser.value("document.documentElement.scrollWidth - innerWidth");
        assert!(overflow.as_i64().unwrap() <= 0, "{overflow} pixels too wide at {width}");
        browser.screenshot(&shots.join(format!("report-{width}.png.base64")));
    }
    let back = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(back);
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.call("Emulation.setEmulatedMedia", &dark);
    assert_ne!(browser.text(back), light);
    browser.call("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    assert_eq!(
        browser.text("getComputedStyle(document.querySelector('.controls')).display"),
        "none"
    );
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn folders_stand_side_by_side_and_every_experiment_has_a_page() {
    let Some(mut browser) = Browser::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let two = ["-clocks-under-churn", "-chaos"];
    let (url, _) = page(&dir.path().join("two.html"), &two);
    browser.open(&url, 1280);
    assert_eq!(browser.count(".panel"), 2);
    for panel in [0, 1] {
        assert!(browser.count(&format!("[data-panel=\"{panel}\"] .point")) > 0);
    }
    for name in ["-placement", "-itc2008", "-lost-ids", "-running-clocks", "-plausible-traces"] {
        let (url, _) = page(&dir.path().join("other.html"), &[name]);
        browser.open(&url, 1280);
        assert!(browser.count("[data-tables] tbody tr") > 0, "{name}");
        assert!(!browser.text("document.getElementById('title').textContent").is_empty());
    }
    assert_eq!(browser.complaints(), [""; 0]);
}
