"""The tokens of the client keep WCAG 2.2 contrast in both themes; styles, templates and icons name only what exists.

Colours are OKLCH (B. Ottosson, 2020), turned into sRGB as CSS Color 4 says; contrast is WCAG's ratio of luminance.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

STATIC = Path("core/web/static")
THEMES = ("light", "dark")
Rgb = tuple[float, float, float]

TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *((text, surface, TEXT) for text in ("text",) for surface in ("surface", "surface-app", "surface-raised")),
    *((text, "surface-selected", TEXT) for text in ("text", "text-subtle", "danger-text")),
    *(
        (text, surface, TEXT)
        for text in ("text-muted", "text-subtle")
        for surface in ("surface", "surface-app", "surface-sunken", "surface-raised")
    ),
    ("text-muted", "surface-app+surface-pressed", TEXT),
    *(("accent-text", surface, TEXT) for surface in ("surface", "surface-app", "accent-surface")),
    *(("text-on-solid", surface, TEXT) for surface in ("accent", "accent-hover", "danger")),
    *((text, "surface-inverse", TEXT) for text in ("text-inverse", "text-inverse-muted")),
    *((f"{state}-text", f"{state}-surface", TEXT) for state in ("positive", "warning", "danger")),
    *((f"{state}-text", "surface", TEXT) for state in ("positive", "warning", "danger")),
    ("text", "mark", TEXT),
    *(("border-control", surface, EDGE) for surface in ("surface", "surface-raised", "surface-sunken")),
    *(("focus", surface, EDGE) for surface in ("surface", "surface-app", "surface-selected")),
    ("accent", "surface", EDGE),
    *((state, "surface-sunken", EDGE) for state in ("positive", "warning", "danger")),
]
TONES = ("stone", "lapis", "sky", "teal", "sage", "moss", "ochre", "amber", "terracotta", "rose", "plum")


@pytest.fixture(scope="module")
def tokens(root: Path) -> str:
    return (root / STATIC / "tokens.css").read_text(encoding="utf-8")


def block(css: str, selector: str) -> dict[str, str]:
    """The custom properties of the first rule with this selector."""
    body = css[css.index(selector + " {") + len(selector) + 2 :]
    body = body[: body.index("\n  }")]
    return {name: " ".join(value.split()) for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", body)}


def roles(css: str, tone: str = "") -> dict[str, str]:
    """Every role by name, those of one tone included."""
    tinted = block(css, "[data-tone]") | block(css, f'[data-tone="{tone}"]') if tone else {}
    return block(css, ":root") | tinted


def colour(name: str, known: Mapping[str, str], theme: str) -> tuple[Rgb, float]:
    """Linear sRGB and alpha of a role."""
    value = known[name]
    while "var(" in value:
        value = re.sub(r"var\(--([\w-]+)\)", lambda match: known[match[1]], value)
    value = re.sub(r"calc\(([\d.]+) \* ([\d.]+)\)", lambda match: str(float(match[1]) * float(match[2])), value)
    shades = re.findall(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: / ([\d.]+))?\)", value)
    lightness, chroma, hue, alpha = shades[THEMES.index(theme) if len(shades) > 1 else 0]
    return linear(float(lightness), float(chroma), float(hue)), float(alpha or 1)


def linear(lightness: float, chroma: float, hue: float) -> Rgb:
    """OKLCH to linear sRGB, clipped to the gamut."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return (clip(red), clip(green), clip(blue))


def clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def ungamma(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def surface(name: str, known: Mapping[str, str], theme: str) -> Rgb:
    """A surface, veils such as `surface-app+surface-pressed` laid over it in gamma space as browsers do."""
    base, *veils = name.split("+")
    below, _ = colour(base, known, theme)
    for veil in veils:
        above, alpha = colour(veil, known, theme)
        red, green, blue = (
            ungamma(gamma(over) * alpha + gamma(under) * (1 - alpha)) for over, under in zip(above, below, strict=True)
        )
        below = (red, green, blue)
    return below


def luminance(rgb: Rgb) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(front: Rgb, back: Rgb) -> float:
    light, dark = sorted((luminance(front), luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda part: str(part))
def test_text_and_edges_stand_out(tokens: str, front: str, back: str, least: float, theme: str) -> None:
    known = roles(tokens)
    assert contrast(colour(front, known, theme)[0], surface(back, known, theme)) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", TONES)
def test_tones_stand_out(tokens: str, tone: str, theme: str) -> None:
    known = roles(tokens, tone)
    text, solid = colour("tone-text", known, theme)[0], colour("tone-solid", known, theme)[0]
    assert contrast(text, surface("tone-surface", known, theme)) >= TEXT
    assert contrast(solid, surface("surface", known, theme)) >= EDGE
    assert contrast(solid, surface("surface-sunken", known, theme)) >= EDGE


def test_more_contrast_is_more(tokens: str) -> None:
    plain = roles(tokens)
    strong = plain | block(tokens, '[data-contrast="more"]')
    for theme in THEMES:
        for name in ("text-muted", "text-subtle", "border-control"):
            page = surface("surface", plain, theme)
            assert contrast(colour(name, strong, theme)[0], page) > contrast(colour(name, plain, theme)[0], page)


def test_black_on_white_is_21_to_1() -> None:
    assert contrast(linear(0, 0, 0), linear(1, 0, 0)) == pytest.approx(21, abs=0.01)


def test_styles_use_tokens_that_exist(root: Path, tokens: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((root / STATIC).glob("*.css")))
    defined = set(re.findall(r"--([\w-]+)\s*:", text))
    used = set(re.findall(r"var\(--([\w-]+)(?!\s*,|[\w-])", text))
    assert used - defined == set()


def test_icons_named_by_templates_are_in_the_sprite(root: Path, project_files: tuple[Path, ...]) -> None:
    sprite = set(re.findall(r'<symbol id="i-([\w-]+)"', (root / STATIC / "icons.svg").read_text(encoding="utf-8")))
    pages = [path for path in project_files if path.suffix in (".html", ".jinja", ".js") and "vendor" not in path.parts]
    used = {
        (str(path), name)
        for path in pages
        for name in re.findall(r"#i-([\w-]+)[\"']", (root / path).read_text(encoding="utf-8"))
    }
    assert {place for place in used if place[1] not in sprite} == set()
