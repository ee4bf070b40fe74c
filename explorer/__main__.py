"""``python -m explorer``: serve the app, or train without it.

To serve, it hands over to Streamlit's own command line from the repository's root, because
``.streamlit/config.toml`` is read from the current folder; so every option of ``streamlit run``
works here under its own name.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

HELP = """\
usage: python -m explorer [options of "streamlit run"]

Serve CNN Explorer: draw a digit and see through the network that reads it.

  --server.port PORT        where to listen (default 8501)
  --server.address ADDRESS  on which address (default 127.0.0.1, this machine alone;
                            0.0.0.0 lets a class room in)
  --server.headless false   open a browser too
  -h, --help                this text

Other commands:
  python -m explorer train ...               train a network without a browser (--help lists how)
  python -m explorer runs                    list what was trained, here and on the page
  python -m explorer.training.shipped NAME   train the shipped weights of a network again

Environment:
  EXPLORER_DATA   the folder where data sets are kept (default: the user's data folder)
  EXPLORER_STORE  where runs are recorded, a SQLAlchemy URL (default: a SQLite file there)
"""


def main(arguments: list[str]) -> None:
    """Print the help, train, or become ``streamlit run`` with ``arguments`` behind it."""
    if arguments[:1] in (["train"], ["runs"]):
        from explorer.training import command

        sys.exit(command.main(arguments))
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP, end="")
        return
    if unknown := [argument for argument in arguments[:1] if not argument.startswith("-")]:
        sys.exit(f"python -m explorer has no command {unknown[0]!r}: see python -m explorer --help")
    try:
        from streamlit.web import cli
    except ModuleNotFoundError:
        sys.exit("Streamlit is not installed here: run pip install -r requirements.txt first.")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))

    from explorer import warm

    warm.start()
    sys.argv = ["streamlit", "run", "explorer/streamlit_app.py", *arguments]
    cli.main()


if __name__ == "__main__":
    main(sys.argv[1:])
