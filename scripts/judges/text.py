"""What other programs read on the page and in the attachment, held against the application that was sent.

The form a value is printed in follows from the type file's field kinds, which are data a bureau writes; the rules are
written here a second time on purpose (dates as 2026年3月17日, choices by their Chinese words, numbers with their unit).
"""

import json
import pathlib
import re
import tempfile
import tomllib
from collections import Counter

import programs

# Choices that a sentence prints in other words than the form's label; looked for in those words. Nothing is passed over.
IN_A_SENTENCE = {
    # 「以受胁迫结婚为由」, as decisions say it; the label 因胁迫结婚 begins with a word for "because".
    ("marriage-annulment-decision", "/ground", "coercion"): "受胁迫结婚为由",
}


def read(kind: pathlib.Path):
    """The example application of a type and its fields."""
    application = json.loads((kind / "example.json").read_text(encoding="utf-8"))
    fields = tomllib.loads((kind / "type.toml").read_text(encoding="utf-8"))["field"]
    return application, fields


def values(application: dict, fields: list[dict], above: str = ""):
    """Each value of an application with its pointer and its field; a value without a field is an error."""
    known = {field["name"]: field for field in fields}
    for name, value in application.items():
        field, pointer = known[name], f"{above}/{name}"
        if field["kind"] == "record":
            yield from values(value, field["fields"], pointer)
        elif field["kind"] == "records":
            for index, item in enumerate(value):
                yield from values(item, field["fields"], f"{pointer}/{index}")
        else:
            yield pointer, value, field


def printed(value, field: dict) -> str:
    kind = field["kind"]
    if kind == "date":
        return day(value)
    if kind == "date_range":
        return f"{day(value['from'])}至{day(value['to']) if value['to'] else '长期'}"
    if kind == "choice":
        return next(choice["zh"] for choice in field["choices"] if choice["code"] == value)
    if kind == "identity_document":
        return value["number"]
    if kind == "number":
        return f"{value}{field.get('unit', {}).get('zh', '')}"
    return value


def day(iso: str) -> str:
    year, month, date = map(int, iso.split("-"))
    return f"{year}年{month}月{date}日"


def values_are_there(file, kind):
    """Every value stands in the extracted text as often as the application has it, rare characters included."""
    application, fields = read(kind)
    wanted, pointers = Counter(), {}
    for pointer, value, field in values(application, fields):
        if field["kind"] == "photo":
            continue  # seen by photos_are_there
        in_a_sentence = IN_A_SENTENCE.get((kind.name, pointer, value)) if field["kind"] == "choice" else None
        words = squeeze(in_a_sentence or printed(value, field))
        wanted[words] += 1
        pointers.setdefault(words, pointer)
    pages = []
    for order in ("-raw", "-layout"):
        status, text, err = programs.run("pdftotext", "-enc", "UTF-8", order, file, "-")
        if status or err.strip():
            return [err.strip() or f"status {status}"]
        pages.append(squeeze(text))
    complaints = [
        f"{pointers[words]}: {words} stands {max(page.count(words) for page in pages)} times in the text, not {times}"
        for words, times in wanted.items()
        if all(page.count(words) < times for page in pages)
    ]
    if any(mark in page for page in pages for mark in ("\ufffd", "\x00")):
        complaints.append("the text holds characters that stand for none")
    return complaints + ([] if wanted else ["no value was compared"])


def attachment_agrees(file, kind):
    """The attached metadata.json says what was sent, and what the page prints."""
    application, fields = read(kind)
    with tempfile.TemporaryDirectory() as folder:
        status, _, err = programs.run("pdfdetach", "-saveall", "-o", folder, file)
        names = sorted(path.name for path in pathlib.Path(folder).iterdir())
        if status or names != ["metadata.json", "metadata.xml"]:
            return [f"attached are {names} {err.strip()}"]
        metadata = json.loads((pathlib.Path(folder) / "metadata.json").read_text(encoding="utf-8"))
    said = {pointer: value for pointer, value, _ in values(metadata["fields"], fields)}
    complaints = [
        f"{pointer}: the attachment says {said.get(pointer)}"
        for pointer, value, field in values(application, fields)
        if field["kind"] != "photo" and said.get(pointer) != value
    ]
    text = squeeze(programs.run("pdftotext", "-enc", "UTF-8", "-raw", file, "-")[1])
    for key in ("number", "code", "identifier"):
        if squeeze(metadata[key]) not in text:
            complaints.append(f"the attachment's {key} {metadata[key]} is not printed")
    return complaints


def photos_are_there(file, kind):
    """As many photos as the application has, and no picture besides: QR code, seal and ornament are drawn in lines."""
    application, fields = read(kind)
    sent = sum(field["kind"] == "photo" for _, _, field in values(application, fields))
    _, out, _ = programs.run("pdfimages", "-list", file)
    rows = [line.split() for line in out.splitlines()[2:]]
    small = [f"a picture of {row[3]} x {row[4]}" for row in rows if int(row[3]) < 295 or int(row[4]) < 378]
    return small + ([] if len(rows) == sent else [f"{len(rows)} pictures on the page, {sent} were sent"])


def squeeze(text):
    return re.sub(r"\s+", "", text)
