"""Visit the page as somebody would, and keep pictures of it.

    python3 visit.py URL FAILED FOLDER PROFILE

FAILED is the id of a run that has failed; the pictures go into FOLDER."""
import sys

from browser import Browser

url, failed, folder, profile = sys.argv[1:]
browser = Browser(profile)


def keep(name, **look):
    browser.look(**look)
    browser.take_picture(f"{folder}/{name}.png")


def text_has(text):
    return f"document.body.innerText.includes('{text}')"


def see_forms():
    browser.go(url)
    browser.wait(text_has("come back"))
    keep("form")
    keep("form-dark", scheme="dark")
    keep("form-narrow", width=420)
    browser.look()


def start_and_stop_picture():
    browser.go(url)
    browser.fill(width=1920, height=1080, samples=512)
    browser.press("Paint the picture")
    browser.wait("document.querySelector('progress').position > 0.02")
    keep("progress")
    browser.press("Stop it")
    browser.wait(text_has("It was stopped"))
    keep("stopped")


def have_picture():
    browser.go(url)
    browser.fill(width=952, height=536, samples=12)
    browser.press("Paint the picture")
    browser.wait("document.querySelector('img').naturalWidth == 952")
    keep("picture")


def have_words():
    browser.go(url)
    browser.fill(top=15, min_length=5)
    browser.press("Count the words")
    browser.wait("document.querySelectorAll('tbody tr').length == 15")
    keep("words")
    keep("words-dark", scheme="dark")
    browser.look()


def see_failure():
    browser.go(f"{url}?id={failed}")
    browser.wait(text_has("Something went wrong"))
    keep("failed")


def be_refused():
    browser.go(url + "?address=/run/other.socket&id=0")
    browser.wait(text_has("address is no parameter"))
    keep("refused")


try:
    see_forms()
    start_and_stop_picture()
    have_picture()
    have_words()
    see_failure()
    be_refused()
finally:
    browser.close()
