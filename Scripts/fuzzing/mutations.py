"""Random changes of bytes, JSON values and tables."""

import copy
import json
import re
import struct

INTEGERS = [
    0, 1, 2, 3, 7, 63, 64, 65, 255, 256, 257, 1000, 65535, 65536, 1 << 20, (1 << 31) - 1, 1 << 31,
    (1 << 32) - 1, 1 << 32, 1 << 40, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 63) - 1, 1 << 63,
    (1 << 64) - 1, 1 << 64, 10 ** 30, -1, -2, -(1 << 31), -(1 << 63),
]
NUMBERS = [
    0.0, -0.0, 0.5, 0.1, 1.5, 1e-3, 1e-9, 1e-30, 1e-45, 1e-300, 5e-324, 1e9, 3.4e38, 3.5e38, 1e300,
    1.7e308, -0.1, -1e9, -1e300, float("inf"), float("-inf"), float("nan"),
]
TEXTS = [
    "", " ", "x", "pipe", "folder", "none.npy", "../x", "0", "-1", "true", "null", "\u0000", "\u001b[31m",
    "\ud800", "\U0001f9f5", "é", "e\u0301", "\u202e", "50%", "it''s", "\"", "\\", "a\nb", "A" * 300,
    "adam", "sgd", "li", "lif", "RC", "FF", "cosine", "events", "sum", "any", "all",
]


def several(chance):
    """How many changes: mostly one, as several are seldom all taken."""
    return chance.choice([1, 1, 1, 1, 2, 2, 3])


def extreme(chance):
    return chance.choice(INTEGERS if chance.random() < 0.6 else NUMBERS)


