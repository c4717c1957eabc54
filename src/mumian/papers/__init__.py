"""Papers: agreements, notices and certificates as PDF, with the fonts in them, sealed so that anyone can check them.

Everything happens in a process of its own (`__main__.py`), so a server needs none of the memory it takes.
"""

from mumian.papers.asking import Broken, PaperError, Signature, mark, pages, seal, signatures, typeset

__all__ = ["Broken", "PaperError", "Signature", "mark", "pages", "seal", "signatures", "typeset"]
