"""The subcommands of `python -m moue_training`: each module parses arguments and calls the library.

A module defines `add_arguments(parser)` and `run(args)`; its docstring is the help text.
"""
