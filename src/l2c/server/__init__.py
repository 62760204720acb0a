"""The HTTP server, the only asynchronous code."""
