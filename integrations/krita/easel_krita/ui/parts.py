"""Small widgets that several sections use. Colours are those of the user's theme: roles of the
palette and mixes of them, nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ..qt import (
    QT,
    QColor,
    QEvent,
    QImage,
    QLabel,
    QLayout,
    QPainter,
    QPainterPath,
    QPalette,
    QPixmap,
    QPoint,
    QRect,
    QRectF,
    QSize,
    QSizePolicy,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from ..safe import safely

#: The grid that everything lies on.
UNIT = 4


def on(signal: Any, call: Callable[..., Any]) -> None:
    """Calls when a signal comes; what it raises is reported and goes no further."""
    signal.connect(safely(call))


def mixed(palette: QPalette, share: float) -> QColor:
    """A colour between the background (0) and the text (1)."""
    text = palette.color(QPalette.ColorRole.WindowText)
    back = palette.color(QPalette.ColorRole.Window)
    return QColor(
        round(back.red() + (text.red() - back.red()) * share),
        round(back.green() + (text.green() - back.green()) * share),
        round(back.blue() + (text.blue() - back.blue()) * share),
    )


class Text(QLabel):
    """A text of one or more lines. It never makes the panel wider: it wraps, or is cut with an
    ellipsis and told whole by a tooltip.
    """

    def __init__(
        self, text: str = "", *, dim: bool = False, bold: bool = False, wrap: bool = False
    ) -> None:
        super().__init__()
        self._whole = ""
        self._dim = dim
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Ignored, policy.Preferred if wrap else policy.Fixed)
        font = self.font()
        font.setBold(bold)
        self.setFont(font)
        if wrap:
            self.setMinimumWidth(1)
        self._recolour()
        self.say(text)

    def say(self, text: str) -> None:
        """Shows a text."""
        if text == self._whole:
            return
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def whole(self) -> str:
        """The text, however much of it is seen."""
        return self._whole

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: Any) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        if self.wordWrap():
            self.setText(self._whole)
            return
        mode = Qt.TextElideMode.ElideRight
        cut = self.fontMetrics().elidedText(self._whole, mode, max(0, self.width()))
        self.setText(cut)
        self.setToolTip(self._whole if cut != self._whole else "")

    def _recolour(self) -> None:
        if not self._dim:
            return
        parent = self.parentWidget()
        palette = (parent or self).palette()
        wanted = mixed(palette, 0.62)
        mine = self.palette()
        if mine.color(QPalette.ColorRole.WindowText) != wanted:
            mine.setColor(QPalette.ColorRole.WindowText, wanted)
            self.setPalette(mine)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._recolour()


class Picture(QWidget):
    """A small picture, whole and without a tint, on a neutral ground."""

    def __init__(self, side: int, name: str) -> None:
        super().__init__()
        self._picture: QPixmap | None = None
        self.setFixedSize(side, side)
        self.setAccessibleName(name)

    def show_image(self, image: QImage | None) -> None:
        """Shows an image of Qt's."""
        missing = image is None or image.isNull()
        self._picture = None if missing else QPixmap.fromImage(image)
        self.update()

    def show_png(self, content: bytes | None) -> None:
        """Shows the bytes of a file."""
        picture = QPixmap()
        if content is not None and picture.loadFromData(content):
            self._picture = picture
        else:
            self._picture = None
        self.update()

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        draw_picture(painter, self.rect(), self._picture, self.palette())
        painter.end()


def fetch_picture(panel: Any, blob: str, side: int, take: Callable[[QPixmap], None]) -> None:
    """Gives a small picture of a blob, now or later."""

    def arrived(content: bytes) -> None:
        picture = QPixmap()
        # Qt may have deleted the widget that it is for.
        with contextlib.suppress(RuntimeError):
            if picture.loadFromData(content):
                take(picture)

    panel.thumbnail(blob, side, safely(arrived))


def draw_picture(
    painter: QPainter, where: QRect, picture: QPixmap | None, palette: QPalette
) -> None:
    """Draws a picture whole into a square with soft corners."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    ground = mixed(palette, 0.08)
    # Someone judges colours here: the ground is grey, whatever the theme's tint.
    grey = round(0.3 * ground.red() + 0.59 * ground.green() + 0.11 * ground.blue())
    path = QPainterPath()
    path.addRoundedRect(QRectF(where), 3, 3)
    painter.setClipPath(path)
    painter.fillRect(where, QColor(grey, grey, grey))
    if picture is not None and not picture.isNull():
        size = picture.size().scaled(where.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(where.center())
        painter.drawPixmap(place, picture)
    painter.restore()


class Flow(QLayout):
    """Lays widgets in rows, as text is laid in lines."""

    def __init__(self, spacing: int = UNIT) -> None:
        super().__init__()
        self._items: list[Any] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: Any) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> Any:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> Any:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Any:
        # None: what is left belongs to the end of the panel.
        return Qt.Orientation(0) if QT == 6 else Qt.Orientations()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay(QRect(0, 0, width, 0), False)

    def setGeometry(self, rectangle: QRect) -> None:
        super().setGeometry(rectangle)
        self._lay(rectangle, True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _lay(self, rectangle: QRect, move: bool) -> int:
        x, y, height = rectangle.x(), rectangle.y(), 0
        for item in self._items:
            if item.widget() is not None and item.widget().isHidden():
                continue
            size = item.sizeHint()
            if x + size.width() > rectangle.right() + 1 and height > 0:
                x, y, height = rectangle.x(), y + height + self.spacing(), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
            height = max(height, size.height())
        return y + height - rectangle.y()


class Section(QWidget):
    """A part of the panel with a quiet heading; a folding one remembers whether it is open."""

    def __init__(self, title: str, fold: bool = False) -> None:
        super().__init__()
        self.rows = QVBoxLayout()
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(UNIT)
        self._body = QWidget()
        self._body.setLayout(self.rows)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(UNIT)
        self.folded: Callable[[bool], None] | None = None
        self._head: QToolButton | None = None
        if fold:
            self._head = QToolButton()
            self._head.setText(title)
            self._head.setCheckable(True)
            self._head.setAutoRaise(True)
            self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._head.setAccessibleName(title)
            on(self._head.toggled, self._fold)
            outer.addWidget(self._head)
            self._show(False)
        elif title:
            outer.addWidget(Text(title, dim=True))
        outer.addWidget(self._body)

    def open(self, opened: bool) -> None:
        """Unfolds it."""
        if self._head is not None and self._head.isChecked() != opened:
            self._head.setChecked(opened)

    def _fold(self, opened: bool) -> None:
        self._show(opened)
        if self.folded is not None:
            self.folded(opened)

    def _show(self, opened: bool) -> None:
        assert self._head is not None
        arrow = Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow
        self._head.setArrowType(arrow)
        self._body.setVisible(opened)


def in_order(widget: QWidget) -> Iterator[QWidget]:
    """The widgets at which the tab key stops, in the order in which they are laid out."""
    layout = widget.layout()
    if layout is not None:
        yield from _in_layout(layout)
    elif widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is not None and item.widget() is not None:
            yield from in_order(item.widget())
        elif item is not None and item.layout() is not None:
            yield from _in_layout(item.layout())


def toggle(label: str, hint: str) -> QToolButton:
    """A small button that stays down."""
    button = QToolButton()
    button.setText(label)
    button.setToolTip(hint)
    button.setCheckable(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setAccessibleName(label.replace("&", ""))
    button.setMinimumHeight(28)
    return button
