"""The pages as people see them: Chromium with JavaScript switched off for the pictures and the console, then once more
with axe-core brought in by the driver. At 360 and 1280 pixels."""
import shutil
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]


def walk(page, base, codes, files, link, spent):
    """Every page and every kind of answer, as (name, status)."""
    for name, path, status in [
        ("home", "/", 200), ("verify", "/verify", 200), ("check", "/check", 200),
        ("check-open", f"/v/{codes['elder-care-filing-receipt']}", 200),
        ("check-masked", f"/v/{codes['volunteer-passport']}", 200),
        ("check-secret", f"/v/{codes['adoption-registration']}", 200),
        ("check-unknown", "/v/0000-0000-0000", 404), ("download", link, 200), ("download-spent", spent, 410),
    ]:
        yield name, page.goto(base + path).status, status
    for name, file in files.items():
        page.goto(base + "/verify")
        page.set_input_files("#file", file)
        with page.expect_navigation() as told:
            page.click("button")
        yield f"verified-{name}", told.value.status, 200
    page.goto(base + "/check")
    page.fill("#code", codes["volunteer-passport"].lower())
    with page.expect_navigation() as told:
        page.click("button")
    yield "check-typed", told.value.status, 200


def judge(base, codes, files, links, spent, pictures):
    """Problems found, and how many pages were looked at."""
    pictures = Path(pictures)
    pictures.mkdir(parents=True, exist_ok=True)
    problems, seen = [], 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for width in (360, 1280):
            for script in (False, True):
                context = browser.new_context(
                    viewport={"width": width, "height": 800}, java_script_enabled=script, bypass_csp=script)
                page, console = context.new_page(), []
                page.on("console", lambda message: console.append(message.text))
                page.on("pageerror", lambda why: console.append(str(why)))
                for name, status, wanted in walk(page, base, codes, files, links, spent):
                    seen += 1
                    at = f"{name} at {width}"
                    if status != wanted:
                        problems.append(f"{at}: status {status}, expected {wanted}")
                    if script:
                        found = Axe().run(page).response["violations"]
                        problems += [f"{at}: axe {one['id']}: {one['help']}" for one in found]
                        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                            problems.append(f"{at}: {wide} pixels wide")
                    else:
                        page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
                    # Chromium itself notes a page whose status is an error; that status is the one expected above.
                    noted = [line for line in console if not (wanted >= 400 and f"status of {wanted}" in line)]
                    problems += [f"{at}: console: {line}" for line in noted]
                    console.clear()
                context.close()
        browser.close()
    return problems, seen
