"""The client that openapi-python-client generates: upload, wait, report, matches."""

import os
import time
from io import BytesIO
from pathlib import Path

from consort_client import AuthenticatedClient
from consort_client.api.matches import search, tracks_matches
from consort_client.api.spotify import spotify_features
from consort_client.api.tracks import tracks_create, tracks_get, tracks_report
from consort_client.models import Problem, Search, UploadForm
from consort_client.types import File

AUDIO = Path(os.environ["CONSORT_AUDIO"])
DEADLINE_S = 240
NOBODY = "0000000000000000000000"


def upload(client, name):
    file = File(payload=BytesIO((AUDIO / name).read_bytes()), file_name=name)
    uploaded = tracks_create.sync(client=client, body=UploadForm(file=file, tags="python"))
    assert not isinstance(uploaded, Problem), uploaded
    return uploaded.track.id


def analyzed(client, id):
    end = time.monotonic() + DEADLINE_S
    while (track := tracks_get.sync(id, client=client)).state != "analyzed":
        assert track.state != "failed", track.error
        assert time.monotonic() < end, f"{id} is still {track.state}"
        time.sleep(0.2)
    return track


def main():
    client = AuthenticatedClient(os.environ["CONSORT_URL"], os.environ["CONSORT_TOKEN"], timeout=60)
    one = analyzed(client, upload(client, "candle_watch.ogg"))
    two = analyzed(client, upload(client, "paper_boats.m4a"))
    assert one.duration_s > 1

    report = tracks_report.sync(one.id, client=client)
    assert report.schema == "consort.report/1" and report.tempo.bpm > 40
    found = search.sync(client=client, body=Search(track=one.id, purpose="mood"))
    assert [item.track.id for item in found.items] == [two.id]
    matches = tracks_matches.sync(one.id, client=client)
    assert all(0 <= match.score <= 1 for match in matches.items)
    assert spotify_features.sync(one.id, client=client).id == one.id

    missing = tracks_get.sync(NOBODY, client=client)
    assert isinstance(missing, Problem) and missing.code == "not_found"


if __name__ == "__main__":
    main()
