//! The stack: it follows each line, fits its place, and has three forms.

use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::view::{MOTD, cell, run, saved, says, tab_to};

fn open(look: Look) -> Browser {
    let browser = Browser::start(look);
    browser.open("#/");
    browser.wait("the layers to be drawn", "document.querySelector('.grid td')");
    browser
}

/// Waits until this subject is shown.
fn shows(browser: &Browser, name: &str) {
    let chosen = "document.querySelector('.choose select').selectedOptions[0].innerText";
    browser.wait(&format!("{name} to be shown"), &format!("{chosen}.startsWith('{name} ')"));
}

#[test]
fn the_stack_shows_what_each_line_touched() {
    let browser = open(Look::DESK);
    browser.find("combobox", "Subject");
    shows(&browser, "web1");
    run(&browser, "docker exec web1 rm /etc/motd");
    run(&browser, "docker commit web1 mine");
    shows(&browser, "mine");
    cell(&browser, MOTD, "mine · 5", "deleted");
    let top = "document.querySelectorAll('.grid tbody th')[1].innerText";
    browser.wait("what made the new layer", &format!("{top}.includes('commit of web1')"));
    let landed = "return document.querySelector('.grid .landed th')?.textContent.includes('mine · 5')";
    assert_eq!(browser.eval(landed), json!(true), "the writable sheet becomes the image's top layer");
    run(&browser, "docker run -d --name web2 mine");
    shows(&browser, "web2");
    // The layer has the same name and the same hue wherever it stands.
    let hue = |browser: &Browser, name: &str| {
        let found = format!(
            "return [...document.querySelectorAll('.grid tbody tr')].find(r => r.textContent.includes('{name}')).className"
        );
        browser.eval(&found).as_str().expect("a class").to_owned()
    };
    let there = hue(&browser, "nginx · 3");
    run(&browser, "docker exec web1 touch /a");
    shows(&browser, "web1");
    assert_eq!(hue(&browser, "nginx · 3"), there);
    run(&browser, "docker pull -q alpine");
    shows(&browser, "alpine");
    run(&browser, "mkdir /l /u /w /m");
    run(&browser, "mount -t overlay overlay -o lowerdir=/l,upperdir=/u,workdir=/w /m");
    shows(&browser, "/m");
    browser.find("button", "Undo").click();
    shows(&browser, "alpine");

    browser.find("checkbox", "Stay here").click();
    browser.find("textbox", "Terminal").focus();
    // In place of the line that was undone: there are as many as before.
    browser.keys("docker exec web1 touch /b");
    browser.press("Enter");
    browser
        .wait("the line to be done", "document.querySelector('[role=log]').innerText.includes('touch /b')");
    shows(&browser, "alpine");
}

#[test]
fn the_sheet_fits_and_folds_what_tells_nothing() {
    for look in [Look::DESK, Look { width: 1024, height: 768, ..Look::DESK }] {
        let browser = open(look);
        let fits = "const s = document.querySelector('.sheets'); return s.scrollWidth <= s.clientWidth";
        assert_eq!(browser.eval(fits), json!(true), "no sideways scrolling at {}", look.width);
        run(&browser, "docker exec web1 rm /etc/motd");
        cell(&browser, MOTD, "web1", "deleted");
        assert_eq!(browser.eval(fits), json!(true), "no sideways scrolling at {}", look.width);
        let headings = browser.eval(
            "return [...document.querySelectorAll('.grid thead th.dir')].map(h => h.innerText.replace('▾ ', ''))",
        );
        let headings: Vec<String> = serde_json::from_value(headings).expect("a list");
        let mut once = headings.clone();
        once.sort();
        once.dedup();
        assert_eq!(once, headings, "in path order, one heading each");
        browser.wait(
            "how much is shown of how much",
            "/[0-9]+ of [0-9]+ paths shown/.test(document.querySelector('.of').innerText)",
        );
    }
}

#[test]
fn a_folded_directory_unfolds_in_place_with_the_keyboard_alone() {
    let browser = open(Look::DESK);
    tab_to(&browser, "the stack", "e.getAttribute('role') === 'gridcell'");
    let rest = "document.activeElement.getAttribute('aria-label').startsWith('/etc, ')";
    for _ in 0..20 {
        if browser.eval(&format!("return {rest}")) == json!(true) {
            break;
        }
        browser.press("ArrowRight");
    }
    assert_eq!(browser.eval(&format!("return {rest}")), json!(true), "the rest of /etc has a cell");
    browser.press("Enter");
    browser.find("gridcell", "/etc/passwd, merged view, from nginx · 2");
    browser.wait(
        "the focus to stay in the grid",
        "document.querySelector('.grid').contains(document.activeElement)",
    );
    browser.find("button", "Fold /etc").click();
    browser.wait("it to be folded again", "!document.querySelector('.grid [data-dir]')");
}

