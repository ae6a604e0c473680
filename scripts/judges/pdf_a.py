"""PDF/A by the allow-list checker of pikepdf[pdfa], on pages without signature field and attachment."""

import re

# The checker knows level B without extension schemas. PDF/A-3a with PDF/UA-1 and a schema of our own (ISO 19005-3,
# 6.6.2.3.3) has exactly these four peculiarities, so it names them on every file; anything else is a complaint. What it
# cannot see through them is looked at by `undeclared`. docs/standards/pdf-a.md says the same, clause by clause.
KNOWN_FALSE = re.compile(
    r"6\.6\.2\.3\.1-1 .*: XMP namespace (gbt|pdfaExtension|pdfaSchema|pdfaProperty)=\S+ is not permitted$"
    r"|6\.6\.2\.3\.1-1 .*: XMP property (gbt:\w+|pdfuaid:part|pdfaExtension:schemas) is not permitted$"
    r"|6\.6\.4-3 .*: pdfaid:conformance is 'A', expected 'B'$"
)


def complaints(file):
    from pikepdf.pdfa import validate_written

    findings = [f"{f.rule} at {f.where}: {f.message}" for f in validate_written(file, "3b").findings]
    known = [words for words in findings if KNOWN_FALSE.search(words)]
    # A page on which the checker finds not even these was not looked at as we think.
    unlooked = [] if known else ["the checker did not name the extension schemas: has it read the metadata?"]
    return [words for words in findings if words not in known] + unlooked + undeclared(file)


def undeclared(file):
    """XMP properties outside the predefined schemas that the file's own extension schemas do not declare."""
    from pikepdf import Pdf

    with Pdf.open(file) as pdf:
        xmp = bytes(pdf.Root.Metadata.read_bytes()).decode("utf-8")
    declared = set(re.findall(r"<pdfaProperty:name>([^<]+)<", xmp)) | set(re.findall(r'pdfaProperty:name="([^"]+)"', xmp))
    used = set(re.findall(r"<gbt:(\w+)", xmp)) | set(re.findall(r"\sgbt:(\w+)=", xmp))
    used |= {"part"} if "pdfuaid:part" in xmp else set()
    return [f"XMP property {name} is used but not declared" for name in sorted(used - declared)]
