"""What MkDocs does with a page of ours: files beside the documentation are named there, not linked."""

import re
from pathlib import Path
from posixpath import normpath

OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s]+)\)")


def on_page_markdown(markdown, page, config, files):
    """Links that lead out of docs/ become plain words; those between pages stay."""
    here = Path(page.file.src_uri).parent.as_posix()

    def kept(link: re.Match) -> str:
        return link[1] if normpath(f"{here}/{link[2]}").startswith("..") else link[0]

    return OUTSIDE.sub(kept, markdown)
