"""What schemathesis does not know by itself."""

import schemathesis

# The pieces that tus sends are bytes like any others.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
