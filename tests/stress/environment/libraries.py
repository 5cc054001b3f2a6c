"""Missing, broken or outdated libraries; missing screens and graphics processors."""

import json
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.stress.digitpad_process import ROOT, Window, check, new_home, open_and_close, run_digitpad, user_folder
from tests.stress.environment.processes import TRAINING, picture

_NEEDED_BY_ALL = (
    *("typer", "pydantic", "platformdirs", "filelock", "numpy", "torch", "safetensors", "PIL", "scipy"),
    *("onnx", "onnxruntime"),
)
_PIP = {"PIL": "pillow", "PySide6": "PySide6-Essentials"}


def _hook(folder: Path, code: str) -> dict[str, str]:
    """Return environment variables that make Python run some code when it starts."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(textwrap.dedent(code))
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


def without(module: str) -> dict[str, str]:
    """Return code that hides a module as if it were not installed."""
    return {
        "code": f"""
        import sys

        class Missing:
            @staticmethod
            def find_spec(name, path=None, target=None):
                if name.partition(".")[0] == {module!r}:
                    raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

        sys.meta_path.insert(0, Missing)
        """
    }


def missing(module: str) -> None:
    """A library is missing: what needs it names it and the next step, and the rest works."""
    with new_home() as home:
        changes = _hook(home / "hook", without(module)["code"])
        name = _PIP.get(module, module)
        run_digitpad(home, changes=changes).check_message(name, "install")
        done = run_digitpad(home, "predict", str(picture(home)), "--model", "softmax", changes=changes)
        if module in _NEEDED_BY_ALL:
            done.check_message(name, "install")
        else:
            check(done.code == 0 and ": 7 (" in done.out, f"predict without {module}: {done}")


def broken(module: str) -> None:
    """A library is installed, but one of its files is missing."""
    with new_home() as home:
        changes = {"PYTHONPATH": f"{home / 'stub'}:{ROOT}"}
        (home / "stub" / module).mkdir(parents=True)
        text = f"raise ImportError('libfirst.so.1: cannot open shared object file', name={module!r})\n"
        (home / "stub" / module / "__init__.py").write_text(text)
        done = run_digitpad(home, "predict", str(picture(home)), "--model", "softmax", changes=changes)
        done.check_message(module, "libfirst", "install")


def _at_version(module: str, version: str) -> str:
    """Return code that makes a library report another version."""
    return f"""
    import importlib, importlib.abc, sys

    class Loader(importlib.abc.Loader):
        def __init__(self, loader): self.loader = loader
        def create_module(self, spec): return self.loader.create_module(spec)
        def exec_module(self, module):
            self.loader.exec_module(module)
            module.__version__ = {version!r}
        def __getattr__(self, name): return getattr(self.loader, name)

    class Old:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == {module!r}:
                sys.meta_path.remove(Old)
                spec = importlib.util.find_spec(name)
                sys.meta_path.insert(0, Old)
                spec.loader = Loader(spec.loader)
                return spec

    import importlib.util
    sys.meta_path.insert(0, Old)
    """


def too_old(module: str, version: str) -> None:
    """A library has an unsupported version."""
    with new_home() as home:
        changes = _hook(home / "hook", _at_version(module, version))
        if module == "PySide6":
            run_digitpad(home, changes=changes).check_message("PySide6-Essentials", version, "install")
        else:
            done = run_digitpad(home, "predict", str(picture(home)), "--model", "softmax", changes=changes)
            done.check_message(module, version, "install")
            run_digitpad(home, *TRAINING, "--epochs", "1", changes=changes).check_message(module, version, "install")


def export_without_tensorboard() -> None:
    """The library for one export format is missing: the run can still be exported in other formats."""
    with new_home() as home:
        check(run_digitpad(home, *TRAINING, "--epochs", "1").code == 0, "a training failed")
        (run,) = (path.parent.name for path in (user_folder(home) / "runs").glob("*/run.json"))
        changes = _hook(home / "hook", without("tensorboard")["code"])
        done = run_digitpad(home, "export", run, str(home / "log"), changes=changes)
        done.check_message("tensorboard", "install")
        done = run_digitpad(home, "export", run, str(home / "a.csv"), changes=changes)
        check(done.code == 0 and (home / "a.csv").is_file(), f"no table without tensorboard: {done}")


def no_display(**changes: str) -> None:
    """There is no screen, or the named one does not answer."""
    with new_home() as home:
        done = run_digitpad(home, changes=changes, without=("QT_QPA_PLATFORM",) if changes.get("DISPLAY") else ())
        done.check_message("digitpad predict")


def unknown_platform() -> None:
    """An unknown Qt platform is requested; Qt itself would abort."""
    with new_home() as home:
        run_digitpad(home, changes={"QT_QPA_PLATFORM": "nonsense"}).check_message("nonsense", "digitpad predict")


def wrong_plugin_path() -> None:
    """Another library, as OpenCV does, sets a wrong plugin path: Qt must still find its plugins."""
    with new_home() as home:
        open_and_close(home, changes={"QT_QPA_PLATFORM_PLUGIN_PATH": str(home), "QT_PLUGIN_PATH": str(home)})


def _run_trained_on_cuda(home: Path) -> str:
    """Make a run whose folder says that it was trained on a graphics processor."""
    check(run_digitpad(home, *TRAINING, "--epochs", "1").code == 0, "a training failed")
    (file,) = (user_folder(home) / "runs").glob("*/run.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    content["recipe"]["training"] |= {"device": "cuda:7", "epochs": 3}
    content["outcome"] = "stopped"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file.parent.name


def missing_gpu() -> None:
    """The command line names the missing device, and resumes on another one if asked."""
    with new_home() as home:
        run = _run_trained_on_cuda(home)
        before = (user_folder(home) / "runs" / run / "run.json").read_bytes()
        run_digitpad(home, "train", "--resume", run).check_message("cuda:7", "auto")
        check((user_folder(home) / "runs" / run / "run.json").read_bytes() == before, "the run was changed")
        run_digitpad(home, "train", "--resume", run, "--set", "epochs=5").check_message("--resume", code=2)
        done = run_digitpad(home, "train", "--resume", run, "--set", "device=cpu", "--json")
        check(done.code == 0 and len(done.out.splitlines()) == 2, f"it did not go on: {done}")
        run_digitpad(home, *TRAINING[:-1], "device=cuda:7", "--epochs", "1").check_message("cuda:7", "auto")


def missing_gpu_in_window() -> None:
    """The window names the missing device, and a button trains on an available one."""
    with new_home() as home:
        run = _run_trained_on_cuda(home)
        with Window(home) as window:
            window.tell("tab", number=1)
            check(window.tell("begin_resuming", run=run), "the run cannot be resumed")
            answer = window.do("ended")
            said = " ".join(answer.said)
            check("cuda:7" in answer.result["problem"] and "cuda:7" in said, f"{answer}")
            offered = window.tell("take_offer")
            check(bool(offered), f"nothing is offered beside {said!r}")
            ended = window.tell("ended")
            check(ended["rows"] == [1, 2, 3] and not ended["problem"], f"it ended with {ended}")
            started = window.tell("train", settings=["device=cuda:7"])
            check("cuda:7" in started["problem"], f"a new training ended with {started}")
            check(bool(window.tell("take_offer")), "nothing is offered for a new training")
            ended = window.tell("ended")
            check(ended["rows"] == [1, 2, 3] and not ended["problem"], f"it ended with {ended}")
            window.close()


def offscreen_platform() -> None:
    """With Qt's own offscreen platform everything works."""
    with new_home() as home:
        open_and_close(home, changes={"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ""})


LIBRARIES: dict[str, Callable[[], None]] = {
    **{
        f"without {module}": partial(missing, module)
        for module in (*_NEEDED_BY_ALL, "PySide6", "pyqtgraph", "rich", "threadpoolctl", "torchvision")
    },
    **{f"a broken {module}": partial(broken, module) for module in ("torch", "safetensors")},
    "torch 1.13": partial(too_old, "torch", "1.13.1"),
    "numpy 1.26": partial(too_old, "numpy", "1.26.4"),
    "PySide6 6.5": partial(too_old, "PySide6", "6.5.3"),
    "PySide6 6.12.0": partial(too_old, "PySide6", "6.12.0"),
    "export without tensorboard": export_without_tensorboard,
}
DEVICES: dict[str, Callable[[], None]] = {
    "no DISPLAY": partial(no_display, DISPLAY="", QT_QPA_PLATFORM=""),
    "a DISPLAY that does not answer": partial(no_display, DISPLAY=":987"),
    "a Wayland that does not answer": partial(no_display, DISPLAY="", WAYLAND_DISPLAY="no", QT_QPA_PLATFORM="wayland"),
    "a platform that Qt does not have": unknown_platform,
    "Qt's plugins looked for elsewhere": wrong_plugin_path,
    "a GPU that is gone": missing_gpu,
    "a GPU that is gone, in the window": missing_gpu_in_window,
    "Qt's offscreen platform": offscreen_platform,
}
