"""Zips that lie: each is refused, in one sentence, before its bytes are believed."""

import stat
import struct
import zipfile
import zlib

import pytest
import tiny_release as tiny
from handmade_zip import SIZES_FOLLOW, A, B, Entry, deflated, ended, quoted, zipped
from hypothesis import given
from hypothesis import strategies as st

from opendocket.docket.load import load_release
from opendocket.errors import DocketError, LineTooLong, NotARelease, SchemaDrift, UnsafeMember
from opendocket.release import open_release
from opendocket.release.directory import read_directory
from opendocket.release.unpack import MOST_BYTES

TEXT = b"IDNCASE\tNAT\r\n" + b"".join(b"%d\tMX\r\n" % n for n in range(1, 400))
OTHER = b"IDNPROCEEDING\tIDNCASE\r\n11\t1\r\n"


def case(**lies):
    return Entry(A, TEXT, **lies)


def proceeding(**lies):
    return Entry(B, OTHER, **lies)


@pytest.fixture
def opened(tmp_path):
    """Write bytes to a file and open it as a release."""

    def open_bytes(data):
        path = tmp_path / "a.zip"
        path.write_bytes(data)
        return open_release(path)

    return open_bytes


def read(release, table="A_TblCase"):
    return b"".join(release.blocks(table))


# --- what is sound is read


SOUND = {
    "packed": {},
    "stored": {"method": 0},
    "sizes after the bytes": {"flags": SIZES_FOLLOW},
    "zip64": {"zip64": True},
    "zip64, sizes after the bytes": {"flags": SIZES_FOLLOW, "zip64": True},
    "a header that was never filled": {"own_size": 0},
    "a plain file of Unix": {"mode": stat.S_IFREG | 0o644},
}


@pytest.mark.parametrize("what", SOUND)
@pytest.mark.parametrize("zip64", [False, True])
def test_a_sound_member_is_read(what, zip64, opened):
    release = opened(zipped(case(**SOUND[what]), proceeding(), comment=b"hi", zip64=zip64))
    assert (read(release), read(release, "B_TblProceeding")) == (TEXT, OTHER)


def test_a_comment_that_looks_like_an_end_is_none(opened):
    comment = b"PK\5\6" + bytes(18) + b"PK\5\6" + b"\xff" * 30
    assert read(opened(zipped(case(), proceeding(), comment=comment))) == TEXT


def test_members_beyond_four_gigabytes_are_read(tmp_path):
    """The file has a hole in it, and takes no room."""
    path, far = tmp_path / "a.zip", 5 << 30
    case_, proceeding_ = case(zip64=True), proceeding(zip64=True)
    with path.open("wb") as file:
        file.write(case_.header() + case_.body())
        file.seek(far)
        file.write(proceeding_.header() + proceeding_.body())
        at = file.tell()
        directory = case_.directory_entry(0) + proceeding_.directory_entry(far)
        file.write(directory + ended(directory, at, count=2, zip64=True))

    release = open_release(path)

    assert (read(release), read(release, "B_TblProceeding")) == (TEXT, OTHER)


names = st.text(st.characters(codec="cp437", exclude_characters="\0\\/:"), min_size=1)


@given(
    st.lists(st.tuples(names, st.binary(max_size=300), st.sampled_from([0, 8])), max_size=8),
    st.binary(max_size=40).filter(lambda comment: b"PK\5\6" not in comment),  # zipfile fails
)
def test_a_directory_is_read_as_others_read_it(tmp_path_factory, members, comment):
    path = tmp_path_factory.mktemp("zips") / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = comment
        for at, (name, data, method) in enumerate(members):
            archive.writestr(f"{at}/{name.strip('.') or 'x'}", data, method)

    with path.open("rb") as file, zipfile.ZipFile(path) as archive:
        found, said = read_directory(path, file)

        assert said == archive.comment
        told = ("filename", "compress_type", "compress_size", "file_size", "header_offset")
        for ours, theirs in zip(found, archive.infolist(), strict=True):
            assert [getattr(ours, t) for t in told] == [getattr(theirs, t) for t in told]
            assert (ours.crc, ours.dated) == (theirs.CRC, theirs.date_time[:3])
            file.seek(ours.data_offset)
            packed = file.read(ours.compress_size)
            whole = zlib.decompress(packed, -15) if ours.compress_type else packed
            assert whole == archive.read(theirs)


# --- names and kinds


@pytest.mark.parametrize(
    "name",
    [
        b"../A_TblCase.csv", b"x/../../A_TblCase.csv", b"..\\A_TblCase.csv", b"x/..",
        b"/etc/A_TblCase.csv", b"\\A_TblCase.csv", b"\\\\host\\share\\A_TblCase.csv",
        b"C:\\A_TblCase.csv", b"c:A_TblCase.csv", b"C:/x/note.txt",
    ],
)  # fmt: skip
def test_a_name_that_points_outside_is_refused(name, opened):
    with pytest.raises(UnsafeMember, match="points outside its folder"):
        opened(zipped(case(), proceeding(), Entry(name)))


