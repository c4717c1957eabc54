"""A place as a value: what an import brings, what the atlas holds, what a generated city is made of."""

from dataclasses import dataclass

from mumian.place.codes import Level


@dataclass(frozen=True, slots=True)
class Region:
    """One place. What is empty is not known; storing it leaves what is known already.

    `outline` is a polygon or multipolygon as WKB in WGS-84; `centre` is longitude and latitude in degrees.
    """

    code: str
    name: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    outline: bytes | None = None
    centre: tuple[float, float] | None = None
    population: int | None = None

    @property
    def level(self) -> Level:
        return Level.of(self.code)

    def called(self, language: str) -> str:
        """Its name in `zh` or `en`; the other one where that is not known."""
        return (self.name_en or self.name) if language.startswith("en") else (self.name or self.name_en)
