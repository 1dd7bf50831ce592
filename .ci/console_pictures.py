"""The pictures of the console in docs/pictures, rendered from the real page after a fixed run at a fixed time. `.ci/test-console`
compares them loosely with what it renders; `.ci/test-console --write-pictures` writes them anew."""

import base64
import calendar
import io
import json
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from test_console import SCREENSHOTS, Console, control, states, step

PICTURES = Path("docs/pictures")
WIDTH, HEIGHT = 1280, 860
MAX_BYTES = 200_000
# Cells of 40 by 43 points, in levels of grey. Other fonts change a cell's mean by far less than a part that is missing.
CELLS = (32, 20)
MAX_MEAN, MAX_CELL = 3, 40

ROWS = 120
START = time.strptime("2026-03-31 09:00:00", "%Y-%m-%d %H:%M:%S")
# The rows whose response is lost or spoilt, of which the first ones are looked up during the run.
LOST = [*range(24, 36), 58, 81, 82, 83, 112, 115]
SPOILT = [59, 84, 113]
LOOKED_UP = {48: range(24, 30), 54: range(30, 36), 90: [58, 59], 116: [112, 113]}
HELD_BACK = [118, 119, 120]
TOO_MUCH = [65, 66, 101, 102, 117]


class Run:
    """Allocations at fixed times, row by row, as a client of the sandbox."""

    def __init__(self, console):
        self.console = console
        self.to = console.to
        self.at(0)
        proof = base64.b64encode(f"{self.to['client_id']}:{self.to['client_secret']}".encode()).decode()
        form = {"grant_type": "password", "clientId": self.to["client_id"], "username": self.to["username"],
                "password": self.to["password"]}
        self.token = json.loads(self.post("/oauth/token", urllib.parse.urlencode(form).encode(),
                                          {"authorization": f"Basic {proof}"}))["access_token"]

    def at(self, row):
        """Sets the sandbox's clock: four rows a second, never near the edge of a second."""
        instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(calendar.timegm(START) + row // 4))
        control(self.console, "clock", {"set": f"{instant}.{row % 4 * 2 + 1}Z"})

    def post(self, path, body, headers):
        request = urllib.request.Request(self.console.url + path, body, headers)
        with urllib.request.urlopen(request, timeout=600) as response:
            return response.read()

    def call(self, path, fields):
        account = {"companyId": self.to["company_id"], "cardAccountId": self.to["card_account_id"]}
        headers = {"authorization": f"Bearer {self.token}", "partnerId": self.to["partner_id"],
                   "content-type": "application/json"}
        try:
            self.post(f"/api/v0/partner/enKashCard/{path}", json.dumps({**account, **fields}).encode(), headers)
        except (OSError, HTTPException):
            pass  # A fault of the run.

    def allocate(self, row):
        amount = 900_000_000 if row in TOO_MUCH else 250 + row % 7 * 125.5
        self.call("create-allocate-points", {
            "transactionCode": "ALLOCATION", "transactionType": "CR", "type": "ALLOCATE_POINT", "title": "Ms",
            "firstName": f"Person {row}", "gender": "F", "email": f"p{row}@example.com", "mobile": f"{9000001000 + row}",
            "loadAmount": amount, "uniqueReferenceNumber": f"BONUS-2026-{row:03}"})

    def play(self):
        on = {"operation": "createAllocatePoints"}
        held_back = [{**on, "kind": "delay", "milliseconds": 600_000, "when": "after", "nth": row} for row in HELD_BACK]
        lost = [{**on, "kind": "reset", "when": "after", "nth": row} for row in LOST]
        spoilt = [{**on, "kind": "torn-body", "nth": row} for row in SPOILT]
        control(self.console, "faults", held_back + lost + spoilt)
        for row in range(1, ROWS + 1):
            self.at(row)
            if row in HELD_BACK:
                threading.Thread(target=self.allocate, args=[row], daemon=True).start()
                held = HELD_BACK.index(row) + 1
                self.console.until(lambda: self.in_flight() == held, f"row {row} in flight")
            else:
                self.allocate(row)
            for other in LOOKED_UP.get(row, []):
                self.call("transaction/all", {"pgReferenceNumber": f"BONUS-2026-{other:03}"})
        control(self.console, "faults", [{**on, "kind": "reset", "when": "after", "nth": 200}])

    def in_flight(self):
        return states(self.console).get("in flight")


def render(console, dark, damage=""):
    console.look(WIDTH, HEIGHT, dark)
    console.open("/")
    # The clock in the bar, and what each call took, differ each time.
    console.driver.execute_script("""live = false; turn += 1;
        document.querySelector('#now time').innerText = '2026-03-31 09:00:31';
        document.querySelectorAll('#log [data-label=ms]').forEach((cell) => { cell.innerText = '0.8'; });""" + damage)
    shot = console.command("Page.captureScreenshot")["data"]
    return Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")


def difference(one, other):
    """How far two pictures are apart: on the mean, and in the worst cell."""
    assert one.size == other.size, (one.size, other.size)
    small = [picture.convert("L").resize(CELLS, Image.Resampling.BOX) for picture in (one, other)]
    statistics = ImageStat.Stat(ImageChops.difference(*small))
    return round(statistics.mean[0], 2), statistics.extrema[0][1]


def is_alike(distance):
    return distance[0] <= MAX_MEAN and distance[1] <= MAX_CELL


def main(announcement, is_writing):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        console = Console(json.loads(Path(announcement).read_text()), profile)
        try:
            console.open("/")
            run = Run(console)
            run.play()
            for name, dark in (("console", False), ("console-dark", True)):
                path = PICTURES / f"{name}.png"
                picture = render(console, dark)
                if is_writing:
                    PICTURES.mkdir(parents=True, exist_ok=True)
                    picture.quantize(256, kmeans=1, dither=Image.Dither.NONE).save(path, optimize=True)
                    step(f"{path} is written, {path.stat().st_size} bytes")
                remedy = f"Look at {SCREENSHOTS / name}.png. If it is right: .ci/test-console --write-pictures"
                picture.save(SCREENSHOTS / f"{name}.png")
                assert path.is_file(), f"{path} is missing. {remedy}"
                assert path.stat().st_size < MAX_BYTES, f"{path} has more than {MAX_BYTES} bytes"
                kept = Image.open(path).convert("RGB")
                assert kept.size == picture.size, f"{path} is {kept.size}, the page {picture.size}. {remedy}"
                distance = difference(kept, picture)
                assert is_alike(distance), f"{path} and the page differ by {distance}. {remedy}"
                step(f"{path} shows the page as it is, apart by {distance}")
                # The comparison is worth something only if it sees a page that is broken.
                for what, damage in (("style", "document.querySelector('link[rel=stylesheet]').remove();"),
                                     ("chart", "document.querySelector('#allocations svg').remove();"),
                                     ("rows", "document.querySelectorAll('tbody tr').forEach((row) => row.remove());")):
                    distance = difference(kept, render(console, dark, damage))
                    assert not is_alike(distance), f"a page without its {what} passes: {distance}"
        finally:
            console.driver.quit()


if __name__ == "__main__":
    main(sys.argv[1], "--write-pictures" in sys.argv[2:])
