"""The public names of a package: what is one, how it is written down, and what a change of it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from strict_clients.bump import findings, names_changed
from strict_clients.bump.annotations import widens
from strict_clients.bump.rating import Rating
from strict_clients.bump.snapshot import main
from strict_clients.bump.surface import read_surface, signature, snapshot

ROOT = Path(__file__).parents[2]
PACKAGE, SURFACE = ROOT / "generated_client" / "src" / "face_audit", ROOT / "openapi" / "face-audit.surface.txt"
OLD = {
    "__init__.py": """
from .stock import Basket, Fruit, Kind, Seller as Vendor, sell
from .stock import Fruit as Apple
__all__ = ["Apple", "Basket", "Fruit", "Kind", "LIMIT", "Names", "Vendor", "sell"]
__version__ = "1"
from . import stock
__all__ += ["stock"]
LIMIT = (1, 2)
from typing import TypeAlias
Names: TypeAlias = list[str]
""",
    "stock.py": """
from __future__ import annotations
from enum import StrEnum
from functools import total_ordering
from typing import ClassVar, overload
import attrs
from ._inside import Base, Key, Scales, Tool, Wire
class Kind(StrEnum):
    RED = "red"
@attrs.frozen
class Named:
    name: str
@attrs.frozen(kw_only=True)
class Fruit(Named):
    kind: Kind | str = Kind.RED
    _weight: float = attrs.field(default=1.0)
    tags: list = attrs.field(factory=list)
    serial: int = attrs.field(init=False)
    count: ClassVar[int] = 0
    @property
    def heavy(self) -> bool:
        return True
@total_ordering
@attrs.define
class Basket:
    size: int
    owner: str = attrs.field(alias="of", kw_only=True)
    def __len__(self) -> int:
        return self.size
class Seller(Base):
    class Licence:
        number: int
    def __init__(self, key: Key, *names: str, **options: int) -> None:
        self.key = key
        self.plain = 1
    def use(self, tool: Tool) -> None: ...
    def wires(self) -> list[Wire]: ...
    def send(self, wire: Wire) -> None: ...
    def weigh(self, scales: Scales) -> None: ...
    def untyped(self, value, other=1): ...
    @overload
    def find(self, name: str) -> Fruit: ...
    @overload
    def find(self, name: int) -> None: ...
    def find(self, name): ...
def sell(fruit: Fruit, /, price: float = 1.0, *, to: str | None = None) -> bool:
    return True
""",
    "_inside.py": """
from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar
ItemT = TypeVar("ItemT")
Key: TypeAlias = str | Callable[[], str]
class Tool: ...
class Scales(Protocol):
    grams: float
class Wire:
    def __init__(self, tool: Tool) -> None: ...
    bare: int
class Base:
    async def close(self) -> None: ...
""",
}  # fmt: skip
LINES = """\
shop.*.Key: str | Callable[[], str]
shop.*.Scales(Protocol)
shop.*.Scales.grams: float
shop.*.Wire()
shop.*.Wire.bare: int
shop.Apple()
shop.Apple.__init__(self, name: str, *, kind: Kind | str = Kind.RED, weight: float = 1.0, tags: list = list()) -> None
shop.Apple.count: int
shop.Apple.heavy: bool
shop.Apple.kind: Kind | str
shop.Apple.name: str
shop.Apple.serial: int
shop.Apple.tags: list
shop.Basket()
shop.Basket.__init__(self, size: int, *, of: str) -> None
shop.Basket.__len__(self) -> int
shop.Basket.owner: str
shop.Basket.size: int
shop.Fruit = shop.Apple
shop.Kind(StrEnum)
shop.Kind.RED = 'red'
shop.LIMIT: tuple
shop.Names: list[str]
shop.Vendor()
shop.Vendor.Licence()
shop.Vendor.Licence.number: int
shop.Vendor.__init__(self, key: Key, *names: str, **options: int) -> None
shop.Vendor.close(self) -> None (async)
shop.Vendor.find#1(self, name: str) -> Fruit
shop.Vendor.find#2(self, name: int) -> None
shop.Vendor.key: Key
shop.Vendor.plain: 1
shop.Vendor.send(self, wire: Wire) -> None
shop.Vendor.untyped(self, value, other=1) -> Any
shop.Vendor.weigh(self, scales: Scales) -> None
shop.Vendor.wires(self) -> list[Wire]
shop.__version__: str
shop.sell(fruit: Fruit, price: float = 1.0, *, to: str | None = None) -> bool
"""


def package(folder: Path, files: dict[str, str]) -> Path:
    """A package `shop` below the folder."""
    for name, text in files.items():
        (folder / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "shop" / name).write_text(text, encoding="utf-8")
    return folder


def test_surface_holds_what_callers_can_write(tmp_path: Path) -> None:
    """Signatures, types, defaults, values and attrs' constructors; nothing that only the package itself can call."""
    assert snapshot(read_surface(package(tmp_path, OLD), "shop")) == LINES