def test_a_name_with_a_nul_in_it_is_refused(opened):
    """Some tools would read ``A_TblCase.csv`` here, and others ``note.txt``."""
    with pytest.raises(UnsafeMember, match="has a NUL in its name"):
        opened(zipped(Entry(A + b"\0note.txt", TEXT), proceeding()))


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (stat.S_IFLNK, "is a symbolic link"),
        (stat.S_IFCHR, "is a device"),
        (stat.S_IFBLK, "is a device"),
        (stat.S_IFIFO, "is a pipe"),
        (stat.S_IFSOCK, "is a socket"),
        (stat.S_IFDIR, "is a folder that is named as a file"),
    ],
)
def test_what_is_no_plain_file_is_refused(kind, what, opened):
    with pytest.raises(UnsafeMember, match=what):
        opened(zipped(case(mode=kind | 0o777), proceeding()))


def test_a_locked_member_is_refused_with_a_remedy(opened):
    with pytest.raises(NotARelease, match=r"locked by a password.*unlock it"):
        opened(zipped(case(flags=1), proceeding()))


# --- members that are not what the directory says


@pytest.mark.parametrize(
    ("lie", "what"),
    [
        ({"own_name": b"x 2026-0701/B_TblCases.csv"}, "is named otherwise in its own header"),
        ({"own_name": b"/etc/passwd"}, "is named otherwise in its own header"),
        ({"own_method": 0}, "packed by method 0, not 8, in its own header"),
        ({"own_flags": 1}, "is locked otherwise in its own header"),
        ({"own_size": 5}, "is not of the size announced"),
    ],
)
def test_a_header_that_says_otherwise_than_the_directory_is_refused(lie, what, opened):
    with pytest.raises(UnsafeMember, match=what):
        opened(zipped(case(**lie), proceeding()))


@pytest.mark.parametrize("flags", [0, SIZES_FOLLOW])
@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("size", [0, 1, 100, len(TEXT) - 1, len(TEXT) + 1, len(TEXT) * 2])
def test_a_member_of_another_size_is_refused_and_gives_no_more(size, method, flags, opened):
    data = zipped(case(size=size, method=method, flags=flags), proceeding())
    got = []

    with pytest.raises(UnsafeMember, match=r"is not of the size announced|announces .* out of"):
        got.extend(opened(data).blocks("A_TblCase"))

    assert sum(map(len, got)) <= size


@pytest.mark.parametrize("size", [1, len(TEXT) + 1])
def test_a_stored_member_of_two_sizes_is_refused_before_it_is_read(size, opened):
    with pytest.raises(UnsafeMember, match=r"announces [\d,]+ bytes out of [\d,]+"):
        opened(zipped(case(size=size, method=0), proceeding()))


@pytest.mark.parametrize("flags", [0, SIZES_FOLLOW])
@pytest.mark.parametrize("method", [0, 8])
def test_a_member_of_another_checksum_is_refused(method, flags, opened):
    release = opened(zipped(case(crc=1, method=method, flags=flags), proceeding()))
    with pytest.raises(UnsafeMember, match="is not of the checksum announced"):
        read(release)


@pytest.mark.parametrize("behind", [b"x", b"\0" * 5_000, deflated(b"more")])
@pytest.mark.parametrize("block", [1, 64, 1 << 18])
def test_a_member_that_goes_on_after_its_end_is_refused(behind, block, opened, monkeypatch):
    monkeypatch.setattr("opendocket.release.archive.BLOCK_BYTES", block)
    release = opened(zipped(case(packed=deflated(TEXT) + behind), proceeding()))
    with pytest.raises(UnsafeMember, match="goes on after its end"):
        read(release)


@pytest.mark.parametrize("cut", [1, 2, 50, 300])
def test_a_member_without_an_end_is_refused(cut, opened):
    release = opened(zipped(case(packed=deflated(TEXT)[:-cut]), proceeding()))
    with pytest.raises(NotARelease, match="is damaged"):
        read(release)


def test_members_that_share_bytes_are_refused(opened):
    data, packed = quoted(proceeding())
    bomb = Entry(A, data, packed=packed)
    inside = len(bomb.header()) + 5
    directory = bomb.directory_entry(0) + proceeding().directory_entry(inside)
    body = bomb.header() + packed
    assert zlib.decompress(packed, -15) == data  # a sound member, by itself

    with pytest.raises(UnsafeMember, match=r"shares bytes with member '.*A_TblCase.csv'"):
        opened(body + directory + ended(directory, len(body), count=2))


def test_a_member_that_reaches_into_the_directory_is_refused(opened):
    with pytest.raises(UnsafeMember, match="shares bytes with the zip's directory"):
        opened(zipped(case(), proceeding(packed_size=500)))


