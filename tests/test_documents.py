"""Reading files: kinds by content, encodings, paragraphs and furniture that tile the text, hostile input."""

from __future__ import annotations

import io
import quopri
import zipfile
from itertools import pairwise

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.bitext import InputError, OptionError
from align.documents import decode, detect_language, document_from_bytes, document_from_text, language_code, read_document
from align.formats import write
from align.sentences import document_from_sentences, split
from tests.nasty import example

RUSSIAN = "Министр выступил на совместном заседании комиссии и сообщил, что план утверждён. Работа будет продолжена в следующем году."
ENGLISH = "The minister spoke at the joint meeting of the commission and said that the plan was approved. Work will go on next year."


def paragraphs(document):
    return [document.text[a:b] for a, b in document.paragraphs]


def furniture(document):
    return [document.text[a:b] for a, b in document.furniture]


def assert_tiled(document):
    spans = sorted([*document.paragraphs, *document.furniture])
    assert all(a < b for a, b in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    outside = list(document.text)
    for a, b in spans:
        outside[a:b] = " " * (b - a)
    assert not "".join(outside).strip()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_paragraphs_and_furniture_tile_any_text_and_sentences_tile_the_paragraphs(text):
    document = document_from_text(text)
    assert_tiled(document)
    sentences = split(document)
    assert [s.id for s in sentences] == list(range(len(sentences)))
    left = list(document.text)
    last = 0
    for s in sentences:
        a, b = document.paragraphs[s.paragraph]
        assert a <= s.start < s.end <= b
        assert s.start >= last
        assert document.text[s.start : s.end] == s.text == s.text.strip()
        left[s.start : s.end] = " " * (s.end - s.start)
        last = s.end
    for a, b in document.furniture:
        left[a:b] = " " * (b - a)
    assert not "".join(left).strip()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1251", "koi8-r", "cp866"])
def test_usual_encodings_of_russian_are_told_apart(encoding):
    text, _, _ = decode(RUSSIAN.replace("ё", "е").encode(encoding))
    assert text == RUSSIAN.replace("ё", "е")


def test_a_guessed_encoding_is_reported():
    document = document_from_bytes(RUSSIAN.encode("windows-1251"), name="a.txt")
    assert (document.language, [n for n in document.notes if "windows-1251" in n]) == ("ru", ["encoding guessed: windows-1251"])


def test_title_date_reference_and_furniture_of_a_statement():
    document = read_document("samples/river-commission.en.txt")
    assert (document.date, document.reference, document.language) == ("2023-03-14T10:30", "417-14-03-2023", "en")
    assert document.title is not None and document.title.startswith("Opening remarks by Minister of Foreign Affairs")
    assert furniture(document) == ["NEWSLETTER", "|", "Join the Lower Velna River Commission mailing list |", "|"]


def test_a_saved_page_keeps_every_visible_word_and_knows_its_furniture():
    page = f"""<!doctype html><html lang="en"><head><title>Remarks | Ministry</title><script>alert(1)</script><style>p{{}}</style></head><body>
    <nav><a href="/">Home</a><a href="/n">News</a></nav><h1>Remarks by the minister</h1><p>{ENGLISH}</p><p>One<br>Two &amp; three</p>
    <div class="share-box"><a>Facebook</a></div><footer>Ministry, 5 River Street</footer></body></html>"""
    document = document_from_bytes(page.encode(), name="page")
    assert (document.kind, document.title, document.language) == ("html", "Remarks by the minister", "en")
    assert paragraphs(document) == ["Remarks by the minister", ENGLISH, "One", "Two & three"]
    assert "".join(furniture(document)).replace(" ", "") == "HomeNewsFacebookMinistry,5RiverStreet"
    assert_tiled(document)


def saved_page(page: str, charset: str | None, encoding: str = "utf-8", kind: str = "text/html") -> bytes:
    """A page in a single file as browsers save it, quoted-printable."""
    said = f"{kind}; charset={charset}" if charset else kind
    body = quopri.encodestring(page.encode(encoding))
    head = 'From: <Saved by Blink>\r\nSubject: =?utf-8?Q?=D0?=\r\n =?utf-8?Q?=92?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----B"\r\n\r\n'
    picture = b"------B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    return head.encode() + picture + f"------B\r\nContent-Type: {said}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode() + body + b"\r\n------B--\r\n"


@pytest.mark.parametrize(("charset", "encoding"), [(None, "utf-8"), ("utf-8", "utf-8"), ("koi8-r", "koi8-r"), ("no-such", "utf-8")])
def test_a_page_saved_in_a_single_file_is_read_like_the_page(charset, encoding):
    page = f"<!doctype html><html><head><title>Заявление</title></head><body><nav>Меню сайта</nav><p>{RUSSIAN}</p></body></html>"
    document = document_from_bytes(saved_page(page, charset, encoding), name="a.mhtml")
    assert (document.kind, document.title, document.language) == ("html", "Заявление", "ru")
    assert paragraphs(document) == [RUSSIAN]
    with pytest.raises(InputError, match="no HTML in it"):
        document_from_bytes(saved_page(page, charset, encoding, "text/css"), name="a.mhtml")


def word(path, *lines):
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Вода", "Река"
    document.save(path)


def test_word_documents_give_paragraphs_and_tables_in_order(tmp_path):
    word(tmp_path / "a.bin", "Заявление", RUSSIAN)
    document = read_document(tmp_path / "a.bin")
    assert document.kind == "docx"
    assert paragraphs(document) == ["Заявление", RUSSIAN, "Вода", "Река"]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NOTES = f'''<w:footnotes {W}><w:footnote w:id="0" w:type="separator"><w:p><w:r><w:t>no</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="7"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> See the annex.</w:t></w:r></w:p></w:footnote></w:footnotes>'''
BODY = """<w:p><w:r><w:t>Harvest</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r><w:ins w:id="1" w:author="x"><w:r><w:t xml:space="preserve"> is in</w:t></w:r></w:ins>
<w:del w:id="2" w:author="x"><w:r><w:delText> is late</w:delText></w:r></w:del><w:moveFrom w:id="3" w:author="x"><w:r><w:t> never</w:t></w:r></w:moveFrom><w:r><w:t>.</w:t></w:r></w:p>
<w:sdt><w:sdtPr><w:alias w:val="no"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t xml:space="preserve">Held on </w:t></w:r><w:sdt><w:sdtContent><w:r><w:t>5 May</w:t></w:r></w:sdtContent></w:sdt>
<w:fldSimple w:instr="DATE"><w:r><w:t xml:space="preserve"> 2026</w:t></w:r></w:fldSimple><w:smartTag><w:r><w:t xml:space="preserve"> in Riga</w:t></w:r></w:smartTag></w:p></w:sdtContent></w:sdt>
<w:p><w:r><w:t>10</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>6</w:t></w:r><w:r><w:t xml:space="preserve"> ha, the 5</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>th</w:t></w:r><w:r><w:t xml:space="preserve"> year</w:t></w:r></w:p>
<w:p><w:r><w:t>Before the box</w:t></w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>
<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Kept</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:trPr><w:del w:id="4" w:author="x"/></w:trPr><w:tc><w:p><w:r><w:t>Gone</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"""


def test_word_documents_lose_nothing_that_shows_with_changes_accepted():
    buffer = io.BytesIO()
    docx.Document().save(buffer)
    changed = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                content = f'<w:document {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>{BODY}</w:body></w:document>'
            elif name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
                content = content.replace("</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>')
            elif name == "word/_rels/document.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
                content = content.replace("</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>')
            new.writestr(name, content.encode("utf-8", "surrogateescape"))
        new.writestr("word/footnotes.xml", NOTES)
    document = document_from_bytes(changed.getvalue(), name="a.docx")
    assert paragraphs(document) == ["Harvest¹ is in.", "Held on 5 May 2026 in Riga", "10⁶ ha, the 5th year", "Before the box", "In the box", "Kept", "¹ See the annex."]


@pytest.mark.parametrize(
    "wrapper", ['<div class="site has-sidebar"><main><article>{}</article></main></div>', '<div class="right-sidebar">{}</div>', '<div id="print-area"><h1>Statement</h1>{}</div>', '<table><tr><td class="print">{}</td></tr></table>']
)
def test_the_wrapper_of_the_text_is_no_furniture_whatever_its_class_says(wrapper):
    page = f"<html><body><div class='menu'><p>Home page</p></div>{wrapper.format(f'<p>{ENGLISH}</p><p>{ENGLISH}</p>')}</body></html>"
    document = document_from_bytes(page.encode(), name="a.html")
    assert paragraphs(document)[-2:] == [ENGLISH, ENGLISH] and furniture(document) == ["Home page"]
    alone = document_from_bytes(b"<html><body><div class='menu'>The river rose.</div></body></html>", name="a.html")
    assert paragraphs(alone) == ["The river rose."]


@pytest.mark.parametrize("tag", ["nobr", "big", "acronym", "strike", "o:p", "st1:date", "custom-tag", "u"])
def test_tags_inside_a_sentence_do_not_cut_it(tag):
    page = f"<html><body><p>The ministers meet on <{tag}>15 May</{tag}> in Riga.</p></body></html>"
    assert paragraphs(document_from_bytes(page.encode(), name="a.html")) == ["The ministers meet on 15 May in Riga."]


def test_an_encoding_that_always_fails_is_not_believed():
    page = '<html><head><meta charset="undefined"></head><body><p>Вода поднялась на семь метров, и мост закрыли.</p></body></html>'
    assert paragraphs(document_from_bytes(page.encode("cp1251"), name="a.html")) == ["Вода поднялась на семь метров, и мост закрыли."]


def test_raised_numbers_of_a_page_do_not_run_into_the_word():
    page = "<html><body><p>The harvest<sup><a href='#1'>1</a></sup> covers 5 m<sup>2</sup>, in the 5<sup>th</sup> year.</p></body></html>"
    assert paragraphs(document_from_bytes(page.encode(), name="a.html")) == ["The harvest¹ covers 5 m², in the 5th year."]
    deep = "<html><body>" + "<div>" * 2100 + "<p>The harvest<sup>12</sup> is in.</p>" + "</div>" * 2100 + "</body></html>"
    assert paragraphs(document_from_bytes(deep.encode(), name="a.html")) == ["The harvest¹² is in."]


@pytest.mark.parametrize(
    "line", ["Subscribe to the Paris Agreement", "Copyright in the digital age", "Share in the costs of peacekeeping", "Подписка на государственный заём", "Share of trade", "Find us a way"]
)
def test_headings_that_begin_like_furniture_are_prose(line):
    document = document_from_bytes(f"{line}\n\nShare on Facebook\n\n© 2026 Ministry\n\nSubscribe to our channel\n\n{ENGLISH}".encode(), name="a.txt")
    assert paragraphs(document) == [line, ENGLISH]


def test_a_word_document_has_no_share_links():
    buffer = io.BytesIO()
    made = docx.Document()
    for text in ("Share", "Печать", "* * *", ENGLISH):
        made.add_paragraph(text)
    made.save(buffer)
    assert paragraphs(document_from_bytes(buffer.getvalue(), name="a.docx")) == ["Share", "Печать", ENGLISH]


def test_a_bitext_given_as_a_document_is_named(tmp_path):
    for name, what in (("a.tmx", "TMX"), ("a.xlf", "XLIFF"), ("a.jsonl", "JSONL"), ("a.csv", "a table"), ("a.tsv", "a table"), ("a.xlsx", "a spreadsheet")):
        write(example(), tmp_path / name)
        with pytest.raises(InputError, match=f"this is {what}.*bitext convert"):
            read_document(tmp_path / name)


def test_subtitles_with_windows_line_ends_are_subtitles_and_digits_of_a_cue_stay():
    text = "1\n00:00:01,000 --> 00:00:02,000\nThe treaty was signed in\n2021\n\n2\n00:00:03,000 --> 00:00:04,000\n1234\n\n3\n00:00:05,000 --> 00:00:06,000\nThe end.\n"
    for data in (text, text.replace("\n", "\r\n"), "\ufeff" + text.replace("\n", "\r\n")):
        found = document_from_bytes(data.encode(), name="x.srt")
        assert (found.kind, paragraphs(found)) == ("srt", ["The treaty was signed in 2021 1234 The end."])
    web = "WEBVTT\r\n\r\n00:00:01.000 --> 00:00:02.000\r\nSigned in\r\n2021\r\n\r\n00:00:03.000 --> 00:00:04.000\r\nand in force.\r\n"
    assert paragraphs(document_from_bytes(web.encode(), name="x.vtt")) == ["Signed in 2021 and in force."]


LETTERS = "The ministers met in the capital and agreed on a plan for the coming year. " * 3


@pytest.mark.parametrize(
    "page",
    [
        f"<div>JavaScript is disabled</div><form><main><article><h1>Statement</h1><p>{LETTERS}</p></article></main></form>",
        f"<div>JavaScript is disabled</div><form id='aspnetForm'><div class='top'>Menu</div><p>{LETTERS}</p></form>",
        f"<div class='title'>Statement</div><div id='print_area'>{LETTERS}<br><br>{LETTERS}</div>",
        f"<p>Short.</p><div class='has sidebar'>{LETTERS}<br>{LETTERS}</div>",
        f"<div>nav</div></body></html><div><h1>Statement</h1><p>{LETTERS}</p></div>",
    ],
)
def test_the_wrapper_of_a_pages_text_is_no_furniture_whatever_it_is(page):
    assert any(LETTERS.strip() in text for text in paragraphs(document_from_bytes(f"<html><body>{page}</body></html>".encode(), name="x.html")))


@pytest.mark.parametrize(
    "box", ["<form><p>Your e-mail address</p><button>Send</button></form>", "<div class='menu'><a href='/a'>News of the day and of the week</a> <a href='/b'>All the documents of the ministry</a></div>"]
)
def test_boxes_beside_the_text_stay_furniture(box):
    for text in (f"<p>{LETTERS}</p>", f"<div>{LETTERS}<br><br>{LETTERS}</div>"):
        found = document_from_bytes(f"<html><body>{text}{box}</body></html>".encode(), name="x.html")
        assert {text.strip() for text in paragraphs(found)} == {LETTERS.strip()} and furniture(found)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_its_owner_may_change_is_read(algorithm):
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("The ministers met in the capital.")))
    writer.encrypt("", "owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    assert paragraphs(document_from_bytes(out.getvalue(), name="x.pdf")) == ["The ministers met in the capital."]


def test_subtitles_lose_their_times():
    text = "1\n00:00:01,000 --> 00:00:02,000\nHello there,\n\n2\n00:00:02,500 --> 00:00:04,000\nmy friend.\n"
    assert paragraphs(document_from_bytes(text.encode(), name="x.srt")) == ["Hello there, my friend."]


def test_markdown_loses_its_marks_and_keeps_its_words():
    text = "# Appeal\n\nWe **ask** all [states](http://x) to help.\n\n- first item\n- second item\n"
    document = document_from_bytes(text.encode(), name="a.md")
    assert paragraphs(document) == ["Appeal", "We ask all states to help.", "first item", "second item"]


def pdf(*lines: str, pages: int = 1) -> bytes:
    """A PDF written by hand, with text in Helvetica; the lines of several pages follow each other."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    size = max(1, -(-len(lines) // pages))
    for page in range(pages):
        text = "BT /F1 12 Tf 14 TL 50 780 Td " + " ".join(f"({line}) Tj T*" for line in lines[page * size : (page + 1) * size]) + " ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects) + 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>")
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(f'{4 + 2 * page} 0 R' for page in range(pages))}] /Count {pages} >>"
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{o:010} 00000 n \n" for o in offsets)
    return f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF".encode("latin-1")


def test_pdf_lines_become_paragraphs_and_hyphens_are_mended():
    data = pdf("The commission approved the plan for the low-", "lands after a long debate in the old town hall.", "Thank you.")
    document = document_from_bytes(data, name="a.pdf")
    assert " ".join(paragraphs(document)) == "The commission approved the plan for the lowlands after a long debate in the old town hall. Thank you."


def test_pdf_hyphens_that_belong_to_a_word_stay():
    lines = ["The Secretary-", "General and the low-", "lands sent a well-", "known man on the 70th anni-", "versary of 1941-", "1945. He is well-known -", "so they say."]
    whole = " ".join(paragraphs(document_from_bytes(pdf(*lines), name="a.pdf")))
    assert whole == "The Secretary-General and the lowlands sent a well-known man on the 70th anniversary of 1941-1945. He is well-known - so they say."


@pytest.mark.parametrize("stamp", ["11/26/26, 12:58 PM", "26.11.2026, 12:58 Statement", "https://example.org/a?b=1 2/3", "Statement https://example.org/a", "2 of 3 26/11/2026, 12:58", "- 2 -", "2 of 3"])
def test_what_a_browser_prints_around_a_page_is_furniture(stamp):
    lines = ["The commission approved the plan for the valley and", "the banks of the river.", "There were 12 votes for it.", stamp]
    document = document_from_bytes(pdf(*lines), name="a.pdf")
    assert furniture(document) == [stamp]
    assert " ".join(paragraphs(document)) == " ".join(lines[:-1])


def test_running_heads_and_feet_are_furniture_whatever_their_digits():
    pages = [["A/80/PV.12", f"Draft {k}", text, f"and of what is due in {2030 + k}.", "Item 7", f"{k}/3"] for k, text in enumerate(["We speak of rivers", "We speak of the sea", "We speak of lakes"], 1)]
    document = document_from_bytes(pdf(*(line for page in pages for line in page), pages=3), name="a.pdf")
    assert [line for page in pages for line in page if line[:2] in ("A/", "Dr", "It") or line[1:] == "/3"] == furniture(document)
    assert " ".join(paragraphs(document)) == " ".join(f"{page[2]} {page[3]}" for page in pages)


def test_a_pdf_without_text_says_that_it_needs_a_recogniser():
    with pytest.raises(InputError, match="OCR"):
        document_from_bytes(pdf(), name="scan.pdf")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 50_000_000)
    return out.getvalue()


def entities() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "word_"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"PK\x03\x04 broken", "broken"),
        (b"%PDF-1.4 broken", "PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "save it as docx"),
        (b"{\\rtf1 x}", "save it as docx"),
        (bomb(), "unpacks to more"),
        (entities(), "entities"),
        (bytes(range(1, 32)) * 30, "binary"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(data, word_):
    with pytest.raises(InputError, match=word_) as caught:
        document_from_bytes(data, name="statement.x")
    assert str(caught.value).startswith("statement.x: ")


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(InputError, match="no file"):
        read_document(tmp_path / "gone.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_document(tmp_path)


def test_empty_text_one_huge_line_and_deep_pages_are_read():
    assert document_from_bytes(b"", name="a.txt").paragraphs == ()
    assert document_from_text(" \n\t ").paragraphs == ()
    assert len(split(document_from_text(ENGLISH + " " + ENGLISH * 8_000, language="en"))) >= 8_000
    deep = "<html><body>" + "<div>" * 10_000 + "word" + "</div>" * 10_000 + "</body></html>"
    assert "word" in document_from_bytes(deep.encode(), name="deep.html").text


def test_control_characters_are_taken_out_with_a_note():
    document = document_from_text("a\x00b")
    assert (document.text, document.notes) == ("ab", ("1 control character removed",))


def test_sentences_of_a_list_are_taken_as_they_are():
    document, sentences = document_from_sentences(["One. Two.", "", "Three"], language="en")
    assert [s.text for s in sentences] == ["One. Two.", "", "Three"]
    assert all(document.text[s.start : s.end] == s.text for s in sentences)


def test_languages_are_told_offline():
    assert (detect_language(RUSSIAN), detect_language(ENGLISH), detect_language("!!!")) == ("ru", "en", None)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en", "en"), ("RU", "ru"), ("Russian", "ru"), ("русский", "ru"), ("pt_BR", "pt-BR"), ("rus", "ru"), ("eng_Latn", "en"), ("rus_Cyrl", "ru"),
        ("zho_Hans", "zh"), ("zho_Hant", "zh-Hant"), ("zh-Hans", "zh-Hans"), ("srp_Latn", "sr-Latn"), ("haw", "haw"),
    ],
)  # fmt: skip
def test_a_language_may_be_given_as_a_code_of_two_or_three_letters_or_by_name(given, code):
    assert language_code(given) == code


def test_what_is_no_language_is_said_so():
    for wrong in ("no such", "e", "english!", "en--"):
        with pytest.raises(OptionError, match="no language; expected"):
            language_code(wrong)


def test_webvtt_has_no_notes_styles_and_names_of_cues_among_its_words():
    text = (
        "WEBVTT - a talk\nKind: captions\n\nSTYLE\n::cue {color: red}\n\nREGION\nid:fred\n\nintro\n00:00:01.000 --> 00:00:02.000 align:start\n<v Ann>Hello &amp; welcome to\n\n"
        "cue-2\n00:00:03.000 --> 00:00:04.000\nthe<00:00:03.500><c.x> meeting</c> of&nbsp;2021\n7\n\nNOTE a comment\nof two lines\n\n5\n00:05.000 --> 00:06.000\nThank you.\n\nNOTE the end\n"
    )
    for end in ("\n", "\r\n", "\r"):
        assert paragraphs(document_from_bytes(text.replace("\n", end).encode(), name="x.vtt")) == ["Hello & welcome to the meeting of\u00a02021 7 Thank you."]
    empty = "WEBVTT\n\n00:01.000 --> 00:02.000\n\nNOTE x\n\n00:03.000 --> 00:04.000\nYes.\n"
    assert paragraphs(document_from_bytes(empty.encode(), name="x.vtt")) == ["Yes."]
    spaced = "WEBVTT\r\r\n\r\r\n00:01.000 --> 00:02.000\r\r\nIt was\r\r\nso.\r\r\n\r\r\n00:03.000 --> 00:04.000\r\r\nYes.\r\r\n"
    assert paragraphs(document_from_bytes(spaced.encode(), name="x.vtt")) == ["It was so.", "Yes."]


def test_entities_of_subtitles_are_characters_and_other_ampersands_stay():
    text = "1\n00:00:01,000 --> 00:00:02,000\nQ&A, AT&T &amp; sons, &copy 5 &lt; 6, x&y; {\\an8}it&#39;s.\n"
    assert paragraphs(document_from_bytes(text.encode(), name="x.srt")) == ["Q&A, AT&T & sons, &copy 5 < 6, x&y; it's."]


def test_preformatted_text_of_a_page_keeps_its_paragraphs():
    one = "The ministers of the two countries met in Geneva on Monday and\nagreed to go on with the dialogue that had begun in the spring of\nthe year before. The Ministry will tell more."
    page = f"<html><body><h1>Title</h1><pre>\nSTATEMENT\n\n{one}\n\nThe <b>next\nmeeting</b> is <a href='#'>in May</a>.\n</pre>The tail of\nthe page.<p>Not\n\nkept.</p></body></html>"
    for text in (page, page.replace("\n", "\r\n")):
        found = paragraphs(document_from_bytes(text.encode(), name="x.html"))
        assert found == ["Title", "STATEMENT", one.replace("\n", " "), "The next meeting is in May.", "The tail of the page.", "Not kept."]
    lines = "<html><body><pre>First item.\nSecond item.\nThird item.</pre></body></html>"
    assert paragraphs(document_from_bytes(lines.encode(), name="x.html")) == ["First item.", "Second item.", "Third item."]


LATIN = {
    "windows-1252": (
        "Señoras y señores: este año cumplimos veinte. ¿Qué hemos logrado? ¡Mucho! Mañana hablará el niño español del artículo 3º.",
        "Ráðherrann sagði að verkið héldi áfram. Þjóðirnar eru ánægðar með það á öllum stöðum.",
        "La délégation a déclaré que l'œuvre, née à Genève, sera poursuivie où il faut.",
        "Die Straße ist für alle geöffnet; darüber wurde Einigkeit erzielt.",
        "A decisão não será alterada: as delegações discutirão questões de segurança em março.",
        "Statsministern förklarade att båda länderna är nöjda med förhandlingarna.",
    ),
    "windows-1250": (
        "A küldöttség megállapodott egy új találkozóról; a gyűlésről később döntenek, őrült erőfeszítéssel.",
        "Może jutro będą mogli powiedzieć, że źródło jest czyste i światło świeci.",
        "V březnu se možná sejdou znovu, příští týden, řekl ředitel úřadu v Žatci.",
        "Comisia a hotărât şi după aceea că întâlnirea va fi ţinută în oraş.",
    ),
    "iso-8859-2": (
        "Może jutro będą mogli powiedzieć, że źródło jest czyste i światło świeci.",
        "V březnu se možná sejdou znovu, příští týden, řekl ředitel úřadu v Žatci, že všichni.",
        "Ďalšie stretnutie sa uskutoční v Žiline, vyhlásil šéf úradu.",
        "Pregovori će se nastaviti, kaže šef službe; češće i življe.",
    ),
    "windows-1254": ("Görüşmeler yapıldı; iki heyet işbirliğinin süreceğini açıkladı.",),
    "windows-1257": ("Puses vienojās turpināt dialogu, ko ministri apsprieda tikšanās laikā Ženēvā.", "Šalys susitarė tęsti dialogą dėl žmonių teisių."),
}


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding, texts in LATIN.items() for text in texts])
def test_latin_encodings_are_told_apart_by_the_letters_of_one_language(encoding, text):
    for whole in (text, text.split(";")[0], f"{text}\n" * 20):
        assert decode(whole.encode(encoding))[:2] == (whole, encoding)


def test_a_page_that_says_latin_1_is_believed_where_another_latin_reading_is_hardly_better():
    page = '<html><head><meta charset="{}"></head><body><p>{}</p></body></html>'
    assert decode("ağır yazı".encode("cp1254"))[1] == "windows-1254"
    for name in ("iso-8859-1", "windows-1252"):
        icelandic, turkish, polish = (page.format(name, text) for text in ("Það er", LATIN["windows-1254"][0], LATIN["windows-1250"][1]))
        assert decode(icelandic.encode("cp1252"))[:2] == (icelandic, "windows-1252")
        assert decode(turkish.encode("cp1254"))[:2] == (turkish, "windows-1254")
        assert decode(polish.encode("cp1250"))[:2] == (polish, "windows-1250")
        russian = page.format(name, RUSSIAN)
        assert decode(russian.encode("cp1251"))[:2] == (russian, "windows-1251")


def test_quotes_around_plain_letters_are_those_of_windows():
    for text in ("«Oui»", "Il dit: «LINEMODE». Non », dit-on.", "Hun sa «nei» på «Kontoret»."):
        assert decode(text.encode("windows-1252"))[:2] == (text, "windows-1252")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.txt", "<!-- x -->" * 40 + "words"), ("a.txt", "<?xml version='1.0'?>" + "<!-- x --> <!DOCTYPE y>" * 30 + "words"), ("a.md", "[" * 200_000), ("a.md", "![" * 100_000), ("a.md", "**a " * 100_000), ("a.md", "`" * 200_000), ("a.md", "x" + " " * 100_000 + "\n" + "# a" + " " * 50_000 + "b")],
)
def test_marks_that_are_opened_again_and_again_take_linear_time(name, text):
    assert document_from_bytes(text.encode(), name=name).text


def test_a_heading_keeps_what_closes_no_heading():
    assert document_from_bytes(b"# Notes on C#\n\n## Results ##\n\nText.", name="a.md").text.split("\n\n") == ["Notes on C#", "Results", "Text."]


def test_a_word_document_whose_packed_bytes_are_damaged_is_refused_in_words():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "".join(f"<p>{k * k} words</p>" for k in range(3_000)))
    data = bytearray(out.getvalue())
    data[60:90] = bytes(255 - b for b in data[60:90])
    with pytest.raises(InputError, match="broken, cut short or not DOCX"):
        document_from_bytes(bytes(data), name="a.docx")
