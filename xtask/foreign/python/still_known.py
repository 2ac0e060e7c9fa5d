"""After schemathesis: its token is still good, so that what it asked for was answered and not only refused."""

import requests

from uploads import ADMIN_TOKEN, URL, headers

answer = requests.get(f"{URL}/v1/auth/me", headers=headers(ADMIN_TOKEN), timeout=60)
assert answer.status_code == 200, answer.text
