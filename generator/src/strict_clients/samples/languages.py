"""The languages that samples are written in."""

from attrs import frozen


@frozen(kw_only=True)
class Language:
    """A language, or the package."""

    label: str
    lexer: str
    """What highlighters call it, and `x-codeSamples`."""
    file: str
    mark: str = "//"
    """What a comment begins with."""
    needs: str
    run: str
    """The command, without its arguments."""
    build: str = ""
    """The command before it."""


LANGUAGES = (
    Language(
        label="Python, this package",
        lexer="python",
        file="sdk.py",
        mark="#",
        needs="the package",
        run="python3 sdk.py",
    ),
    Language(
        label="curl", lexer="sh", file="sample.sh", mark="#", needs="curl 7.84 or later, and jq", run="sh sample.sh"
    ),
    Language(
        label="Python",
        lexer="python",
        file="sample.py",
        mark="#",
        needs="Python 3.8 or later",
        run="python3 sample.py",
    ),
    Language(
        label="JavaScript", lexer="javascript", file="sample.mjs", needs="Node.js 18 or later", run="node sample.mjs"
    ),
    Language(
        label="Java",
        lexer="java",
        file="Sample.java",
        needs="Java 17 or later, and jackson-databind in lib",
        run="java --class-path 'lib/*' Sample.java",
    ),
    Language(label="C#", lexer="csharp", file="Sample.cs", needs=".NET 6 or later", run="dotnet run --"),
    Language(
        label="Objective-C",
        lexer="objective-c",
        file="sample.m",
        needs="Foundation of macOS 10.15 or later",
        build="clang -fobjc-arc -framework Foundation sample.m -o sample",
        run="./sample",
    ),
    Language(
        label="PHP",
        lexer="php",
        file="sample.php",
        needs="PHP 8.0 or later with the extension curl",
        run="php sample.php",
    ),
    Language(label="Ruby", lexer="ruby", file="sample.rb", mark="#", needs="Ruby 3.0 or later", run="ruby sample.rb"),
)
"""In the order of the page."""
