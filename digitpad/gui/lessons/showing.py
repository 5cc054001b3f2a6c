"""Shows in the window what a step of a lesson names, and leaves only its controls."""

from collections.abc import Collection

from digitpad.core.lessons.lesson import Control, Show
from digitpad.gui.lessons.stage import Stage

# On the pad these are on or off; the others open a window.
_SWITCHES = ("inside", "break-it", "compare", "steps")


def show(what: Show, stage: Stage) -> None:
    """Show everything that a step names; raises DigitpadError if its recipe cannot be read any more."""
    recipe = what.changed_recipe
    if what.page is not None:
        stage.show_page(what.page)
    if what.model is not None:
        _show_model(what.model, what, stage)
    elif what.dataset is not None and what.dataset != stage.mistakes_tab.sources.dataset:
        stage.mistakes_tab.sources.choose_dataset(what.dataset)
    if recipe is not None:
        stage.training_tab.show_recipe(recipe)
    if what.drawing:
        stage.session.recognition.set_reads_numbers(False)
        stage.session.pad.change(what.pad_drawing, stage.draw_tab.tr("drawing of the lesson"))
    if what.view is not None:
        action = stage.view_actions[what.view]
        action.setEnabled(True)  # until `leave_controls`: the step shows it, even if the user may not
        if what.view not in _SWITCHES or not action.isChecked():
            action.trigger()


def leave_controls(controls: Collection[Control] | None, stage: Stage) -> None:
    """Let only these fields of the form and buttons of the pad be used; None: all of them."""
    for name, widget in stage.draw_tab.panel.controls.items():
        widget.setEnabled(controls is None or name in controls)
    stage.allow_actions(controls)  # keys and menus do what the buttons do
    if stage.has_train_page:
        stage.training_tab.form.show_only(controls)


def _show_model(name: str, what: Show, stage: Stage) -> None:
    models = stage.session.models
    entry = next((entry for entry in models.entries if entry.is_shipped and entry.name == name), None)
    if entry is None:
        return  # an incomplete installation, of which the pad has told already
    if what.page != "mistakes":
        models.choose(entry)
        return
    sources = stage.mistakes_tab.sources
    if what.dataset is not None and what.dataset != sources.dataset:
        sources.choose_dataset(what.dataset)
    if sources.model != str(entry.path):  # else the sample that the user selected would be lost
        sources.choose_model(str(entry.path))
