"""Easel in GIMP: what talks to GIMP. The panel's behaviour is in `easel.panel`, beside this
package. Which versions of GIMP's libraries are meant is said here, before any module asks for
them; those of the screen in `application`, which alone opens a window.
"""

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
gi.require_version("Babl", "0.1")
