"""The pipeline's commands, a module each; `scripts/__main__.py` lists them."""
