"""What .ci/test-console does in the browser. Every wait is for something to be seen; nothing sleeps for a fixed time."""

import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common import exceptions
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# A part of the page was replaced while it was looked at: look again.
IN_BETWEEN = (exceptions.StaleElementReferenceException, exceptions.ElementClickInterceptedException,
              exceptions.NoSuchElementException, exceptions.ElementNotInteractableException,
              exceptions.NoAlertPresentException)
AMOUNT = Decimal("250.50")
SCREENSHOTS = Path(os.environ["CONSOLE_SCREENSHOTS"])
ENKASH = os.environ["ENKASH"]
AXE = Path(importlib.util.find_spec("axe_playwright_python").origin).with_name("axe.min.js")


class Console:
    """A browser on the pages of one sandbox."""

    def __init__(self, announcement, profile):
        self.to = announcement
        self.url = announcement["url"]
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Nothing of the browser's own may look like a request of the page. --no-sandbox: CI runs as root in a container.
        for flag in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1440,1000",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--no-first-run", "--no-default-browser-check", "--hide-scrollbars", f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options=options, service=service)
        # axe looks at every part of a page, which takes long on a busy machine.
        self.driver.set_script_timeout(180)
        self.secrets = [announcement["password"], announcement["client_secret"]]
        self.requests = []

    # -- Looking and waiting.

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def text(self, css):
        """The visible text, read in one step: the page replaces its parts while it is looked at."""
        return self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", css)

    def rows(self, part):
        script = """return [...document.querySelectorAll(arguments[0] + ' tbody tr')]
            .map(row => Object.fromEntries([...row.cells].map(cell => [cell.dataset.label, cell.innerText])))"""
        return self.driver.execute_script(script, part)

    def until(self, condition, what):
        return WebDriverWait(self.driver, 20, poll_frequency=0.05, ignored_exceptions=IN_BETWEEN).until(
            lambda _: condition(), f"never came: {what}")

    def click(self, css):
        """Clicks as a person does: what is replaced at that very moment is clicked in its new form."""
        def clicked():
            element = self.find(css)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True
        self.until(clicked, f"{css}, to be clicked")

    def open(self, path):
        self.driver.get(self.url + path)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    # -- What must not happen.

    def assert_quiet(self):
        """No error and no breach of the policy was logged by the browser."""
        entries = [entry for entry in self.driver.get_log("browser")
                   if entry["level"] in ("SEVERE", "WARNING") and entry["source"] != "network"]
        assert not entries, entries

    def assert_at_home(self):
        """Every request of the pages went to the sandbox."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
        home = urlsplit(self.url).netloc
        strangers = [url for url in self.requests
                     if urlsplit(url).scheme not in ("data", "about", "chrome") and urlsplit(url).netloc != home]
        assert not strangers, strangers
        assert any("/console.js" in url for url in self.requests), "the requests were not seen at all"

    def assert_log_is_clean(self):
        """The log names no secret and no person, not even in what is not visible."""
        log = self.find("#log").get_attribute("outerHTML")
        assert "createAllocatePoints" in log
        for secret in [*self.secrets, "9000000001", "9000000901", "Ashwini", "a2@example.com"]:
            assert secret not in log, f"the log shows {secret}"

    def assert_fits(self):
        """Nothing sticks out of the page to the side."""
        wide = self.driver.execute_script("""return [...document.querySelectorAll('body, body *')].filter(element =>
            element.getBoundingClientRect().right > arguments[0] + 1 && !element.closest('.scroll, .sr, thead, .skip'))
            .map(element => element.tagName + '.' + element.className)""", self.width)
        assert not wide, wide[:10]
        # Not against innerWidth: a phone's browser widens its view to what sticks out.
        page = self.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert max(page) <= self.width, (page, self.width)

    def assert_accessible(self):
        """Contrast, names, roles and structure are as WCAG 2.1 AA and axe's good practice have them."""
        self.driver.execute_script(AXE.read_text())
        # axe looks for seconds, and at what is there: the page stands still meanwhile.
        self.driver.execute_script("live = false; turn += 1;")
        found = self.driver.execute_async_script(
            """axe.run(document, {resultTypes: ['violations']})
            .then(arguments[0], error => arguments[0]({violations: [{id: String(error), nodes: []}]}))""")["violations"]
        self.driver.execute_script("live = true")
        assert not found, [(rule["id"], [(node["target"], node["failureSummary"]) for node in rule["nodes"]]) for rule in found]

    # -- Pictures.

    def look(self, width, height, dark):
        self.width = width
        # Emulated: a window cannot be as narrow as a phone.
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 500)
        self.command("Emulation.setEmulatedMedia",
                     # A message that fades away has the contrast of neither state while it does.
                     features=[{"name": "prefers-reduced-motion", "value": "reduce"},
                               {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, name, whole=True):
        if whole:
            # The header sticks to where the page is scrolled to, which is the middle of a picture of all of it.
            self.driver.execute_script("scrollTo(0, 0)")
        size = self.driver.execute_script("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"clip": {"x": 0, "y": 0, "width": size[0], "height": min(size[1], 6000), "scale": 1}} if whole else {}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=whole, **clip)
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def pictures(self, name):
        for scheme in ("light", "dark"):
            self.look(1440, 1000, scheme == "dark")
            self.assert_fits()
            self.assert_accessible()
            self.picture(f"{name}-wide-{scheme}")
            self.look(390, 844, scheme == "dark")
            self.assert_fits()
            self.assert_accessible()
            self.picture(f"{name}-phone-{scheme}")
            self.picture(f"{name}-phone-{scheme}-top", whole=False)
        self.look(1440, 1000, False)


def amount(text):
    return Decimal(text.replace(",", "").replace("\u2212", "-").replace("+", ""))


def step(text):
    print(f"  {text}", flush=True)


def empty_console(console):
    step("an empty console says what to do")
    console.open("/")
    for part, words in [("#allocations", "No allocation has come"), ("#log", "No call has come"), ("#transactions", "No money has moved"),
                        ("#orders", "No order yet"), ("#carts", "All carts are empty"), ("#faults", "No fault is set")]:
        assert words in console.text(part), console.text(part)
    step("a hostile name is a text")
    names = [row["Name"] for row in console.rows("#people")]
    assert any("<script>alert('name')</script>" in name for name in names), names
    assert not console.driver.find_elements(By.CSS_SELECTOR, "#people script, #people img")
    console.pictures("console-empty")


def allocate(console):
    step("log in and allocate in the reference")
    console.open("/docs")
    console.pictures("reference-folded")
    console.click("#get-token")
    console.until(lambda: "Logged in" in console.text("#token"), "a token")
    console.secrets.append(console.driver.execute_script("return token"))
    assert len(console.secrets[-1]) > 8
    console.click(".contents a[href='#createAllocatePoints']")
    form = "#try-createAllocatePoints"
    console.until(lambda: console.find(form).is_displayed(), "the form of the operation")
    # The second example tops up a new person; choosing it fills the body.
    console.driver.execute_script("""const choice = document.querySelector(arguments[0] + ' select');
        choice.value = [...choice.options].find(option => option.title === 'topUp').value;
        choice.dispatchEvent(new Event('change'))""", form)
    body = json.loads(console.find(f"{form} textarea").get_property("value"))
    assert body["companyId"] == console.to["company_id"] and Decimal(str(body["loadAmount"])) == AMOUNT, body
    console.click(f"{form} button.primary")
    console.until(lambda: console.text(f"{form} .answer .status"), "an answer")
    answer = json.loads(console.text(f"{form} .answer pre"))
    assert console.text(f"{form} .answer .status") == "200" and answer["code"] == 0, answer
    console.pictures("reference-tried")
    step("an operation of unknown path says so")
    console.click(".contents a[href='#searchCatalog']")
    article = console.until(lambda: console.text("#searchCatalog"), "the article")
    assert "Nobody saw the path" in article and "sandbox's own choice" in article, article
    console.click("#try-searchCatalog button.primary")
    console.until(lambda: console.text("#try-searchCatalog .answer .status") == "200", "the catalogue")
    return body


def every_operation(console):
    step("every operation is there with its evidence, and its form, as it is filled, succeeds")
    forms = console.driver.execute_script("return [...document.querySelectorAll('form.attempt')].map(form => form.id)")
    assert len(forms) == 23, forms
    for form in forms:
        operation = form.removeprefix("try-")
        badges = console.driver.execute_script("""return [...document.querySelectorAll(
            '#operation-' + arguments[0] + ' > summary .badge')].map(badge => badge.innerText)""", operation)
        assert [badge.split()[1] for badge in badges] == ["path", "request", "response", "errors"], badges
        assert all(badge.split()[2] in ("documented", "observed", "inferred", "unknown") for badge in badges), badges
        console.click(f".contents a[href='#{operation}']")
        # Opened, a form is filled with what is there by now: the cart and the order of the operations before it.
        console.until(lambda: console.find(f"#{form}").get_attribute("data-fresh") is not None, "its ids")
        console.click(f"#{form} button.primary")
        console.until(lambda: console.text(f"#{form} .answer pre"), f"an answer of {operation}")
        status, text = console.text(f"#{form} .answer .status"), console.text(f"#{form} .answer pre")
        answer = json.loads(text)
        if operation == "createOrderLowerCase":
            # Nobody saw its body, so there is no example that the sandbox's stand-in would take.
            assert status == "400", text
        elif operation == "issueToken":
            assert status == "200" and answer["access_token"], text
            console.secrets.append(answer["access_token"])
        else:
            assert status == "200" and str(answer.get("code", answer.get("response_code"))) == "0", f"{operation}: {text}"


def see_it(console, body):
    step("the console shows the money, the transaction and the call")
    before = Decimal(1_000_000)
    console.open("/")
    row = console.rows("#transactions")[-1]
    assert row["Reference"] == body["uniqueReferenceNumber"] and amount(row["Amount"]) == AMOUNT, row
    account = console.rows("#accounts")[0]
    assert amount(account["Open"]) == before - AMOUNT, account
    assert amount(account["Given"]) == AMOUNT, account
    calls = console.rows("#log")
    call = next(call for call in calls if call["Operation"] == "createAllocatePoints")
    assert call["Call"].startswith("POST /api/v0/partner/") and call["Status"] == "200" and call["Effect"] == "yes done", call
    console.assert_log_is_clean()


def clock(console):
    step("the clock moves on, and the page follows by itself")
    day = console.text("#now time").split()[0]
    console.click("form[action$='clock/advance'] button[value='2678400']")
    console.until(lambda: console.text("#now time").split()[0] > day, "a later day")
    seconds = console.text("#now time")
    console.until(lambda: console.text("#now time") != seconds, "the next second, without a click")


def switches(console):
    step("a switch is flipped, and shows that it was")
    console.click("#switch-duplicate_reference > summary")
    button = "#switch-duplicate_reference-refuse"
    console.click(button)
    console.until(lambda: console.find(button).get_attribute("aria-pressed") == "true", "the switch")
    assert console.find("#switch-duplicate_reference").get_attribute("open"), "the fold closed under the hand"
    assert "1 changed" in console.text("#switches .count")
    step("a switch with a number")
    console.click("#switch-transaction_lookup > summary")
    field = console.find("#switch-transaction_lookup input[type=number]")
    field.clear()
    field.send_keys("45")
    console.click("#switch-transaction_lookup-delayed-SECONDS")
    console.until(lambda: "delayed:45" in console.text("#switch-transaction_lookup summary"), "the number")


def faults(console):
    step("a fault is refused with its reason, added, met and removed")
    console.find("#rule").send_keys("{kind: resett}")
    console.click("form[action$='faults/add'] button.primary")
    console.until(lambda: "the kinds are" in console.text("#status"), "the reason")
    field = console.find("#rule")
    field.clear()
    field.send_keys("{operation: createAllocatePoints, kind: reset, when: after, times: 1}")
    console.click("form[action$='faults/add'] button.primary")
    console.until(lambda: "kind: reset" in console.text("#faults"), "the rule")
    console.until(lambda: not console.find("#rule").get_property("value"), "the emptied form")
    console.pictures("console-changed")
    console.click("#remove-fault-0")
    console.until(lambda: "No fault is set" in console.text("#faults"), "its end")


def presets(console):
    step("a preset sets the faults and the switches of a day, and another takes them away")
    console.click("#preset-payday-from-hell")
    console.until(lambda: console.text("#presets .count") == "payday-from-hell", "the preset")
    assert "No fault is set" not in console.text("#faults") and "changed" in console.text("#switches .count")
    assert console.find("#preset-payday-from-hell").get_attribute("aria-pressed") == "true"
    console.click("#preset-good-day")
    console.until(lambda: "No fault is set" in console.text("#faults"), "a good day")
    assert console.text("#switches .count") == "all at their defaults"


def snapshots(console):
    step("the state is saved, loaded again once that is confirmed, and reset; nothing is lost by a click alone")
    def answer(button, is_yes):
        console.click(button)
        alert = console.until(lambda: console.driver.switch_to.alert, "the question")
        alert.accept() if is_yes else alert.dismiss()

    console.find("#snapshot-name").send_keys("before")
    console.click("form[action$='snapshots/save'] button")
    console.until(lambda: "before" in console.text("#snapshots"), "the snapshot")
    console.until(lambda: not console.find("#snapshot-name").get_property("value"), "the emptied form")
    preset = console.text("#presets .count")
    assert preset != "payday-from-hell"
    console.click("#preset-payday-from-hell")
    console.until(lambda: console.text("#presets .count") == "payday-from-hell", "the preset")
    answer("#load-snapshot-before", False)
    assert console.text("#presets .count") == "payday-from-hell", "what was not confirmed was done"
    answer("#load-snapshot-before", True)
    console.until(lambda: console.text("#presets .count") == preset, "the state that was saved")
    console.pictures("console-snapshots")
    people = console.text("#people-head .count")
    answer("#reset", True)
    console.until(lambda: console.text("#people-head .count") != people, "the people of the seed alone")
    answer("#load-snapshot-before", True)
    console.until(lambda: console.text("#people-head .count") == people, "all people again")
    answer("#delete-snapshot-before", True)
    console.until(lambda: "None is saved" in console.text("#snapshots"), "its end")


def keyboard(console):
    step("the page can be used with the keyboard alone")
    console.open("/")
    # Nothing has the focus after loading; the first stop skips the header.
    body = console.find("body")
    body.send_keys(Keys.TAB)
    active = lambda: console.driver.execute_script("return document.activeElement.outerHTML")
    assert "Skip to the content" in active(), active()
    def reached(stops):
        panels = set()
        for _ in range(stops):
            console.driver.switch_to.active_element.send_keys(Keys.TAB)
            panels.add(console.driver.execute_script("""const at = document.activeElement;
                return at.closest('section, nav, .bar')?.querySelector('h2')?.innerText ?? at.innerText"""))
        return panels

    # The tables have many links, so a second one skips them.
    panels = reached(12)
    assert {"Skip to the controls", "Allocations"} <= panels, panels
    console.open("/#controls")
    panels = reached(60)
    assert {"Clock", "Presets", "Faults", "Snapshots", "Switches"} <= panels, panels


def control(console, route, body):
    """Steers the sandbox as a test would, past the page."""
    request = urllib.request.Request(f"{console.url}/_sandbox/{route}", json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=20).close()


def command(console, folder, *arguments):
    """The command, as it is run against an API."""
    names = {"ENKASH_BASE_URL": "url", "ENKASH_PARTNER_ID": "partner_id", "ENKASH_CLIENT_ID": "client_id",
             "ENKASH_CLIENT_SECRET": "client_secret", "ENKASH_USERNAME": "username", "ENKASH_PASSWORD": "password",
             "ENKASH_COMPANY_ID": "company_id", "ENKASH_CARD_ACCOUNT_ID": "card_account_id"}
    settings = {name: console.to[key] for name, key in names.items()}
    return subprocess.Popen([ENKASH, *arguments], env={**settings, "HOME": folder, "ENKASH_STATE_DIR": folder},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process, code):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == code, (process.returncode, output)


def states(console):
    return {row["State"]: int(row["Rows"]) for row in console.rows("#allocations .states")}


def watch_a_run(console, folder):
    step("a run of the command is seen while it runs")
    # At eight a second it takes a minute, of which what is looked at needs a few seconds.
    rows, lost = 480, 2
    control(console, "switches", {"duplicate_reference": "credit-again", "transaction_lookup": "immediate"})
    # Back from a month ahead: a client takes no entry for its own whose time does not fit.
    control(console, "clock", {"set": datetime.now(timezone.utc).isoformat()})
    on = {"operation": "createAllocatePoints"}
    control(console, "faults", [{**on, "kind": "reset", "when": "after", "nth": 10}, {**on, "kind": "torn-body", "nth": 20},
                                {**on, "kind": "delay", "milliseconds": 1000, "when": "after"}])
    people = [f"Ms,Person {n},p{n}@example.com,{9000001000 + n},F,{n + 1}.25,RUN-{n:03}" for n in range(rows)]
    file = Path(folder) / "run.csv"
    file.write_text("\n".join(["title,name,email,mobile,gender,amount,reference", *people]) + "\n")
    console.open("/")
    before = states(console)["done"]
    run = command(console, folder, "allocate", "--file", str(file), "--yes", "--keep-going")
    try:
        seen = console.until(lambda: (now := states(console))["in flight"] > 0 and now["done"] > before + 30 and now, "rows")
        assert sum(seen.values()) - before < rows and run.poll() is None, seen
        step("new rows move neither what is looked at nor the focus")
        look = """const list = document.querySelector('#allocations .scroll');
            const row = document.getElementById(arguments[0]);
            return [Math.round(row.getBoundingClientRect().top - list.getBoundingClientRect().top), list.scrollTop,
                    document.activeElement.id, scrollY]"""
        place = console.driver.execute_script("""const list = document.querySelector('#allocations .scroll');
            list.scrollTop = 300;
            const row = [...list.querySelectorAll('tr[id]')].find(row => row.offsetTop > list.scrollTop + 60);
            row.querySelector('a').focus({preventScroll: true});
            return row.id""")
        first = console.driver.execute_script(look, place)
        assert first[2] == f"{place}-request", first
        later = lambda: console.driver.execute_script(look, place)
        then = console.until(lambda: (now := later())[1] != first[1] and now, "more rows above it")
        assert abs(then[0] - first[0]) <= 1 and then[2:] == first[2:], (first, then)
        assert run.poll() is None, "the run ended before it was watched"
        console.driver.execute_script("document.querySelector('#allocations .scroll').scrollTop = 0; scrollTo(0, 0)")
        console.picture("console-running", whole=False)
        # Both lost ones are behind it, so the rest need not be slow.
        control(console, "faults", [])
        finish(run, 4)
    finally:
        run.kill()
    # What came less than a minute before it is in the same chart.
    done = console.until(lambda: (done := states(console)["done"]) in (rows - lost, rows - lost + before) and done, "its end")
    assert states(console) == {"done": done, "settled": 0, "in flight": 0, "unknown": lost, "refused": 0}
    title = console.find("#allocations svg").accessible_name
    assert title.startswith("Allocations by state, from "), title
    assert f"{done} done, {lost} unknown" in console.find("#chart-about").get_attribute("textContent")


def settle_it(console, folder):
    step("what is unknown is found by its state, and is seen to be settled")
    console.click("#state-unknown")
    console.until(lambda: len(console.rows("#allocations .scroll")) == 2, "the unknown ones alone")
    responses = {row["What happened"] for row in console.rows("#allocations .scroll")}
    assert responses == {"response lost", "response spoilt"}, responses
    console.pictures("console-unknown")
    settle = command(console, folder, "settle")
    console.until(lambda: states(console)["settled"] == 2, "the settled ones, without a click")
    assert "None is" in console.text("#allocations")
    finish(settle, 0)
    console.click("#state-settled")
    row = console.until(lambda: (rows := console.rows("#allocations .scroll")) and rows[0], "the settled ones")
    words = re.findall("[a-z]+", row["What happened"])
    assert " ".join(words) == "response spoilt then looked up then found", row
    console.click("#all-allocations")
    console.until(lambda: len(console.rows("#allocations .scroll")) == 100, "all of them")


def follow_links(console):
    step("links lead from an allocation to its requests, to the reference, and back")
    console.open("/?state=settled")
    link = console.find("#allocations .scroll a[id$='-lookup']")
    target = link.get_attribute("hash")
    console.click(f"#{link.get_attribute('id')}")
    console.until(lambda: console.find(f"{target}.target").is_displayed(), "the search")
    # One search may have settled several; it leads to the first.
    assert console.text(f"{target} [data-label=Effect]").startswith("yes settled"), console.text(target)
    allocation = console.find(f"{target}-allocation").get_attribute("hash")
    console.click(f"{target}-allocation")
    console.until(lambda: console.find(f"{allocation}.target").is_displayed(), "the allocation again")
    console.click(f"{target}-operation")
    console.until(lambda: console.find("#searchTransactions").is_displayed(), "the reference of the operation")
    console.click("#searchTransactions a[href='/?operation=searchTransactions#log']")
    operations = console.until(lambda: {row["Operation"] for row in console.rows("#log")}, "its requests")
    assert operations == {"searchTransactions"}, operations
    console.click("#all-calls")
    console.until(lambda: len({row["Operation"] for row in console.rows("#log")}) > 1, "all requests")


def search(console):
    step("people are found by name")
    console.open("/?person=ravi")
    names = [row["Name"] for row in console.rows("#people")]
    assert names == ["Mr Ravi"], names
    console.open("/?person=nobody")
    assert "Show all" in console.text("#people")


def pause(console):
    step("the refreshing can be paused")
    console.open("/")
    console.click("#live")
    assert console.text("#live") == "Paused" and console.find("#live").get_attribute("aria-pressed") == "false"
    console.click("#live")


def main():
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    announcement = json.loads(Path(sys.argv[1]).read_text())
    with tempfile.TemporaryDirectory() as profile:
        console = Console(announcement, profile)
        try:
            console.look(1440, 1000, False)
            empty_console(console)
            body = allocate(console)
            see_it(console, body)
            clock(console)
            switches(console)
            faults(console)
            presets(console)
            with tempfile.TemporaryDirectory() as folder:
                watch_a_run(console, folder)
                settle_it(console, folder)
            follow_links(console)
            search(console)
            pause(console)
            keyboard(console)
            snapshots(console)
            console.assert_quiet()
            console.assert_at_home()
            console.open("/docs")
            console.click("#get-token")
            console.until(lambda: "Logged in" in console.text("#token"), "a token")
            every_operation(console)
            console.secrets.append(console.driver.execute_script("return token"))
            console.open("/")
            console.pictures("console-busy")
            console.assert_log_is_clean()
            console.assert_quiet()
            console.assert_at_home()
        except BaseException:
            console.picture("failed", whole=False)
            raise
        finally:
            console.driver.quit()


if __name__ == "__main__":
    main()
