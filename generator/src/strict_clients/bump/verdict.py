"""Compares a new document, and the generator, with the last release."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from strict_clients import source
from strict_clients.breaches import GenerationRefused
from strict_clients.bump import callers, documents, findings, names_changed, origins, removals
from strict_clients.bump.callers import CallerError
from strict_clients.bump.completed import complete
from strict_clients.bump.differ import Redocly, read
from strict_clients.bump.documents import Difference
from strict_clients.bump.findings import Breakage
from strict_clients.bump.form import form_of, form_unchecked
from strict_clients.bump.names_changed import NameChange
from strict_clients.bump.origins import FileChange
from strict_clients.bump.play.compare import Played
from strict_clients.bump.play.named import named
from strict_clients.bump.play.run import Side, play
from strict_clients.bump.rating import Rating, next_version
from strict_clients.bump.released import Release, source_sums
from strict_clients.bump.removals import Removal
from strict_clients.bump.same import same_package
from strict_clients.bump.shapes import FieldMove, moves
from strict_clients.bump.surface import Surface, read_surface, signature
from strict_clients.bump.uses import Uses
from strict_clients.files import Files, put
from strict_clients.load import Document
from strict_clients.pipeline import make
from strict_clients.source import UNCHANGED, Changes


@frozen(kw_only=True)
class Verdict:
    """Everything that changed since the last release, and the version that it requires."""

    released: str
    old_api: str
    new_api: str
    differences: tuple[Difference, ...]
    removals: tuple[Removal, ...]
    names: tuple[NameChange, ...]
    own_names: tuple[NameChange, ...]
    """Those that the generator and its runtime changed, not the document."""
    breakages: tuple[Breakage, ...]
    """What griffe finds broken, document and generator together."""
    files: tuple[FileChange, ...]
    sources: tuple[str, ...]
    callers: tuple[CallerError, ...]
    signatures: Mapping[str, str]
    """The signatures of removed operations and their replacements, by the call."""
    moves: Mapping[str, tuple[FieldMove, ...]]
    """By the operationId of a removed operation, where its answer's fields are in the replacement's answer."""
    played: Played = field(factory=Played)
    """What differs for callers of the release when they make the same calls."""
    completed: str = ""
    """The document with its removed operations as stubs, if it had to be completed."""
    same_package: bool = False
    """Whether both documents make the same package, except for provenance and the document in it."""
    before_1_0: str = "major"
    """The version that a break requires before 1.0.0: `minor` or `major`."""
    unreadable: str = ""
    """Why the present generator refuses the document of the release, if it does."""

    @property
    def ratings(self) -> dict[str, Rating]:
        """The ratings of the four parts, the callers and the play."""
        return {
            "document": max((one.rating for one in self.differences), default=Rating.NOTHING),
            "surface": max((one.rating for one in (*self.names, *self.own_names)), default=Rating.NOTHING),
            "generator": origins.rate(tuple(one for one in self.files if one.what == "generator")),
            "runtime": origins.rate(tuple(one for one in self.files if one.what == "runtime")),
            "callers": Rating.MAJOR if self.callers else Rating.NOTHING,
            "play": self.played.rating,
        }

    @property
    def rating(self) -> Rating:
        """The largest of them."""
        return max(self.ratings.values())

    @property
    def next_version(self) -> str:
        """The version to release."""
        return next_version(self.released, self.rating, before_1_0=self.before_1_0)

    def of_same_package(self) -> "Verdict":
        """The verdict if both documents make the same package: no difference affects callers' code."""
        capped = (evolve(one, rating=min(one.rating, Rating.PATCH), instead="") for one in self.differences)
        return evolve(self, same_package=True, differences=tuple(capped))

    @property
    def stopped_by(self) -> tuple[Removal, ...]:
        """The removed operations that are not accepted yet."""
        return tuple(one for one in self.removals if not one.accepted)


