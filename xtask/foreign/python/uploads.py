"""Two recordings of the fixtures, uploaded and analysed, by plain HTTP."""

import os
import time
from pathlib import Path

import requests

URL = os.environ["CONSORT_URL"]
TOKEN = os.environ["CONSORT_TOKEN"]
ADMIN_TOKEN = os.environ["CONSORT_ADMIN_TOKEN"]
AUDIO = Path(os.environ["CONSORT_AUDIO"])
NAMES = ("candle_watch.ogg", "paper_boats.m4a")
DEADLINE_S = 240


def upload(name, token):
    """Uploads a recording; the id of its track, which is the same for the same bytes."""
    with (AUDIO / name).open("rb") as file:
        answer = requests.post(
            f"{URL}/v1/tracks", files={"file": (name, file)}, headers=headers(token), timeout=60
        )
    answer.raise_for_status()
    return answer.json()["track"]["id"]


def headers(token):
    return {"Authorization": f"Bearer {token}"}


def analyzed(token):
    """Ids of the recordings once their reports are there."""
    ids = [upload(name, token) for name in NAMES]
    end = time.monotonic() + DEADLINE_S
    for id in ids:
        while (state := state_of(id, token)) != "analyzed":
            assert state != "failed", f"the analysis of {id} failed"
            assert time.monotonic() < end, f"{id} is still {state}"
            time.sleep(0.2)
    return ids


def state_of(id, token):
    answer = requests.get(f"{URL}/v1/tracks/{id}", headers=headers(token), timeout=60)
    answer.raise_for_status()
    return answer.json()["state"]
