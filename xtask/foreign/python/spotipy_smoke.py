"""spotipy as it is, with another base URL."""

import spotipy

from uploads import TOKEN, URL, analyzed

NOBODY = "0000000000000000000000"
# The types that Spotify's reference gives; what we do not know is null.
FEATURES = {
    "acousticness": float, "analysis_url": str, "danceability": float, "duration_ms": int, "energy": float,
    "id": str, "instrumentalness": float, "key": int, "liveness": float, "loudness": float, "mode": int,
    "speechiness": float, "tempo": float, "time_signature": int, "track_href": str, "type": str, "uri": str,
    "valence": float,
}


def client(token):
    spotify = spotipy.Spotify(auth=token, retries=0, status_retries=0)
    spotify.prefix = f"{URL}/v1/"
    return spotify


def refused(call, status):
    """The message of the exception that spotipy makes of an error."""
    try:
        call()
    except spotipy.SpotifyException as error:
        assert error.http_status == status, error
        return error.msg
    raise AssertionError("nothing was refused")


def check_features(features, id):
    assert set(features) == set(FEATURES), features
    for name, kind in FEATURES.items():
        value = features[name]
        # A whole number is a number with a point, too.
        kinds = (int, float) if kind is float else kind
        assert value is None or isinstance(value, kinds), f"{name} is {value!r}"
    assert (features["id"], features["type"]) == (id, "audio_features")
    assert 40 < features["tempo"] < 250 and 0 <= features["energy"] <= 1


def check_analysis(analysis):
    assert set(analysis) == {"meta", "track", "bars", "beats", "tatums", "sections", "segments"}
    for name in ("beats", "sections", "segments"):
        assert analysis[name], name
    for segment in analysis["segments"]:
        assert len(segment["pitches"]) == len(segment["timbre"]) == 12
    assert isinstance(analysis["track"]["num_samples"], int)


def main():
    one, two = analyzed(TOKEN)
    spotify = client(TOKEN)
    (features,) = spotify.audio_features(one)
    check_features(features, one)
    several = spotify.audio_features([two, NOBODY, f"spotify:track:{one}"])
    assert several[1] is None and several[2] == features
    check_features(several[0], two)
    assert spotify.audio_features([f"https://open.spotify.com/track/{one}"]) == [features]
    assert spotify.audio_features([features["uri"]]) == [features]
    assert len(spotify.audio_features([one] * 100)) == 100
    check_analysis(spotify.audio_analysis(one))
    check_analysis(spotify.audio_analysis(f"spotify:track:{two}"))

    assert "there is no such" in refused(lambda: spotify.audio_analysis(NOBODY), 404)
    assert "100" in refused(lambda: spotify.audio_features([one] * 101), 400)
    assert "token" in refused(lambda: client("wrong").audio_features(one), 401)


if __name__ == "__main__":
    main()
