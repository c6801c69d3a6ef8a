import sys

from cordboard.cli import main

sys.exit(main())
