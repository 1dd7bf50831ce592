#!/usr/bin/env python3
"""Draws docs/pictures/NAME.svg from each mermaid block of README.md and docs/, whose first line is `%% picture: NAME`.

The pictures are checked in, and `cargo xtask docs --check` says when one is not drawn from its block. Run it then, with
npm, Debian's chromium and chromium-driver:

    .ci/test-docs                                      # once: it makes target/browser
    target/browser/bin/python .ci/draw_pictures.py
"""

import html
import re
import subprocess
import tarfile
from pathlib import Path

from selenium import webdriver

ROOT = Path(__file__).resolve().parent.parent
MERMAID = "mermaid@11.17.2"
# Each colour that mermaid is given, and the one of the site's theme that stands in its place.
COLOURS = {"#101010": "fg", "#202020": "sidebar-bg", "#303030": "table-header-bg", "#404040": "links", "#505050": "quote-bg"}
THEME = {
    "fontFamily": "sans-serif", "background": "transparent", "textColor": "#101010", "primaryTextColor": "#101010",
    "primaryColor": "#202020", "primaryBorderColor": "#404040", "lineColor": "#101010", "clusterBkg": "#505050",
    "clusterBorder": "#303030", "titleColor": "#101010", "nodeTextColor": "#101010", "mainBkg": "#202020",
    "nodeBorder": "#404040", "edgeLabelBackground": "#505050", "secondaryColor": "#505050", "tertiaryColor": "#505050",
}


def blocks():
    found = {}
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for source in re.findall(r"^```mermaid\n(.*?)^```$", page.read_text(), re.S | re.M):
            name = re.match(r"%% picture: ([a-z-]+)\n", source)
            assert name, f"{page}: a mermaid block begins with `%% picture: NAME`"
            assert found.setdefault(name[1], source) == source, f"{page}: {name[1]} has another text on another page"
    return found


def mermaid():
    """The address of an empty page that has mermaid."""
    folder = ROOT / "target/mermaid"
    script = folder / "package/dist/mermaid.min.js"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["npm", "pack", "--silent", MERMAID], cwd=folder, check=True, capture_output=True, text=True)
        with tarfile.open(folder / archive.stdout.split()[-1]) as packed:
            packed.extract("package/dist/mermaid.min.js", folder, filter="data")
    page = folder / "page.html"
    page.write_text('<meta charset="utf-8"><body><script src="package/dist/mermaid.min.js"></script>')
    return page.as_uri()


def draw(driver, name, source):
    svg = driver.execute_async_script("""
        const [id, source, theme, done] = arguments;
        mermaid.initialize({startOnLoad: false, theme: 'base', themeVariables: theme, htmlLabels: false,
            handDrawnSeed: 1, deterministicIds: true, deterministicIDSeed: id, flowchart: {htmlLabels: false, useMaxWidth: true}});
        mermaid.render(id, source).then(drawn => done(drawn.svg), error => done('failed: ' + error));
    """, f"picture-{name}", source, THEME)
    assert svg.startswith("<svg"), svg
    # A theme of the site has these names; elsewhere the second value shows, dark on light.
    fallback = {"fg": "#1b1f24", "sidebar-bg": "#f4f6f8", "table-header-bg": "#c8ccd0", "links": "#0969da", "quote-bg": "#eaeef2"}
    for colour, variable in COLOURS.items():
        svg = svg.replace(colour, f"var(--{variable}, {fallback[variable]})")
    # What the picture was drawn from, which the check compares.
    return svg.replace(">", f"><metadata>{html.escape(source.strip(), quote=False)}</metadata>", 1) + "\n"


def main():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        driver.get(mermaid())
        folder = ROOT / "docs/pictures"
        folder.mkdir(exist_ok=True)
        for name, source in blocks().items():
            (folder / f"{name}.svg").write_text(draw(driver, name, source))
            print(f"docs/pictures/{name}.svg")
    finally:
        driver.quit()


main()