#[test]
fn a_directory_that_was_unfolded_is_in_sight() {
    for look in [Look::DESK, Look::PHONE] {
        let browser = open(look);
        let fold = "[...document.querySelectorAll('.merged .fold')].at(-1)";
        let dir = browser.eval(&format!("return {fold}.getAttribute('aria-label').split(',')[0]"));
        browser.eval(&format!("{fold}.focus(); {fold}.click(); return null"));
        let seen = format!(
            "(() => {{ const head = document.querySelector('.grid [data-dir={dir}]'); if (!head) return false; \
             const r = head.getBoundingClientRect(), s = document.querySelector('.sheets').getBoundingClientRect(), \
             c = document.querySelector('.corner').getBoundingClientRect(); \
             return r.left >= c.right - 2 && r.left + 30 <= s.right && document.querySelector('.grid').contains(document.activeElement) }})()"
        );
        browser.wait(&format!("{dir} in sight"), &seen);
    }
}

#[test]
fn home_and_end_keep_the_focus_in_the_grid() {
    let browser = open(Look::DESK);
    run(&browser, "docker exec web1 rm /etc/motd");
    cell(&browser, MOTD, "web1", "deleted");
    tab_to(&browser, "the stack", "e.getAttribute('role') === 'gridcell'");
    let inside = "document.querySelector('.grid').contains(document.activeElement)";
    for key in ["End", "ArrowLeft", "ArrowLeft", "Home", "ArrowRight", "End", "ArrowDown", "Home"] {
        browser.press(key);
        browser.eval("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        assert_eq!(browser.eval(&format!("return {inside}")), json!(true), "after {key}");
    }
    for (key, place) in [("End", "last"), ("Home", "first")] {
        let event = |kind: &str| json!({"type": kind, "key": key, "code": key, "modifiers": 2, "windowsVirtualKeyCode": if key == "End" { 35 } else { 36 }});
        browser.cdp("Input.dispatchKeyEvent", &event("rawKeyDown"));
        browser.cdp("Input.dispatchKeyEvent", &event("keyUp"));
        let row = format!(
            "document.activeElement.closest('tr') === document.querySelector('.grid tbody tr:{place}-child')"
        );
        browser.wait(&format!("Ctrl-{key} to go to the {place} row"), &row);
    }
}

#[test]
fn a_hundred_layers_scroll_inside() {
    let browser = open(Look::DESK);
    let lowers: Vec<String> = (1..=100).map(|n| format!("/l/{n}")).collect();
    run(&browser, &format!("mkdir -p {} /u /w /m", lowers.join(" ")));
    run(
        &browser,
        &format!("mount -t overlay overlay -o lowerdir={},upperdir=/u,workdir=/w /m", lowers.join(":")),
    );
    shows(&browser, "/m");
    browser.wait("all layers", "document.querySelectorAll('.grid tbody tr').length === 102");
    let body = "return document.documentElement.scrollHeight <= innerHeight && document.body.scrollHeight <= innerHeight";
    assert_eq!(browser.eval(body), json!(true), "the page is as tall as the window");
    // What changes out of sight is brought into sight.
    browser.eval("const s = document.querySelector('.sheets'); s.scrollTop = s.scrollHeight; return null");
    run(&browser, "touch /m/new");
    let seen = "(() => { const e = document.querySelector('.grid .fresh .chip'); if (!e) return false; \
                const r = e.getBoundingClientRect(); \
                return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)); })()";
    browser.wait("the change to be in sight", seen);
}

#[test]
fn the_tree_has_a_row_a_path_and_a_filter() {
    let browser = open(Look::DESK);
    run(&browser, "docker exec web1 rm /etc/motd");
    browser.find("radio", "Tree").call("this.click()");
    browser.find("treegrid", "Files by layer");
    browser.find("searchbox", "Find in paths").focus();
    browser.keys("motd");
    browser.find("gridcell", "/etc/motd, web1, deleted, whiteout");
    browser.find("gridcell", "/etc/motd, nginx · 1, added, hidden");
    browser.wait("only what is meant", "document.querySelectorAll('.mx-row').length === 2");
    browser.find("treegrid", "Files by layer").focus();
    browser.press("End");
    browser.wait(
        "the path to be explained",
        "document.querySelector('.inspector .path').innerText === '/etc/motd'",
    );
    // Another line, and the matrix is drawn anew as it is filtered.
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker exec web1 sh -c 'echo hi > /etc/motd'");
    browser.find("gridcell", "/etc/motd, web1, changed, seen");
    browser.wait("only what is meant", "document.querySelectorAll('.mx-row').length === 2");
}

#[test]
fn the_host_has_each_layer_once_and_says_what_stands_on_it() {
    let browser = open(Look::DESK);
    run(&browser, "docker commit web1 mine");
    browser.find("radio", "Host").call("this.click()");
    browser.find("table", "Layers on this host");
    browser.find("columnheader", "mine image");
    let body = "const t = [...document.querySelectorAll('.on-host tbody tr')]; const names = t.map(r => r.querySelector('.pick').innerText); \
                return names.length === new Set(names).size && names.includes('nginx · 1') && names.includes('web1')";
    assert_eq!(browser.eval(body), json!(true), "each layer once");
    browser.find("button", "nginx · 1").click();
    let inspector = browser.find("complementary", "Inspector");
    browser.wait(
        "the layer to be explained",
        "document.querySelector('.inspector .path').innerText === 'nginx · 1'",
    );
    let text = inspector.text();
    // The style of the screens that come late changes nothing of it.
    browser.wait("all styles", "document.querySelectorAll('link[rel=stylesheet]').length === 2");
    let bar = "const r = document.querySelector('.on-host .bar').getBoundingClientRect(); return [r.width, r.height]";
    assert_eq!(browser.eval(bar), json!([36, 16]));
    assert!(
        text.contains("nginx, mine") && text.contains("web1") && text.contains("claimed 3 times"),
        "{text}"
    );
}

#[test]
fn a_small_image_is_shown_whole() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker run --name hello hello-world");
    cell(&browser, "/hello", "hello-world · 1", "seen");
    assert_eq!(browser.eval("return document.querySelectorAll('.cell.fold').length"), json!(0));
    assert!(browser.eval("return document.querySelector('.of').innerText") == json!("11 paths"));
}

