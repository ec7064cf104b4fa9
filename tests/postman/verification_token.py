"""Prints the token of the link in the first message in a folder, for which it waits."""

import email
import email.policy
import pathlib
import re
import sys
import time

folder = pathlib.Path(sys.argv[1])
deadline = time.monotonic() + 10
while not (files := sorted(folder.glob("*.eml"))):
    if time.monotonic() > deadline:
        sys.exit(f"no message has been written to {folder}")
    time.sleep(0.1)
message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
print(re.search(r"/verify-email\?token=(\S+)", message.get_body(("plain",)).get_content())[1])
