"""The compiled loops: arrays in, arrays out, each checked against brute force in the tests.

::

    engine.py     the arrays of one graph and room to search in
    search.py     what Python calls: count, list, rank
    survey.py     all paths within a hop bound <- compact.py <- reach.py
    best.py       the k best paths, proven     <- potential.py
    collect.py    the statements of a hop
    arrays.py     what they share

Functions marked `entry` are called from Python and kept compiled on disk, under the name of their
own module: after a change to what an entry calls, remove `__pycache__`. `inner` and `leaf` ones
are compiled into their callers.
"""
