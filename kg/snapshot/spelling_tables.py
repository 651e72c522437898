"""Tables of spelling: which letters, words and parts of words tell names apart, and which do not.

Compiled for this program from general knowledge of English and of medical terms; nothing is taken
from a list of others.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "APOSTROPHES", "BRITISH", "LATIN_LETTERS", "LINKING_WORDS", "MORPHEMES", "OPPOSITE_PREFIXES",
    "OPPOSITE_WORDS", "ORDERED_WORDS", "PLAIN_LETTERS", "POLAR_WORDS", "PREFIX_SYNONYMS",
    "SAFE_EXCHANGES",
    "SEPARATORS",
]  # fmt: skip

SEPARATORS: Final = frozenset(' ,.;:/\\()[]{}_"`-')
"""ASCII characters between words; every other sign belongs to a word (`CD4+`)."""

APOSTROPHES: Final = frozenset("'\u2019\u2018\u02bc\u2032\u00b4`\uff07")
"""Apostrophes, quotes and primes that are typed for an apostrophe."""

PLAIN_LETTERS: Final = {
    "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00e6": "ae",
    "\u0153": "oe", "\u0131": "i",
}  # fmt: skip
"""Latin letters that Unicode does not decompose."""

PREFIX_SYNONYMS: Final = {
    "mskg": "mechkg",  # the prefix of the curated tables
    "uniprotkb": "uniprot", "up": "uniprot", "entrez": "ncbigene", "entrezgene": "ncbigene",
    "geneid": "ncbigene", "ncbi_gene": "ncbigene", "ncbi-geneid": "ncbigene", "egid": "ncbigene",
    "msh": "mesh", "umls_cui": "umls", "umlscui": "umls", "mim": "omim", "pubmed": "pmid",
    "hgnc_id": "hgnc", "do": "doid", "orphanet": "ordo", "orpha": "ordo", "sctid": "snomedct",
    "snomed": "snomedct", "snomedct_us": "snomedct", "drugbank_id": "drugbank",
    "ncithesaurus": "ncit",
}  # fmt: skip
"""Prefixes of one registry under several names."""

LINKING_WORDS: Final = frozenset(("of", "the"))
"""Words that turn the order of the others and say nothing else: *activation of T cells*."""

ORDERED_WORDS: Final = frozenset(("to", "from", "by", "in", "on", "with", "without", "into", "via"))
"""Words whose neighbours have parts that must not be exchanged."""

BRITISH: Final = (
    ("tumour", "tumor"), ("haem", "hem"), ("oedema", "edema"), ("oestr", "estr"),
    ("sulph", "sulf"), ("leuk", "leuc"), ("aemia", "emia"), ("fibre", "fiber"),
    ("signalling", "signaling"), ("foet", "fet"), ("oesoph", "esoph"), ("paed", "ped"),
    ("behaviour", "behavior"), ("isation", "ization"), ("anaesth", "anesth"), ("ischaem", "ischem"),
    ("neurone", "neuron"), ("centre", "center"), ("gonorrhoea", "gonorrhea"),
    ("diarrhoea", "diarrhea"), ("coeliac", "celiac"), ("faec", "fec"), ("caec", "cec"),
    ("ised", "ized"), ("ising", "izing"), ("grey", "gray"), ("ageing", "aging"),
    ("aetiol", "etiol"), ("pnoea", "pnea"), ("homoeo", "homeo"), ("colour", "color"),
    ("gynaec", "gynec"), ("lysed", "lyzed"),
)  # fmt: skip
"""British and American spellings; each is tried for the other."""

LATIN_LETTERS: Final = {
    "alpha": "a", "beta": "b", "gamma": "g", "delta": "d", "epsilon": "e", "zeta": "z",
    "theta": "q", "kappa": "k", "lambda": "l",
}  # fmt: skip
"""The letter that stands in a gene symbol for a Greek one, by its name."""

SAFE_EXCHANGES: Final = frozenset(map(frozenset, ("iy", "ck", "sz", "vw")))
"""Letters that are taken for each other and hardly ever tell two names apart."""

OPPOSITE_PREFIXES: Final = (
    ("de", "re"), ("hypo", "hyper"), ("in", ""), ("un", ""), ("non", ""), ("dis", ""), ("de", ""),
    ("anti", ""), ("anti", "pro"), ("dys", ""), ("an", ""), ("a", ""), ("im", ""), ("ir", ""),
    ("intra", "extra"), ("intra", "inter"), ("up", "down"), ("pre", "post"), ("af", "ef"),
    ("ab", "ad"), ("micro", "macro"), ("endo", "exo"), ("endo", "ecto"), ("homo", "hetero"),
    ("under", "over"), ("sub", "super"), ("ante", "post"), ("oligo", "poly"), ("mono", "poly"),
    ("eu", "dys"), ("tachy", "brady"), ("iso", "aniso"), ("ex", "in"), ("ana", "cata"),
    ("mal", ""), ("mis", ""), ("counter", ""), ("contra", "ipsi"), ("re", ""), ("pseudo", ""),
)  # fmt: skip
"""Beginnings that turn or change the meaning of what follows."""

OPPOSITE_WORDS: Final = frozenset(
    map(
        frozenset,
        (
            ("positive", "negative"), ("increase", "decrease"), ("increased", "decreased"),
            ("high", "low"), ("up", "down"), ("gain", "loss"), ("activation", "inhibition"),
            ("agonist", "antagonist"), ("activator", "inhibitor"), ("activating", "inhibiting"),
            ("stimulation", "inhibition"), ("stimulation", "suppression"), ("acute", "chronic"),
            ("benign", "malignant"), ("left", "right"), ("upper", "lower"),
            ("anterior", "posterior"), ("dorsal", "ventral"), ("medial", "lateral"),
            ("proximal", "distal"), ("superior", "inferior"), ("primary", "secondary"),
            ("promotion", "inhibition"), ("survival", "death"), ("growth", "death"),
            ("early", "late"), ("progressive", "relapsing"), ("central", "peripheral"),
            ("innate", "adaptive"), ("systolic", "diastolic"), ("arterial", "venous"),
            ("male", "female"), ("heavy", "light"), ("internal", "external"),
            ("import", "export"), ("influx", "efflux"), ("synthesis", "degradation"),
            ("loss", "recovery"),
        ),
    )
)  # fmt: skip
POLAR_WORDS: Final = frozenset(word for pair in OPPOSITE_WORDS for word in pair)

MORPHEMES: Final = (
    "methyl", "ethyl", "propyl", "butyl", "phenyl", "benzyl", "acetyl", "chloro", "fluoro",
    "bromo", "iodo", "nitro", "amino", "imino", "hydroxy", "mono", "tetra", "penta", "hexa",
    "hypo", "hyper", "anti", "intra", "inter", "extra", "micro", "macro",
    "ase", "ose", "ane", "ene", "yne", "ol", "al", "one", "ine", "ide", "ate", "ite", "itis",
    "osis", "oma", "emia",
)  # fmt: skip
"""Parts of words; where one stands for another, that is no slip of the hand: another thing."""
