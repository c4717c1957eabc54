"""Where a matter's pages are: at the desk of one who is signed in, or behind the secret link of one who is not."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one matter; behind its secret link, where there is one."""

    number: str
    secret: str = ""

    @property
    def home(self) -> str:
        return self._of("matter")

    @property
    def comment(self) -> str:
        return self._of("comment")

    @property
    def record(self) -> str:
        return self._of("record")

    def act(self, name: str) -> str:
        return self._of("act", name)

    def file(self, sha256: str, small: bool = False) -> str:
        return self._of("thumb" if small else "file", sha256)

    def _of(self, page: str, *more: str) -> str:
        if self.secret:
            return reverse(f"web:link-{page}", args=[self.number, self.secret, *more])
        return reverse(f"web:{page}", args=[self.number, *more])
