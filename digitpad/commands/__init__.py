"""The commands of the command line, without the window's; `digitpad.cli` registers them."""
