"""Pictures dropped or pasted from a browser: those in an address, and those that must be downloaded first."""

import base64
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from digitpad.gui.draw.drawing_io import may_have_source
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.web_server import Server, run_server


@pytest.fixture
def seven_png() -> bytes:
    picture = Image.new("L", (90, 90), 255)
    picture.paste(0, (40, 10, 50, 80))
    buffer = BytesIO()
    picture.save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture
def server(seven_png: bytes) -> Iterator[Server]:
    with run_server() as server:
        server.files["seven.png"] = seven_png
        server.files["page.html"] = b"<html>no picture</html>"
        yield server


@pytest.fixture
def messages(window: MainWindow) -> MessageBar:
    return window.draw_tab.messages


def dragged(*, url: str = "", text: str = "", html: str = "") -> QMimeData:
    data = QMimeData()
    if url:
        data.setUrls([QUrl(url)])
    if text:
        data.setText(text)
    if html:
        data.setHtml(html)
    return data


def plain(text: str) -> str:
    """Return a text without the places where a line may break inside a name."""
    return text.replace("\u200b", "")


def data_address(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize("as_url", [True, False])
def test_a_picture_inside_its_address_is_opened_at_once(
    window: MainWindow, session: Session, messages: MessageBar, seven_png: bytes, as_url: bool, qtbot: QtBot
) -> None:
    address = data_address(seven_png)
    data = dragged(url=address) if as_url else dragged(text=f" {address}\n")
    assert may_have_source(data)
    with qtbot.waitSignal(session.opened):
        window.files.drop(data)
    assert session.pad.drawing.picture is not None
    assert messages.text == ""


def test_it_is_pasted_too_and_its_bytes_may_be_percent_encoded(
    window: MainWindow, session: Session, seven_png: bytes, qtbot: QtBot
) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in seven_png)
    QGuiApplication.clipboard().setMimeData(dragged(text=f"data:image/png,{encoded}"))
    with qtbot.waitSignal(session.opened):
        window.files.paste()
    assert session.pad.drawing.picture is not None


@pytest.mark.parametrize(
    "address",
    ["data:image/png;base64,AAAA", "data:image/png;base64,???", "data:", "data:image/svg+xml,<svg/>", "data:,hello"],
)
def test_an_address_with_no_picture_inside_is_one_sentence(
    window: MainWindow, session: Session, messages: MessageBar, address: str, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.problem_found):
        window.files.drop(dragged(text=address))
    assert messages.text.startswith("The picture is not a picture in a supported format")
    assert not session.pad.drawing


def test_a_picture_on_a_server_is_downloaded_only_after_the_question(
    window: MainWindow, session: Session, messages: MessageBar, server: Server, qtbot: QtBot
) -> None:
    data = dragged(url=server.mirror + "seven.png")
    assert may_have_source(data)
    window.files.drop(data)
    assert plain(messages.text) == "Download this picture? It is on 127.0.0.1."
    assert session.picture_downloads.worker is None
    assert server.requested == []

    assert messages.action.text() == "Download"
    with qtbot.waitSignal(session.opened):
        qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    assert server.requested == ["seven.png"]
    assert session.pad.drawing.picture is not None
    assert messages.text == ""


def test_a_question_that_is_closed_downloads_nothing(
    window: MainWindow, session: Session, messages: MessageBar, server: Server, qtbot: QtBot
) -> None:
    QGuiApplication.clipboard().setMimeData(dragged(text=server.mirror + "seven.png"))
    window.files.paste()
    qtbot.mouseClick(messages.close_button, Qt.MouseButton.LeftButton)
    assert messages.text == ""
    assert session.picture_downloads.worker is None
    assert server.requested == []


def test_of_a_picture_in_a_link_the_picture_is_taken_and_not_the_page(
    window: MainWindow, session: Session, messages: MessageBar, server: Server, qtbot: QtBot
) -> None:
    html = f'<a href="{server.mirror}page.html"><img alt="7" src="{server.mirror}seven.png?a=1&amp;b=2"></a>'
    server.files["seven.png?a=1&b=2"] = server.files["seven.png"]
    window.files.drop(dragged(url=server.mirror + "page.html", html=html))
    with qtbot.waitSignal(session.opened):
        qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    assert server.requested == ["seven.png?a=1&b=2"]


def test_where_the_browser_gives_the_pixels_too_nothing_is_downloaded(
    window: MainWindow, session: Session, server: Server, seven_png: bytes, qtbot: QtBot
) -> None:
    data = dragged(url=server.mirror + "seven.png")
    data.setImageData(QImage.fromData(seven_png))
    with qtbot.waitSignal(session.opened):
        window.files.drop(data)
    assert server.requested == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none.png", "127.0.0.1 does not deliver the picture: save it in the browser, and open the file."),
        ("page.html", "The picture is not a picture in a supported format: save it as PNG or JPEG."),
    ],
)
def test_what_is_no_picture_is_one_sentence(
    window: MainWindow, session: Session, messages: MessageBar, server: Server, name: str, sentence: str, qtbot: QtBot
) -> None:
    window.files.drop(dragged(url=server.mirror + name))
    qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: messages.text == sentence)
    assert not session.pad.drawing


def test_a_download_is_cancelled_by_its_button_or_by_what_is_opened_next(
    window: MainWindow, session: Session, messages: MessageBar, server: Server, seven_png: bytes, qtbot: QtBot
) -> None:
    server.silence.clear()
    window.files.drop(dragged(url=server.mirror + "seven.png"))
    qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    assert plain(messages.text) == "The picture is downloaded from 127.0.0.1…"
    assert messages.action.text() == "Cancel"
    with qtbot.waitSignal(session.picture_downloads.ended):
        qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    assert messages.text == ""

    window.files.drop(dragged(url=server.mirror + "seven.png"))
    qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    with qtbot.waitSignals([session.opened, session.picture_downloads.ended]):
        window.files.drop(dragged(text=data_address(seven_png)))
    assert messages.text == ""
    server.silence.set()


@pytest.mark.parametrize("text", ["https://user:secret@example.org/a.png", "http://", "https://two words.png", "hello"])
def test_other_texts_are_no_addresses_of_pictures(window: MainWindow, messages: MessageBar, text: str) -> None:
    window.files.drop(dragged(text=text))
    assert messages.text == "Only files and pictures can be dropped here."