def number(value, chance):
    """Another number than an existing one: near it half of the time."""
    if chance.random() < 0.5:
        return extreme(chance)
    return chance.choice([value + 1, value - 1, value * 2, -value, value * 10, value / 2, value + 0.5,
                          value // 2])


# Bytes.

def some_range(data, chance, longest=12):
    start = chance.randrange(len(data) + 1)
    return slice(start, min(len(data), start + chance.randrange(longest + 1)))


def change_bytes(data, chance):
    """One change or several."""
    data = bytearray(data)
    for _ in range(several(chance)):
        if not data:
            break
        place = chance.randrange(len(data))
        what = chance.randrange(9)
        if what == 0:
            data[place] ^= 1 << chance.randrange(8)
        elif what == 1:
            data[place] = chance.randrange(256)
        elif what == 2:
            data[place % 16 % len(data)] = chance.randrange(256)
        elif what == 3:
            digits = [match.start() for match in re.finditer(rb"\d", data)]
            if digits:
                data[chance.choice(digits)] = 48 + chance.randrange(10)
        elif what == 4:
            del data[some_range(data, chance)]
        elif what == 5:
            del data[chance.randrange(len(data)):]
        elif what == 6:
            data[place:place] = chance.randbytes(chance.randint(1, 9))
        elif what == 7:
            data[place:place] = data[some_range(data, chance)]
        else:
            change_number(data, place, chance)
    return bytes(data)


def change_number(data, place, chance):
    """Writes an extreme number of 2, 4 or 8 bytes."""
    form = chance.choice(["<e", "<f", "<d", "<i", "<q", ">i", ">f"])
    value = chance.choice(NUMBERS) if form[1] in "efd" else chance.choice(INTEGERS)
    try:
        packed = struct.pack(form, value)
    except (struct.error, OverflowError):
        packed = b"\xff" * struct.calcsize(form)
    place -= place % len(packed)
    data[place:place + len(packed)] = packed


# JSON.

def places(value, path=()):
    """The paths of all values in a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], path + (index,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def other_value(value, document, chance):
    """What may stand in place of a value."""
    if chance.random() < 0.1:
        return chance.choice([None, True, False, "", [], {}, [[]], 0, 1, "x", {"kind": "x"}])
    if chance.random() < 0.1:
        return copy.deepcopy(at(document, chance.choice(list(places(document)))))
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, (int, float)):
        return number(value, chance)
    if isinstance(value, str):
        known = [at(document, path) for path in places(document)]
        known = [text for text in known if isinstance(text, str)]
        return chance.choice(known if chance.random() < 0.5 else TEXTS)
    if isinstance(value, list):
        return changed_list(value, chance)
    return changed_object(value, document, chance)


def changed_list(value, chance):
    value = list(value)
    what = chance.randrange(4)
    if value and what == 0:
        value.pop(chance.randrange(len(value)))
    elif value and what == 1:
        value.insert(chance.randrange(len(value) + 1), copy.deepcopy(chance.choice(value)))
    elif what == 2:
        chance.shuffle(value)
    else:
        value.append(extreme(chance))
    return value


def changed_object(value, document, chance):
    value = dict(value)
    what = chance.randrange(3)
    if value and what == 0:
        del value[chance.choice(list(value))]
    elif value and what == 1:
        key = chance.choice(list(value))
        value[key + chance.choice(["", "s", " ", "\u0301"])] = value.pop(key)
    else:
        keys = [path[-1] for path in places(document) if path and isinstance(path[-1], str)]
        key = chance.choice(keys + TEXTS)
        value[key] = chance.choice([extreme(chance), chance.choice(TEXTS), [], {}, None])
    return value


def change_json(document, chance):
    """Some values changed, whatever is allowed of them."""
    document = copy.deepcopy(document)
    for _ in range(several(chance)):
        path = chance.choice(list(places(document)))
        try:
            value = other_value(at(document, path), document, chance)
        except (OverflowError, ValueError):
            value = 0
        if path:
            at(document, path[:-1])[path[-1]] = value
        elif isinstance(value, (dict, list)):
            document = value
    return document


def json_text(document, chance):
    """As text; now and then with a fault of the grammar."""
    try:
        text = json.dumps(document, ensure_ascii=chance.random() < 0.5)
    except (ValueError, RecursionError):
        text = "{}"
    if chance.random() < 0.07:
        text = chance.choice([
            text[:chance.randrange(len(text) + 1)], text + text, text.replace(":", "", 1), "\ufeff" + text,
            text.replace("{", "{" * 1000, 1), text.replace("[", "[" * 100_000, 1), text.replace(",", ",,", 1),
            text.replace("1", "1e99999", 1), text.replace("1", "0" * 5000 + "1", 1), text.replace("\"", "'", 2),
        ])
    return text.encode("utf-8", "surrogatepass")


# Tables.

FIELDS = [
    "", " ", "nan", "inf", "-inf", "1e400", "1e-400", "-0", "-1", "0x10", "1_000", "1,5", "\"", "\"1\"", "\"1",
    "+1", ".5", "5.", "1e", "true", "９", "\u0000", "9" * 400, "9223372036854775807", "9223372036854775808",
    "300000000", "3e8", "0.0005", "0.00099999994", "1e-9", "1e12", "#", "time",
]


def change_table(text, chance):
    """Lines, fields and separators of a CSV text."""
    lines = text.split("\n")
    for _ in range(several(chance)):
        row = chance.randrange(len(lines))
        what = chance.randrange(11)
        if what == 0:
            del lines[row]
        elif what == 1:
            lines[row:row] = [lines[row]] * chance.choice([1, 1, 2, 40])
        elif what == 2:
            lines.insert(row, chance.choice(["", ",", "0,1,2,3", "a,b,c", "\"", "\t", "sample,time,unit"]))
        elif what == 3:
            other = chance.randrange(len(lines))
            lines[row], lines[other] = lines[other], lines[row]
        elif what == 4:
            lines[row] = lines[row].replace(",", chance.choice([";", "\t", " ", ", ", ",,", ""]))
        elif what == 5 and chance.random() < 0.3:
            separator = chance.choice([";", "\t", " ", ", "])
            lines = [line.replace(",", separator) for line in lines]
        elif what == 6 and chance.random() < 0.3:
            end = chance.choice(["\r", " ", ","])
            lines = [line + end for line in lines]
        elif what == 7:
            lines = lines[:row] or [""]
        else:
            fields = lines[row].split(",")
            fields[chance.randrange(len(fields))] = chance.choice(FIELDS + [str(extreme(chance))])
            lines[row] = ",".join(fields)
        if not lines:
            lines = [""]
    return "\n".join(lines)
