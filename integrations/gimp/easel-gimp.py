#!/usr/bin/env python3
"""Easel in GIMP: the file that GIMP starts. The shared client `easel` lies beside it."""

import sys

from easel_gimp.plugin import main

main(sys.argv)