@pytest.mark.parametrize("at", [3, 1 << 30, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_a_member_that_is_not_where_it_should_be_is_refused(at, opened):
    with pytest.raises(NotARelease, match="is not where it should be"):
        opened(zipped(case(at=at, zip64=True), proceeding()))


@pytest.mark.parametrize("lie", ["size", "packed_size"])
@pytest.mark.parametrize("number", [1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_sizes_beyond_all_bounds_are_refused(lie, number, opened):
    with pytest.raises((UnsafeMember, NotARelease)):
        opened(zipped(case(zip64=True, **{lie: number}), proceeding()))


# --- bombs


@pytest.mark.parametrize(("method", "size"), [(8, 5_000_000), (9, 50_000_000)])
def test_more_than_deflate_can_hold_is_refused_before_it_is_read(method, size, opened):
    with pytest.raises(UnsafeMember, match=r"announces 50?,000,000 bytes out of 1,000"):
        opened(zipped(case(packed=bytes(1_000), size=size, method=method), proceeding()))


def test_far_more_than_a_release_holds_is_refused_before_it_is_read(opened):
    with pytest.raises(NotARelease, match="as only a zip bomb does"):
        opened(zipped(case(packed=bytes(300_000), size=300_000_000), proceeding()))


def test_what_is_unpacked_at_a_time_is_bounded_whatever_it_is(opened):
    data = bytes(30_000_000)
    release = opened(zipped(Entry(A, data), proceeding()))

    assert max(map(len, release.blocks("A_TblCase"))) <= MOST_BYTES
    assert read(release) == data


# --- directories


def test_a_zip_cut_anywhere_is_refused(opened):
    data = zipped(Entry(A, TEXT[:60]), proceeding(method=0), comment=b"to the end")
    for length in range(len(data)):
        with pytest.raises(NotARelease, match=r"not a zip, or one cut short|cut short|empty"):
            opened(data[:length])


def test_a_zip_with_one_byte_changed_is_read_as_it_was_or_refused(opened):
    data = zipped(Entry(A, TEXT[:60]), proceeding(flags=SIZES_FOLLOW), comment=b"hi")
    for at in range(len(data)):
        for flip in (0x01, 0x80, 0xFF):
            changed = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
            try:
                release = opened(changed)
                found = read(release), read(release, "B_TblProceeding")
            except DocketError:
                continue

            assert found == (TEXT[:60], OTHER), at


@pytest.mark.parametrize("data", [b"PK\7\10" + bytes(500), b"PK\7\10"])
def test_the_first_part_of_a_split_zip_is_told_from_other_files(data, opened):
    with pytest.raises(NotARelease, match=r"one part of a split zip.*join its parts"):
        opened(data)


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("disks", [(1, 0), (1, 1), (0, 1)])
def test_the_last_part_of_a_split_zip_is_refused(disks, zip64, opened):
    with pytest.raises(NotARelease, match="one part of a split zip"):
        opened(zipped(case(), proceeding(), disks=disks, zip64=zip64))


@pytest.mark.parametrize(
    ("count", "size"), [(10_000_000, 520_000_000), (2, 520_000_000), (10_000_000, 200)]
)
def test_a_directory_of_millions_is_refused_unread(count, size, tmp_path):
    """The file has a hole in it, and takes no room."""
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.write(case().header())
        file.seek(size + 1_000)
        file.write(ended(size, 1_000, count=count, zip64=True))
    with pytest.raises(NotARelease, match=r"a directory of [\d,]+ members in [\d,]+ bytes"):
        open_release(path)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_directory_of_another_number_of_members_is_refused(count, opened):
    with pytest.raises(NotARelease, match="damaged"):
        opened(zipped(case(), proceeding(), count=count))


def test_two_ends_that_disagree_are_refused(opened):
    data = bytearray(zipped(case(), proceeding(), zip64=True))
    struct.pack_into("<I", data, len(data) - 10, 77)  # the smaller one's size of the directory
    with pytest.raises(NotARelease, match="damaged"):
        opened(bytes(data))


# --- lines without an end


@pytest.mark.parametrize("fill", [b"x", b"\t", b"\0", b"1\t"])
@pytest.mark.parametrize("chunk_bytes", [1 << 20, 1 << 24])
def test_a_line_that_does_not_end_is_refused(fill, chunk_bytes, tmp_path):
    """However long it is: no more of it is held than a line may be long."""
    texts = tiny.tables()
    texts["tblAppeal"] += b"5\t" + fill * (40_000_000 // len(fill))
    path = tiny.written(tmp_path / "a.zip", texts)
    with pytest.raises(LineTooLong, match="tblAppeal"):
        load_release(path, tmp_path / "a.duckdb", chunk_bytes=chunk_bytes)
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]


def test_a_first_line_that_does_not_end_is_refused(tmp_path):
    texts = tiny.tables() | {"tblAppeal": b"idnAppeal\t" + b"x" * 40_000_000}
    path = tiny.written(tmp_path / "a.zip", texts)
    with pytest.raises(SchemaDrift, match="tblAppeal: no column idncase"):
        load_release(path, tmp_path / "a.duckdb")
