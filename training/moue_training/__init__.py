"""Training of moue's three networks.

Imports go one way: `data` ← `models` ← `train` ← `export` ← `eval` ← `commands`. The commands parse
arguments and call the other packages, and are run by `python -m moue_training COMMAND`.
"""
