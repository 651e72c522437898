"""MechKG for LLM agents, over the Model Context Protocol: few tools, short answers that cite.

    text      values of the core as lines of text that carry statement identifiers
    budget    lines within a number of tokens, with what was cut said at the end
    tools     the tools: each asks the graph once and tells the answer
    server    the protocol: tools, resources and prompts on one server

The protocol's package comes with the extra `mcp`.
"""
