"""Draws docs/plots from the figures that `benches/runs` left in target/measure/runs, as SVG that needs nothing else and has a
background of its own, so that it reads the same on a light and on a dark page.

    target/bench-venv/bin/pip install matplotlib
    target/bench-venv/bin/python benches/peers/plots.py
"""

import csv
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "target/measure/runs"
PLOTS = ROOT / "docs/plots"
# Colours that people tell apart who see few of them (Okabe and Ito).
COLOURS = ["#000000", "#0072b2", "#d55e00", "#0072b2", "#d55e00", "#777777", "#cc79a7"]
STYLES = ["-", "-", "-", "--", "--", ":", ":"]

pyplot.rcParams.update({"svg.hashsalt": "enkash", "font.size": 10, "axes.grid": True, "grid.color": "#dddddd"})


def rows(name):
    with open(FIGURES / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def save(figure, name):
    figure.tight_layout()
    PLOTS.mkdir(exist_ok=True)
    figure.savefig(PLOTS / name, facecolor="white", metadata={"Date": None, "Creator": None})
    # Matplotlib leaves spaces at the ends of lines.
    text = (PLOTS / name).read_text(encoding="utf-8")
    (PLOTS / name).write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def concurrency():
    figure, axes = pyplot.subplots(figsize=(7.5, 4.6))
    found = rows("concurrency.csv")
    for number, name in enumerate(dict.fromkeys(row["contender"] for row in found)):
        own = [row for row in found if row["contender"] == name]
        levels = [int(row["concurrency"]) for row in own]
        rates = [float(row["rate"]) for row in own]
        axes.plot(levels, rates, STYLES[number], color=COLOURS[number], marker="o", markersize=3, label=name)
    axes.set_xscale("log", base=2)
    axes.set_xticks(levels, [str(level) for level in levels])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("calls at once, 20 ms each")
    axes.set_ylabel("rows a second")
    axes.legend(frameon=False, fontsize=9)
    save(figure, "runs-concurrency.svg")


def memory():
    figure, axes = pyplot.subplots(figsize=(7.5, 3.8))
    for store, name, colour in [("sqlite", "SQLite", COLOURS[1]), ("postgres", "PostgreSQL", COLOURS[2])]:
        if not (FIGURES / f"million-{store}.csv").exists():
            continue
        found = rows(f"million-{store}.csv")
        minutes = [float(row["seconds"]) / 60 for row in found]
        axes.plot(minutes, [int(row["kib"]) * 1024 / 1e6 for row in found], color=colour, label=f"the command, {name}")
        sending = next(minute for minute, row in zip(minutes, found) if int(row["rows"]) > 0)
        axes.axvline(sending, color=colour, linestyle=":", linewidth=1)
    axes.axhline(100, color="#777777", linestyle="--", linewidth=1, label="the goal")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.set_xlabel("minutes; from the dotted line on rows are sent, at the end a million were told")
    axes.set_ylabel("resident memory in MB")
    axes.legend(frameon=False, fontsize=9, loc="center right")
    save(figure, "runs-memory.svg")


if (FIGURES / "concurrency.csv").exists():
    concurrency()
memory()
