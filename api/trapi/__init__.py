"""The Translator Reasoner API: query graphs, Pathfinder, jobs and the meta knowledge graph.

::

    routes               addresses of /trapi/2.0 and /trapi/1.6, refusals as problems
      read               a request's body to a question: members, version_1_6
      jobs, callbacks    questions that are answered later
      answer             one question to one response
        lookup           query graphs with edges: query_nodes, query_edges, join, set_interpretation
        pathfinder       query graphs with a path
        knowledge_graph  statements and entities of an answer: edges, entailed_edges
          biolink        categories, predicates and qualifiers as Biolink terms; retired
      meta_knowledge_graph
    remarks, deadline    log entries of an answer, and the time that it may take
"""
