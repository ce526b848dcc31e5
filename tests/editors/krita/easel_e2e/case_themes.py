"""How the docker looks: dark and light, narrow and wide, with pictures, and folded open."""

from __future__ import annotations

from typing import Any

from krita import Krita
from PyQt5.QtCore import QRect, Qt
from PyQt5.QtWidgets import QAbstractSpinBox, QWidget

from . import scene
from .drive import Case, Person, Report

person = Person()


def case(report: Report) -> Case:
    """Fills the docker, then looks at it in each theme."""
    document = scene.photograph("coffee.png")
    yield 0.3
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield from scene.activate(document, scene.tops(document)[0])
    yield from scene.pick(shown, "local-style", "invert")
    person.press(shown.change.styles.lines()[0].combo, Qt.Key.Key_Down)
    scene.select_softly(document, QRect(140, 60, 300, 260), 10)
    yield 0.7
    yield from scene.transform(shown)
    shown.references.add_files([str(scene.DATA / name) for name in ("chelsea.png", "rocket.jpg")])
    yield 0.5
    shown.more.open(True)
    yield 0.2
    order = _tab_order(shown)
    report.check("the tab key follows the eye", order == sorted(order), order)
    shown.results.number(0)
    for theme in ("Krita dark", "Krita bright"):
        action = theme_action(theme)
        report.check(f"{theme} is offered", action is not None)
        action.trigger()
        for width in (320, 460):
            scene.widen(shown, width)
            yield 0.5
            name = f"{theme.split()[-1]}-{width}"
            report.check(f"{name}: nothing is cut off", fits(shown), fits(shown, tell=True))
            report.shot(shown.scroll.widget(), name)
        report.shot(Krita.instance().activeWindow().qwindow(), f"window-{theme.split()[-1]}")
    theme_action("Krita dark").trigger()
    yield 0.3


def _tab_order(shown: Any) -> list[tuple[int, int]]:
    """Where the widgets lie that the tab key stops at, in its order."""
    content = shown.scroll.widget()
    places: list[tuple[int, int]] = []
    widget = content.nextInFocusChain()
    while widget is not content and len(places) < 200:
        stops = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        inner = isinstance(widget.parentWidget(), QAbstractSpinBox)
        if content.isAncestorOf(widget) and widget.isVisible() and stops and not inner:
            corner = widget.mapTo(content, widget.rect().topLeft())
            # Widgets of one row may differ by a few pixels.
            places.append((corner.y() // 12, corner.x()))
        widget = widget.nextInFocusChain()
    return places


def theme_action(name: str) -> Any:
    """The action that switches to a theme."""
    menu = Krita.instance().action("theme_menu")
    entries = menu.menu().actions() if menu is not None and menu.menu() is not None else []
    return next((it for it in entries if it.text().replace("&", "") == name), None)


def fits(shown: Any, tell: bool = False) -> Any:
    """Whether everything is as wide as the docker."""
    inside = shown.scroll.viewport().width()
    content = shown.scroll.widget()
    beyond = [
        f"{it.accessibleName() or type(it).__name__}: {it.mapTo(content, it.rect().topRight()).x()}"
        for it in content.findChildren(QWidget)
        if it.isVisible() and it.mapTo(content, it.rect().topRight()).x() > inside
    ]
    return beyond if tell else not beyond
