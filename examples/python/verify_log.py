"""Verifies an export of Gerbang's ledger without any of Gerbang's code, and without any package: Python 3.11 or newer is enough.

    python examples/python/verify_log.py ledger.jsonl --key 'gerbang.example.go.id/ledger+57bbaa7b+Aepk…'
    python examples/python/verify_log.py later.jsonl --key '…' --kept ledger.checkpoint
    python examples/python/verify_log.py later.jsonl --key '…' --kept ledger.checkpoint --witness 'saksi.example.go.id+1a2b3c4d+BAbC…'

The key is the one that the log's operator has published. A kept checkpoint is the signed note of an earlier export or of GetCheckpoint;
with --witness it has to be cosigned with that key too, as gerbang audit checkpoint --witness keeps it; what is printed then is not, and does
not take its place. Where the log's key was replaced
since, the export has the notes by which each key names the next, and an entry has to tell of each. Prints the checkpoint with which the
export ends, to be kept, and exits with 0 where every entry is as it was signed; else says
on standard error what is wrong and where, and exits with 1.

What it follows: C2SP's signed-note, tlog-checkpoint and tlog-cosignature, the Merkle tree of RFC 9162 (section 2.1), Ed25519 of RFC 8032.
"""

import argparse
import base64
import binascii
import hashlib
import json
import pathlib
import re
import sys

FORMAT = "gerbang-ledger-export/1"
# Where the log's key was ever replaced.
FORMAT_WITH_SUCCESSORS = "gerbang-ledger-export/2"
# The largest leaf in base64, and what is around it.
LINE_MAX = (16 << 20) // 3 * 4 + 1024
# The most bytes of a signed note, and the most digits of a number in one.
NOTE_MAX, DIGITS_MAX = 16 << 10, 20
# What the ledger's names of the log's keys begin with; the key follows in hexadecimal.
KEYS = b"ledgerKeys/"


class Wrong(Exception):
    """What is wrong."""


# Ed25519: the curve -x² + y² = 1 + d x² y² over the integers modulo P. A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x y = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def equal(one, other):
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def point(encoded):
    """The point of 32 bytes; None where there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    key, start = point(public), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or start is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    return equal(times(scalar, BASE), add(start, times(int.from_bytes(digest, "little") % ORDER, key)))


def decoded(text):
    """The bytes of a base64 text that is the only one for them."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Wrong("it is not base64") from error
    if base64.b64encode(content).decode() != text:
        raise Wrong("it is not base64")
    return content


LOG, WITNESS = b"\x01", b"\x04"


def key_id(name, public, kind=LOG):
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def read_key(text, kind=LOG):
    """The name of a log, or of a witness, and its public key."""
    name, _, rest = text.partition("+")
    key_hash, _, key = rest.partition("+")
    content = decoded(key)
    parts = name.split("/")
    is_name = parts[-1] not in ("receipt", "successor") and len(name) <= 100
    is_name = is_name and all(re.fullmatch("[a-z0-9]([a-z0-9.-]*[a-z0-9])?", part) for part in parts)
    if len(content) != 33 or content[:1] != kind or not is_name or key_id(name, content[1:], kind).hex() != key_hash:
        raise Wrong(f"the key is not a public key of a {'log' if kind == LOG else 'witness'}")
    return name, content[1:]


