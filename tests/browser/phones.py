"""What the browser tests agree on."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}{{7*7}}{% raw %}`\"'</script><script>alert(3)</script>"
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"}
HERE = {"longitude": 113.0742, "latitude": 28.8069}
