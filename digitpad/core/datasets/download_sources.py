"""All downloads of digitpad: addresses, sizes and checksums.

Sizes and SHA-256 are those of TensorFlow Datasets (tensorflow_datasets/url_checksums/*.txt). The addresses are the
publishers', by https; if a publisher offers only http, the same files by https: the S3 bucket of Fashion-MNIST's
authors under its other name, and their repository.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Resource:
    """A file to download: its SHA-256, 64 hexadecimal digits, and its size in bytes, 0 if unknown."""

    name: str
    sha256: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """The mirrors and files of a data set; an address is a mirror plus a file name. Mirrors are tried in turn."""

    mirrors: tuple[str, ...]
    resources: tuple[Resource, ...]

    @property
    def size(self) -> int:
        """Total size of its files, in bytes."""
        return sum(resource.size for resource in self.resources)


def _resources(table: str) -> tuple[Resource, ...]:
    """Return the files of a table with a line for each: name, SHA-256 and size in bytes."""
    rows = (line.split() for line in table.strip().splitlines())
    return tuple(Resource(name, sha256, int(size)) for name, sha256, size in rows)


SOURCES: Mapping[str, Source] = {
    "mnist": Source(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        _resources("""
        train-images-idx3-ubyte.gz 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609 9912422
        train-labels-idx1-ubyte.gz 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c 28881
        t10k-images-idx3-ubyte.gz  8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6 1648877
        t10k-labels-idx1-ubyte.gz  f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6 4542
        """),
    ),
    "fashion-mnist": Source(
        (
            "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        _resources("""
        train-images-idx3-ubyte.gz 3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84 26421880
        train-labels-idx1-ubyte.gz a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845 29515
        t10k-images-idx3-ubyte.gz  346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073 4422102
        t10k-labels-idx1-ubyte.gz  67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5 5148
        """),
    ),
    "kmnist": Source(
        ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        _resources("""
        train-images-idx3-ubyte.gz 51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4 18165135
        train-labels-idx1-ubyte.gz e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17 29497
        t10k-images-idx3-ubyte.gz  edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5 3041136
        t10k-labels-idx1-ubyte.gz  20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c 5120
        """),
    ),
    "qmnist": Source(
        ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
        _resources("""
        qmnist-train-images-idx3-ubyte.gz 9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d 9704059
        qmnist-train-labels-idx2-int.gz   2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f 463024
        qmnist-test-images-idx3-ubyte.gz  43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375 9742279
        qmnist-test-labels-idx2-int.gz    9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06 526800
        """),
    ),
    # NIST offers the digits only in one archive with the letters.
    "emnist-digits": Source(
        ("https://biometrics.nist.gov/cs_links/EMNIST/",),
        (Resource("gzip.zip", "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e", 561_753_746),),
    ),
}
# digitpad connects to no other host.
HOSTS = frozenset(urlsplit(mirror).hostname for source in SOURCES.values() for mirror in source.mirrors)
