//! The built page in real Chromium, driven through chromedriver.
//!
//! Elements are found as people who use assistive technology find them: by role and accessible name, as Chromium itself
//! computes them.

use std::path::Path;
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};

use crate::chromedriver::{chromedriver, connector, url};
use crate::lab::{On, layerlab};
use crate::poll::{poll, within};
use crate::process::Daemon;

/// How the page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// What `prefers-color-scheme` says.
    pub dark: bool,
    /// The browser's language, `en` or `zh`.
    pub language: &'static str,
    /// Whether the screen is touched.
    pub touch: bool,
}

impl Look {
    /// A desk's screen in English, light.
    pub const DESK: Self = Self { width: 1440, height: 900, dark: false, language: "en", touch: false };
    /// A phone's screen in English, light.
    pub const PHONE: Self = Self { width: 390, height: 844, dark: false, language: "en", touch: true };
}

/// A server of the page, a chromedriver and a browser window.
#[derive(Debug)]
pub struct Browser {
    runtime: tokio::runtime::Runtime,
    client: Client,
    base: String,
    driver: Daemon,
    _server: Daemon,
    _folder: tempfile::TempDir,
}

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

impl Browser {
    /// Serves dist/, starts a browser with an empty profile, and opens nothing yet.
    pub fn start(look: Look) -> Self {
        Self::start_with(look, &[])
    }

