"""The canonical form of audit events in Python, so that a third language says the same.

usage: canonical.py VECTORS   checks every vector; exit code 1 names those that differ
       canonical.py EXPORT --chain ID   checks hashes and links of an export from its first event

Standard library only. The product does not run this; auditors and the tests do.
"""

import datetime
import hashlib
import json
import re
import sys

KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
MAX_INTEGER = 2**53 - 1


def encode(value, depth=1):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        value.encode("utf-8")  # lone surrogates have no bytes
        return json.dumps(value.replace("\0", "\ufffd"), ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("no safe integer")
        return str(value)
    if isinstance(value, (list, dict)) and depth > 8:
        raise ValueError("deeper than 8")
    if isinstance(value, list):
        return "[" + ",".join(encode(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        if not all(KEY.match(key) for key in value):
            raise ValueError("a key is not [a-z][a-z0-9_]*")
        members = sorted(value.items(), key=lambda member: member[0].encode())
        return "{" + ",".join(f'"{key}":{encode(item, depth + 1)}' for key, item in members) + "}"
    raise ValueError(f"no canonical form: {type(value).__name__}")


def is_canonical(text):
    try:
        return len(text.encode("utf-8")) <= 16384 and encode(json.loads(text)) == text
    except (ValueError, UnicodeEncodeError, RecursionError):
        return False


def next_hash(chain, seq, micros, previous, canonical):
    return hashlib.sha256(
        b"groundcrew-audit-v1\0"
        + chain
        + seq.to_bytes(8, "big")
        + micros.to_bytes(8, "big")
        + previous
        + hashlib.sha256(canonical.encode()).digest()
    ).digest()


def check_export(path, chain):
    chain = bytes.fromhex(chain.replace("-", ""))
    previous = None
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        if "event" not in row:
            continue
        canonical = encode(row["event"])
        at = datetime.datetime.strptime(row["recorded_at"], "%Y-%m-%dT%H:%M:%S.%fZ")
        micros = (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
        before = bytes.fromhex(row["prev_hash"])
        if previous not in (None, before):
            sys.exit(f"event {row['seq']} does not link to the event before it")
        previous = next_hash(chain, row["seq"], micros, before, canonical)
        if previous.hex() != row["hash"]:
            sys.exit(f"event {row['seq']}: content and hash do not match")


def main(arguments):
    if len(arguments) == 3 and arguments[1] == "--chain":
        return check_export(arguments[0], arguments[2])
    with open(arguments[0], encoding="utf-8") as file:
        vectors = json.load(file)
    wrong = [v["name"] for v in vectors if is_canonical(v["text"]) != v["canonical"]]
    if wrong:
        sys.exit("differs: " + ", ".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
