"""What .ci/test-docs does in the browser: every page fits a phone and logs no error, the pages of each kind are accessible in both
themes, and the search finds an operation. Every wait is for something to be seen."""

import base64
import functools
import http.server
import importlib.util
import json
import os
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SITE = Path(sys.argv[1])
SCREENSHOTS = Path(os.environ["DOCS_SCREENSHOTS"])
AXE = Path(importlib.util.find_spec("axe_playwright_python").origin).with_name("axe.min.js")
OPERATION = "createAllocatePoints"
# A page of each kind: front, prose, commands, an operation, types, wide tables, plots, a picture.
LOOKED_AT = ["index", "docs/tour", "docs/guide/kubernetes", f"reference/{OPERATION}", "reference/index", "reference/types",
             "docs/coverage", "docs/performance", "docs/architecture", "crates/enkash/index"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Browser:
    """A browser on the site."""

    def __init__(self, url, profile):
        self.url = url
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Nothing of the browser's own may look like a request of a page. --no-sandbox: CI runs as root in a container.
        for flag in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--no-first-run", "--no-default-browser-check", "--hide-scrollbars", f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        # axe looks at every part of a page, which takes long on a busy machine.
        self.driver.set_script_timeout(180)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def look(self, width, height, dark):
        self.width = width
        # Emulated: a window cannot be as narrow as a phone.
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, page):
        self.driver.get(f"{self.url}/{page}.html")

    def until(self, condition, what):
        return WebDriverWait(self.driver, 20, poll_frequency=0.05).until(lambda _: condition(), f"never came: {what}")

    def assert_fits(self, page):
        """The page is as wide as the screen; what is wider scrolls in a frame of its own."""
        wide = self.driver.execute_script("""return [...document.querySelectorAll('#mdbook-content *')].filter(element =>
            element.getBoundingClientRect().right > arguments[0] + 1
            && !element.closest('.table-wrapper, pre, .diagram, nav'))
            .map(element => element.tagName + '.' + element.className + ' ' + element.innerText?.slice(0, 40))""", self.width)
        size = self.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert not wide and max(size) <= self.width, (page, size, wide[:5])

    def assert_quiet(self, page):
        entries = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        assert not entries, (page, entries)

    def assert_at_home(self):
        """Every request went to the site: it loads nothing from others."""
        home, seen = urlsplit(self.url).netloc, 0
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = urlsplit(message["params"]["request"]["url"])
                seen += 1
                assert url.scheme in ("data", "about", "chrome", "blob") or url.netloc == home, url
        assert seen, "the requests were not seen at all"

    def assert_accessible(self, page):
        """Contrast, names and structure of what the project writes; mdbook's own bar and list are mdbook's. What scrolls takes the
        focus by itself in today's browsers."""
        self.driver.execute_script(AXE.read_text())
        found = self.driver.execute_async_script(
            """axe.run('main', {runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations'],
            rules: {'scrollable-region-focusable': {enabled: false}}}).then(arguments[0])""")["violations"]
        assert not found, (page, [(rule["id"], node["target"], node["failureSummary"]) for rule in found for node in rule["nodes"]][:5])

    def picture(self, name, whole=False):
        self.driver.execute_script("scrollTo(0, 0)")
        clip = {}
        if whole:
            height = self.driver.execute_script("return document.documentElement.scrollHeight")
            clip = {"clip": {"x": 0, "y": 0, "width": self.width, "height": min(height, 5000), "scale": 1}}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=whole, **clip)
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def step(text):
    print(f"  {text}", flush=True)


def every_page(browser):
    # Each page has a twin in Markdown.
    names = sorted(str(path.relative_to(SITE).with_suffix("")) for path in SITE.rglob("*.md"))
    step(f"{len(names)} pages are listed, fit a phone and log no error")
    lists = {name: (SITE / name).read_text() for name in ("toc.html", "llms.txt", "llms-full.txt", "sitemap.xml")}
    for name in names:
        assert f'href="{name}.html"' in lists["toc.html"], f"{name} is not in the list of pages"
        assert f"/{name}.md)" in lists["llms.txt"] and f"<!-- {name}.md -->" in lists["llms-full.txt"], name
        assert f"/{name}.html</loc>" in lists["sitemap.xml"], name
    browser.look(390, 844, False)
    for name in names:
        browser.open(name)
        assert browser.driver.find_elements(By.CSS_SELECTOR, "main h1"), f"{name} has no title"
        browser.assert_fits(name)
        browser.assert_quiet(name)


def kinds_of_pages(browser):
    step("a page of each kind, wide and narrow, light and dark")
    for dark in (False, True):
        for width, height in ((1280, 900), (390, 844)):
            browser.look(width, height, dark)
            for name in LOOKED_AT:
                browser.open(name)
                theme = browser.driver.execute_script("return document.documentElement.className")
                assert ("navy" in theme) == dark, (name, theme)
                browser.assert_fits(name)
                browser.assert_accessible(name)
                browser.picture(f"{name.replace('/', '-')}-{width}-{'dark' if dark else 'light'}")
    browser.assert_quiet("the pages looked at")


def search(browser):
    step(f"the search finds {OPERATION}")
    for width, height in ((1280, 900), (390, 844)):
        browser.look(width, height, False)
        browser.open("index")
        browser.driver.find_element(By.ID, "mdbook-search-toggle").click()
        field = browser.driver.find_element(By.ID, "mdbook-searchbar")
        browser.until(field.is_displayed, "the field of the search")
        field.send_keys(OPERATION)
        # Read in one step: the list is made anew with every letter.
        first = "return document.querySelector('#mdbook-searchresults a')?.href ?? ''"
        browser.until(lambda: f"reference/{OPERATION}.html" in browser.driver.execute_script(first), f"{OPERATION} as the first result")
        browser.picture(f"search-{width}")
    browser.assert_quiet("the search")


def main():
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(f"http://127.0.0.1:{server.server_port}", profile)
        try:
            every_page(browser)
            kinds_of_pages(browser)
            search(browser)
            browser.assert_at_home()
        except BaseException:
            browser.picture("failed")
            raise
        finally:
            browser.driver.quit()
            server.shutdown()


main()
