"""What somebody writes in Python who has no client and no ledger: reads the same file as `enkash allocate --file`, logs in once,
and posts row after row with httpx and asyncio, so many at once. It says how each row ended, and remembers nothing: killed and
started again, it pays twice. `benches/runs` measures it; the settings are those of `enkash`, from the environment.

    python3 -m venv target/bench-venv && target/bench-venv/bin/pip install httpx
    target/bench-venv/bin/python benches/peers/allocate_httpx.py FILE CONCURRENCY
"""

import asyncio
import csv
import json
import os
import sys

import httpx


def setting(name):
    return os.environ[f"ENKASH_{name}"]


async def log_in(http):
    form = {
        "grant_type": "password",
        "clientId": setting("CLIENT_ID"),
        "username": setting("USERNAME"),
        "password": setting("PASSWORD"),
    }
    answer = await http.post("/oauth/token", data=form, auth=(setting("CLIENT_ID"), setting("CLIENT_SECRET")))
    return answer.raise_for_status().json()["access_token"]


async def allocate(http, row):
    body = {
        "companyId": setting("COMPANY_ID"),
        "cardAccountId": setting("CARD_ACCOUNT_ID"),
        "transactionCode": "ALLOCATION",
        "transactionType": "CR",
        "type": "ALLOCATE_POINT",
        "loadAmount": float(row["amount"]),
        "uniqueReferenceNumber": row["reference"],
        "title": row["title"],
        "firstName": row["name"],
        "email": row["email"],
        "mobile": row["mobile"],
        "gender": row["gender"],
    }
    answer = await http.post("/api/v0/partner/enKashCard/create-allocate-points", json=body)
    outcome = "done" if isinstance(answer.json().get("payload"), dict) else "failed"
    print(json.dumps({"type": "row", "reference": row["reference"], "outcome": outcome}, separators=(",", ":")), flush=True)


async def send_rows(http, rows):
    # All workers take from the one reader, so the file is never in memory as a whole.
    for row in rows:
        await allocate(http, row)


async def main(path, concurrency):
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    client = httpx.AsyncClient(base_url=setting("BASE_URL"), limits=limits, timeout=30, trust_env=False)
    async with client as http:
        token = await log_in(http)
        http.headers.update({"authorization": f"Bearer {token}", "partnerId": setting("PARTNER_ID")})
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            await asyncio.gather(*(send_rows(http, rows) for _ in range(concurrency)))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