def test_listed_function_is_public_whatever_it_takes(tmp_path: Path) -> None:
    """Callers can call it with what inherits from a class that no public name leads to."""
    files = {
        "__init__.py": "from ._inside import Leaf, flatten\n__all__ = ['Leaf', 'flatten']\n",
        "_inside.py": "class Base: ...\nclass Leaf(Base): ...\ndef flatten(model: Base) -> int: ...\n",
    }

    surface = read_surface(package(tmp_path, files), "shop")

    assert "shop.flatten(model: Base) -> int" in snapshot(surface).splitlines()


def test_snapshot_is_that_of_the_package() -> None:
    """A change of the public names shows in a review, because the committed list has to change with it."""
    assert main([*map(str, (PACKAGE, SURFACE)), "--check"]) == 0


def test_snapshot_that_differs_is_told_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who changes the public names unawares is told which, and what to run."""
    kept = tmp_path / "surface.txt"
    given = [*map(str, (PACKAGE, kept))]
    assert main(given) == 0
    assert main([*given, "--check"]) == 0
    kept.write_text(kept.read_text("utf-8").replace("face_audit.Region.WEST_US = 'westus'\n", ""), "utf-8")

    assert main([*given, "--check"]) == 1

    said = capsys.readouterr().err
    assert "+face_audit.Region.WEST_US = 'westus'" in said
    assert f"{kept}: the public names have changed" in said


def test_missing_snapshot_differs(tmp_path: Path) -> None:
    """Nothing was agreed on yet."""
    assert main([str(PACKAGE), str(tmp_path / "none.txt"), "--check"]) == 1


@pytest.mark.parametrize(
    ("was", "now", "rating", "why"),
    [
        ("def sell(fruit: Fruit, /,", "def sell(fruit: Fruit,", Rating.MINOR, "takes fruit as positional or keyword"),
        ("price: float = 1.0", "price: float = 2.0", Rating.MAJOR, "takes 2.0 for price where it is left out"),
        ("price: float = 1.0", "price: float", Rating.MAJOR, "needs price"),
        ("price: float = 1.0", "price: float | str = 1.0", Rating.MINOR, "takes float | str as price, and took float"),
        ("price: float = 1.0", "price: str = 1.0", Rating.MAJOR, "takes str as price, and took float"),
        ("fruit: Fruit, /, price: float = 1.0", "price: float, fruit: Fruit", Rating.MAJOR, "in another order"),
        ("to: str | None = None)", "to: str | None = None, by: int = 1)", Rating.MINOR, "takes by"),
        ("to: str | None = None)", "to: str | None = None, by: int)", Rating.MAJOR, "needs by"),
        ("to: str | None = None)", "to: str | None = None, **more: int)", Rating.MINOR, "takes more"),
        ("*, to: str | None = None", "to: str | None = None", Rating.MINOR, "takes to as positional or keyword"),
        (", *, to: str | None = None", "", Rating.MAJOR, "does not take to"),
        ("-> bool:\n    return", "-> bool | int:\n    return", Rating.MAJOR, "gives bool | int, and gave bool"),
        ("name: str\n", "name: str | None\n", Rating.MAJOR, "is str | None, and was str"),
        ("kind: Kind | str =", "kind: Kind =", Rating.MAJOR, "takes Kind as kind, and took Kind | str"),
        ("class Fruit(Named)", "class Fruit(Named, Kind)", Rating.MINOR, "has more bases"),
        ("class Kind(StrEnum)", "class Kind(str)", Rating.MAJOR, "is no longer StrEnum"),
        ('RED = "red"', 'RED = "rot"', Rating.MAJOR, "is 'rot', and was 'red'"),
        ('RED = "red"', 'RED = "red"\n    BLUE = "blue"', Rating.MINOR, "is new"),
        ("def wires", "async def wires", Rating.MAJOR, "has to be awaited"),
        ("    @property\n    def heavy(self) -> bool:", "    def heavy(self) -> bool:", Rating.MAJOR, "is a function"),
    ],
)
def test_name_that_changes_asks_for_its_rating(tmp_path: Path, was: str, now: str, rating: Rating, why: str) -> None:
    """What callers can write still has to work: more may be taken, less may be given, nothing may move."""
    assert was in OLD["stock.py"]
    new = OLD | {"stock.py": OLD["stock.py"].replace(was, now)}

    found = names_changed.compare(
        read_surface(package(tmp_path / "old", OLD), "shop"), read_surface(package(tmp_path / "new", new), "shop")
    )

    assert found[0].rating is rating
    assert any(why in one.why for one in found)


def test_keyword_arguments_in_another_order_are_no_change(tmp_path: Path) -> None:
    """Nobody can tell."""
    old = OLD | {"stock.py": OLD["stock.py"] + "def buy(*, one: int = 1, two: int = 2) -> None: ...\n"}
    old["__init__.py"] = old["__init__.py"].replace('"sell"]', '"sell", "buy"]') + "from .stock import buy\n"
    new = old | {"stock.py": old["stock.py"].replace("one: int = 1, two: int = 2", "two: int = 2, one: int = 1")}

    surfaces = [read_surface(package(tmp_path / name, files), "shop") for name, files in (("a", old), ("b", new))]

    assert names_changed.compare(surfaces[0], surfaces[1]) == ()


def test_name_of_another_kind_breaks(tmp_path: Path) -> None:
    """A class instead of a value is another thing."""
    new = OLD | {"__init__.py": OLD["__init__.py"].replace("LIMIT = (1, 2)", "class LIMIT: ...")}

    surfaces = [read_surface(package(tmp_path / name, files), "shop") for name, files in (("a", OLD), ("b", new))]
    found = {one.name: one for one in names_changed.compare(surfaces[0], surfaces[1])}

    assert (found["shop.LIMIT"].rating, found["shop.LIMIT"].why) == (Rating.MAJOR, "is a class, and was a value")


def test_field_of_a_class_that_callers_make_may_hold_more(tmp_path: Path) -> None:
    """Nobody reads it who did not write it; of what the service answers, more is a break."""
    new = OLD | {"stock.py": OLD["stock.py"].replace("size: int\n", "size: int | None\n")}
    surfaces = [read_surface(package(tmp_path / name, files), "shop") for name, files in (("a", OLD), ("b", new))]

    made = names_changed.compare(surfaces[0], surfaces[1], made_by_callers=frozenset({"Basket"}))
    read = names_changed.compare(surfaces[0], surfaces[1])

    assert {one.rating for one in made} == {Rating.MINOR}
    assert read[0].rating is Rating.MAJOR


def test_griffe_sees_the_constructors_of_attrs(tmp_path: Path) -> None:
    """A field that goes is a parameter that goes: without the extension griffe would miss it."""
    new = OLD | {"stock.py": OLD["stock.py"].replace("    _weight: float = attrs.field(default=1.0)\n", "")}

    found = findings.find(package(tmp_path / "old", OLD), package(tmp_path / "new", new), "shop")

    assert [(one.name, one.why) for one in found] == [("shop.stock.Fruit.__init__", "weight: Parameter was removed")]


def test_signature_is_that_of_the_sync_method(tmp_path: Path) -> None:
    """Callers see it as they write it, without self."""
    files = {
        "__init__.py": """
