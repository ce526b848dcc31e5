"""What will be sent: the active layer or all that is visible, the selection, or an earlier result
that the next transform goes on from.
"""

from __future__ import annotations

from ..easel.panel import Panel, words
from ..qt import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, Qt, QToolButton, QVBoxLayout
from .parts import UNIT, Picture, Section, Text, on

_AREAS = (("layer", "Active layer"), ("visible", "All that is visible"))
_SIDE = 64


class SourceView(Section):
    """Section 1 of the panel."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("")
        self._panel = panel
        self._shown = ""
        self.picture = Picture(_SIDE, "What will be sent")
        self.title = Text(bold=True)
        self.facts = Text(dim=True)
        self.area = QComboBox()
        for value, label in _AREAS:
            self.area.addItem(label, value)
        self.area.setAccessibleName("What is sent")
        self.area.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.area.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.selection = QCheckBox("Only in the se&lection")
        self.back = QToolButton()
        self.back.setText("Back to the layer")
        self.back.setToolTip("Stop iterating: the next transform starts from the layer again")
        self.warning = Text(wrap=True)

        facts = QVBoxLayout()
        facts.setSpacing(2)
        facts.addWidget(self.title)
        facts.addWidget(self.facts)
        facts.addWidget(self.area)
        facts.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(2 * UNIT)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(facts, 1)
        row.setAlignment(facts, Qt.AlignmentFlag.AlignTop)
        self.rows.addLayout(row)
        self.rows.addWidget(self.selection)
        self.rows.addWidget(self.warning)

        on(self.area.activated, self._pick_area)
        on(self.selection.clicked, lambda checked: panel.set(use_selection=bool(checked)))
        on(self.back.clicked, lambda *_: panel.stop_iterating())
        self.renew({"sight", "settings"})

    def _pick_area(self, index: int) -> None:
        self._panel.set(area=self.area.itemData(index))

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"sight", "settings"}:
            return
        panel = self._panel
        sight, parent = panel.sight, panel.parent
        self.back.setVisible(parent is not None)
        self.area.setVisible(parent is None)
        self.area.setCurrentIndex(max(0, self.area.findData(panel.settings.area)))
        problem = ""
        if parent is not None:
            self._iterate()
            self.title.say(f"Iterates from {parent.model_label}")
            self.facts.say(f"{words.size(parent.width, parent.height)} · {parent.title}")
        elif sight is None:
            self.picture.show_image(None)
            self.title.say("No picture is open")
            self.facts.say(words.NO_DOCUMENT)
        else:
            self.picture.show_image(sight.thumbnail)
            self.title.say(sight.title)
            known = sight.width > 0 and sight.height > 0
            parts = [words.size(sight.width, sight.height)] if known else []
            self.facts.say(" · ".join([*parts, sight.format]))
            if sight.problem is not None:
                line = words.failure_line(sight.problem)
                problem = f"{line.text}. {line.hint}"
        selected = parent is None and sight is not None and sight.selection is not None
        self.selection.setVisible(selected)
        self.selection.setChecked(panel.settings.use_selection)
        if selected and sight is not None and sight.selection is not None:
            size = words.size(sight.selection["width"], sight.selection["height"])
            self.selection.setText(f"Only in the se&lection, {size}")
        self.warning.say(problem)
        self.warning.setVisible(bool(problem))
        if parent is None:
            self._shown = ""

    def _iterate(self) -> None:
        parent = self._panel.parent
        if parent is None or parent.blob is None or self._shown == parent.key:
            return
        self._shown = parent.key
        side = round(_SIDE * self.devicePixelRatioF())
        self.picture.show_png(None)
        self._panel.thumbnail(parent.blob, side, self.picture.show_png)
