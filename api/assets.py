"""The built frontend, held in memory: nothing outside it can be asked for."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from api.etags import etag_of
from api.prerender import Prerenderer, load_prerenderer

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
PRERENDERER = ".server/prerender.js"  # a folder with a dot: nobody can ask for it
ENCODINGS = {"br": ".br", "gzip": ".gz"}  # best first
HTML = '<html lang="en"'
STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Asset:
    """One file: its bytes as they are and as they were compressed at build time."""

    body: bytes
    content_type: str
    encoded: Mapping[str, bytes]
    etag: str
    immutable: bool


@dataclass(frozen=True)
class Frontend:
    """Every file by its URL path, and the document that starts the application."""

    document: str
    style_hashes: tuple[str, ...]
    """Of the styles within the document, as a content security policy names them."""
    assets: Mapping[str, Asset]
    prerenderer: Prerenderer | None

    def themed(self, theme: str | None) -> str:
        """The document marked with a theme, ``light`` or ``dark``; None follows the system."""
        if theme is None:
            return self.document
        return self.document.replace(HTML, f'{HTML} data-theme="{theme}"', 1)


class FrontendFolder:
    """Reads a folder that ``vite build`` wrote, and again when it was built anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built_at: int | None = None
        self._frontend: Frontend | None = None

    def read(self) -> Frontend | None:
        """The frontend as last built, or None when it has never been."""
        try:
            built_at = (self._folder / "index.html").stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if built_at != self._built_at:
            self._frontend = _load(self._folder)
            self._built_at = built_at
        return self._frontend


def _load(folder: Path) -> Frontend:
    assets = {
        "/" + file.relative_to(folder).as_posix(): _asset(file, folder)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix in CONTENT_TYPES and file.name != "index.html"
        if not file.relative_to(folder).parts[0].startswith(".")
    }
    document = (folder / "index.html").read_text(encoding="utf-8")
    hashes = tuple(_hash(style) for style in STYLE.findall(document))
    return Frontend(document, hashes, assets, load_prerenderer(folder / PRERENDERER))


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _asset(file: Path, folder: Path) -> Asset:
    body = file.read_bytes()
    encoded = {
        encoding: compressed.read_bytes()
        for encoding, suffix in ENCODINGS.items()
        if (compressed := file.with_name(file.name + suffix)).is_file()
    }
    return Asset(
        body,
        CONTENT_TYPES[file.suffix],
        encoded,
        etag_of(body),
        immutable=file.relative_to(folder).parts[0] == "assets",  # names there carry a hash
    )
