"""Work spread over an existing Spark cluster: compiling a lake, paths between sets (`pyspark`)."""