    /// The same with a server that is told more.
    pub fn start_with(look: Look, more: &[&str]) -> Self {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
        assert!(dist.join("index.html").exists(), "dist/ is missing: cargo xtask build");
        let folder =
            tempfile::Builder::new().prefix("layerlab-browser-").tempdir().expect("a temporary folder");
        let mut serve = layerlab(On::Sim);
        serve.args(["serve", "--no-host", "--listen", "127.0.0.1:0", "--dist"]).arg(&dist).args(more);
        let server = Daemon::start(&mut serve, &folder.path().join("server.log"));
        let base = poll("layerlab serve to print its URL", Duration::from_secs(30), || url(&server.log()));
        let (driver, port) = chromedriver(&folder.path().join("driver.log"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut args: Vec<String> = FLAGS.iter().map(|&f| f.to_owned()).collect();
        args.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        args.push(format!("--lang={}", if look.language == "zh" { "zh-CN" } else { "en-US" }));
        let prefs =
            json!({"intl.accept_languages": if look.language == "zh" { "zh-CN,zh" } else { "en-US,en" }});
        let options =
            json!({"goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": args, "prefs": prefs}});
        let Value::Object(capabilities) = options else { unreachable!("an object was written") };
        assert!(
            Path::new("/usr/bin/chromium").exists(),
            "chromium is missing: apt-get install chromium, or `cargo xtask setup`"
        );
        let client = runtime
            .block_on(
                ClientBuilder::new(connector())
                    .capabilities(capabilities)
                    .connect(&format!("http://127.0.0.1:{port}")),
            )
            .unwrap_or_else(|e| panic!("chromedriver gave no session: {e}\n{}", driver.log()));
        let browser = Self { runtime, client, base, driver, _server: server, _folder: folder };
        browser.look(look);
        browser
    }

    /// Changes size, theme and touch.
    pub fn look(&self, look: Look) {
        let size =
            json!({"width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": look.touch});
        self.cdp("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if look.dark { "dark" } else { "light" };
        self.cdp(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
        self.cdp("Emulation.setTouchEmulationEnabled", &json!({"enabled": look.touch}));
    }

    /// Where the page is served.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Opens any page.
    pub fn visit(&self, address: &str) {
        self.runtime
            .block_on(self.client.goto(address))
            .unwrap_or_else(|e| panic!("cannot open {address}: {e}"));
    }

    /// Goes into a frame of the window by its number, or out of it; scripts run there then.
    pub fn frame(&self, number: Option<u16>) {
        let entered = match number {
            Some(number) => self.runtime.block_on(self.client.enter_frame(number)),
            None => self.runtime.block_on(self.client.enter_parent_frame()),
        };
        entered.expect("the frame is there");
    }

    /// Opens the page at this fragment (`#/`) and waits until its prompt takes input.
    pub fn open(&self, fragment: &str) {
        self.visit(&format!("{}{fragment}", self.base));
        self.wait("the prompt to take input", "document.documentElement.dataset.ready === 'true'");
    }

    /// Loads the page anew and waits until its prompt takes input.
    pub fn reload(&self) {
        self.eval("delete document.documentElement.dataset.ready; return null");
        self.runtime.block_on(self.client.refresh()).expect("a page can be reloaded");
        self.wait_long("the prompt to take input", "document.documentElement.dataset.ready === 'true'");
    }

    /// The name of the tab that is in front, for [`Self::to_tab`].
    pub fn tab(&self) -> String {
        self.runtime.block_on(self.client.window()).expect("a tab has a name").into()
    }

    /// Opens another tab of the same browser and goes there.
    pub fn another_tab(&self, look: Look) {
        let new = self.runtime.block_on(self.client.new_window(true)).expect("a browser opens tabs");
        self.to_tab(&String::from(new.handle));
        self.look(look);
    }

    /// Goes to a tab.
    pub fn to_tab(&self, name: &str) {
        let handle = name.to_owned().try_into().expect("a tab's name");
        self.runtime.block_on(self.client.switch_to_window(handle)).expect("the tab is there");
    }

    /// Says how many bytes the page may keep in the browser.
    pub fn allow(&self, bytes: u64) {
        let origin = self.base.trim_end_matches('/');
        self.cdp("Storage.overrideQuotaForOrigin", &json!({"origin": origin, "quotaSize": bytes}));
    }

    /// Makes the line as slow as 1.6 Mbit/s with 150 ms, and the processor as slow as a quarter of itself; or as fast as
    /// they are.
    pub fn slow(&self, slow: bool) {
        let (latency, throughput, rate) = if slow { (150, 200_000, 4) } else { (0, -1, 1) };
        let line = json!({"offline": false, "latency": latency, "downloadThroughput": throughput, "uploadThroughput": throughput});
        self.cdp("Network.emulateNetworkConditions", &line);
        self.cdp("Emulation.setCPUThrottlingRate", &json!({"rate": rate}));
    }

    /// Runs a function body in the page and returns what it returns.
    pub fn eval(&self, body: &str) -> Value {
        self.runtime.block_on(self.client.execute(body, Vec::new())).unwrap_or_else(|e| panic!("{body}: {e}"))
    }

    /// Waits until an expression is true in the page, for 20 seconds at most.
    pub fn wait(&self, what: &str, expression: &str) {
        self.wait_for(what, expression, Duration::from_secs(20));
    }

    /// The same for what takes long: two minutes at most.
    pub fn wait_long(&self, what: &str, expression: &str) {
        self.wait_for(what, expression, Duration::from_mins(2));
    }

    fn wait_for(&self, what: &str, expression: &str, most: Duration) {
        let look = || (self.eval(&format!("return !!({expression})")) == json!(true)).then_some(());
        if within(most, look).is_none() {
            let text = self.eval("return document.body ? document.body.innerText : ''");
            panic!("waited in vain for {what}; the page says:\n{}", text.as_str().unwrap_or_default());
        }
    }

    /// Whether an element of this role and accessible name is there.
    pub fn has(&self, role: &str, name: &str) -> bool {
        self.query(role, name).is_some()
    }

    /// Waits for an element of this role and name.
    pub fn find(&self, role: &str, name: &str) -> Found<'_> {
        let object =
            poll(&format!("a {role} named {name:?}"), Duration::from_secs(20), || self.query(role, name));
        Found { browser: self, object }
    }

    fn query(&self, role: &str, name: &str) -> Option<String> {
        let root = self.cdp("Runtime.evaluate", &json!({"expression": "document.documentElement"}));
        let object = root["result"]["objectId"].as_str()?.to_owned();
        let found = self.cdp(
            "Accessibility.queryAXTree",
            &json!({"objectId": object, "role": role, "accessibleName": name}),
        );
        let node =
            found["nodes"].as_array()?.iter().find(|n| n["ignored"] == json!(false))?["backendDOMNodeId"]
                .clone();
        let resolved = self.cdp("DOM.resolveNode", &json!({"backendNodeId": node}));
        Some(resolved["object"]["objectId"].as_str()?.to_owned())
    }

    /// The names of all elements of a role, in the page's order.
    pub fn names(&self, role: &str) -> Vec<String> {
        let root = self.cdp("Runtime.evaluate", &json!({"expression": "document.documentElement"}));
        let found = self
            .cdp("Accessibility.queryAXTree", &json!({"objectId": root["result"]["objectId"], "role": role}));
        let nodes = found["nodes"].as_array().cloned().unwrap_or_default();
        nodes.iter().filter_map(|n| Some(n["name"]["value"].as_str()?.to_owned())).collect()
    }

    /// Types text where the focus is, as from a keyboard.
    pub fn keys(&self, text: &str) {
        for c in text.chars() {
            self.cdp("Input.dispatchKeyEvent", &json!({"type": "char", "text": c.to_string()}));
        }
    }

    /// Presses a key by its DOM name (`Enter`, `Tab`, `ArrowUp`, `Escape`), where the focus is.
    pub fn press(&self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "Escape" => (27, ""),
            "ArrowLeft" => (37, ""),
            "ArrowUp" => (38, ""),
            "ArrowRight" => (39, ""),
            "ArrowDown" => (40, ""),
            "Home" => (36, ""),
            "End" => (35, ""),
            "PageDown" => (34, ""),
            " " => (32, " "),
            other => panic!("no code is known for the key {other}"),
        };
        let event = |kind: &str| json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        self.cdp("Input.dispatchKeyEvent", &event(if text.is_empty() { "rawKeyDown" } else { "keyDown" }));
        let up = json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code});
        self.cdp("Input.dispatchKeyEvent", &up);
    }

    /// Gives the page's file input this file, as if a person had picked it.
    pub fn pick(&self, file: &Path) {
        self.pick_for("import-file", file);
    }

    /// The same for the file input with this id.
    pub fn pick_for(&self, id: &str, file: &Path) {
        let expression = json!({"expression": format!("document.getElementById('{id}')")});
        self.wait("a file input", expression["expression"].as_str().expect("a text"));
        let input = self.cdp("Runtime.evaluate", &expression)["result"]["objectId"].clone();
        self.cdp("DOM.setFileInputFiles", &json!({"objectId": input, "files": [file]}));
    }

    /// The most resident memory that any tab's process of this browser has had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let read =
            |id: u32, file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        // The number behind the name, which may hold anything, and the state is the parent's.
        let parent =
            |id: u32| -> Option<u32> { read(id, "stat").rsplit(')').next()?.split(' ').nth(2)?.parse().ok() };
        let is_ours = |id: u32| {
            std::iter::successors(Some(id), |id| parent(*id)).take(16).any(|id| id == self.driver.id())
        };
        let tabs = ids.filter(|id| read(*id, "cmdline").contains("--type=renderer") && is_ours(*id));
        let peak = |id: u32| -> Option<u64> {
            let status = read(id, "status");
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        tabs.filter_map(peak).max().unwrap_or_default() * 1024
    }

    /// A command of the Chrome DevTools Protocol.
    pub fn cdp(&self, command: &str, params: &Value) -> Value {
        let call = Cdp(json!({"cmd": command, "params": params}));
        self.runtime.block_on(self.client.issue_cmd(call)).unwrap_or_else(|e| panic!("{command}: {e}"))
    }

    /// Writes what the window shows as a PNG file.
    pub fn screenshot(&self, file: &Path) {
        let png = self.runtime.block_on(self.client.screenshot()).expect("a screenshot");
        std::fs::create_dir_all(file.parent().expect("a file lies in a folder"))
            .expect("a folder for screenshots");
        std::fs::write(file, png).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver is killed next, and would leave the browser behind.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

/// An element that was found.
#[derive(Debug)]
pub struct Found<'a> {
    browser: &'a Browser,
    object: String,
}