def read_note(what, note, name, public):
    """The lines behind the first of what a note states, once its signature by this key is verified; None where the key has not signed."""
    text, separator, lines = note.rpartition("\n\n")
    is_long = len(note.encode()) > NOTE_MAX
    if is_long or not separator or not lines.endswith("\n") or any(char < " " and char != "\n" for char in note):
        raise Wrong(f"{what} is not a signed note")
    text += "\n"
    ours = []
    for line in lines[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        signer, _, signature = rest.partition(" ")
        if dash != "—" or not re.fullmatch(r"[^\s+]+", signer) or len(content := decoded(signature)) < 5:
            raise Wrong(f"{what} is not a signed note")
        if signer == name and content[:4] == key_id(name, public):
            ours.append(content[4:])
    if not ours:
        return None
    if len(ours) > 1 or not is_signed(public, text.encode(), ours[0]):
        raise Wrong(f"the signature of {what} is wrong")
    stated = text.split("\n")
    if stated[0] != name:
        raise Wrong(f"what is signed is not {what} of this log")
    return stated[1:]


def read_checkpoint(note, name, public):
    """Size and root that a note states, once its signature by this key is verified."""
    stated = read_note("the checkpoint", note, name, public)
    if stated is None:
        raise Wrong("the checkpoint is not signed with this key")
    if len(stated) != 3 or not re.fullmatch("0|[1-9][0-9]*", stated[0]) or len(stated[0]) > DIGITS_MAX:
        raise Wrong("what is signed is not a checkpoint of this log")
    root = decoded(stated[1])
    if len(root) != 32:
        raise Wrong("what is signed is not a checkpoint of this log")
    return int(stated[0]), root


def follow(notes, name, public):
    """The keys that have replaced this one, by notes of which each names the next key under the one before."""
    keys = []
    for note in notes:
        stated = read_note("a key that replaced the log's", note, name + "/successor", keys[-1] if keys else public)
        if stated is None and not keys:
            continue
        if stated is None or len(stated) != 2:
            raise Wrong("a key that replaced the log's is not signed with the one before")
        of, key = read_key(stated[0])
        if of != name:
            raise Wrong("a key that replaced the log's is of another log")
        keys.append(key)
    return keys


def cosigned_at(note, name, public):
    """When this witness has cosigned a note whose log's signature is verified, in seconds since 1970."""
    text, _, lines = note.rpartition("\n\n")
    signatures = [line.split(" ")[1:] for line in lines[:-1].split("\n")]
    own = [decoded(signature) for signer, signature in signatures if signer == name]
    own = [content for content in own if content[:4] == key_id(name, public, WITNESS)]
    if not own:
        raise Wrong("the checkpoint is not cosigned by this witness")
    time = int.from_bytes(own[0][4:12], "big")
    message = f"cosignature/v1\ntime {time}\n{text}\n".encode()
    if len(own) > 1 or len(own[0]) != 76 or not is_signed(public, message, own[0][12:]):
        raise Wrong("the cosignature is wrong")
    return time


class Tree:
    """A tree that grows: the roots of its perfect subtrees, from the left."""

    def __init__(self, size, roots):
        if size.bit_count() != len(roots) or any(len(root) != 32 for root in roots):
            raise Wrong(f"the frontier is not that of a tree of {size} entries")
        self.size, self.roots = size, roots

    def push(self, leaf):
        root, index = hashlib.sha256(b"\0" + leaf).digest(), self.size
        while index & 1:
            root = hashlib.sha256(b"\1" + self.roots.pop() + root).digest()
            index >>= 1
        self.roots.append(root)
        self.size += 1

    def root(self):
        if not self.roots:
            return hashlib.sha256(b"").digest()
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = hashlib.sha256(b"\1" + left + root).digest()
        return root


class Lines:
    """The lines of an export, each as it must be written."""

    def __init__(self, file):
        self.file, self.number = file, 0

    def next(self, *forms):
        """The values of a line, whose fields are all of one of these forms; None behind the last line."""
        self.number += 1
        line = self.file.readline(LINE_MAX)
        if not line:
            return None
        if not line.endswith(b"\n"):
            raise Wrong("the line has no end: the export was cut off" if len(line) < LINE_MAX else "the line is too long")
        try:
            value = json.loads(line)
            written = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        except (ValueError, UnicodeError, RecursionError) as error:
            raise Wrong("it is not a line of an export") from error
        form = next((form for form in forms if isinstance(value, dict) and list(value) == list(form)), None)
        if form is None or written != line or any(type(value[name]) is not kind for name, kind in form.items()):
            raise Wrong("it is not a line of an export")
        return value


def entry_id(leaf):
    """The id of an entry, which stands behind its format: fields 1 and 2 of a protobuf."""
    if leaf[:2] not in (b"\x08\x01", b"\x08\x02") or leaf[2:4] != b"\x12\x10" or len(leaf) < 20:
        raise Wrong("its leaf is not an entry of the ledger")
    return leaf[4:20]


def fields(message):
    """Numbers and values of a protobuf's fields; varints as numbers, the rest as bytes."""
    place = 0

    def varint():
        nonlocal place
        number, shift = 0, 0
        while True:
            if place >= len(message) or shift > 63:
                raise Wrong("its leaf is not an entry of the ledger")
            byte = message[place]
            place, number, shift = place + 1, number | (byte & 127) << shift, shift + 7
            if byte < 128:
                return number

    while place < len(message):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            end = varint() + place
            if end > len(message):
                raise Wrong("its leaf is not an entry of the ledger")
            yield tag >> 3, message[place:end]
            place = end
        else:
            raise Wrong("its leaf is not an entry of the ledger")


def keys_named(leaf):
    """The public keys of the log of which an entry tells: each of its lines, field 12, names a resource in its field 1."""
    for number, line in fields(leaf):
        if number == 12:
            for part, name in fields(text(line)):
                if part == 1 and text(name).startswith(KEYS):
                    yield name[len(KEYS) :]


def text(value):
    """A field's value that has to be bytes."""
    if not isinstance(value, bytes):
        raise Wrong("its leaf is not an entry of the ledger")
    return value


def verify(lines, name, public, kept):
    head = {"format": str, "origin": str, "first": int, "frontier": list, "checkpoint": str}
    head = lines.next(head, {**head, "successors": list}) or {}
    notes = head.get("successors", [])
    is_right = head.get("format") == (FORMAT_WITH_SUCCESSORS if "successors" in head else FORMAT)
    texts = [*head.get("frontier", []), *notes]
    if not is_right or ("successors" in head and not notes) or head["first"] < 0 or not all(type(text) is str for text in texts):
        raise Wrong(f"it is not the first line of an export in the format {FORMAT} or {FORMAT_WITH_SUCCESSORS}")
    if head["origin"] != name:
        raise Wrong(f"the export is of the log {head['origin']}, the key is of {name}")
    later = follow(notes, name, public)
    public = later[-1] if later else public
    recorded, last = 0, None
    size, root = read_checkpoint(head["checkpoint"], name, public)
    first = head["first"]
    tree = Tree(first, [decoded(root) for root in head["frontier"]])
    if size < first or kept and size < kept[0]:
        raise Wrong(f"the log has {size} entries, fewer than before: it was cut off")
    if first > 0 and (not kept or kept[0] < first):
        raise Wrong(f"the export begins with entry {first}, and no checkpoint of as many entries was kept")
    seen = set()
    while True:
        if kept and tree.size == kept[0] and tree.root() != kept[1]:
            raise Wrong(f"the first {kept[0]} entries are not those of the kept checkpoint")
        if tree.size == size:
            break
        line = lines.next({"index": int, "leaf": str})
        if line is None:
            raise Wrong(f"the export ends before entry {tree.size}, and its checkpoint has {size} entries")
        if line["index"] != tree.size:
            raise Wrong(f"it has entry {line['index']}, expected {tree.size}")
        leaf = decoded(line["leaf"])
        identifier = entry_id(leaf)
        if identifier in seen:
            raise Wrong(f"entry {tree.size} has the id of one before it")
        seen.add(identifier)
        for key in keys_named(leaf):
            recorded += recorded < len(later) and key == later[recorded].hex().encode()
            last = key
        tree.push(leaf)
    if tree.root() != root:
        raise Wrong("the entries are not those of the checkpoint: one of them was changed")
    lines.number += 1
    if lines.file.read(1):
        raise Wrong(f"the export goes on behind its checkpoint, which has {size} entries")
    if last not in (None, public.hex().encode()):
        raise Wrong("the log's key was replaced, and the checkpoint is signed with another than the entry names")
    if recorded < len(later):
        raise Wrong("no entry of the export says that the key of the checkpoint replaced another")
    return head["checkpoint"], size - first


def main():
    parser = argparse.ArgumentParser(description="Verify an export of Gerbang's ledger.")
    parser.add_argument("export", type=pathlib.Path)
    parser.add_argument("--key", required=True, help="the log's public key, as its operator has published it")
    parser.add_argument("--kept", type=pathlib.Path, help="a checkpoint that was kept, as it was signed")
    parser.add_argument("--witness", help="the public key of a witness, who has to have cosigned the kept checkpoint")
    options = parser.parse_args()
    if options.witness and not options.kept:
        parser.error("--witness needs --kept")
    lines = None
    try:
        name, public = read_key(options.key)
        note = options.kept and options.kept.read_text(encoding="utf-8")
        kept = note and read_checkpoint(note, name, public)
        if options.witness:
            cosigned_at(note, *read_key(options.witness, WITNESS))
        with options.export.open("rb") as file:
            lines = Lines(file)
            checkpoint, entries = verify(lines, name, public, kept)
    except Wrong as wrong:
        place = f"line {lines.number}: " if lines else ""
        sys.exit(f"{options.export}: {place}{wrong}")
    except (OSError, UnicodeError) as error:
        sys.exit(str(error))
    print(f"{entries} entries are as they were signed.", file=sys.stderr)
    print(checkpoint, end="")


if __name__ == "__main__":
    main()
