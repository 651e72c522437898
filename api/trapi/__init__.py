"""The Translator Reasoner API: query graphs, Pathfinder, jobs and the meta knowledge graph.

::

    routes           addresses of /trapi/2.0 and /trapi/1.6, refusals as problems
      conversion     1.6 to 2.0 on the way in, back on the way out
      jobs, callbacks  questions that are answered later
      answering      one request to one response
        lookup       query graphs with edges: places, relations, joining, sets
        pathfinder   query graphs with a path
        telling      statements and entities as edges and nodes
          biolink    categories, predicates and qualifiers in Biolink's words
      meta_knowledge_graph
"""
