"""Ids that are there, for schemathesis to mix into those that it makes up: in a folder one file for each kind."""

import sys
from pathlib import Path

import requests

from uploads import ADMIN_TOKEN, URL, analyzed, headers


def ask(method, path, token=ADMIN_TOKEN, more=None, **body):
    answer = requests.request(
        method, f"{URL}{path}", headers=headers(token) | (more or {}), timeout=60, **body
    )
    answer.raise_for_status()
    return answer


def somebody():
    """The id of a user whose profile the administrator sees: it is the id of both."""
    user = ask("POST", "/v1/admin/users", json={"name": "Bela"}).json()["user"]["id"]
    new = {"name": "profile", "scopes": ["profiles:write"], "user_id": user}
    token = ask("POST", "/v1/admin/tokens", json=new).json()["secret"]
    for whose in (token, ADMIN_TOKEN):
        ask("PUT", "/v1/profiles/me", whose, json={"name": "Somebody", "discoverable": True})
    return user


def main(folder):
    tracks = analyzed(ADMIN_TOKEN)
    run = ask("POST", "/v1/runs", json={"dry_run": True}).json()["id"]
    jobs = [job["id"] for job in ask("GET", "/v1/jobs").json()["items"]]
    upload = ask("POST", "/v1/uploads", json={"n_bytes": 1}).json()["upload"]["id"]
    announced = {"Tus-Resumable": "1.0.0", "Upload-Length": "1000"}
    resumable = ask("POST", "/v1/uploads/tus", more=announced).headers["Location"].split("/")[-1]
    for name, ids in {
        "tracks": tracks,
        "jobs": jobs,
        "runs": [run],
        "people": [somebody()],
        "uploads": [upload],
        "resumable": [resumable],
    }.items():
        assert ids, name
        # One in quotes a line, as schemathesis reads them.
        (folder / f"{name}.txt").write_text("".join(f'"{id}"\n' for id in ids))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