from .client import AsyncShopClient, ShopClient
__all__ = ["AsyncShopClient", "ShopClient"]
""",
        "client.py": """
class Fruits:
    def list(self, *, top: int) -> list[str]: ...
class AsyncFruits:
    async def list(self, *, top: int) -> list[str]: ...
class ShopClient:
    @property
    def fruits(self) -> Fruits: ...
class AsyncShopClient:
    @property
    def fruits(self) -> AsyncFruits: ...
""",
    }
    surface = read_surface(package(tmp_path, files), "shop")

    assert signature(surface, "client.fruits.list") == "client.fruits.list(*, top: int) -> list[str]"
    assert signature(surface, "client.fruits.none") == ""


@pytest.mark.parametrize(
    ("was", "now", "wider"),
    [
        ("int", "int | str", True),
        ("str | int", "int | str", True),
        ("int | str", "int", False),
        ("Literal['a']", "Literal['a', 'b']", True),
        ("Literal['a', 'b']", "Literal['a']", False),
        ("tuple[int, ...]", "tuple[int | str, ...]", False),
        ("int", "Any", True),
        ("int |", "int | str", False),
        ("Iterable[int]", "Iterable[int | str]", True),
        ("Iterable[int | str]", "Iterable[int]", False),
        ("Iterable[int] | None", "Iterable[int | str] | None", True),
        ("list[int]", "list[int | str]", False),
        ("Iterable[int]", "Sequence[int]", False),
    ],
)
def test_type_is_wider_where_it_holds_every_old_value(was: str, now: str, *, wider: bool) -> None:
    """Unions, literals and what only gives its items are looked into; of anything else only the same counts."""
    assert widens(was, now) is wider