impl Found<'_> {
    /// Runs a function body with `this` as the element.
    pub fn call(&self, body: &str) -> Value {
        let function = format!("function() {{ {body} }}");
        let params = json!({"objectId": self.object, "functionDeclaration": function, "returnByValue": true});
        self.browser.cdp("Runtime.callFunctionOn", &params)["result"]["value"].clone()
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.call("return this.value ?? this.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Gives it the focus.
    pub fn focus(&self) {
        self.call("this.focus()");
    }

    /// Clicks its middle with the mouse.
    pub fn click(&self) {
        let (x, y) = self.middle();
        self.browser.mouse(x, y);
    }

    /// Touches its middle with a finger.
    pub fn tap(&self) {
        let (x, y) = self.middle();
        self.browser.cdp(
            "Input.dispatchTouchEvent",
            &json!({"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}),
        );
        self.browser.cdp("Input.dispatchTouchEvent", &json!({"type": "touchEnd", "touchPoints": []}));
    }

    fn middle(&self) -> (f64, f64) {
        let body = "this.scrollIntoView({block: 'nearest', inline: 'nearest'}); const r = this.getBoundingClientRect(); \
                    return [r.x + r.width / 2, r.y + r.height / 2]";
        let at = self.call(body);
        (at[0].as_f64().expect("a number"), at[1].as_f64().expect("a number"))
    }
}

/// A command of chromedriver's own: `goog/cdp/execute`.
#[derive(Debug)]
struct Cdp(Value);

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
