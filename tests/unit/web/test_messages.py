"""Every sentence of the pages has its Chinese."""

from pathlib import Path

from tonnebook.web import messages


def test_the_chinese_catalogue_is_complete() -> None:
    gaps = messages.gaps()
    assert gaps.missing == ()
    assert gaps.empty == ()
    assert gaps.fuzzy == ()
    assert gaps.obsolete == ()
    assert not gaps.is_stale


def test_sentences_are_found_in_templates_and_code(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "{% load i18n %}{% translate 'One' %}\n{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days"
        '{% endblocktranslate %}<p>it\'s "odd" (</p>{% translate "It\'s here" as title %}',
        encoding="utf-8",
    )
    (tmp_path / "code.py").write_text("from x import gettext\ngettext('Two')\n", encoding="utf-8")
    found = {message.id for message in messages.collect(tmp_path) if message.id}
    assert found == {"One", ("%(n)s day", "%(n)s days"), "It's here", "Two"}
