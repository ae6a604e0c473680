#!/usr/bin/env python3
"""Make the committed fonts from their originals (fontTools, zstd).

    npm pack @expo-google-fonts/noto-serif-sc          # NotoSerifSC_400Regular.ttf, _700Bold.ttf (OFL)
    apt-get install fonts-hanazono                     # HanaMinB.ttf (OFL or Hanazono licence)
    scripts/prune_fonts.py REGULAR BOLD HANAMINB certificate-templates/fonts

Regular keeps every character; Bold keeps GB 2312, ASCII and punctuation (titles, seals); the fallback keeps
the characters Regular lacks and is renamed, since its name is reserved. Hinting and layout tables go:
horizontal Chinese needs cmap, hmtx and outlines only.
"""
import subprocess
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

KEEP = {"GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name", "post"}
TYPEFACE_NAMES = (1, 3, 4, 6, 16)


def prune(source, target, characters, rename=None):
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.layout_features = []
    options.recalc_timestamp = False
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    for table in set(font.keys()) - KEEP:
        del font[table]
    if rename:
        for record in font["name"].names:
            if record.nameID in TYPEFACE_NAMES:
                record.string = rename
    font.save(target)
    subprocess.run(["zstd", "-q", "-f", "--ultra", "-22", "--long=27", "--rm", str(target)], check=True)


def gb2312():
    pairs = (bytes([a, b]) for a in range(0xA1, 0xFF) for b in range(0xA1, 0xFF))
    return {ord(c) for pair in pairs for c in pair.decode("gb2312", "ignore")}


def main():
    regular, bold, fallback, folder = sys.argv[1:]
    folder = Path(folder)
    have = set(TTFont(regular).getBestCmap())
    extra = set(TTFont(fallback).getBestCmap()) - have
    titles = gb2312() | set(range(0x20, 0x7F)) | set(map(ord, "〔〕·—…“”‘’（）《》、。，：；？！－／"))
    prune(regular, folder / "NotoSerifSC-Regular.ttf", have)
    prune(bold, folder / "NotoSerifSC-Bold.ttf", titles)
    prune(fallback, folder / "YinzhengMingB.ttf", extra, "YinzhengMingB")


if __name__ == "__main__":
    main()
