"""A headless Chromium to be told what to do, through the pipe that
--remote-debugging-pipe opens: JSON messages, each ended by a zero byte."""
import base64
import json
import os
import subprocess
import time


class Browser:
    def __init__(self, profile):
        ours, theirs = os.pipe(), os.pipe()
        self.to_browser, self.from_browser = theirs[1], ours[0]
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={profile}"],
            preexec_fn=lambda: give_descriptors(theirs[0], ours[1]),
            close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs[0])
        os.close(ours[1])
        self.number, self.rest, self.session = 0, b"", None
        page = self.tell("Target.createTarget", url="about:blank")
        self.session = self.tell("Target.attachToTarget", flatten=True,
                                 targetId=page["targetId"])["sessionId"]
        self.tell("Page.enable")

    def tell(self, method, **params):
        """Send a command and return its result; events are passed over."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def receive(self):
        while b"\0" not in self.rest:
            piece = os.read(self.from_browser, 1 << 16)
            if not piece:
                raise RuntimeError("the browser has gone")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def go(self, url):
        self.tell("Page.navigate", url=url)

    def evaluate(self, script):
        """The value of a script, None when it fails or the page goes away."""
        try:
            answer = self.tell("Runtime.evaluate", expression=script,
                               returnByValue=True)
        except RuntimeError:
            return None
        return answer["result"].get("value")

    def wait(self, script, seconds=120):
        """Until the script is true of a page that is there as a whole."""
        deadline = time.monotonic() + seconds
        whole = f"document.readyState == 'complete' && !!({script})"
        while not self.evaluate(whole):
            if time.monotonic() > deadline:
                text = self.evaluate("document.body.innerText")
                raise RuntimeError(f"never true: {script}\n{text}")
            time.sleep(0.05)

    def fill(self, **fields):
        """Type into the fields of these names."""
        for name, value in fields.items():
            self.wait(f"document.querySelector('[name={name}]')")
            self.evaluate(f"document.querySelector('[name={name}]').select()")
            self.tell("Input.insertText", text=str(value))

    def press(self, text):
        """Click on the button with this text."""
        find = ("[...document.querySelectorAll('button')]"
                f".find(button => button.innerText == '{text}')")
        self.wait(find)
        x, y = self.evaluate(
            f"(() => {{ const button = {find}; button.scrollIntoView();"
            "const box = button.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2] })()")
        for kind in "mousePressed", "mouseReleased":
            self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                      button="left", clickCount=1)

    def look(self, width=1100, scheme="light"):
        """How wide the window is, and whether it is light or dark."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=700,
                  deviceScaleFactor=1, mobile=False)
        self.tell("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def take_picture(self, path):
        """Of the whole page."""
        picture = self.tell("Page.captureScreenshot", format="png",
                            captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def close(self):
        self.session = None
        self.tell("Browser.close")
        self.process.wait(timeout=30)


def give_descriptors(reading, writing):
    """In the browser's process: 3 to read from, 4 to write to."""
    reading, writing = os.dup(reading), os.dup(writing)
    os.dup2(reading, 3)
    os.dup2(writing, 4)
    os.closerange(5, 256)
