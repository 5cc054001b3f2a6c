"""The real program: a language is chosen from the menu, and the window opens again in it."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# It draws, changes Train's form, ticks one run and selects another, shows the table, chooses data and a sample in
# Mistakes, chooses Korean, presses the button of the message, and prints what the new window has.
_PROGRAM = """
import json
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
import digitpad.program
from digitpad.core.evaluation.sample_filter import Show, SortKey
from digitpad.core.runs.training_job import TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.mistakes.model_choices import key_of_run
from digitpad.gui.window import app
from tests.helpers.gui import SEVEN, draw

open_again, open_window = app._open_again, app.open_window

def when(is_so, do):
    if is_so():
        do()
    else:
        QTimer.singleShot(20, lambda: when(is_so, do))

def begin(window):
    draw(window.draw_tab.canvas, SEVEN)
    window.show_tab(1)
    window.training_tab.form.set_recipe("softmax-sgd-100")
    window.training_tab.form.change({"training.epochs": "7", "training.learning_rate": "fast"})
    window.training_tab.curves.show_table()
    when(lambda: len(window.training_tab.runs.model.runs) == 2, lambda: choose(window))

def choose(window):
    runs = window.training_tab.runs
    runs.select(runs.model.runs[0])
    runs.model.set_shown(runs.model.runs[1], shown=True)
    said.append([runs.model.runs[0].name, runs.model.runs[1].name])
    window.show_tab(2)
    window.mistakes_tab.sources.choose_model(key_of_run(runs.model.runs[0]))  # quicker than the pad's
    window.mistakes_tab.sources.choose_dataset("digits")
    window.mistakes_tab.sources.choose_part("train")
    window.training_tab.pictures.show_page(window.training_tab.network)
    window.mistakes_tab.browser.choose_show(Show.ALL)
    window.mistakes_tab.browser.choose_sort(SortKey.INDEX)
    window.mistakes_tab.browser.set_reversed(True)
    window.mistakes_tab.browser.search("#7")
    window.mistakes_tab.samples_shown.connect(lambda _: QTimer.singleShot(0, lambda: change_language(window)))

def change_language(window):
    grid = window.mistakes_tab.gallery.grid
    grid.setCurrentIndex(grid.model().index(0, 0))
    said.append(window.mistakes_tab.inspector.sample.index)
    next(each for each in window.actions_.languages.actions() if each.data() == "ko").trigger()
    said.append(window.looks.messages.text)
    said.append(window.looks.messages.action.text())
    window.looks.messages.action.click()

def opened():
    window, session = open_window()
    window.first_painted.connect(lambda: QTimer.singleShot(0, lambda: begin(window)))
    return window, session

def opened_again(before, session):
    window, session = open_again(before, session)
    session.recognition.answered.connect(lambda answer: answers.append(answer))
    tab = window.mistakes_tab
    when(lambda: answers and tab.inspector.sample is not None, lambda: end(window, session, answers[-1]))
    return window, session

def end(window, session, answer):
    titles = [window.tabs.tabText(number) for number in range(4)]
    strokes = len(session.pad.drawing.ink.strokes)
    page, can_undo = window.tabs.currentIndex(), session.pad.undo_stack.canUndo()
    found = [titles, page, strokes, can_undo, answer.predictions[0].digit, window.looks.messages.text]
    form, sources = window.training_tab.form, window.mistakes_tab.sources
    values = form.content.values
    kept = [form.recipe_name, form.is_changed, values["training.learning_rate"], values["training.epochs"]]
    kept += [window.training_tab.form.findChild(QWidget, "training.learning_rate").property("text")]
    kept += [sources.dataset, sources.parts[0], window.mistakes_tab.overview.sources.dataset.raw]
    tab, query = window.training_tab, window.mistakes_tab.browser.query
    kept += [tab.pictures.switch.key is tab.network, query.show, query.sort, query.is_reversed, query.text]
    runs = tab.runs
    again = [[runs.selected[0].name, runs.model.shown[-1].name], window.mistakes_tab.inspector.sample.index]
    kept += [tab.curves.pages.key is tab.curves.table]
    print(json.dumps([said, found, kept, again]), flush=True)
    window.close()

for name in ("first", "second"):
    settings = ["dataset=digits", "epochs=1", "device=cpu", "precision=float32"]
    for _ in run_job(TrainingJob(with_settings(load_recipe("softmax"), settings), "softmax", name)):
        pass
said, answers = [], []
app.open_window, app._open_again = opened, opened_again
digitpad.program.main()
"""


def test_a_chosen_language_is_used_after_a_restart_that_keeps_what_is_shown() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DIGITPAD_LANG": "en"}
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (*chosen, sentences, button), (titles, page, strokes, can_undo, digit, message), kept, again = json.loads(
        done.stdout
    )
    english = "The language changes when digitpad starts again."
    assert sentences.startswith(english)
    assert "언어" in sentences.removeprefix(english)
    assert button.startswith("Restart now")
    assert titles[0] == "그리기"
    assert (page, strokes, can_undo, digit, message) == (2, 1, False, 7, "")
    assert kept[:8] == ["softmax-sgd-100", True, "fast", "7", "fast", "digits", "train", "digits"]
    assert kept[8:] == [True, "all", "index", True, "#7", True]
    assert again == chosen