#[test]
fn a_line_that_failed_leaves_the_stack_where_it_is() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    let subject = || browser.eval("return document.querySelector('.choose select').selectedOptions[0].text");
    run(&browser, "docker rmi nginx");
    says(&browser, "must force");
    assert_eq!(subject(), json!("web1 · container"));
    run(&browser, "docker history nginx");
    browser
        .wait("the image to be seen", "document.querySelector('.choose select').value.startsWith('image:')");
    assert_eq!(subject(), json!("nginx · image"));
}

#[test]
fn the_steps_of_a_build_are_drawn() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    let steps = || {
        let each =
            "[...document.querySelectorAll('ol.build li')].map(li => li.innerText.replaceAll('\\n', ' | '))";
        browser.eval(&format!("return {each}.join('; ')")).as_str().unwrap_or_default().to_owned()
    };
    run(&browser, "mkdir app; printf 'FROM nginx\\nRUN echo hi > /hi\\nCMD [\"sh\"]\\n' > app/Dockerfile");
    assert_eq!(steps(), "");
    run(&browser, "docker build -t my app");
    cell(&browser, "/hi", "my · 5", "seen");
    assert_eq!(steps(), "FROM nginx | cached; RUN echo hi > /hi | ran · 3 B; CMD [\"sh\"] | ran");
    assert!(browser.names("list").contains(&"Build steps".to_owned()));
    // The steps have no image of their own to choose.
    assert_eq!(browser.eval("return document.querySelectorAll('.choose option').length"), json!(3));
    run(&browser, "docker build -t my2 app");
    assert_eq!(steps(), "FROM nginx | cached; RUN echo hi > /hi | cached · 3 B; CMD [\"sh\"] | cached");
    run(&browser, "printf 'FROM nginx\\nCOPY b /b\\n' > app/Dockerfile; docker build app");
    assert_eq!(steps(), "FROM nginx | cached; COPY b /b | failed");
    // BuildKit's steps say as much, and have the hues of their layers.
    run(&browser, "printf 'FROM nginx\\nRUN echo kit > /kit\\nENV A=1\\n' > app/Dockerfile");
    run(&browser, "DOCKER_BUILDKIT=1 docker build -t kit app");
    cell(&browser, "/kit", "kit · 5", "seen");
    assert_eq!(steps(), "[1/2] FROM docker.io/library/nginx | ran; [2/2] RUN echo kit > /kit | ran · 4 B");
    let hues = "const hue = (e) => getComputedStyle(e).getPropertyValue('--hue'); \
                return [hue(document.querySelector('ol.build li:last-child')), hue(document.querySelectorAll('tr.sheet')[1])]";
    let hues = browser.eval(hues);
    assert!(hues[0] == hues[1] && hues[0] != json!(""), "{hues}");
    assert_eq!(
        browser.eval("return document.querySelectorAll('tr.sheet')[1].querySelector('.detail').innerText"),
        json!("RUN echo kit > /kit")
    );
    run(&browser, "docker build app");
    run(&browser, "printf 'FROM nginx\\nCOPY b /b\\n' > app/Dockerfile; docker build app");
    run(&browser, "docker ps");
    assert_eq!(steps(), "");
    browser.find("button", "Undo").click();
    browser.wait("the steps to be there again", "document.querySelector('ol.build .failed')");
    saved(&browser);
    browser.reload();
    browser.wait("the steps to be there again", "document.querySelector('ol.build .failed')");
}

