"""The compiled loops: arrays in, arrays out, each checked against brute force in the tests.

::

    task.py                 a path query in numbers, and an answer
    engine.py               the arrays of one graph, with scratch to search in
    search.py               what Python calls: count, list, rank
    order.py                the best paths one after the other, resumable
    enumerate.py            all paths within a hop bound <- enumerate_compact.py <- bidirectional.py
    list_columns.py         all paths as columns of cells -> c_tuples.py
    best.py                 the k best paths, proven <- potential.py
    collect.py              the statements of a hop
    count_walks.py          how many walks there are -> sample_walks.py, distance.py
    neighbourhood.py        what lies around one entity
    types.py, packed.py     what they share: named tuples, codes, and how these travel

Decorators are those of `kg.jit`. Functions marked `entry` are called from Python and kept compiled
on disk, under the name of their own module: after a change to what an entry calls, remove
`__pycache__`. `inner` and `leaf` ones are compiled into their callers.
"""
