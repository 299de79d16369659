"""Opens a page of this repository in a headless Chromium. usage: browser.py PATH PORT

The pages are served at http://127.0.0.1:PORT, which is another origin than the server's.

In: fill NAME VALUE | press TEXT | see SELECTOR TEXT | read SELECTOR     Out: ready | done | seen | is TEXT | failed …
`press` presses the button with that text, `see` waits for an element with that text in it, `read` tells its text.
"""
import asyncio
import functools
import http.server
import os
import sys
import threading

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from helper import serve, tell

PATH, PORT = sys.argv[1], int(sys.argv[2])
REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PATIENCE = 30


class Pages(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def log_message(self, *_):
        pass


def open_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


class Page:
    def __init__(self, browser):
        self.browser = browser

    def element(self, by, what):
        return WebDriverWait(self.browser, PATIENCE).until(lambda browser: browser.find_element(by, what))

    def fill(self, name, value):
        field = self.element(By.NAME, name)
        field.clear()
        field.send_keys(value)
        tell("done")

    def press(self, *text):
        WebDriverWait(self.browser, PATIENCE).until(lambda _: self.pressed(" ".join(text)))
        tell("done")

    def pressed(self, text):
        """The page may have made its buttons anew meanwhile."""
        button = self.browser.find_element(By.XPATH, f'//button[normalize-space()="{text}"]')
        if button.is_enabled():
            button.click()
            return True

    def see(self, selector, *text):
        wanted = " ".join(text)
        try:
            WebDriverWait(self.browser, PATIENCE).until(
                lambda browser: wanted in browser.find_element(By.CSS_SELECTOR, selector).text)
            tell("seen")
        except Exception:
            found = self.browser.find_element(By.CSS_SELECTOR, "body").text.replace("\n", " | ")
            tell("failed", wanted, "not in", found, self.browser.get_log("browser"))

    def read(self, selector):
        tell("is", self.element(By.CSS_SELECTOR, selector).text.replace("\n", "|"))


async def main():
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), functools.partial(Pages, directory=REPOSITORY))
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    browser = open_browser()
    try:
        browser.get(f"http://127.0.0.1:{PORT}/{PATH}")
        page = Page(browser)
        tell("ready")

        async def command(words):
            await asyncio.to_thread(getattr(page, words[0]), *words[1:])

        await serve(command)
    finally:
        browser.quit()


asyncio.run(main())