#[test]
fn what_is_explained_of_another_subject_stays_when_a_line_changes_nothing() {
    let browser = open(Look::DESK);
    let path = |path: &str| {
        browser.wait(path, &format!("document.querySelector('.inspector .path')?.innerText === '{path}'"));
    };
    run(&browser, "docker run -d --name web2 nginx");
    run(&browser, "docker exec web2 touch /srv/mine");
    path("/srv/mine");
    run(&browser, "docker commit web1 mine");
    shows(&browser, "mine");
    path("/etc/motd");
    run(&browser, "docker tag web1 other");
    says(&browser, "web1 is a container");
    path("/etc/motd");
    run(&browser, "docker pull -q ubuntu");
    browser.find("button", "docker run -it --name box ubuntu");
}

#[test]
fn eight_layers_have_eight_hues_that_are_told_apart() {
    for dark in [false, true] {
        let browser = open(Look { dark, ..Look::DESK });
        let line = |n: u32| {
            format!(
                "docker exec web1 touch /n{n}; docker commit web1 mine:{n}; docker rm -f web1; docker run -d --name web1 mine:{n}\n"
            )
        };
        let lines: Vec<String> = (1..=8).map(line).collect();
        browser.find("textbox", "Terminal").focus();
        browser.cdp("Input.insertText", &json!({"text": lines.concat()}));
        browser.wait_long("the lines to be done", "document.querySelector('.ticks').dataset.ticks === '8'");
        browser.wait("the layers", "document.querySelectorAll('.grid tbody tr').length >= 14");
        // How far apart two hues look (in Oklab, where 0.02 is just seen), and how well what is written on them is read.
        let hues = "
          const style = getComputedStyle(document.documentElement);
          const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
          const probe = document.createElement('i');
          document.body.append(probe);
          const linear = (name) => {
            probe.style.color = `var(${name})`;
            paint.fillStyle = getComputedStyle(probe).color;
            paint.fillRect(0, 0, 1, 1);
            return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => {
              c /= 255;
              return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            });
          };
          const lab = ([r, g, b]) => {
            const l = Math.cbrt(0.4122 * r + 0.5363 * g + 0.0514 * b), m = Math.cbrt(0.2119 * r + 0.6807 * g + 0.1074 * b);
            const s = Math.cbrt(0.0883 * r + 0.2817 * g + 0.63 * b);
            return [0.2105 * l + 0.7936 * m - 0.0041 * s, 1.978 * l - 2.4286 * m + 0.4506 * s, 0.0259 * l + 0.7828 * m - 0.8087 * s];
          };
          const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
          const names = [...Array(8).keys()].map((n) => '--h' + n).concat('--up', '--init');
          const apart = names.flatMap((a, at) => names.slice(at + 1).map((b) => {
            const [one, two] = [lab(linear(a)), lab(linear(b))];
            return Math.hypot(...one.map((x, n) => x - two[n]));
          }));
          const contrast = names.flatMap((name) => ['--chip-ink', '--paper', '--card'].map((other) => {
            const [one, two] = [light(linear(name)), light(linear(other))];
            return Math.max(one, two) / Math.min(one, two);
          }));
          return [Math.min(...apart), Math.min(...contrast)]";
        let told = browser.eval(hues);
        assert!(told[0].as_f64().expect("a number") > 0.085, "{told}");
        assert!(told[1].as_f64().expect("a number") >= 4.5, "{told}");
        let classes = "return [...document.querySelectorAll('.grid tbody tr')].flatMap((row) => [...row.classList].filter((name) => /^h\\d$/.test(name)))";
        let classes = browser.eval(classes);
        let classes: Vec<String> = serde_json::from_value(classes).expect("a list");
        assert!(classes.len() >= 11, "{classes:?}");
        // The merged view has none of its own.
        for eight in classes[1..].windows(8) {
            let mut once = eight.to_vec();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), 8, "{classes:?}");
        }
    }
}
