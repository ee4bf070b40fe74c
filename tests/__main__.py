"""``python3 -m tests``: install what the tests need, then run every test and check.

Standard library only, because it runs before anything is installed. It makes a virtual
environment in ``.venv``, installs ``requirements-dev.txt`` there, installs Debian's Chromium where
there is none and ``apt-get`` is at hand, and hands over to pytest with the arguments it was given.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# The browser tests wait more than they compute; a file's tests share what they start.
WORKERS = ("-n", "2", "--dist", "loadfile")
# Where others use the machine too a browser may outlast any patience: what ran into a time limit is
# tried once more, and counted as a rerun. What fails otherwise has failed.
AGAIN = ("--reruns", "1", "--only-rerun", "TimeoutError")
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install_packages() -> None:
    """Bring ``.venv`` to what ``requirements-dev.txt`` pins."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "-r", ROOT / "requirements-dev.txt"], check=True)


def install_chromium() -> None:
    """Debian's Chromium, where it is missing and can be installed; else say what to do."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 or not shutil.which("sudo") else ["sudo"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run([*sudo, "apt-get", *arguments], env=quiet, stdout=subprocess.DEVNULL)
        if shutil.which("chromium"):
            return
    print(
        "The browser tests need Chromium or Chrome: install it (Debian: apt-get install chromium) "
        "and run this again; until then they are skipped.",
        file=sys.stderr,
    )


def main() -> int:
    """Install, then run pytest; returns its exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older Python should say so, not crash
        sys.exit("CNN Explorer needs Python 3.11 or newer; this is " + sys.version.split()[0])
    install_packages()
    install_chromium()
    command = [PYTHON, "-m", "pytest", *WORKERS, *AGAIN, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