@frozen(kw_only=True)
class Question:
    """What to compare: a document with a release, and whose code to check."""

    document: Path
    release: Release
    folder: Path
    """An empty folder to work in."""
    changes: Changes = UNCHANGED
    """The changes to the document before a package is made from it."""
    consumers: tuple[Path, ...] = ()
    accept_removal: bool = False
    redocly: Redocly | None = field(factory=Redocly)
    """The differ for a second opinion, or None."""

    def answer(self) -> Verdict:
        """The verdict.

        Raises:
            GenerationRefused: the generator refuses the new document.
            DifferUnavailable: Redocly is not installed.
            CallersUnchecked: the code of a caller cannot be checked.
            PlayFailed: a package cannot be imported or called.
        """
        before, old, files, unreadable = self._rebuilt()
        document, completed = self.document, ""
        _, examined, made = make(document, self.changes)
        new = form_of(examined.document)
        gone = removals.find(old, new)
        stopping = [one for one in gone if not one.accepted]
        if stopping and self.accept_removal:
            document, completed = self.folder / f"new{self.document.suffix}", self._completed(stopping)
            document.write_text(completed, encoding="utf-8", newline="\n")
            gone = tuple(evolve(one, accepted=True) for one in gone)
            _, examined, made = make(document, self.changes)
            new = form_of(examined.document)
        after = _write(made, self.folder / "new")
        found = self._compared(old, new, gone, before=before, after=after)
        found = evolve(found, files=files, unreadable=unreadable, completed=completed)
        if before and same_package(before, made, old, new):
            return found.of_same_package()
        sides = [_side(self.release.package / "src" if before is None else self.folder / "old" / "src"), _side(after)]
        written = [self._released(), source.read(document, self.changes).document]
        return evolve(found, played=named(play(*sides), found.differences, *written))

    def _released(self) -> Document:
        return source.read(self.release.document, self.release.changes).document

    def _completed(self, stopping: Iterable[Removal]) -> str:
        return complete(self.document, self._released(), stopping)

    def _rebuilt(self) -> tuple[Files | None, Document, tuple[FileChange, ...], str]:
        """The package that the present generator makes of the release's document, and its differences."""
        try:
            _, examined, files = make(self.release.document, self.release.changes)
        except GenerationRefused as error:
            changed = (FileChange(path="(its document)", what="generator"),)
            return None, form_unchecked(self._released()), changed, str(error)
        return files, form_of(examined.document), origins.changed_files(self.release.package, files), ""

    def _compared(
        self, old: Document, new: Document, gone: tuple[Removal, ...], *, before: Files | None, after: Path
    ) -> Verdict:
        released = self.release.package / "src"
        rebuilt = released if before is None else _write(before, self.folder / "old")
        old_name, new_name = _side(released).package, _side(after).package
        surfaces = [read_surface(*one) for one in ((released, old_name), (rebuilt, old_name), (after, new_name))]
        asked = self.redocly
        second = () if asked is None else read(asked.report(removals.live(old), removals.live(new)))
        same_name = old_name == new_name
        return Verdict(
            released=self.release.version,
            old_api=old.raw["info"]["version"],
            new_api=new.raw["info"]["version"],
            differences=documents.compare(old, new, second),
            removals=gone,
            names=names_changed.compare(surfaces[1], surfaces[2], made_by_callers=Uses.of(old, new).made_by_callers()),
            own_names=names_changed.compare(surfaces[0], surfaces[1]),
            before_1_0=new.raw["info"]["x-sdk"].get("before-1-0", "major"),
            breakages=findings.find(released, after, new_name) if same_name else (),
            files=(),
            sources=origins.changed_sources(self.release.sources, source_sums()),
            callers=tuple(self._broken(released, after, old_name, surfaces[0])),
            signatures=_signatures(gone, surfaces[0], surfaces[2]),
            moves={one.operation: moves(old, one.operation, new, one.replacement) for one in gone if one.replacement},
        )

    def _broken(self, old: Path, new: Path, package: str, surface: Surface) -> Iterable[CallerError]:
        kept = self.release.callers
        for error in callers.broken(kept, old=old, new=new) if kept.is_dir() else ():
            text = (kept / error.file).read_text(encoding="utf-8")
            # Tests that use internals are not callers: internals are not part of the API.
            if not callers.uses_internals(text, package, surface):
                yield error
        for folder in self.consumers:
            for error in callers.broken(folder, old=old, new=new):
                yield evolve(error, file=f"{folder}/{error.file}")


def _signatures(gone: tuple[Removal, ...], old: Surface, new: Surface) -> dict[str, str]:
    found = {one.call: signature(old, one.call) for one in gone}
    return found | {call: signature(new, call) for call in (one.replacement_call for one in gone) if call}


def _side(folder: Path) -> Side:
    return Side(folder, next(folder.glob("*/py.typed")).parent.name)


def _write(files: Files, folder: Path) -> Path:
    put(files, folder)
    return folder / "src"
