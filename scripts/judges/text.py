"""What other programs read on the page, and what pikepdf's allow-list says of PDF/A."""

import json
import re

import programs

# Fields that are printed in another form than they were sent (dates, choices, pictures, numbers with a unit) are
# compared by their parts; these kinds are read from the values themselves, not from our type files.
DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
CODE_WORD = re.compile(r"^[a-z0-9_]+$")


def values_are_there(file, example):
    """Every value of the example application stands in the extracted text, rare characters included."""
    given = json.loads(example.read_text(encoding="utf-8"))
    status, raw, err = programs.run("pdftotext", "-raw", file, "-")
    if status:
        return [err.strip()]
    layout = programs.run("pdftotext", "-layout", file, "-")[1]
    pages = [squeeze(raw), squeeze(layout)]
    complaints, compared = [], 0
    for pointer, value in leaves(given):
        forms = printed_forms(value)
        if not forms:
            continue
        compared += 1
        if not any(form in page for form in forms for page in pages):
            complaints.append(f"{pointer} is not in the text")
    if compared == 0:
        complaints.append("no value was compared")
    return complaints


def leaves(value, pointer=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{index}")
    else:
        yield pointer, value


def printed_forms(value):
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, (int, float)):
        return [str(value), f"{value:,}"]
    if len(value) > 2000 or CODE_WORD.match(value) and not value.isdigit():
        return []  # a picture, or the code of a choice, which is printed in words
    day = DAY.match(value)
    if day:
        year, month, date = day.groups()
        return [f"{year}年{int(month)}月{int(date)}日", value, f"{year}.{month}.{date}", f"{year}/{month}/{date}"]
    return [squeeze(value)]


def squeeze(text):
    return re.sub(r"\s+", "", text)


def pdf_a(file):
    """A page without signature field and attachment, by the allow-list checker of pikepdf[pdfa] (its level: 3b)."""
    from pikepdf import Pdf
    from pikepdf.pdfa import validate_written

    findings = [f"{f.rule} at {f.where}: {f.message}" for f in validate_written(file, "3b").findings]
    complaints = [words for words in findings if not KNOWN_FALSE.search(words)]
    # What the allow-list cannot know it passes over above; so look here whether the file itself declares it.
    with Pdf.open(file) as pdf:
        xmp = bytes(pdf.Root.Metadata.read_bytes()).decode("utf-8")
    declared = set(re.findall(r"<pdfaProperty:name>([^<]+)<", xmp)) | set(re.findall(r'pdfaProperty:name="([^"]+)"', xmp))
    used = set(re.findall(r"<gbt:([A-Za-z0-9_]+)", xmp)) | set(re.findall(r'\sgbt:([A-Za-z0-9_]+)=', xmp)) | {"part"}
    return complaints + [f"XMP property {name} is used but not declared" for name in sorted(used - declared)]


# The checker is an allow-list of level B without extension schemas. PDF/A-3a with PDF/UA-1 and a schema of our own
# (ISO 19005-3, 6.6.2.3.3) must have exactly these, so it names them on every file; anything else is a complaint.
KNOWN_FALSE = re.compile(
    r"6\.6\.2\.3\.1-1 .*: XMP namespace (gbt|pdfaExtension|pdfaSchema|pdfaProperty)=\S+ is not permitted$"
    r"|6\.6\.2\.3\.1-1 .*: XMP property (gbt:\w+|pdfuaid:part|pdfaExtension:schemas) is not permitted$"
    r"|6\.6\.4-3 .*: pdfaid:conformance is 'A', expected 'B'$"
)
