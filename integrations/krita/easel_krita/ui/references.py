"""References: further pictures that guide style or character. Layers, files, or a named set that
the daemon keeps for all editors.
"""

from __future__ import annotations

from typing import Any

from ..easel.panel import Panel, Reference
from ..qt import (
    QEvent,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPainter,
    QPalette,
    QPixmap,
    QPoint,
    QRect,
    QSize,
    Qt,
    QToolButton,
    QWidget,
)
from .parts import UNIT, Flow, Section, Text, draw_picture, fetch_picture, on

_SIDE = 52
_FILES = "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff)"


class ReferenceView(Section):
    """Section 5 of the panel."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("References")
        self._panel = panel
        self._shown: Any = None
        self._flow = Flow()
        self._flow_host = QWidget()
        self._flow_host.setLayout(self._flow)
        self.rows.addWidget(self._flow_host)
        self.hint = Text(dim=True, wrap=True)
        self.add = QToolButton()
        self.add.setText("&Add reference")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.add.setMinimumHeight(28)
        self.add.setAccessibleName("Add reference")
        self.menu = QMenu(self.add)
        self.add.setMenu(self.menu)
        self.save = QToolButton()
        self.save.setText("Save as set")
        self.save.setMinimumHeight(28)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name of the set, then Return")
        self.name.setAccessibleName("Name of the reference set")
        self.name.setMaxLength(100)
        self.name.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addWidget(self.add)
        buttons.addWidget(self.save)
        buttons.addWidget(self.name, 1)
        buttons.addStretch()
        self.rows.addLayout(buttons)
        self.rows.addWidget(self.hint)
        on(self.menu.aboutToShow, self._fill)
        on(self.save.clicked, lambda *_: self._name(True))
        on(self.name.returnPressed, self._save)
        self.renew({"settings", "models", "references"})

    def _name(self, asked: bool) -> None:
        self.name.setVisible(asked)
        self.save.setVisible(not asked and bool(self._panel.settings.references))
        self.add.setVisible(not asked)
        if asked:
            self.name.clear()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        name = self.name.text().strip()
        if name:
            self._panel.save_set(name)
        self._name(False)

    def _fill(self) -> None:
        panel, menu = self._panel, self.menu
        menu.clear()
        # The layers as they are now, not as they were half a second ago.
        panel.refresh()
        layers = menu.addMenu("Layer")
        for id, title in panel.sight.layers if panel.sight is not None else ():
            entry = layers.addAction(title.replace("&", "&&"))
            on(entry.triggered, lambda *_, id=id: panel.add_reference_layer(id))
        layers.setEnabled(not layers.isEmpty())
        on(menu.addAction("File…").triggered, lambda *_: self._choose())
        menu.addSeparator()
        for kept in panel.sets:
            name = kept["name"]
            count = len(kept["references"])
            entry = menu.addAction(f"Set {name} ({count})".replace("&", "&&"))
            on(entry.triggered, lambda *_, name=name: panel.use_set(name))
        forget = menu.addMenu("Forget a set")
        for kept in panel.sets:
            entry = forget.addAction(kept["name"].replace("&", "&&"))
            on(entry.triggered, lambda *_, name=kept["name"]: panel.remove_set(name))
        forget.setEnabled(bool(panel.sets))

    def _choose(self) -> None:
        # Not `exec`: Krita goes on beside it.
        dialog = QFileDialog(self, "Choose references", "", _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        on(dialog.filesSelected, lambda paths: self.add_files(paths))
        dialog.open()

    def add_files(self, paths: Any) -> None:
        """Adds pictures from files."""
        for path in paths:
            self._panel.add_reference_file(path)

    def pictures(self) -> list[QWidget]:
        """The references that are shown, in order."""
        return [self._flow.itemAt(it).widget() for it in range(self._flow.count())]

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"settings", "models", "references"}:
            return
        panel = self._panel
        chosen, most = panel.settings.references, panel.controls.max_references
        self.setVisible(bool(most or chosen))
        if chosen != self._shown:
            self._shown = chosen
            while self._flow.count():
                self._flow.takeAt(0).widget().deleteLater()
            for index, reference in enumerate(chosen):
                self._flow.addWidget(_Reference(panel, index, reference))
            self._flow_host.updateGeometry()
        self._flow_host.setVisible(bool(chosen))
        if not self.name.isVisible():
            self.save.setVisible(bool(chosen))
        self.add.setEnabled(len(chosen) < most)
        hint = ""
        if chosen and most == 0:
            hint = "None of the ticked models takes references: they are not sent."
        elif len(chosen) > most:
            hint = f"The ticked models take {most} at most."
        elif not chosen:
            hint = "Pictures that guide the style or a character, up to " + str(most) + "."
        self.hint.say(hint)
        self.hint.setVisible(bool(hint))


_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Right)


class _Reference(QWidget):
    """One reference: drag it to another place, Delete takes it out."""

    def __init__(self, panel: Panel, index: int, reference: Reference) -> None:
        super().__init__()
        self._panel, self._index = panel, index
        self._picture: QPixmap | None = None
        self._pressed: QPoint | None = None
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Reference {index + 1}: {reference.title}")
        self.setToolTip(f"{reference.title}\nDrag to order, Delete takes it out")
        self._remove = QToolButton(self)
        self._remove.setText("×")
        self._remove.setAccessibleName(f"Take out reference {index + 1}")
        self._remove.setFixedSize(QSize(18, 18))
        self._remove.move(_SIDE - 18, 0)
        self._remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        on(self._remove.clicked, lambda *_: panel.remove_reference(index))
        side = round(_SIDE * self.devicePixelRatioF())
        fetch_picture(panel, reference.blob, side, self._take)

    def _take(self, picture: QPixmap) -> None:
        self._picture = picture
        self.update()

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        draw_picture(painter, self.rect(), self._picture, self.palette())
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def event(self, event: Any) -> bool:
        # Delete would clear the layer: here it is no shortcut of Krita's.
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in _KEYS:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: Any) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._panel.remove_reference(self._index)
        elif key == Qt.Key.Key_Left:
            self._panel.move_reference(self._index, self._index - 1)
        elif key == Qt.Key.Key_Right:
            self._panel.move_reference(self._index, self._index + 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: Any) -> None:
        self._pressed = event.pos()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.raise_()

    def mouseMoveEvent(self, event: Any) -> None:
        if self._pressed is not None:
            self.move(self.pos() + event.pos() - self._pressed)

    def mouseReleaseEvent(self, event: Any) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        host = self.parentWidget()
        center = self.geometry().center()
        others = host.findChildren(_Reference) if host is not None else []
        before = sum(1 for it in others if it is not self and _comes_before(it.geometry(), center))
        if before != self._index:
            self._panel.move_reference(self._index, before)
        elif host is not None and host.layout() is not None:
            host.layout().invalidate()
            host.layout().activate()


def _comes_before(place: QRect, point: QPoint) -> bool:
    """Whether a picture lies before a point, in the order in which one reads."""
    if place.bottom() < point.y():
        return True
    return place.top() <= point.y() and place.center().x() < point.x()
